"""通报: projects without cover are told of once, answered, settled by cover, made public when their day has passed."""

import secrets
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases import circulars
from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import as_system
from app.engine import records, transitions
from app.files import uploads
from models.circular import CircularNotice
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER, Viewer
from models.organisation import Organisation
from models.project import Project
from models.rules import uscc
from tests.alerts.days import own_contract, permit
from tests.bare import DAY, ELSEWHERE, HERE, NAMES, letter, look, person, put, regulator, stranger, work
from tests.stories.hands import PDF

OFFICE = regulator(HERE)
LAST = DAY + timedelta(days=15)  # a Thursday


def uncovered(app: Flask, **changed: Any) -> tuple[int, str]:
    """A permit whose project has no cover: its id and its number."""
    _contract, permit_no = own_contract(app)
    return permit(app, permit_no, **changed), permit_no


def send(app: Flask, *keys: int, day: date = DAY, who: Viewer = OFFICE) -> circulars.Sent:
    with work(app, who, day):
        return circulars.send(keys)


def notice_of(app: Flask, permit_id: int) -> int:
    """The newest notice about this permit."""
    with work(app, OFFICE), as_system():
        query = select(CircularNotice.id).where(CircularNotice.permit_id == permit_id)
        return db.session.scalars(query.order_by(CircularNotice.id.desc())).first() or 0


def take(app: Flask, who: Viewer, key: int, step: str, day: date = DAY, papers: bool = False, **inputs: Any) -> None:
    with work(app, who, day):
        bind = None
        if papers:
            token, category = secrets.token_hex(16), CircularNotice.attachments[0]
            staged = {"token": token, "record_type": CircularNotice.__tablename__, "category": category}
            assert uploads.stage(**staged, filename="证明.pdf", data=PDF) == []
            bind = partial(records.attach, token=token, only=("answer",))
        transitions.perform(CircularNotice, key, step, inputs=inputs, prepare=bind)


def seen(app: Flask, who: Viewer) -> set[int]:
    with work(app, who):
        return set(db.session.scalars(select(CircularNotice.id)))


def made_public(app: Flask, day: date) -> set[int]:
    with work(app, OFFICE, day):
        return set(db.session.scalars(select(CircularNotice.id).where(circulars.is_overdue())))


def test_one_press_tells_every_employer_of_one_circular_with_a_day(bare: Flask) -> None:
    (first, number), (second, _no) = uncovered(bare), uncovered(bare)
    sent = send(bare, first, second)
    assert (sent.told, sent.left) == (2, 0) and sent.circular_no.startswith("TB20250312")
    row = look(bare, CircularNotice, notice_of(bare, first))
    assert (row["circular_no"], row["permit_no"], row["state"]) == (sent.circular_no, number, "sent")
    assert (row["employer_name"], row["answer_by"], row["due_on"]) == (NAMES[EMPLOYER], LAST, LAST)


def test_who_is_told_already_and_who_has_cover_are_left(bare: Flask) -> None:
    told, _no = uncovered(bare)
    send(bare, told)
    covered, number = uncovered(bare)
    cover(bare, number)
    fresh, _no = uncovered(bare)
    sent = send(bare, told, covered, fresh)
    assert (sent.told, sent.left) == (1, 2)
    assert notice_of(bare, covered) == 0
    assert send(bare, told, covered) == circulars.Sent(left=2)


def cover(app: Flask, permit_no: str) -> None:
    """A letter in force on the contract of that permit."""
    with work(app, OFFICE), as_system():
        query = select(Contract.id).join(Project, Project.id == Contract.project_id)
        key = db.session.scalars(query.where(Project.permit_no == permit_no)).one()
    put(app, letter("issued", permit_no=permit_no, contract_id=key, starts_on=DAY, ends_on=date(2029, 1, 1)))


def test_a_stranger_neither_reads_nor_answers_it(bare: Flask) -> None:
    subject, _no = uncovered(bare)
    send(bare, subject)
    key = notice_of(bare, subject)
    assert key in seen(bare, person(EMPLOYER))
    for who in (stranger(), person(CONTRACTOR), regulator(ELSEWHERE)):
        assert key not in seen(bare, who)
        with pytest.raises(NotFound):
            take(bare, who, key, "answer", reason="已办理")
    with pytest.raises(NotFound):
        send(bare, subject, who=regulator(ELSEWHERE))
    assert look(bare, CircularNotice, key)["state"] == "sent"


def test_an_answer_needs_words_and_papers(bare: Flask) -> None:
    subject, _no = uncovered(bare)
    send(bare, subject)
    key = notice_of(bare, subject)
    with pytest.raises(Refused) as found:
        take(bare, person(EMPLOYER), key, "answer")
    assert [each.text for each in found.value.problems] == ["请输入答复内容", "请上传证明材料"]
    assert look(bare, CircularNotice, key)["state"] == "sent"


def test_cover_that_is_shown_settles_it_by_itself(bare: Flask) -> None:
    subject, number = uncovered(bare)
    send(bare, subject)
    key = notice_of(bare, subject)
    with work(bare, OFFICE):
        circulars.settle_covered()
    assert look(bare, CircularNotice, key)["state"] == "sent"
    cover(bare, number)
    with work(bare, OFFICE):
        circulars.settle_covered()
    row = look(bare, CircularNotice, key)
    assert (row["state"], row["live_permit_id"], row["due_on"]) == ("settled", None, None)


def test_only_what_stands_after_its_day_is_made_public(bare: Flask) -> None:
    subject, _no = uncovered(bare)
    send(bare, subject)
    key = notice_of(bare, subject)
    assert key not in made_public(bare, LAST)
    after = LAST + timedelta(days=1)
    assert key in made_public(bare, after)
    with pytest.raises(Refused):
        take(bare, OFFICE, key, "withdraw", day=after)
    take(bare, OFFICE, key, "withdraw", day=after, reason="工程已停建")
    assert key not in made_public(bare, after)
    assert send(bare, subject, day=after).told == 1


def test_the_list_that_is_made_public_holds_what_the_office_may_see(bare: Flask) -> None:
    subject, _no = uncovered(bare)
    send(bare, subject)
    key, after = notice_of(bare, subject), LAST + timedelta(days=1)
    for who, holds in ((OFFICE, True), (regulator(ELSEWHERE), False)):
        with work(bare, who, after):
            query = select(CircularNotice.id).where(circulars.is_public())
            assert (key in set(db.session.scalars(query))) is holds


def test_a_company_does_not_settle_its_own_notice(bare: Flask) -> None:
    subject, _no = uncovered(bare)
    send(bare, subject)
    for step in ("settle", "accept", "withdraw"):
        with pytest.raises(Lost):
            take(bare, person(EMPLOYER), notice_of(bare, subject), step, reason="已办")


def test_an_answer_that_is_not_accepted_is_asked_for_anew_with_its_whole_time(bare: Flask) -> None:
    subject, _no = uncovered(bare)
    send(bare, subject)
    key, later = notice_of(bare, subject), DAY + timedelta(days=14)
    take(bare, person(EMPLOYER), key, "answer", papers=True, reason="正在办理")
    take(bare, OFFICE, key, "reject", day=later, reason="未见保函")
    row = look(bare, CircularNotice, key)
    assert (row["state"], row["answer_by"], row["due_on"]) == ("sent", LAST + timedelta(days=14), row["answer_by"])
    with pytest.raises(Refused) as found:
        take(bare, person(EMPLOYER), key, "answer", day=later, reason="正在办理")
    assert [each.text for each in found.value.problems] == ["请上传新的证明材料，此前已提交的不能代替"]
    take(bare, person(EMPLOYER), key, "answer", day=later, papers=True, reason="保函见附件")


def test_an_employer_that_registers_later_is_told_with_its_whole_time(bare: Flask) -> None:
    code = uscc.with_check_digit("91460000MA5TLATE0")
    subject, _no = uncovered(bare, employer_uscc=code, employer_name="海南后来置业有限公司")
    send(bare, subject)
    key, later = notice_of(bare, subject), DAY + timedelta(days=7)
    assert look(bare, CircularNotice, key)["employer_id"] is None
    with work(bare, OFFICE, later):
        circulars.deliver()
    assert look(bare, CircularNotice, key)["answer_by"] == LAST
    late = put(bare, Organisation(uscc=code, name="海南后来置业有限公司", region_code=HERE, state="admitted"))
    with work(bare, OFFICE, later):
        assert circulars.deliver() == 1
        assert circulars.deliver() == 0
    row = look(bare, CircularNotice, key)
    assert (row["employer_id"], row["answer_by"], row["state"]) == (late, LAST + timedelta(days=7), "sent")


def test_one_that_somebody_has_ended_meanwhile_does_not_keep_the_others_waiting(
    bare: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [uncovered(bare), uncovered(bare)]
    send(bare, *(subject for subject, _no in pairs))
    keys = [notice_of(bare, subject) for subject, _no in pairs]
    for _subject, number in pairs:
        cover(bare, number)
    perform = transitions.perform

    def beaten(model: Any, key: int, step: str, **more: Any) -> Any:
        if key == keys[0]:
            raise Lost("已由他人办理")
        return perform(model, key, step, **more)

    monkeypatch.setattr(transitions, "perform", beaten)
    with work(bare, OFFICE):
        circulars.settle_covered()
    assert [look(bare, CircularNotice, key)["state"] for key in keys] == ["sent", "settled"]
