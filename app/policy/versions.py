"""Policy versions are announced and withdrawn here, never one that is in force, never one that was not previewed."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from app.core.clock import now, today
from app.core.database import db, writing
from app.core.refusals import Lost
from app.core.viewer import as_system
from app.engine import records
from app.engine.deeds import deed
from app.engine.happened import happened
from app.engine.transitions import find
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from models.grammar.base import Record
from models.policy import PolicyVersion, columns_of
from models.rules.policy import POLICIES
from models.rules.problem import Problem

LAW = "操作手册 2.2.1 业务说明、保险法、URDG 758 及系统默认值"
IN_FORCE = "政策版本%(name)s已施行，不能修改或撤回；如需调整，请新增版本"


class NotPreviewed(Exception):
    """The effect of these very values on existing records has not been shown yet."""


def seed() -> None:
    """Keep the law's own versions where none is kept yet."""
    with writing(), as_system(), deed():
        kept = select(func.count()).select_from(PolicyVersion).execution_options(**UNSCOPED)
        for policy in () if db.session.scalar(kept) else POLICIES:
            version = PolicyVersion(**columns_of(policy), basis=LAW, created_at=now().replace(microsecond=0))
            db.session.add(version)
            happened(version, "create", "新增", tone="gray")
    policies.forget()


def latest() -> PolicyVersion | None:
    """The version with the latest day, come or to come, within the scope of the viewer."""
    return db.session.scalars(select(PolicyVersion).order_by(PolicyVersion.from_on.desc()).limit(1)).first()


def problems_of(values: Mapping[str, Any], key: int | None) -> list[Problem]:
    """What stands against saving these values as a new version or as that one; nothing is kept."""
    version = find(PolicyVersion, key) if key is not None else PolicyVersion()
    try:
        return records.fill(version, values, ())
    finally:
        db.session.rollback()


def digest(values: Mapping[str, Any], key: int | None) -> str:
    """The seal of a preview: of these values, beside these versions; nobody but the system can set it."""
    content = repr((sorted(values.items()), key, policies.versions()))
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, content.encode(), hashlib.sha256).hexdigest()


def announce(values: Mapping[str, Any], *, key: int | None, version: int | None, token: str, previewed: str) -> Record:
    """Save a new version, or one that is not in force yet; its preview must have been of the same values.

    Raises NotPreviewed, or what `records.save` raises.
    """
    if not hmac.compare_digest(previewed.encode(), digest(values, key).encode()):
        raise NotPreviewed
    saved, _warnings = records.save(PolicyVersion, values, key=key, version=version, token=token)
    policies.forget()
    return saved


def withdraw(key: int, *, version: int) -> None:
    """Take back a version that is not in force yet; Lost for every other, and where it is not as it was seen."""
    must_be_open(find(PolicyVersion, key))
    records.delete(PolicyVersion, key, version=version)
    policies.forget()


def must_be_open(version: Record) -> None:
    """Lost when the version has come into force: records may name it."""
    assert isinstance(version, PolicyVersion)
    if version.is_in_force(today()):
        raise Lost(IN_FORCE % {"name": version.name})
