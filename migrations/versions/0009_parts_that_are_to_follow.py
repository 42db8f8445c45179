"""parts that are to follow"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "named_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("guarantee_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(20), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["guarantee_id"], ["guarantee.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_named_part_guarantee_id", "named_part", ["guarantee_id"])


def downgrade() -> None:
    op.drop_table("named_part")
