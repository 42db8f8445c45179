"""Who reads a telling: the organisations that it concerns and whoever is waited for, as far as the scope shows it.

Accounts that see the same are asked about together: one statement for all of them, however many they are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from app.core.database import db
from app.ledger import scope
from app.notices.tellings import Telling, chunks
from app.people import security
from models.account import Account
from models.grammar.base import Record
from models.grammar.viewer import REGULATOR, Viewer
from models.organisation import OrganisationRole
from models.rules import notices

NOBODY = -1
"""The account of a viewer who stands for many: what only somebody's own account shows, it does not see."""


@dataclass(frozen=True)
class Told:
    """One telling, as one account is told it."""

    user_id: int
    telling: Telling
    kind: str
    label: str

    @property
    def urgency(self) -> tuple[int, bool, int]:
        """Of several tellings of one deed the first one counts."""
        return notices.URGENCY.index(self.kind), not self.telling.is_chief, self.telling.record.id


def told(tellings: Sequence[Telling]) -> list[Told]:
    """Who is told what: of each deed every reader one thing, the most urgent."""
    found: dict[tuple[int, int], Told] = {}
    for group, accounts in _groups(tellings).items():
        for telling, kind, label in _read_by(group, tellings):
            for user_id in accounts:
                if user_id not in telling.doers:
                    one, key = Told(user_id, telling, kind, label), (user_id, telling.source_id)
                    found[key] = min(one, found.get(key, one), key=lambda each: each.urgency)
    for telling in tellings:
        for user_id in telling.named - telling.doers:
            label = telling.state.label if telling.state is not None else telling.label
            found.setdefault((user_id, telling.source_id), Told(user_id, telling, notices.TODO, label))
    return [found[key] for key in sorted(found)]


def _groups(tellings: Sequence[Telling]) -> Mapping[Viewer, list[int]]:
    """The accounts of every organisation that may be concerned, by the viewer that they all are."""
    organisations = sorted({key for each in tellings for key in each.organisations})
    groups: dict[Viewer, list[int]] = defaultdict(list)
    named = [Account.organisation_id.in_(part) for part in chunks(organisations)]
    if any(each.with_regulators for each in tellings):
        offices = select(OrganisationRole.organisation_id).where(OrganisationRole.role == REGULATOR)
        named.append(Account.organisation_id.in_(offices))
    for found in security.viewers(or_(*named)) if named else ():
        groups[replace(found, user_id=NOBODY, name="", owes_code=False, lacks_factor=False)].append(found.user_id)
    return groups


def _read_by(group: Viewer, tellings: Sequence[Telling]) -> Iterator[tuple[Telling, str, str]]:
    """What concerns these accounts and is theirs to see, with its kind and its words."""
    concerned = [(each, *role) for each in tellings if (role := _role(each, group)) is not None]
    seen = visible(group, [each.record for each, _kind, _label in concerned])
    for each, kind, label in concerned:
        if each.record in seen and is_told_of(each.record, each.step, each.in_state, group):
            yield each, kind, label


def _role(telling: Telling, group: Viewer) -> tuple[str, str] | None:
    """What the telling is to these accounts, and in which words; None where it is nothing to them."""
    if telling.urges:
        if group.organisation_id == telling.organisation_id:
            return None
        is_urged = telling.record.is_on_side(telling.record.awaited, group)
        return (notices.TODO, telling.label) if is_urged else None
    is_own = telling.organisation_id is not None and group.organisation_id == telling.organisation_id
    state, flow = telling.state, telling.record.workflow
    is_theirs = state is not None and (state.duty in group.duties_today if state.duty else not is_own)
    if is_theirs and state is not None and flow is not None and flow.acts_for(telling.record, state.waits_for, group):
        kind = notices.to_whom_it_falls(telling.kind)
        return kind, state.label if kind == notices.TODO else telling.label
    is_beside = state is None or REGULATOR not in state.waits_for
    regulates = telling.with_regulators and is_beside and group.has(REGULATOR)
    if not telling.kind or is_own or not (group.organisation_id in telling.organisations or regulates):
        return None
    return telling.kind, telling.label


def visible(group: Viewer, records: Sequence[Record]) -> set[Record]:
    """Those of the records that the scope shows to these accounts, a statement for each class."""
    found: set[Record] = set()
    for model in {type(each) for each in records}:
        keyed = {each.id: each for each in records if type(each) is model}
        for part in chunks(sorted(keyed)):
            query = scope.narrowed(select(model.id).where(model.id.in_(part)), group)
            found.update(keyed[key] for key in db.session.scalars(query))
    return found


def is_told_of(record: Record, step: str, in_state: str, group: Viewer) -> bool:
    """Whether the record's history shows them this step, which left it in that state."""
    states = record.told_states(group)
    is_read = step not in record.untold_steps(group)
    return is_read and (states is None or not in_state or in_state in states)
