"""出具: the text to sign is reserved with its number and code, then signed and given out (手册 2.2.1.2).

A guarantor whose key is kept here signs as it issues. Another one fetches the text, signs these very bytes with its own
software and uploads them: the paper, its number and its code say the same as the record.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.columns import CODE, Instant, field
from models.grammar.viewer import GUARANTOR, REVIEW
from models.grammar.workflow import Inputs, Moment, Transition, roles
from models.letter_version import first_version
from models.letters import ledger, underwriting
from models.rules import letters
from models.rules.problem import Problem

SIGNED = "signed_letter"


def give_out(letter: Any, at: Moment, *, paper: str = "") -> None:
    """Number, code, first version and opened ledger of a letter that is out; with its paper where we make one."""
    letter.letter_no = _number_of(letter, at)
    letter.verification_code = letter.reserved_code or at.papers.verification_code()
    letter.sha256 = at.papers.document(paper, letter) if paper else None
    letter.versions.add(first_version(letter, at))
    ledger.post(letter, "open", letter.amount, at, source=letter)


def _number_of(letter: Any, at: Moment) -> str:
    """The number that was reserved for this letter, else the next: one that was reserved is never another's."""
    number: str = letter.reserved_no or letters.number(at.today, at.numbers.serial("letter", at.today))
    return number


def _reserve(letter: Any, inputs: Inputs, at: Moment) -> None:
    """A text that was fetched before is void: its code opens nothing, its bytes are not taken."""
    letter.reserved_no = _number_of(letter, at)
    letter.reserved_code = at.papers.verification_code()
    letter.reserved_at = at.now
    letter.reserved_sha256 = at.papers.document("letter_text", letter)


def _issue(letter: Any, inputs: Inputs, at: Moment) -> None:
    """What stands on the text is what the record says, the time of issue too."""
    letter.reviewed_by_id = at.viewer.user_id
    letter.issued_at = letter.reserved_at or at.now
    give_out(letter, at, paper="letter")
    letter.take_effect(at)


def _rework(letter: Any, inputs: Inputs, at: Moment) -> None:
    """What goes back may change: its text is void, its number waits for it."""
    underwriting.free_policy_number(letter, inputs, at)
    letter.reserved_code = letter.reserved_at = letter.reserved_sha256 = None


def text_is_of_today(record: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """The text is dated, and from its day the clocks run."""
    if record.reserved_at is None or record.reserved_at.date() == at.today:
        return []
    message = "待签文本于%(day)s生成，与出具日期不一致，请重新领取待签文本"
    return [Problem(message, "", {"day": record.reserved_at.date()})]


def upload_has_its_text(record: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """What is signed elsewhere is a text that was fetched here."""
    if record.reserved_sha256 or not at.papers.count(record, SIGNED):
        return []
    return [Problem("请先领取待签文本，在该文本上签署后上传", SIGNED)]


_MAY_GO_OUT = (
    underwriting.guarantor_takes_business,
    underwriting.signatory_may_sign,
    underwriting.period_is_not_over,
    underwriting.contract_is_unchanged_since,
    underwriting.covers_the_minimum_still,
)
TRANSITIONS = (
    Transition(
        "issue",
        "出具保函",
        roles("prepared"),
        "issued",
        by=roles(GUARANTOR),
        duty=REVIEW,
        not_by="prepared_by_id",
        unless="backfilled",
        guards=(underwriting.reviewer_is_another_person, *_MAY_GO_OUT, text_is_of_today, upload_has_its_text),
        attach=(SIGNED,),
        optional=(SIGNED,),
        with_form=True,
        effect=_issue,
        binding=True,
        tone="primary",
        event_tone="green",
        confirm="出具后不能撤销。未上传签章保函的，由系统签章出具，已领取的待签文本作废",
        note="出具后生成保函编号、签章保函和验证码，不能撤销。自行签章的，请先领取待签文本，签署后在此上传",
    ),
    Transition(
        "reserve",
        "领取待签文本",
        roles("prepared"),
        "",
        by=roles(GUARANTOR),
        duty=REVIEW,
        not_by="prepared_by_id",
        unless="backfilled",
        guards=_MAY_GO_OUT,
        effect=_reserve,
        confirm="生成载有保函编号和验证码的待签文本，须于当日签署并出具；此前领取的待签文本作废",
        event_tone="gray",
    ),
    Transition(
        "rework",
        "退回经办",
        roles("prepared"),
        "submitted",
        by=roles(GUARANTOR),
        duty=REVIEW,
        unless="backfilled",
        asks=("reason",),
        undoes=("prepare",),
        effect=_rework,
        event_tone="orange",
    ),
)


class Issuable:
    """What a letter carries while its text waits for a signature.

    The number stays reserved when the text is void; code, time and text are of the text that may be signed now.
    """

    sealed: ClassVar[tuple[str, ...]] = ("reserved_no", "reserved_code", "reserved_at", "reserved_sha256")

    reserved_no: Mapped[str | None] = field(String(20), "预留保函编号", kind=CODE)
    reserved_code: Mapped[str | None] = mapped_column(String(20))
    reserved_at: Mapped[datetime | None] = field(Instant, "待签文本生成时间")
    reserved_sha256: Mapped[str | None] = mapped_column(String(64))
