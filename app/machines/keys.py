"""The keys of machine clients: made and shown once, kept sealed, two of them good at a time."""

import secrets
from datetime import datetime

from sqlalchemy import select

from app.core.clock import now
from app.core.database import db
from app.core.sealing import seal, unseal
from app.machines import signing
from models.machine_access import ED25519, HMAC, MachineKey

PURPOSE = "machine key"


def add(client_id: int, public_key: str = "") -> tuple[MachineKey, str]:
    """A further key of the client inside the running transaction, and its secret; that is empty for a public key."""
    secret = "" if public_key else signing.new_secret()
    made = MachineKey(
        id=f"key_{secrets.token_hex(8)}",
        client_id=client_id,
        kind=ED25519 if public_key else HMAC,
        key=public_key or seal(secret, PURPOSE),
        created_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    return made, secret


def leave_two(kept: MachineKey, *, until: datetime) -> None:
    """Let the key before this one end at that moment, where it does not end earlier, and those before it now."""
    for key in of_client(kept.client_id):
        if key.id != kept.id:
            ends_at = until if key.ends_at is None else now()
            key.ends_at = min(filter(None, (key.ends_at, ends_at)))
    db.session.flush()


def of_client(client_id: int) -> list[MachineKey]:
    """The client's keys, newest first: the newest alone has no end."""
    query = select(MachineKey).where(MachineKey.client_id == client_id)
    return list(db.session.scalars(query.order_by(MachineKey.ends_at.is_not(None), MachineKey.created_at.desc())))


def opened(key: MachineKey) -> str:
    """What a signature is checked with: the secret, or the public key."""
    return unseal(key.key, PURPOSE) if key.kind == HMAC else key.key


def is_good(key: MachineKey, moment: datetime) -> bool:
    """Whether the key has not ended."""
    return key.ends_at is None or moment < key.ends_at
