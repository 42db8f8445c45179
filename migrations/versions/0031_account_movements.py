"""movements of supervised accounts, and what they say of agreements"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

COUNTS = ("row_count", "taken_count", "repeated_count", "refused_count")


def upgrade() -> None:
    op.create_table(
        "movement_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("bank_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_movement_batch_bank", "movement_batch", ["bank_id", "id"])
    op.create_table(
        "account_movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("bank_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("account_no", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("booked_at", sa.DateTime(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("valued_on", sa.Date(), nullable=True),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("counterparty_name", sa.String(length=120), nullable=True),
        sa.Column("counterparty_account", sa.String(length=40), nullable=True),
        sa.Column("summary", sa.String(length=200), nullable=True),
        sa.Column("corrects", sa.String(length=64), nullable=True),
        sa.Column("batch_id", sa.Integer(), sa.ForeignKey("movement_batch.id"), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_account_movement_amount"),
        sa.CheckConstraint("direction IN ('in', 'out')", name="ck_account_movement_direction"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bank_id", "account_no", "reference", name="uq_account_movement_reference"),
    )
    columns = ["account_no", "bank_id", "month", "booked_at"]
    op.create_index("ix_account_movement_account", "account_movement", columns)
    op.create_index("ix_account_movement_booked", "account_movement", ["booked_at", "id"])
    op.create_index("ix_account_movement_batch", "account_movement", ["batch_id"])
    _make_append_only()
    op.add_column("fund_account", sa.Column("purposes", sa.String(length=120), nullable=True))
    op.add_column("fund_account", sa.Column("balance_at", sa.DateTime(), nullable=True))
    op.add_column("fund_account", sa.Column("moved_since", sa.String(length=7), nullable=True))
    op.add_column("fund_account", sa.Column("moved_count", sa.Integer(), nullable=False, server_default="0"))
    for name in ("moved_in", "moved_out"):
        op.add_column("fund_account", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION refuse_movement_change() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION 'movements are append-only'; END $$ LANGUAGE plpgsql
        """)
        op.execute("""
            CREATE TRIGGER account_movement_append_only BEFORE UPDATE OR DELETE ON account_movement
            FOR EACH ROW EXECUTE FUNCTION refuse_movement_change()
        """)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER account_movement_no_{verb.lower()} BEFORE {verb} ON account_movement
            BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END
        """)


def downgrade() -> None:
    for name in ("moved_out", "moved_in", "moved_count", "moved_since", "balance_at", "purposes"):
        op.drop_column("fund_account", name)
    op.drop_table("account_movement")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_movement_change()")
    op.drop_table("movement_batch")
