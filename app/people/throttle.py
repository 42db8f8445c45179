"""How often a public page may be asked: counters in the database, shared by all workers."""

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from app.core import clock
from app.core.database import db, writing
from models.signin import RequestCount

_table: Table = RequestCount.metadata.tables["request_count"]


def allow(key: str, limit: int, per_seconds: int) -> bool:
    """Count one use of the key, and say whether it is within `limit` uses in each window of `per_seconds`.

    Its own short transaction: call it before the request writes anything else.
    """
    with writing(), db.engine.begin() as connection:
        return count(connection, key, per_seconds) <= limit


def count(connection: Connection, key: str, per_seconds: int) -> int:
    """Count one use of the key inside the connection's transaction; how many there are in this window by now."""
    moment = clock.now()
    window = int(moment.timestamp()) // per_seconds
    ends_at = datetime.fromtimestamp((window + 1) * per_seconds, UTC)
    digest = hashlib.sha256(f"{per_seconds} {key}".encode()).hexdigest()
    row = {"key": digest, "window": window, "count": 1, "expires_at": ends_at}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    counted = (
        dialect.insert(_table)
        .values(**row)
        .on_conflict_do_update(index_elements=["key", "window"], set_={"count": _table.c.count + 1})
    )
    uses = int(connection.execute(counted.returning(_table.c.count)).scalar_one())
    if uses == 1:
        connection.execute(delete(_table).where(_table.c.expires_at < moment - timedelta(minutes=1)))
    return uses
