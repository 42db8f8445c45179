"""共管资金: three parties sign, the regulator files, the money covers, and nothing is released without three proofs."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import as_system
from app.cover import reckoning
from app.engine import records, transitions
from app.ledger import history
from models.grammar.rows import GivenRow
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from tests.contract.world import at_work, csrf, save
from tests.modes.accounts import (
    FILED_ON,
    MINIMUM,
    PAPERS,
    PRICE,
    agree,
    contract,
    draft,
    filed,
    findings_of,
    hang,
    look,
    on,
    refusal,
    take,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")
FEN = Decimal("0.01")
LABELS = (
    "担保类型",
    "项目名称",
    "施工许可证号",
    "工程所属地区",
    "工程详细地址",
    "合同开工日期",
    "合同竣工日期",
    "建设单位名称",
    "建设单位统一社会信用代码",
    "建设单位信用等级",
    "法定代表人姓名",
    "联系电话",
    "施工单位名称",
    "施工单位统一社会信用代码",
    "施工单位信用等级",
    "经办银行名称",
    "经办银行统一社会信用代码",
    "经办银行联行号",
    "工程合同类型",
    "合同编号",
    "工程担保合同金额(万元)",
    "担保费率比例(%)",
    "账户名",
    "开户号",
    "共管资金存入时间",
    "担保生效日期",
    "担保比例(%)",
    "担保截止日期",
    "担保资金协议",
    "担保合同附件",
    "资金共管账户开户证明",
)


def covered(app: Flask, contract_id: int, day: date = FILED_ON) -> Decimal:
    with on(app, "regulator", day):
        return reckoning.of_contract(contract_id)


def test_the_form_says_the_words_of_the_manual(app: Flask, client_of: Any) -> None:
    page = client_of("employer").get("/escrows/add").text
    assert [label for label in LABELS if f"{label}</label>" not in page and f"{label}</span>" not in page] == []


def test_the_form_names_the_days_that_the_contract_has_now(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    agree(app, contract_id, finish_on=date(2032, 1, 1))
    assert 'value="2032-01-01"' in client_of("employer").get(f"/escrows/add?contract_id={contract_id}").text


def test_the_account_is_asked_for_in_the_order_and_with_the_papers_of_the_manual(app: Flask, client_of: Any) -> None:
    """担保截止日期 stood before 担保比例; 担保合同附件 was required; 担保费率比例 did not say that 0 is an answer."""
    page = client_of("employer").get("/escrows/add").text
    places = [page.index(f"{label}</label>") for label in LABELS[21:25] + LABELS[25:28]]
    assert places == sorted(places) and "无需支付保费的，填写 0" in page
    key = draft(app, papers=())
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert refusal(refused) == {"agreement": "请上传担保资金协议", "account": "请上传资金共管账户开户证明"}
    lean = draft(app, papers=("agreement", "account"), premium_rate=Decimal(0))
    take(app, lean, "submit")
    assert look(app, Escrow, lean).state == "submitted"


def test_every_side_signs_in_turn_and_the_money_covers_once_it_is_filed(app: Flask) -> None:
    contract_id = contract(app)
    key = draft(app, contract_id=contract_id)
    for step, state in (("submit", "submitted"), ("sign", "signed"), ("confirm", "agreed"), ("file", "filed")):
        assert covered(app, contract_id) == 0
        take(app, key, step)
        assert look(app, Escrow, key).state == state
    assert covered(app, contract_id) == MINIMUM
    found = look(app, Escrow, key)
    assert (found.first_month, found.product, found.bank_name) == ("2025-03", "escrow", "海南椰岛商业银行股份有限公司")
    assert found.share == Decimal("10.00")


def test_the_money_covers_only_within_the_days_of_the_agreement(app: Flask) -> None:
    contract_id = contract(app)
    filed(app, contract_id=contract_id, starts_on=date(2025, 4, 1), ends_on=date(2026, 3, 31))
    days = (date(2025, 3, 31), date(2025, 4, 1), date(2026, 3, 31), date(2026, 4, 1))
    assert [covered(app, contract_id, day) for day in days] == [0, MINIMUM, MINIMUM, 0]


@pytest.mark.parametrize(
    ("step", "before"),
    [
        ("return_unsigned", ("submit",)),
        ("return_unconfirmed", ("submit", "sign")),
        ("return_unfiled", ("submit", "sign", "confirm")),
    ],
)
def test_whoever_signs_may_return_it_with_a_reason(app: Flask, step: str, before: tuple[str, ...]) -> None:
    key = draft(app)
    take(app, key, *before)
    with pytest.raises(Refused) as refused:
        take(app, key, step)
    assert refusal(refused) == {"reason": "请输入原因"}
    take(app, key, step, reason="账户名与协议不一致")
    assert look(app, Escrow, key).state == "returned"
    take(app, key, "submit")


@pytest.mark.parametrize(
    ("step", "before", "stranger"),
    [
        ("sign", ("submit",), "employer"),
        ("sign", ("submit",), "regulator-haikou"),
        ("confirm", ("submit", "sign"), "contractor"),
        ("file", ("submit", "sign", "confirm"), "bank"),
    ],
)
def test_no_side_signs_for_another(app: Flask, step: str, before: tuple[str, ...], stranger: str) -> None:
    key = draft(app)
    take(app, key, *before)
    state = look(app, Escrow, key).state
    with pytest.raises(Lost):
        take(app, key, step, by=stranger)
    assert look(app, Escrow, key).state == state


@pytest.mark.parametrize("stranger", ["guarantor", "employer2", "contractor2"])
def test_a_strangers_agreement_is_not_there(app: Flask, client_of: Any, stranger: str) -> None:
    key = draft(app)
    take(app, key, "submit", "sign")
    with pytest.raises(NotFound):
        take(app, key, "confirm", by=stranger)
    assert client_of(stranger).get(f"/escrows/show/{key}").status_code == 404
    assert client_of("bank").get(f"/escrows/show/{key}").status_code == 200


def test_the_bank_sees_no_draft(app: Flask, client_of: Any) -> None:
    key = draft(app)
    assert client_of("bank").get(f"/escrows/show/{key}").status_code == 404
    assert client_of("employer").get(f"/escrows/show/{key}").status_code == 200


@pytest.mark.parametrize(
    ("amount", "passes"),
    [(MINIMUM, True), (MINIMUM - FEN, False), (MINIMUM + FEN, True), (PRICE, True), (PRICE + FEN, False)],
)
def test_the_deposit_reaches_the_minimum_to_the_fen(app: Flask, amount: Decimal, passes: bool) -> None:
    key = draft(app, amount=amount)
    if passes:
        take(app, key, "submit")
        return
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert set(refusal(refused)) == {"amount"}
    assert look(app, Escrow, key).state == "draft"


def test_the_tiers_hold_once_both_parties_of_the_contract_agreed(app: Flask) -> None:
    contract_id = contract(app)
    key = draft(app, contract_id=contract_id, amount=Decimal("1306500.00"), agreed=True)
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert set(refusal(refused)) == {"amount"}
    agree(app, contract_id, agreed=True)
    take(app, draft(app, contract_id=contract_id, amount=Decimal("1306500.00")), "submit")


def test_everything_that_is_missing_is_named_at_once(app: Flask) -> None:
    with on(app, "employer", FILED_ON):
        key = save(Escrow, {"contract_id": None}).id
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert set(refusal(refused)) == {
        "contract_id",
        "permit_no",
        "employer_legal_representative",
        "employer_phone",
        "contractor_legal_representative",
        "contractor_phone",
        "bank_id",
        "bank_uscc",
        "bank_cnaps",
        "bank_phone",
        "contract_type",
        "contract_no",
        "contract_price",
        "premium_rate",
        "account_name",
        "account_no",
        "amount",
        "deposited_on",
        "signed_on",
        "starts_on",
        "agreement",
        "account",
    }
    assert refusal(refused)["contract_id"] == "请选择项目名称"
    assert refusal(refused)["amount"] == "请输入存入金额(万元)"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"deposited_on": date(2025, 3, 13)}, "deposited_on"),
        ({"signed_on": date(2025, 3, 13)}, "signed_on"),
        ({"ends_on": date(2025, 3, 11)}, "ends_on"),
        ({"starts_on": date(2025, 6, 1), "ends_on": date(2025, 5, 31)}, "ends_on"),
        ({"finish_on": date(2025, 3, 1)}, "finish_on"),
    ],
)
def test_days_that_cannot_be_are_refused_at_their_field(app: Flask, changed: dict[str, Any], field: str) -> None:
    key = draft(app, **changed)
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert set(refusal(refused)) == {field}


@pytest.mark.parametrize(
    ("permitted_on", "warned"), [(date(2025, 3, 9), True), (date(2025, 3, 10), False), (None, False)]
)
def test_an_agreement_after_the_permit_keeps_its_warning_to_the_end(
    app: Flask, permitted_on: date | None, warned: bool
) -> None:
    key = filed(app, contract_id=contract(app, permitted_on=permitted_on))
    assert ("晚于施工许可日期" in findings_of(look(app, Escrow, key))) is warned


def test_a_doubtful_cnaps_number_is_kept_as_a_warning(app: Flask) -> None:
    assert "联行号" in findings_of(look(app, Escrow, filed(app, bank_cnaps="104641000010")))


def test_one_account_number_secures_one_contract_in_either_mode_and_when_it_is_signed_anew(
    app: Flask, client_of: Any
) -> None:
    held = look(app, Escrow, filed(app))
    second = draft(app, mode=Presale, account_no=held.account_no)
    with pytest.raises(Refused, match=f"已用于协议{held.application_no}"):
        take(app, second, "submit", mode=Presale)
    new = resigned(app, client_of("employer"), filed(app))
    sign_anew(app, new, account_no=held.account_no)
    with pytest.raises(Refused, match=f"已用于协议{held.application_no}"):
        take(app, new, "submit")


def test_two_contracts_share_an_account_once_both_agreements_divide_its_balance(app: Flask, client_of: Any) -> None:
    one, other = contract(app), contract(app)
    old = filed(app, contract_id=one, amount=MINIMUM * 2)
    shared = {"amount": MINIMUM * 2, "account_no": look(app, Escrow, old).account_no}
    divided = [GivenRow({"contract_id": key, "amount": MINIMUM}) for key in (one, other)]
    second = draft(app, contract_id=other, division=divided, **shared)
    with pytest.raises(Refused, match="在各份协议中填写相同的余额分配"):
        take(app, second, "submit")
    new = resigned(app, client_of("employer"), old)
    sign_anew(app, new, division=divided, **shared)
    take(app, new, "submit", "sign", "confirm", "file")
    take(app, second, "submit", "sign", "confirm", "file")
    assert [covered(app, each) for each in (one, other)] == [MINIMUM, MINIMUM]
    page = client_of("contractor").get(f"/escrows/show/{second}").text
    assert "账户余额 3,226,000.00 元，按余额分配计入本合同 1,613,000.00 元" in page
    again = resigned(app, client_of("employer"), new)
    with on(app, "employer", FILED_ON):
        found = transitions.find(Escrow, again)
        assert [(row.contract_id, row.amount) for row in found.division] == [(one, MINIMUM), (other, MINIMUM)]


def sign_anew(app: Flask, key: int, **changed: Any) -> None:
    """Fill in what an agreement that follows another one needs to be submitted."""
    days = {name: FILED_ON for name in ("signed_on", "deposited_on", "starts_on")}
    with on(app, "employer", FILED_ON):
        records.save(Escrow, {"amount": MINIMUM, **days, **changed}, key=key)
    hang(app, key, *PAPERS)


def test_the_old_agreement_covers_until_the_new_one_does(app: Flask, client_of: Any) -> None:
    contract_id, later = contract(app), FILED_ON + timedelta(days=20)
    new = resigned(app, client_of("employer"), filed(app, contract_id=contract_id))
    days = {"signed_on": FILED_ON, "deposited_on": FILED_ON, "starts_on": later, "ends_on": later + timedelta(days=9)}
    with on(app, "employer", FILED_ON):
        records.save(Escrow, {"amount": MINIMUM, **days}, key=new)
    hang(app, new, *PAPERS)
    take(app, new, "submit", "sign", "confirm")
    for day, said in ((FILED_ON, "请自该日起备案"), (later + timedelta(days=10), "已过，请退回修改")):
        with pytest.raises(Refused, match=said):
            take(app, new, "file", day=day)
        with on(app, "regulator", day):
            assert reckoning.of_contract(contract_id) == MINIMUM
    take(app, new, "file", day=later)
    with on(app, "regulator", later):
        assert reckoning.of_contract(contract_id) == MINIMUM


def test_an_agreement_that_can_no_longer_follow_is_laid_aside(app: Flask, client_of: Any) -> None:
    old = filed(app)
    new = resigned(app, client_of("employer"), old)
    days = {name: FILED_ON for name in ("signed_on", "deposited_on", "starts_on")}
    with on(app, "employer", FILED_ON):
        records.save(Escrow, {"amount": MINIMUM, **days}, key=new)
    hang(app, new, *PAPERS)
    take(app, new, "submit")
    take(app, old, "certify")
    hang(app, old, "settlement", "payment")
    take(app, old, "release")
    take(app, new, "return_unsigned", reason="原协议已解除")
    with pytest.raises(Refused):
        take(app, new, "submit")
    take(app, new, "withdraw")
    assert look(app, Escrow, new).state == "withdrawn"


@pytest.mark.parametrize(
    ("papers", "certified", "missing"),
    [
        (("settlement", "payment"), False, {""}),
        (("settlement",), True, {"payment"}),
        (("payment",), True, {"settlement"}),
        ((), False, {"settlement", "payment", ""}),
    ],
)
def test_it_is_not_released_while_a_proof_is_missing(
    app: Flask, papers: tuple[str, ...], certified: bool, missing: set[str]
) -> None:
    key = filed(app)
    if certified:
        take(app, key, "certify")
    hang(app, key, *papers)
    state = look(app, Escrow, key).state
    with pytest.raises(Refused) as refused:
        take(app, key, "release")
    assert set(refusal(refused)) == missing
    assert look(app, Escrow, key).state == state


def test_with_all_three_proofs_it_is_released_and_covers_no_longer(app: Flask) -> None:
    contract_id = contract(app)
    key = filed(app, contract_id=contract_id)
    take(app, key, "certify")
    assert covered(app, contract_id) == MINIMUM
    hang(app, key, "settlement", "payment")
    take(app, key, "release", day=date(2025, 9, 2))
    found = look(app, Escrow, key)
    assert (found.state, found.last_month, covered(app, contract_id)) == ("released", "2025-08", 0)


def test_a_certificate_can_be_taken_back_and_is_then_missing_again(app: Flask) -> None:
    key = filed(app)
    take(app, key, "certify")
    take(app, key, "revoke", reason="误操作")
    hang(app, key, "settlement", "payment")
    with pytest.raises(Refused):
        take(app, key, "release")


def test_only_the_contractor_issues_the_certificate(app: Flask) -> None:
    key = filed(app)
    with pytest.raises(Lost):
        take(app, key, "certify", by="employer")


def resigned(app: Flask, client: FlaskClient, key: int) -> int:
    answer = client.post(f"/escrows/resign/{key}", data={"csrf_token": csrf(client)})
    assert answer.status_code == 302 and "/escrows/edit/" in answer.headers["Location"]
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def test_resigning_makes_a_draft_that_follows_and_takes_the_place_when_it_is_filed(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    old = filed(app, contract_id=contract_id)
    client = client_of("employer")
    new = resigned(app, client, old)
    assert resigned(app, client, old) == new
    found = look(app, Escrow, new)
    assert (found.follows_id, found.state, found.contract_id, found.amount) == (old, "draft", contract_id, None)
    with on(app, "employer", FILED_ON):
        day = date(2025, 3, 12)
        agreed = {"amount": MINIMUM, "deposited_on": day, "signed_on": day, "starts_on": day}
        records.save(Escrow, agreed, key=new)
    hang(app, new, "agreement", "contract", "account")
    take(app, new, "submit", "sign", "confirm")
    assert covered(app, contract_id) == MINIMUM
    take(app, new, "file")
    assert look(app, Escrow, old).state == "superseded"
    assert covered(app, contract_id) == MINIMUM
    number = look(app, Escrow, new).application_no
    with app.app_context(), as_system():
        newest = history.of_record(transitions.find(Escrow, old))[0]
        assert (newest.action, newest.actor_name) == ("supersede", "系统")
        assert number in newest.comment
        assert history.verify() == ""
        db.session.rollback()


def test_the_old_money_does_not_help_the_new_agreement_over_the_minimum(app: Flask, client_of: Any) -> None:
    old = filed(app)
    new = resigned(app, client_of("employer"), old)
    with on(app, "employer", FILED_ON):
        day = date(2025, 3, 12)
        short = {"amount": MINIMUM - FEN, "deposited_on": day, "signed_on": day, "starts_on": day}
        records.save(Escrow, short, key=new)
    hang(app, new, "agreement", "contract", "account")
    with pytest.raises(Refused) as refused:
        take(app, new, "submit")
    assert set(refusal(refused)) == {"amount"}


def test_one_that_is_not_filed_cannot_be_signed_anew(app: Flask, client_of: Any) -> None:
    key, client = draft(app), client_of("employer")
    client.post(f"/escrows/resign/{key}", data={"csrf_token": csrf(client)})
    with at_work(app, "employer"):
        assert db.session.scalar(select(func.count()).where(Escrow.follows_id == key)) == 0
