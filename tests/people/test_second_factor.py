"""动态验证: nobody is in before the code, a code counts once, and a lost phone is somebody else's word."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import clock
from app.core.database import db
from app.people import second_factor
from models import signin as outcomes
from models.history import HistoryEntry
from models.signin import SignInAttempt
from tests.people.browse import said, send
from tests.people.phones import (
    ASK,
    OFFICE,
    PASSWORD,
    PLATFORM,
    SET_UP,
    START,
    Phone,
    come_in,
    enter,
    forget_codes,
    give,
    key_on,
    later,
    people,
    read,
    recovery_codes_on,
    set_up,
)
from tests.people.staffed import BOSS, LI, WANG, ZHANG
from tests.servers import token_in

pytestmark = pytest.mark.databases("sqlite", "postgres")
PROFILE = "/profile/"
WRONG = "动态验证码不正确，请核对手机时间后输入当前的 6 位数字"
NOTE = "用于本人手机丢失且没有恢复码的情形，请先确认由本人提出。解除后其登录全部退出，可凭密码登录后重新启用"
USED = "该验证码已使用过，请等待下一个验证码，或使用另一个恢复码"


@pytest.fixture(scope="module")
def desk(bare: Flask) -> Flask:
    """The application with people who can sign in."""
    people(bare)
    return bare


@pytest.fixture(autouse=True)
def _nobody_has_a_factor(desk: Flask) -> Iterator[None]:
    yield
    forget_codes(desk)


def attempts(app: Flask, key: int) -> list[str]:
    with app.app_context():
        query = select(SignInAttempt.outcome).where(SignInAttempt.user_id == key).order_by(SignInAttempt.id)
        return list(db.session.scalars(query))


def actions(app: Flask) -> list[str]:
    with app.app_context():
        query = select(HistoryEntry.action).where(HistoryEntry.record_type == "account").order_by(HistoryEntry.id)
        return list(db.session.scalars(query))


def test_until_the_code_is_right_nobody_is_signed_in(desk: Flask) -> None:
    phone, _codes = set_up(desk, LI)
    client, moment = desk.test_client(), later(5)
    asked = enter(client, LI, moment, next="/accounts/list/?size=10")
    assert (asked.status_code, asked.location) == (302, ASK)
    assert read(client, PROFILE, moment).location.startswith("/login/")
    assert said(give(client, ASK, {"code": " "}, moment)) == ["请输入动态验证码"]
    assert said(give(client, ASK, {"code": "000000"}, moment)) == [WRONG]
    assert read(client, PROFILE, moment).location.startswith("/login/")
    done = give(client, ASK, {"code": phone.code(moment)}, moment)
    assert (done.status_code, done.location) == (302, "/accounts/list/?size=10")
    page = read(client, PROFILE, moment).text
    assert all(word in page for word in ("待输入动态验证码", "动态验证码错误", "登录成功"))
    assert attempts(desk, LI)[1:] == [outcomes.CODE_ASKED, outcomes.WRONG_CODE, outcomes.SIGNED_IN]


@pytest.mark.parametrize("with_code", [False, True])
def test_a_form_left_open_is_over_once_another_account_came_in_by_password(desk: Flask, with_code: bool) -> None:
    moment, address = later(5), "/profile/password"
    phone = set_up(desk, LI)[0] if with_code else None
    client = desk.test_client()
    enter(client, ZHANG, moment)
    left_open = token_in(read(client, address, moment).text)
    enter(client, LI, moment)
    if phone is not None:
        assert give(client, ASK, {"code": phone.code(moment)}, moment).status_code == 302
    assert "u312" in read(client, PROFILE, moment).text
    with clock.frozen_time(moment):
        stale = client.post(address, data={"csrf_token": left_open, "old_password": "x"})
        assert (stale.status_code, "页面已过期" in stale.text) == (400, True)
        assert client.get("/language/en").status_code == 302
        enter(client, ZHANG, moment)
        assert "My account" in client.get(PROFILE).text


@pytest.mark.parametrize("typed", ["{} ", "{:.3} {:.0}", "full width"])
def test_a_code_may_be_typed_as_chinese_keyboards_do(desk: Flask, typed: str) -> None:
    phone, _codes = set_up(desk, LI)
    client, moment = desk.test_client(), later(5)
    enter(client, LI, moment)
    code = phone.code(moment)
    shapes = {"{} ": f" {code} ", "full width": "".join(chr(ord(each) + 0xFEE0) for each in code)}
    given = shapes.get(typed, f"{code[:3]}　{code[3:]}")
    assert give(client, ASK, {"code": given}, moment).status_code == 302


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(seconds=-60), timedelta(seconds=60)])
def test_only_the_codes_of_now_and_of_one_step_either_way_are_taken(desk: Flask, off: timedelta) -> None:
    phone, _codes = set_up(desk, LI)
    client, moment = desk.test_client(), later(5)
    enter(client, LI, moment)
    assert said(give(client, ASK, {"code": phone.code(moment + off)}, moment)) == [WRONG]
    beside = moment + timedelta(seconds=30) * (1 if off > timedelta() else -1)
    assert give(client, ASK, {"code": phone.code(beside)}, moment).status_code == 302


@pytest.mark.parametrize("typed", ["abcdef", "12345", "1234567", "\uff11", "²³¹²³¹", "x" * 5000, "\x00" * 6])
def test_what_is_no_code_is_not_taken(desk: Flask, typed: str) -> None:
    set_up(desk, LI)
    client = desk.test_client()
    enter(client, LI, later(5))
    assert said(give(client, ASK, {"code": typed}, later(5))) in ([WRONG], ["请输入动态验证码"])


def test_a_code_works_once_and_none_before_it_works_after_it(desk: Flask) -> None:
    phone, _codes = set_up(desk, LI)
    come_in(desk, LI, phone, later(5))
    client = desk.test_client()
    enter(client, LI, later(5))
    assert said(give(client, ASK, {"code": phone.code(later(5))}, later(5))) == [USED]
    assert said(give(client, ASK, {"code": phone.code(later(5, -30))}, later(5))) == [USED]
    assert give(client, ASK, {"code": phone.code(later(5, 30))}, later(5)).status_code == 302


def test_of_sixteen_who_show_the_same_code_one_is_taken(desk: Flask) -> None:
    phone, codes = set_up(desk, LI)

    def show(typed: str) -> str:
        with clock.frozen_time(later(5)), desk.app_context():
            return second_factor.use(LI, typed)

    for typed, taken in ((phone.code(later(5)), outcomes.SIGNED_IN), (codes[0], outcomes.RECOVERED)):
        with ThreadPoolExecutor(16) as pool:
            found = sorted(pool.map(show, [typed] * 16))
        assert found == sorted([taken, *[outcomes.USED_CODE] * 15])


def test_a_recovery_code_stands_for_the_phone_once(desk: Flask) -> None:
    _phone, codes = set_up(desk, LI)
    assert len(set(codes)) == 10
    client = desk.test_client()
    enter(client, LI, later(5))
    assert give(client, ASK, {"code": codes[3].lower().replace(" ", "-")}, later(5)).status_code == 302
    assert "剩余 9 个" in read(client, PROFILE, later(5)).text
    again = desk.test_client()
    enter(again, LI, later(6))
    assert said(give(again, ASK, {"code": codes[3]}, later(6))) == [USED]
    assert attempts(desk, LI)[-3:] == [outcomes.RECOVERED, outcomes.CODE_ASKED, outcomes.USED_CODE]


def test_new_recovery_codes_are_shown_once_and_end_the_old_ones(desk: Flask) -> None:
    phone, codes = set_up(desk, LI)
    client = come_in(desk, LI, phone, later(5))
    address = "/second-factor/recovery-codes"
    assert said(give(client, address, {"code": "000000"}, later(6))) == [WRONG]
    shown = give(client, address, {"code": phone.code(later(6))}, later(6))
    fresh = recovery_codes_on(shown.text)
    assert (len(set(fresh)), set(fresh) & set(codes), shown.headers["Cache-Control"]) == (10, set(), "no-store")
    assert not recovery_codes_on(read(client, address, later(6)).text)
    with clock.frozen_time(later(7)), desk.app_context():
        assert second_factor.use(LI, codes[0]) == outcomes.WRONG_CODE
        assert second_factor.use(LI, fresh[0]) == outcomes.RECOVERED


def test_five_wrong_codes_lock_the_account_in_every_session(desk: Flask) -> None:
    phone, codes = set_up(desk, LI)
    clients = [desk.test_client() for _ in range(5)]
    for client in clients:
        enter(client, LI, later(5))
    assert [give(each, ASK, {"code": "000000"}, later(5)).status_code for each in clients] == [401] * 5
    locked = give(clients[0], ASK, {"code": phone.code(later(6))}, later(6))
    assert (locked.status_code, said(locked)) == (429, ["验证失败次数过多，请 15 分钟后重新登录"])
    with clock.frozen_time(later(6)):
        assert enter(desk.test_client(), LI, later(6)).status_code == 429
    assert give(clients[1], ASK, {"code": codes[0]}, later(6)).status_code == 429
    come_in(desk, LI, phone, later(21))


def test_five_wrong_codes_end_the_sign_in(desk: Flask) -> None:
    set_up(desk, LI)
    client = desk.test_client()
    enter(client, LI, later(5))
    answers = [give(client, ASK, {"code": f"00000{n}"}, later(5)) for n in range(5)]
    assert [each.status_code for each in answers] == [401] * 4 + [302]
    assert answers[-1].location == "/login/"
    assert read(client, ASK, later(5)).location == "/login/"


def test_a_page_that_asks_for_the_code_is_over_with_what_it_rests_on(desk: Flask) -> None:
    phone, _codes = set_up(desk, LI)
    slow = desk.test_client()
    enter(slow, LI, later(5), next="/notices/")
    code = phone.code(later(10, 1))
    with clock.frozen_time(later(10, 1)):
        over = send(slow, ASK, {"code": code}, page="/login/")
    assert (over.status_code, over.location) == (302, "/login/?next=/notices/")
    left = desk.test_client()
    enter(left, LI, later(5))
    with clock.frozen_time(later(5)):
        send(left, "/logout/", page="/login/")
        assert send(left, ASK, {"code": code}, page="/login/").location == "/login/"
    taken_away = desk.test_client()
    enter(taken_away, LI, later(10))
    with desk.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM recovery_code"))
        connection.execute(text("DELETE FROM second_factor"))
    assert give(taken_away, ASK, {"code": code}, later(10)).location == "/login/"
    for client in (slow, left, taken_away):
        assert read(client, PROFILE, later(10, 2)).location.startswith("/login/")


def test_setting_up_needs_the_first_code_and_ends_the_other_sessions(desk: Flask) -> None:
    here, elsewhere = desk.test_client(), desk.test_client()
    enter(here, LI, START), enter(elsewhere, LI, START)
    page = read(here, SET_UP, START)
    assert "data:image/svg+xml" in page.text and page.headers["Cache-Control"] == "no-store"
    phone = Phone(key_on(page.text))
    assert said(give(here, SET_UP, {"code": "000000"}, START)) == [WRONG]
    assert key_on(read(here, SET_UP, START).text) == phone.key
    done = give(here, SET_UP, {"code": phone.code(START)}, START)
    assert (done.status_code, len(recovery_codes_on(done.text))) == (200, 10)
    assert phone.key not in done.text.replace(" ", "")
    assert read(here, PROFILE, START).status_code == 200
    assert read(elsewhere, PROFILE, START).status_code == 302
    assert actions(desk)[-1] == "set_up_factor"
    with desk.app_context(), db.engine.connect() as connection:
        kept = connection.execute(text("SELECT sealed_key FROM second_factor")).scalar_one()
        hashes = list(connection.execute(text("SELECT code_hash FROM recovery_code")).scalars())
    assert phone.key not in kept and kept.startswith("v1.")
    assert all(len(each) == 64 for each in hashes)


def test_a_session_left_open_cannot_set_up_a_factor_without_the_password(desk: Flask) -> None:
    client = desk.test_client()
    enter(client, LI, START)
    read(client, PROFILE, later(15))
    phone = Phone(key_on(read(client, SET_UP, later(16)).text))
    given = {"code": phone.code(later(16))}
    assert said(give(client, SET_UP, {**given, "old_password": "wrong"}, later(16))) == ["密码不正确，请重新输入"]
    assert give(client, SET_UP, {**given, "old_password": PASSWORD}, later(16)).status_code == 200


def test_another_phone_needs_a_code_of_the_one_before(desk: Flask) -> None:
    phone, codes = set_up(desk, LI)
    client = come_in(desk, LI, phone, later(5))
    fresh = Phone(key_on(read(client, SET_UP, later(6)).text))
    assert fresh.key != phone.key
    given = {"code": fresh.code(later(6))}
    assert said(give(client, SET_UP, {**given, "present_code": fresh.code(later(6))}, later(6))) == [WRONG]
    assert give(client, SET_UP, {**given, "present_code": codes[0]}, later(6)).status_code == 200
    come_in(desk, LI, fresh, later(8))
    old = desk.test_client()
    enter(old, LI, later(9))
    assert said(give(old, ASK, {"code": phone.code(later(9))}, later(9))) == [WRONG]


def remove(app: Flask, by: int, whose: int, moment: datetime, reason: str = "手机丢失") -> tuple[int, list[str]]:
    client = app.test_client()
    enter(client, by, moment)
    with app.app_context(), db.engine.connect() as connection:
        key = connection.execute(text(f"SELECT id FROM account WHERE user_id = {whose}")).scalar_one()
    answer = give(client, f"/accounts/do/{key}/remove_factor", {"reason": reason}, moment)
    return answer.status_code, said(answer)


def test_an_administrator_takes_a_lost_factor_away_with_a_reason_but_not_ones_own(desk: Flask) -> None:
    phone, _codes = set_up(desk, LI)
    client = come_in(desk, LI, phone, later(5))
    assert remove(desk, BOSS, LI, later(6), reason="") == (422, ["请输入原因", NOTE])
    assert read(client, PROFILE, later(6)).status_code == 200
    assert remove(desk, BOSS, LI, later(6))[0] == 302
    assert actions(desk)[-1] == "remove_factor"
    assert read(client, PROFILE, later(6)).status_code == 302
    assert enter(desk.test_client(), LI, later(7)).location == "/"
    boss, _codes = set_up(desk, BOSS, later(7))
    own = come_in(desk, BOSS, boss, later(8))
    with desk.app_context(), db.engine.connect() as connection:
        key = connection.execute(text(f"SELECT id FROM account WHERE user_id = {BOSS}")).scalar_one()
    give(own, f"/accounts/do/{key}/remove_factor", {"reason": "x"}, later(9))
    with desk.app_context():
        assert second_factor.set_up_at(BOSS) is not None


def test_nobody_elses_administrator_and_no_colleague_takes_it_away(desk: Flask) -> None:
    set_up(desk, LI)
    for by in (ZHANG, WANG, OFFICE):
        assert remove(desk, by, LI, later(5))[0] in (403, 404)
    with desk.app_context():
        assert second_factor.set_up_at(LI) is not None
    assert remove(desk, PLATFORM, LI, later(6))[0] == 302


def test_the_command_takes_the_factor_of_the_last_administrator_away(desk: Flask) -> None:
    set_up(desk, PLATFORM)
    runner = desk.test_cli_runner()
    assert runner.invoke(args=["reset-factor", "nobody"]).exit_code == 1
    assert runner.invoke(args=["reset-factor", f"u{PLATFORM}"]).exit_code == 0
    assert actions(desk)[-1] == "reset_factor"
    assert enter(desk.test_client(), PLATFORM, later(5)).location == "/"


@pytest.fixture
def required(desk: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application as it is outside of the demo."""
    monkeypatch.setitem(desk.config, "SECOND_FACTOR", "required")
    return desk


@pytest.mark.parametrize("key", [LI, BOSS, OFFICE, PLATFORM])
def test_where_it_is_required_whoever_reviews_regulates_or_administers_sets_it_up_first(
    required: Flask, key: int
) -> None:
    client = required.test_client()
    enter(client, key, START)
    for address in ("/", "/accounts/list/", PROFILE, "/notices/"):
        assert read(client, address, START).location == SET_UP
    with clock.frozen_time(START):
        assert client.get("/notices/bell", headers={"Accept": "application/json"}).status_code == 403
        assert send(client, "/notices/read", page=SET_UP).location == SET_UP
    page = read(client, SET_UP, START)
    assert "您的岗位须启用动态验证，启用后方可使用系统" in said(page)
    phone = Phone(key_on(page.text))
    assert give(client, SET_UP, {"code": phone.code(START)}, START).status_code == 200
    assert read(client, PROFILE, START).status_code == 200
    give(client, "/second-factor/give-up", {"code": phone.code(later(1))}, later(1))
    with required.app_context():
        assert second_factor.set_up_at(key) is not None


def test_where_it_is_required_who_only_prepares_works_without(required: Flask) -> None:
    client = required.test_client()
    enter(client, ZHANG, START)
    assert read(client, PROFILE, START).status_code == 200
