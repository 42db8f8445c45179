"""an account number has one spelling

Numbers that were typed with dashes or in full width were kept so: the same account would not be found again. What is
left besides letters and digits afterwards is a mistake that only its employer can mend.
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DASHES = re.compile("[-_\u00ad\u2010-\u2015\u2212\u2500\u30fc\\s]")


def upgrade() -> None:
    account = sa.table("fund_account", sa.column("id", sa.Integer), sa.column("account_no", sa.String))
    found = op.get_bind().execute(sa.select(account.c.id, account.c.account_no).where(account.c.account_no.is_not(None)))
    for key, number in found.all():
        spelt = _spelt(number)
        if spelt != number:
            op.execute(account.update().where(account.c.id == key).values(account_no=spelt))


def downgrade() -> None:
    """How a number was typed is not kept."""


def _spelt(number: str) -> str:
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", number) if unicodedata.category(sign) != "Cf")
    return DASHES.sub("", seen).upper()
