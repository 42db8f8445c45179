"""a circular is asked anew; of the licence's warning days only those of its alert count"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

LABEL = "许可证到期提前提醒天数"
LINE = f"{LABEL} | 系统默认值 |  |  | "


def upgrade() -> None:
    op.add_column("circular_notice", sa.Column("asked_at", sa.DateTime(), nullable=True))
    op.execute("UPDATE circular_notice SET asked_at = sent_at")
    op.drop_column("policy_version", "licence_warning_days")
    for key, text in _sources():
        _keep(key, "\n".join(line for line in text.split("\n") if not line.startswith(LABEL)))


def downgrade() -> None:
    op.add_column(
        "policy_version",
        sa.Column("licence_warning_days", sa.String(length=60), nullable=False, server_default="60,30,7"),
    )
    for key, text in _sources():
        _keep(key, f"{text}\n{LINE}")
    op.drop_column("circular_notice", "asked_at")


def _sources() -> list[tuple[int, str]]:
    rows = op.get_bind().execute(sa.text("SELECT id, sources FROM policy_version")).all()
    return [(key, text or "") for key, text in rows]


def _keep(key: int, text: str) -> None:
    statement = sa.text("UPDATE policy_version SET sources = :text WHERE id = :key")
    op.execute(statement.bindparams(text=text, key=key))
