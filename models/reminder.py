"""What both sides of a contract are reminded of before it is an alert: a node whose money is not confirmed."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.event import UNTOLD
from models.grammar.appbuilder import Model
from models.grammar.columns import Instant, Yuan


class NodeReminder(Model):
    """One reminder of one node: `days` after its day `planned_on`, `amount` (yuan) was still not confirmed with proof.

    It copies what is said of it, for the node may be replaced; a node that is postponed is reminded of anew. `is_told`
    once notices were made of it.
    """

    __tablename__ = "node_reminder"
    __table_args__ = (
        UniqueConstraint("node_id", "planned_on", "days"),
        Index("ix_node_reminder_contract", "contract_id", "id"),
        Index("ix_node_reminder_untold", "id", postgresql_where=UNTOLD, sqlite_where=UNTOLD),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    node_id: Mapped[int]
    contract_id: Mapped[int]
    employer_id: Mapped[int]
    contractor_id: Mapped[int]
    project_name: Mapped[str] = mapped_column(String(120))
    planned_on: Mapped[date] = mapped_column(Date)
    days: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Decimal] = mapped_column(Yuan)
    told_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(Instant)
    is_told: Mapped[bool] = mapped_column(default=False, server_default=false())
