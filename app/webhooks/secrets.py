"""The secrets that sign what is sent to an address: kept sealed, shown when they are made and never again.

One that is replaced signs beside the new one for a day, so that the receiver can change it in its own time.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, insert, or_, select, update

from app.core.clock import now
from app.core.database import affected, db
from app.core.sealing import seal, unseal
from app.machines import signing
from models.webhook import WebhookSecret

PURPOSE = "webhook"
BOTH_FOR = timedelta(hours=24)
"""How long a secret that was replaced still signs beside the new one."""

_secret: Table = WebhookSecret.metadata.tables[WebhookSecret.__tablename__]


def renew(endpoint_id: int) -> str:
    """A further secret inside the running deed, the ones before it good for another day; the text to be shown."""
    made, until = signing.new_secret(), now() + BOTH_FOR
    own = _secret.c.endpoint_id == endpoint_id
    affected(delete(_secret).where(own, _secret.c.ends_at.is_not(None)))
    affected(update(_secret).where(own).values(ends_at=until))
    values = {"endpoint_id": endpoint_id, "sealed": seal(made, PURPOSE), "made_at": now()}
    db.session.connection().execute(insert(_secret).values(**values))
    return made


def of_endpoint(endpoint_id: int) -> Sequence[str]:
    """The secrets that sign now, the newest first."""
    query = (
        select(_secret.c.sealed).where(_secret.c.endpoint_id == endpoint_id, _is_good()).order_by(_secret.c.id.desc())
    )
    return [unseal(each, PURPOSE) for each in db.session.connection().scalars(query)]


def known(endpoint_id: int) -> Sequence[Any]:
    """When each secret that signs now was made, and until when it does, the newest first."""
    query = select(_secret.c.made_at, _secret.c.ends_at).where(_secret.c.endpoint_id == endpoint_id, _is_good())
    return db.session.connection().execute(query.order_by(_secret.c.id.desc())).all()


def _is_good() -> ColumnElement[bool]:
    return or_(_secret.c.ends_at.is_(None), _secret.c.ends_at > now())
