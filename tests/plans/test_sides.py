"""What neither side brings about alone, and what nobody is told of the other's: a plan stays what both rely on."""

from concurrent.futures import ThreadPoolExecutor
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
from app.ledger import history
from app.plans import versions
from models.contract import Contract
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.plans.entry import Entry
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from models.project import Project
from tests import bare as rows
from tests.bare import ELSEWHERE, HERE, findings, look, person, put, regulator, work
from tests.plans.said import (
    NODES,
    PRICE,
    STATED,
    agreed,
    contract,
    nodes,
    origins,
    pay,
    postpone,
    receive,
    refusal,
    say,
    stands,
    state,
)
from views.frame import timeline

pytestmark = pytest.mark.databases("sqlite", "postgres")
DUE = date(2024, 8, 2)
LATE = STATED + timedelta(days=11)


def change(app: Flask, model: type[Any], key: int, **values: Any) -> None:
    with work(app, person(EMPLOYER)):
        records.save(model, values, key=key)


def refused(
    app: Flask, key: int, step: str, *, by: str, day: date = STATED, model: Any = PaymentPlan
) -> dict[str, str]:
    with pytest.raises(Refused) as info:
        say(app, model, key, step, by=by, day=day, reason="改一改")
    return refusal(info)


def next_of(app: Flask, plan_id: int, **values: Any) -> int:
    """The next version, handed in."""
    with work(app, person(EMPLOYER)):
        key = versions.begin_next(plan_id).id
    with work(app, person(EMPLOYER)):
        records.save(PaymentPlan, {"cause": "工期顺延", **values}, key=key, then="submit")
    return key


def known(app: Flask, plan_id: int) -> list[GivenRow]:
    with work(app, person(EMPLOYER)):
        return [GivenRow({}, id=node.id) for node in db.session.get_one(PaymentPlan, plan_id).nodes]


def test_a_draft_is_handed_to_the_contractor_and_measured_by_the_price_of_that_moment(bare: Flask) -> None:
    contract_id = contract(bare)
    key = state(bare, contract_id, then="")
    change(bare, Contract, contract_id, contractor_id=6, price=PRICE + 100)
    assert "差0.01万元" in refused(bare, key, "submit", by=EMPLOYER)["nodes"]
    change(bare, Contract, contract_id, price=PRICE)
    say(bare, PaymentPlan, key, "submit", by=EMPLOYER)
    assert (look(bare, PaymentPlan, key)["contractor_id"], look(bare, PaymentPlan, key)["price"]) == (6, PRICE)
    with work(bare, person(CONTRACTOR)), pytest.raises(NotFound):
        find(PaymentPlan, key)


def test_payments_move_with_their_project_to_another_region(bare: Flask) -> None:
    project_id = put(bare, rows.project(name="迁移工程", permit_no=None))
    contract_id = contract(bare, project_id=project_id)
    plan = agreed(bare, contract_id)
    moved: list[tuple[type[Any], int]] = [
        (PaymentPlan, plan),
        (Payment, pay(bare, contract_id, "1", "1.00", day=DUE)),
        (Receipt, receive(bare, contract_id, "1", "1.00", day=DUE)),
        (Postponement, postpone(bare, contract_id, "2", date(2025, 7, 30))),
    ]
    draft = receive(bare, contract_id, "1", "1.00", day=DUE, then="")
    change(bare, Project, project_id, region_code=ELSEWHERE)
    for model, key in moved:
        with work(bare, regulator(ELSEWHERE)):
            assert find(model, key).id == key
        with work(bare, regulator(HERE)), pytest.raises(NotFound):
            find(model, key)
    say(bare, Receipt, draft, "enter", by=CONTRACTOR, day=DUE)
    assert look(bare, Receipt, draft)["region_code"] == ELSEWHERE


def test_money_that_is_entered_waits_for_whoever_changes_the_plan(bare: Flask) -> None:
    contract_id = contract(bare)
    key = state(bare, contract_id)

    def enter() -> str:
        return _said(lambda: receive(bare, contract_id, "1", "7.00", day=STATED))

    def withdraw() -> str:
        return _said(lambda: say(bare, PaymentPlan, key, "withdraw", by=EMPLOYER, reason="改"))

    with ThreadPoolExecutor(2) as threads:
        said = [each.result() for each in [threads.submit(enter), threads.submit(withdraw)]]
    assert sorted(said)[-1] == "done" and said.count("done") == 1


def _said(deed: Any) -> str:
    try:
        deed()
    except (Lost, Refused):
        return "Refused"
    return "done"


def test_a_next_version_waits_until_the_first_is_answered_or_carried_out(bare: Flask) -> None:
    key = state(bare, contract(bare))
    with work(bare, person(EMPLOYER), STATED), pytest.raises(Refused) as info:
        versions.begin_next(key)
    assert refusal(info) == {"contract_id": "第1版支付计划尚未办结（待施工单位确认），请先办理该版"}
    with work(bare, person(EMPLOYER), LATE):
        assert versions.begin_next(key).no == 2
    for by, step in ((EMPLOYER, "withdraw"), (CONTRACTOR, "send_back")):
        assert "本计划已开始执行，不能撤回或退回" in refused(bare, key, step, by=by, day=LATE)["reason"]
    assert look(bare, PaymentPlan, key)["runs"]


def test_a_plan_with_money_on_it_that_was_sent_back_is_not_withdrawn(bare: Flask) -> None:
    contract_id = contract(bare)
    key = state(bare, contract_id)
    pay(bare, contract_id, "1", "1.00", day=STATED)
    say(bare, PaymentPlan, key, "send_back", by=CONTRACTOR, reason="比例不符")
    assert "已有付款或收款记录，不能撤回" in refused(bare, key, "withdraw", by=EMPLOYER)["reason"]


def test_a_plan_with_a_node_that_is_due_is_not_taken_back(bare: Flask) -> None:
    key = state(bare, contract(bare), nodes(("advance", STATED, NODES[0][2]), *NODES[1:]))
    assert "已有节点到期（2024-05-20），不能撤回" in refused(bare, key, "withdraw", by=EMPLOYER)["reason"]


def test_an_entry_against_another_is_proved_by_no_paper(bare: Flask) -> None:
    contract_id = contract(bare)
    plan = agreed(bare, contract_id)
    key = receive(bare, contract_id, "1", "1000000.00", day=DUE, papers=())
    say(bare, Receipt, key, "reverse", by=CONTRACTOR, day=DUE, reason="误记")
    with work(bare, person(CONTRACTOR), DUE):
        against = db.session.scalars(select(Receipt).where(Receipt.reverses_id == key)).one().id
    for each in (key, against):
        with pytest.raises(Lost):
            say(bare, Receipt, each, "prove", by=CONTRACTOR)
    receive(bare, contract_id, "1", "1613000.00", day=DUE)
    assert stands(bare, plan, DUE).nodes[0].timing == "received"


def test_what_is_sent_back_hides_no_day_behind_another(bare: Flask) -> None:
    contract_id = contract(bare)
    plan = state(bare, contract_id)
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    say(bare, Postponement, key, "agree", by=CONTRACTOR)
    say(bare, PaymentPlan, plan, "send_back", by=CONTRACTOR, reason="请改")
    with work(bare, person(EMPLOYER)):
        node = db.session.get_one(PaymentPlan, plan).nodes[0]
        assert (node.planned_on, node.postponed_on) == (date(2024, 9, 2), None)


def test_what_was_postponed_meanwhile_is_not_undone_by_a_version(bare: Flask) -> None:
    contract_id = contract(bare)
    second = next_of(bare, agreed(bare, contract_id))
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    say(bare, Postponement, key, "agree", by=CONTRACTOR, day=STATED + timedelta(days=300))
    said = refused(bare, second, "agree", by=CONTRACTOR)
    assert said == {"nodes": "“预付款 2024-08-02”节点在本版提交后已延期至2024-09-02，请建设单位撤回本版后重新编制"}


def test_what_was_postponed_while_a_version_was_written_is_taken_over_before_it_is_handed_in(bare: Flask) -> None:
    contract_id = contract(bare)
    first = agreed(bare, contract_id)
    with work(bare, person(EMPLOYER)):
        draft = versions.begin_next(first).id
    key = postpone(bare, contract_id, "1", date(2024, 9, 2))
    say(bare, Postponement, key, "agree", by=CONTRACTOR, day=STATED + timedelta(days=300))
    rows = known(bare, draft)
    with work(bare, person(EMPLOYER)), pytest.raises(Refused) as info:
        records.save(PaymentPlan, {"cause": "工期顺延"}, key=draft, then="submit")
    told = "“预付款 2024-08-02”节点在本版编制期间已同意延期至2024-09-02，请把该节点的计划支付日期改为2024-09-02"
    assert refusal(info) == {"nodes": told}
    moved = [GivenRow({"planned_on": date(2024, 9, 2)}, id=rows[0].id), *rows[1:]]
    with work(bare, person(EMPLOYER)):
        records.save(PaymentPlan, {"cause": "工期顺延", "nodes": moved}, key=draft, then="submit")


def test_two_postponements_of_wages_do_not_part_them_by_more_than_a_month(bare: Flask) -> None:
    contract_id = contract(bare)
    days = (date(2025, 1, 10), date(2025, 1, 25), date(2025, 2, 5), date(2025, 2, 20))
    agreed(bare, contract_id, nodes(*(("labour", day, "4032500.00") for day in days)))
    first, second = postpone(bare, contract_id, "2", date(2025, 2, 12)), postpone(bare, contract_id, "3", days[3])
    say(bare, Postponement, first, "agree", by=CONTRACTOR)
    assert "超过1个月" in refused(bare, second, "agree", by=CONTRACTOR, model=Postponement)["to_on"]


def test_a_name_that_any_record_bears_is_given_to_no_other_node(bare: Flask) -> None:
    contract_id = contract(bare)
    plan = state(bare, contract_id)
    postpone(bare, contract_id, "3", date(2026, 12, 31))
    receive(bare, contract_id, "4", "1.00", day=STATED, then="")
    say(bare, PaymentPlan, plan, "send_back", by=CONTRACTOR, reason="请改")
    change(bare, PaymentPlan, plan, nodes=known(bare, plan)[:2])
    change(bare, PaymentPlan, plan, nodes=[*known(bare, plan), *nodes(*NODES[2:])])
    assert origins(bare, plan) == ["1", "2", "5", "6"]


def test_a_draft_that_is_entered_later_is_checked_by_the_node_of_that_moment(bare: Flask) -> None:
    contract_id = contract(bare)
    plan = agreed(bare, contract_id)
    draft = receive(bare, contract_id, "1", "1.00", day=STATED, then="")
    first, *rest = known(bare, plan)
    with work(bare, person(EMPLOYER)):
        key = versions.begin_next(plan).id
    first, *rest = known(bare, key)
    change(bare, PaymentPlan, key, nodes=[GivenRow({"kind": "labour"}, id=first.id), *rest], cause="改为人工费")
    say(bare, PaymentPlan, key, "submit", by=EMPLOYER)
    say(bare, PaymentPlan, key, "agree", by=CONTRACTOR)
    say(bare, Receipt, draft, "enter", by=CONTRACTOR)
    assert look(bare, Receipt, draft)["kind"] == "labour"
    assert findings(bare, Receipt, draft) == ["人工费应拨付至农民工工资专用账户，请核对实际收款账户"]


@pytest.mark.parametrize(("model", "by"), [(PaymentPlan, EMPLOYER), (Payment, EMPLOYER), (Receipt, CONTRACTOR)])
def test_without_a_contract_nothing_is_kept_and_that_is_told(bare: Flask, model: type[Any], by: str) -> None:
    with pytest.raises(Refused) as info, work(bare, person(by)):
        records.save(model, {})
    assert refusal(info) == {"contract_id": "请选择合同"}


def test_a_contract_that_has_lost_its_days_is_asked_for_them_before_a_postponement(bare: Flask) -> None:
    contract_id = contract(bare)
    agreed(bare, contract_id)
    change(bare, Contract, contract_id, finish_on=None)
    with pytest.raises(Refused) as info:
        postpone(bare, contract_id, "1", date(2024, 9, 2))
    assert refusal(info)["contract_id"].startswith("合同未填写签订日期或合同竣工日期")


@pytest.mark.parametrize("model", [Payment, Receipt])
def test_what_a_draft_said_is_not_told_to_others(bare: Flask, model: type[Entry]) -> None:
    contract_id = contract(bare)
    agreed(bare, contract_id)
    enter, by, other = (pay, EMPLOYER, CONTRACTOR) if model is Payment else (receive, CONTRACTOR, EMPLOYER)
    key = enter(bare, contract_id, "1", "777.00", day=DUE, then="")
    with work(bare, person(by), DUE):
        records.save(model, {"amount": Decimal(5)}, key=key, then="enter")
    assert ["enter"] == told(bare, model, key, other) != told(bare, model, key, by)


def test_what_a_plan_said_as_a_draft_is_not_told_to_others(bare: Flask) -> None:
    key = state(bare, contract(bare), then="")
    change(bare, PaymentPlan, key, nodes=nodes(*NODES))
    say(bare, PaymentPlan, key, "submit", by=EMPLOYER)
    assert ["submit"] == told(bare, PaymentPlan, key, CONTRACTOR) != told(bare, PaymentPlan, key, EMPLOYER)


def told(app: Flask, model: type[Any], key: int, by: str) -> list[str]:
    with work(app, person(by)):
        record = db.session.get_one(model, key)
        return [each.action for each in timeline.told(record, history.of_record(record), person(by))]
