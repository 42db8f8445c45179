"""a letter has a ledger, and says what of it is reserved for claims"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RESERVED = """
    ALTER TABLE guarantee ADD COLUMN reserved BIGINT DEFAULT 0 NOT NULL
    CONSTRAINT ck_guarantee_reserved CHECK (reserved >= 0 AND paid + reserved <= amount)
"""


def upgrade() -> None:
    op.execute(RESERVED)  # by itself: a batch would copy the largest table on SQLite for the sake of one constraint
    op.create_table(
        "letter_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("debit", sa.String(length=20), nullable=False),
        sa.Column("credit", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("source_type", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_letter_ledger_amount"),
        sa.CheckConstraint("debit <> credit", name="ck_letter_ledger_sides"),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _open_what_is_out()
    op.create_index("ix_letter_ledger_letter", "letter_ledger", ["letter_id", "id"])
    op.create_index("ix_letter_ledger_source", "letter_ledger", ["source_type", "source_id"])
    _make_append_only()


def _open_what_is_out() -> None:
    """Every letter that is out promises its amount since its issue; nothing was paid on any."""
    op.execute(
        """
        INSERT INTO letter_ledger (
            version, created_at, letter_id, kind, debit, credit, amount, at, source_type, source_id
        )
        SELECT 1, letter.issued_at, letter.id, 'open', 'promised', 'free', guarantee.amount, letter.issued_at,
            'letter', letter.id
        FROM letter JOIN guarantee ON guarantee.id = letter.id
        WHERE guarantee.state IN ('issued', 'unconfirmed', 'confirmed', 'objected')
        ORDER BY letter.id
        """
    )


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION refuse_ledger_change() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$ LANGUAGE plpgsql
        """)
        op.execute("""
            CREATE TRIGGER letter_ledger_append_only BEFORE UPDATE OR DELETE ON letter_ledger
            FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()
        """)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER letter_ledger_no_{verb.lower()} BEFORE {verb} ON letter_ledger
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
        """)


def downgrade() -> None:
    op.drop_table("letter_ledger")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_ledger_change()")
    op.drop_column("guarantee", "reserved")  # with its constraint
