"""What the page of a claim says of its limits: which words they rest on, what is awaited, and how late it is."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.ledger.scope import UNSCOPED
from app.web import cells, sources
from models.claim import Claim
from tests.bare import work
from tests.claims.said import claim, clerk, in_force, reviewer, step
from tests.plans.said import agreed, contract
from views.frame import limits

pytestmark = pytest.mark.databases("sqlite", "postgres")

DAY = date(2025, 9, 16)
"""A Tuesday: the fifth working day after it is the 23rd, the fifteenth 2025-10-13 (09-28 and 10-11 are worked)."""

URDG_PAPERS = "《见索即付保函统一规则》（URDG 758） 第20条 a 款"
URDG_HOLD = "《见索即付保函统一规则》（URDG 758） 第23条 a 款"
LETTER = "保函约定 未约定的为系统默认值"
INSURANCE_LAW = "《中华人民共和国保险法》 第{}条"
CONFIRMED = (
    "《建设领域工程担保及保险综合服务系统操作手册-工程企业》 2.2.2："
    "“施工单位应当在收到工程款支付保函后 10 日内在本系统进行确认”"
)


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return contract_id


def found(key: int) -> Claim:
    query = select(Claim).where(Claim.id == key).execution_options(**UNSCOPED)
    return db.session.scalars(query).one()


def rests_on(app: Flask, key: int, day: date = DAY) -> tuple[str, ...]:
    """The words that its page names as 依据."""
    with work(app, clerk(), day):
        return sources.of_record(found(key))


def notice(app: Flask, key: int, day: date) -> str:
    """What its page says of the limit that runs."""
    with work(app, clerk(), day), app.test_request_context():
        return " ".join(each.text for each in limits.awaited(found(key)))


def lateness(app: Flask, key: int, day: date) -> str:
    """What a list says beside its due day."""
    with work(app, clerk(), day), app.test_request_context():
        return cells.cell(found(key), "due_on").note


@pytest.mark.parametrize(
    ("kind", "submitted", "agreed_to"),
    [
        ("independent", (URDG_PAPERS,), ()),
        ("dependent", (LETTER,), (LETTER,)),
        (
            "insurance",
            (INSURANCE_LAW.format("二十三"), INSURANCE_LAW.format("二十五")),
            (INSURANCE_LAW.format("二十三"), INSURANCE_LAW.format("二十五")),
        ),
    ],
)
def test_each_kind_of_letter_has_its_own_law(
    bare: Flask, site: int, kind: str, submitted: tuple[str, ...], agreed_to: tuple[str, ...]
) -> None:
    key = claim(bare, in_force(bare, site, kind=kind, amount="1613000"), ("1", "700000"), day=DAY)
    assert rests_on(bare, key) == submitted
    step(bare, key, "decide", by=clerk(), day=DAY, payout=700_000, remark="")
    assert rests_on(bare, key) == submitted
    step(bare, key, "approve", by=reviewer(), day=DAY)
    assert rests_on(bare, key) == agreed_to
    step(bare, key, "pay", by=clerk(), day=DAY, papers=("voucher",))
    assert rests_on(bare, key) == (CONFIRMED,)


def test_an_insurer_that_refuses_is_told_of_its_three_days(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, kind="insurance", amount="1613000"), ("1", "700000"), day=DAY)
    step(bare, key, "decide_refusal", by=clerk(), day=DAY, discrepancies="不属于保险责任", disposal="return")
    assert rests_on(bare, key) == tuple(INSURANCE_LAW.format(each) for each in ("二十三", "二十四", "二十五"))


@pytest.mark.parametrize(("kind", "words"), [("independent", (URDG_HOLD,)), ("dependent", ()), ("insurance", ())])
def test_only_an_independent_letter_is_put_off_by_the_rules_for_demands(
    bare: Flask, site: int, kind: str, words: tuple[str, ...]
) -> None:
    letter_id = in_force(bare, site, kind=kind, amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=DAY, demand="extend_or_pay", asked_ends_on=date(2028, 12, 31))
    step(bare, key, "hold", by=clerk(), day=DAY, reply_by=date(2025, 9, 30))
    assert rests_on(bare, key) == words


def test_a_limit_says_what_is_awaited_now(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, kind="dependent", amount="1613000"), ("1", "700000"), day=DAY)
    assert notice(bare, key, DAY) == "待非独立保函核定，期限 2025-10-13"
    step(bare, key, "decide", by=clerk(), day=DAY, payout=700_000, remark="")
    assert notice(bare, key, DAY) == "待复核，期限 2025-10-13"
    step(bare, key, "approve", by=reviewer(), day=DAY)
    assert notice(bare, key, DAY) == "待赔付，期限 2025-10-13"
    assert notice(bare, key, date(2025, 10, 15)) == "待赔付，期限 2025-10-13，已逾期 2 个工作日"


def test_an_insurer_that_has_agreed_is_waited_for_to_pay(bare: Flask, site: int) -> None:
    key = claim(bare, in_force(bare, site, kind="insurance", amount="1613000"), ("1", "700000"), day=DAY)
    step(bare, key, "decide", by=clerk(), day=DAY, payout=700_000, remark="")
    step(bare, key, "approve", by=reviewer(), day=DAY)
    assert notice(bare, key, date(2025, 9, 28)) == "待支付赔款，期限 2025-09-26，已逾期 2 天"


def test_a_limit_of_working_days_is_overrun_by_working_days(bare: Flask, site: int) -> None:
    """2025-09-26 is a Friday, the 27th is free, the 28th a worked Sunday."""
    letter_id = in_force(bare, site, kind="independent", amount="1613000")
    key = claim(bare, letter_id, ("1", "700000"), day=date(2025, 9, 19))
    told = {day: lateness(bare, key, date(2025, 9, day)) for day in (26, 27, 28, 29)}
    assert told == {26: "", 27: "已逾期", 28: "已逾期 1 个工作日", 29: "已逾期 2 个工作日"}
