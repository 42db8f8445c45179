"""A letter that was settled offline and the day on which its contract was signed: never before it, whoever speaks."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.refusals import Refused
from app.engine import records, transitions
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, Viewer
from models.modes.letter import Letter
from models.terms import ContractTerms
from tests.bare import HERE, ORGANISATION, attachment, contract, findings, letter, look, person, put, regulator, work
from tests.modes.accounts import refusal

SETTLED, SIGNED = date(2024, 5, 15), date(2024, 5, 16)
BEFORE = "业务办结时间2024-05-15早于合同签订日期2024-05-16，请核对"


def backfilled(app: Flask, state: str, *, signed_on: date | None = SIGNED, **changed: Any) -> int:
    """A letter settled on SETTLED with its scan, of a contract of its own that was signed on that day; its id."""
    number = f"签订{len(changed)}{state}{signed_on}{changed.get('policy_no', '')}"
    key = put(app, contract(contract_no=number, signed_on=signed_on))
    days = {"settled_on": SETTLED, "starts_on": SETTLED, "ends_on": date(2031, 1, 1)}
    given = {"backfilled": True, "backfill_kind": "history", "contract_id": key, "contract_no": number}
    made = put(app, letter(state, **{**given, **days, **changed}))
    put(app, attachment("letter", made, category="scan"))
    return made


@pytest.mark.parametrize(
    ("state", "step", "who"),
    [
        ("recorded", "acknowledge", person(GUARANTOR, PREPARE)),
        ("unconfirmed", "own_up", person(GUARANTOR, PREPARE)),
        ("unconfirmed", "attest", regulator(HERE)),
        ("unconfirmed", "confirm", person(CONTRACTOR)),
        ("issued", "confirm", person(CONTRACTOR)),
        ("confirmed", "vouch", person(GUARANTOR, PREPARE)),
    ],
)
def test_nobody_confirms_a_letter_from_before_the_signing(bare: Flask, state: str, step: str, who: Viewer) -> None:
    key = backfilled(bare, state, policy_no=step)
    before = look(bare, Letter, key)
    with work(bare, who), pytest.raises(Refused) as refused:
        transitions.perform(Letter, key, step, inputs={"reason": "已核实"} if step == "attest" else {})
    assert refusal(refused) == {"settled_on": BEFORE}
    assert look(bare, Letter, key) == before


def test_of_a_contract_without_its_day_of_signing_it_is_said_that_nobody_can_tell(bare: Flask) -> None:
    key = backfilled(bare, "unconfirmed", signed_on=None)
    with work(bare, regulator(HERE)):
        transitions.perform(Letter, key, "attest", inputs={"reason": "已核实"})
    assert findings(bare, Letter, key) == [
        "合同未填写签订日期，无法核对业务办结时间是否早于合同签订，请补充合同签订日期"
    ]


def test_terms_do_not_move_the_signing_behind_a_letter_that_was_settled_before(bare: Flask) -> None:
    key = backfilled(bare, "issued", signed_on=None, letter_no="10240515999999")
    contract_id = look(bare, Letter, key)["contract_id"]
    held = {name: look(bare, Contract, contract_id)[name] for name in ("price", "start_on", "finish_on", "agreed")}
    given = {**held, "contract_id": contract_id, "cause": "补充签订日期"}
    message = "签订日期2024-05-16晚于已补录保函10240515999999的业务办结时间2024-05-15，请核对"
    with work(bare, person(EMPLOYER)), pytest.raises(Refused) as refused:
        records.save(ContractTerms, {**given, "signed_on": SIGNED})
    assert refusal(refused) == {"signed_on": message, "paper": "请上传依据文件"}
    waiting = put(bare, _proposed(look(bare, Contract, contract_id)))
    with work(bare, person(CONTRACTOR)), pytest.raises(Refused) as refused:
        transitions.perform(ContractTerms, waiting, "confirm")
    assert refusal(refused) == {"signed_on": message}
    assert look(bare, Contract, contract_id)["signed_on"] is None


def test_a_contractor_is_not_told_of_a_letter_that_it_cannot_open(bare: Flask) -> None:
    key = backfilled(bare, "recorded", signed_on=None, policy_no="未见")
    contract_id = look(bare, Letter, key)["contract_id"]
    waiting = put(bare, _proposed(look(bare, Contract, contract_id)))
    with work(bare, person(CONTRACTOR)), pytest.raises(Refused) as refused:
        transitions.perform(ContractTerms, waiting, "confirm")
    message = "签订日期2024-05-16晚于本合同补录保函的业务办结时间，请与建设单位核对"
    assert refusal(refused) == {"signed_on": message}


def test_a_change_of_a_strangers_contract_touches_nothing_of_it(bare: Flask) -> None:
    key = put(bare, contract(contract_no="他人"))
    before = look(bare, Contract, key)
    given = {"price": before["price"], "contract_id": key, "cause": "变更", "signed_on": SIGNED}
    stranger = Viewer(500, "外人", ORGANISATION["stranger"], roles=frozenset({EMPLOYER}))
    with work(bare, stranger):
        with pytest.raises(Refused) as refused:
            records.save(ContractTerms, given)
        assert not db.session.dirty
    assert refusal(refused)["contract_id"] == "只能变更本单位的合同，请重新选择"
    assert look(bare, Contract, key) == before


def _proposed(of: dict[str, Any]) -> ContractTerms:
    """A change of the contract's day of signing alone, from before the letter was entered."""
    named = {name: of[name] for name in ("employer_id", "contractor_id", "contract_no", "price", "agreed")}
    return ContractTerms(
        contract_id=of["id"], no=2, state="proposed", project_name="安置房工程", cause="补充", signed_on=SIGNED, **named
    )
