"""代办: who stands in for whom from which day to which, what that allows, and what it never does."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.database import db
from app.core.refusals import Lost, Refused
from models.absence import Absence
from models.account import Account
from models.amendment import Amendment
from models.claim import Claim
from models.grammar.viewer import ADMINISTER, PREPARE, REVIEW
from models.guarantor import Signatory
from models.history import HistoryEntry
from models.modes.letter import Letter
from tests import bare as rows
from tests.amendments.said import change
from tests.amendments.said import step as amend
from tests.bare import SIGNATORY, look, put
from tests.claims.said import claim, in_force, step
from tests.people.staffed import BOSS, CHEN, ELSEWHERE, GONE, LI, WANG, ZHANG, absent, at_work, revoke, staff
from tests.plans.said import agreed, contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
BACK = date(2025, 9, 19)
AWAY = (DAY, BACK)
REVIEWED = "本业务由您复核，须由本机构另一名经办人员办理"
OWN = "本业务由您经办，须由本机构另一名复核人员办理"


@pytest.fixture(scope="module")
def desk(bare: Flask) -> Flask:
    """The guarantor has people."""
    staff(bare)
    return bare


@pytest.fixture(autouse=True)
def _nobody_is_away(desk: Flask) -> Iterator[None]:
    yield
    with desk.app_context(), Session(db.engine) as session:
        for each in session.scalars(select(Absence)):
            session.delete(each)
        session.commit()


@pytest.fixture
def key(desk: Flask) -> int:
    """A claim that was handed in."""
    contract_id = contract(desk)
    agreed(desk, contract_id)
    return claim(desk, in_force(desk, contract_id, amount="1613000"), ("1", "700000"), day=DAY)


def decide(app: Flask, key: int, who: int, day: date = DAY) -> None:
    step(app, key, "decide", by=at_work(app, who, day), day=day, payout=Decimal(700_000), remark="")


def approve(app: Flask, key: int, who: int, day: date = DAY) -> None:
    step(app, key, "approve", by=at_work(app, who, day), day=day)


def refused(app: Flask, who: int, substitute: int, span: tuple[date, date], *, by: int) -> dict[str, str]:
    """What the person reads that enters this; nothing is kept."""
    with pytest.raises(Refused) as info:
        absent(app, who, substitute, span, by=by, today=DAY)
    return {each.field: each.text for each in info.value.problems}


def last_doer(app: Flask, key: int, table: str = "claim") -> tuple[str, str]:
    """Who made the last step of the record, and for whom."""
    query = select(HistoryEntry).where(HistoryEntry.record_type == table, HistoryEntry.record_id == key)
    with app.app_context(), Session(db.engine) as session:
        last = session.scalars(query.order_by(HistoryEntry.id.desc()).limit(1)).one()
        return last.actor_name, last.absent_name


@pytest.mark.parametrize(
    ("day", "duties"),
    [
        (date(2025, 9, 15), {REVIEW}),
        (date(2025, 9, 16), {REVIEW, PREPARE}),
        (date(2025, 9, 18), {REVIEW, PREPARE}),
        (date(2025, 9, 19), {REVIEW}),
    ],
)
def test_a_substitute_stands_in_from_the_first_day_until_the_day_before_the_return(
    desk: Flask, day: date, duties: set[str]
) -> None:
    absent(desk, ZHANG, LI, AWAY, by=ZHANG, today=date(2025, 9, 12))
    assert at_work(desk, LI, day).duties_today == duties
    assert at_work(desk, LI, day).duties == {REVIEW}


def test_history_says_for_whom_where_it_was_possible_for_no_other_reason(desk: Flask, key: int) -> None:
    absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    decide(desk, key, LI)
    assert last_doer(desk, key) == ("李四", "张三")
    approve(desk, key, WANG)
    assert last_doer(desk, key) == ("王五", "")


def test_what_ones_own_duty_allows_is_done_in_ones_own_name(desk: Flask, key: int) -> None:
    absent(desk, ZHANG, CHEN, AWAY, by=ZHANG)
    decide(desk, key, CHEN)
    assert last_doer(desk, key) == ("陈六", "")


def test_who_prepared_for_another_does_not_review(desk: Flask, key: int) -> None:
    absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    decide(desk, key, LI)
    with pytest.raises(Lost):
        approve(desk, key, LI)
    assert look(desk, Claim, key)["state"] == "decided"


def test_for_whom_it_was_prepared_does_not_review_either(desk: Flask, key: int) -> None:
    absent(desk, CHEN, LI, AWAY, by=CHEN)
    decide(desk, key, LI)
    with pytest.raises(Refused, match=OWN):
        approve(desk, key, CHEN, BACK)
    assert look(desk, Claim, key)["state"] == "decided"
    approve(desk, key, WANG, BACK)


def test_nobody_reviews_in_the_name_of_the_one_who_prepared(desk: Flask, key: int) -> None:
    decide(desk, key, CHEN)
    absent(desk, CHEN, ZHANG, AWAY, by=CHEN)
    with pytest.raises(Lost):
        approve(desk, key, ZHANG)
    assert look(desk, Claim, key)["state"] == "decided"


def test_nobody_reviews_in_the_name_of_the_one_for_whom_it_was_prepared(desk: Flask, key: int) -> None:
    absent(desk, CHEN, LI, (DAY, date(2025, 9, 17)), by=CHEN)
    decide(desk, key, LI)
    absent(desk, CHEN, ZHANG, (date(2025, 9, 17), BACK), by=CHEN)
    with pytest.raises(Refused, match="本业务由陈六经办，您不能代其复核，须由本机构另一名复核人员办理"):
        approve(desk, key, ZHANG, date(2025, 9, 17))
    assert look(desk, Claim, key)["state"] == "decided"


def test_a_substitute_reviews_what_others_prepared(desk: Flask, key: int) -> None:
    absent(desk, LI, ZHANG, AWAY, by=LI)
    decide(desk, key, CHEN)
    approve(desk, key, ZHANG)
    assert last_doer(desk, key) == ("张三", "李四")


def pay(app: Flask, key: int, who: int, day: date) -> None:
    step(app, key, "pay", by=at_work(app, who, day), day=day, papers=("voucher",))


def test_who_approved_a_payout_does_not_make_it_for_another(desk: Flask, key: int) -> None:
    decide(desk, key, ZHANG)
    approve(desk, key, LI)
    absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    with pytest.raises(Refused, match=REVIEWED):
        pay(desk, key, LI, DAY)
    assert look(desk, Claim, key)["state"] == "agreed"
    pay(desk, key, ZHANG, BACK)


def test_for_whom_a_payout_was_approved_does_not_make_it_either(desk: Flask, key: int) -> None:
    absent(desk, LI, ZHANG, (DAY, date(2025, 9, 17)), by=LI)
    decide(desk, key, CHEN)
    approve(desk, key, ZHANG)
    assert last_doer(desk, key) == ("张三", "李四")
    absent(desk, CHEN, LI, (date(2025, 9, 17), BACK), by=CHEN)
    with pytest.raises(Refused, match=REVIEWED):
        pay(desk, key, ZHANG, date(2025, 9, 17))
    with pytest.raises(Refused, match=REVIEWED):
        pay(desk, key, LI, date(2025, 9, 18))
    assert look(desk, Claim, key)["state"] == "agreed"
    pay(desk, key, CHEN, BACK)


def test_a_substitutes_substitute_gets_nothing_from_the_first(desk: Flask) -> None:
    """However it came about: who acts for whom is asked when somebody is at work."""
    organisation_id = rows.ORGANISATION[rows.GUARANTOR]
    given = {"organisation_id": organisation_id, "absent": "", "substitute": "", "from_on": DAY, "to_on": BACK}
    for who, substitute in ((ZHANG, LI), (LI, WANG)):
        put(desk, Absence(absent_id=who, substitute_id=substitute, **given))
    assert at_work(desk, WANG, DAY).duties_today == {REVIEW}
    assert [each.name for each in at_work(desk, WANG, DAY).absent] == ["李四"]


def test_what_is_taken_back_ends_at_once(desk: Flask) -> None:
    key = absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    revoke(desk, key, by=BOSS, day=DAY)
    assert at_work(desk, LI, DAY).duties_today == {REVIEW}
    absent(desk, ZHANG, WANG, AWAY, by=ZHANG)


def test_a_colleague_takes_back_nothing(desk: Flask) -> None:
    key = absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    with pytest.raises(Refused, match="只能由张三本人或本单位管理员撤销"):
        revoke(desk, key, by=LI, day=DAY)
    assert look(desk, Absence, key)["state"] == "set"


def test_the_administrator_sets_it_for_others_and_administering_is_not_handed_on(desk: Flask) -> None:
    absent(desk, ZHANG, LI, AWAY, by=BOSS)
    assert ADMINISTER not in at_work(desk, LI, DAY).duties_today
    assert refused(desk, BOSS, LI, AWAY, by=BOSS) == {"absent": "管理员没有经办或复核岗位，无需设置代办"}


@pytest.mark.parametrize(
    ("substitute", "said"),
    [
        (ZHANG, "代办人不能是外出人员本人，请选择其他账号"),
        (ELSEWHERE, "请选择本单位启用的账号"),
        (GONE, "请选择本单位启用的账号"),
        (BOSS, "单位管理员不能兼任经办或复核，不能作为代办人，请选择其他账号"),
    ],
)
def test_who_cannot_stand_in_is_refused(desk: Flask, substitute: int, said: str) -> None:
    assert refused(desk, ZHANG, substitute, AWAY, by=ZHANG) == {"substitute": said}
    assert at_work(desk, LI, DAY).absent == ()


def test_one_sets_no_absence_of_a_colleague(desk: Flask) -> None:
    said = {"absent": "只能设置本人的代办人；他人的由本单位管理员设置"}
    assert refused(desk, ZHANG, LI, AWAY, by=WANG) == said


def test_days_that_cannot_be_are_refused(desk: Flask) -> None:
    ends_first = refused(desk, ZHANG, LI, (BACK, BACK), by=ZHANG)
    assert ends_first == {"to_on": "返岗日期2025-09-19应晚于开始日期2025-09-19，请修改"}
    past = refused(desk, ZHANG, LI, (date(2025, 9, 15), BACK), by=ZHANG)
    assert past == {"from_on": "开始日期2025-09-15已过，代办不能追溯，请从2025-09-16起设置"}


def test_one_person_has_one_substitute_a_day(desk: Flask) -> None:
    absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    said = "2025-09-16至2025-09-19（返岗日）已设置由李四代办，请修改日期，或先撤销该项设置"
    assert refused(desk, ZHANG, WANG, (date(2025, 9, 18), date(2025, 9, 30)), by=ZHANG) == {"from_on": said}
    absent(desk, ZHANG, WANG, (BACK, date(2025, 9, 30)), by=ZHANG)


def test_two_do_not_stand_in_for_each_other(desk: Flask) -> None:
    absent(desk, ZHANG, CHEN, AWAY, by=ZHANG)
    said = "代办人张三在2025-09-16至2025-09-19（返岗日）外出，请选择其他代办人，或修改日期"
    assert refused(desk, CHEN, ZHANG, (date(2025, 9, 18), date(2025, 9, 30)), by=CHEN) == {"substitute": said}
    assert at_work(desk, ZHANG, date(2025, 9, 18)).absent == ()
    absent(desk, CHEN, ZHANG, (BACK, date(2025, 9, 30)), by=CHEN)


def test_who_stands_in_does_not_go_away_on_these_days(desk: Flask) -> None:
    key = absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    said = "李四在2025-09-16至2025-09-19（返岗日）代张三办理，请修改日期，或先撤销该项设置"
    assert refused(desk, LI, WANG, (DAY, date(2025, 9, 17)), by=LI) == {"from_on": said}
    assert at_work(desk, WANG, DAY).absent == ()
    revoke(desk, key, by=ZHANG, day=DAY)
    absent(desk, LI, WANG, (DAY, date(2025, 9, 17)), by=LI)


def test_nobody_is_stood_in_for_longer_than_a_year(desk: Flask) -> None:
    said = "代办最长为一年，返岗日期不能晚于2026-09-16，请修改"
    assert refused(desk, ZHANG, LI, (DAY, date(2125, 9, 16)), by=ZHANG) == {"to_on": said}
    assert at_work(desk, LI, DAY).absent == ()
    absent(desk, ZHANG, LI, (DAY, date(2026, 9, 16)), by=ZHANG)


def test_an_account_that_was_closed_is_stood_in_for_no_more(desk: Flask) -> None:
    absent(desk, ZHANG, LI, AWAY, by=ZHANG)
    _set_state(desk, ZHANG, "inactive")
    try:
        assert at_work(desk, LI, DAY).absent == ()
    finally:
        _set_state(desk, ZHANG, "active")


def _set_state(app: Flask, user_id: int, state: str) -> None:
    with app.app_context(), Session(db.engine) as session:
        session.execute(update(Account).where(Account.user_id == user_id).values(state=state))
        session.commit()


def test_it_holds_for_amendments_alike(desk: Flask) -> None:
    contract_id = contract(desk)
    letter_id = in_force(desk, contract_id, amount="1613000")
    absent(desk, CHEN, LI, AWAY, by=CHEN)
    key = change(desk, letter_id, "extend", "delay", day=DAY, new_ends_on=date(2028, 6, 30))
    li = at_work(desk, LI, DAY)
    amend(desk, key, "prepare", by=li, day=DAY, fee=Decimal(0), signatory_id=SIGNATORY, remark="")
    assert last_doer(desk, key, "amendment") == ("李四", "陈六")
    with pytest.raises(Refused, match=OWN):
        amend(desk, key, "issue", by=at_work(desk, CHEN, BACK), day=BACK)
    assert look(desk, Amendment, key)["state"] == "prepared"


def test_a_letter_above_the_signatorys_limit_is_refused_whoever_stands_in(desk: Flask) -> None:
    signatory = put(
        desk,
        Signatory(guarantor_id=rows.FILING, name="低限签发人", position="主管", limit=Decimal(1_000_000), active=True),
    )
    key = put(desk, rows.letter("prepared", prepared_by_id=CHEN, signatory_id=signatory, amount=Decimal(1_613_000)))
    absent(desk, LI, ZHANG, AWAY, by=LI)
    with pytest.raises(Refused, match="限额"):
        step(desk, key, "issue", by=at_work(desk, ZHANG, DAY), day=DAY, model=Letter)
    assert look(desk, Letter, key)["state"] == "prepared"
