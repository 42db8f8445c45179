"""Sign-in: few guesses, the same answer for everybody, locks that open by themselves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.core.database import db, writing
from app.people import signin
from models import signin as outcomes
from models.grammar.appbuilder import User
from tests.app.conftest import PASSWORD, Hours

pytestmark = pytest.mark.databases("sqlite", "postgres")
ADDRESS = "198.51.100.7"


@pytest.fixture(autouse=True)
def clean(guarded: Flask) -> Iterator[None]:
    with guarded.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM sign_in_attempt"))
        yield


def guess(count: int, username: str = "builder", address: str = ADDRESS) -> list[str]:
    return [signin.sign_in(username, f"wrong {number}", address).outcome for number in range(count)]


def outcomes_kept() -> list[tuple[str, int | None]]:
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT outcome, user_id FROM sign_in_attempt ORDER BY id"))
        return [(row[0], row[1]) for row in rows]


def test_the_right_password_signs_in_whatever_the_case_of_the_name() -> None:
    done = signin.sign_in(" Builder ", PASSWORD, ADDRESS)
    assert (done.outcome, done.user.username if done.user else "") == (outcomes.SIGNED_IN, "builder")


def test_every_attempt_is_kept_with_its_outcome() -> None:
    signin.sign_in("builder", "wrong", ADDRESS)
    signin.sign_in("nobody here", "wrong", ADDRESS)
    signin.sign_in("builder", PASSWORD, ADDRESS)
    kept = outcomes_kept()
    assert [outcome for outcome, _ in kept] == [
        outcomes.WRONG_PASSWORD,
        outcomes.UNKNOWN_NAME,
        outcomes.SIGNED_IN,
    ]
    assert kept[1][1] is None and kept[0][1] == kept[2][1] is not None


def test_the_sixth_guess_is_refused_even_with_the_right_password() -> None:
    assert guess(5) == [outcomes.WRONG_PASSWORD] * 5
    refused = signin.sign_in("builder", PASSWORD, ADDRESS)
    assert (refused.user, refused.outcome) == (None, outcomes.LOCKED_ACCOUNT)
    assert 890 <= refused.retry_after <= 901


def test_the_lock_opens_by_itself_after_a_quarter_of_an_hour(hours: Hours) -> None:
    guess(5)
    hours.forward(minutes=14, seconds=59)
    assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.LOCKED_ACCOUNT
    hours.forward(seconds=1)
    assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.SIGNED_IN


def test_knocking_at_a_locked_account_does_not_lock_it_longer(hours: Hours) -> None:
    guess(5)
    for _ in range(10):
        hours.forward(minutes=1)
        guess(1)
    hours.forward(minutes=5)
    assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.SIGNED_IN


def test_a_success_forgets_the_failures_before_it() -> None:
    guess(4)
    signin.sign_in("builder", PASSWORD, ADDRESS)
    assert guess(4) == [outcomes.WRONG_PASSWORD] * 4


def test_an_unknown_name_is_locked_like_a_known_one() -> None:
    assert guess(6, username="ghost") == [outcomes.UNKNOWN_NAME] * 5 + [outcomes.LOCKED_ACCOUNT]


def test_thirty_failures_from_one_address_close_it_for_every_name(hours: Hours) -> None:
    for number in range(30):
        guess(1, username=f"name{number}")
    assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.LOCKED_ADDRESS
    assert signin.sign_in("builder", PASSWORD, "203.0.113.9").outcome == outcomes.SIGNED_IN
    hours.forward(minutes=10)
    assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.SIGNED_IN


def test_a_deactivated_account_does_not_sign_in() -> None:
    active = update(User).where(User.username == "builder")
    with db.engine.begin() as connection:
        connection.execute(active.values(active=False))
    try:
        assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.DEACTIVATED
    finally:
        with db.engine.begin() as connection:
            connection.execute(active.values(active=True))


def test_parallel_guesses_count_each_other(guarded: Flask) -> None:
    def one(number: int) -> str:
        with guarded.app_context():
            return signin.sign_in("builder", f"wrong {number}", ADDRESS).outcome

    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(one, range(24)))
    assert sorted(set(found)) == [outcomes.LOCKED_ACCOUNT, outcomes.WRONG_PASSWORD]
    assert found.count(outcomes.WRONG_PASSWORD) == 5


def test_many_people_of_one_account_may_sign_in_at_once(guarded: Flask) -> None:
    def one(_: int) -> str:
        with guarded.app_context():
            return signin.sign_in("builder", PASSWORD, ADDRESS).outcome

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert set(pool.map(one, range(16))) == {outcomes.SIGNED_IN}


def test_signing_in_inside_a_writing_request_does_not_wait_for_itself(guarded: Flask) -> None:
    with guarded.app_context(), writing():
        db.session.scalar(text("SELECT count(*) FROM ab_user"))
        assert signin.sign_in("builder", PASSWORD, ADDRESS).outcome == outcomes.SIGNED_IN
        db.session.rollback()


def test_an_unknown_name_takes_as_long_as_a_wrong_password(guarded: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guarded.config, "FAB_PASSWORD_HASH_METHOD", "pbkdf2:sha256:300000")
    costly = signin.generate_password_hash(PASSWORD, method="pbkdf2:sha256:300000")
    with db.engine.begin() as connection:
        connection.execute(update(User).where(User.username == "builder").values(password=costly))
    checked: list[str] = []
    check = signin.check_password_hash

    def noted(kept: str, password: str) -> bool:
        checked.append(kept.split("$")[0])
        return check(kept, password)

    monkeypatch.setattr(signin, "check_password_hash", noted)
    found = [signin.sign_in(username, "wrong", ADDRESS).outcome for username in ("builder", "stranger")]
    assert found == [outcomes.WRONG_PASSWORD, outcomes.UNKNOWN_NAME]
    assert checked == ["pbkdf2:sha256:300000"] * 2
