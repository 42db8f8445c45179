"""What transitions may ask of the machinery: numbers, codes, documents, files, accounts."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.core import numbers
from app.core.clock import today
from app.core.database import db
from app.cover import reckoning
from app.ledger import history, policies
from app.ledger.scope import UNSCOPED
from app.letters import issue
from app.letters.marks import verification_code
from app.people import accounts
from models.attachment import Attachment
from models.grammar.base import Record
from models.grammar.workflow import Inputs
from models.rules import days
from models.rules.policy import Policy


class WorkServices:
    """The services of `models.grammar.workflow.Services`, over the running transaction."""

    def serial(self, series: str, day: date) -> int:
        """The next number of a series on that day."""
        return numbers.next_serial(numbers.of_day(series, day))

    def code(self) -> str:
        """A new verification code."""
        return verification_code()

    def document(self, name: str, record: Any, inputs: Inputs) -> str:
        """Render and store a document before the rows that name it are committed."""
        return issue.make(name, record, inputs)

    def find(self, target: str, key: int) -> Any:
        """A record of that class, whatever the scope."""
        return self.find_by(target, id=key)

    def find_by(self, target: str, **columns: Any) -> Any:
        """The one record of that class with these values, whatever the scope."""
        query = select(record_class(target)).filter_by(**columns).execution_options(**UNSCOPED)
        with db.session.no_autoflush:
            return db.session.scalars(query).one_or_none()

    def find_all(self, target: str, **columns: Any) -> Sequence[Any]:
        """Every record of that class with these values, whatever the scope, oldest first."""
        model = record_class(target)
        query = select(model).filter_by(**columns).order_by(model.id).execution_options(**UNSCOPED)
        with db.session.no_autoflush:
            return db.session.scalars(query).unique().all()

    def working_days_on(self, count: int) -> date:
        """The day so many working days from today."""
        return days.add_working_days(today(), count)

    def policy(self, day: date) -> Policy:
        """The policy in force on that day."""
        return policies.on(day)

    def policy_kept(self, record: Any) -> Policy:
        """The policy that the record was checked against; today's while it names none."""
        return policies.named(record.policy_version, day=today())

    def days_on(self, count: int) -> date:
        """The day so many calendar days from today, rolled over statutory holidays."""
        return days.due_on(today(), count)

    def other_cover(self, record: Any) -> Decimal:
        """What other guarantees in force give to the same contract, in 元."""
        return reckoning.besides(record)

    def others_agreed(self, record: Any) -> bool:
        """Whether one of the other guarantees in force was agreed to be reckoned progressively."""
        return reckoning.agreed_besides(record)

    def taken(self, record: Any, **columns: Any) -> bool:
        """Whether another record of the class already holds these values."""
        model = type(record)
        query = select(model.id).filter_by(**columns).where(model.id != record.id).limit(1)
        with db.session.no_autoflush:
            return db.session.scalar(query.execution_options(**UNSCOPED)) is not None

    def count_files(self, record: Any, category: str) -> int:
        """How many files the record carries in that category."""
        if not record.id:
            return 0
        query = (
            select(func.count())
            .select_from(Attachment)
            .where(
                Attachment.record_type == record.__tablename__,
                Attachment.record_id == record.id,
                Attachment.category == category,
            )
        )
        return int(db.session.scalar(query) or 0)

    def last_actor(self, record: Any, action: str) -> int | None:
        """The account that was the last to make this step of the record."""
        return history.last_actor(record, action)

    def hands_on(self, user_id: int) -> frozenset[int]:
        """The accounts whose people may be at work under this one."""
        return accounts.hands_on(user_id)

    def account_of(self, record: Any, *, active: bool) -> None:
        """Open or close the sign-in accounts that hang on this record."""
        accounts.set_active(record, active=active)

    def regrant(self, record: Any) -> None:
        """Bring the rights of the accounts that hang on this record in line with it, and end their sessions."""
        accounts.regrant(record)


def record_class(name: str) -> type[Record]:
    """The record class of that name; KeyError when there is none."""
    for mapper in Record.registry.mappers:
        if mapper.class_.__name__ == name and issubclass(mapper.class_, Record):
            return mapper.class_
    raise KeyError(name)
