"""whether the contractor objected to its letter rightly"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("objection", sa.String(length=20), nullable=True))


def downgrade() -> None:
    op.drop_column("letter", "objection")
