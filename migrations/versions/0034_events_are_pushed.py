"""addresses that events are pushed to, and what was sent there"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

UNPUSHED = sa.text("NOT is_pushed")
WAITS = sa.text("delivered_at IS NULL AND given_up_at IS NULL")

WAITING = {
    "ix_webhook_delivery_waiting": ["endpoint_id", "id"],
    "ix_webhook_delivery_record": ["endpoint_id", "record_type", "record_id", "id"],
}
"""The indexes that hold only what is still to be delivered."""


def upgrade() -> None:
    with op.batch_alter_table("outbox_event") as batch:
        batch.add_column(sa.Column("is_pushed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE outbox_event SET is_pushed = true")
    op.create_index(
        "ix_outbox_event_unpushed", "outbox_event", ["id"], postgresql_where=UNPUSHED, sqlite_where=UNPUSHED
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("chosen_types", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("failing_since", sa.DateTime(), nullable=True),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.DateTime(), nullable=True),
        sa.Column("held_until", sa.DateTime(), nullable=True),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhook_endpoint_organisation", "webhook_endpoint", ["organisation_id", "id"])
    op.create_table(
        "webhook_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("sealed", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhook_secret_endpoint", "webhook_secret", ["endpoint_id"])
    _create_deliveries()
    _create_files()


def downgrade() -> None:
    for table in ("cover_file", "webhook_delivery", "webhook_secret", "webhook_endpoint"):
        op.drop_table(table)
    op.drop_index("ix_outbox_event_unpushed", "outbox_event")
    with op.batch_alter_table("outbox_event") as batch:
        batch.drop_column("is_pushed")


def _create_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=81), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=True),
        sa.Column("answer_status", sa.Integer(), nullable=True),
        sa.Column("answer_text", sa.String(length=500), nullable=False),
        sa.Column("took_milliseconds", sa.Integer(), nullable=True),
        sa.Column("fault", sa.String(length=20), nullable=False),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("given_up_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("endpoint_id", "event_id"),
        sa.UniqueConstraint("message_id"),
    )
    for name, columns in WAITING.items():
        op.create_index(name, "webhook_delivery", columns, postgresql_where=WAITS, sqlite_where=WAITS)
    op.create_index("ix_webhook_delivery_made_at", "webhook_delivery", ["made_at"])


def _create_files() -> None:
    op.create_table(
        "cover_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("permit_count", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("region_code", "made_on", "kind"),
    )
