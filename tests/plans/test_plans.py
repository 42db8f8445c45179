"""支付计划: complete to the fen or refused, agreed by its contractor, version by version (vectors P1, P2, P15)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import LOST, Lost, NotFound, Refused
from app.engine import records
from app.engine.transitions import find
from app.ledger.scope import UNSCOPED
from app.plans import versions
from models.contract import Contract
from models.duty import Duty
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.plans.node import PlanNode
from models.plans.plan import PaymentPlan
from tests.bare import HERE, look, person, put, regulator, stranger, work
from tests.bare import contract as bare_contract
from tests.plans.said import (
    FINISH,
    NODES,
    PRICE,
    SIGNED,
    STATED,
    agreed,
    contract,
    nodes,
    origins,
    pay,
    refusal,
    say,
    state,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")


def refused(app: Flask, contract_id: int, rows: list[GivenRow]) -> dict[str, str]:
    with pytest.raises(Refused) as info:
        state(app, contract_id, rows)
    return refusal(info)


def plan_of(app: Flask, key: int) -> dict[str, Any]:
    return look(app, PaymentPlan, key)


def kept_nodes(app: Flask, plan_id: int) -> list[tuple[Any, ...]]:
    with app.app_context():
        query = select(PlanNode).where(PlanNode.plan_id == plan_id).order_by(PlanNode.place)
        found = db.session.scalars(query.execution_options(**UNSCOPED))
        return [(row.kind, row.planned_on, row.amount, row.share) for row in found]


def test_a_plan_that_makes_the_price_is_handed_in_and_runs_at_once(bare: Flask) -> None:
    key = state(bare, contract(bare))
    found = plan_of(bare, key)
    assert (found["state"], found["runs"], found["no"], found["price"]) == ("submitted", True, 1, PRICE)
    assert found["due_on"] == STATED + timedelta(days=10)


@pytest.mark.parametrize(("last", "gap"), [("483899.99", "差0.01元"), ("483900.01", "超出0.01元")])
def test_a_plan_that_misses_the_price_by_a_fen_is_refused_and_told_by_how_much(
    bare: Flask, last: str, gap: str
) -> None:
    contract_id = contract(bare)
    said = refused(bare, contract_id, nodes(*NODES[:3], (*NODES[3][:2], last)))
    assert said == {"nodes": f"各节点金额合计比合同价款{gap}，请核对后修改"}
    with work(bare, person(EMPLOYER)):
        assert not versions.of_contract(contract_id)


def test_an_incomplete_plan_is_kept_as_a_draft_and_told_row_by_row_when_it_is_handed_in(bare: Flask) -> None:
    rows = nodes(*NODES)
    rows[1] = GivenRow({**rows[1].values, "condition": "", "kind": None})
    rows[2] = GivenRow({**rows[2].values, "planned_on": FINISH + timedelta(days=366)})
    contract_id = contract(bare)
    said = refused(bare, contract_id, rows)
    assert said == {
        "nodes.1.kind": "请选择节点类型",
        "nodes.1.condition": "请输入支付条件",
        "nodes.2.planned_on": "计划支付日期应在2024-05-08至2027-05-31之间，请修改",
    }
    assert plan_of(bare, state(bare, contract_id, rows, then=""))["state"] == "draft"


def test_days_reach_from_signing_to_settlement_and_of_retention_to_the_defects_end(bare: Flask) -> None:
    first, last, end = SIGNED, FINISH + timedelta(days=365), FINISH + timedelta(days=1095)
    right = [(NODES[0][0], first, NODES[0][2]), NODES[1], ("final", last, NODES[2][2]), ("retention", end, NODES[3][2])]
    assert plan_of(bare, state(bare, contract(bare), nodes(*right)))["state"] == "submitted"
    day = timedelta(days=1)
    wrong = [
        (NODES[0][0], first - day, NODES[0][2]),
        NODES[1],
        ("final", last + day, NODES[2][2]),
        ("retention", end + day, NODES[3][2]),
    ]
    assert set(refused(bare, contract(bare), nodes(*wrong))) == {f"nodes.{at}.planned_on" for at in (0, 2, 3)}


def test_a_contract_without_its_days_is_asked_for_them_first(bare: Flask) -> None:
    said = refused(bare, contract(bare, finish_on=None), nodes(*NODES))
    assert said["contract_id"].startswith("合同未填写签订日期或合同竣工日期")


def wages(*days: date) -> list[GivenRow]:
    each = (PRICE / len(days)).quantize(Decimal("0.01"))
    amounts = [each] * (len(days) - 1) + [PRICE - each * (len(days) - 1)]
    return nodes(*(("labour", day, str(amount)) for day, amount in zip(days, amounts, strict=True)))


def test_wages_a_month_apart_are_right_and_further_apart_refused(bare: Flask) -> None:
    right = wages(date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31))
    assert plan_of(bare, state(bare, contract(bare), right))["state"] == "submitted"
    said = refused(bare, contract(bare), wages(date(2025, 1, 31), date(2025, 3, 1)))
    assert said == {"nodes.1.planned_on": "人工费拨付周期不得超过1个月，与上一期2025-01-31相隔过长，请修改或补充节点"}


def test_all_of_a_labour_node_is_labour_cost_and_no_part_exceeds_its_node(bare: Flask) -> None:
    rows = wages(date(2025, 1, 31))
    key = state(bare, contract(bare), rows)
    with bare.app_context():
        query = select(PlanNode.labour).where(PlanNode.plan_id == key).execution_options(**UNSCOPED)
        assert db.session.scalar(query) == PRICE
    typed = nodes(*NODES, labour=Decimal("1613000.01"))
    assert set(refused(bare, contract(bare), typed)) == {"nodes.0.labour", "nodes.3.labour"}


def test_amounts_may_be_left_to_their_shares(bare: Flask) -> None:
    price = Decimal("10000000.01")
    said = {"condition": "按约定", "planned_on": date(2025, 1, 31)}
    rows = [GivenRow({"kind": "progress", "share": Decimal(part), **said}) for part in (30, 30, 40)]
    key = state(bare, contract(bare, price=price), rows)
    assert [row[2] for row in kept_nodes(bare, key)] == [Decimal(text) for text in ("3000000", "3000000", "4000000.01")]


def test_after_settlement_the_nodes_make_the_settlement_price(bare: Flask) -> None:
    contract_id = contract(bare, settlement_price=PRICE - 1)
    assert "超出1.00元" in refused(bare, contract_id, nodes(*NODES))["nodes"]


def test_another_companys_contract_is_not_planned_and_its_plan_not_found(bare: Flask) -> None:
    foreign = put(bare, bare_contract(contract_no="外单位合同", employer_id=6, signed_on=SIGNED, finish_on=FINISH))
    assert refused(bare, foreign, nodes(*NODES)) == {"contract_id": "请选择本单位的合同"}
    key = state(bare, contract(bare))
    for who in (stranger(), regulator("460203")):
        with work(bare, who), pytest.raises(NotFound):
            find(PaymentPlan, key)
    with work(bare, regulator(HERE)):
        assert find(PaymentPlan, key).id == key


def test_a_draft_is_its_employers_own(bare: Flask) -> None:
    key = state(bare, contract(bare), then="")
    for who in (person(CONTRACTOR), regulator(HERE)):
        with work(bare, who), pytest.raises(NotFound):
            find(PaymentPlan, key)


def test_the_contractor_agrees_or_sends_it_back_and_the_employer_mends_it(bare: Flask) -> None:
    contract_id = contract(bare)
    key = state(bare, contract_id)
    say(bare, PaymentPlan, key, "send_back", by=CONTRACTOR, reason="进度款比例不符")
    found = plan_of(bare, key)
    assert (found["state"], found["runs"], found["due_on"]) == ("returned", False, None)
    with work(bare, person(EMPLOYER)):
        records.save(PaymentPlan, {"nodes": nodes(*NODES)}, key=key, then="submit")
    say(bare, PaymentPlan, key, "agree", by=CONTRACTOR)
    found = plan_of(bare, key)
    assert (found["state"], found["runs"]) == ("agreed", True)


def test_nobody_but_its_contractor_agrees(bare: Flask) -> None:
    key = state(bare, contract(bare))
    for by in (EMPLOYER, "stranger"):
        with pytest.raises((Lost, NotFound)):
            say(bare, PaymentPlan, key, "agree", by=by)
    assert plan_of(bare, key)["state"] == "submitted"


def test_silence_is_no_consent_and_the_plan_runs_on(bare: Flask) -> None:
    key = state(bare, contract(bare))
    late = STATED + timedelta(days=11)
    with pytest.raises(Refused) as info:
        say(bare, PaymentPlan, key, "withdraw", by=EMPLOYER, day=late, reason="想改")
    assert refusal(info)["reason"].startswith("施工单位确认期限2024-05-30已过，本计划已开始执行，不能撤回或退回")
    found = plan_of(bare, key)
    assert (found["state"], found["runs"], found["agreed_at"]) == ("submitted", True, None)
    with bare.app_context():
        duty = db.session.scalars(select(Duty).where(Duty.record_type == "payment_plan", Duty.record_id == key)).one()
        assert (duty.code, duty.met_on) == ("payment_plan", None)


def test_in_time_the_employer_takes_it_back_unless_money_has_moved_on_it(bare: Flask) -> None:
    key = state(bare, contract(bare))
    say(bare, PaymentPlan, key, "withdraw", by=EMPLOYER, reason="录入有误")
    assert (plan_of(bare, key)["state"], plan_of(bare, key)["runs"]) == ("withdrawn", False)
    contract_id = contract(bare)
    key = state(bare, contract_id)
    pay(bare, contract_id, "1", "1.00", day=STATED)
    with pytest.raises(Refused) as info:
        say(bare, PaymentPlan, key, "withdraw", by=EMPLOYER, reason="想改")
    assert refusal(info) == {
        "reason": "本计划的节点已有付款或收款记录，不能撤回，请修改后重新提交，或编制新版并经施工单位同意"
    }


def next_of(app: Flask, plan_id: int) -> int:
    with work(app, person(EMPLOYER)):
        return versions.begin_next(plan_id).id


def hand_in(app: Flask, key: int, **values: Any) -> None:
    with work(app, person(EMPLOYER)):
        records.save(PaymentPlan, {"cause": "工期顺延", **values}, key=key, then="submit")


def test_a_later_version_replaces_the_running_one_only_with_consent_and_its_nodes_keep_their_names(
    bare: Flask,
) -> None:
    contract_id = contract(bare)
    first = agreed(bare, contract_id)
    second = next_of(bare, first)
    assert kept_nodes(bare, second) == kept_nodes(bare, first)
    assert origins(bare, second) == origins(bare, first) == ["1", "2", "3", "4"]
    hand_in(bare, second)
    assert [(plan_of(bare, key)["state"], plan_of(bare, key)["runs"]) for key in (first, second)] == [
        ("agreed", True),
        ("submitted", False),
    ]
    say(bare, PaymentPlan, second, "agree", by=CONTRACTOR)
    assert [(plan_of(bare, key)["state"], plan_of(bare, key)["runs"]) for key in (first, second)] == [
        ("superseded", False),
        ("agreed", True),
    ]


def test_a_new_node_of_a_later_version_bears_a_name_that_was_never_used(bare: Flask) -> None:
    contract_id = contract(bare)
    second = next_of(bare, agreed(bare, contract_id))
    with work(bare, person(EMPLOYER)):
        known = [GivenRow({}, id=node.id) for node in db.session.get_one(PaymentPlan, second).nodes[:3]]
        records.save(PaymentPlan, {"nodes": [*known, *nodes(NODES[3])]}, key=second)
    assert origins(bare, second) == ["1", "2", "3", "5"]


def test_a_name_on_which_money_has_moved_is_given_to_no_other_node(bare: Flask) -> None:
    contract_id = contract(bare)
    key = state(bare, contract_id)
    pay(bare, contract_id, "4", "1.00", day=STATED)
    say(bare, PaymentPlan, key, "send_back", by=CONTRACTOR, reason="请改")
    with work(bare, person(EMPLOYER)):
        known = [GivenRow({}, id=node.id) for node in db.session.get_one(PaymentPlan, key).nodes[:3]]
        records.save(PaymentPlan, {"nodes": known}, key=key)
    with work(bare, person(EMPLOYER)):
        known = [GivenRow({}, id=node.id) for node in db.session.get_one(PaymentPlan, key).nodes]
        records.save(PaymentPlan, {"nodes": [*known, *nodes(NODES[3])]}, key=key)
    assert origins(bare, key) == ["1", "2", "3", "5"]


def test_a_version_says_why_it_is_another_one(bare: Flask) -> None:
    second = next_of(bare, agreed(bare, contract(bare)))
    with pytest.raises(Refused) as info:
        hand_in(bare, second, cause="")
    assert refusal(info) == {"cause": "请输入变更原因"}


def test_one_version_at_a_time_is_open_beside_the_running_one(bare: Flask) -> None:
    contract_id = contract(bare)
    first = agreed(bare, contract_id)
    next_of(bare, first)
    with pytest.raises(Refused) as info:
        next_of(bare, first)
    assert refusal(info) == {"contract_id": "第2版支付计划尚未办结（草稿），请先办理该版"}
    assert "第2版支付计划尚未办结" in refused(bare, contract_id, nodes(*NODES))["contract_id"]


def test_a_second_plan_begins_with_the_nodes_of_the_first(bare: Flask) -> None:
    contract_id = contract(bare)
    agreed(bare, contract_id)
    said = refused(bare, contract_id, nodes(*NODES))
    assert said["contract_id"] == "本合同已有第1版支付计划，请打开该版后编制新版"


def test_a_node_on_which_money_has_moved_stays_a_node(bare: Flask) -> None:
    contract_id = contract(bare)
    first = agreed(bare, contract_id)
    pay(bare, contract_id, "1", "1000.00", day=date(2024, 8, 1))
    second = next_of(bare, first)
    with work(bare, person(EMPLOYER)):
        known = [GivenRow({}, id=node.id) for node in db.session.get_one(PaymentPlan, second).nodes[1:]]
    with pytest.raises(Refused) as info:
        hand_in(bare, second, nodes=[*known, *nodes(NODES[0])])
    assert refusal(info) == {"nodes": "“预付款 2024-08-02”节点已有付款或收款记录，不能删除，请恢复该节点"}


def test_a_plan_that_no_longer_makes_the_price_is_not_agreed_to(bare: Flask) -> None:
    contract_id = contract(bare)
    key = state(bare, contract_id)
    with bare.app_context():
        db.session.connection().execute(
            Contract.__table__.update().where(Contract.id == contract_id).values(price=PRICE + 1)
        )
        db.session.commit()
    with pytest.raises(Refused) as info:
        say(bare, PaymentPlan, key, "agree", by=CONTRACTOR)
    assert "差1.00元" in refusal(info)["nodes"]
    assert plan_of(bare, key)["state"] == "submitted"


def test_a_contract_is_not_renamed_under_a_plan_that_was_handed_in(bare: Flask) -> None:
    contract_id = contract(bare)
    state(bare, contract_id)
    with work(bare, person(EMPLOYER)), pytest.raises(Refused) as info:
        records.save(Contract, {"contract_no": "改名"}, key=contract_id)
    assert refusal(info) == {"contract_no": "本合同已提交支付计划，不能更改合同编号，请另行登记合同"}


def test_an_edit_of_a_stale_page_and_of_what_was_handed_in_changes_nothing(bare: Flask) -> None:
    key = state(bare, contract(bare), then="")
    version = plan_of(bare, key)["version"]
    with work(bare, person(EMPLOYER)):
        records.save(PaymentPlan, {"nodes": nodes(*NODES)}, key=key, version=version)
    with work(bare, person(EMPLOYER)), pytest.raises(Lost, match=LOST):
        records.save(PaymentPlan, {"nodes": nodes(NODES[0])}, key=key, version=version)
    with work(bare, person(EMPLOYER)):
        records.save(PaymentPlan, {}, key=key, then="submit")
    with work(bare, person(EMPLOYER)), pytest.raises(Lost, match="当前状态不能修改"):
        records.save(PaymentPlan, {"nodes": nodes(NODES[0])}, key=key)
    assert len(kept_nodes(bare, key)) == 4
