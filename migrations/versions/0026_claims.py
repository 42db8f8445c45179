"""claims on letters, and the figures of their holding and staying"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

FIGURES = {
    "claim_hold_days": ("展期或赔付最长暂缓期限", 30, "《见索即付保函统一规则》（URDG 758）", "第23条 a 款"),
    "claim_stay_days": (
        "中止支付未起诉解除期限",
        30,
        "最高人民法院《关于审理独立保函纠纷案件若干问题的规定》",
        "第十六条第二款",
    ),
}
"""What a figure was called on that day, what it was, and what it rests on."""

INDEXES = {
    "ix_claim_letter": ["letter_id", "state"],
    "ix_claim_contract": ["contract_id", "state"],
    "ix_claim_employer": ["employer_id", "state", "id"],
    "ix_claim_contractor": ["contractor_id", "state", "id"],
    "ix_claim_guarantor": ["guarantor_id", "state", "due_on"],
    "ix_claim_region": ["region_code", "state", "id"],
}
TEXTS = {
    "claim_no": 20,
    "contract_no": 60,
    "region_code": 6,
    "letter_no": 20,
    "product": 20,
    "kind": 20,
    "policy_no": 60,
    "guarantor_name": 120,
    "employer_name": 120,
    "employer_uscc": 18,
    "contractor_name": 120,
    "contractor_uscc": 18,
    "claimant_name": 40,
    "claimant_phone": 20,
    "notice_address": 200,
    "demand": 20,
    "payee_name": 120,
    "payee_bank": 120,
    "payee_account": 40,
    "decision": 20,
    "disposal": 20,
}
LONG = ("cause", "remark", "discrepancies", "employer_word")
AMOUNTS = ("sum_covered", "amount", "payout", "recovery", "recovered")
DAYS = ("starts_on", "ends_on", "asked_ends_on", "event_on", "clock_on", "reply_by", "stayed_on", "sued_on", "due_on")
INSTANTS = (
    *("received_at", "presented_at", "complete_at", "asked_for_papers_at", "decided_at", "agreed_at", "refused_at"),
    *("paid_at", "confirmed_at", "held_at", "employer_said_at"),
)


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("letter_id", sa.Integer(), sa.ForeignKey("letter.id"), nullable=False),
        sa.Column("contract_id", sa.Integer(), sa.ForeignKey("contract.id"), nullable=True),
        sa.Column("project_name", sa.String(length=120), nullable=False),
        sa.Column("employer_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=True),
        sa.Column("contractor_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("guarantor_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=True),
        *(sa.Column(name, sa.String(length=length), nullable=True) for name, length in TEXTS.items()),
        *(sa.Column(name, sa.Text(), nullable=True) for name in LONG),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in AMOUNTS),
        sa.Column("held", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=True) for name in DAYS),
        *(sa.Column(name, sa.DateTime(), nullable=True) for name in INSTANTS),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("clock_rest", "prepared_by_id", "reviewed_by_id")),
        sa.Column("is_labour", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_no"),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "claim", columns)
    op.create_table(
        "claim_node",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), sa.ForeignKey("claim.id"), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("due", "received", "claimed", "paid")),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, (label, count, text, clause) in FIGURES.items():
        op.add_column("policy_version", sa.Column(name, sa.Integer(), nullable=False, server_default=str(count)))
        line = f"\n{label} | {text} |  | {clause} | "
        op.execute(sa.text("UPDATE policy_version SET sources = sources || :line").bindparams(line=line))


def downgrade() -> None:
    for name, (label, _count, text, clause) in FIGURES.items():
        line = f"\n{label} | {text} |  | {clause} | "
        gone = sa.text("UPDATE policy_version SET sources = replace(sources, :line, '')").bindparams(line=line)
        op.execute(gone)
        op.drop_column("policy_version", name)
    op.drop_table("claim_node")
    op.drop_table("claim")
