"""担保更新事项 of a letter: opened by what happens, met by the change that is handed in for it (手册 2.2.3, R-14)."""

from datetime import date
from typing import Any

from models.grammar.workflow import FollowUp, Moment
from models.letter_update import LetterUpdate
from models.rules import amendments as rules


def asked(letter: Any, cause: str, event_on: date, at: Moment) -> list[FollowUp]:
    """The letter is to be updated for what happened on that day; not a second time for the same.

    For effects, which hold the letter.
    """
    known = at.rows.find_all("LetterUpdate", letter_id=letter.id, cause=cause, event_on=event_on)
    if known:
        return []
    made = LetterUpdate.of(letter, cause, event_on, at)
    letter.updates.add(made)
    return [FollowUp(made, "begin")]


def met_by(amendment: Any, at: Moment) -> list[FollowUp]:
    """What its letter is to be updated for is met, once the change that answers it is handed in."""
    said = {"reason": amendment.amendment_no, "amendment_id": amendment.id}
    found = (each for each in _of(amendment, at) if each.state == "open")
    return [
        FollowUp(each, "meet", said)
        for each in found
        if rules.answers(amendment.kind, amendment.cause, asked_for=each.cause)
    ]


def open_again(amendment: Any, at: Moment) -> list[FollowUp]:
    """What it had met is to be done still."""
    said = {"reason": amendment.amendment_no}
    return [FollowUp(each, "open_again", said) for each in _of(amendment, at) if each.amendment_id == amendment.id]


def _of(amendment: Any, at: Moment) -> list[Any]:
    found = at.rows.find_all("LetterUpdate", letter_id=amendment.letter_id)
    return [at.rows.lock("LetterUpdate", each.id) for each in found]
