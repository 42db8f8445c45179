"""The letter of guarantee as a PDF: what it says and how it is set.

The wording follows 《工程保函示范文本》 (建市[2021]11号, 附件 5 and 6: 支付保函, independent and not) and
for the insurance 保险法 第二章; each kind has a Typst template of its own in ``templates``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst

from app.letters.fonts import fonts
from app.letters.marks import grouped, qr_svg
from models.grammar.columns import SHANGHAI
from models.rules.money import capital, show

_TEMPLATES = Path(__file__).parent / "templates"

# Days within which the guarantor answers a claim when the letter does not agree on others.
_CLAIM_DAYS = {
    "independent": 5,  # working days; URDG 758 art. 20 (a)
    "dependent": 15,  # working days; a policy default
    "insurance": 30,  # calendar days; 保险法 第二十三条
}
_ABSENT = "—"
_A4_HEIGHT = 297 / 25.4 * 72  # in points
OFFSET = timezone(timedelta(hours=8))
"""Asia/Shanghai as the fixed offset that Typst asks for."""


class MissingGlyphs(ValueError):
    """A letter holds characters that its fonts cannot draw, so it would show boxes in their place."""

    def __init__(self, missing: set[str]) -> None:
        self.missing = frozenset(missing)
        super().__init__("保函字体缺少下列字符，无法出具：" + "、".join(sorted(missing)))


@dataclass(frozen=True)
class LetterText:
    """Everything that a letter says.

    Amounts are in yuan. `starts_on` and `ends_on` both belong to the period. `issued_at` is aware and dates the
    PDF, which shows it in Asia/Shanghai.
    `claim_days` are working days, for an insurance calendar days, and default to those of the kind.
    A `watermark` marks a preview or a demonstration.
    """

    letter_no: str
    kind: str
    product: str
    policy_no: str
    guarantor_name: str
    guarantor_uscc: str
    guarantor_address: str
    guarantor_phone: str
    claim_address: str
    applicant_name: str
    applicant_uscc: str
    beneficiary_name: str
    beneficiary_uscc: str
    project_name: str
    permit_no: str
    contract_no: str
    contract_type: str
    contract_price: Decimal
    amount: Decimal
    premium: Decimal
    starts_on: date
    ends_on: date
    issued_at: datetime
    issued_place: str
    signatory_name: str
    signatory_title: str
    verification_code: str
    verify_url: str
    claim_days: int | None = None
    watermark: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _CLAIM_DAYS:
            raise ValueError(f"no letter of kind {self.kind!r}")
        if self.issued_at.utcoffset() is None:
            raise ValueError("a letter is dated by an instant with its offset")


@dataclass(frozen=True)
class VariationText:
    """What a 变更函 says: the letter as it reads from now on, and line by line what it said before.

    `rows` are label, old and new; `wording` is what else is changed, `consent` who agreed and when, `agreement` what
    of the contract the guarantor agrees to.
    """

    letter: LetterText
    amendment_no: str
    version_no: int
    kind: str
    cause: str
    rows: tuple[tuple[str, str, str], ...]
    wording: str = ""
    consent: str = ""
    agreement: str = ""

    @property
    def issued_at(self) -> datetime:
        """When it is given out."""
        return self.letter.issued_at


@dataclass(frozen=True)
class Place:
    """A rectangle on a page, pages from 1, in points from the page's lower left corner."""

    page: int
    left: int
    bottom: int
    right: int
    top: int


@dataclass(frozen=True)
class Typeset:
    """A letter as it was set: its PDF, and where its printed seal stands."""

    pdf: bytes
    seal: Place


def render(text: LetterText | VariationText, *, folder: str = "") -> bytes:
    """The letter as a tagged PDF/A-2a, the same bytes for the same text; MissingGlyphs if undrawable.

    `folder` holds fonts for what ours lack.
    """
    return typeset(text, folder=folder).pdf


def typeset(text: LetterText | VariationText, *, folder: str = "") -> Typeset:
    """The letter as `render` gives it, with the place of its seal."""
    compiler = _compiler(_template(text), _data_of(text), folder=folder)
    pdf = _compiled(compiler, text.issued_at)
    return Typeset(pdf, _place(*json.loads(compiler.query("<seal-corner>", field="value"))))


def printed(template: str, data: Mapping[str, Any], *, dated: datetime, folder: str = "") -> bytes:
    """A paper of another template, which its author signs by hand; `data` are strings and lines of strings."""
    return _compiled(_compiler(template, data, folder=folder), dated)


def _compiler(template: str, data: Mapping[str, Any], *, folder: str) -> typst.Compiler:
    missing, known = _undrawable(data, folder=folder), fonts(folder)
    if missing:
        raise MissingGlyphs(missing)
    return typst.Compiler(
        str(_TEMPLATES / f"{template}.typ"),
        root=str(_TEMPLATES),
        font_paths=known.typst,
        sys_inputs={
            "letter": json.dumps(data, ensure_ascii=False),
            "fonts": json.dumps(known.further, ensure_ascii=False),
        },
    )


def _compiled(compiler: typst.Compiler, dated: datetime) -> bytes:
    timestamp = dated.astimezone(OFFSET).replace(microsecond=0)
    pdf: Any = compiler.compile(format="pdf", pdf_standards=["a-2a"], timestamp=timestamp)
    return bytes(pdf)


def _place(first: dict[str, float], last: dict[str, float]) -> Place:
    """Between two corners that Typst counts from the page's top; in whole points, which any program writes alike."""
    left, right = round(first["x"]), round(last["x"])
    return Place(int(first["page"]), left, round(_A4_HEIGHT - last["y"]), right, round(_A4_HEIGHT - first["y"]))


def missing_glyphs(text: LetterText | VariationText, *, folder: str = "") -> set[str]:
    """The characters of the letter's data that none of its fonts holds."""
    return _undrawable(_data_of(text), folder=folder)


def _undrawable(data: Mapping[str, Any], *, folder: str) -> set[str]:
    given = {name: value for name, value in data.items() if name != "qr"}
    lines = [*given.pop("rows", ()), tuple(given.values())]
    return set("".join(word for line in lines for word in line)) - fonts(folder).drawable


def _template(text: LetterText | VariationText) -> str:
    return "variation" if isinstance(text, VariationText) else text.kind


def _data_of(text: LetterText | VariationText) -> dict[str, Any]:
    """The data of the paper: strings, and of a 变更函 its lines."""
    if isinstance(text, LetterText):
        return dict(_data(text))
    return {
        **_data(text.letter),
        "amendment_no": text.amendment_no,
        "version_no": str(text.version_no),
        "change": text.kind,
        "cause": text.cause,
        "rows": [list(row) for row in text.rows],
        "wording": text.wording,
        "consent": text.consent,
        "agreement": text.agreement,
    }


def _data(text: LetterText) -> dict[str, str]:
    """The letter's data as the strings that its template shows."""
    issued_at = text.issued_at.astimezone(SHANGHAI)
    plain = {
        item.name: value.strip() or _ABSENT
        for item in fields(text)
        if isinstance(value := getattr(text, item.name), str)
    }
    return plain | {
        "contract_price": show(text.contract_price, "元"),
        "contract_price_capital": capital(text.contract_price),
        "amount": show(text.amount, "元"),
        "amount_capital": capital(text.amount),
        "premium": show(text.premium, "元"),
        "premium_capital": capital(text.premium),
        "starts_on": spelled(text.starts_on),
        "ends_on": spelled(text.ends_on),
        "issued_on": spelled(issued_at),
        "issued_at": f"{issued_at:%Y-%m-%d %H:%M:%S}",
        "signatory": " ".join(filter(None, (text.signatory_name, text.signatory_title))) or _ABSENT,
        "claim_days": str(text.claim_days or _CLAIM_DAYS[text.kind]),
        "code_grouped": grouped(text.verification_code),
        "qr": qr_svg(text.verify_url, border=2),
        "watermark": text.watermark,
    }


def spelled(day: date) -> str:
    """The day as papers write it."""
    return f"{day.year}年{day.month}月{day.day}日"
