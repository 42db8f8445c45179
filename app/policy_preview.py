"""What a policy version would change on existing records, shown before it is saved: counts and the first of each.

At most CAP contracts and, for each mode, CAP waiting records are looked at, the newest first; a preview says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app import cells, policies
from app.clock import today
from app.database import db
from app.modes import modes
from app.scope import UNSCOPED
from models.columns import field_of
from models.contract import Contract
from models.guarantee import Guarantee
from models.policy import PolicyVersion, columns_of, policy_of
from models.rules import days
from models.rules.minimum import minimum
from models.rules.policy import Policy, policy_on
from models.workflow import Clock

CAP = 1_000
SHOWN = 50


@dataclass(frozen=True)
class Changed:
    """One value of the version beside the one that it follows."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Covered:
    """A contract with what covers it today and its minimum before and after, in 元."""

    contract_no: str
    project_name: str
    cover: Decimal
    before: Decimal
    after: Decimal

    @property
    def falls_short(self) -> bool:
        """Whether the cover suffices before and no longer after."""
        return self.before <= self.cover < self.after

    @property
    def suffices_again(self) -> bool:
        """Whether the cover suffices only after."""
        return self.after <= self.cover < self.before


@dataclass(frozen=True)
class Due:
    """A record under a time limit with its last day before and after; None where the limit does not run."""

    number: str
    project_name: str
    clock: Clock
    before: date | None
    after: date | None

    def becomes_late(self, day: date) -> bool:
        """Whether what is judged only when it is done would be in time on that day before, and late after."""
        in_time = self.before is None or day <= self.before
        return not self.clock.kept and in_time and self.after is not None and day > self.after


@dataclass(frozen=True)
class Preview:
    """The version beside the one that it follows, `base`, and what that means for existing records."""

    base: Policy
    changed: tuple[Changed, ...]
    falling: tuple[Covered, ...]
    rising: tuple[Covered, ...]
    late: tuple[Due, ...]
    moved: tuple[Due, ...]
    is_capped: bool


def of(values: Mapping[str, Any], *, key: int | None) -> Preview:
    """The preview of these sound values, as a new version or in the place of that one."""
    new = policy_of(values)
    base = policy_on(new.from_on, [each for each in policies.versions() if each.version != _name_of(key)])
    covered, contracts_capped = _covered(base, new)
    dues, dues_capped = _dues(base, new)
    return Preview(
        base=base,
        changed=tuple(_changed(columns_of(base), columns_of(new))),
        falling=tuple(each for each in covered if each.falls_short),
        rising=tuple(each for each in covered if each.suffices_again),
        late=tuple(each for each in dues if each.becomes_late(new.from_on)),
        moved=tuple(each for each in dues if each.before != each.after),
        is_capped=contracts_capped or dues_capped,
    )


def _name_of(key: int | None) -> str:
    version = db.session.get(PolicyVersion, key) if key is not None else None
    return version.name if version is not None else ""


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    for name in (column.key for column in PolicyVersion.__mapper__.columns):
        if name in after and name != "name" and before[name] != after[name]:
            declared = field_of(PolicyVersion, name)
            yield Changed(declared.full_label, cells.text(declared, before[name]), cells.text(declared, after[name]))


def _covered(base: Policy, new: Policy) -> tuple[list[Covered], bool]:
    """The newest contracts that something covers today; whether there are more."""
    keys = sorted({key for mode in modes() for key in _covered_keys(mode)}, reverse=True)
    sums, agreed = _sums(keys[:CAP])
    query = select(Contract).where(Contract.id.in_(keys[:CAP])).order_by(Contract.id.desc())
    found = [
        Covered(
            contract_no=contract.contract_no,
            project_name=contract.project.name,
            cover=sums[contract.id],
            before=minimum(contract.price, base, agreed=contract.id in agreed),
            after=minimum(contract.price, new, agreed=contract.id in agreed),
        )
        for contract in db.session.scalars(query.execution_options(**UNSCOPED)).unique()
    ]
    return found, len(keys) > CAP


def _covered_keys(mode: type[Guarantee]) -> Iterable[int]:
    query = select(mode.contract_id).where(mode.covering(today()), mode.contract_id.is_not(None)).distinct()
    query = query.order_by(mode.contract_id.desc()).limit(CAP + 1)
    return (key for key in db.session.scalars(query.execution_options(**UNSCOPED)) if key is not None)


def _sums(keys: list[int]) -> tuple[dict[int, Decimal], set[int]]:
    """What covers each contract today, in 元; and those of them where a covering guarantee is an agreed one."""
    sums, agreed = dict.fromkeys(keys, Decimal(0)), set()
    for mode in modes():
        query = (
            select(mode.contract_id, mode.agreed, func.sum(mode.cover_sum()))
            .where(mode.contract_id.in_(keys), mode.covering(today()))
            .group_by(mode.contract_id, mode.agreed)
        )
        for key, is_agreed, amount in db.session.execute(query.execution_options(**UNSCOPED)):
            sums[key] += amount or Decimal(0)
            agreed |= {key} if is_agreed else set()
    return sums, agreed


def _dues(base: Policy, new: Policy) -> tuple[list[Due], bool]:
    found: list[Due] = []
    capped = False
    for mode in modes():
        running = {state: clock for state, clock in mode.clocks.items() if _differs(clock, base, new)}
        rows = _waiting(mode, running) if running else []
        found += [_due(row, running[row.state], base=base, new=new) for row in rows[:CAP]]
        capped = capped or len(rows) > CAP
    return found, capped


def _differs(clock: Clock, base: Policy, new: Policy) -> bool:
    names = (clock.days, clock.begins_on) if clock.begins_on else (clock.days,)
    return any(getattr(base, name) != getattr(new, name) for name in names)


def _waiting(mode: type[Guarantee], running: Mapping[str, Clock]) -> list[Any]:
    begun = [(mode.state == state) & getattr(mode, clock.since).is_not(None) for state, clock in running.items()]
    clause = begun[0]
    for each in begun[1:]:
        clause |= each
    names = {clock.since for clock in running.values()}
    columns = (getattr(mode, name) for name in sorted(names))
    query = select(mode.state, mode.application_no, mode.project_name, *columns).where(clause)
    query = query.order_by(mode.id.desc()).limit(CAP + 1)
    return list(db.session.execute(query.execution_options(**UNSCOPED)))


def _due(row: Any, clock: Clock, *, base: Policy, new: Policy) -> Due:
    since = getattr(row, clock.since)
    start = since.date() if isinstance(since, datetime) else since
    return Due(
        number=row.application_no or "",
        project_name=row.project_name or "",
        clock=clock,
        before=_last_day(clock, start, base),
        after=_last_day(clock, start, new),
    )


def _last_day(clock: Clock, start: date, policy: Policy) -> date | None:
    if clock.begins_on and start < getattr(policy, clock.begins_on):
        return None
    count: int = getattr(policy, clock.days)
    return days.add_working_days(start, count) if clock.working else days.due_on(start, count)
