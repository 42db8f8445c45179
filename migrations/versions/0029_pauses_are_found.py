"""the pauses of letters are found by an index"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_letter_version_paused_from", "letter_version", ["paused_from", "letter_id"])


def downgrade() -> None:
    op.drop_index("ix_letter_version_paused_from", "letter_version")
