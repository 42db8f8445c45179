"""The papers that transitions issue: rendered, signed and stored before the rows that name them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from cryptography.x509 import Certificate
from flask import current_app
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Refused, refuse
from app.files import uploads
from app.files.store import FileStore
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from app.letters import changes
from app.letters.changes import Change
from app.letters.inspection import check_own_signed, trusted_certificates
from app.letters.pdf import LetterText, VariationText, missing_glyphs, render, typeset
from app.letters.signing import FIELD, DemoKeys, Pkcs12Signer, Signer, with_field
from models.amendment import Amendment
from models.guarantor import Guarantor
from models.letter_version import LetterVersion
from models.letters.issuing import SIGNED
from models.letters.kind import kind_that_counts
from models.letters.underwriting import PRODUCTS
from models.modes.letter import Letter
from models.rules import amendments, regions
from models.rules.money import show
from models.rules.problem import Problem
from models.rules.words import Listed


def store() -> FileStore:
    """The content store of this installation."""
    return FileStore(Path(current_app.config["UPLOAD_FOLDER"]))


def make(name: str, record: Any) -> str:
    """Make the named document of the record and give its sha256."""
    return store().put(_MAKERS[name](record))


def verify_url(letter_no: str, code: str) -> str:
    """The public address on which anyone can check the letter of that number and code."""
    return f"{current_app.config['BASE_URL']}/verify/{letter_no}?code={quote(code)}"


def _letter_text(letter: Letter) -> bytes:
    """The letter as it is to be signed, with an empty field where its seal is printed."""
    text = letter_text(letter, _filing_of(letter))
    refuse(_undrawable(text))
    sheet = typeset(text, folder=current_app.config["LETTER_FONTS"])
    return with_field(sheet.pdf, sheet.seal)


def _letter(letter: Letter) -> bytes:
    """The letter signed: by its guarantor over the text that it fetched, or by the key that is kept here."""
    filing = _filing_of(letter)
    text = _reserved(letter, filing) if letter.reserved_sha256 else _letter_text(letter)
    return _signed(letter, filing, text, reason="出具工程款支付保函")


def _signed(record: Letter | Amendment, filing: Guarantor, text: bytes, *, reason: str) -> bytes:
    """The text under a signature: the one that was uploaded, else that of the key that is kept here."""
    keys, own = Path(current_app.config["KEYS_DIR"]), uploads.of_record(record, category=SIGNED)
    if not own:
        return signer_of(filing, keys).sign(text, reason=reason, field=FIELD)
    pdf, holder = store().read(own[-1].sha256), {"guarantor_name": filing.name, "guarantor_uscc": filing.uscc}
    refuse(_given_out_before(own[-1].sha256))
    refuse(check_own_signed(pdf, trusted(keys), **holder, text=text, field=SIGNED))
    return pdf


def _reserved(record: Letter | Amendment, filing: Guarantor) -> bytes:
    """The bytes that were given out to be signed, while the record still says what they say."""
    kept = store().read(record.reserved_sha256 or "")
    text = letter_text(record, filing) if isinstance(record, Letter) else variation_of(record, filing)
    if not kept.startswith(render(text, folder=current_app.config["LETTER_FONTS"])):
        raise Refused([Problem("待签文本生成后保函内容已变更，请重新领取待签文本，签署后出具")])
    return kept


def _filing_of(record: Letter | Amendment) -> Guarantor:
    query = select(Guarantor).where(Guarantor.organisation_id == record.guarantor_id)
    return db.session.scalars(query.execution_options(**UNSCOPED)).one()


def _undrawable(text: LetterText | VariationText) -> list[Problem]:
    missing = tuple(sorted(missing_glyphs(text, folder=current_app.config["LETTER_FONTS"])))
    message = "保函字体缺少下列字符，无法出具：%(missing)s。请联系平台运营人员添加字体（LETTER_FONTS）后再出具"
    return [Problem(message, params={"missing": Listed(missing)})] if missing else []


def _given_out_before(sha256: str) -> list[Problem]:
    """One paper is one letter: a file that stands for another letter already is not this one's."""
    papers = select(Letter.letter_no).join(LetterVersion, LetterVersion.letter_id == Letter.id)
    number = db.session.scalar(papers.where(LetterVersion.sha256 == sha256).execution_options(**UNSCOPED))
    if number is None:
        return []
    return [Problem("上传的文件是保函%(no)s的签章文件，请上传本保函的签章文件", SIGNED, {"no": number})]


def trusted(keys: Path) -> list[Certificate]:
    """The authorities whose certificates a letter may be signed with; in the demo its own one too."""
    roots = trusted_certificates(keys)
    return [*roots, DemoKeys(keys).root()] if current_app.config["DEMO"] else roots


def signer_of(filing: Guarantor, keys: Path) -> Signer:
    """The guarantor's signing key: its own PKCS#12 file, in the demo one made for it; Refused when there is none."""
    own, passphrase = keys / f"{filing.uscc}.p12", keys / f"{filing.uscc}.pass"
    if own.exists():
        return Pkcs12Signer(own, passphrase.read_text().strip() if passphrase.exists() else "")
    if current_app.config["DEMO"]:
        return DemoKeys(keys).signer_for(filing.uscc, filing.name)
    raise Refused([Problem("本机构尚未配置签章密钥，请先领取待签文本，签署后上传", SIGNED)])


def letter_text(letter: Letter, filing: Guarantor) -> LetterText:
    """Everything that stands on the paper: on the text to sign what is reserved for it."""
    assert letter.contract_price is not None and letter.amount is not None and letter.premium is not None
    assert letter.starts_on is not None and letter.ends_on is not None
    letter_no, code = (
        letter.letter_no or letter.reserved_no or "",
        letter.verification_code or letter.reserved_code or "",
    )
    issued_at, signatory = letter.issued_at or letter.reserved_at, letter.signatory
    assert issued_at is not None and code is not None
    policy = policies.named(letter.policy_version, day=issued_at.date())
    return LetterText(
        letter_no=letter_no,
        kind=kind_that_counts(letter),
        policy_no=letter.policy_no or "",
        product=dict(PRODUCTS)[letter.product or ""],
        guarantor_name=filing.name,
        guarantor_uscc=filing.uscc,
        guarantor_address=filing.registered_address or "",
        guarantor_phone=filing.phone or "",
        claim_address=filing.claim_address or "",
        applicant_name=letter.employer_name or "",
        applicant_uscc=letter.employer_uscc or "",
        beneficiary_name=letter.contractor_name or "",
        beneficiary_uscc=letter.contractor_uscc or "",
        project_name=letter.project_name or "",
        permit_no=letter.permit_no or "",
        contract_no=letter.contract_no or "",
        contract_type=_contract_type(letter),
        contract_price=letter.contract_price,
        amount=letter.amount,
        premium=letter.premium,
        starts_on=letter.starts_on,
        ends_on=letter.ends_on,
        issued_at=issued_at,
        issued_place=regions.full_name(filing.region_code),
        signatory_name=signatory.name if signatory else "",
        signatory_title=signatory.position if signatory else "",
        claim_days=policy.claim_days(kind_that_counts(letter)),
        verification_code=code,
        verify_url=verify_url(letter_no, code),
    )


def variation_of(amendment: Amendment, filing: Guarantor) -> VariationText:
    """Everything that stands on a 变更函."""
    letter, change = amendment.letter, changes.of(amendment)
    issued_at, signatory = amendment.issued_at or amendment.reserved_at, amendment.signatory
    assert issued_at is not None
    text = letter_text(letter, filing)
    return VariationText(
        letter=replace(
            text,
            issued_at=issued_at,
            signatory_name=signatory.name if signatory else "",
            signatory_title=signatory.position if signatory else "",
        ),
        amendment_no=amendment.amendment_no or "",
        version_no=letter.version_no + 1,
        kind=amendments.KINDS[amendment.kind or ""],
        cause=amendments.CAUSES[amendment.cause or ""],
        rows=tuple(changes.on_paper(change)),
        wording=amendment.wording or "",
        consent=_consent(amendment),
        agreement=_agreement(change),
    )


def _consent(amendment: Amendment) -> str:
    if amendment.consented_at is None:
        return ""
    deed = "出具工程款结清证明，同意上述变更" if amendment.is_settlement else "同意上述变更"
    return f"{amendment.letter.contractor_name}于{amendment.consented_at:%Y年%m月%d日}在本系统中{deed}。"


def _agreement(change: Change) -> str:
    if change.price is None:
        return ""
    old, new = (show(each, "万元") for each in change.price)
    return f"我方书面同意主合同价款由{old}万元变更为{new}万元，并在变更后的担保金额内承担保证责任。"


def _contract_type(letter: Letter) -> str:
    declared = Letter.__mapper__.columns["contract_type"].info["field"]
    return str(declared.choice_label(letter.contract_type or ""))


def _variation_text(amendment: Amendment) -> bytes:
    """The 变更函 as it is to be signed."""
    text = variation_of(amendment, _filing_of(amendment))
    refuse(_undrawable(text))
    sheet = typeset(text, folder=current_app.config["LETTER_FONTS"])
    return with_field(sheet.pdf, sheet.seal)


def _variation(amendment: Amendment) -> bytes:
    """The 变更函 signed: by its guarantor over the text that it fetched, or by the key that is kept here."""
    filing = _filing_of(amendment)
    text = _reserved(amendment, filing) if amendment.reserved_sha256 else _variation_text(amendment)
    return _signed(amendment, filing, text, reason="出具保函变更函")


_MAKERS: Mapping[str, Callable[[Any], bytes]] = MappingProxyType(
    {"letter": _letter, "letter_text": _letter_text, "amendment": _variation, "amendment_text": _variation_text}
)
