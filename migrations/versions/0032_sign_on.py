"""persons of the government portal, and the accounts that are theirs"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

ONE_EACH = "uq_account_portal_person_id"
FOREIGN = "fk_account_portal_person_id"


def upgrade() -> None:
    op.create_table(
        "portal_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("signed_on_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuer", "subject"),
    )
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("portal_person_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(FOREIGN, "portal_person", ["portal_person_id"], ["id"])
        batch.create_unique_constraint(ONE_EACH, ["portal_person_id", "organisation_id"])


def downgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.drop_constraint(ONE_EACH, type_="unique")
        batch.drop_constraint(FOREIGN, type_="foreignkey")
        batch.drop_column("portal_person_id")
    op.drop_table("portal_person")
