"""a letter has versions, and a text that waits for its signature"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("reserved_no", sa.String(length=20), nullable=True))
    op.add_column("letter", sa.Column("reserved_code", sa.String(length=20), nullable=True))
    op.add_column("letter", sa.Column("reserved_at", sa.DateTime(), nullable=True))
    op.add_column("letter", sa.Column("reserved_sha256", sa.String(length=64), nullable=True))
    op.create_index("ix_letter_reserved_no", "letter", ["reserved_no"], unique=True)
    op.create_table(
        "letter_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("from_at", sa.DateTime(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("premium", sa.BigInteger(), nullable=True),
        sa.Column("paused_from", sa.Date(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("letter_id", "no"),
    )
    op.create_index("ix_letter_version_sha256", "letter_version", ["sha256"])
    _keep_what_is_out()


def _keep_what_is_out() -> None:
    """Every letter that is out says what it says since its issue: its version 1."""
    op.execute(
        """
        INSERT INTO letter_version (
            version, created_at, letter_id, no, from_at, amount, starts_on, ends_on, premium, sha256
        )
        SELECT 1, letter.issued_at, letter.id, 1, letter.issued_at,
            guarantee.amount, letter.starts_on, letter.ends_on, letter.premium, letter.sha256
        FROM letter JOIN guarantee ON guarantee.id = letter.id
        WHERE guarantee.state IN ('issued', 'unconfirmed', 'confirmed', 'objected')
        ORDER BY letter.id
        """
    )


def downgrade() -> None:
    op.drop_table("letter_version")
    op.drop_index("ix_letter_reserved_no", table_name="letter")
    for column in ("reserved_sha256", "reserved_at", "reserved_code", "reserved_no"):
        op.drop_column("letter", column)
