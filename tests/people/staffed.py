"""The guarantor's people with accounts of their own, on the empty application: who may stand in for whom."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from flask import Flask

from app.engine import records, transitions
from app.people.security import viewer_of
from models.absence import Absence
from models.account import Account
from models.grammar.appbuilder import User
from models.grammar.viewer import GUARANTOR, Viewer
from models.organisation import OrganisationRole
from tests.bare import ORGANISATION, put, work

ZHANG, LI, WANG, CHEN, BOSS, GONE = 311, 312, 313, 314, 315, 316
ELSEWHERE = 317
PEOPLE: Mapping[int, tuple[str, bool, bool, bool]] = MappingProxyType(
    {
        ZHANG: ("张三", True, False, False),
        LI: ("李四", False, True, False),
        WANG: ("王五", False, True, False),
        CHEN: ("陈六", True, True, False),
        BOSS: ("管理员", False, False, True),
        GONE: ("离职人员", True, False, False),
        ELSEWHERE: ("外单位人员", True, True, False),
    }
)
"""Who is called how, and whether that account prepares, reviews, administers."""


def staff(app: Flask) -> None:
    """Give the guarantor these accounts; the last one is another company's, and one is closed."""
    put(app, OrganisationRole(organisation_id=ORGANISATION[GUARANTOR], role=GUARANTOR))
    for key, (name, prepares, reviews, administers) in PEOPLE.items():
        username = f"u{key}"
        put(app, _user(key, username))
        given: dict[str, Any] = {"prepares": prepares, "reviews": reviews, "administers": administers}
        home = ORGANISATION["stranger" if key == ELSEWHERE else GUARANTOR]
        state = "inactive" if key == GONE else "active"
        put(app, Account(user_id=key, organisation_id=home, username=username, name=name, state=state, **given))


def _user(key: int, username: str) -> User:
    mail = f"{username}@accounts.invalid"
    return User(id=key, username=username, first_name=username, last_name="", email=mail, password="", active=True)


def at_work(app: Flask, key: int, day: date) -> Viewer:
    """The person as a request of that day finds it."""
    with work(app, Viewer(0, "", is_system=True), day):
        found = viewer_of(key)
    assert found is not None
    return found


def absent(
    app: Flask, who: int, substitute: int, span: tuple[date, date], *, by: int, today: date | None = None
) -> int:
    """Enter the absence [from, to) on that day, its first one unless another is named."""
    day = today or span[0]
    values = {"absent": f"u{who}", "substitute": f"u{substitute}", "from_on": span[0], "to_on": span[1]}
    with work(app, at_work(app, by, day), day):
        return records.save(Absence, values)[0].id


def revoke(app: Flask, key: int, *, by: int, day: date) -> None:
    """Take it back."""
    with work(app, at_work(app, by, day), day):
        transitions.perform(Absence, key, "revoke")
