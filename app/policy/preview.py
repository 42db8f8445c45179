"""What a policy version would change on existing records, shown before it is saved: counts and the first of each.

Of each kind at most CAP are counted, the newest first; a preview that is cut short says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, null, or_, select

from app.core.database import db
from app.core.modes import modes
from app.core.words import localized, translated
from app.cover import reckoning, shortfall
from app.cover.shortfall import Reckoning
from app.ledger import calendars, policies
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.states import LIVE
from models.grammar.base import Record
from models.grammar.columns import declares, field_of
from models.grammar.workflow import Clock
from models.policy import PolicyVersion, columns_of, policy_of
from models.rules import days, months
from models.rules.minimum import minimum
from models.rules.policy import Policy, policy_on

CAP = 1_000
SHOWN = 50
MONTHLY = Clock("monthly", "账户月报", "month", "monthly_due_day")


@dataclass(frozen=True)
class Changed:
    """One value of the version beside the one that it follows."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Covered:
    """A contract with what covers it today, its minimum by its last check, and what its next one will ask; 元."""

    contract_no: str
    project_name: str
    cover: Decimal
    before: Decimal
    after: Decimal


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
    sums = shortfall.reckoning()
    total, before, after = sums.covered, sums.least(), sums.least(new)
    falling = _contracts(sums, (total >= before) & (total < after), new=new)
    rising = _contracts(sums, (total < before) & (total >= after), new=new)
    dues = [_dues(model, base=base, new=new) for model in _timed()] + [_reports(base=base, new=new)]
    every = [due for each in dues for due in each[:CAP]]
    return Preview(
        base=base,
        changed=tuple(_changed(columns_of(base), columns_of(new))),
        falling=tuple(falling[:CAP]),
        rising=tuple(rising[:CAP]),
        late=tuple(each for each in every if each.becomes_late(new.from_on)),
        moved=tuple(each for each in every if each.before != each.after),
        is_capped=max(len(falling), len(rising), *map(len, dues)) > CAP,
    )


def _name_of(key: int | None) -> str:
    version = db.session.get(PolicyVersion, key) if key is not None else None
    return version.name if version is not None else ""


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    for name in (column.key for column in PolicyVersion.__mapper__.columns):
        if name in after and name not in ("name", "sources") and before[name] != after[name]:
            declared = field_of(PolicyVersion, name)
            values = (translated(declared.text(version[name])) for version in (before, after))
            yield Changed(localized(declared.words), *values)


def _contracts(sums: Reckoning, clause: ColumnElement[bool], *, new: Policy) -> list[Covered]:
    """The newest contracts for which the clause holds, one more than CAP where there are more."""
    query = sums.join(select(Contract)).where(clause).order_by(Contract.id.desc()).limit(CAP + 1)
    found = list(db.session.scalars(query.execution_options(**UNSCOPED)).unique())
    covers = reckoning.of_contracts(found)
    return [
        Covered(
            contract_no=each.contract_no,
            project_name=each.project.name,
            cover=covers[each.id].total,
            before=covers[each.id].minimum,
            after=minimum(each.price, new, agreed=each.agreed),
        )
        for each in found
    ]


def _timed() -> tuple[type[Record], ...]:
    """The record classes that wait under a time limit: of a family of tables, as the modes are, those at its ends."""
    modes()  # a mode is mapped once it has been looked for
    classes = (mapper.class_ for mapper in Record.registry.mappers if len(list(mapper.self_and_descendants)) == 1)
    found = (each for each in classes if issubclass(each, Record) and each.clocks)
    return tuple(sorted(found, key=lambda model: model.__tablename__))


def _dues(model: type[Record], *, base: Policy, new: Policy) -> list[Due]:
    """The newest records of the class whose time limit the versions say differently, one more than CAP at most.

    A day that was kept by another reckoning, an older version's or a backfilled letter's, is left out.
    """
    running = {state: clock for state, clock in model.clocks.items() if _differs(clock, base, new)}
    rows = _waiting(model, running) if running else []
    found = [(row, _due(row, running[row.state], base=base, new=new)) for row in rows]
    return [due for row, due in found if not due.clock.kept or due.before == row.due_on]


def _reports(*, base: Policy, new: Policy) -> list[Due]:
    """The live accounts with the day on which the first month under the new version is to be reported."""
    if base.monthly_due_day == new.monthly_due_day:
        return []
    month = months.of_day(new.from_on)
    before, after = (
        months.due_on(month, policy.monthly_due_day, holidays=calendars.current()) for policy in (base, new)
    )
    query = select(Fund.application_no, Fund.project_name)
    query = query.where(Fund.state.in_(LIVE)).order_by(Fund.id.desc()).limit(CAP + 1)
    return [
        Due(number=number or "", project_name=name or "", clock=MONTHLY, before=before, after=after)
        for number, name in db.session.execute(query.execution_options(**UNSCOPED))
    ]


def _differs(clock: Clock, base: Policy, new: Policy) -> bool:
    names = (clock.days, clock.begins_on) if clock.begins_on else (clock.days,)
    return any(getattr(base, name) != getattr(new, name) for name in names)


def _waiting(model: Any, running: Mapping[str, Clock]) -> list[Any]:
    begun = [(model.state == state) & getattr(model, clock.since).is_not(None) for state, clock in running.items()]
    names = {"due_on", "application_no", "project_name", *(clock.since for clock in running.values())}
    columns = (getattr(model, name) if declares(model, name) else null().label(name) for name in sorted(names))
    query = select(model.state, *columns).where(or_(*begun)).order_by(model.id.desc()).limit(CAP + 1)
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
    return days.end_of(start, clock.count(policy), clock.unit, holidays=calendars.current())
