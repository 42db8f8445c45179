"""Where notices come from: tables of events, each read into tellings that say what happened to which record.

A source is a table with a column `is_told`, and a function that reads its rows. Rows are marked one by one: a row of a
transaction that ends later may have a smaller id than one that was told of already.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, select, update

from app.core.database import affected, db
from app.engine.urging import URGE
from app.ledger.scope import UNSCOPED
from app.notices.tellings import Telling, chunks
from models.account import Account
from models.alert import NAMES, Alert, AlertEvent
from models.event import UNTOLD, OutboxEvent
from models.grammar.base import Record
from models.grammar.viewer import GUARANTOR, REGULATOR
from models.grammar.workflow import Transition
from models.guarantee import Guarantee
from models.history import HistoryEntry
from models.letters.standing import ISSUED
from models.plans.plan import PaymentPlan
from models.reminder import NodeReminder
from models.rules import alerts, notices

CREATED = "create"


Rows = Sequence[Any]


@dataclass(frozen=True)
class Source:
    """One table of events: `by` names the column whose value is the source id, which rows of one deed share."""

    name: str
    table: Table
    by: str
    read: Callable[[Rows], Iterable[Telling]]

    def untold(self, most: int) -> Rows:
        """The next rows that nobody was told of, those of the same deed with them, held until the transaction ends."""
        columns = self.table.c
        first = select(columns[self.by]).where(UNTOLD).order_by(columns.id).limit(most)
        deeds = db.session.connection().scalars(first.with_for_update(skip_locked=True)).all()
        found: list[Any] = []
        for part in chunks(sorted(set(deeds))):
            rows = select(self.table).where(columns[self.by].in_(part), UNTOLD).order_by(columns.id)
            found += db.session.connection().execute(rows.with_for_update(skip_locked=True)).all()
        return found

    def mark(self, rows: Rows) -> None:
        """They are told of."""
        for part in chunks([row.id for row in rows]):
            affected(update(self.table).where(self.table.c.id.in_(part)).values(is_told=True))


@cache
def model_of(record_type: str) -> type[Record] | None:
    """The record class of that table; None where it is none any more."""
    found = (mapper.class_ for mapper in Record.registry.mappers if issubclass(mapper.class_, Record))
    return next((cls for cls in found if cls.__tablename__ == record_type), None)


def records_of(named: Collection[tuple[str, int]]) -> Mapping[tuple[str, int], Record]:
    """The records that are still there, a statement for each class."""
    found: dict[tuple[str, int], Record] = {}
    for record_type in sorted({each for each, _key in named}):
        model = model_of(record_type)
        keys = sorted({key for each, key in named if each == record_type})
        for part in chunks(keys if model is not None else ()):
            assert model is not None
            query = select(model).where(model.id.in_(part)).execution_options(**UNSCOPED)
            found |= {(record_type, each.id): each for each in db.session.scalars(query).unique()}
    return found


def _of_deeds(rows: Rows) -> Iterable[Telling]:
    """What the deeds did, as the transitions of their records declare it."""
    entries: dict[int, HistoryEntry] = {}
    for part in chunks(sorted({key for row in rows for key in (row.entry_id, row.deed_id)})):
        entries |= {each.id: each for each in db.session.scalars(select(HistoryEntry).where(HistoryEntry.id.in_(part)))}
    steps = [row for row in rows if _is_step(row.record_type, entries[row.entry_id].action)]
    records = records_of({(row.record_type, row.record_id) for row in steps})
    for row in steps:
        record = records.get((row.record_type, row.record_id))
        entry = entries[row.entry_id]
        if record is not None and entry.action == URGE:
            if not _has_moved(record, entry):
                yield _of_urging(record, entry)
        elif record is not None:
            yield _of_deed(record, entry, entries[row.deed_id])


def _is_step(record_type: str, action: str) -> bool:
    """Whether it is a transition of such a record, its birth or an urging; what else happens to one is not told."""
    model = model_of(record_type)
    if action == URGE:
        return model is not None
    flow = model.workflow if model is not None else None
    return flow is not None and (action == CREATED or any(each.name == action for each in flow.transitions))


def _has_moved(record: Record, entry: HistoryEntry) -> bool:
    """Whether it has left the state in which it was urged: whoever it waits for now was not meant."""
    later = select(HistoryEntry.id).where(
        HistoryEntry.record_type == entry.record_type,
        HistoryEntry.record_id == entry.record_id,
        HistoryEntry.id > entry.id,
        HistoryEntry.to_state.not_in(("", HistoryEntry.from_state)),
    )
    return bool(db.session.scalar(select(later.exists())))


def _of_urging(record: Record, entry: HistoryEntry) -> Telling:
    """Somebody waits for a deed on the record: told to whoever has to do it."""
    return Telling(
        source_id=entry.id,
        record=record,
        kind="",
        label=entry.label,
        about=record.noun,
        title=str(record.title),
        at=entry.at,
        organisations=record.concerned(record.awaited),
        with_regulators=REGULATOR in record.awaited,
        by_name=entry.organisation_name,
        doers=frozenset(filter(None, (entry.actor_id, entry.behind_id))),
        organisation_id=entry.organisation_id,
        step=URGE,
        urges=True,
    )


def _of_reminders(rows: Rows) -> Iterable[Telling]:
    """What both sides of a contract are reminded of, with the plan that runs as the way to it."""
    plans: dict[int, PaymentPlan] = {}
    for part in chunks(sorted({row.contract_id for row in rows})):
        query = select(PaymentPlan).where(PaymentPlan.contract_id.in_(part), PaymentPlan.runs)
        plans |= {each.contract_id: each for each in db.session.scalars(query.execution_options(**UNSCOPED)).unique()}
    for row in rows:
        plan = plans.get(row.contract_id)
        if plan is not None:
            yield Telling(
                source_id=row.id,
                record=plan,
                kind=notices.ALERT,
                label="节点到期未确认收款，请核对",
                about="支付节点",
                title=row.project_name,
                at=row.at,
                organisations=frozenset({row.employer_id, row.contractor_id}),
            )


def _of_deed(record: Record, entry: HistoryEntry, deed: HistoryEntry) -> Telling:
    flow = record.workflow
    assert flow is not None
    is_birth = entry.action == CREATED
    entered = flow.initial if is_birth else entry.to_state if entry.to_state != entry.from_state else ""
    state = flow.state(entered) if entered and entered == record.state else None
    sides = [flow.parties.get(role) for role in sorted(state.waits_for)] if state is not None else []
    parties = set(flow.parties.values()) if not is_birth else {side for side in sides if side}
    return Telling(
        source_id=deed.id,
        record=record,
        kind="" if is_birth else _kind(record, flow.transition(entry.action)),
        label=entry.label,
        about=record.noun,
        title=str(record.title_told(entry.action, entry.comment)),
        at=entry.at,
        organisations=frozenset(filter(None, (getattr(record, column) for column in sorted(parties)))),
        with_regulators=record.tells_regulators
        or (state is not None and REGULATOR in state.waits_for and REGULATOR not in flow.parties),
        in_state=flow.initial if is_birth else entry.to_state,
        state=state,
        by_name=entry.organisation_name or deed.organisation_name,
        doers=frozenset(filter(None, (entry.actor_id, entry.behind_id, deed.actor_id, deed.behind_id))),
        step=entry.action,
        named=_users(record.named_by(entry.action)),
        organisation_id=entry.organisation_id or deed.organisation_id or record.said_by(entry.action),
        is_chief=entry.id == deed.id,
    )


def _users(account_id: int | None) -> frozenset[int]:
    if account_id is None:
        return frozenset()
    query = select(Account.user_id).where(Account.id == account_id, Account.state == "active")
    return frozenset(db.session.scalars(query.execution_options(**UNSCOPED)))


def _kind(record: Record, transition: Transition) -> str:
    flow = record.workflow
    assert flow is not None
    to = flow.state(transition.to) if transition.to else None
    return record.told_as or notices.kind_of(
        tone=transition.event_tone,
        to_state=to.name if to else "",
        to_tone=to.tone if to else "",
        reopens=bool(to and to.editable_by),
    )


def _of_alerts(rows: Rows) -> Iterable[Telling]:
    """What is told of alerts, each to the organisations that it names and to whose letters its contract has."""
    found = records_of({(Alert.__tablename__, row.alert_id) for row in rows})
    known = {each.id: each for each in found.values() if isinstance(each, Alert)}
    guarantors = _guarantors([each for each in known.values() if GUARANTOR in each.declared.told])
    for row in rows:
        alert = known.get(row.alert_id)
        if alert is None:
            continue
        named = (alert.employer_id, alert.contractor_id, alert.guarantor_id, alert.bank_id, alert.office_id)
        yield Telling(
            source_id=row.id,
            record=alert,
            kind=notices.ALERT,
            label=alerts.REASONS[row.reason],
            about=NAMES[alert.code],
            title=" · ".join(filter(None, (alert.project_name, alert.number))),
            at=row.at,
            organisations=frozenset(filter(None, named)) | guarantors.get(alert.contract_id or 0, frozenset()),
            with_regulators=REGULATOR in alert.declared.told,
            rank=row.rank if row.reason != "cleared" else None,
            by_name=alert.company or "",
        )


def _guarantors(found: Sequence[Alert]) -> Mapping[int, frozenset[int]]:
    """Who has given letters for the contracts of these alerts, by contract."""
    given: dict[int, frozenset[int]] = {}
    for part in chunks(sorted({each.contract_id for each in found if each.contract_id})):
        query = select(Guarantee.contract_id, Guarantee.guarantor_id).where(
            Guarantee.contract_id.in_(part), Guarantee.state.in_(ISSUED), Guarantee.guarantor_id.is_not(None)
        )
        for contract_id, guarantor_id in db.session.execute(query.execution_options(**UNSCOPED)):
            given[contract_id or 0] = given.get(contract_id or 0, frozenset()) | {guarantor_id or 0}
    return given


def _table(model: Any) -> Table:
    table: Table = model.metadata.tables[model.__tablename__]
    return table


SOURCES = (
    Source("deed", _table(OutboxEvent), "deed_id", _of_deeds),
    Source("alert", _table(AlertEvent), "id", _of_alerts),
    Source("reminder", _table(NodeReminder), "id", _of_reminders),
)
"""Every table of events that notices are made of."""
