"""plans of payment, what is paid and received on their nodes"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FIGURES = {
    "settlement_window_days": ("节点结算期限", 365),
    "defects_window_days": ("质保金返还期限", 1095),
}
"""What a figure was called on that day, and what it was."""


def upgrade() -> None:
    _plans()
    _entries("payment", sa.Column("payer", sa.String(120), nullable=True))
    _entries("receipt", sa.Column("word", sa.String(20), nullable=True), sa.Column("proved_on", sa.Date(), nullable=True))
    _postponements()
    for name, (label, days) in FIGURES.items():
        op.add_column("policy_version", sa.Column(name, sa.Integer(), nullable=False, server_default=str(days)))
        line = f"{label} | 系统默认值 |  |  | "
        op.execute(
            sa.text("UPDATE policy_version SET sources = sources || :text").bindparams(text=f"\n{line}")
        )


def downgrade() -> None:
    for name in FIGURES:
        op.drop_column("policy_version", name)
    for table in ("postponement", "receipt", "payment", "plan_node", "payment_plan"):
        op.drop_table(table)


def _record(*columns: Any) -> list[Any]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("contract_no", sa.String(60), nullable=False),
        sa.Column("project_name", sa.String(120), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(6), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"]),
        sa.ForeignKeyConstraint(["employer_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["contractor_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    ]


def _plans() -> None:
    op.create_table(
        "payment_plan",
        *_record(
            sa.Column("no", sa.Integer(), nullable=False),
            sa.Column("price", sa.BigInteger(), nullable=True),
            sa.Column("cause", sa.Text(), nullable=True),
            sa.Column("runs", sa.Boolean(), nullable=False),
            sa.Column("sent_at", sa.DateTime(), nullable=True),
            sa.Column("agreed_at", sa.DateTime(), nullable=True),
            sa.Column("due_on", sa.Date(), nullable=True),
            sa.UniqueConstraint("contract_id", "no"),
        ),
    )
    _indexes("payment_plan", "employer", "contractor", "region")
    op.create_table(
        "plan_node",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(20), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("condition", sa.String(200), nullable=True),
        sa.Column("labour", sa.BigInteger(), nullable=True),
        sa.Column("postponed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["payment_plan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "origin"),
    )


def _entries(table: str, *columns: Any) -> None:
    op.create_table(
        table,
        *_record(
            sa.Column("origin", sa.String(8), nullable=True),
            sa.Column("kind", sa.String(20), nullable=True),
            sa.Column("due_on", sa.Date(), nullable=True),
            sa.Column("moved_on", sa.Date(), nullable=True),
            sa.Column("amount", sa.BigInteger(), nullable=True),
            sa.Column("to_wage_account", sa.Boolean(), nullable=False),
            sa.Column("remark", sa.String(200), nullable=True),
            sa.Column("entered_on", sa.Date(), nullable=True),
            sa.Column("reverses_id", sa.Integer(), nullable=True),
            *columns,
            sa.ForeignKeyConstraint(["reverses_id"], [f"{table}.id"]),
        ),
    )
    op.create_index(f"ix_{table}_node", table, ["contract_id", "origin"])
    _indexes(table, "employer", "contractor", "region")


def _postponements() -> None:
    op.create_table(
        "postponement",
        *_record(
            sa.Column("origin", sa.String(8), nullable=True),
            sa.Column("kind", sa.String(20), nullable=True),
            sa.Column("planned_on", sa.Date(), nullable=True),
            sa.Column("to_on", sa.Date(), nullable=True),
            sa.Column("cause", sa.Text(), nullable=True),
            sa.Column("asked_at", sa.DateTime(), nullable=True),
            sa.Column("answered_at", sa.DateTime(), nullable=True),
            sa.Column("due_on", sa.Date(), nullable=True),
        ),
    )
    op.create_index("ix_postponement_node", "postponement", ["contract_id", "origin"])
    _indexes("postponement", "employer", "contractor")


def _indexes(table: str, *sides: str) -> None:
    columns = {"employer": "employer_id", "contractor": "contractor_id", "region": "region_code"}
    for side in sides:
        op.create_index(f"ix_{table}_{side}", table, [columns[side], "state", "id"])
