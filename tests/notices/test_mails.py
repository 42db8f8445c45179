"""Mails go out through a real server: each once, under one Message-ID, again only where the server put it off."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from app.core import clock
from app.core.clock import now
from app.core.database import db, transaction, writing
from app.core.viewer import as_system
from app.engine.workers import Worker, pause_after
from app.notices import mails, smtp
from app.people.security import viewer_of
from models.account import Account
from models.job import Job
from models.notice import Mail, Notice, NoticeChoice, Receiver
from models.rules import notices as rules
from tests.contract.world import EAST, World, letter
from tests.notices.post import DROP, HANG, PostOffice, post_office
from tests.notices.told import change, make, notices, user_id
from tests.people.browse import said, send

pytestmark = pytest.mark.databases("sqlite", "postgres")
HERS = "chen@example.com"
SETTINGS = "/notices/settings"
Known = Callable[[str], FlaskClient]


@pytest.fixture
def office(app: Flask, world: World) -> Iterator[PostOffice]:
    """A server, with nothing left to be sent or told from before."""
    make(app)
    for model in (Mail, NoticeChoice, Receiver):
        change(app, delete(model.__table__))
    change(app, update(Notice.__table__).values(by_mail=""))
    change(app, update(Job.metadata.tables["job"]).where(_is_mail()).values(unique_key=None, state="cancelled"))
    with post_office(app) as opened:
        yield opened


def _is_mail() -> Any:
    return Job.metadata.tables["job"].c.kind == mails.SENDS


def work(app: Flask, later: timedelta = timedelta()) -> None:
    """Do all jobs that are due by then."""
    with clock.frozen_time(now() + later), app.app_context():
        worker = Worker(viewer_of)
        while worker.do_next():
            pass


def rows(app: Flask) -> list[Any]:
    with app.app_context(), db.engine.connect() as connection:
        return list(connection.execute(select(Mail.__table__).order_by(Mail.id)))


def receive(app: Flask, username: str, by_mail: Mapping[str, str], address: str = HERS, locale: str = "zh") -> None:
    """Let the account be told at this address, confirmed already, by these ways."""
    who = user_id(app, username)
    with app.app_context(), writing(), db.engine.begin() as connection:
        connection.execute(Receiver.__table__.insert().values(user_id=who, address=address, locale=locale))
        for kind, way in by_mail.items():
            row = {"user_id": who, "kind": kind, "in_bell": True, "by_mail": way}
            connection.execute(NoticeChoice.__table__.insert().values(**row))


def digest(app: Flask) -> int:
    with app.app_context(), as_system():
        return mails.write_digests()


def test_an_address_counts_once_the_link_that_was_sent_there_is_opened(
    app: Flask, world: World, office: PostOffice, client_of: Known
) -> None:
    client = client_of("guarantor")
    answer = send(client, "/notices/address", {"address": HERS}, page=SETTINGS)
    assert answer.status_code == 302
    letter(world, EAST, "submitted")
    work(app)
    digest(app)
    work(app)
    assert office.addressed == [(HERS,)]
    number = "".join(re.findall(r"\d{8}", office.mails[0]["Subject"]))
    assert "确认接收邮箱" in office.mails[0]["Subject"]
    who, link, words = office.body().split("\n")[:3]
    assert "账号 guarantor 申请" in who
    assert "24 小时内有效" in words and "如非本人操作" in words
    settings = client.get(SETTINGS)
    assert number and number in "".join(said(settings))
    assert f"待确认邮箱：{HERS}" in settings.text and "当前邮箱" not in settings.text
    path = link.removeprefix(app.config["BASE_URL"])
    visitor = app.test_client()
    asked = visitor.get(path).text
    assert f"账号 guarantor 的通知邮件将发往 {HERS}" in asked
    assert "接收邮箱已确认" in send(visitor, path, page=path).text
    confirmed = client.get(SETTINGS).text
    assert f"当前邮箱：{HERS}" in confirmed and "待确认邮箱" not in confirmed
    assert send(visitor, path, page="/verify/").status_code in (400, 410)
    assert visitor.get(path).status_code == 410


@pytest.mark.parametrize(
    "address", ["", "chen", "a@b", "a@b.cn\r\nBcc: x@y.cn", "a b@c.cn", "甲@b.cn", f"{'a' * 260}@b.cn"]
)
def test_what_is_no_address_is_refused_and_nothing_is_sent(
    app: Flask, office: PostOffice, client_of: Known, address: str
) -> None:
    answer = send(client_of("employer2"), "/notices/address", {"address": address}, page=SETTINGS)
    assert answer.status_code in (422, 429)
    assert answer.status_code == 429 or "电子邮箱" in "".join(said(answer))
    assert rows(app) == []


def test_a_notice_that_is_mailed_at_once_leads_to_itself(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    key = letter(world, EAST, "submitted")
    work(app)
    [line], [mail] = notices(app, "guarantor", record_id=key), office.mails
    assert (office.addressed, mail["Subject"]) == ([(HERS,)], "待审核：保函")
    assert f"{app.config['BASE_URL']}/notices/{line.id}" in office.body()
    assert line.title in office.body() and line.by_name in office.body()
    assert [(each.message_id, each.attempts, each.error) for each in rows(app)] == [(mail["Message-ID"], 1, "")]


def test_the_day_brings_one_digest_however_much_happened(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {})
    for _ in range(3):
        letter(world, EAST, "submitted")
    work(app)
    assert office.mails == []
    assert (digest(app), digest(app)) == (1, 0)
    work(app)
    assert [each["Subject"] for each in office.mails] == ["3 条新通知"]
    assert office.body().count("待审核：保函") == 3
    letter(world, EAST, "submitted")
    make(app)
    assert digest(app) == 0
    with clock.frozen_time(now() + timedelta(days=1)):
        assert digest(app) == 1


def test_a_digest_names_twenty_and_counts_the_rest(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {})
    who = user_id(app, "guarantor")
    given = dict(source="test", kind="todo", record_type="letter", record_id=1, about="保函", by_name="")
    for number in range(25):
        row = dict(**given, user_id=who, source_id=number, title=f"工程{number}", at=now(), in_bell=True)
        change(app, Notice.__table__.insert().values(**row, label="待审核", by_mail="digest"))
    assert digest(app) == 1
    work(app)
    assert (office.mails[0]["Subject"], office.body().count("待审核：保函")) == ("25 条新通知", 20)
    change(app, delete(Notice.__table__).where(Notice.source == "test"))


def test_what_was_read_before_the_digest_is_not_in_it(
    app: Flask, world: World, office: PostOffice, client_of: Known
) -> None:
    receive(app, "guarantor", {})
    letter(world, EAST, "submitted")
    make(app)
    send(client_of("guarantor"), "/notices/read")
    assert digest(app) == 0


def test_a_mail_that_is_put_off_is_the_same_mail_when_it_is_taken(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    office.answers = ["451 try again", "421 busy"]
    letter(world, EAST, "submitted")
    work(app)
    [before] = rows(app)
    assert (before.sent_at, before.refused_at, before.attempts) == (None, None, 1)
    assert before.error == "SMTPDataError 451"
    work(app, pause_after(1) - timedelta(seconds=5))
    assert len(office.answers) == 1  # it is not its time yet
    work(app, pause_after(1) + timedelta(seconds=5))
    work(app, pause_after(1) + pause_after(2) + timedelta(seconds=15))
    [after] = rows(app)
    assert after.sent_at is not None and after.attempts == 3
    assert office.ids() == [before.message_id] == [after.message_id]


def test_what_is_refused_for_good_is_not_tried_again(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    office.refused = {HERS: "550 no such mailbox"}
    letter(world, EAST, "submitted")
    work(app)
    work(app, timedelta(days=2))
    [row] = rows(app)
    assert (row.sent_at, row.attempts, row.error) == (None, 1, "SMTPRecipientsRefused 550")
    assert row.refused_at is not None and office.mails == []


def test_a_server_that_hangs_up_after_taking_it_gets_the_same_mail_again(
    app: Flask, world: World, office: PostOffice
) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    office.answers = [DROP]
    letter(world, EAST, "submitted")
    work(app)
    assert rows(app)[0].error == "SMTPServerDisconnected"
    work(app, pause_after(1) + timedelta(seconds=5))
    first, second = office.ids()
    assert first == second and rows(app)[0].sent_at is not None


def test_a_server_that_says_nothing_is_left(
    app: Flask, world: World, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "STEP_SECONDS", 30.0)
    monkeypatch.setattr(smtp, "MOST_SECONDS", 0.5)
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    office.answers = [HANG]
    letter(world, EAST, "submitted")
    work(app)
    assert rows(app)[0].error == "SMTPServerDisconnected" and rows(app)[0].sent_at is None


def test_a_server_that_is_away_is_tried_until_the_last_attempt(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    app.config["SMTP_PORT"] = 1
    letter(world, EAST, "submitted")
    for hours in range(mails.ATTEMPTS + 1):
        work(app, timedelta(hours=3 * hours))
    [row] = rows(app)
    assert (row.attempts, row.error, row.sent_at) == (mails.ATTEMPTS, "ConnectionRefusedError", None)
    assert row.refused_at is not None


def test_no_name_adds_a_header_or_a_line_of_its_own(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    key = letter(world, EAST, "submitted")
    make(app)
    [line] = notices(app, "guarantor", record_id=key)
    trap = "甲\r\nBcc: all@example.com\r\n\r\n二\u202e三\u2028四" + "长" * 100
    change(app, delete(Mail.__table__))
    change(app, update(Notice.__table__).where(Notice.id == line.id).values(title=trap, label=trap[:60], about="保函"))
    with app.app_context(), as_system(), writing(), transaction():
        mails.write_each([line.id])
    work(app)
    mail = office.mails[-1]
    assert (mail["Bcc"], office.addressed[-1]) == (None, (HERS,))
    assert "\n" not in mail["Subject"] and mail["Subject"].startswith("甲 Bcc: all@example.com 二三")
    assert [each for each in office.body().splitlines() if each.startswith("Bcc")] == []
    assert "\u202e" not in office.body()


def test_without_a_server_nothing_is_written_and_the_settings_say_so(
    app: Flask, world: World, office: PostOffice, client_of: Known
) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    app.config["SMTP_HOST"] = ""
    key = letter(world, EAST, "submitted")
    work(app)
    assert digest(app) == 0
    assert rows(app) == [] and [each.by_mail for each in notices(app, "guarantor", record_id=key)] == [""]
    assert "系统未配置邮件服务" in client_of("guarantor").get(SETTINGS).text
    assert app.test_client().get("/readyz").json == {"status": "ok", "mail": "off"}


def test_nothing_is_sent_to_an_account_that_was_closed_meanwhile(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {rules.TODO: rules.ONCE})
    letter(world, EAST, "submitted")
    make(app)
    own = Account.__table__.c.user_id == user_id(app, "guarantor")
    change(app, update(Account.__table__).where(own).values(state="inactive"))
    try:
        work(app)
    finally:
        change(app, update(Account.__table__).where(own).values(state="active"))
    assert [(each.error, each.sent_at) for each in rows(app)] == [("closed", None)] and office.mails == []


def test_mails_are_in_the_readers_language(app: Flask, world: World, office: PostOffice) -> None:
    receive(app, "guarantor", {}, locale="en")
    letter(world, EAST, "submitted")
    make(app)
    digest(app)
    work(app)
    assert office.mails[0]["Subject"] == "1 new notices"
    assert "Notification settings" in office.body() and "接收设置" not in office.body()


def test_choices_are_kept_and_what_must_be_acted_on_stays_in_the_bell(
    app: Flask, world: World, office: PostOffice, client_of: Known
) -> None:
    client = client_of("employer")
    form = {f"mail-{kind}": "" for kind in rules.KINDS} | {"bell-issued": "y", "mail-returned": "once"}
    assert send(client, SETTINGS, form, page=SETTINGS).status_code == 302
    page = html.unescape(client.get(SETTINGS).text)
    ticked = {kind for kind in rules.KINDS if re.search(rf'name="bell-{kind}" value="y" checked', page)}
    assert ticked == {"issued", *rules.ALWAYS_IN_BELL}
    assert send(client, SETTINGS, {**form, "mail-todo": "hourly"}, page=SETTINGS).status_code == 400
    key = letter(world, EAST, "confirmed")
    make(app)
    assert {each.kind for each in notices(app, "employer", record_id=key)} == {"issued"}
