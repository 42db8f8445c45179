"""Each deed is told once to whoever reads it: the other side, whoever has to act next, and nobody else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, insert, select, update

from app.core.clock import now
from app.core.database import db, transaction, writing
from app.core.viewer import as_system
from app.engine.workers import Worker
from app.notices import making, sources
from app.people import accounts
from app.people.security import viewer_of
from models.account import Account
from models.event import OutboxEvent
from models.guarantee import Guarantee
from models.job import Job
from models.notice import Notice
from models.organisation import Organisation
from tests.contract.world import EAST, SOUTH, World, letter, organisation_of, take
from tests.guards.test_statements import statements
from tests.notices.told import change, make, notices, told, user_id, written

pytestmark = pytest.mark.databases("sqlite", "postgres")
MAKERS = 4
CROWD = 200


@pytest.fixture(autouse=True)
def _told_before(app: Flask, world: World) -> None:
    make(app)


def waiting_jobs(app: Flask) -> int:
    table = Job.metadata.tables["job"]
    waits = (table.c.kind == making.MAKES, table.c.state == "available")
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(*waits)) or 0


def untold(app: Flask) -> int:
    table = OutboxEvent.__table__
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table).where(~table.c.is_told)) or 0


def test_the_steps_of_a_letter_are_told_to_the_other_side_and_to_whoever_is_next(app: Flask, world: World) -> None:
    key = written(world, "issued")
    bank = next(each.by_name for each in notices(app, "employer", record_id=key))
    employer = next(each.by_name for each in notices(app, "guarantor", record_id=key))
    assert told(app, "guarantor", key) == [("todo", "待审核", "保函", employer)]
    assert told(app, "guarantor-issuer", key)[-1] == ("todo", "待复核", "保函", bank)
    assert told(app, "employer", key) == [("other", "审核通过", "保函", bank), ("issued", "出具保函", "保函", bank)]
    assert told(app, "contractor", key) == [("todo", "待确认", "保函", bank)]


def test_what_is_sent_back_and_what_is_objected_to_says_so(app: Flask, world: World) -> None:
    returned, issued = written(world, "returned"), written(world, "issued")
    take(world, EAST, issued, "object")
    make(app)
    assert [line[:2] for line in told(app, "employer", returned)] == [("returned", "退回补正")]
    assert told(app, "employer", issued)[-1][:2] == ("objected", "提出异议")
    assert told(app, "guarantor", issued)[-1][:2] == ("objected", "提出异议")


def test_nobody_of_another_side_is_told_anything(app: Flask, world: World) -> None:
    key = written(world, "issued")
    for username in SOUTH.usernames:
        assert told(app, username, key) == []
    marked = [each for username in SOUTH.usernames for each in notices(app, username) if EAST.mark in each.title]
    assert marked == []


def test_whoever_did_it_is_not_told_and_neither_are_colleagues_who_need_not_act(app: Flask, world: World) -> None:
    key = written(world, "issued")
    assert [line[1] for line in told(app, "guarantor", key)] == ["待审核"]
    assert [line[1] for line in told(app, "guarantor-admin", key)] == ["提交"]
    assert [line[1] for line in told(app, "guarantor-issuer", key)] == ["提交", "待复核"]


def test_who_keeps_both_duties_is_not_told_to_review_what_he_prepared(app: Flask, world: World) -> None:
    table = Account.__table__
    own = update(table).where(table.c.user_id == user_id(app, "guarantor"))
    change(app, own.values(reviews=True))
    try:
        key = written(world, "prepared")
    finally:
        change(app, own.values(reviews=False))
    assert [line[1] for line in told(app, "guarantor", key)] == ["待审核"]
    assert [line[1] for line in told(app, "guarantor-issuer", key)] == ["提交", "待复核"]


def test_a_side_that_sees_a_record_late_is_not_told_what_was_said_before(app: Flask, world: World) -> None:
    key = letter(world, EAST, "issued")
    make(app)
    assert [line[1] for line in told(app, "contractor", key)] == ["待确认"]


def test_a_closed_account_is_told_nothing(app: Flask, world: World) -> None:
    issuer = user_id(app, "guarantor-issuer")
    table = Account.__table__
    try:
        change(app, update(table).where(table.c.user_id == issuer).values(state="inactive"))
        key = written(world, "submitted")
        assert told(app, "guarantor-issuer", key) == []
        assert told(app, "guarantor", key) != []
    finally:
        change(app, update(table).where(table.c.user_id == issuer).values(state="active"))


def test_several_makers_at_once_tell_each_reader_once(app: Flask, world: World) -> None:
    keys = [letter(world, EAST, "submitted") for _ in range(5)]
    gate = Barrier(MAKERS)

    def one() -> int:
        gate.wait()
        return make(app)

    with ThreadPoolExecutor(MAKERS) as pool:
        made = sum(each.result() for each in [pool.submit(one) for _ in range(MAKERS)])
    assert untold(app) == 0
    for key in keys:
        assert [line[1] for line in told(app, "guarantor", key)] == ["待审核"]
    with app.app_context():
        rows = db.session.scalars(select(Notice).where(Notice.record_id.in_(keys), Notice.record_type == "letter"))
        assert made >= len(list(rows)) > len(keys)


def test_what_is_told_of_already_is_not_told_again_when_its_mark_was_lost(app: Flask, world: World) -> None:
    key = written(world, "submitted")
    before = told(app, "guarantor", key)
    change(app, update(OutboxEvent.__table__).values(is_told=False))
    make(app)
    assert told(app, "guarantor", key) == before


def test_an_event_of_a_transaction_that_ends_later_is_told_although_its_id_is_smaller(app: Flask, world: World) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("on SQLite one transaction writes at a time: ids are seen in their order")
    key = letter(world, EAST, "submitted")
    table = OutboxEvent.__table__
    own = (table.c.record_id == key, table.c.type == "letter.submit")
    with app.app_context(), db.engine.connect() as connection:
        row = connection.execute(select(table).where(*own)).mappings().one()
        connection.execute(delete(table).where(*own))
        connection.commit()
        again = {name: value for name, value in row.items() if name != "id"}
        connection.execute(insert(table).values(**again))
        change(app, insert(table).values(**{**again, "record_type": "unknown"}))  # the next id, which is seen first
        make(app)
        assert told(app, "guarantor", key) == []
        connection.commit()
        assert [each.id for each in connection.execute(select(table).where(~table.c.is_told))] < [
            connection.scalar(select(func.max(table.c.id)))
        ]
    make(app)
    assert [line[1] for line in told(app, "guarantor", key)] == ["待审核"]


def test_what_cannot_be_told_is_logged_and_holds_nothing_else_up(
    app: Flask, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    table = OutboxEvent.__table__
    names = {"type": "letter.submit", "record_type": "letter", "record_id": 1, "entry_id": 0, "deed_id": 0}
    change(app, insert(table).values(**names, actor_id=0, at=now()))  # of an entry that is not there
    key = letter(world, EAST, "submitted")
    make(app)
    assert [line[1] for line in told(app, "guarantor", key)] == ["待审核"]
    assert untold(app) == 0
    assert "the next 1 cannot be told" in caplog.text


def test_one_job_waits_however_many_deeds_ask(app: Flask, world: World) -> None:
    _work(app)
    assert waiting_jobs(app) == 0
    key = letter(world, EAST, "issued")
    assert waiting_jobs(app) == 1
    _work(app)
    assert (waiting_jobs(app), untold(app)) == (0, 0)
    assert [line[1] for line in told(app, "contractor", key)] == ["待确认"]
    letter(world, EAST, "draft")
    assert waiting_jobs(app) == 1


def test_a_deed_that_has_not_ended_holds_the_job_that_it_found_waiting(app: Flask, world: World) -> None:
    _work(app)
    letter(world, EAST, "draft")
    assert waiting_jobs(app) == 1
    asked, go_on = Event(), Event()

    def deed() -> None:
        with app.app_context(), as_system(), writing(), transaction():
            making.ask()
            asked.set()
            go_on.wait(20)

    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(deed)
        assert asked.wait(20)
        taking = pool.submit(_work, app)
        go_on.set()
        running.result()
        taking.result()
    _work(app)
    assert waiting_jobs(app) == 0


def test_a_job_that_is_over_leaves_its_place_to_another(app: Flask, world: World) -> None:
    _work(app)
    letter(world, EAST, "draft")
    table = Job.metadata.tables["job"]
    waits = (table.c.kind == making.MAKES, table.c.state == "available")
    change(app, update(table).where(*waits).values(state="discarded", finished_at=now()))
    key = letter(world, EAST, "submitted")
    _work(app)
    assert [line[1] for line in told(app, "guarantor", key)] == ["待审核"]


def test_two_hundred_readers_cost_no_more_statements_than_two(app: Flask, world: World) -> None:
    first = letter(world, EAST, "submitted")
    with statements(app) as few:
        make(app)
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        company = db.session.get_one(Organisation, organisation_of("guarantor"))
        for number in range(CROWD):
            accounts.create(
                company, username=f"crowd{number}", name=f"经办{number}", password="x", password_hash="x", active=True
            )
        db.session.commit()
    make(app)
    second = letter(world, EAST, "submitted")
    with statements(app) as many:
        assert make(app) > CROWD
    assert len(many) <= len(few) + 6, (len(few), len(many))
    assert told(app, "guarantor", first) == told(app, "guarantor", second)
    assert told(app, f"crowd{CROWD - 1}", second) == told(app, "guarantor", second)


def test_what_left_the_readers_sight_leads_nowhere(
    app: Flask, world: World, client_of: Callable[[str], FlaskClient]
) -> None:
    key = written(world, "issued")
    [line] = notices(app, "contractor", record_id=key)
    client = client_of("contractor")
    assert client.get(f"/notices/{line.id}").location.endswith(f"/show/{key}")
    table = Guarantee.__table__
    with app.app_context(), db.engine.connect() as connection:
        contractor_id = connection.scalar(select(table.c.contractor_id).where(table.c.id == key))
    change(app, update(table).where(table.c.id == key).values(contractor_id=organisation_of_app(app, "contractor2")))
    assert client.get(f"/notices/{line.id}").status_code == 404
    take_back = update(table).where(table.c.id == key).values(contractor_id=contractor_id)
    change(app, take_back)


def test_nobody_opens_the_notice_of_somebody_else(
    app: Flask, world: World, client_of: Callable[[str], FlaskClient]
) -> None:
    key = written(world, "issued")
    [line] = notices(app, "contractor", record_id=key)
    assert client_of("employer").get(f"/notices/{line.id}").status_code == 404
    [after] = notices(app, "contractor", record_id=key)
    assert after.read_at is None


def test_every_source_has_its_mark_and_its_reader() -> None:
    for source in sources.SOURCES:
        assert "is_told" in source.table.c and source.by in source.table.c


def organisation_of_app(app: Flask, username: str) -> int:
    with app.app_context():
        return organisation_of(username)


def _work(app: Flask) -> None:
    """Do all jobs that are due."""
    with app.app_context():
        worker = Worker(viewer_of)
        while worker.do_next():
            pass
