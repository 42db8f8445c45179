"""The sums that the deeds of a claim were about, as its history holds them: what was held, paid, recovered."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from app.core.viewer import viewer
from app.core.words import _, sentences
from app.web import cells
from models.claim import Claim
from models.grammar.columns import field_of
from models.history import HistoryEntry
from models.rules.claims import NOTHING
from views import claim_result

OF_DEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "submit": ("held",),
        "present_again": ("held",),
        "decide": ("payout",),
        "approve": ("payout",),
        "pay": ("payout",),
        "recover": ("recovery", "recovered"),
    }
)
"""Of each deed the fields that say its sums."""

_KEPT = ("held", "payout", "recovered")


def of_entries(claim: Claim, entries: Sequence[HistoryEntry]) -> dict[int, str]:
    """What to say of each of the claim's entries, which come newest first, by its id: as it stood after that deed."""
    held: dict[str, Decimal] = dict.fromkeys(_KEPT, NOTHING)
    said = {}
    for entry in reversed(entries):
        before, changes = held["recovered"], json.loads(entry.changes)
        held |= {name: _amount(name, changes[name][1]) for name in _KEPT if name in changes}
        sums = {**held, "recovery": held["recovered"] - before}
        text = sentences(_told(claim, OF_DEEDS.get(entry.action, ()), sums))
        if text:
            said[entry.id] = text
    return said


def _told(claim: Claim, names: Sequence[str], sums: Mapping[str, Decimal]) -> Iterator[str]:
    """Label and sum of what the viewer reads on the claim's own page too."""
    for name in names:
        if not claim_result.is_hidden(claim, name, viewer()):
            amount = cells.of_value(field_of(Claim, name), sums[name]).text
            yield _("%(label)s：%(text)s", label=cells.label(Claim, name), text=amount)


def _amount(name: str, held: Any) -> Decimal:
    return NOTHING if held is None else field_of(Claim, name).kind.of_json(held)
