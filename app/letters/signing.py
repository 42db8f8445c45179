"""Electronic signatures on letters: the field for them, and PAdES with a guarantor's key.

A guarantor signs through a `Signer` with its own key or uploads the PDF that it signed itself; the keys that
this system makes are for the demonstration only (电子签名法 第十三条: they are the signer's alone).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import CertificateRegistry

from app.letters.pdf import Place

_VALID_FROM = datetime(2024, 1, 1, tzinfo=UTC)
_VALID_UNTIL = datetime(2049, 12, 31, tzinfo=UTC)
_NAME_LIMIT = 64  # of a common name (RFC 5280, ub-common-name), counted in bytes of UTF-8 by the library
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_MADE_HERE = re.compile(rf"root|{_USCC.pattern}-[0-9a-f]{{16}}")  # the names of the demonstration's key files
_UNSEEN = StaticStampStyle(border_width=0, background=RawContent(b""))  # the seal is printed on the sheet already
FIELD = "Guarantor"


class Signer(Protocol):
    """Whoever can put a guarantor's signature on a letter."""

    def sign(self, pdf: bytes, *, reason: str, field: str) -> bytes:
        """The PDF with one more PAdES signature in the field of this name, covering the whole file."""


class Pkcs12Signer:
    """A signer with a guarantor's own key from a PKCS#12 file (.p12, .pfx)."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._signer = signers.SimpleSigner.load_pkcs12_data(path.read_bytes(), (), passphrase.encode())

    def sign(self, pdf: bytes, *, reason: str, field: str = FIELD) -> bytes:
        """The PDF signed with the key of the file."""
        return _signed(pdf, self._signer, reason=reason, field=field)


class DemoSigner:
    """A signer with one of the demonstration's keys, which prove nothing about who signed."""

    def __init__(self, signer: signers.SimpleSigner) -> None:
        self._signer = signer

    def sign(self, pdf: bytes, *, reason: str, field: str = FIELD) -> bytes:
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
    signed: BytesIO = signers.PdfSigner(metadata, signer=signer, stamp_style=_UNSEEN).sign_pdf(writer)
    return signed.getvalue()


def with_field(pdf: bytes, place: Place) -> bytes:
    """The PDF with an empty signature field at that place: whoever signs it finds where, and need add no other."""
    writer, target = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
    box = (place.left, place.bottom, place.right, place.top)
    fields.append_signature_field(writer, fields.SigFieldSpec(FIELD, on_page=place.page - 1, box=box))
    fields.ensure_sig_flags(writer)  # whoever signs is told to append, not to write the file anew
    writer.write(target)
    return target.getvalue()


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
        store = CertificateRegistry.build([translated(root[1])])
        private = load_private_key_from_pemder_data(_private_pem(key), passphrase=None)
        return DemoSigner(signers.SimpleSigner(translated(certificate), private, store))

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


def translated(certificate: x509.Certificate) -> Any:
    """The certificate as pyHanko's own library (asn1crypto, untyped) represents it."""
    return next(iter(load_certs_from_pemder_data(certificate.public_bytes(serialization.Encoding.DER))))
