"""when a contractor first answered to its contract's terms"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

FROM_HISTORY = """
UPDATE contract SET answered_at = (
    SELECT min(told.at) FROM history_entry AS told JOIN contract_terms ON contract_terms.id = told.record_id
    WHERE told.record_type = 'contract_terms' AND told.action IN ('confirm', 'object')
    AND contract_terms.contract_id = contract.id
)
"""
FROM_TERMS = """
UPDATE contract SET answered_at = (
    SELECT min(coalesce(contract_terms.confirmed_at, contract_terms.created_at)) FROM contract_terms
    WHERE contract_terms.contract_id = contract.id AND contract_terms.state IN ('confirmed', 'objected')
) WHERE answered_at IS NULL
"""


def upgrade() -> None:
    op.add_column("contract", sa.Column("answered_at", sa.DateTime(), nullable=True))
    op.execute(FROM_HISTORY)
    op.execute(FROM_TERMS)


def downgrade() -> None:
    op.drop_column("contract", "answered_at")
