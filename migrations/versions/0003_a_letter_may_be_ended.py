"""a letter may be ended"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("letter", sa.Column("ended_on", sa.Date(), nullable=True))
    op.create_index("ix_letter_ended_on", "letter", ["ended_on", "id"])
    op.create_index("ix_guarantee_paid", "guarantee", ["paid", "id"])


def downgrade() -> None:
    op.drop_index("ix_guarantee_paid", table_name="guarantee")
    op.drop_index("ix_letter_ended_on", table_name="letter")
    op.drop_column("letter", "ended_on")
