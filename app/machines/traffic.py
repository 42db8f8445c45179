"""What machine clients asked for, as far as it is kept: ninety days."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from app.core.clock import now
from app.core.database import affected, db
from models.machine_access import MachineRequest

KEPT_FOR = timedelta(days=90)
SHOWN = 50


def latest_of(client_id: int) -> list[MachineRequest]:
    """The client's latest requests, newest first."""
    query = select(MachineRequest).where(MachineRequest.client_id == client_id)
    return list(db.session.scalars(query.order_by(MachineRequest.id.desc()).limit(SHOWN)))


def last_seen(client_ids: list[int]) -> dict[int, datetime]:
    """When each of these clients that has asked for anything did so last, in one statement."""
    last = select(func.max(MachineRequest.id)).where(MachineRequest.client_id.in_(client_ids))
    last = last.group_by(MachineRequest.client_id)
    query = select(MachineRequest.client_id, MachineRequest.at).where(MachineRequest.id.in_(last))
    return {client_id: at for client_id, at in db.session.execute(query)}


def forget_old() -> int:
    """Delete the requests that are older than ninety days, inside the running transaction; gives their number."""
    return affected(delete(MachineRequest).where(MachineRequest.at < now() - KEPT_FOR))
