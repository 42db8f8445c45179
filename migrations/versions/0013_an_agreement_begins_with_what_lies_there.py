"""an agreement begins with what lies on its account

What was filed so far began with its deposit, as its reports say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fund_account", sa.Column("opening", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE fund_account SET opening = (SELECT amount FROM guarantee WHERE guarantee.id = fund_account.id)"
        " WHERE first_month IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_column("fund_account", "opening")
