"""What the steps of a change bring about: in the change itself, and in the letter once it goes out."""

from datetime import date
from typing import Any

from models.amendments.letters import letter_of, paused_days, terms_after
from models.grammar.workflow import FollowUp, Inputs, Moment
from models.letter_version import next_version
from models.letters import ledger, updates
from models.rules import amendments as rules
from models.rules import days
from models.rules.money import share


def submit(amendment: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """It says of the letter what this says now; whose word is not needed is not asked."""
    letter = letter_of(amendment, at)
    amendment.restate(letter)
    amendment.base_no = letter.version_no
    last = update_by(amendment.event_on, at)
    if amendment.submitted_at is None or amendment.update_by != last:
        amendment.submitted_at, amendment.update_by = amendment.submitted_at or at.now, last
        amendment.late_days = max((at.today - amendment.update_by).days, 0)
    amendment.asked_at, amendment.consented_at = at.now, None
    followed = updates.handed_in(amendment, at)
    return [*followed, *([] if amendment.needs_consent else [FollowUp(amendment, "pass_on")])]


def update_by(event_on: date, at: Moment) -> date:
    """The last of the 10 days of R-14."""
    return days.due_on(event_on, at.policy.amendment_days, holidays=at.law.calendar())


def reach(amendment: Any, inputs: Inputs, at: Moment) -> None:
    """It lies on the guarantor's desk from now on."""
    amendment.reached_at = at.now


def consent(amendment: Any, inputs: Inputs, at: Moment) -> None:
    amendment.consented_at = amendment.reached_at = at.now


def revoke(amendment: Any, inputs: Inputs, at: Moment) -> None:
    """The contractor is asked anew; what its guarantor has worked out meanwhile is void."""
    rework(amendment, inputs, at)
    amendment.asked_at, amendment.consented_at, amendment.reached_at = at.now, None, None


def withdraw(amendment: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """What the letter was to be updated for is open again."""
    amendment.consented_at = amendment.reached_at = None
    return updates.open_again(amendment, at)


def refuse(amendment: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """The letter stays as it was: what it was to be updated for is open again."""
    return updates.open_again(amendment, at)


def leave_the_desk(amendment: Any, inputs: Inputs, at: Moment) -> None:
    """What is changed afterwards needs its consent anew."""
    amendment.consented_at = None


def prepare(amendment: Any, inputs: Inputs, at: Moment) -> None:
    amendment.prepared_by_id = at.viewer.user_id


def rework(amendment: Any, inputs: Inputs, at: Moment) -> None:
    """A text that was fetched is void."""
    amendment.reserved_at = amendment.reserved_sha256 = None


def reserve(amendment: Any, inputs: Inputs, at: Moment) -> None:
    """A text that was fetched before is void: its bytes are not taken."""
    amendment.reserved_at = at.now
    amendment.reserved_sha256 = at.papers.document("amendment_text", amendment)


def issue(amendment: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """The letter says from now on what was agreed: a version of its own, with its paper.

    What was asked as 展期或赔付 is answered by an extension.
    """
    amendment.reviewed_by_id = at.viewer.user_id
    amendment.issued_at = amendment.reserved_at or at.now
    amendment.sha256 = at.papers.document("amendment", amendment)
    letter = letter_of(amendment, at)
    moved = paused_days(amendment, letter) if amendment.moves_end else 0
    _apply(amendment, letter, at)
    letter.moved_days = _moved_in_all(amendment, letter, moved)
    letter.version_no += 1
    letter.sha256 = amendment.sha256
    letter.versions.add(next_version(letter, amendment, at))
    if amendment.kind != rules.EXTEND:
        return []
    waiting = [each for each in at.rows.find_all("Claim", letter_id=letter.id) if each.is_answered_by(letter.ends_on)]
    reason = {"reason": f"保函已展期，第 {letter.version_no} 版"}
    return [FollowUp(at.rows.lock("Claim", each.id), "extend", reason) for each in waiting]


def _apply(amendment: Any, letter: Any, at: Moment) -> None:
    after = terms_after(amendment, letter)
    change = after.amount - letter.amount
    if change:
        ledger.post(letter, "raise" if change > 0 else "reduce", abs(change), at, source=amendment)
    letter.ends_on, letter.premium = after.ends_on, after.premium
    letter.paused_from, letter.ended_on = after.paused_from, after.ended_on
    if amendment.cause == rules.PRICE:
        letter.contract_price = at.rows.find("Contract", letter.contract_id).price
    letter.share = share(after.amount, letter.contract_price)
    if amendment.kind == rules.RAISE:
        letter.take_effect(at)


def _moved_in_all(amendment: Any, letter: Any, moved: int) -> int | None:
    """By how many days of the running pause the end has been moved; nothing once it is over."""
    if amendment.kind == rules.RESUME:
        return None
    return moved if amendment.kind == rules.PAUSE else letter.moved_days
