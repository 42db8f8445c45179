"""使用预售资金: four parties sign, and the supervising office's signature is the filing."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.modes import modes
from app.core.refusals import Lost, NotFound, Refused
from app.cover import reckoning
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.modes.presale import Presale
from tests.contract.world import organisation_of, save
from tests.modes.accounts import (
    FILED_ON,
    MINIMUM,
    contract,
    draft,
    filed,
    findings_of,
    hang,
    look,
    on,
    refusal,
    take,
    values,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")


def test_four_parties_sign_and_the_money_covers(app: Flask) -> None:
    contract_id = contract(app)
    key = draft(app, mode=Presale, contract_id=contract_id)
    for step, state in (("submit", "submitted"), ("sign", "signed"), ("confirm", "agreed"), ("file", "filed")):
        take(app, key, step, mode=Presale)
        assert look(app, Presale, key).state == state
    found = look(app, Presale, key)
    assert (found.office_name, found.product) == ("海口市住房和城乡建设局", "presale")
    with on(app, "regulator", FILED_ON):
        assert reckoning.of_contract(contract_id) == MINIMUM


def test_only_the_office_that_supervises_the_account_files_it(app: Flask) -> None:
    key = draft(app, mode=Presale)
    take(app, key, "submit", "sign", "confirm", mode=Presale)
    with pytest.raises(Lost):
        take(app, key, "file", mode=Presale, by="regulator")
    take(app, key, "file", mode=Presale, by="regulator-haikou")


def test_an_office_of_another_region_sees_what_it_supervises_and_nothing_else(app: Flask, client_of: Any) -> None:
    with on(app, "employer", FILED_ON):
        province = organisation_of("regulator")
    own, other = draft(app, mode=Presale, office_id=province), draft(app, mode=Presale)
    take(app, own, "submit", "sign", "confirm", mode=Presale)
    take(app, own, "file", mode=Presale, by="regulator")
    assert look(app, Presale, own).state == "filed"
    with pytest.raises(NotFound):
        take(app, other, "file", mode=Presale, by="regulator-haikou")


def test_the_supervising_office_is_asked_for(app: Flask) -> None:
    key = draft(app, mode=Presale, office_id=None)
    with pytest.raises(Refused) as refused:
        take(app, key, "submit", mode=Presale)
    assert refusal(refused) == {"office_id": "请选择预售资金监管机构"}


def test_presale_money_comes_after_the_permit_without_a_warning(app: Flask) -> None:
    key = filed(app, mode=Presale, contract_id=contract(app, permitted_on=date(2024, 1, 1)))
    assert findings_of(look(app, Presale, key)) == ""


@pytest.mark.parametrize(("amount", "passes"), [(MINIMUM, True), (MINIMUM - Decimal("0.01"), False)])
def test_the_deposit_reaches_the_minimum_to_the_fen(app: Flask, amount: Decimal, passes: bool) -> None:
    key = draft(app, mode=Presale, amount=amount)
    if passes:
        take(app, key, "submit", mode=Presale)
        return
    with pytest.raises(Refused) as refused:
        take(app, key, "submit", mode=Presale)
    assert set(refusal(refused)) == {"amount"}


def test_it_is_released_with_the_same_three_proofs(app: Flask) -> None:
    key = filed(app, mode=Presale)
    with pytest.raises(Refused) as refused:
        take(app, key, "release", mode=Presale)
    assert set(refusal(refused)) == {"settlement", "payment", ""}
    take(app, key, "certify", mode=Presale)
    hang(app, key, "settlement", "payment", mode=Presale)
    take(app, key, "release", mode=Presale)
    assert look(app, Presale, key).state == "released"


def test_the_form_asks_for_the_fourth_party(app: Flask, client_of: Any) -> None:
    page = client_of("employer").get("/presales/add").text
    wanted = ("预售资金监管机构信息", "预售资金监管机构", "存入金额(万元)", "预售资金监管四方协议")
    assert [text for text in wanted if text not in page] == []


def test_the_contract_must_be_the_employers_own(app: Flask) -> None:
    contract_id = contract(app)
    with pytest.raises(Refused) as refused, on(app, "employer2", FILED_ON):
        save(Escrow, values(contract_id))
    assert set(refusal(refused)) == {"contract_id"}


def test_the_modes_stand_beside_the_letter(app: Flask) -> None:
    assert modes()[:3] == (Letter, Escrow, Presale)


def test_a_bank_that_guarantees_nothing_is_led_to_its_accounts(client_of: Callable[[str], FlaskClient]) -> None:
    bank = client_of("bank")
    answer = bank.get("/letters/list/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/escrows/list/")
    shown = re.findall(r'<a href="(/\w+/list/)"[^>]*>(保函|共管资金|使用预售资金)</a>', bank.get("/escrows/list/").text)
    assert [name for _address, name in shown] == ["共管资金", "使用预售资金"]
    assert client_of("guarantor").get("/letters/list/").status_code == 200
