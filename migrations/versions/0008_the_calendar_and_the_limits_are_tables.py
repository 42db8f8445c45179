"""the calendar and the time limits of records are tables

The limits that run are taken from the due days that records carry. A record in a state under no limit carries none.
"""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SHANGHAI = timedelta(hours=8)
LIMITS = {
    "submitted": ("underwriting", "submitted_at", "underwriting_working_days", "working_days"),
    "prepared": ("underwriting", "submitted_at", "underwriting_working_days", "working_days"),
    "recorded": ("acknowledgement", "submitted_at", "underwriting_working_days", "working_days"),
    "issued": ("confirmation", "issued_at", "confirm_days", "days"),
    "unconfirmed": ("confirmation", "backfilled_at", "confirm_days", "days"),
}
"""The limits as they were declared on that day: code, event, days, unit, by the state of a letter."""

DEFAULTS = {"underwriting_working_days": 5, "confirm_days": 10}
AT_ONCE = 1000


def upgrade() -> None:
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("year"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["year_id"], ["calendar_year.id"]),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_index("ix_calendar_day_year_id", "calendar_day", ["year_id"])
    duty = op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("policy_version", sa.String(length=20), nullable=False),
        sa.Column("paused_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("record_type", "record_id", "code", "since_on"),
    )
    op.create_index("ix_duty_open", "duty", ["met_on", "due_on"])
    _open_what_runs(duty)
    op.execute(
        "UPDATE guarantee SET due_on = NULL WHERE due_on IS NOT NULL AND NOT "
        "(mode = 'letter' AND state IN ('submitted', 'prepared', 'recorded', 'issued', 'unconfirmed'))"
    )


def _open_what_runs(duty: Any) -> None:
    connection = op.get_bind()
    versions = {row.name: row for row in connection.execute(sa.text("SELECT * FROM policy_version")).all()}
    letters = connection.execute(_letters()).all()
    rows = [_row(letter, versions) for letter in letters]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(duty.insert(), rows[start : start + AT_ONCE])


def _letters() -> Any:
    guarantee, letter = (
        sa.table(name, *(sa.column(each) for each in columns))
        for name, columns in {
            "guarantee": ("id", "state", "policy_version"),
            "letter": ("id", "backfilled"),
        }.items()
    )
    days = [
        sa.literal_column("guarantee.due_on", sa.Date()).label("due_on"),
        sa.literal_column("guarantee.submitted_at", sa.DateTime()).label("submitted_at"),
        sa.literal_column("letter.issued_at", sa.DateTime()).label("issued_at"),
        sa.literal_column("letter.backfilled_at", sa.DateTime()).label("backfilled_at"),
        sa.literal_column("letter.acknowledged_at", sa.DateTime()).label("acknowledged_at"),
    ]
    query = sa.select(guarantee.c.id, guarantee.c.state, guarantee.c.policy_version, letter.c.backfilled, *days)
    query = query.select_from(guarantee.join(letter, letter.c.id == guarantee.c.id))
    running = guarantee.c.state.in_(LIMITS) & sa.literal_column("guarantee.due_on").is_not(None)
    return query.where(running).order_by(guarantee.c.id)


def _row(letter: Any, versions: dict[str, Any]) -> dict[str, Any]:
    code, event, name, unit = LIMITS[letter.state]
    version = versions.get(letter.policy_version)
    count = getattr(version, name) if version is not None else DEFAULTS[name]
    return {
        "record_type": "letter",
        "record_id": letter.id,
        "code": code,
        "since_on": _since(letter, event, count),
        "due_on": letter.due_on,
        "count": count,
        "unit": unit,
        "policy_version": letter.policy_version or "",
        "paused_days": 0,
    }


def _since(letter: Any, event: str, count: int) -> date:
    """The day of the event; a letter settled on paper waits for its contractor from the day on which it was taken in."""
    if letter.backfilled and letter.state == "issued":
        event = "acknowledged_at"
    instant = getattr(letter, event)
    return (instant + SHANGHAI).date() if instant else letter.due_on - timedelta(days=count)


def downgrade() -> None:
    op.drop_table("duty")
    op.drop_table("calendar_day")
    op.drop_table("calendar_year")
