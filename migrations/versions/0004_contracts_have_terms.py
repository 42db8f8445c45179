"""contracts have terms, which have versions; what only an employer has said gives no cover"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TERMS = ("price", "signed_on", "start_on", "finish_on", "agreed", "retention_share", "settlement_price")
UNSUBMITTED = "('draft', 'withdrawn', 'refused')"


def upgrade() -> None:
    _columns()
    _table()
    _carry_contracts()
    _carry_backfills()


def _columns() -> None:
    op.add_column("contract", sa.Column("agreed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("contract", sa.Column("retention_share", sa.Integer(), nullable=True))
    op.add_column("contract", sa.Column("settlement_price", sa.BigInteger(), nullable=True))
    op.add_column("contract", sa.Column("terms_no", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("contract", sa.Column("terms_state", sa.String(20), nullable=False, server_default="proposed"))
    op.add_column("contract", sa.Column("proposed_no", sa.Integer(), nullable=True))
    op.add_column("contract", sa.Column("policy_version", sa.String(20), nullable=True))
    op.add_column("letter", sa.Column("attested_at", sa.DateTime(), nullable=True))
    op.add_column("permit", sa.Column("price_note", sa.Text(), nullable=True))


def _table() -> None:
    op.create_table(
        "contract_terms",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), sa.ForeignKey("contract.id"), nullable=False),
        sa.Column("contract_no", sa.String(60), nullable=False),
        sa.Column("project_name", sa.String(120), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("contractor_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("finish_on", sa.Date(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("retention_share", sa.Integer(), nullable=True),
        sa.Column("settlement_price", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("contract_id", "no"),
    )
    op.create_index("ix_contract_terms_employer", "contract_terms", ["employer_id", "state", "id"])
    op.create_index("ix_contract_terms_contractor", "contract_terms", ["contractor_id", "state", "id"])
    op.create_index("ix_contract_terms_state", "contract_terms", ["state", "contract_id"])


def _carry_contracts() -> None:
    """What a contractor has confirmed a letter of, or signed an account of, it has confirmed the terms of.

    双方协商一致 was ticked on a guarantee; it becomes the contract's where the contractor has seen that guarantee. The
    version of the policy is that of the last hand-in.
    """
    seen = "(g.state IN ('confirmed', 'signed', 'agreed', 'filed', 'cleared') AND g.mode <> 'fiscal')"
    of_it = "SELECT 1 FROM guarantee g WHERE g.contract_id = contract.id AND"
    op.execute(f"UPDATE contract SET terms_state = 'confirmed' WHERE EXISTS ({of_it} {seen})")
    op.execute(f"UPDATE contract SET agreed = {_true()} WHERE EXISTS ({of_it} {seen} AND g.agreed = {_true()})")
    op.execute(
        "UPDATE contract SET policy_version = (SELECT g.policy_version FROM guarantee g"
        f" WHERE g.contract_id = contract.id AND g.state NOT IN {UNSUBMITTED} AND g.policy_version IS NOT NULL"
        " ORDER BY g.submitted_at DESC, g.id DESC LIMIT 1)"
    )
    names = ", ".join(TERMS)
    op.execute(
        "INSERT INTO contract_terms (version, created_at, created_by_id, contract_id, contract_no, project_name, no,"
        f" employer_id, contractor_id, state, {names}) SELECT 1, contract.created_at, contract.created_by_id,"
        " contract.id, contract_no, project.name, 1, contract.employer_id, contractor_id, terms_state,"
        f" {', '.join(f'contract.{name}' for name in TERMS)}"
        " FROM contract JOIN project ON project.id = contract.project_id"
    )
    # The paper of 双方协商一致 belongs to the terms now.
    op.execute(
        "UPDATE attachment SET category = 'paper', record_id = (SELECT t.id FROM contract_terms t JOIN guarantee g"
        " ON g.contract_id = t.contract_id WHERE g.id = attachment.record_id), record_type = 'contract_terms'"
        " WHERE ((record_type = 'letter' AND category = 'agreement')"
        " OR (record_type IN ('escrow', 'presale') AND category = 'consent'))"
        " AND EXISTS (SELECT 1 FROM guarantee g WHERE g.id = attachment.record_id AND g.contract_id IS NOT NULL)"
    )


def _carry_backfills() -> None:
    """A backfilled letter that nobody but its employer has confirmed waits for somebody who does."""
    op.execute(
        "UPDATE guarantee SET state = 'unconfirmed' WHERE state = 'issued' AND EXISTS (SELECT 1 FROM letter l"
        f" WHERE l.id = guarantee.id AND l.backfilled = {_true()} AND l.acknowledged_at IS NULL"
        " AND l.confirmed_at IS NULL)"
    )


def _true() -> str:
    return "true" if op.get_bind().dialect.name == "postgresql" else "1"


def downgrade() -> None:
    op.execute("UPDATE guarantee SET state = 'issued' WHERE state = 'unconfirmed'")
    op.drop_table("contract_terms")
    op.drop_column("permit", "price_note")
    op.drop_column("letter", "attested_at")
    names = ("policy_version", "proposed_no", "terms_state", "terms_no", "settlement_price", "retention_share", "agreed")
    for column in names:
        op.drop_column("contract", column)
