"""the house stands"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ab_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=150), nullable=True),
        sa.Column("description", sa.String(length=512), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_permission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_register_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("registration_date", sa.DateTime(), nullable=True),
        sa.Column("registration_hash", sa.String(length=256), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "ab_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "ab_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=64), nullable=False),
        sa.Column("last_name", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("password", sa.String(length=256), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("last_login", sa.DateTime(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("fail_login_count", sa.Integer(), nullable=True),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("changed_on", sa.DateTime(), nullable=True),
        sa.Column("created_by_fk", sa.Integer(), nullable=True),
        sa.Column("changed_by_fk", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_fk"],
            ["ab_user.id"],
        ),
        sa.ForeignKeyConstraint(
            ["created_by_fk"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "ab_view_menu",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=True),
        sa.Column("form_token", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_form_token"), ["form_token"], unique=False)
        batch_op.create_index("ix_attachment_record", ["record_type", "record_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)

    op.create_table(
        "chain_head",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "history_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("tone", sa.String(length=10), nullable=False),
        sa.Column("from_state", sa.String(length=30), nullable=False),
        sa.Column("to_state", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("actor_name", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("organisation_name", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    with op.batch_alter_table("history_entry", schema=None) as batch_op:
        batch_op.create_index("ix_history_entry_record", ["record_type", "record_id", "id"], unique=False)

    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_link_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("legal_representative", sa.String(length=40), nullable=True),
        sa.Column("contact", sa.String(length=40), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("credit_grade", sa.String(length=4), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uscc"),
    )
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_name"), ["name"], unique=False)

    op.create_table(
        "permit",
        sa.Column("permit_no", sa.String(length=40), nullable=False),
        sa.Column("project_name", sa.String(length=120), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("employer_name", sa.String(length=120), nullable=False),
        sa.Column("employer_uscc", sa.String(length=18), nullable=True),
        sa.Column("contractor_name", sa.String(length=120), nullable=False),
        sa.Column("contractor_uscc", sa.String(length=18), nullable=True),
        sa.Column("contract_price", sa.BigInteger(), nullable=True),
        sa.Column("permitted_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permit_no"),
    )
    with op.batch_alter_table("permit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_permit_project_name"), ["project_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_permit_region_code"), ["region_code"], unique=False)

    op.create_table(
        "policy_version",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("flat_share", sa.Integer(), nullable=False),
        sa.Column("first_share", sa.Integer(), nullable=False),
        sa.Column("first_up_to", sa.BigInteger(), nullable=False),
        sa.Column("second_share", sa.Integer(), nullable=False),
        sa.Column("second_up_to", sa.BigInteger(), nullable=False),
        sa.Column("last_share", sa.Integer(), nullable=False),
        sa.Column("reading", sa.String(length=20), nullable=False),
        sa.Column("backfill_mode", sa.String(length=20), nullable=False),
        sa.Column("backfill_cut_off_on", sa.Date(), nullable=False),
        sa.Column("backfill_days", sa.Integer(), nullable=False),
        sa.Column("underwriting_working_days", sa.Integer(), nullable=False),
        sa.Column("confirm_days", sa.Integer(), nullable=False),
        sa.Column("amendment_days", sa.Integer(), nullable=False),
        sa.Column("overdue_days", sa.Integer(), nullable=False),
        sa.Column("monthly_due_day", sa.Integer(), nullable=False),
        sa.Column("expiry_warning_days", sa.String(length=60), nullable=False),
        sa.Column("licence_warning_days", sa.String(length=60), nullable=False),
        sa.Column("price_rise_share", sa.Integer(), nullable=False),
        sa.Column("independent_claim_working_days", sa.Integer(), nullable=False),
        sa.Column("dependent_claim_working_days", sa.Integer(), nullable=False),
        sa.Column("insurance_decision_days", sa.Integer(), nullable=False),
        sa.Column("insurance_refusal_days", sa.Integer(), nullable=False),
        sa.Column("insurance_payment_days", sa.Integer(), nullable=False),
        sa.Column("insurance_certain_part_days", sa.Integer(), nullable=False),
        sa.Column("grade_a1", sa.String(length=20), nullable=False),
        sa.Column("grade_a2", sa.String(length=20), nullable=False),
        sa.Column("grade_a3", sa.String(length=20), nullable=False),
        sa.Column("grade_a4", sa.String(length=20), nullable=False),
        sa.Column("grade_a5", sa.String(length=20), nullable=False),
        sa.Column("grade_a6", sa.String(length=20), nullable=False),
        sa.Column("grade_a7", sa.String(length=20), nullable=False),
        sa.Column("grade_a8", sa.String(length=20), nullable=False),
        sa.Column("grade_a9", sa.String(length=20), nullable=False),
        sa.Column("grade_a10", sa.String(length=20), nullable=False),
        sa.Column("grade_a11", sa.String(length=20), nullable=False),
        sa.Column("grade_a12", sa.String(length=20), nullable=False),
        sa.Column("grade_a13", sa.String(length=20), nullable=False),
        sa.Column("grade_a14", sa.String(length=20), nullable=False),
        sa.Column("grade_a15", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("from_on"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "request_count",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("window", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", "window"),
    )
    with op.batch_alter_table("request_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_count_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_account", ["account_key", "tried_at"], unique=False)
        batch_op.create_index("ix_sign_in_attempt_address", ["address", "tried_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_user_id"), ["user_id"], unique=False)

    op.create_table(
        "submission",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "web_session",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_session_seen_at"), ["seen_at"], unique=False)
        batch_op.create_index("ix_web_session_user", ["user_id", "ended_at"], unique=False)

    op.create_table(
        "ab_api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_hash", sa.String(length=256), nullable=False),
        sa.Column("lookup_hash", sa.String(length=256), nullable=True),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_on", sa.DateTime(), nullable=True),
        sa.Column("expires_on", sa.DateTime(), nullable=True),
        sa.Column("revoked_on", sa.DateTime(), nullable=True),
        sa.Column("last_used_on", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lookup_hash"),
        sa.UniqueConstraint("uuid"),
    )
    with op.batch_alter_table("ab_api_key", schema=None) as batch_op:
        batch_op.create_index("idx_api_key_lookup_hash", ["lookup_hash"], unique=True)
        batch_op.create_index("idx_api_key_prefix", ["key_prefix"], unique=False)
        batch_op.create_index("idx_api_key_user_id", ["user_id"], unique=False)

    op.create_table(
        "ab_group_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["ab_group.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("group_id", "role_id"),
    )
    with op.batch_alter_table("ab_group_role", schema=None) as batch_op:
        batch_op.create_index("idx_group_id", ["group_id"], unique=False)
        batch_op.create_index("idx_group_role_id", ["role_id"], unique=False)

    op.create_table(
        "ab_permission_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_id", sa.Integer(), nullable=False),
        sa.Column("view_menu_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permission_id"],
            ["ab_permission.id"],
        ),
        sa.ForeignKeyConstraint(
            ["view_menu_id"],
            ["ab_view_menu.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permission_id", "view_menu_id"),
    )
    with op.batch_alter_table("ab_permission_view", schema=None) as batch_op:
        batch_op.create_index("idx_permission_id", ["permission_id"], unique=False)
        batch_op.create_index("idx_view_menu_id", ["view_menu_id"], unique=False)

    op.create_table(
        "ab_user_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["ab_group.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "group_id"),
    )
    with op.batch_alter_table("ab_user_group", schema=None) as batch_op:
        batch_op.create_index("idx_user_group_id", ["group_id"], unique=False)
        batch_op.create_index("idx_user_id", ["user_id"], unique=False)

    op.create_table(
        "ab_user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["ab_user.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id", "role_id"),
    )
    op.create_table(
        "account",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("prepares", sa.Boolean(), nullable=False),
        sa.Column("reviews", sa.Boolean(), nullable=False),
        sa.Column("administers", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["ab_user.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_id"),
        sa.UniqueConstraint("username"),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "guarantor",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("registered_capital", sa.BigInteger(), nullable=True),
        sa.Column("registered_address", sa.String(length=200), nullable=True),
        sa.Column("guarantor_type", sa.String(length=20), nullable=True),
        sa.Column("contact", sa.String(length=40), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("filed_at", sa.DateTime(), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("licence_no", sa.String(length=60), nullable=True),
        sa.Column("licence_expires_on", sa.Date(), nullable=True),
        sa.Column("net_assets", sa.BigInteger(), nullable=True),
        sa.Column("branch", sa.String(length=120), nullable=True),
        sa.Column("claim_address", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id"),
    )
    with op.batch_alter_table("guarantor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guarantor_state"), ["state"], unique=False)

    op.create_table(
        "organisation_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "role"),
    )
    op.create_table(
        "project",
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("permit_no", sa.String(length=40), nullable=True),
        sa.Column("permitted_on", sa.Date(), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("finish_on", sa.Date(), nullable=True),
        sa.Column("contact", sa.String(length=40), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["employer_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index("ix_project_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_name"), ["name"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_permit_no"), ["permit_no"], unique=False)
        batch_op.create_index("ix_project_region", ["region_code", "id"], unique=False)

    op.create_table(
        "ab_permission_view_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permission_view_id", sa.Integer(), nullable=True),
        sa.Column("role_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["permission_view_id"], ["ab_permission_view.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("permission_view_id", "role_id"),
    )
    with op.batch_alter_table("ab_permission_view_role", schema=None) as batch_op:
        batch_op.create_index("idx_permission_view_id", ["permission_view_id"], unique=False)
        batch_op.create_index("idx_role_id", ["role_id"], unique=False)

    op.create_table(
        "contract",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("contract_type", sa.String(length=20), nullable=False),
        sa.Column("contract_no", sa.String(length=60), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("finish_on", sa.Date(), nullable=True),
        sa.Column("contact", sa.String(length=40), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contractor_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("employer_id", "contract_no"),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index("ix_contract_contractor", ["contractor_id", "id"], unique=False)
        batch_op.create_index("ix_contract_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_region_code"), ["region_code"], unique=False)

    op.create_table(
        "signatory",
        sa.Column("guarantor_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.String(length=40), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["guarantor_id"],
            ["guarantor.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("signatory", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signatory_guarantor_id"), ["guarantor_id"], unique=False)

    op.create_table(
        "guarantee",
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("application_no", sa.String(length=20), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=True),
        sa.Column("guarantor_id", sa.Integer(), nullable=True),
        sa.Column("bank_id", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.Column("project_name", sa.String(length=120), nullable=True),
        sa.Column("permit_no", sa.String(length=40), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("finish_on", sa.Date(), nullable=True),
        sa.Column("employer_name", sa.String(length=120), nullable=True),
        sa.Column("employer_uscc", sa.String(length=18), nullable=True),
        sa.Column("employer_grade", sa.String(length=4), nullable=True),
        sa.Column("employer_contact", sa.String(length=40), nullable=True),
        sa.Column("employer_phone", sa.String(length=20), nullable=True),
        sa.Column("contractor_name", sa.String(length=120), nullable=True),
        sa.Column("contractor_uscc", sa.String(length=18), nullable=True),
        sa.Column("contractor_grade", sa.String(length=4), nullable=True),
        sa.Column("contractor_contact", sa.String(length=40), nullable=True),
        sa.Column("contractor_phone", sa.String(length=20), nullable=True),
        sa.Column("contract_type", sa.String(length=20), nullable=True),
        sa.Column("contract_no", sa.String(length=60), nullable=True),
        sa.Column("contract_price", sa.BigInteger(), nullable=True),
        sa.Column("uses_fiscal", sa.Boolean(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("share", sa.Integer(), nullable=True),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("policy_version", sa.String(length=20), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("paid >= 0 AND paid <= amount", name="ck_guarantee_paid"),
        sa.ForeignKeyConstraint(
            ["bank_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"],
            ["guarantee.id"],
        ),
        sa.ForeignKeyConstraint(
            ["guarantor_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_no"),
    )
    with op.batch_alter_table("guarantee", schema=None) as batch_op:
        batch_op.create_index("ix_guarantee_amount", ["amount", "id"], unique=False)
        batch_op.create_index("ix_guarantee_bank", ["bank_id", "id"], unique=False)
        batch_op.create_index("ix_guarantee_contract", ["contract_id"], unique=False)
        batch_op.create_index("ix_guarantee_contractor", ["contractor_id", "id", "state"], unique=False)
        batch_op.create_index("ix_guarantee_contractor_name", ["contractor_name", "id"], unique=False)
        batch_op.create_index("ix_guarantee_due_on", ["due_on", "id"], unique=False)
        batch_op.create_index("ix_guarantee_employer", ["employer_id", "id", "state"], unique=False)
        batch_op.create_index("ix_guarantee_employer_name", ["employer_name", "id"], unique=False)
        batch_op.create_index("ix_guarantee_follows", ["follows_id"], unique=False)
        batch_op.create_index("ix_guarantee_guarantor", ["guarantor_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guarantee_permit_no"), ["permit_no"], unique=False)
        batch_op.create_index("ix_guarantee_project_name", ["project_name", "id"], unique=False)
        batch_op.create_index("ix_guarantee_region", ["region_code", "state", "id"], unique=False)
        batch_op.create_index("ix_guarantee_state", ["state", "id"], unique=False)
        batch_op.create_index("ix_guarantee_state_due_on", ["state", "due_on", "id"], unique=False)

    op.create_table(
        "fiscal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("approver_id", sa.Integer(), nullable=True),
        sa.Column("approver_name", sa.String(length=120), nullable=True),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("filed_at", sa.DateTime(), nullable=True),
        sa.Column("filed_for_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approver_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["filed_for_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["id"],
            ["guarantee.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("filed_for_id"),
    )
    with op.batch_alter_table("fiscal", schema=None) as batch_op:
        batch_op.create_index("ix_fiscal_approved_on", ["approved_on", "id"], unique=False)

    op.create_table(
        "fund_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=True),
        sa.Column("employer_legal_representative", sa.String(length=40), nullable=True),
        sa.Column("contractor_legal_representative", sa.String(length=40), nullable=True),
        sa.Column("bank_name", sa.String(length=120), nullable=True),
        sa.Column("bank_uscc", sa.String(length=18), nullable=True),
        sa.Column("bank_cnaps", sa.String(length=20), nullable=True),
        sa.Column("bank_phone", sa.String(length=20), nullable=True),
        sa.Column("premium_rate", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.String(length=120), nullable=True),
        sa.Column("account_no", sa.String(length=40), nullable=True),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("balance_month", sa.String(length=7), nullable=True),
        sa.Column("first_month", sa.String(length=7), nullable=True),
        sa.Column("last_month", sa.String(length=7), nullable=True),
        sa.Column("filed_at", sa.DateTime(), nullable=True),
        sa.Column("cleared_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"],
            ["guarantee.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("fund_account", schema=None) as batch_op:
        batch_op.create_index("ix_fund_account_ended", ["ended_at"], unique=False)
        batch_op.create_index("ix_fund_account_number", ["account_no"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=True),
        sa.Column("letter_no", sa.String(length=20), nullable=True),
        sa.Column("policy_no", sa.String(length=60), nullable=True),
        sa.Column("policy_key", sa.String(length=80), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("premium", sa.BigInteger(), nullable=True),
        sa.Column("letter_kind", sa.String(length=20), nullable=True),
        sa.Column("signatory_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("verification_code", sa.String(length=20), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("prepared_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("backfilled", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("backfill_kind", sa.String(length=20), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("backfilled_at", sa.DateTime(), nullable=True),
        sa.Column("late_days", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.Column("guarantor_name", sa.String(length=120), nullable=True),
        sa.Column("guarantor_uscc", sa.String(length=18), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"],
            ["guarantee.id"],
        ),
        sa.ForeignKeyConstraint(
            ["signatory_id"],
            ["signatory.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("letter_no"),
        sa.UniqueConstraint("policy_key"),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index("ix_letter_ends_on", ["ends_on", "starts_on", "id"], unique=False)
        batch_op.create_index("ix_letter_guarantor_name", ["guarantor_name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_guarantor_uscc"), ["guarantor_uscc"], unique=False)
        batch_op.create_index("ix_letter_issued_at", ["issued_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_sha256"), ["sha256"], unique=False)
        batch_op.create_index("ix_letter_starts_on", ["starts_on", "id"], unique=False)

    op.create_table(
        "account_report",
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=True),
        sa.Column("paid_in", sa.BigInteger(), nullable=True),
        sa.Column("paid_out", sa.BigInteger(), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column("correction", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("contractor_id", sa.Integer(), nullable=True),
        sa.Column("bank_id", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("region_code", sa.String(length=6), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("closing >= 0 AND paid_in >= 0 AND paid_out >= 0", name="ck_account_report_sign"),
        sa.CheckConstraint("opening + paid_in - paid_out = closing", name="ck_account_report_sum"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["fund_account.id"],
        ),
        sa.ForeignKeyConstraint(
            ["bank_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contractor_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["office_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "month", "revision"),
    )
    with op.batch_alter_table("account_report", schema=None) as batch_op:
        batch_op.create_index("ix_account_report_bank", ["bank_id", "state", "id"], unique=False)
        batch_op.create_index("ix_account_report_contractor", ["contractor_id", "id"], unique=False)
        batch_op.create_index("ix_account_report_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index("ix_account_report_month", ["month", "id"], unique=False)
        batch_op.create_index("ix_account_report_region", ["region_code", "id"], unique=False)

    op.create_table(
        "escrow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"],
            ["fund_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "presale",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_name", sa.String(length=120), nullable=True),
        sa.Column("office_contact", sa.String(length=40), nullable=True),
        sa.Column("office_phone", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["id"],
            ["fund_account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )

    op.execute(f"INSERT INTO chain_head (name, entry_id, hash) VALUES ('history', 0, '{'0' * 64}')")
    _make_history_append_only()


def downgrade() -> None:
    op.drop_table("presale")
    op.drop_table("escrow")
    with op.batch_alter_table("account_report", schema=None) as batch_op:
        batch_op.drop_index("ix_account_report_region")
        batch_op.drop_index("ix_account_report_month")
        batch_op.drop_index("ix_account_report_employer")
        batch_op.drop_index("ix_account_report_contractor")
        batch_op.drop_index("ix_account_report_bank")

    op.drop_table("account_report")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index("ix_letter_starts_on")
        batch_op.drop_index(batch_op.f("ix_letter_sha256"))
        batch_op.drop_index("ix_letter_issued_at")
        batch_op.drop_index(batch_op.f("ix_letter_guarantor_uscc"))
        batch_op.drop_index("ix_letter_guarantor_name")
        batch_op.drop_index("ix_letter_ends_on")

    op.drop_table("letter")
    with op.batch_alter_table("fund_account", schema=None) as batch_op:
        batch_op.drop_index("ix_fund_account_number")
        batch_op.drop_index("ix_fund_account_ended")

    op.drop_table("fund_account")
    with op.batch_alter_table("fiscal", schema=None) as batch_op:
        batch_op.drop_index("ix_fiscal_approved_on")

    op.drop_table("fiscal")
    with op.batch_alter_table("guarantee", schema=None) as batch_op:
        batch_op.drop_index("ix_guarantee_state_due_on")
        batch_op.drop_index("ix_guarantee_state")
        batch_op.drop_index("ix_guarantee_region")
        batch_op.drop_index("ix_guarantee_project_name")
        batch_op.drop_index(batch_op.f("ix_guarantee_permit_no"))
        batch_op.drop_index("ix_guarantee_guarantor")
        batch_op.drop_index("ix_guarantee_follows")
        batch_op.drop_index("ix_guarantee_employer_name")
        batch_op.drop_index("ix_guarantee_employer")
        batch_op.drop_index("ix_guarantee_due_on")
        batch_op.drop_index("ix_guarantee_contractor_name")
        batch_op.drop_index("ix_guarantee_contractor")
        batch_op.drop_index("ix_guarantee_contract")
        batch_op.drop_index("ix_guarantee_bank")
        batch_op.drop_index("ix_guarantee_amount")

    op.drop_table("guarantee")
    with op.batch_alter_table("signatory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signatory_guarantor_id"))

    op.drop_table("signatory")
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_region_code"))
        batch_op.drop_index(batch_op.f("ix_contract_project_id"))
        batch_op.drop_index("ix_contract_employer")
        batch_op.drop_index("ix_contract_contractor")

    op.drop_table("contract")
    with op.batch_alter_table("ab_permission_view_role", schema=None) as batch_op:
        batch_op.drop_index("idx_role_id")
        batch_op.drop_index("idx_permission_view_id")

    op.drop_table("ab_permission_view_role")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index("ix_project_region")
        batch_op.drop_index(batch_op.f("ix_project_permit_no"))
        batch_op.drop_index(batch_op.f("ix_project_name"))
        batch_op.drop_index("ix_project_employer")

    op.drop_table("project")
    op.drop_table("organisation_role")
    with op.batch_alter_table("guarantor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guarantor_state"))

    op.drop_table("guarantor")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_organisation_id"))

    op.drop_table("account")
    op.drop_table("ab_user_role")
    with op.batch_alter_table("ab_user_group", schema=None) as batch_op:
        batch_op.drop_index("idx_user_id")
        batch_op.drop_index("idx_user_group_id")

    op.drop_table("ab_user_group")
    with op.batch_alter_table("ab_permission_view", schema=None) as batch_op:
        batch_op.drop_index("idx_view_menu_id")
        batch_op.drop_index("idx_permission_id")

    op.drop_table("ab_permission_view")
    with op.batch_alter_table("ab_group_role", schema=None) as batch_op:
        batch_op.drop_index("idx_group_role_id")
        batch_op.drop_index("idx_group_id")

    op.drop_table("ab_group_role")
    with op.batch_alter_table("ab_api_key", schema=None) as batch_op:
        batch_op.drop_index("idx_api_key_user_id")
        batch_op.drop_index("idx_api_key_prefix")
        batch_op.drop_index("idx_api_key_lookup_hash")

    op.drop_table("ab_api_key")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index("ix_web_session_user")
        batch_op.drop_index(batch_op.f("ix_web_session_seen_at"))

    op.drop_table("web_session")
    op.drop_table("submission")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_user_id"))
        batch_op.drop_index("ix_sign_in_attempt_address")
        batch_op.drop_index("ix_sign_in_attempt_account")

    op.drop_table("sign_in_attempt")
    with op.batch_alter_table("request_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_count_expires_at"))

    op.drop_table("request_count")
    op.drop_table("policy_version")
    with op.batch_alter_table("permit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_permit_region_code"))
        batch_op.drop_index(batch_op.f("ix_permit_project_name"))

    op.drop_table("permit")
    with op.batch_alter_table("organisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organisation_name"))

    op.drop_table("organisation")
    with op.batch_alter_table("one_time_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_link_expires_at"))

    op.drop_table("one_time_link")
    with op.batch_alter_table("history_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_history_entry_record")

    op.drop_table("history_entry")
    op.drop_table("counter")
    op.drop_table("chain_head")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_sha256"))
        batch_op.drop_index("ix_attachment_record")
        batch_op.drop_index(batch_op.f("ix_attachment_form_token"))

    op.drop_table("attachment")
    op.drop_table("ab_view_menu")
    op.drop_table("ab_user")
    op.drop_table("ab_role")
    op.drop_table("ab_register_user")
    op.drop_table("ab_permission")
    op.drop_table("ab_group")


def _make_history_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION refuse_change() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION 'history is append-only'; END $$ LANGUAGE plpgsql
        """)
        op.execute("""
            CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON history_entry
            FOR EACH ROW EXECUTE FUNCTION refuse_change()
        """)
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER history_no_{verb.lower()} BEFORE {verb} ON history_entry
            BEGIN SELECT RAISE(ABORT, 'history is append-only'); END
        """)
