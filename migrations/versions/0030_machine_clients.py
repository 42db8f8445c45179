"""machine clients with their keys and requests, and the answers that are kept for repeated requests"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "machine_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("reads", "submits", "pushes")),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id"),
    )
    op.create_index("ix_machine_client_organisation", "machine_client", ["organisation_id", "state", "id"])
    op.create_table(
        "machine_key",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("client_id", sa.Integer(), sa.ForeignKey("machine_client.id"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_machine_key_client_id", "machine_key", ["client_id"])
    op.create_table(
        "machine_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), sa.ForeignKey("machine_client.id"), nullable=False),
        sa.Column("key_id", sa.String(length=24), nullable=False),
        sa.Column("message_id", sa.String(length=140), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("client_id", "message_id"),
    )
    op.create_index("ix_machine_request_at", "machine_request", ["at"])
    op.create_index("ix_machine_request_client", "machine_request", ["client_id", "id"])
    op.create_table(
        "stored_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=24), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("holder", "key"),
    )
    op.create_index("ix_stored_answer_at", "stored_answer", ["at"])


def downgrade() -> None:
    for name in ("stored_answer", "machine_request", "machine_key", "machine_client"):
        op.drop_table(name)
