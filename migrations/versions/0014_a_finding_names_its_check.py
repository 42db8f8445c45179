"""a finding names the check that has found it, so that whichever step asks it again may clear it"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("finding", sa.Column("guard", sa.String(60), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("finding", "guard")
