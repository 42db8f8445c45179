"""a balance may be divided"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "balance_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("fund_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"]),
        sa.ForeignKeyConstraint(["fund_id"], ["fund_account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_balance_part_fund_id", "balance_part", ["fund_id"])
    op.add_column("fund_account", sa.Column("divided_amount", sa.BigInteger(), nullable=True))
    op.add_column("fund_account", sa.Column("divided_before", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("fund_account", "divided_before")
    op.drop_column("fund_account", "divided_amount")
    op.drop_table("balance_part")
