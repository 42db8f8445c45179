"""What the signatures of a PDF are worth, and what stands against a letter that its guarantor signed itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path

from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from app.letters import additions
from app.letters.additions import UNREADABLE
from app.letters.signing import translated
from models.grammar.columns import SHANGHAI
from models.rules.problem import Problem

_BRANCHES = ("分公司", "分行", "支行", "营业部")
_TAIL = 64
_END = re.compile(rb"startxref\s+\d+\s+%%EOF(\r\n|\r|\n)?\Z")

UNSIGNED = "文件中没有数字签名，请先用本单位的数字证书签署后再上传。"
ALTERED = "文件在签名之后被改动，签名无效，请重新签署。"
UNTRUSTED = "签名证书不在受信任的证书机构之列，或已过期、被吊销。"
NOT_WHOLE = "签名之后文件又追加了内容，签名未覆盖整个文件，请重新签署。"
REFUSED = "签名不符合电子签名规范，请使用 PAdES 签名重新签署。"
BAD_TIME_STAMP = "时间戳与文件或签名不符，请重新加盖时间戳后上传。"


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

    `whole` says that nothing but validation data and time stamps was added after the last signature. The signer,
    the subject of its certificate and the time that it states are those of the last signature.
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


def inspect(pdf: bytes, trust: Sequence[x509.Certificate], *, at: datetime | None = None) -> SignatureReport:
    """What the signatures of the PDF are worth under these roots, judged now or at the given instant.

    Every signature must be sound. After the last one there may be what keeps it verifiable (PAdES B-LT, B-LTA:
    certificates, revocation data, document time stamps) and nothing else, for whatever is appended leaves a
    signature sound. A time stamp must fit; whose it is does not matter, since no day of ours is taken from it.
    With no roots nothing is trusted.
    """
    if not pdf.startswith(b"%PDF-"):
        return SignatureReport(valid=False, whole=False, problems=(UNREADABLE,))
    try:
        reader = PdfFileReader(BytesIO(pdf))
        signatures, stamps = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
        found = [(each, validate_pdf_signature(each, _context(trust, at))) for each in signatures]
        stamped = [validate_pdf_timestamp(each, _context(trust, at)) for each in stamps]
    except Exception:  # a hostile file can make the parser raise anything; whatever it is, the file is refused
        return SignatureReport(valid=False, whole=False, problems=(UNREADABLE,))
    if not found:
        return SignatureReport(valid=False, whole=False, problems=(UNSIGNED,))
    faults = [_fault(status) for _, status in found] + [_stamp_fault(status) for status in stamped]
    return _report(*found[-1], pdf, [fault for fault in faults if fault])


def _context(trust: Sequence[x509.Certificate], at: datetime | None) -> ValidationContext:
    return ValidationContext(trust_roots=[translated(each) for each in trust], moment=at)


def _report(last: EmbeddedPdfSignature, status: PdfSignatureStatus, pdf: bytes, problems: list[str]) -> SignatureReport:
    whole = _is_whole(last, status, pdf)
    stated_at = last.self_reported_timestamp
    subject = {name: str(value) for name, value in last.signer_cert.subject.native.items()}
    return SignatureReport(
        valid=whole and not problems,
        whole=whole,
        signer_name=_holder_name(subject),
        signed_at=stated_at.astimezone(SHANGHAI) if stated_at else None,
        problems=tuple(dict.fromkeys([*problems, *([] if whole else [NOT_WHOLE])])),
        subject=subject,
    )


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
    stamps = (status.timestamp_validity, status.content_timestamp_validity)
    if any(_stamp_fault(stamp) for stamp in stamps if stamp is not None):
        return BAD_TIME_STAMP
    sound = status.seed_value_ok and (status.docmdp_ok or status.modification_level is None)
    return "" if sound else REFUSED


def _stamp_fault(status: object) -> str:
    return "" if getattr(status, "intact", False) and getattr(status, "valid", False) else BAD_TIME_STAMP


def _is_whole(last: EmbeddedPdfSignature, status: PdfSignatureStatus, pdf: bytes) -> bool:
    """Whether the last signature spans the file, or the file up to what keeps the signature verifiable."""
    start, length, resumed, rest = (int(each) for each in last.byte_range)
    gap = pdf[length:resumed]
    hole = gap.startswith(b"<") and gap.endswith(b">") and re.fullmatch(rb"[0-9A-Fa-f]+", gap[1:-1])
    if start != 0 or not hole:
        return False
    if status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return resumed + rest == len(pdf)
    if status.coverage != SignatureCoverageLevel.ENTIRE_REVISION or not _END.search(pdf[-_TAIL:]):
        return False
    return status.modification_level == ModificationLevel.LTA_UPDATES


def check_own_signed(
    pdf: bytes,
    trust: Sequence[x509.Certificate],
    *,
    guarantor_name: str,
    guarantor_uscc: str,
    text: bytes,
    field: str = "letter",
) -> list[Problem]:
    """What stands against a letter that the guarantor signed itself: its signatures, their holder, its text.

    `text` is the PDF that we gave out to be signed.
    """
    changed = additions.check(pdf, text, field=field)
    if changed:
        return changed
    report = inspect(pdf, trust)
    if not report.valid:
        return [Problem(each, field=field) for each in report.problems]
    if report.names(guarantor_name, guarantor_uscc):
        return []
    message = "签名证书的持有人是“%(holder)s”，不是保证人“%(guarantor)s”，请用本单位的数字证书签署。"
    return [Problem(message, field, {"holder": report.signer_name, "guarantor": guarantor_name})]
