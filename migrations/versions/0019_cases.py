"""the regulator's cases and circulars, and the figures of their limits"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FIGURES = {
    "signing_days": ("案件签收期限", 3),
    "inquiry_days": ("案件核查期限", 15),
    "order_least_days": ("责令改正最短期限", 3),
    "order_most_days": ("责令改正最长期限", 30),
    "extension_days": ("责令改正最长延期", 30),
    "tolerance_days": ("预警最长容忍期限", 90),
    "circular_days": ("通报答复期限", 15),
}
"""What a figure was called on that day, and what it was."""

ALERT_INDEXES = {"ix_alert_case": "case_id", "ix_alert_tolerated": "tolerated_until"}
CASE_INDEXES = {
    "ix_oversight_case_office": ["office_id", "state", "id"],
    "ix_oversight_case_region": ["region_code", "state", "id"],
    "ix_oversight_case_company": ["company_id", "state", "id"],
    "ix_oversight_case_project": ["project_id", "state"],
    "ix_oversight_case_due": ["state", "due_on"],
}
CIRCULAR_INDEXES = {
    "ix_circular_notice_region": ["region_code", "state", "id"],
    "ix_circular_notice_employer": ["employer_id", "state", "id"],
    "ix_circular_notice_late": ["state", "answer_by"],
}


def upgrade() -> None:
    op.add_column("alert", sa.Column("case_id", sa.Integer(), nullable=True))
    op.add_column("alert", sa.Column("tolerated_until", sa.Date(), nullable=True))
    for name, column in ALERT_INDEXES.items():
        op.create_index(name, "alert", [column])
    _case()
    op.create_table(
        "case_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["oversight_case.id"]),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "alert_id"),
    )
    op.create_index(op.f("ix_case_alert_alert_id"), "case_alert", ["alert_id"])
    _circular()
    for name, (label, count) in FIGURES.items():
        op.add_column("policy_version", sa.Column(name, sa.Integer(), nullable=False, server_default=str(count)))
        line = f"\n{label} | 系统默认值 |  |  | "
        op.execute(sa.text("UPDATE policy_version SET sources = sources || :line").bindparams(line=line))


def _circular() -> None:
    op.create_table(
        "circular_notice",
        sa.Column("circular_no", sa.String(20), nullable=False),
        sa.Column("permit_id", sa.Integer(), nullable=False),
        sa.Column("live_permit_id", sa.Integer(), nullable=True),
        sa.Column("permit_no", sa.String(40), nullable=False),
        sa.Column("project_name", sa.String(120), nullable=False),
        sa.Column("region_code", sa.String(6), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=True),
        sa.Column("employer_name", sa.String(120), nullable=False),
        sa.Column("permitted_on", sa.Date(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["permit_id"], ["permit.id"]),
        sa.ForeignKeyConstraint(["employer_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("live_permit_id"),
    )
    op.create_index(op.f("ix_circular_notice_circular_no"), "circular_notice", ["circular_no"])
    for name, columns in CIRCULAR_INDEXES.items():
        op.create_index(name, "circular_notice", columns)


def _case() -> None:
    op.create_table(
        "oversight_case",
        sa.Column("case_no", sa.String(20), nullable=False),
        sa.Column("region_code", sa.String(6), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("project_name", sa.String(120), nullable=True),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("company", sa.String(120), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("officer_name", sa.String(40), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(), nullable=True),
        sa.Column("signed_at", sa.DateTime(), nullable=True),
        sa.Column("inquiry", sa.Text(), nullable=True),
        sa.Column("demands", sa.Text(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("first_reply_by", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("passed_to", sa.String(120), nullable=True),
        sa.Column("tolerated_until", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["office_id"], ["organisation.id"]),
        sa.ForeignKeyConstraint(["officer_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["merged_into_id"], ["oversight_case.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_no"),
    )
    for name, columns in CASE_INDEXES.items():
        op.create_index(name, "oversight_case", columns)


def downgrade() -> None:
    for name in FIGURES:
        op.drop_column("policy_version", name)
    op.drop_table("circular_notice")
    op.drop_table("case_alert")
    op.drop_table("oversight_case")
    for name, column in ALERT_INDEXES.items():
        op.drop_index(name, "alert")
        op.drop_column("alert", column)
