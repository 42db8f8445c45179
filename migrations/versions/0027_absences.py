"""who is absent, and which colleague stands in"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_absence_substitute": ["substitute_id", "to_on"],
    "ix_absence_absent": ["absent_id", "to_on"],
    "ix_absence_organisation": ["organisation_id", "id"],
}


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("absent_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("substitute_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("absent", sa.String(length=64), nullable=False),
        sa.Column("substitute", sa.String(length=64), nullable=False),
        sa.Column("absent_name", sa.String(length=40), nullable=False),
        sa.Column("substitute_name", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "absence", columns)


def downgrade() -> None:
    op.drop_table("absence")
