"""contracts without a number, fiscal records that end, findings"""

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAMES = ("record_type", "record_id", "code", "params", "field", "found_by", "since_at")
NUMBERED = sa.text("contract_no <> '无'")
UNNAMED = {"uq": "%(table_name)s_%(column_0_name)s_%(column_1_name)s_key"}
"""The name that PostgreSQL gave to the constraint; SQLite finds it by its columns."""


def upgrade() -> None:
    with op.batch_alter_table("contract", naming_convention=UNNAMED) as batch_op:
        batch_op.drop_constraint("contract_employer_id_contract_no_key", type_="unique")
    op.create_index(
        "ix_contract_number",
        "contract",
        ["employer_id", "contract_no"],
        unique=True,
        sqlite_where=NUMBERED,
        postgresql_where=NUMBERED,
    )
    _findings()
    op.add_column("fiscal", sa.Column("ended_at", sa.DateTime(), nullable=True))


def _findings() -> None:
    """Rows in the place of lines; of an old line nothing but its text is known."""
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("found_by", sa.String(length=40), nullable=False),
        sa.Column("since_at", sa.DateTime(), nullable=False),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_finding_record", "finding", ["record_type", "record_id", "cleared_at"])
    finding = sa.table("finding", *(sa.column(name) for name in NAMES))
    for table, type_ in (("guarantee", "mode"), ("account_report", "'account_report'")):
        since = "coalesce(submitted_at, created_at)"
        held = f"SELECT {type_}, id, warnings, {since} FROM {table} WHERE warnings <> ''"  # noqa: S608
        query = sa.text(held).columns(sa.String, sa.Integer, sa.Text, sa.DateTime)
        for rows in op.get_bind().execute(query).partitions(500):
            op.bulk_insert(finding, [each for row in rows for each in _lines(*row)])
        op.drop_column(table, "warnings")


def _lines(record_type: str, record_id: int, text: str, since_at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "record_type": record_type,
            "record_id": record_id,
            "code": "%(text)s",
            "params": json.dumps({"text": line}, ensure_ascii=False),
            "field": "",
            "found_by": "submit",
            "since_at": since_at,
        }
        for line in dict.fromkeys(text.split("\n"))
        if line
    ]


def downgrade() -> None:
    for table in ("guarantee", "account_report"):
        op.add_column(table, sa.Column("warnings", sa.Text(), nullable=False, server_default=""))
    op.drop_index("ix_finding_record", table_name="finding")
    op.drop_table("finding")
    op.drop_column("fiscal", "ended_at")
    op.drop_index("ix_contract_number", table_name="contract")
    with op.batch_alter_table("contract", naming_convention=UNNAMED) as batch_op:
        batch_op.create_unique_constraint("contract_employer_id_contract_no_key", ["employer_id", "contract_no"])
