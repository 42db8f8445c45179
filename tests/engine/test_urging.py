"""催办: whoever waits for another urges it, once a day an organisation; nobody urges itself or what is not its own."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.refusals import NotFound, Refused
from app.core.viewer import as_system
from app.engine import urging
from app.ledger import history
from models.alert import Alert
from models.event import OutboxEvent
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, REVIEW, Viewer
from models.modes.letter import Letter
from models.urging import Urging
from tests.bare import DAY, ELSEWHERE, HERE, MINIMUM, ORGANISATION, letter, look, person, put, regulator, stranger, work
from tests.guards.test_races import together

pytestmark = pytest.mark.databases("sqlite", "postgres")
TODAY = "今天已催办，请明天再催办"
NOBODY = "当前没有需要催办的事项，请刷新后查看最新状态"


def urged(app: Flask, who: Viewer, model: Any, key: int, day: date = DAY) -> str:
    """Urge; what stands against it, or nothing."""
    with work(app, who, day):
        try:
            urging.urge(model, key)
        except Refused as refused:
            return refused.problems[0].text
        return ""


def told(app: Flask, model: Any, key: int) -> int:
    """How many urgings of the record there are, by their own table; history and outbox say the same."""
    table = Urging.__table__.c
    where = (table.record_type == model.__tablename__, table.record_id == key)
    with work(app, person(EMPLOYER)), as_system():
        rows = db.session.scalar(select(func.count()).select_from(Urging.__table__).where(*where)) or 0
        entries = [each for each in history.of_record(db.session.get_one(model, key)) if each.action == urging.URGE]
        out = OutboxEvent.__table__.c
        type_ = f"{model.__tablename__}.{urging.URGE}"
        events = select(func.count()).select_from(OutboxEvent.__table__).where(out.record_id == key, out.type == type_)
        assert len(entries) == rows == db.session.scalar(events)
    return rows


def alert(**changed: Any) -> Alert:
    """A node whose money is late, told to all sides."""
    parties = {f"{role}_id": ORGANISATION[role] for role in (EMPLOYER, CONTRACTOR)}
    facts = {"code": "A6", "subject_type": "plan_node", "subject_id": 1, "rank": 2, "amount": MINIMUM}
    return Alert(**{**facts, **parties, "since_on": DAY, "region_code": HERE, **changed})


def test_who_waits_urges_once_a_day_and_again_on_the_next(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    before = look(bare, Letter, key)
    employer, colleague = person(EMPLOYER), person(EMPLOYER, user_id=55)
    assert urged(bare, employer, Letter, key) == ""
    assert urged(bare, employer, Letter, key) == TODAY
    assert urged(bare, colleague, Letter, key) == TODAY
    assert urged(bare, regulator(HERE), Letter, key) == ""
    assert urged(bare, employer, Letter, key, DAY + timedelta(days=1)) == ""
    assert told(bare, Letter, key) == 3
    assert look(bare, Letter, key) == before


def test_whoever_is_waited_for_does_not_urge_itself_on_whatever_desk(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    for duty in (PREPARE, REVIEW):
        assert urged(bare, person(GUARANTOR, duty, user_id=71), Letter, key) == NOBODY
    draft = put(bare, letter("draft"))
    assert urged(bare, person(EMPLOYER), Letter, draft) == NOBODY
    assert (told(bare, Letter, key), told(bare, Letter, draft)) == (0, 0)


def test_what_is_not_ones_own_is_not_there_to_be_urged(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    for who in (stranger(), regulator(ELSEWHERE), person(BANK), person(CONTRACTOR)):
        with work(bare, who), pytest.raises(NotFound):
            urging.urge(Letter, key)
    assert urged(bare, regulator(HERE), Letter, key) == ""
    assert told(bare, Letter, key) == 1


def test_who_waits_for_money_urges_the_employer_about_the_alert(bare: Flask) -> None:
    key = put(bare, alert())
    assert urged(bare, person(EMPLOYER), Alert, key) == NOBODY
    assert urged(bare, person(CONTRACTOR), Alert, key) == ""
    assert urged(bare, regulator(HERE), Alert, key) == ""
    assert urged(bare, regulator(HERE), Alert, key) == TODAY
    assert told(bare, Alert, key) == 2
    cleared = put(bare, alert(subject_id=2, cleared_on=DAY))
    assert urged(bare, person(CONTRACTOR), Alert, cleared) == NOBODY


def test_a_company_that_stands_on_both_sides_does_not_urge_itself(bare: Flask) -> None:
    key = put(bare, alert(subject_id=3, contractor_id=ORGANISATION[EMPLOYER]))
    both = Viewer(77, "双", ORGANISATION[EMPLOYER], roles=frozenset({EMPLOYER, CONTRACTOR}))
    assert urged(bare, both, Alert, key) == NOBODY


def test_eight_at_the_same_moment_urge_once(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    jobs: list[Callable[[], str]] = [lambda: urged(bare, person(EMPLOYER), Letter, key)] * 8
    assert sorted(together(jobs)) == ["", *[TODAY] * 7]
    assert told(bare, Letter, key) == 1
