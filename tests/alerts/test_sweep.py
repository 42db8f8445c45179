"""预警 by the vectors: each from its day on and not a day before, with its grade, until its cause is gone."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.core.database import db
from app.engine import records, transitions
from models.alert import Alert
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER
from models.modes.letter import Letter
from models.parts import NamedPart
from models.terms import ContractTerms
from tests.alerts.days import alerts, is_open, own_contract, permit, sweep_on, told
from tests.bare import (
    HERE,
    MINIMUM,
    ORGANISATION,
    PRICE,
    at,
    attachment,
    escrow,
    filing,
    fiscal,
    letter,
    person,
    put,
    regulator,
    report,
    work,
)
from tests.modes.test_letter import REVIEWER, prepared

pytestmark = pytest.mark.databases("sqlite", "postgres")
FEN = Decimal("0.01")


def covered(app: Flask, **changed: Any) -> tuple[int, int]:
    """A contract on a permit with a confirmed letter over its minimum; the ids of contract and letter."""
    key, permit_no = own_contract(app)
    given = {"issued_at": at(date(2024, 12, 1)), "starts_on": date(2024, 12, 1), "ends_on": date(2031, 6, 30)}
    return key, put(app, letter("confirmed", contract_id=key, permit_no=permit_no, **{**given, **changed}))


def test_a_letter_of_2026_09_15_is_late_on_09_29_and_no_more_when_it_is_confirmed(bare: Flask) -> None:
    day = date(2026, 9, 15)
    key = prepared(bare, starts_on=day)
    with work(bare, REVIEWER, day):
        transitions.perform(Letter, key, "issue")
    sweep_on(bare, date(2026, 9, 28))
    assert not alerts(bare, "A3", key)
    sweep_on(bare, date(2026, 9, 29))
    assert alerts(bare, "A3", key) == [(date(2026, 9, 29), "yellow", MINIMUM, None)]
    with work(bare, person(CONTRACTOR), date(2026, 9, 30)):
        transitions.perform(Letter, key, "confirm")
    sweep_on(bare, date(2026, 9, 30))
    assert alerts(bare, "A3", key) == [(date(2026, 9, 29), "yellow", MINIMUM, date(2026, 9, 30))]
    assert told(bare, "A3", key) == [("first", date(2026, 9, 29)), ("cleared", date(2026, 9, 30))]


def reported(app: Flask, account: int, month: str, day: date) -> int:
    """The month of the account, reported on that day with nothing moved; its id."""
    with work(app, person(EMPLOYER), day):
        amounts = {"opening": MINIMUM, "paid_in": Decimal(0), "paid_out": Decimal(0), "closing": MINIMUM}
        key = int(records.save(FundReport, {"account_id": account, "month": month, **amounts})[0].id)
    put(app, attachment("account_report", key, category="statement"))
    with work(app, person(EMPLOYER), day):
        transitions.perform(FundReport, key, "submit")
    return key


def filed(app: Flask, contract_id: int, **changed: Any) -> int:
    """A filed agreement of the contract; its id."""
    given = {
        "filed_at": at(date(2025, 1, 6)),
        "first_month": "2025-01",
        "opening": MINIMUM,
        "starts_on": date(2025, 1, 6),
    }
    return put(app, escrow("filed", contract_id=contract_id, **{**given, **changed}))


def test_the_month_2025_01_is_late_on_02_11_and_opens_again_when_the_bank_objects(bare: Flask) -> None:
    account = filed(bare, own_contract(bare)[0])
    sweep_on(bare, date(2025, 2, 10))
    assert not alerts(bare, "A7", account)
    sweep_on(bare, date(2025, 2, 11))
    assert alerts(bare, "A7", account) == [(date(2025, 2, 11), "yellow", None, None)]
    key = reported(bare, account, "2025-01", date(2025, 2, 12))
    sweep_on(bare, date(2025, 2, 12))
    assert alerts(bare, "A7", account) == [(date(2025, 2, 11), "yellow", None, date(2025, 2, 12))]
    with work(bare, person(BANK), date(2025, 2, 25)):
        transitions.perform(FundReport, key, "object", inputs={"reason": "余额不符"})
    sweep_on(bare, date(2025, 2, 25))
    assert alerts(bare, "A7", account) == [(date(2025, 2, 11), "orange", None, None)]
    assert [reason for reason, _day in told(bare, "A7", account)] == ["first", "cleared", "repeat"]


@pytest.mark.parametrize(
    ("closing", "wanted"),
    [(MINIMUM - FEN, [(date(2025, 1, 31), "orange", FEN, None)]), (MINIMUM, [])],
)
def test_a_balance_is_low_from_its_own_day_on_by_a_single_fen(bare: Flask, closing: Decimal, wanted: list[Any]) -> None:
    account = filed(bare, own_contract(bare)[0], balance=closing, balance_month="2025-01", amount=MINIMUM)
    put(bare, report("confirmed", account_id=account, month="2025-01", closing=closing, paid_out=MINIMUM - closing))
    sweep_on(bare, date(2025, 2, 3))
    assert alerts(bare, "A8", account) == wanted


def test_a_balance_that_stays_low_is_one_alert_that_grows_old(bare: Flask) -> None:
    account = filed(bare, own_contract(bare)[0], balance=MINIMUM - FEN, balance_month="2025-01", amount=MINIMUM)
    low = {"account_id": account, "opening": MINIMUM - FEN, "closing": MINIMUM - FEN}
    put(bare, report("confirmed", **{**low, "opening": MINIMUM}, month="2025-01", paid_out=FEN))
    sweep_on(bare, date(2025, 2, 3))
    with bare.app_context(), db.engine.begin() as connection:
        connection.execute(update(Fund).where(Fund.id == account).values(balance_month="2025-02"))
    put(bare, report("confirmed", **low, month="2025-02"))
    sweep_on(bare, date(2025, 3, 3))
    assert alerts(bare, "A8", account) == [(date(2025, 1, 31), "red", FEN, None)]
    assert [reason for reason, _day in told(bare, "A8", account)] == ["first", "graver"]


@pytest.mark.parametrize(("risen", "wanted"), [(Decimal(0), []), (FEN, [(date(2025, 5, 6), "yellow")])])
def test_a_price_has_risen_above_a_tenth_by_a_single_fen(bare: Flask, risen: Decimal, wanted: list[Any]) -> None:
    key, _letter = covered(bare)
    price = PRICE * Decimal("1.1") + risen
    put(bare, terms(key, 1, "confirmed", PRICE, confirmed_at=at(date(2024, 11, 1))))
    change = put(bare, terms(key, 2, "proposed", price))
    with work(bare, person(CONTRACTOR), date(2025, 5, 6)):
        transitions.perform(ContractTerms, change, "confirm")
    sweep_on(bare, date(2025, 5, 6))
    assert [(since, grade) for since, grade, *_rest in alerts(bare, "A14", key)] == wanted


def terms(key: int, no: int, state: str, price: Decimal, **more: Any) -> ContractTerms:
    """A version of the contract's terms."""
    parties = {f"{role}_id": ORGANISATION[role] for role in (EMPLOYER, CONTRACTOR)}
    said = {"contract_id": key, "no": no, "state": state, "price": price, "agreed": False}
    return ContractTerms(contract_no="预警合同", project_name="预警工程", **parties, **said, **more)


def test_a_contract_lacks_from_the_day_after_its_letter_was_over(bare: Flask) -> None:
    key, _letter = covered(bare, ends_on=date(2025, 6, 30))
    put(bare, letter("confirmed", contract_id=key, amount=MINIMUM / 2, **_period(date(2025, 1, 8), date(2031, 1, 1))))
    sweep_on(bare, date(2025, 7, 1))
    assert not alerts(bare, "A2", key)
    sweep_on(bare, date(2025, 7, 2))
    assert alerts(bare, "A2", key) == [(date(2025, 7, 2), "yellow", MINIMUM / 2, None)]
    put(bare, letter("confirmed", contract_id=key, amount=MINIMUM / 2, **_period(date(2025, 7, 17), date(2031, 1, 1))))
    sweep_on(bare, date(2025, 7, 17))
    assert [cleared for *_rest, cleared in alerts(bare, "A2", key)] == [date(2025, 7, 17)]


def _period(first: date, last: date) -> dict[str, Any]:
    return {"issued_at": at(first), "starts_on": first, "ends_on": last}


def test_a_part_that_is_still_in_time_keeps_the_contract_quiet(bare: Flask) -> None:
    key, _permit_no = own_contract(bare)
    part = NamedPart(mode="escrow", amount=MINIMUM / 2, by_on=date(2025, 5, 1), place=0)
    half = {"amount": MINIMUM / 2, "to_follow": [part], **_period(date(2024, 12, 2), date(2031, 1, 1))}
    put(bare, letter("confirmed", contract_id=key, **half))
    sweep_on(bare, date(2025, 5, 1))
    assert not alerts(bare, "A2", key)
    sweep_on(bare, date(2025, 5, 2))
    assert alerts(bare, "A2", key) == [(date(2025, 5, 2), "yellow", MINIMUM / 2, None)]


def test_a_permit_without_cover_is_told_of_and_its_contract_is_not(bare: Flask) -> None:
    key, permit_no = own_contract(bare)
    of_permit = permit(bare, permit_no)
    sweep_on(bare, date(2024, 12, 2))
    assert not alerts(bare, "A1", of_permit)
    sweep_on(bare, date(2024, 12, 3))
    assert alerts(bare, "A1", of_permit) == [(date(2024, 12, 3), "orange", MINIMUM, None)]
    sweep_on(bare, date(2025, 1, 2))
    assert [grade for _since, grade, *_rest in alerts(bare, "A1", of_permit)] == ["red"]
    assert not alerts(bare, "A2", key)
    put(bare, letter("confirmed", contract_id=key, amount=MINIMUM / 2, **_period(date(2025, 1, 3), date(2031, 1, 1))))
    sweep_on(bare, date(2025, 1, 3))
    assert not is_open(bare, "A1", of_permit)
    assert alerts(bare, "A2", key) == [(date(2024, 12, 3), "red", MINIMUM / 2, None)]
    assert told(bare, "A1", of_permit) == [
        ("first", date(2024, 12, 3)),
        ("graver", date(2025, 1, 2)),
        ("cleared", date(2025, 1, 3)),
    ]


def test_a_permit_that_has_lost_its_cover_has_none_since_then(bare: Flask) -> None:
    key, permit_no = own_contract(bare)
    of_permit = permit(bare, permit_no)
    put(bare, letter("confirmed", contract_id=key, **_period(date(2024, 12, 2), date(2025, 6, 30))))
    sweep_on(bare, date(2025, 7, 2))
    assert alerts(bare, "A1", of_permit) == [(date(2025, 7, 2), "orange", MINIMUM, None)]


def test_a_backfill_that_is_not_handed_in_is_late_after_the_holidays(bare: Flask) -> None:
    given = {"backfilled": True, "settled_on": date(2026, 1, 16)}
    key = put(bare, letter("draft", contract_id=own_contract(bare)[0], **given))
    sweep_on(bare, date(2026, 2, 24))
    assert not alerts(bare, "A4", key)
    sweep_on(bare, date(2026, 2, 25))
    assert alerts(bare, "A4", key) == [(date(2026, 2, 25), "yellow", MINIMUM, None)]


def test_a_licence_is_told_of_sixty_days_before_its_end_and_graver_as_it_comes(bare: Flask) -> None:
    more = {"organisation_id": 6, "name": "将到期保证人", "uscc": "将到期保证人", "licence_no": "许可一号"}
    key = put(bare, filing(licence_expires_on=date(2025, 12, 31), **more))
    grades = []
    for day in (date(2025, 10, 31), date(2025, 11, 1), date(2025, 12, 1), date(2025, 12, 31)):
        sweep_on(bare, day)
        grades += [grade for _since, grade, *_rest in alerts(bare, "A12", key)] or ["none"]
    assert grades == ["none", "yellow", "orange", "red"]


def test_a_late_proof_stays_until_the_regulator_has_explained_it(bare: Flask) -> None:
    key = put(
        bare,
        fiscal(
            "filed",
            contract_id=own_contract(bare)[0],
            permit_no="无",
            approved_on=date(2024, 12, 3),
            filed_at=at(date(2025, 2, 3)),
        ),
    )
    sweep_on(bare, date(2025, 2, 3))
    assert alerts(bare, "A13", key) == [(date(2025, 2, 3), "yellow", MINIMUM, None)]
    with work(bare, regulator(HERE), date(2025, 2, 4)):
        query = select(Alert).where(Alert.code == "A13", Alert.subject_id == key)
        found = db.session.scalars(query).one()
        records.save(Alert, {"explanation": "批复文件补正，内容一致"}, key=found.id, version=found.version)
    sweep_on(bare, date(2025, 2, 5))
    assert [cleared for *_rest, cleared in alerts(bare, "A13", key)] == [date(2025, 2, 4)]
