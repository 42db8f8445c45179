"""notices, by which way each person is told, mails, and which events were told of"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

UNTOLD = sa.text("NOT is_told")
EVENTS = ("outbox_event", "alert_event")


def upgrade() -> None:
    for table in EVENTS:
        op.add_column(table, sa.Column("is_told", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.execute(sa.text(f"UPDATE {table} SET is_told = {sa.true().compile(dialect=op.get_bind().dialect)}"))
        op.create_index(f"ix_{table}_untold", table, ["id"], postgresql_where=UNTOLD, sqlite_where=UNTOLD)
    op.create_index("ix_outbox_event_deed", "outbox_event", ["deed_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("record_type", sa.String(40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("by_name", sa.String(120), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("in_bell", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.Column("by_mail", sa.String(10), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "source", "source_id"),
    )
    op.create_index("ix_notice_bell", "notice", ["user_id", "in_bell", "id"])
    op.create_index("ix_notice_unread", "notice", ["user_id", "read_at", "in_bell"])
    op.create_index("ix_notice_to_mail", "notice", ["by_mail", "mail_id", "user_id"])
    op.create_index("ix_notice_at", "notice", ["at"])
    op.create_table(
        "notice_choice",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("in_bell", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind"),
    )
    op.create_table(
        "receiver",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("ab_user.id"), autoincrement=False, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("feed_hash", sa.String(64), nullable=True),
        sa.Column("feed_made_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("feed_hash"),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(120), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("refused_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_mail_made_at", "mail", ["made_at"])


def downgrade() -> None:
    for table in ("mail", "receiver", "notice_choice", "notice"):
        op.drop_table(table)
    op.drop_index("ix_outbox_event_deed", "outbox_event")
    for table in EVENTS:
        op.drop_index(f"ix_{table}_untold", table)
        with op.batch_alter_table(table) as batch:
            batch.drop_column("is_told")
