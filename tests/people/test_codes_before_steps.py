"""Before a step that cannot be taken back the code is asked again, by whatever way somebody comes to it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core import clock
from app.core.database import db
from app.core.refusals import Refused
from app.engine import transitions
from models.grammar.viewer import REGULATOR
from models.guarantor import Guarantor
from models.modes.fiscal import Fiscal
from tests import bare as rows
from tests.bare import ORGANISATION, look, put, work
from tests.people.browse import said, send
from tests.people.phones import OFFICE, START, Phone, come_in, enter, forget_codes, give, later, people, read, set_up
from tests.people.staffed import at_work

pytestmark = pytest.mark.databases("sqlite", "postgres")
ASKED = "请输入动态验证码"
WRONG = "动态验证码不正确，请核对手机时间后输入当前的 6 位数字"
BOX = 'name="one_time_code"'


@pytest.fixture(scope="module")
def desk(bare: Flask) -> Flask:
    """The application with people who can sign in."""
    people(bare)
    return bare


@pytest.fixture(autouse=True)
def _nobody_has_a_factor(desk: Flask) -> Iterator[None]:
    yield
    forget_codes(desk)
    with desk.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM guarantor WHERE id > 1"))


@pytest.fixture
def phone(desk: Flask) -> Phone:
    """The regulator's, set up half an hour before anything is done."""
    return set_up(desk, OFFICE, later(-30))[0]


@pytest.fixture
def filing(desk: Flask) -> int:
    """A filing that was handed in; to file it asks nothing, so that its page has a mere button."""
    code = rows.uscc.with_check_digit("91460108MA5T00099")
    given: dict[str, Any] = {"organisation_id": ORGANISATION["stranger"], "uscc": code, "name": "海南担保"}
    return put(desk, rows.filing(state="submitted", licence_expires_on=date(2030, 1, 1), **given))


def state(app: Flask, key: int) -> str:
    return str(look(app, Guarantor, key)["state"])


def press(client: FlaskClient, app: Flask, key: int, moment: Any, **form: str) -> Any:
    """Send the step from the record's page, as its button or the form that it leads to does."""
    version = str(look(app, Guarantor, key)["version"])
    with clock.frozen_time(moment):
        page = f"/filings/show/{key}"
        return send(client, f"/filings/do/{key}/file", {"version": version, **form}, page=page)


def test_within_fifteen_minutes_of_a_code_the_button_does_it_and_later_a_form_asks(
    desk: Flask, phone: Phone, filing: int
) -> None:
    client = come_in(desk, OFFICE, phone, START)
    address = f"/filings/do/{filing}/file"
    assert f'data-post="{address}' in read(client, f"/filings/show/{filing}", later(14)).text
    assert f'data-post="{address}' not in read(client, f"/filings/show/{filing}", later(15)).text
    assert BOX in read(client, address, later(16)).text
    assert press(client, desk, filing, later(14)).status_code == 302
    assert state(desk, filing) == "filed"


def test_the_step_is_not_made_without_a_right_code_and_made_with_one(desk: Flask, phone: Phone, filing: int) -> None:
    client = come_in(desk, OFFICE, phone, START)
    moment = later(20)
    without = press(client, desk, filing, moment)
    assert (without.status_code, said(without), BOX in without.text) == (422, [ASKED], True)
    assert said(press(client, desk, filing, moment, one_time_code="000000")) == [WRONG]
    used = press(client, desk, filing, moment, one_time_code=phone.code(START))
    assert (used.status_code, state(desk, filing)) == (422, "submitted")
    assert press(client, desk, filing, moment, one_time_code=phone.code(moment)).status_code == 302
    assert state(desk, filing) == "filed"


def test_a_code_at_a_step_begins_the_fifteen_minutes_anew(desk: Flask, phone: Phone, filing: int) -> None:
    client = come_in(desk, OFFICE, phone, START)
    press(client, desk, filing, later(20), one_time_code=phone.code(later(20)))
    with desk.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"UPDATE guarantor SET state = 'submitted' WHERE id = {filing}"))
    assert press(client, desk, filing, later(34)).status_code == 302
    assert state(desk, filing) == "filed"


def test_a_code_that_was_shown_in_another_session_counts_nothing_here(desk: Flask, phone: Phone, filing: int) -> None:
    client = come_in(desk, OFFICE, phone, START)
    come_in(desk, OFFICE, phone, later(20))
    assert said(press(client, desk, filing, later(21))) == [ASKED]
    assert state(desk, filing) == "submitted"


def test_who_has_no_factor_is_not_asked_unless_one_is_required(
    desk: Flask, filing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.test_client()
    enter(client, OFFICE, START)
    monkeypatch.setitem(desk.config, "SECOND_FACTOR", "required")
    assert press(client, desk, filing, later(1)).location == "/second-factor/set-up"
    assert state(desk, filing) == "submitted"
    monkeypatch.setitem(desk.config, "SECOND_FACTOR", "offered")
    assert press(client, desk, filing, later(1)).status_code == 302
    assert state(desk, filing) == "filed"


def test_the_door_itself_is_shut_to_whoever_comes_past_the_forms(
    desk: Flask, phone: Phone, filing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = at_work(desk, OFFICE, START.date())
    with work(desk, who, START.date()), pytest.raises(Refused, match="该步骤不可撤销，请输入动态验证码"):
        transitions.perform(Guarantor, filing, "file")
    with desk.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM second_factor"))
    monkeypatch.setitem(desk.config, "SECOND_FACTOR", "required")
    who = at_work(desk, OFFICE, START.date())
    with work(desk, who, START.date()), pytest.raises(Refused, match="须先启用动态验证"):
        transitions.perform(Guarantor, filing, "file")
    assert state(desk, filing) == "submitted"


def test_what_was_typed_beside_a_wrong_code_is_kept(desk: Flask, phone: Phone) -> None:
    key = put(desk, rows.fiscal("submitted", approver_id=None, approved_on=None))
    client = come_in(desk, OFFICE, phone, START)
    address, moment = f"/fiscal/do/{key}/file", later(20)
    given = {"approver_id": str(ORGANISATION[REGULATOR]), "approved_on": "2025-02-27"}
    answer = give(client, address, {**given, "one_time_code": "000000"}, moment)
    assert WRONG in said(answer) and 'value="2025-02-27"' in answer.text
    assert look(desk, Fiscal, key)["state"] == "submitted"
    assert look(desk, Fiscal, key)["approved_on"] is None


def test_too_many_wrong_codes_at_steps_are_put_off(desk: Flask, phone: Phone, filing: int) -> None:
    client = come_in(desk, OFFICE, phone, START)
    moment = later(20)
    found = [said(press(client, desk, filing, moment, one_time_code="000000")) for _ in range(11)]
    assert found == [[WRONG]] * 10 + [["验证次数过多，请 15 分钟后再试"]]
    right = press(client, desk, filing, moment, one_time_code=phone.code(moment))
    assert (right.status_code, state(desk, filing)) == (422, "submitted")
