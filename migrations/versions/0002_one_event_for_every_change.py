"""one event for every change: history names the deed, an outbox tells of it"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added one by one: a batch would copy the table on SQLite and lose the triggers that keep it append-only.
    op.add_column("history_entry", sa.Column("deed_id", sa.Integer(), nullable=True))
    op.add_column("history_entry", sa.Column("behind_id", sa.Integer(), nullable=True))
    op.add_column(
        "history_entry", sa.Column("behind_name", sa.String(length=80), server_default="", nullable=False)
    )
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=81), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("deed_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outbox_event_at", "outbox_event", ["at"])


def downgrade() -> None:
    op.drop_table("outbox_event")
    for column in ("behind_name", "behind_id", "deed_id"):
        op.drop_column("history_entry", column)
