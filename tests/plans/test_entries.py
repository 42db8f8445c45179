"""付款与收款: entered once, proved by papers, taken back by entries of their own (vectors P4, P6, P7)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from app.engine import records
from app.engine.transitions import find
from app.ledger.scope import UNSCOPED
from app.plans import series, standing, versions
from app.plans.standing import NodeStanding
from models.grammar.base import Record
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.plans.entry import Entry
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from tests.bare import HERE, findings, look, person, regulator, stranger, work
from tests.plans.said import (
    agreed,
    contract,
    nodes,
    pay,
    postpone,
    prove,
    receive,
    refusal,
    say,
    stands,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")

DUE = date(2024, 8, 2)
"""The first node's day."""

DAY_60, DAY_61 = date(2024, 10, 1), date(2024, 10, 2)


@pytest.fixture
def paid_for(bare: Flask) -> tuple[int, int]:
    """A contract and its plan, agreed."""
    contract_id = contract(bare)
    return contract_id, agreed(bare, contract_id)


def first(app: Flask, plan_id: int, day: date) -> NodeStanding:
    return stands(app, plan_id, day).nodes[0]


def entered(app: Flask, model: type[Entry], contract_id: int) -> list[tuple[Decimal | None, str, int | None]]:
    with app.app_context():
        query = select(model).where(model.contract_id == contract_id).order_by(model.id)
        found = db.session.scalars(query.execution_options(**UNSCOPED)).unique()
        return [(each.amount, each.state, each.reverses_id) for each in found]


def refused(enter: Any, *given: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(Refused) as info:
        enter(*given, **more)
    return refusal(info)


def test_a_node_is_warned_of_from_the_61st_day_on_holiday_or_not(bare: Flask, paid_for: tuple[int, int]) -> None:
    node = first(bare, paid_for[1], DAY_60)
    assert (node.timing, node.late_days, node.warned_from) == ("due", 60, DAY_61)
    assert first(bare, paid_for[1], DAY_61).timing == "late"
    assert first(bare, paid_for[1], DUE - timedelta(days=1)).timing == "later"


def test_a_node_at_a_years_end_is_warned_of_on_the_first_of_march_of_a_leap_year(bare: Flask) -> None:
    contract_id = contract(bare, finish_on=date(2027, 6, 30))
    plan_id = agreed(bare, contract_id, nodes(("progress", date(2027, 12, 31), "16130000.00")))
    assert first(bare, plan_id, date(2028, 2, 29)).timing == "due"
    node = first(bare, plan_id, date(2028, 3, 1))
    assert (node.timing, node.warned_from) == ("late", date(2028, 3, 1))


def test_what_no_paper_proves_is_received_but_not_confirmed(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id, plan_id = paid_for
    receive(bare, contract_id, "1", "1000000.00", day=date(2024, 9, 10))
    node = first(bare, plan_id, DAY_61)
    assert (node.timing, node.missing) == ("late", Decimal("613000.00"))
    key = receive(bare, contract_id, "1", "613000.00", day=date(2024, 10, 3), papers=())
    assert findings(bare, Receipt, key) == ["尚未上传收款凭证或结算文件，补充之前本节点仍视为未确认收款"]
    node = first(bare, plan_id, date(2024, 10, 3))
    assert (node.timing, node.missing, node.unproved) == ("late", Decimal(0), Decimal("613000.00"))
    prove(bare, key, day=date(2024, 10, 5))
    assert findings(bare, Receipt, key) == []
    assert look(bare, Receipt, key)["proved_on"] == date(2024, 10, 5)
    assert first(bare, plan_id, date(2024, 10, 5)).timing == "received"


def test_a_mistake_is_taken_back_by_an_entry_of_its_own(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id, plan_id = paid_for
    key = receive(bare, contract_id, "1", "1613000.00", day=date(2024, 9, 10))
    say(bare, Receipt, key, "reverse", by=CONTRACTOR, day=date(2024, 11, 1), reason="银行退票")
    assert entered(bare, Receipt, contract_id) == [
        (Decimal("1613000.00"), "reversed", None),
        (Decimal("-1613000.00"), "entered", key),
    ]
    node = first(bare, plan_id, date(2024, 11, 1))
    assert (node.timing, node.received, node.proved, node.warned_from) == ("late", 0, 0, DAY_61)
    with work(bare, person(CONTRACTOR), date(2024, 11, 1)):
        against = db.session.scalars(select(Receipt).where(Receipt.reverses_id == key)).one()
        counter = against.id
        assert (against.proved_on, against.moved_on, against.entered_on) == (date(2024, 11, 1),) * 3
        plan = db.session.get_one(PaymentPlan, plan_id)
        assert [total for _day, total in series.of_plan(plan, standing.of_plan(plan)).received] == [
            Decimal("1613000.00"),
            Decimal(0),
        ]
    for reader in (person(EMPLOYER), regulator(HERE)):
        with work(bare, reader):
            assert find(Receipt, counter).id == counter
    for again in (key, counter):
        with pytest.raises(Lost):
            say(bare, Receipt, again, "reverse", by=CONTRACTOR, reason="再次")


def test_what_is_confirmed_is_final(bare: Flask, paid_for: tuple[int, int]) -> None:
    key = receive(bare, paid_for[0], "1", "1.00", day=DUE)
    with pytest.raises(Lost, match="当前状态不能修改"), work(bare, person(CONTRACTOR)):
        records.save(Receipt, {"amount": Decimal(2)}, key=key)
    assert look(bare, Receipt, key)["amount"] == Decimal(1)


def test_more_than_is_planned_is_kept_with_a_warning(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id, plan_id = paid_for
    receive(bare, contract_id, "1", "1613000.00", day=DUE)
    key = receive(bare, contract_id, "1", "0.01", day=DUE)
    assert findings(bare, Receipt, key) == ["本节点累计161.300001万元，超出计划金额161.30万元，请核对"]
    assert stands(bare, plan_id, DUE).nodes[0].received == Decimal("1613000.01")


def test_money_from_before_the_contract_is_kept_with_a_warning(bare: Flask, paid_for: tuple[int, int]) -> None:
    early, signed = date(2024, 5, 7), date(2024, 5, 8)
    key = pay(bare, paid_for[0], "1", "1.00", day=early, entered_on=DUE)
    assert findings(bare, Payment, key) == ["付款日期早于合同签订日期2024-05-08，请核对"]
    assert findings(bare, Payment, pay(bare, paid_for[0], "1", "1.00", day=signed, entered_on=DUE)) == []


def test_money_of_tomorrow_of_nothing_and_on_no_node_is_refused(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id = paid_for[0]
    tomorrow = {"moved_on": DUE + timedelta(days=1)}
    assert refused(pay, bare, contract_id, "1", "1.00", day=DUE, **tomorrow) == {
        "moved_on": "付款日期不能晚于今天（2024-08-02），请修改"
    }
    assert refused(receive, bare, contract_id, "1", "0.00", day=DUE) == {"amount": "金额应大于 0，请修改"}
    assert refused(pay, bare, contract_id, "9", "1.00", day=DUE) == {
        "origin": "该节点不在正在执行的支付计划中，请重新选择支付节点"
    }
    assert refused(pay, bare, contract(bare), "1", "1.00", day=DUE) == {
        "contract_id": "本合同没有正在执行的支付计划，请建设单位先提交支付信息归集"
    }
    assert entered(bare, Payment, contract_id) == entered(bare, Receipt, contract_id) == []


def test_a_payment_has_its_voucher_and_its_payer(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id = paid_for[0]
    with pytest.raises(Refused) as info, work(bare, person(EMPLOYER), DUE):
        records.save(
            Payment,
            {"contract_id": contract_id, "origin": "1", "amount": Decimal(1), "moved_on": DUE},
            then="enter",
        )
    assert refusal(info) == {"voucher": "请上传支付凭证"}
    key = pay(bare, contract_id, "1", "1.00", day=DUE)
    assert look(bare, Payment, key)["payer"] == "建设单位"
    key = pay(bare, contract_id, "1", "1.00", day=DUE, payer="某市财政局")
    assert look(bare, Payment, key)["payer"] == "某市财政局"


def test_a_second_voucher_with_the_same_bytes_on_another_node_is_told(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id = paid_for[0]
    pay(bare, contract_id, "1", "1.00", day=DUE, unique="同一份回单")
    key = pay(bare, contract_id, "2", "1.00", day=DUE, unique="同一份回单")
    assert findings(bare, Payment, key) == ["与“预付款 2024-08-02”节点已上传的文件相同，请核对"]


def test_a_voucher_of_another_companys_contract_is_not_told(bare: Flask, paid_for: tuple[int, int]) -> None:
    other = contract(bare)
    agreed(bare, other)
    pay(bare, other, "1", "1.00", day=DUE, unique="别处的回单")
    key = pay(bare, paid_for[0], "2", "1.00", day=DUE, unique="别处的回单")
    assert findings(bare, Payment, key) == []


def test_wages_that_miss_their_account_are_kept_with_a_warning(bare: Flask) -> None:
    contract_id = contract(bare)
    agreed(bare, contract_id, nodes(("labour", date(2024, 6, 30), "16130000.00")))
    day = date(2024, 7, 3)
    key = receive(bare, contract_id, "1", "1.00", day=day, to_wage_account=False)
    assert findings(bare, Receipt, key) == ["人工费应拨付至农民工工资专用账户，请核对实际收款账户"]
    key = receive(bare, contract_id, "1", "1.00", day=day, to_wage_account=True)
    assert findings(bare, Receipt, key) == []


def test_what_the_two_parties_say_differently_is_seen_by_both(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id, plan_id = paid_for
    pay(bare, contract_id, "1", "1000000.00", day=DUE)
    receive(bare, contract_id, "1", "700000.00", day=DUE)
    for by in (EMPLOYER, CONTRACTOR):
        (node,) = stands(bare, plan_id, DUE, by=by).differing
        assert (node.paid, node.received, node.differs) == (Decimal(1_000_000), Decimal(700_000), Decimal(300_000))


def test_each_side_enters_its_own_and_sees_the_others_only_once_it_counts(
    bare: Flask, paid_for: tuple[int, int]
) -> None:
    contract_id = paid_for[0]
    draft = pay(bare, contract_id, "1", "1.00", day=DUE, then="")
    for who in (person(CONTRACTOR), regulator(HERE), stranger()):
        with work(bare, who), pytest.raises(NotFound):
            find(Payment, draft)
    key = pay(bare, contract_id, "1", "1.00", day=DUE)
    for who in (person(CONTRACTOR), regulator(HERE)):
        with work(bare, who):
            assert find(Payment, key).id == key
    with work(bare, stranger()), pytest.raises(NotFound):
        find(Payment, key)
    with pytest.raises(Lost):
        say(bare, Payment, key, "reverse", by=CONTRACTOR, reason="不是我们的")


@pytest.mark.parametrize(("model", "by"), [(Payment, CONTRACTOR), (Receipt, EMPLOYER)])
def test_nobody_enters_for_the_other_side(bare: Flask, paid_for: tuple[int, int], model: type[Record], by: str) -> None:

    values = {"contract_id": paid_for[0], "origin": "1", "amount": Decimal(1), "moved_on": DUE}
    both = person(by, roles=frozenset({EMPLOYER, CONTRACTOR}))
    with work(bare, both, DUE), pytest.raises(Refused) as info:
        records.save(model, values, then="enter")
    assert refusal(info)["contract_id"] == "请选择本单位的合同"


def test_entries_stay_with_their_node_over_versions(bare: Flask, paid_for: tuple[int, int]) -> None:

    contract_id, plan_id = paid_for
    receive(bare, contract_id, "1", "1613000.00", day=DUE)
    with work(bare, person(EMPLOYER)):
        second = versions.begin_next(plan_id).id
    with work(bare, person(EMPLOYER)):
        records.save(PaymentPlan, {"cause": "顺延"}, key=second, then="submit")
    say(bare, PaymentPlan, second, "agree", by=CONTRACTOR)
    assert first(bare, second, DAY_61).timing == "received"


def test_one_node_is_postponed_by_itself_with_the_contractors_consent(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id, plan_id = paid_for
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    assert first(bare, plan_id, DAY_61).timing == "late"
    say(bare, Postponement, key, "agree", by=CONTRACTOR)
    node = first(bare, plan_id, DAY_61)
    assert (node.timing, node.node.planned_on, node.warned_from) == ("due", DUE, date(2024, 11, 2))
    assert look(bare, PaymentPlan, plan_id)["state"] == "agreed"


def test_a_postponement_that_was_objected_to_or_withdrawn_changes_nothing(
    bare: Flask, paid_for: tuple[int, int]
) -> None:
    contract_id, plan_id = paid_for
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    say(bare, Postponement, key, "object", by=CONTRACTOR, reason="工程未停")
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    say(bare, Postponement, key, "withdraw", by=EMPLOYER)
    with pytest.raises(Lost):
        say(bare, Postponement, key, "agree", by=CONTRACTOR)
    assert first(bare, plan_id, DAY_61).timing == "late"


def test_an_unsound_postponement_is_refused_at_its_field(bare: Flask, paid_for: tuple[int, int]) -> None:
    contract_id = paid_for[0]
    assert refused(postpone, bare, contract_id, "1", DUE) == {
        "to_on": "延期后日期应晚于原计划支付日期2024-08-02，请修改"
    }
    assert refused(postpone, bare, contract_id, "1", date(2027, 6, 1)) == {
        "to_on": "延期后日期应在2024-05-08至2027-05-31之间，请修改"
    }
    assert refused(postpone, bare, contract_id, "1", date(2024, 9, 2), day=date(2024, 10, 1)) == {
        "to_on": "延期后日期不能早于今天（2024-10-01），请修改"
    }
    postpone(bare, contract_id, "1", date(2024, 9, 2))
    assert refused(postpone, bare, contract_id, "1", date(2024, 9, 3)) == {
        "origin": "该节点已有一项延期待施工单位同意，请等待答复，或撤回后重新提出"
    }


def test_postponed_wages_stay_within_a_month(bare: Flask) -> None:
    contract_id = contract(bare)
    half = "8065000.00"
    agreed(bare, contract_id, nodes(("labour", date(2025, 1, 31), half), ("labour", date(2025, 2, 28), half)))
    assert refused(postpone, bare, contract_id, "2", date(2025, 3, 1)) == {
        "to_on": "延期后人工费拨付周期超过1个月（2025-01-31至2025-03-01），请修改"
    }


def test_two_postponements_cannot_both_be_agreed_to_from_one_day(bare: Flask, paid_for: tuple[int, int]) -> None:

    contract_id, plan_id = paid_for
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    with work(bare, person(EMPLOYER)):
        second = versions.begin_next(plan_id)
        moved, row = second.id, second.nodes[0].id
    with work(bare, person(EMPLOYER)):
        rest = [GivenRow({}, id=each.id) for each in db.session.get_one(PaymentPlan, moved).nodes[1:]]
        rows = [GivenRow({"planned_on": date(2024, 8, 20)}, id=row), *rest]
        records.save(PaymentPlan, {"nodes": rows, "cause": "改期"}, key=moved, then="submit")
    say(bare, PaymentPlan, moved, "agree", by=CONTRACTOR)
    with pytest.raises(Refused) as info:
        say(bare, Postponement, key, "agree", by=CONTRACTOR)
    assert refusal(info) == {"reason": "本节点的计划支付日期已变更为2024-08-20，请建设单位撤回后重新提出"}
