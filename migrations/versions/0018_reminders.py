"""reminders before the alert of a node"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "node_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=False),
        sa.Column("project_name", sa.String(120), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("node_id", "planned_on", "days"),
    )
    op.create_index("ix_node_reminder_contract", "node_reminder", ["contract_id", "id"])
    untold = sa.text("NOT is_told")
    op.create_index("ix_node_reminder_untold", "node_reminder", ["id"], postgresql_where=untold, sqlite_where=untold)
    days = sa.Column("overdue_reminder_days", sa.String(60), nullable=False, server_default="15,30,45")
    op.add_column("policy_version", days)
    line = "\n节点提醒天数 | 系统默认值 |  |  | "
    op.execute(sa.text("UPDATE policy_version SET sources = sources || :line").bindparams(line=line))


def downgrade() -> None:
    op.drop_column("policy_version", "overdue_reminder_days")
    op.drop_table("node_reminder")
