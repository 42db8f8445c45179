"""交接工作: the open work of one account goes to another of the same company, and every record says so."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.core.database import db, write_from_here
from app.core.refusals import NotFound, refuse
from app.core.viewer import as_system, viewer
from app.engine import transitions
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ledger.scope import UNSCOPED, open_door, records
from models.account import Account
from models.grammar.base import Record
from models.grammar.workflow import Workflow
from models.rules.problem import Problem
from models.rules.words import Listed


@dataclass(frozen=True)
class Held:
    """One open record and the columns by which the account holds it."""

    record: Record
    columns: tuple[str, ...]


def colleagues(account: Account) -> list[Account]:
    """The other active accounts of the account's organisation, by name."""
    query = select(Account).where(
        Account.organisation_id == account.organisation_id, Account.id != account.id, Account.state == "active"
    )
    return list(db.session.scalars(query.order_by(Account.name, Account.id)))


def open_work(account: Account) -> list[Held]:
    """What the account began or prepared and what is not finished, whoever looks."""
    held: dict[Record, Held] = {}
    for model, workflow in _classes():
        columns = _columns(workflow)
        states = [state.name for state in workflow.states if state.editable_by or state.waits_for]
        mine = or_(*(getattr(model, name) == account.user_id for name in columns))
        query = select(model).where(model.state.in_(states), mine)
        for record in db.session.scalars(query.execution_options(**UNSCOPED)).unique():
            held[record] = Held(record, tuple(_movable(record, account, columns)))
    return [each for each in held.values() if each.columns]


def hand_over(giver_id: int, receiver_id: int) -> int:
    """Move the giver's open work to a colleague; gives how many records moved.

    Refused where it would let one person prepare and review the same record.
    """
    write_from_here()
    with deed():
        giver = _account(giver_id)
        receiver = next((each for each in colleagues(giver) if each.id == receiver_id), None)
        if receiver is None:
            refuse([Problem("请选择本单位另一个启用的账号", "receiver")])
            raise AssertionError("refuse raises")
        work = open_work(giver)
        refuse(_four_eyes(work, giver, receiver))
        for each in work:
            _move(each, giver, receiver)
        happened(giver, "hand_over", "交接工作", comment=_sentence(giver, receiver, len(work)))
    return len(work)


def _account(key: int) -> Account:
    found = transitions.find(Account, key, lock=True)
    if not isinstance(found, Account) or not found.is_kept_by(viewer()):
        raise NotFound(str(key))
    return found


def _classes() -> Iterator[tuple[type[Record], Workflow]]:
    """The record classes with a workflow; accounts are nobody's work."""
    for root in records():
        for mapper in root.__mapper__.self_and_descendants:
            if mapper.class_.workflow is not None and mapper.class_ is not Account:
                yield mapper.class_, mapper.class_.workflow


def _columns(workflow: Workflow) -> tuple[str, ...]:
    """The columns that name an account which holds the record: its author, and who prepared it."""
    return ("created_by_id", *sorted({each.not_by for each in workflow.transitions if each.not_by}))


def _movable(record: Record, account: Account, columns: tuple[str, ...]) -> Iterator[str]:
    for name in columns:
        if getattr(record, name) == account.user_id and (name == "created_by_id" or _awaits(record, name)):
            yield name


def _awaits(record: Record, column: str) -> bool:
    """Whether the record waits for the second person, whom this column shuts out."""
    assert record.workflow is not None
    return any(each.not_by == column and record.state in each.from_ for each in record.workflow.transitions)


def _four_eyes(work: list[Held], giver: Account, receiver: Account) -> list[Problem]:
    """Whoever prepared a record or takes it over as preparer may not be one of its reviewers."""
    prepared = [each for each in work if set(each.columns) - {"created_by_id"}]
    reviewers = tuple(each.name for each in (giver, receiver) if each.reviews)
    if not prepared or not reviewers:
        return []
    message = "%(count)s件业务正在等待复核，而%(names)s有复核岗位，交接后同一人可能既经办又复核，请先办结或调整岗位"
    return [Problem(message, "receiver", {"count": len(prepared), "names": Listed(reviewers)})]


def _move(held: Held, giver: Account, receiver: Account) -> None:
    with as_system(), open_door(held.record):
        for name in held.columns:
            setattr(held.record, name, receiver.user_id)
        db.session.flush()
    happened(held.record, "hand_over", "交接工作", tone="gray", comment=_sentence(giver, receiver))


def _sentence(giver: Account, receiver: Account, count: int | None = None) -> str:
    """Who handed over to whom; the names they sign in with are read by their own company alone, with the `count`."""
    if count is None:
        return f"由{giver.name}交接给{receiver.name}"
    return f"由{giver.name}（{giver.username}）交接给{receiver.name}（{receiver.username}），共 {count} 件"
