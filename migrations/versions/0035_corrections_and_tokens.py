"""which movements are corrected is found by an index; a used token knows for which content"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

CORRECTS = sa.text("corrects IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_account_movement_corrects",
        "account_movement",
        ["bank_id", "account_no", "corrects"],
        sqlite_where=CORRECTS,
        postgresql_where=CORRECTS,
    )
    op.add_column("submission", sa.Column("content_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("submission") as batch:
        batch.drop_column("content_hash")
    op.drop_index("ix_account_movement_corrects", "account_movement")
