"""a letter is changed: amendments, what a letter is to be updated for, sites that stand still"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def _record(name: str, *columns: sa.Column, constraints: tuple[sa.Constraint, ...] = ()) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        *columns,
        *constraints,
        sa.PrimaryKeyConstraint("id"),
    )


def _key(name: str, target: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{target}.id"), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _day(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.Date(), nullable=nullable)


def upgrade() -> None:
    _record(
        "amendment",
        _text("amendment_no", 20),
        _key("letter_id", "letter", nullable=False),
        _key("contract_id", "contract"),
        _text("letter_no", 20),
        _text("project_name", 120, nullable=False),
        _key("employer_id", "organisation", nullable=False),
        _key("contractor_id", "organisation"),
        _key("guarantor_id", "organisation"),
        _text("region_code", 6),
        _text("kind", 20),
        _text("cause", 20),
        _day("event_on"),
        sa.Column("new_amount", sa.BigInteger(), nullable=True),
        _day("new_ends_on"),
        _day("effective_on"),
        _day("until_on"),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("statement", sa.Text(), nullable=True),
        sa.Column("base_no", sa.Integer(), nullable=True),
        sa.Column("old_amount", sa.BigInteger(), nullable=True),
        _day("old_ends_on"),
        _day("update_by"),
        sa.Column("late_days", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.DateTime(), nullable=True) for name in ("submitted_at", "asked_at", "consented_at")),
        sa.Column("reached_at", sa.DateTime(), nullable=True),
        sa.Column("moves_end", sa.Boolean(), nullable=True),
        sa.Column("fee", sa.BigInteger(), nullable=True),
        _key("signatory_id", "signatory"),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("prepared_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reserved_at", sa.DateTime(), nullable=True),
        _text("reserved_sha256", 64),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        _text("sha256", 64),
        _day("due_on"),
        _text("state", 20, nullable=False),
        constraints=(sa.UniqueConstraint("amendment_no"),),
    )
    op.create_index("ix_amendment_letter", "amendment", ["letter_id", "state"])
    _sides("amendment", "employer", "contractor", "guarantor")
    _record(
        "letter_update",
        _key("letter_id", "letter", nullable=False),
        _text("letter_no", 20),
        _text("project_name", 120, nullable=False),
        _key("employer_id", "organisation", nullable=False),
        _key("contractor_id", "organisation"),
        _key("guarantor_id", "organisation"),
        _text("region_code", 6),
        _text("cause", 20, nullable=False),
        _day("event_on", nullable=False),
        _day("due_on"),
        _day("met_on"),
        _key("amendment_id", "amendment"),
        _text("state", 20, nullable=False),
        constraints=(sa.UniqueConstraint("letter_id", "cause", "event_on"),),
    )
    _sides("letter_update", "employer", "contractor", "guarantor")
    op.create_index("ix_letter_update_state", "letter_update", ["state", "due_on"])
    _record(
        "stoppage",
        _key("contract_id", "contract", nullable=False),
        _text("contract_no", 60, nullable=False),
        _text("project_name", 120, nullable=False),
        _key("employer_id", "organisation", nullable=False),
        _key("contractor_id", "organisation", nullable=False),
        _text("region_code", 6, nullable=False),
        _day("from_on"),
        sa.Column("cause", sa.Text(), nullable=True),
        _day("resumed_on"),
        _text("state", 20, nullable=False),
    )
    op.create_index("ix_stoppage_contract", "stoppage", ["contract_id", "state"])
    _sides("stoppage", "employer", "contractor")
    _widen_what_is_there()


def _sides(table: str, *sides: str) -> None:
    for side in sides:
        op.create_index(f"ix_{table}_{side}", table, [f"{side}_id", "state", "id"])
    op.create_index(f"ix_{table}_region", table, ["region_code", "state", "id"])


def _widen_what_is_there() -> None:
    op.add_column("letter", sa.Column("paused_from", sa.Date(), nullable=True))
    op.add_column("letter", sa.Column("moved_days", sa.Integer(), nullable=True))
    op.add_column("letter", sa.Column("version_no", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("letter_version", sa.Column("ended_on", sa.Date(), nullable=True))
    with op.batch_alter_table("letter_version") as batch:
        batch.add_column(sa.Column("amendment_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_letter_version_amendment", "amendment", ["amendment_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("letter_version") as batch:
        batch.drop_constraint("fk_letter_version_amendment", type_="foreignkey")
        batch.drop_column("amendment_id")
    op.drop_column("letter_version", "ended_on")
    for name in ("version_no", "moved_days", "paused_from"):
        op.drop_column("letter", name)
    for table in ("stoppage", "letter_update", "amendment"):
        op.drop_table(table)
