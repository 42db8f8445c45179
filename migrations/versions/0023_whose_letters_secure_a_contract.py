"""the letters of a contract are found with their guarantor and state"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_guarantee_contract", "guarantee")
    op.create_index("ix_guarantee_contract", "guarantee", ["contract_id", "guarantor_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_guarantee_contract", "guarantee")
    op.create_index("ix_guarantee_contract", "guarantee", ["contract_id"])
