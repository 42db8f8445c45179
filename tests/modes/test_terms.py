"""合同条款: one party proposes, the other confirms; what counts is what both have said (chapters of 手册 2.2.1)."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import LOST, Lost, NotFound, Refused
from app.cover import permits, reckoning
from app.cover import terms as covers
from app.engine import records, transitions
from app.ledger import history
from app.ledger.scope import only
from models.contract import Contract
from models.grammar.viewer import EMPLOYER, GUARANTOR, REVIEW
from models.guarantee import Guarantee
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.modes.presale import Presale
from models.permit import Permit
from models.rules.cover import Cover
from models.terms import ContractTerms
from tests.bare import DAY, PERMIT_NO, SIGNATORY, at, attachment, escrow, findings, person, presale, put, work
from tests.bare import contract as bare_contract
from tests.bare import fiscal as bare_fiscal
from tests.bare import letter as bare_letter
from tests.bare import look as bare_look
from tests.contract.world import csrf, organisation_of, save
from tests.modes import accounts, budgets
from tests.modes.accounts import FILED_ON, MINIMUM, PRICE, agree, contract, look, on, propose, refusal

pytestmark = pytest.mark.databases("sqlite", "postgres")


def of(app: Flask, contract_id: int) -> Contract:
    return look(app, Contract, contract_id)


def permit(app: Flask, contract_id: int) -> str | None:
    with app.app_context():
        return accounts.permit_of(contract_id)


def cover(app: Flask, contract_id: int) -> Cover:
    with on(app, "regulator", FILED_ON):
        return reckoning.cover(db.session.get_one(Contract, contract_id))


def versions(app: Flask, contract_id: int) -> list[tuple[int, str, Decimal]]:
    with on(app, "regulator", FILED_ON):
        found = covers.versions_of(db.session.get_one(Contract, contract_id))
        return [(each.no, each.state, each.price) for each in found]


def first(app: Flask, contract_id: int) -> int:
    with on(app, "contractor", FILED_ON):
        return next(each.id for each in covers.versions_of(db.session.get_one(Contract, contract_id)))


def say(app: Flask, key: int, step: str, *, by: str = "contractor", **inputs: Any) -> None:
    with on(app, by, FILED_ON):
        transitions.perform(ContractTerms, key, step, inputs=inputs)


def another_contractor(app: Flask) -> int:
    with app.app_context():
        return organisation_of("contractor2")


def change(app: Flask, contract_id: int, **values: Any) -> dict[str, str]:
    """What stands against such an edit of the contract by its employer."""
    with on(app, "employer", FILED_ON), pytest.raises(Refused) as refused:
        records.save(Contract, values, key=contract_id)
    return refusal(refused)


def test_the_first_version_counts_at_once_and_is_marked(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    assert versions(app, contract_id) == [(1, "proposed", PRICE)]
    assert of(app, contract_id).terms_state == "proposed"
    page = client_of("regulator-haikou").get(f"/contracts/show/{contract_id}").text
    assert "未经施工单位确认" in page


def test_its_contractor_confirms_it_and_the_mark_is_gone(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    say(app, first(app, contract_id), "confirm")
    assert versions(app, contract_id) == [(1, "confirmed", PRICE)]
    assert of(app, contract_id).terms_state == "confirmed"
    assert "未经施工单位确认" not in client_of("employer").get(f"/contracts/show/{contract_id}").text


def test_a_contractor_confirms_from_its_list_what_it_has_read_there_and_nothing_else(
    app: Flask, client_of: Any
) -> None:
    contract_id = contract(app)
    client, key = client_of("contractor"), first(app, contract_id)

    def confirm(picked: str) -> str:
        form = {"csrf_token": csrf(client), "key": picked}
        return str(client.post("/terms/bulk/confirm", data=form, follow_redirects=True).text)

    def listed() -> str:
        found = re.search(rf'data-pick value="({key}\.\d+)"', client.get("/terms/list/?size=100").text)
        assert found is not None
        return found[1]

    seen = listed()
    with on(app, "employer", FILED_ON):
        records.save(Contract, {"price": Decimal("0.01")}, key=contract_id)
    for picked in (seen, str(key), f"{key}.", f"{key}.x", f"{key}.{'9' * 5_000}"):
        assert "成功办理 0 条，未办理 1 条" in (page := confirm(picked)), picked[:20]
        assert LOST in page
    assert versions(app, contract_id) == [(1, "proposed", Decimal("0.01"))]
    assert "成功办理 1 条，未办理 0 条" in confirm(listed())
    assert of(app, contract_id).terms_state == "confirmed"


def test_before_anything_rests_on_it_the_employer_corrects_the_first_version(app: Flask) -> None:
    contract_id = contract(app)
    with on(app, "employer", FILED_ON):
        records.save(Contract, {"price": PRICE + 1}, key=contract_id)
    assert versions(app, contract_id) == [(1, "proposed", PRICE + 1)]


@pytest.mark.parametrize("settled_by", ["guarantee", "confirmation", "objection"])
def test_an_employer_alone_no_longer_changes_what_others_rely_on(app: Flask, settled_by: str) -> None:
    contract_id = contract(app)
    if settled_by == "guarantee":
        budgets.filed(app, contract_id=contract_id, share=Decimal("10.00"))
    elif settled_by == "confirmation":
        say(app, first(app, contract_id), "confirm")
    else:
        say(app, first(app, contract_id), "object", reason="金额不符")
    message = "本合同已办理担保或已由施工单位答复，请通过合同变更提出，经施工单位确认后生效"
    assert change(app, contract_id, price=Decimal("0.01")) == {"price": message}
    later = date(2032, 1, 1)
    assert change(app, contract_id, finish_on=later, signed_on=later) == {"finish_on": message, "signed_on": message}
    assert of(app, contract_id).price == PRICE and len(versions(app, contract_id)) == 1


def test_a_price_of_one_fen_after_the_filing_does_not_cover_the_contract(app: Flask) -> None:
    contract_id = contract(app)
    budgets.filed(app, contract_id=contract_id, share=Decimal("1.00"))
    change(app, contract_id, price=Decimal("0.01"))
    key = propose(app, contract_id, price=Decimal("0.01"))
    assert (cover(app, contract_id).degree, cover(app, contract_id).minimum) == ("short", MINIMUM)
    say(app, key, "object", reason="价款未变更")
    assert cover(app, contract_id).minimum == MINIMUM


def test_a_change_counts_from_the_contractors_word_on(app: Flask) -> None:
    contract_id = contract(app)
    budgets.filed(app, contract_id=contract_id, share=Decimal("10.00"))
    key = propose(app, contract_id, price=PRICE * 2, finish_on=date(2032, 1, 1))
    assert (of(app, contract_id).price, cover(app, contract_id).gap) == (PRICE, 0)
    say(app, key, "confirm")
    held = of(app, contract_id)
    assert (held.price, held.finish_on, held.terms_no, held.terms_state) == (
        PRICE * 2,
        date(2032, 1, 1),
        2,
        "confirmed",
    )
    assert versions(app, contract_id) == [(1, "superseded", PRICE), (2, "confirmed", PRICE * 2)]
    assert cover(app, contract_id).gap == MINIMUM
    with on(app, "regulator", FILED_ON):
        told = history.of_record(db.session.get_one(Contract, contract_id))[0]
        assert told.action == "contract_terms.confirm" and "price" in told.changes


def test_the_agreed_minimum_needs_both_and_no_guarantee_brings_it(app: Flask) -> None:
    contract_id = contract(app, price=Decimal(100_000_000))
    key = propose(app, contract_id, agreed=True)
    assert cover(app, contract_id).minimum == Decimal(10_000_000)
    say(app, key, "confirm")
    assert cover(app, contract_id).minimum == Decimal(5_500_000)
    # It stays when the guarantees end, and further ones are measured by it.
    account = accounts.filed(app, contract_id=contract_id, amount=Decimal(5_500_000))
    accounts.take(app, account, "certify")
    assert cover(app, contract_id).minimum == Decimal(5_500_000)
    accounts.filed(app, contract_id=contract_id, amount=Decimal("0.01"))


def test_one_fen_that_says_it_was_agreed_does_not_halve_a_minimum(app: Flask) -> None:
    contract_id = contract(app, price=Decimal(100_000_000))
    key = accounts.draft(app, contract_id=contract_id, amount=Decimal("0.01"), agreed=True)
    with pytest.raises(Refused) as refused:
        accounts.take(app, key, "submit")
    assert "低于最低担保金额1,000万元" in refusal(refused)["amount"]


def test_a_change_needs_a_paper_a_reason_and_a_difference(app: Flask) -> None:
    contract_id = contract(app)
    with on(app, "employer", FILED_ON):
        held = db.session.get_one(Contract, contract_id).terms()
        with pytest.raises(Refused) as refused:
            save(ContractTerms, {**held, "contract_id": contract_id})
    assert refusal(refused) == {
        "paper": "请上传依据文件",
        "cause": "请输入变更原因",
        "price": "与现行条款相同，请填写需要变更的内容",
    }
    assert len(versions(app, contract_id)) == 1


def test_one_change_at_a_time_waits_and_may_be_taken_back(app: Flask) -> None:
    contract_id = contract(app)
    key = propose(app, contract_id, price=PRICE + 1)
    with pytest.raises(Refused, match="第2版条款正待施工单位确认"):
        propose(app, contract_id, price=PRICE + 2)
    say(app, key, "withdraw", by="employer")
    with pytest.raises(Lost):
        say(app, key, "confirm")
    agree(app, contract_id, price=PRICE + 2)
    assert [each[:2] for each in versions(app, contract_id)] == [
        (1, "superseded"),
        (2, "withdrawn"),
        (3, "confirmed"),
    ]


def test_an_objection_is_answered_and_asked_again(app: Flask) -> None:
    contract_id = contract(app)
    key = first(app, contract_id)
    say(app, key, "object", reason="金额不符")
    assert of(app, contract_id).terms_state == "objected"
    say(app, key, "answer", by="employer", reason="以中标通知书为准")
    assert of(app, contract_id).terms_state == "proposed"
    say(app, key, "confirm")
    assert of(app, contract_id).terms_state == "confirmed"


def test_of_changes_that_were_objected_to_one_at_a_time_comes_back(app: Flask) -> None:
    contract_id, versions = contract(app), []
    for more in (1, 2):
        versions.append(propose(app, contract_id, price=PRICE + more))
        say(app, versions[-1], "object", reason="金额不符")
        assert of(app, contract_id).proposed_no is None
    for waiting, other in (versions, versions[::-1]):
        say(app, waiting, "answer", by="employer", reason="以本版为准")
        with pytest.raises(Refused, match="条款正待施工单位确认，不能再答复本版"):
            say(app, other, "answer", by="employer", reason="以本版为准")
        say(app, waiting, "object", reason="金额不符")
    propose(app, contract_id, price=PRICE + 3)
    say(app, versions[0], "withdraw", by="employer")
    assert of(app, contract_id).proposed_no == 4


@pytest.mark.parametrize("stranger", ["employer", "employer2", "contractor2", "regulator", "guarantor"])
def test_nobody_but_the_contractor_confirms(app: Flask, stranger: str) -> None:
    key = first(app, contract(app))
    with pytest.raises((NotFound, Lost)):
        say(app, key, "confirm", by=stranger)
    assert look(app, ContractTerms, key).state == "proposed"


def test_another_companys_contract_cannot_be_changed(app: Flask) -> None:
    contract_id = contract(app)
    with pytest.raises((NotFound, Refused)), on(app, "employer2", FILED_ON):
        given = {"contract_id": contract_id, "price": PRICE, "cause": "变更", "agreed": False}
        save(ContractTerms, given, papers=("paper",))
    assert len(versions(app, contract_id)) == 1


def test_a_guarantee_under_another_permits_number_is_refused(app: Flask) -> None:
    mine, other = contract(app), contract(app)
    number = permit(app, other)
    for made in (accounts.draft, budgets.draft):
        key = made(app, contract_id=mine, permit_no=number)
        with pytest.raises(Refused) as refused:
            (accounts if made is accounts.draft else budgets).take(app, key, "submit")
        assert refusal(refused)["permit_no"] == f"该合同所属工程的施工许可证号为{permit(app, mine)}，请核对"


HANDED_IN: list[tuple[type[Guarantee], Any, str, dict[str, Any]]] = [
    (Letter, bare_letter, "submit", {}),
    (Letter, bare_letter, "submit_backfill", {"backfilled": True}),
    (Escrow, escrow, "submit", {}),
    (Presale, presale, "submit", {}),
    (Fiscal, bare_fiscal, "submit", {}),
]


def says(app: Flask, model: type[Guarantee], key: int, step: str) -> dict[str, str]:
    """What stands against the employer's step, by field; nothing changes."""
    with work(app, person(EMPLOYER)):
        record = transitions.find(model, key)
        assert record.workflow is not None
        found = transitions.problems_of(record, record.workflow.transition(step), {}, transitions.moment())
        return {problem.field: problem.text for problem in found if problem.blocking}


@pytest.mark.parametrize(("model", "made", "step", "more"), HANDED_IN)
def test_nothing_is_handed_in_under_another_permits_number(
    bare: Flask, model: type[Guarantee], made: Any, step: str, more: dict[str, Any]
) -> None:
    own = put(bare, made("draft", **more))
    assert "permit_no" not in says(bare, model, own, step)
    key = put(bare, made("draft", permit_no="460108202503319999", **more))
    assert says(bare, model, key, step)["permit_no"] == f"该合同所属工程的施工许可证号为{PERMIT_NO}，请核对"


@pytest.mark.parametrize(("model", "made", "step", "more"), HANDED_IN)
def test_a_tick_that_its_contract_has_not_is_not_handed_in(
    bare: Flask, model: type[Guarantee], made: Any, step: str, more: dict[str, Any]
) -> None:
    key = put(bare, made("draft", agreed=True, **more))
    assert "合同信息在填写后已变更" in says(bare, model, key, step)["contract_id"]


def test_a_permit_is_reckoned_from_its_own_price_until_it_is_explained(app: Flask, client_of: Any) -> None:
    contract_id = contract(app, price=Decimal(1_000_000))
    number = permit(app, contract_id)
    with on(app, "regulator", FILED_ON):
        given = {
            "permit_no": number,
            "project_name": "许可三千万",
            "region_code": "460108",
            "employer_name": "海口江东新区基础建设有限公司",
            "contractor_name": "乙方",
            "permitted_on": FILED_ON,
            "contract_price": Decimal(30_000_000),
        }
        key = int(save(Permit, given).id)
    budgets.filed(app, contract_id=contract_id, share=Decimal("10.00"))

    def found() -> permits.PermitCover:
        with on(app, "regulator", FILED_ON):
            of_it = permits.of_permits([db.session.get_one(Permit, key)])[key]
            words = {word for word in ("enough", "short", "none", "lacking") if _is_found(key, word)}
        assert words == ({"enough"} if of_it.degree == "enough" else {of_it.degree, "lacking"})
        return of_it

    assert (found().degree, found().gap, found().is_underpriced) == ("short", Decimal(2_900_000), True)
    assert found().is_unconfirmed
    page = client_of("regulator-haikou").get(f"/permits/list/?permit_no={number}").text
    assert "登记合同金额低于许可证，按较高金额核算" in page and "合同条款未经施工单位确认" in page
    told = client_of("contractor").get(f"/contracts/show/{contract_id}").text
    assert "低于施工许可证上的合同金额 3,000.00 万元" in told
    say(app, first(app, contract_id), "confirm")
    with on(app, "regulator", FILED_ON):
        records.save(Permit, {"price_note": "许可证含另行发包部分"}, key=key)
    assert found() == permits.PermitCover("enough", None)


def _is_found(permit: int, word: str) -> bool:
    query = select(Permit.id).where(Permit.id == permit, permits.covered(word))
    return db.session.scalar(query.execution_options(**only(Permit))) is not None


def test_a_letter_is_not_issued_once_other_cover_has_fallen(bare: Flask) -> None:
    key = put(bare, bare_contract(contract_no="下降合同"))
    half = {"contract_id": key, "contract_no": "下降合同", "amount": MINIMUM / 2, "signatory_id": SIGNATORY}
    days = {"starts_on": DAY, "ends_on": date(2031, 1, 1)}
    prepared = put(bare, bare_letter("prepared", prepared_by_id=1, **half, **days))
    put(bare, bare_fiscal("filed", contract_id=key, amount=MINIMUM / 2 - Decimal("0.01")))
    with work(bare, person(GUARANTOR, REVIEW, user_id=2)), pytest.raises(Refused) as refused:
        transitions.perform(Letter, prepared, "issue")
    message = (
        "本保函担保金额80.65万元连同其他担保80.649999万元，低于最低担保金额161.3万元，还差0.000001万元，"
        "请退回经办，由建设单位提高担保金额或补充其他担保后再出具"
    )
    assert message in refusal(refused).values()
    assert bare_look(bare, Letter, prepared)["state"] == "prepared"


def test_a_release_says_and_keeps_what_its_contract_lacks_then(bare: Flask) -> None:
    key = put(bare, bare_contract(contract_no="解除合同"))
    given = {"contract_id": key, "contract_no": "解除合同"}
    put(bare, bare_fiscal("filed", amount=MINIMUM / 2, **given))
    account = put(bare, escrow("cleared", cleared_at=at(DAY), **given))
    put(bare, *(attachment("escrow", account, category=name) for name in ("settlement", "payment")))
    with work(bare, person(EMPLOYER)):
        _account, told = transitions.perform(Escrow, account, "release")
    message = "解除后该合同担保合计80.65万元，低于最低担保金额，还差80.65万元"
    assert message in [each.text for each in told] and message in findings(bare, Escrow, account)
    assert bare_look(bare, Escrow, account)["state"] == "released"


def test_what_the_contractor_has_answered_to_is_no_longer_its_employers_to_change(app: Flask) -> None:
    contract_id, other = contract(app), contract(app)
    key = first(app, contract_id)
    say(app, key, "object", reason="金额不符")
    say(app, key, "answer", by="employer", reason="以中标通知书为准")
    assert "请通过合同变更提出" in change(app, contract_id, price=Decimal(1_000_000))["price"]
    exchanged = {
        "project_id": of(app, other).project_id,
        "contractor_id": another_contractor(app),
        "contract_no": "另一份合同",
        "contract_type": "labour",
    }
    labels = {
        "project_id": "工程名称",
        "contractor_id": "施工单位",
        "contract_no": "合同编号",
        "contract_type": "工程合同类型",
    }
    told = {name: f"施工单位已答复本合同条款，不能更改{label}，请另行登记合同" for name, label in labels.items()}
    assert change(app, contract_id, **exchanged) == told
    assert versions(app, contract_id) == [(1, "proposed", PRICE)]


def test_an_objection_to_a_change_settles_the_terms_that_count(app: Flask) -> None:
    contract_id = contract(app)
    say(app, propose(app, contract_id, price=PRICE + 1), "object", reason="价款未变更")
    assert "请通过合同变更提出" in change(app, contract_id, price=Decimal(1_000_000))["price"]


def test_another_contractor_is_asked_for_its_word_and_not_the_one_before(app: Flask, client_of: Any) -> None:
    contract_id, other = contract(app), another_contractor(app)
    account = accounts.draft(app, contract_id=contract_id)
    accounts.take(app, account, "submit", "withdraw")
    waiting = propose(app, contract_id, price=PRICE + 1)
    message = "第2版条款正待施工单位确认，请先撤回，再更改施工单位"
    assert change(app, contract_id, contractor_id=other) == {"contractor_id": message}
    renamed = {"contract_no": "别的合同", "contract_type": "labour"}
    assert change(app, contract_id, **renamed).keys() == renamed.keys(), "its word would be about another contract"
    say(app, waiting, "withdraw", by="employer")
    key = first(app, contract_id)
    with on(app, "employer", FILED_ON):
        records.save(Contract, {"contractor_id": other}, key=contract_id)
    assert client_of("contractor").get(f"/terms/show/{key}").status_code == 404
    say(app, key, "confirm", by="contractor2")
    assert of(app, contract_id).terms_state == "confirmed"


def test_a_change_that_waits_hides_nothing_of_the_terms_that_count(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    propose(app, contract_id, price=PRICE + 1)
    page = client_of("employer").get(f"/contracts/show/{contract_id}").text
    assert "未经施工单位确认，第 2 版待施工单位确认" in page
    say(app, first(app, contract_id), "object", reason="金额不符")
    page = client_of("employer").get(f"/contracts/show/{contract_id}").text
    assert "施工单位有异议，第 2 版待施工单位确认" in page
    assert "施工单位对第 1 版条款有异议，待建设单位答复或提出合同变更" in page
