"""担保更新事项 of a letter: opened by what happens, met by the change that is handed in for it (手册 2.2.3, R-14)."""

from datetime import date
from typing import Any

from models.grammar.workflow import FollowUp, Moment
from models.letter_update import LetterUpdate
from models.rules import amendments as rules

UNDER_WAY = ("proposed", "submitted", "prepared")
"""The states of a change that was handed in and lies with contractor or guarantor."""


def asked(letter: Any, cause: str, event_on: date, at: Moment) -> list[FollowUp]:
    """The letter is to be updated for what happened on that day; not a second time for the same.

    A change that was handed in, or made, before anybody entered what it is for meets it at once. For effects, which
    hold the letter.
    """
    known = at.rows.find_all("LetterUpdate", letter_id=letter.id, cause=cause, event_on=event_on)
    if known:
        return []
    made = LetterUpdate.of(letter, cause, event_on, at)
    letter.updates.add(made)
    answers = [each for each in at.rows.find_all("Amendment", letter_id=letter.id) if _has_answered(each, made)]
    return [FollowUp(made, "begin"), *(_met(made, each) for each in answers[-1:])]


def _has_answered(amendment: Any, update: Any) -> bool:
    """Whether it was made for this very event, or is under way and can still be made: once a letter is over, none."""
    if amendment.state == "issued":
        counts = (amendment.cause, amendment.event_on) == (update.cause, update.event_on)
    else:
        counts = amendment.state in UNDER_WAY and update.cause != rules.EXPIRY
    return counts and _answers(amendment, update)


def handed_in(amendment: Any, at: Moment) -> list[FollowUp]:
    """What the change answers is met; what it had met, and answers no longer since it was edited, is open again."""
    found = [(each, _answers(amendment, each)) for each in _of(amendment, at)]
    undone = [_undone(each, amendment) for each, does in found if not does and each.amendment_id == amendment.id]
    return [*undone, *(_met(each, amendment) for each, does in found if does and each.state == "open")]


def open_again(amendment: Any, at: Moment) -> list[FollowUp]:
    """What it had met is to be done still."""
    return [_undone(each, amendment) for each in _of(amendment, at) if each.amendment_id == amendment.id]


def _answers(amendment: Any, update: Any) -> bool:
    return rules.answers(amendment.kind, amendment.cause, asked_for=update.cause)


def _met(update: Any, amendment: Any) -> FollowUp:
    return FollowUp(update, "meet", {"reason": amendment.amendment_no, "amendment_id": amendment.id})


def _undone(update: Any, amendment: Any) -> FollowUp:
    return FollowUp(update, "open_again", {"reason": amendment.amendment_no})


def _of(amendment: Any, at: Moment) -> list[Any]:
    found = at.rows.find_all("LetterUpdate", letter_id=amendment.letter_id)
    return [at.rows.lock("LetterUpdate", each.id) for each in found]
