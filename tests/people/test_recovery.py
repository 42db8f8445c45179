"""忘记密码 by mail: one answer for everybody, a link that works once, and the holder is told of what was changed."""

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db
from app.engine.workers import Worker
from app.people.security import viewer_of
from tests.notices.post import PostOffice, post_office
from tests.people.browse import NEW_PASSWORD, said, send, shown_link, sign_in
from tests.people.phones import ASK, PASSWORD, START, enter, give, later, people, read, set_up
from tests.people.staffed import BOSS, GONE, LI, WANG

pytestmark = pytest.mark.databases("sqlite", "postgres")
FORGOT = "/password/forgot"
HERS, NEWER = "li@example.com", "li.new@example.com"
ANSWER = "如该账号已确认接收邮箱，找回密码的邮件将在几分钟内送达"
WARNED = "如非本人操作，请立即联系本单位管理员或平台管理员"


@pytest.fixture(scope="module")
def desk(bare: Flask) -> Flask:
    """The application with people who can sign in."""
    people(bare)
    return bare


@pytest.fixture
def office(desk: Flask) -> Iterator[PostOffice]:
    """A mail server; LI and GONE have confirmed addresses."""
    change(desk, "DELETE FROM receiver")
    for key, address in ((LI, HERS), (GONE, "gone@example.com")):
        change(desk, f"INSERT INTO receiver (user_id, address, locale) VALUES ({key}, '{address}', 'zh')")
    with post_office(desk) as opened:
        yield opened
    for table in ("recovery_code", "second_factor", "sign_in_attempt", "web_session", "request_count", "one_time_link"):
        change(desk, f"DELETE FROM {table}")
    change(desk, f"UPDATE ab_user SET password = (SELECT password FROM ab_user WHERE id = {WANG})")


def change(app: Flask, statement: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement))


def kept(app: Flask, query: str) -> list[tuple[object, ...]]:
    with app.app_context(), db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def work(app: Flask, moment: datetime) -> None:
    """Do all jobs that are due by then."""
    with clock.frozen_time(moment), app.app_context():
        worker = Worker(viewer_of)
        while worker.do_next():
            pass


def forget(app: Flask, typed: str, moment: datetime = START) -> TestResponse:
    answer = give(app.test_client(), FORGOT, {"account": typed}, moment)
    work(app, moment)
    return answer


def shown(answer: TestResponse) -> str:
    """The page without its token and what lies around it."""
    return answer.text.split("<main")[1].split("</main>")[0]


def link_in(office: PostOffice) -> str:
    found = re.search(r"/password/reset/[\w-]+", office.body())
    assert found
    return found.group()


def choose(client: FlaskClient, address: str, moment: datetime) -> TestResponse:
    return give(client, address, {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}, moment)


def test_whoever_is_named_the_answer_is_the_same_and_a_mail_goes_to_active_accounts_alone(
    desk: Flask, office: PostOffice
) -> None:
    named = ("nobody", f"u{WANG}", f"u{GONE}", "gone@example.com", "x' --")
    answers = {shown(forget(desk, typed)) for typed in named}
    assert office.mails == []
    answers.add(shown(forget(desk, f" U{LI} ")))
    assert len(answers) == 1 and ANSWER in answers.pop()
    assert office.addressed == [(HERS,)]
    assert f"账号 u{LI} 申请找回密码" in office.body()
    assert kept(desk, "SELECT count(*) FROM job WHERE CAST(arguments AS TEXT) LIKE '%nobody%'") == [(0,)]


def test_the_link_sets_a_password_once_and_takes_no_factor_away(desk: Flask, office: PostOffice) -> None:
    set_up(desk, LI)
    forget(desk, "LI@example.com", later(1))
    first = link_in(office)
    forget(desk, f"u{LI}", later(2))
    second = link_in(office)
    client = desk.test_client()
    assert read(client, first, later(3)).status_code == 410
    assert choose(client, second, later(3)).status_code == 200
    work(desk, later(3))
    assert office.addressed[-1] == (HERS,) and "密码已修改" in office.body() and WARNED in office.body()
    used = read(client, second, later(3))
    assert used.status_code == 410 and f'href="{FORGOT}"' in shown(used)
    with clock.frozen_time(later(4)):
        assert sign_in(client, f"u{LI}", PASSWORD).status_code == 401
        assert sign_in(client, f"u{LI}", NEW_PASSWORD).location == ASK
    assert kept(desk, f"SELECT address FROM receiver WHERE user_id = {LI}") == [(HERS,)]


def test_the_link_is_over_after_an_hour_and_with_its_account(desk: Flask, office: PostOffice) -> None:
    forget(desk, f"u{LI}")
    address, client = link_in(office), desk.test_client()
    assert read(client, address, later(59)).status_code == 200
    assert read(client, address, later(60)).status_code == 410
    forget(desk, f"u{LI}", later(70))
    latest = link_in(office)
    change(desk, f"UPDATE ab_user SET active = {'false' if is_postgres(desk) else 0} WHERE id = {LI}")
    assert said(choose(client, latest, later(71)))[0] == "该链接已使用或已过期，请重新申请"
    change(desk, f"UPDATE ab_user SET active = {'true' if is_postgres(desk) else 1} WHERE id = {LI}")


def is_postgres(app: Flask) -> bool:
    with app.app_context():
        return db.engine.dialect.name == "postgresql"


def test_one_name_is_written_to_three_times_an_hour_whatever_is_answered(desk: Flask, office: PostOffice) -> None:
    answers = [forget(desk, f"u{LI}").status_code for _ in range(6)]
    assert (answers, len(office.mails)) == ([200] * 6, 3)
    forget(desk, f"u{LI}", later(61))
    assert len(office.mails) == 4


def test_what_is_empty_or_longer_than_any_address_is_told_at_its_box(desk: Flask, office: PostOffice) -> None:
    assert "请输入账号或接收邮箱" in said(forget(desk, "  "))
    assert "电子邮箱不能超过 254 个字符，现有 300 个，请核对" in said(forget(desk, "x" * 300))


def test_the_old_address_is_told_of_the_new_one_and_of_its_end(desk: Flask, office: PostOffice) -> None:
    client = desk.test_client()
    enter(client, LI, START)
    settings = "/notices/settings"
    with clock.frozen_time(START):
        read(client, settings, START)
        send(client, "/notices/address", {"address": NEWER}, page=settings)
    work(desk, START)
    confirm = re.search(r"/mail/confirm/[\w-]+", office.body())
    assert confirm
    give(client, confirm.group(), {}, START)
    work(desk, START)
    assert office.addressed[-1] == (HERS,)
    assert f"账号 u{LI}：接收邮箱已更改" in office.body() and WARNED in office.body()
    with clock.frozen_time(START):
        send(client, "/notices/address/forget", page=settings)
    work(desk, START)
    assert office.addressed[-1] == (NEWER,) and "接收邮箱已停用" in office.body()


@pytest.mark.parametrize("way", ["confirm", "forget", "past the pages"])
def test_a_link_mailed_to_an_address_that_was_given_up_sets_no_password(
    desk: Flask, office: PostOffice, way: str
) -> None:
    client = desk.test_client()
    enter(client, LI, START)
    forget(desk, f"u{LI}")
    mailed = link_in(office)
    if way == "past the pages":
        change(desk, f"UPDATE receiver SET address = '{NEWER}' WHERE user_id = {LI}")
    else:
        with clock.frozen_time(START):
            send(client, "/notices/address", {"address": NEWER}, page="/notices/settings")
            work(desk, START)
            confirm = re.search(r"/mail/confirm/[\w-]+", office.body())
            if way == "forget":
                send(client, "/notices/address/forget", page="/notices/settings")
        if way == "confirm":
            assert confirm
            give(client, confirm.group(), {}, START)
    address = "" if way == "forget" else NEWER
    stranger = desk.test_client()
    assert read(stranger, mailed, later(1)).status_code == 410
    with clock.frozen_time(later(1)):
        send(stranger, mailed, {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}, page="/login/")
        assert sign_in(stranger, f"u{LI}", NEW_PASSWORD).status_code == 401
    assert kept(desk, f"SELECT address FROM receiver WHERE user_id = {LI}") == [(address,)]


def test_the_holder_is_told_of_a_password_set_by_others_and_of_a_factor_that_comes_or_goes(
    desk: Flask, office: PostOffice
) -> None:
    set_up(desk, LI)
    work(desk, START)
    assert f"账号 u{LI}：启用动态验证" in office.body()
    boss = desk.test_client()
    enter(boss, BOSS, later(1))
    ((key,),) = kept(desk, f"SELECT id FROM account WHERE user_id = {LI}")
    give(boss, f"/accounts/do/{key}/remove_factor", {"reason": "手机丢失"}, later(1))
    work(desk, later(1))
    assert office.addressed[-1] == (HERS,) and "动态验证已由管理员解除" in office.body()
    with clock.frozen_time(later(2)):
        address = shown_link(send(boss, f"/accounts/link/{key}"))
    choose(desk.test_client(), address, later(3))
    work(desk, later(3))
    assert office.addressed[-1] == (HERS,) and "接收邮箱已停用" in office.body()
