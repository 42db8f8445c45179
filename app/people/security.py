"""Who has signed in and which screens that opens: FAB's store of roles, read once a request."""

from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import Flask, g
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from app.core.clock import today
from app.core.database import db
from app.core.viewer import set_viewer, viewer_or_none
from app.ledger.scope import UNSCOPED
from app.people import second_factor
from models.absence import SET, Absence
from models.account import Account
from models.grammar.appbuilder import Model
from models.grammar.appbuilder import SecurityManager as StoredSecurity
from models.grammar.viewer import ADMIN, ADMINISTER, PREPARE, REGULATOR, REVIEW, Absent, Viewer
from models.organisation import Organisation, OrganisationRole
from models.rules import regions
from models.second_factor import SecondFactor

_role = Model.metadata.tables["ab_role"]
_given = Model.metadata.tables["ab_user_role"]
_held = Model.metadata.tables["ab_permission_view_role"]
_pair = Model.metadata.tables["ab_permission_view"]
_permission = Model.metadata.tables["ab_permission"]
_screen = Model.metadata.tables["ab_view_menu"]


class SecurityManager(StoredSecurity):
    """FAB's security manager without screens of its own, and with one query a request.

    `views.registry` gives it the sign-in view; accounts and roles are screens like any other.
    """

    def register_views(self) -> None:
        """FAB's own screens stay unregistered."""

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Whether the roles of the signed-in account, or of a machine's organisation, hold it; nobody else's do."""
        return (permission_name, view_name) in held_permissions()


def held_permissions() -> frozenset[tuple[str, str]]:
    """(permission, screen) of the signed-in account, or of the roles of a machine; one query a request."""
    which = _whose()
    if which is None:
        return frozenset()
    if "held_permissions" not in g:
        query = (
            select(_permission.c.name, _screen.c.name)
            .distinct()
            .select_from(_held)
            .join(_pair, _pair.c.id == _held.c.permission_view_id)
            .join(_permission, _permission.c.id == _pair.c.permission_id)
            .join(_screen, _screen.c.id == _pair.c.view_menu_id)
            .where(_held.c.role_id.in_(which))
        )
        g.held_permissions = frozenset((row[0], row[1]) for row in db.session.execute(query))
    found: frozenset[tuple[str, str]] = g.held_permissions
    return found


def _whose() -> Select[tuple[int]] | None:
    """The roles of who is at work: a machine's are those of its organisation, whatever its user holds."""
    who = viewer_or_none()
    if who is not None and who.machine is not None:
        return select(_role.c.id).where(_role.c.name.in_(sorted(who.roles)))
    if not current_user.is_authenticated:
        return None
    return select(_given.c.role_id).where(_given.c.user_id == current_user.id)


def init_security(app: Flask) -> None:
    """Let every request know who is at work."""

    @app.before_request
    def _know_viewer() -> None:
        set_viewer(None)
        if current_user.is_authenticated:
            set_viewer(viewer_of(current_user.id))


def viewer_of(user_id: int) -> Viewer | None:
    """The viewer that this sign-in account is; None when it belongs to no admitted organisation."""
    return next(iter(viewers(Account.user_id == user_id)), None)


def viewers(*which: ColumnElement[bool]) -> list[Viewer]:
    """The viewers that these accounts are, in one statement; none of those that may not sign in now."""
    absent = aliased(Account)
    query = (
        select(
            Account.user_id,
            Account.name,
            Account.prepares,
            Account.reviews,
            Account.administers,
            Organisation.id,
            Organisation.name,
            Organisation.region_code,
            OrganisationRole.role,
            absent.user_id,
            absent.name,
            absent.prepares,
            absent.reviews,
            absent.administers,
            SecondFactor.user_id,
        )
        .join(Organisation, Organisation.id == Account.organisation_id)
        .outerjoin(OrganisationRole, OrganisationRole.organisation_id == Organisation.id)
        .outerjoin(SecondFactor, SecondFactor.user_id == Account.user_id)
        .outerjoin(Absence, and_(Absence.substitute_id == Account.user_id, *_runs()))
        .outerjoin(absent, and_(absent.user_id == Absence.absent_id, *_is_colleague(absent)))
        .where(*which, Account.state == "active", Organisation.state == "admitted")
        .order_by(Account.user_id, absent.user_id)
    )
    rows = db.session.execute(query.execution_options(**UNSCOPED)).all()
    return [_viewer(user_id, list(own)) for user_id, own in groupby(rows, key=lambda row: row[0])]


def _runs() -> tuple[ColumnElement[bool], ...]:
    """The absences of today: on the day of the return it is over."""
    return Absence.state == SET, Absence.from_on <= today(), Absence.to_on > today()


def _is_colleague(absent: Any) -> tuple[ColumnElement[bool], ...]:
    return absent.organisation_id == Account.organisation_id, absent.state == "active"


def _viewer(user_id: int, rows: Any) -> Viewer:
    _user_id, name, prepares, reviews, administers, organisation_id, organisation_name, region_code = rows[0][:8]
    roles = frozenset(row[8] for row in rows if row[8])
    keeps = administers or ADMIN in roles
    absent = {row[9]: _absent(*row[9:14]) for row in rows if row[9] and not keeps}
    found = Viewer(
        user_id=user_id,
        name=name,
        organisation_id=organisation_id,
        organisation_name=organisation_name,
        roles=roles,
        duties=_duties(prepares, reviews, keeps),
        is_company_admin=administers,
        regions=regions.within(region_code) if REGULATOR in roles else frozenset(),
        absent=tuple(absent.values()),
    )
    has_factor = rows[0][14] is not None
    lacks_factor = not has_factor and second_factor.must_have(found)
    return replace(found, owes_code=has_factor or lacks_factor, lacks_factor=lacks_factor)


def _absent(user_id: int, name: str, prepares: bool, reviews: bool, administers: bool) -> Absent:
    """What somebody absent may do; accounts are looked after by nobody in another's name."""
    return Absent(user_id, name, _duties(prepares, reviews, administers) - {ADMINISTER})


def _duties(prepares: bool, reviews: bool, keeps: bool) -> frozenset[str]:
    held = ((PREPARE, prepares and not keeps), (REVIEW, reviews and not keeps), (ADMINISTER, keeps))
    return frozenset(duty for duty, is_held in held if is_held)
