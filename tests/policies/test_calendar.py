"""工作日历: a year is entered by the administrator, open limits are counted anew, what nobody announced is 预计."""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.database import db
from app.core.viewer import as_system
from app.engine import transitions
from app.ledger import calendars, history
from app.policy import years
from models.account import Account
from models.duty import Duty
from models.funds.report import FundReport
from models.grammar.columns import SHANGHAI
from models.history import HistoryEntry
from models.holidays import CalendarDay, CalendarYear
from models.modes.letter import Letter
from models.rules.holidays import OFFICIAL
from tests.contract.world import at_work, viewer_named
from tests.installations import Home, close_app, open_app
from tests.policies.versions import problems, send

pytestmark = pytest.mark.databases("sqlite", "postgres")

WEDNESDAY = date(2027, 2, 3)
ESTIMATED, COUNTED = date(2027, 2, 10), date(2027, 2, 16)
"""Five working days after 2027-02-03: by weekends alone; and with 春节 from 02-05 to 02-11 and 02-14 worked."""

FORM = {
    "year": "2027",
    "source": "国务院办公厅关于2027年部分节假日安排的通知",
    "announced_on": "2026-11-27",
    "rest": "元旦 2027-01-01 至 2027-01-03\n春节：2月5日（周五）至11日（周四）放假调休，共7天",
    "work": "春节 2027-02-14",
}


def post(client: FlaskClient, address: str = "/holidays/add", **changed: str) -> TestResponse:
    """Save the year's form."""
    return send(client, "save", address, **{**FORM, "form_token": secrets.token_hex(16), **changed})


@pytest.fixture(scope="module")
def waiting(app: Flask) -> int:
    """A letter that was handed in on that Wednesday of a year that nobody has announced."""
    with at_work(app, "employer"), clock.frozen_time(datetime.combine(WEDNESDAY, time(10), tzinfo=SHANGHAI)):
        drafts = select(Letter.id).where(Letter.state == "draft", Letter.amount.is_not(None), ~Letter.backfilled)
        key = db.session.scalars(drafts.order_by(Letter.id)).first()
        assert key is not None
        transitions.perform(Letter, key, "submit")
    return key


@pytest.fixture
def entered(app: Flask, admin: FlaskClient, waiting: int) -> Iterator[TestResponse]:
    """The year 2027, entered for this test alone; the answer to its form."""
    yield post(admin)
    with app.app_context(), as_system():
        key = db.session.scalar(select(CalendarYear.id).where(CalendarYear.year == 2027))
    if key is not None:
        assert send(admin, "", f"/holidays/delete/{key}").status_code == 302


def year_id(app: Flask, year: int = 2027) -> int:
    with app.app_context(), as_system():
        return int(db.session.scalars(select(CalendarYear.id).where(CalendarYear.year == year)).one())


def due(app: Flask, key: int) -> tuple[date | None, date]:
    """The day of the letter, and that of its open limit."""
    with app.app_context(), as_system():
        duty = select(Duty.due_on).where(Duty.record_id == key, Duty.record_type == "letter", Duty.met_on.is_(None))
        return db.session.get_one(Letter, key).due_on, db.session.scalars(duty).one()


def open_limits(app: Flask) -> int:
    """The limits that run, and the reports that are to be handed in."""
    with app.app_context(), as_system():
        duties = db.session.scalar(select(func.count()).select_from(Duty).where(Duty.met_on.is_(None)))
        drafts = select(func.count()).where(FundReport.state == "draft", FundReport.month.is_not(None))
        return int(duties or 0) + int(db.session.scalar(drafts) or 0)


def told(app: Flask, table: str, key: int) -> HistoryEntry:
    """The newest entry of the record."""
    with app.app_context(), as_system():
        mine = (HistoryEntry.record_type == table, HistoryEntry.record_id == key)
        return db.session.scalars(select(HistoryEntry).where(*mine).order_by(HistoryEntry.id.desc()).limit(1)).one()


def look(app: Flask, key: int) -> Letter:
    with app.app_context(), as_system():
        return db.session.get_one(Letter, key)


def underwriter(app: Flask, key: int) -> str:
    """The account that takes up what is handed in to the letter's guarantor."""
    organisation = look(app, key).guarantor_id
    with app.app_context(), as_system():
        query = select(Account.username).where(Account.organisation_id == organisation, Account.prepares)
        return str(db.session.scalars(query.order_by(Account.id)).first())


def test_the_calendar_begins_with_what_the_state_council_announced(app: Flask) -> None:
    with app.app_context():
        assert calendars.current() == OFFICIAL
        kept = set(db.session.scalars(select(CalendarYear.__table__.c.year)))
    assert kept == OFFICIAL.announced_years


def test_releasing_again_keeps_the_years_as_they_are(app: Flask) -> None:
    with app.app_context():
        before = db.session.scalar(select(func.count()).select_from(HistoryEntry))
        years.seed()
        assert db.session.scalar(select(func.count()).select_from(HistoryEntry)) == before


def test_a_day_of_a_year_that_nobody_announced_is_said_to_be_estimated(
    app: Flask, client_of: Callable[[str], FlaskClient], waiting: int
) -> None:
    """2027 was counted as if it had no holidays, and nothing said 预计."""
    employer, said = client_of("employer"), f"{ESTIMATED}（预计）"
    assert due(app, waiting) == (ESTIMATED, ESTIMATED)
    page = employer.get(f"/letters/show/{waiting}").text
    assert f"办理期限 {said}" in page
    assert re.search(rf'id="limits".*保证人受理.*{WEDNESDAY}.*5 个工作日.*{said}', page, re.DOTALL)
    guarantor = client_of(underwriter(app, waiting))
    rows = f"tab=submitted&application_no={look(app, waiting).application_no}"
    assert said in guarantor.get(f"/letters/list/?{rows}").text
    book = load_workbook(BytesIO(guarantor.get(f"/letters/export/?{rows}").data)).active
    assert book is not None
    assert said in [cell.value for cell in book[2]]


def test_a_to_do_says_that_its_day_is_estimated(
    app: Flask, client_of: Callable[[str], FlaskClient], waiting: int
) -> None:
    page = client_of(underwriter(app, waiting)).get("/?todos=all").text
    assert f"{ESTIMATED}（预计） 前办理" in page


def test_entering_a_year_counts_the_open_limits_anew_and_says_how_many_moved(
    app: Flask, admin: FlaskClient, client_of: Callable[[str], FlaskClient], waiting: int, entered: TestResponse
) -> None:
    assert entered.status_code == 302
    page = admin.get(entered.location).text
    counted = f"{open_limits(app)} 项"
    assert f"已重新计算 {counted}在办期限，其中 1 项的截止日有变动" in page
    assert "春节 2027-02-05 至 2027-02-11" in page
    assert "春节 2027-02-14" in page
    assert due(app, waiting) == (COUNTED, COUNTED)
    assert told(app, "calendar_year", year_id(app)).comment == f"2027 年：在办期限 {counted}，变动 1 项"
    entry = told(app, "letter", waiting)
    with app.app_context():
        who = viewer_named("admin")
    assert (entry.action, entry.behind_name) == ("calendar_year.recount", who.name)
    assert entry.changes == f'{{"due_on": ["{ESTIMATED}", "{COUNTED}"]}}'
    shown = client_of("employer").get(f"/letters/show/{waiting}").text
    assert f"办理期限：{ESTIMATED} → {COUNTED}" in shown
    assert "（预计）" not in shown
    with app.app_context(), as_system():
        assert history.verify() == ""


def test_a_changed_year_counts_anew_and_a_deleted_one_leaves_an_estimate(
    app: Flask, admin: FlaskClient, waiting: int, entered: TestResponse
) -> None:
    key = year_id(app)
    answer = post(admin, f"/holidays/edit/{key}", version="1", work="", rest=FORM["rest"])
    assert "其中 1 项的截止日有变动" in admin.get(answer.location).text
    assert due(app, waiting) == (date(2027, 2, 17), date(2027, 2, 17))
    untold = send(admin, "", f"/holidays/delete/{key}", version=None)
    assert untold.status_code == 400 and "请重新打开该业务后再办理" in untold.text
    answer = send(admin, "", f"/holidays/delete/{key}")
    assert "其中 1 项的截止日有变动" in admin.get(answer.location).text
    assert due(app, waiting) == (ESTIMATED, ESTIMATED)
    assert told(app, "letter", waiting).action == "calendar_year.delete"
    with app.app_context():
        assert calendars.is_estimated(ESTIMATED)
        assert db.session.scalars(select(CalendarDay).where(CalendarDay.day >= date(2027, 1, 1))).all() == []


def test_a_year_saved_as_it_was_moves_nothing(app: Flask, admin: FlaskClient, entered: TestResponse) -> None:
    answer = post(admin, f"/holidays/edit/{year_id(app)}", version="1")
    assert "其中 0 项的截止日有变动" in admin.get(answer.location).text


def test_everything_that_is_wrong_with_a_year_is_said_at_once_and_nothing_is_kept(
    app: Flask, admin: FlaskClient, waiting: int
) -> None:
    rest = "春节 2027-02-05 至 2027-02-11\n2028-01-01\n2027-13-01"
    answer = post(admin, rest=rest, work="2027-02-06、2027-02-15", source="")
    assert answer.status_code == 422
    assert problems(answer) == [
        "无法识别第3行“2027-13-01”，每行请填写一个日期或起止日期，例如 2027-02-05 至 2027-02-11",
        "第2行“2028-01-01”不在2027年内，跨年的日期请填入其所在年份",
        "2027-02-06不能既放假又上班，请核对",
        "2027-02-15是周一至周五，本来就是工作日，请从调休上班日期中删除",
        "请输入发布文件",
    ]
    assert rest in answer.text
    assert due(app, waiting) == (ESTIMATED, ESTIMATED)
    with app.app_context():
        assert calendars.current() == OFFICIAL


def test_a_year_is_entered_once(app: Flask, admin: FlaskClient) -> None:
    answer = post(admin, year="2026", rest="2026-01-01", work="")
    assert (answer.status_code, problems(answer)) == (422, ["2026年已登记，请在原记录上修改"])


def test_a_year_that_the_calendar_begins_with_is_never_deleted(app: Flask, admin: FlaskClient) -> None:
    send(admin, "", f"/holidays/delete/{year_id(app, 2026)}")
    with app.app_context():
        assert calendars.current() == OFFICIAL


def test_two_who_change_a_year_at_once_do_not_overwrite_each_other(
    app: Flask, admin: FlaskClient, waiting: int, entered: TestResponse
) -> None:
    address = f"/holidays/edit/{year_id(app)}"
    assert post(admin, address, version="1", source="甲").status_code == 302
    answer = post(admin, address, version="1", work="")
    assert answer.status_code == 422
    assert due(app, waiting) == (COUNTED, COUNTED)


def test_another_process_counts_by_the_new_year_at_once(
    app: Flask, home: Home, admin: FlaskClient, waiting: int
) -> None:
    beside = open_app(home)
    with beside.app_context():
        assert not calendars.current().is_working_day(date(2027, 1, 2))
        assert calendars.current().is_working_day(date(2027, 2, 8))
    post(admin)
    with beside.app_context():
        assert not calendars.current().is_working_day(date(2027, 2, 8))
        assert not calendars.is_estimated(date(2027, 2, 8))
    close_app(beside)
    assert send(admin, "", f"/holidays/delete/{year_id(app)}").status_code == 302


def test_regulators_read_the_calendar_and_change_nothing(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    regulator = client_of("regulator")
    page = regulator.get("/holidays/list/").text
    assert "春节 2026-02-15 至 2026-02-23" in page
    assert post(regulator).status_code in (302, 403)
    with app.app_context():
        assert calendars.current() == OFFICIAL
    assert client_of("employer").get("/holidays/list/").status_code in (302, 403)
