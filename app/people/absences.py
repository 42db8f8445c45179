"""Who may be named in 代办设置: in comes the viewer, out come the accounts of its organisation, as choices."""

from sqlalchemy import select

from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.account import Account
from models.grammar.fields import Choices
from models.grammar.viewer import ADMINISTER, Viewer


def absentees(who: Viewer) -> Choices:
    """Whose absence the viewer may enter: its own, an administrator that of everybody who prepares or reviews."""
    keeps = ADMINISTER in who.duties
    return tuple(_choice(each) for each in _working(who) if keeps or each.user_id == who.user_id)


def substitutes(who: Viewer) -> Choices:
    """Who may stand in: a colleague who prepares or reviews."""
    return tuple(_choice(each) for each in _working(who) if each.user_id != who.user_id)


def _choice(account: Account) -> tuple[str, str]:
    return account.username, f"{account.name}（{account.username}）"


def _working(who: Viewer) -> list[Account]:
    """The accounts of the viewer's organisation that prepare or review; names are known to every colleague."""
    query = select(Account).where(
        Account.organisation_id == who.organisation_id,
        Account.state == "active",
        Account.administers.is_(False),
    )
    return list(db.session.scalars(query.order_by(Account.name, Account.id).execution_options(**UNSCOPED)))
