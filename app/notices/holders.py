"""Mails to an account's holder of what was done to the account itself: at once, whatever else was chosen.

They go to the address that counted until then, so that whoever takes an account over cannot keep its holder from
knowing.
"""

import secrets

from flask_babel import force_locale

from app.core.clock import now
from app.core.viewer import as_system
from app.core.words import _
from app.notices import mails
from app.people import outward
from app.people.outward import Holder


@outward.heard_by
def write(holder: Holder, label: str) -> None:
    """A mail of what has happened; inside the running transaction."""
    if not mails.is_on():
        return
    with force_locale(holder.locale or "zh"), as_system():
        what = _(label)
        said = _(
            "账号 %(username)s：%(what)s（%(at)s）", username=holder.username, what=what, at=f"{now():%Y-%m-%d %H:%M}"
        )
        warned = _("如非本人操作，请立即联系本单位管理员或平台管理员")
        subject = _("账号安全提醒：%(what)s", what=what)
        mails.write(f"holder:{secrets.token_hex(16)}", holder.address, subject, f"{said}\n{warned}\n")
