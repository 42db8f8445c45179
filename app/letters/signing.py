"""Electronic signatures on letters: PAdES with a guarantor's key, and the check of a signature in an upload.

A guarantor signs through a `Signer` with its own key or uploads the PDF that it signed itself; the keys that
this system makes are for the demonstration only (电子签名法 第十三条: they are the signer's alone).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import CertificateRegistry

from models.grammar.columns import SHANGHAI
from models.rules.problem import Problem

_VALID_FROM = datetime(2024, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)
_NAME_LIMIT = 64  # of a common name (RFC 5280, ub-common-name), counted in bytes of UTF-8 by the library
_BRANCHES = ("分公司", "分行", "支行", "营业部")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_MADE_HERE = re.compile(rf"root|{_USCC.pattern}-[0-9a-f]{{16}}")  # the names of the demonstration's key files


class Signer(Protocol):
    """Whoever can put a guarantor's signature on a letter."""

    def sign(self, pdf: bytes, *, reason: str, field: str) -> bytes:
        """The PDF with one more PAdES signature in the field of this name, covering the whole file."""


class Pkcs12Signer:
    """A signer with a guarantor's own key from a PKCS#12 file (.p12, .pfx)."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._signer = signers.SimpleSigner.load_pkcs12_data(path.read_bytes(), (), passphrase.encode())

    def sign(self, pdf: bytes, *, reason: str, field: str = "Guarantor") -> bytes:
        """The PDF signed with the key of the file."""
        return _signed(pdf, self._signer, reason=reason, field=field)


class DemoSigner:
    """A signer with one of the demonstration's keys, which prove nothing about who signed."""

    def __init__(self, signer: signers.SimpleSigner) -> None:
        self._signer = signer

    def sign(self, pdf: bytes, *, reason: str, field: str = "Guarantor") -> bytes:
        """The PDF signed with the demonstration key."""
        return _signed(pdf, self._signer, reason=reason, field=field)


def _signed(pdf: bytes, signer: signers.Signer, *, reason: str, field: str) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        reason=reason,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    signed: BytesIO = signers.PdfSigner(metadata, signer=signer).sign_pdf(writer)
    return signed.getvalue()


class DemoKeys:
    """A folder with a demonstration root and, made at first use, a key and certificate for each guarantor."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def root(self) -> x509.Certificate:
        """The root certificate, to be trusted where the demonstration's signatures are checked."""
        return self._pair("root", _root_pair)[1]

    def signer_for(self, uscc: str, name: str) -> DemoSigner:
        """The signer of the guarantor with this code and name; a changed name gets a new certificate."""
        if not _USCC.fullmatch(uscc):
            raise ValueError(f"not a unified social credit code: {uscc!r}")
        if not name.strip():
            raise ValueError("a signing certificate needs the name of its holder")
        root = self._pair("root", _root_pair)
        stem = f"{uscc}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        key, certificate = self._pair(stem, lambda: _holder_pair(uscc, name, root=root))
        store = CertificateRegistry.build([_translated(root[1])])
        private = load_private_key_from_pemder_data(_private_pem(key), passphrase=None)
        return DemoSigner(signers.SimpleSigner(_translated(certificate), private, store))

    def remove(self) -> int:
        """Delete the root and every key made under it, and nothing else that lies there; gives how many."""
        found = [path for path in self.folder.glob("*.pem") if _MADE_HERE.fullmatch(path.stem)]
        for path in found:
            path.unlink()
        return len(found)

    def _pair(self, stem: str, make: Callable[[], _Pair]) -> _Pair:
        path = self.folder / f"{stem}.pem"
        if not path.exists():
            with self._locked():
                if not path.exists():
                    _write_private(path, _pem(make()))
        pem = path.read_bytes()
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{path.name} does not hold an elliptic curve key")
        return key, x509.load_pem_x509_certificate(pem)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_Pair = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def _root_pair() -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("工程担保演示根证书（不具法律效力）")
    builder = _certificate(subject, subject, key.public_key(), authority=True)
    return key, builder.sign(key, hashes.SHA256())


def _holder_pair(uscc: str, name: str, *, root: _Pair) -> _Pair:
    root_key, root_certificate = root
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _certificate(
        _name(name, uscc), root_certificate.subject, key.public_key(), authority=False
    ).add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    return key, builder.sign(root_key, hashes.SHA256())


def _name(name: str, uscc: str = "") -> x509.Name:
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
        x509.NameAttribute(NameOID.COMMON_NAME, name.encode()[:_NAME_LIMIT].decode(errors="ignore")),
    ]
    if uscc:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, uscc))
    return x509.Name(attributes)


def _certificate(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, *, authority: bool
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_UNTIL)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _pem(pair: _Pair) -> bytes:
    key, certificate = pair
    return _private_pem(key) + certificate.public_bytes(serialization.Encoding.PEM)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    os.rename(name, path)


def _translated(certificate: x509.Certificate) -> Any:
    """The certificate as pyHanko's own library (asn1crypto, untyped) represents it."""
    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(serialization.Encoding.DER))))


def trusted_certificates(folder: Path) -> list[x509.Certificate]:
    """The root certificates in a folder's ``.crt`` files (PEM); those of `DemoKeys` are never among them."""
    files = sorted(Path(folder).glob("*.crt"))
    found = [each for file in files for each in x509.load_pem_x509_certificates(file.read_bytes())]
    return [each for each in found if _is_authority(each)]


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


@dataclass(frozen=True)
class SignatureReport:
    """What the signatures of a PDF are worth; `valid` only when there are no `problems`.

    `whole` says that the last signature covers every byte of the file. The signer, the subject of its
    certificate and the time that it states are those of the last signature.
    """

    valid: bool
    whole: bool
    signer_name: str = ""
    signed_at: datetime | None = None
    problems: tuple[str, ...] = ()
    subject: Mapping[str, str] = field(default_factory=dict)

    def names(self, name: str, uscc: str) -> bool:
        """Whether the certificate is this organisation's, or that of the legal person whose branch it is."""
        if uscc and any(uscc in value for value in self.subject.values()):
            return True
        holders = {self.subject.get("common_name", ""), self.subject.get("organization_name", "")}
        return any(_is_or_has_branch(holder, name) for holder in holders)


UNREADABLE = "文件无法作为 PDF 读取，请确认文件完整后重新上传。"
UNSIGNED = "文件中没有数字签名，请先用本单位的数字证书签署后再上传。"
ALTERED = "文件在签名之后被改动，签名无效，请重新签署。"
UNTRUSTED = "签名证书不在受信任的证书机构之列，或已过期、被吊销。"
NOT_WHOLE = "签名之后文件又追加了内容，签名未覆盖整个文件，请重新签署。"
REFUSED = "签名不符合电子签名规范，请使用 PAdES 签名重新签署。"


def inspect(pdf: bytes, trust: Sequence[x509.Certificate], *, at: datetime | None = None) -> SignatureReport:
    """What the signatures of the PDF are worth under these roots, judged now or at the given instant.

    Every signature must be sound, and the last one must cover the whole file, for bytes appended after it
    leave a signature sound. With no roots nothing is trusted.
    """
    if not pdf.startswith(b"%PDF-"):
        return SignatureReport(valid=False, whole=False, problems=(UNREADABLE,))
    try:
        found = _signatures(pdf, trust, at=at)
    except Exception:  # a hostile file can make the parser raise anything; whatever it is, the file is refused
        return SignatureReport(valid=False, whole=False, problems=(UNREADABLE,))
    if not found:
        return SignatureReport(valid=False, whole=False, problems=(UNSIGNED,))
    last, status = found[-1]
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and _spans(last.byte_range, pdf)
    problems = list(dict.fromkeys(problem for _, each in found if (problem := _fault(each))))
    if not whole:
        problems.append(NOT_WHOLE)
    stated_at = last.self_reported_timestamp
    subject = {name: str(value) for name, value in last.signer_cert.subject.native.items()}
    return SignatureReport(
        valid=not problems,
        whole=whole,
        signer_name=_holder_name(subject),
        signed_at=stated_at.astimezone(SHANGHAI) if stated_at else None,
        problems=tuple(problems),
        subject=subject,
    )


def _signatures(
    pdf: bytes, trust: Sequence[x509.Certificate], *, at: datetime | None
) -> list[tuple[EmbeddedPdfSignature, PdfSignatureStatus]]:
    found = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    roots = [_translated(each) for each in trust]
    return [(each, validate_pdf_signature(each, ValidationContext(trust_roots=roots, moment=at))) for each in found]


def _holder_name(subject: Mapping[str, str]) -> str:
    """The common name, or the organisation's where the common name had to be cut short."""
    common, organisation = subject.get("common_name", ""), subject.get("organization_name", "")
    return organisation if organisation.startswith(common) else common


def _is_or_has_branch(holder: str, name: str) -> bool:
    if not holder or not name.startswith(holder):
        return False
    return name == holder or name.endswith(_BRANCHES)


def _fault(status: PdfSignatureStatus) -> str:
    if not (status.intact and status.valid):
        return ALTERED
    if not status.trusted:
        return UNTRUSTED
    return "" if status.bottom_line else REFUSED


def _spans(byte_range: Sequence[int], pdf: bytes) -> bool:
    """Whether the signed bytes and one hexadecimal string between them make up the file, from end to end."""
    start, length, resumed, rest = (int(each) for each in byte_range)
    gap = pdf[length:resumed]
    hole = gap.startswith(b"<") and gap.endswith(b">") and re.fullmatch(rb"[0-9A-Fa-f]+", gap[1:-1])
    return start == 0 and resumed + rest == len(pdf) and bool(hole)


def check_own_signed(
    pdf: bytes,
    trust: Sequence[x509.Certificate],
    *,
    guarantor_name: str,
    guarantor_uscc: str,
    original: bytes = b"",
    field: str = "letter",
) -> list[Problem]:
    """What stands against a letter that the guarantor signed itself: its signatures, their holder, its text.

    `original` is the PDF that we gave out: a file that does not begin with it is flagged, not refused, since
    signing software may rewrite a file.
    """
    report = inspect(pdf, trust)
    if not report.valid:
        return [Problem(each, field=field) for each in report.problems]
    problems = []
    if not report.names(guarantor_name, guarantor_uscc):
        message = "签名证书的持有人是“%(holder)s”，不是保证人“%(guarantor)s”，请用本单位的数字证书签署。"
        params = {"holder": report.signer_name, "guarantor": guarantor_name}
        problems.append(Problem(message, field=field, params=params))
    if original and not pdf.startswith(original):
        message = "上传的文件不是在系统出具的保函文本上签署的，请核对保函编号、金额和有效期。"
        problems.append(Problem(message, field=field, blocking=False))
    return problems
