"""Registering machine clients and giving them new keys; whoever does it has the secret in hand."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core.clock import now
from app.core.database import db, write_from_here
from app.core.refusals import NotFound, refuse
from app.core.viewer import viewer
from app.engine import records, transitions
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ledger.scope import open_door
from app.machines import keys, signing
from models.counter import Submission
from models.grammar.appbuilder import User
from models.grammar.viewer import ADMIN, ADMINISTER
from models.machine import MachineClient
from models.machine_access import MachineKey
from models.organisation import Organisation
from models.rules.problem import Problem

OVERLAP = timedelta(days=7)
"""How long the earlier key stays good beside a new one, where nothing else is chosen."""


def register(
    values: Mapping[str, Any], *, public_key: str = "", malformed: Sequence[Problem] = (), token: str = ""
) -> tuple[MachineClient, MachineKey, str]:
    """A new client of the viewer's organisation, its key, and the secret, which is shown once.

    It does not go through `records.save`: its user and its key are born with it. Refused with all problems at once;
    the form of that token makes one client.
    """
    write_from_here()
    with deed(malformed):
        organisation = _own_organisation()
        checked, bad = _checked(public_key)
        client = MachineClient(organisation=organisation, organisation_id=organisation.id)
        with db.session.no_autoflush:
            refuse(records.fill(client, values, [*malformed, *bad]))
        with open_door(client):
            client.user_id = _user(client.name)
            db.session.add(client)
            db.session.flush()
        if token:
            db.session.add(
                Submission(token=token, user_id=viewer().user_id, record_type=client.__tablename__, record_id=client.id)
            )
        key, secret = keys.add(client.id, checked)
        happened(client, "create", "登记客户端", tone="gray", to_state=client.state)
        return client, key, secret


def rotate(
    client_id: int, *, version: int | None = None, ends_at: datetime | None = None, public_key: str = ""
) -> tuple[MachineClient, MachineKey, str]:
    """A new key, beside which the earlier ones are good until `ends_at`, for seven days where nothing is said."""
    write_from_here()
    checked, bad = _checked(public_key)
    with deed():
        done, _warnings = transitions.perform(MachineClient, client_id, "rotate", version=version, found=bad)
        assert isinstance(done, MachineClient)
        key, secret = keys.add(client_id, checked)
        keys.leave_two(key, until=ends_at or now() + OVERLAP)
        return done, key, secret


def _own_organisation() -> Organisation:
    """The viewer's organisation, if the viewer administers it; the platform's is no party to anything."""
    who = viewer()
    if ADMINISTER not in who.duties or who.has(ADMIN) or who.organisation_id is None:
        raise NotFound("organisation")
    found = transitions.find(Organisation, who.organisation_id)
    assert isinstance(found, Organisation)
    return found


def _user(name: str) -> int:
    """The user under which the client's deeds stand: no name of an account has a colon, no password is empty."""
    username = f"machine:{secrets.token_hex(8)}"
    user = User(
        username=username,
        first_name=name,
        last_name="",
        email=f"{username}@machines.invalid",
        active=False,
        password="",
        created_on=now().replace(tzinfo=None),
        changed_on=now().replace(tzinfo=None),
        login_count=0,
        fail_login_count=0,
    )
    db.session.add(user)
    db.session.flush()
    return user.id


def _checked(public_key: str) -> tuple[str, list[Problem]]:
    if not public_key.strip():
        return "", []
    try:
        return signing.check_public(public_key), []
    except signing.BadKey:
        return "", [Problem("公钥不正确，应为 whpk_ 开头的 Ed25519 公钥（Base64）", "public_key")]
