"""alerts, and from which day on each of them has which grade"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STEPS = {
    "a1": "-,0,30",
    "a2": "0,15,30",
    "a3": "0,10,30",
    "a4": "0,15,30",
    "a5": "0,15,30",
    "a6": "-,0,15",
    "a7": "0,10,30",
    "a8": "-,0,15",
    "a9": "60,30,7",
    "a10": "0,10,30",
    "a11": "-,0,5",
    "a12": "60,30,0",
    "a13": "0,-,-",
    "a14": "0,15,30",
    "a15": "-,0,7",
}
"""The days of the grades as they were declared on that day; before it a version named one grade for each alert."""

FIGURES = {"plan_days": ("支付计划提交期限", 30), "labour_days": ("人工费拨付确认期限", 7)}
"""What a figure was called on that day, and what it was."""

GRADES = dict.fromkeys(("a1", "a2", "a6", "a8", "a11", "a15"), "high") | {"a3": "low"}
INDEXES = {
    "ix_alert_open": ["code", "cleared_on"],
    "ix_alert_told": ["code", "told_open"],
    "ix_alert_rank": ["cleared_on", "rank", "since_on", "id"],
    "ix_alert_region": ["region_code", "cleared_on", "rank", "since_on"],
    "ix_alert_employer": ["employer_id", "cleared_on", "rank", "since_on"],
    "ix_alert_contractor": ["contractor_id", "cleared_on", "rank", "since_on"],
    "ix_alert_guarantor": ["guarantor_id", "cleared_on", "rank", "since_on"],
    "ix_alert_bank": ["bank_id", "cleared_on", "rank", "since_on"],
    "ix_alert_contract": ["contract_id", "code"],
    "ix_alert_project_name": ["project_name", "id"],
    "ix_alert_company": ["company", "id"],
    "ix_alert_since_on": ["since_on", "id"],
}


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("code", sa.String(4), nullable=False),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("number", sa.String(80), nullable=True),
        sa.Column("project_name", sa.String(120), nullable=True),
        sa.Column("company", sa.String(120), nullable=True),
        sa.Column("region_code", sa.String(6), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("employer_id", sa.Integer(), nullable=True),
        sa.Column("contractor_id", sa.Integer(), nullable=True),
        sa.Column("guarantor_id", sa.Integer(), nullable=True),
        sa.Column("bank_id", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("told_open", sa.Boolean(), nullable=True),
        sa.Column("told_rank", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", "subject_type", "subject_id", "since_on"),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "alert", columns)
    op.create_table(
        "alert_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(10), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_alert_event_alert", "alert_event", ["alert_id", "id"])
    _set(STEPS)
    for name, (label, count) in FIGURES.items():
        op.add_column("policy_version", sa.Column(name, sa.Integer(), nullable=False, server_default=str(count)))
        line = f"\n{label} | 系统默认值 |  |  | "
        op.execute(sa.text("UPDATE policy_version SET sources = sources || :line").bindparams(line=line))


def _set(values: dict[str, str]) -> None:
    versions = sa.table("policy_version", *(sa.column(f"grade_{name}") for name in values))
    op.execute(versions.update().values({f"grade_{name}": value for name, value in values.items()}))


def downgrade() -> None:
    for name in FIGURES:
        op.drop_column("policy_version", name)
    op.drop_table("alert_event")
    op.drop_table("alert")
    _set({name: GRADES.get(name, "medium") for name in STEPS})
