"""who administers does not underwrite

An account that administers and prepares or reviews keeps the first and loses the others: so every organisation still
has somebody who can invite its 经办 and its 复核, and no account reviews what one that it opened has prepared.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    account = sa.table(
        "account",
        sa.column("administers", sa.Boolean),
        sa.column("prepares", sa.Boolean),
        sa.column("reviews", sa.Boolean),
    )
    op.execute(account.update().where(account.c.administers).values(prepares=False, reviews=False))


def downgrade() -> None:
    """What each of them prepared or reviewed is in the history; nobody gets a duty back by himself."""
