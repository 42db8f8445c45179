"""容忍: what stands after a case is closed is out of the pool until a day, and then told of again, once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.alerts import pool
from app.core.database import db
from app.core.refusals import Lost, Refused
from models.alert import Alert
from models.case import Case
from tests.alerts.days import PERMITTED_ON, own_contract, permit, sweep_on, told
from tests.bare import DAY, HERE, look
from tests.cases.office import Office, alert, give, held, numbers, put_cleared, take, work

pytestmark = pytest.mark.databases("sqlite", "postgres")
UNTIL = DAY + timedelta(days=20)
CROWD = 6


def in_pool(office: Office, key: int, day: date) -> bool:
    """Whether the alert stands among those that somebody is to act on."""
    with work(office.app, office.viewer, day):
        return db.session.scalar(select(Alert.id).where(Alert.id == key, pool.is_open())) is not None


def tolerated(office: Office, *, permitted_on: date = PERMITTED_ON) -> tuple[int, int]:
    """A permit without cover whose case was closed while it stood: the id of its alert, and its own."""
    _contract, permit_no = own_contract(office.app)
    subject = permit(office.app, permit_no, permitted_on=permitted_on)
    sweep_on(office.app, DAY)
    with work(office.app, office.viewer):
        query = select(Alert.id).where(Alert.code == "A1", Alert.subject_id == subject)
        key = db.session.scalars(query).one()
    case = give(office, key)
    take(office.app, office.viewer, case, "sign")
    take(office.app, office.viewer, case, "close", inquiry="属实", tolerated_until=UNTIL, reason="正在办理")
    return key, subject


@pytest.fixture(scope="module")
def office(bare: Flask) -> Office:
    """The office of the region."""
    return Office(bare, HERE)


def test_until_the_day_it_is_out_of_the_pool_and_nobody_is_told(bare: Flask, office: Office) -> None:
    key, subject = tolerated(office)
    assert not in_pool(office, key, DAY) and not in_pool(office, key, UNTIL)
    before = told(bare, "A1", subject)
    sweep_on(bare, UNTIL)
    assert told(bare, "A1", subject) == before
    assert look(bare, Alert, key)["cleared_on"] is None
    assert held(bare, key) == (None, UNTIL)


def test_until_the_day_it_does_not_get_graver_and_then_at_once(bare: Flask, office: Office) -> None:
    key, _subject = tolerated(office, permitted_on=DAY - timedelta(days=20))
    ranks = []
    for day in (DAY, UNTIL, UNTIL + timedelta(days=1)):
        sweep_on(bare, day)
        ranks.append(look(bare, Alert, key)["rank"])
    assert ranks == [2, 2, 3]


def test_when_it_is_over_it_is_told_of_once_and_stands_in_the_pool(bare: Flask, office: Office) -> None:
    key, subject = tolerated(office)
    before, after = told(bare, "A1", subject), UNTIL + timedelta(days=1)
    sweep_on(bare, after)
    sweep_on(bare, after)
    assert told(bare, "A1", subject) == [*before, ("repeat", after)]
    assert in_pool(office, key, after) and held(bare, key) == (None, None)
    again = give(office, key, day=after)
    assert held(bare, key) == (again, None)


def test_a_cause_that_is_gone_ends_the_tolerance_with_it(bare: Flask, office: Office) -> None:
    key = alert(bare, code="A5", subject_type="contract")  # no such contract lacks a plan
    case = give(office, key)
    take(bare, office.viewer, case, "sign")
    take(bare, office.viewer, case, "close", inquiry="属实", tolerated_until=UNTIL, reason="正在办理")
    sweep_on(bare, DAY + timedelta(days=3))
    assert held(bare, key) == (None, None)
    assert look(bare, Alert, key)["cleared_on"] == DAY + timedelta(days=3)


def test_the_sweep_closes_no_case_whose_cause_is_gone(bare: Flask, office: Office) -> None:
    key = alert(bare, code="A5", subject_type="contract")  # no such contract lacks a plan
    case = give(office, key)
    sweep_on(bare, DAY)
    assert look(bare, Alert, key)["cleared_on"] == DAY
    assert look(bare, Case, case)["state"] == "assigned" and held(bare, key)[0] == case


def together(jobs: Sequence[Any]) -> list[Any]:
    """Do all of them at once; gives their answers or what they raised."""
    gate = Barrier(len(jobs))

    def run(job: Any) -> Any:
        gate.wait()
        try:
            return job()
        except Exception as raised:
            return raised

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def test_an_alert_that_many_officers_give_out_at_once_stands_in_one_case(bare: Flask, office: Office) -> None:
    key, before = alert(bare), len(numbers(bare))
    offices = [office, Office(bare, HERE)] * (CROWD // 2)
    answers = together([lambda each=each: give(each, key) for each in offices])
    made = [each for each in answers if isinstance(each, int)]
    assert all(isinstance(each, int | Refused | Lost) for each in answers), answers
    assert len(made) == 1
    assert held(bare, key)[0] == made[0]
    assert len(numbers(bare)) == before + 1


def test_a_case_is_not_closed_while_its_matter_stands_again_in_nobodys_hands(bare: Flask, office: Office) -> None:
    subject = {"subject_id": 77_000_001}
    first = alert(bare, **subject)
    case = give(office, first)
    take(bare, office.viewer, case, "sign")
    put_cleared(bare, first)
    again = alert(bare, **subject, since_on=DAY - timedelta(days=3))
    with pytest.raises(Refused) as info:
        take(bare, office.viewer, case, "close", inquiry="已改期")
    assert [each.text for each in info.value.problems] == [
        "预警“节点逾期未确认收款”自2025-03-09起重新发出，尚未派发，请先派发该预警，再办理结案"
    ]
    give(office, again)
    take(bare, office.viewer, case, "close", inquiry="另案办理")
    assert look(bare, Case, case)["state"] == "closed"


def test_what_has_come_right_is_not_ordered_to_be_put_right(bare: Flask, office: Office) -> None:
    found = alert(bare)
    case = give(office, found)
    for step, inputs in (("sign", {}), ("establish", {"inquiry": "已付清"})):
        take(bare, office.viewer, case, step, **inputs)
    put_cleared(bare, found)
    with pytest.raises(Refused) as info:
        take(bare, office.viewer, case, "order", demands="付清", reply_by=DAY + timedelta(days=9))
    assert [each.text for each in info.value.problems] == ["本案预警均已消除，不需要责令改正，请结案"]
    assert look(bare, Case, case)["state"] == "established"
