"""Whether the letters say what their ledgers come to, and hold what their claims hold: for `verify-ledger`."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.core.database import db
from models.claim import Claim
from models.guarantee import Guarantee
from models.letters.ledger import LedgerEntry
from models.letters.standing import ISSUED
from models.modes.letter import Letter
from models.rules.ledger import KINDS, Balances, Overdrawn

NOTHING = Decimal(0)
SAID = ("amount", "reserved", "paid")


@dataclass(frozen=True)
class Verified:
    """How many letters were read, and a sentence that names the first that disagrees; "" where none does."""

    letter_count: int
    fault: str = ""


def verify() -> Verified:
    """Read every letter beside its ledger, as both stand at one instant, and end at the first that disagrees."""
    count = 0
    for count, lines in enumerate(_by_letter(), start=1):
        found = _fault(lines)
        if found:
            return Verified(count, f"letter {lines[0].id} ({lines[0].letter_no or 'no number'}): {found}")
    return Verified(count)


def _by_letter() -> Iterator[list[Row[Any]]]:
    """The lines of each letter: one for each entry, and one with blanks where it has none."""
    with db.session.connection().execution_options(yield_per=1000).execute(_statement()) as rows:
        for _key, lines in groupby(rows, key=lambda line: line.id):
            yield list(lines)


def _statement() -> Select[Any]:
    """One statement, so that what is done meanwhile is seen in all of its parts or in none."""
    letter, row, entry, claim = (model.__table__.c for model in (Letter, Guarantee, LedgerEntry, Claim))
    held = select(claim.letter_id, func.sum(claim.held).label("held")).where(claim.held != 0)
    claims = held.group_by(claim.letter_id).subquery()
    columns = [entry[name].label(f"entry_{name}") for name in ("id", "kind", "debit", "credit", "amount")]
    tables = Letter.__table__.join(Guarantee.__table__, row.id == letter.id)
    tables = tables.outerjoin(LedgerEntry.__table__, entry.letter_id == letter.id)
    tables = tables.outerjoin(claims, claims.c.letter_id == letter.id)
    said = (letter.id, letter.letter_no, row.state, *(row[name] for name in SAID), claims.c.held)
    return select(*said, *columns).select_from(tables).order_by(letter.id, entry.id)


def _fault(lines: list[Row[Any]]) -> str:
    letter, held = lines[0], Balances()
    entries = [each for each in lines if each.entry_id is not None]
    if letter.state not in ISSUED:
        return f"it is not out, but has {len(entries)} entries" if entries else ""
    for each in entries:
        kind = KINDS.get(each.entry_kind)
        if kind is None or (each.entry_debit, each.entry_credit) != (kind.debit, kind.credit):
            return f"entry {each.entry_id} ({each.entry_kind}) is on the wrong accounts"
        try:
            held = held.after(each.entry_kind, each.entry_amount)
        except Overdrawn as overdrawn:
            return f"entry {each.entry_id}: {overdrawn}"
    return _difference(letter, held)


def _difference(letter: Row[Any], held: Balances) -> str:
    come_to = (held.promised, held.reserved, held.paid)
    for name, value in zip(SAID, come_to, strict=True):
        if getattr(letter, name) != value:
            return f"it says {name} {getattr(letter, name):.2f}, its ledger {value:.2f}"
    claimed = letter.held or NOTHING
    return "" if claimed == held.reserved else f"its claims hold {claimed:.2f}, its ledger {held.reserved:.2f}"
