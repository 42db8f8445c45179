"""One-time links, passwords set through them, and the counters of public pages."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.security import check_password_hash

from app.core.database import db, read_from_here, writing
from app.people import links, passwords, throttle
from models.grammar.appbuilder import User
from tests.app.conftest import PASSWORD, Hours

pytestmark = pytest.mark.databases("sqlite", "postgres")
DAY = timedelta(days=1)
NEW_PASSWORD = "Xin-Mima#2030"


@pytest.fixture(autouse=True)
def clean(guarded: Flask) -> Iterator[None]:
    read_from_here()
    with guarded.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM one_time_link"))
        yield
        db.session.rollback()
    read_from_here()


def issued(purpose: str = links.INVITE, ttl: timedelta = DAY) -> str:
    with writing():
        token = links.issue(purpose, {"单位": "海南"}, ttl)
        db.session.commit()
    return token


def redeemed(token: str, purpose: str = links.INVITE) -> dict[str, object] | None:
    with writing():
        payload = links.redeem(token, purpose)
        db.session.commit()
    return payload


def stored_password() -> str:
    return db.session.scalar(select(User.password).where(User.username == "builder")) or ""


def test_a_link_works_once() -> None:
    token = issued()
    assert links.peek(token, links.INVITE) == {"单位": "海南"}
    assert redeemed(token) == {"单位": "海南"}
    assert redeemed(token) is None
    assert links.peek(token, links.INVITE) is None


def test_a_link_for_one_purpose_does_not_serve_another() -> None:
    assert redeemed(issued(links.INVITE), links.RESET) is None


def test_a_link_ends_with_its_time(hours: Hours) -> None:
    token = issued(ttl=timedelta(hours=1))
    hours.forward(minutes=59)
    assert links.peek(token, links.INVITE) is not None
    hours.forward(minutes=1)
    assert redeemed(token) is None


def test_a_rollback_gives_the_link_back() -> None:
    token = issued()
    with writing():
        assert links.redeem(token, links.INVITE) is not None
        db.session.rollback()
    assert redeemed(token) is not None


def test_one_of_many_parallel_callers_redeems_the_link(guarded: Flask) -> None:
    token = issued()

    def take(_: int) -> bool:
        with guarded.app_context():
            return redeemed(token) is not None

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(take, range(16))) == 1


def test_the_token_itself_is_not_in_the_database() -> None:
    token = issued()
    row = db.session.execute(text("SELECT * FROM one_time_link")).one()
    assert token not in " ".join(str(value) for value in row)


def test_links_long_over_are_forgotten(hours: Hours) -> None:
    issued()
    hours.forward(days=92)
    kept = issued()
    with writing():
        assert links.forget_old_links() == 1
        db.session.commit()
    assert links.peek(kept, links.INVITE) is not None


def test_a_reset_link_sets_the_password_once_and_ends_the_sessions(guarded: Flask) -> None:
    browser = guarded.test_client()
    with guarded.app_context():
        user_id = db.session.scalar(select(User.id).where(User.username == "builder"))
    browser.get(f"/enter/{user_id}")
    token = passwords.reset_token("Builder") or ""
    assert [problem.field for problem in passwords.reset(token, "short")] != []
    assert passwords.reset(token, NEW_PASSWORD) == []
    assert check_password_hash(stored_password(), NEW_PASSWORD)
    assert browser.get("/who").text == "nobody"
    assert [problem.message for problem in passwords.reset(token, PASSWORD)] == [passwords.LINK_IS_OVER]


def test_a_second_reset_link_ends_the_first() -> None:
    first, second = passwords.reset_token("builder") or "", passwords.reset_token("builder") or ""
    assert links.peek(first, links.RESET) is None
    assert links.peek(second, links.RESET) is not None


def test_nobody_gets_no_reset_link() -> None:
    assert passwords.reset_token("stranger") is None


def test_changing_the_password_asks_for_the_old_one_and_spares_this_browser(guarded: Flask) -> None:
    user_id = db.session.scalar(select(User.id).where(User.username == "builder")) or 0
    token = passwords.reset_token("builder") or ""
    assert passwords.reset(token, PASSWORD) == []
    refused = passwords.change(user_id, "wrong", NEW_PASSWORD, session_key="")
    assert [problem.field for problem in refused] == ["old_password"]
    assert check_password_hash(stored_password(), PASSWORD)
    assert passwords.change(user_id, PASSWORD, NEW_PASSWORD, session_key="") == []
    assert check_password_hash(stored_password(), NEW_PASSWORD)


def test_a_counter_allows_so_many_uses_a_window(hours: Hours) -> None:
    hours.moment = hours.moment.replace(minute=0, second=0)
    assert [throttle.allow("verify 1.2.3.4", 3, 60) for _ in range(5)] == [True, True, True, False, False]
    assert throttle.allow("verify 5.6.7.8", 3, 60)
    hours.forward(seconds=60)
    assert throttle.allow("verify 1.2.3.4", 3, 60)


def test_parallel_uses_are_all_counted(guarded: Flask, hours: Hours) -> None:
    hours.moment = hours.moment.replace(minute=30, second=0)

    def use(_: int) -> bool:
        with guarded.app_context():
            return throttle.allow("parallel", 10, 60)

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(use, range(32))) == 10


def test_counters_that_are_over_do_not_pile_up(hours: Hours) -> None:
    throttle.allow("old", 3, 60)
    hours.forward(hours=2)
    throttle.allow("new", 3, 60)
    assert db.session.scalar(text("SELECT count(*) FROM request_count")) == 1
