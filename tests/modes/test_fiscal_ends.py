"""A filed record of budget money does not count for ever: it ends with its contract, or by the regulator."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.refusals import Lost, Refused
from app.core.viewer import as_system
from app.cover import reckoning
from app.ledger import history
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from tests.modes import accounts
from tests.modes.accounts import FILED_ON, contract, look, on, refusal
from tests.modes.budgets import change, filed, take

pytestmark = pytest.mark.databases("sqlite", "postgres")
BUDGET = Decimal("12904000.00")


def covered(app: Flask, contract_id: int) -> Decimal:
    with on(app, "regulator", FILED_ON):
        return reckoning.of_contract(contract_id)


def test_the_regulator_ends_a_filed_record_with_a_reason_and_another_may_follow(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    key = filed(app, contract_id=contract_id)
    under_way = change(app, key)
    with pytest.raises(Refused) as refused:
        take(app, key, "end")
    assert refusal(refused) == {"reason": "请输入终止原因"} and covered(app, contract_id) == BUDGET
    with pytest.raises(Lost):
        take(app, key, "end", by="employer", reason="工程已结清")
    take(app, key, "end", reason="财政资金已收回")
    found = look(app, Fiscal, key)
    assert (found.state, found.filed_for_id, covered(app, contract_id)) == ("ended", None, 0)
    assert found.ended_at is not None
    assert "本记录已终止，不再计入该合同的担保" in client_of("employer").get(f"/fiscal/show/{key}").text
    with pytest.raises(Refused) as refused:
        take(app, under_way, "submit")
    assert refusal(refused) == {"contract_id": f"原备案记录{found.application_no}已终止，不能再变更"}
    filed(app, contract_id=contract_id)
    assert covered(app, contract_id) == BUDGET


def test_budget_money_ends_with_the_settlement_that_releases_the_account(app: Flask) -> None:
    contract_id, other = contract(app), filed(app)
    budget, account = filed(app, contract_id=contract_id), accounts.filed(app, contract_id=contract_id)
    accounts.take(app, account, "certify")
    accounts.hang(app, account, "settlement", "payment")
    assert look(app, Fiscal, budget).state == "filed"
    accounts.take(app, account, "release")
    assert look(app, Fiscal, budget).state == "ended" and look(app, Fiscal, other).state == "filed"
    assert covered(app, contract_id) == 0
    with app.app_context(), as_system():
        event = history.of_record(db.session.get_one(Fiscal, budget))[0]
        number = look(app, Escrow, account).application_no
        assert (event.action, event.comment) == ("settle", f"工程款已结清，协议 {number} 已解除")
