"""月报: one a month, exact to the fen, confirmed by the account's bank, corrected by a new version."""

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import acting_as, viewer
from app.cover import funds, reckoning
from app.engine import records, transitions
from app.ledger import history
from app.ledger.scope import UNSCOPED
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.grammar.viewer import BANK
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from tests.contract.world import at_work, csrf
from tests.modes.accounts import (
    MINIMUM,
    contract,
    decide,
    draft,
    filed,
    findings_of,
    hang,
    look,
    on,
    refusal,
    report,
    take,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")


def test_the_opening_is_the_deposit_and_then_the_last_closing(app: Flask) -> None:
    account = filed(app)
    first = look(app, FundReport, report(app, account, "2025-03", "0.02", "0.01"))
    assert (first.opening, first.closing) == (MINIMUM, MINIMUM + Decimal("0.01"))
    second = look(app, FundReport, report(app, account, "2025-04", "100", "300.55"))
    assert (second.opening, second.closing) == (first.closing, Decimal("1612799.46"))


@pytest.mark.parametrize(("paid_out", "passes"), [("1613000.00", True), ("1613000.01", False), ("1612999.99", True)])
def test_nothing_leaves_the_account_that_is_not_on_it(app: Flask, paid_out: str, passes: bool) -> None:
    account = filed(app)
    if passes:
        left = look(app, FundReport, report(app, account, "2025-03", "0", paid_out)).closing
        assert left == MINIMUM - Decimal(paid_out)
        return
    with pytest.raises(Refused) as refused:
        report(app, account, "2025-03", "0", paid_out, then="", closing=Decimal(0))
    assert set(refusal(refused)) == {"paid_out"}
    assert "0.01元" in refusal(refused)["paid_out"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"closing": MINIMUM + Decimal("0.99")}, "closing"),
        ({"closing": MINIMUM + Decimal("1.01")}, "closing"),
        ({"closing": -MINIMUM}, "closing"),
        ({"paid_in": "-0.01"}, "paid_in"),
        ({"paid_out": "-1"}, "paid_out"),
    ],
)
@pytest.mark.parametrize("then", ["", "submit"])
def test_amounts_that_cannot_be_are_refused_at_their_field(
    app: Flask, changed: dict[str, Any], field: str, then: str
) -> None:
    account = filed(app)
    with pytest.raises(Refused) as refused:
        report(app, account, "2025-03", **{"paid_in": "1", "then": then, **changed})
    assert set(refusal(refused)) == {field}
    with at_work(app, "employer"):
        assert db.session.scalar(select(func.count()).where(FundReport.account_id == account)) == 0


@pytest.mark.parametrize(
    "changed",
    [
        "closing = closing + 1",
        "closing = closing - 1",
        "paid_in = -1, closing = closing - 1",
        "opening = opening + 1",
    ],
)
def test_the_database_itself_keeps_the_sum_to_the_fen(app: Flask, changed: str) -> None:
    key = report(app, filed(app), "2025-03")
    with app.app_context():
        try:
            with pytest.raises(IntegrityError):
                db.session.execute(text(f"UPDATE account_report SET {changed} WHERE id = {key}"))
        finally:
            db.session.rollback()


def test_a_month_without_statement_is_not_reported(app: Flask) -> None:
    with pytest.raises(Refused) as refused:
        report(app, filed(app), "2025-03", statement=False)
    assert refusal(refused) == {"statement": "请上传银行对账单"}


def test_an_empty_report_names_everything_at_once(app: Flask) -> None:
    with pytest.raises(Refused) as refused, on(app, "employer", date(2025, 5, 1)):
        records.save(FundReport, {}, then="submit")
    assert set(refusal(refused)) == {"account_id", "month", "paid_in", "paid_out", "closing", "statement"}


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2025-02", date(2025, 5, 6)),
        ("2025-05", date(2025, 5, 31)),
        ("2025-06", date(2025, 5, 31)),
    ],
)
def test_only_months_that_are_over_since_the_filing_are_reported(app: Flask, month: str, day: date) -> None:
    with pytest.raises(Refused) as refused:
        report(app, filed(app), month, day=day)
    assert set(refusal(refused)) == {"month"}


def test_an_account_that_is_not_filed_has_no_month(app: Flask) -> None:
    key = draft(app)
    take(app, key, "submit", "sign", "confirm")
    with pytest.raises(Refused) as refused:
        report(app, key, "2025-03")
    assert set(refusal(refused)) == {"month"}


def test_no_month_is_left_out(app: Flask) -> None:
    account = filed(app)
    with pytest.raises(Refused) as refused:
        report(app, account, "2025-04")
    assert "上月" in refusal(refused)["month"]


def test_the_bank_confirms_and_the_balance_covers_the_contract(app: Flask) -> None:
    contract_id = contract(app)
    account = filed(app, contract_id=contract_id)
    key = report(app, account, "2025-03", "0", "13000.01")
    assert look(app, Escrow, account).balance is None
    decide(app, key, "confirm")
    found = look(app, Escrow, account)
    assert (found.balance, found.balance_month) == (Decimal("1599999.99"), "2025-03")
    with on(app, "regulator", date(2025, 6, 1)):
        assert reckoning.of_contract(contract_id) == Decimal("1599999.99")


@pytest.mark.parametrize("step", ["confirm", "object"])
def test_a_stranger_bank_finds_no_report(app: Flask, client_of: Any, step: str) -> None:
    key = report(app, filed(app), "2025-03")
    with pytest.raises(NotFound):
        decide(app, key, step, by="guarantor", reason="流水不符")
    assert client_of("guarantor").get(f"/reports/show/{key}").status_code == 404
    assert client_of("guarantor").get(f"/reports/do/{key}/{step}").status_code == 404
    assert client_of("bank").get(f"/reports/show/{key}").status_code == 200


@pytest.mark.parametrize("month", ["", "2025-03"])
def test_not_even_a_draft_is_of_a_strangers_account(app: Flask, month: str) -> None:
    account = filed(app)
    with on(app, "employer2", date(2025, 4, 9)), pytest.raises(Refused) as refused:
        records.save(FundReport, {"account_id": account, "month": month})
    assert refusal(refused) == {"account_id": "请选择本单位的监管账户"}
    with on(app, "employer", date(2025, 4, 9)):
        assert funds.reports_of(db.session.get_one(Escrow, account)) == []


@pytest.mark.parametrize("stranger", ["employer", "contractor", "regulator-haikou"])
def test_nobody_but_the_bank_confirms(app: Flask, stranger: str) -> None:
    key = report(app, filed(app), "2025-03")
    with pytest.raises(Lost):
        decide(app, key, "confirm", by=stranger)


def test_an_employer_that_is_a_bank_as_well_does_not_confirm_its_own_report(app: Flask) -> None:
    key = report(app, filed(app), "2025-03")
    with on(app, "employer", date(2025, 5, 6)):
        with_both = replace(viewer(), roles=viewer().roles | {BANK})
        with pytest.raises(Lost), acting_as(with_both):
            transitions.perform(FundReport, key, "confirm")
    assert look(app, FundReport, key).state == "submitted"


def test_nobody_else_sees_a_draft(app: Flask, client_of: Any) -> None:
    key = report(app, filed(app), "2025-03", then="")
    for username in ("bank", "regulator", "contractor"):
        assert client_of(username).get(f"/reports/show/{key}").status_code == 404


def test_an_employer_reports_no_account_of_another(app: Flask) -> None:
    account = filed(app)
    with pytest.raises(Refused) as refused, on(app, "employer2", date(2025, 5, 6)):
        records.save(FundReport, {"account_id": account, "month": "2025-03"})
    assert set(refusal(refused)) == {"account_id"}


def test_a_correction_is_a_new_version_and_the_old_one_stays(app: Flask, client_of: Any) -> None:
    account = filed(app)
    first = report(app, account, "2025-03", "100", "0")
    decide(app, first, "object", reason="对账单与流水不符")
    with pytest.raises(Refused) as refused:
        report(app, account, "2025-03", "90", "0")
    assert set(refusal(refused)) == {"correction"}
    page = client_of("employer").get(f"/reports/add?account_id={account}&month=2025-03").text
    assert "本次更正2025-03月报第 1 版，请填写更正说明" in page and 'value="1613100"' in page
    second = report(app, account, "2025-03", "90", "0", correction="存入金额误填")
    assert look(app, FundReport, first).state == "replaced"
    decide(app, second, "confirm")
    third = report(app, account, "2025-03", "95", "0", correction="漏记利息", day=date(2025, 9, 1))
    assert findings_of(look(app, FundReport, third)) == ""
    assert look(app, Escrow, account).balance == MINIMUM + 90
    decide(app, third, "confirm")
    states = [look(app, FundReport, key).state for key in (first, second, third)]
    assert states == ["replaced", "replaced", "confirmed"]
    assert [look(app, FundReport, key).revision for key in (first, second, third)] == [1, 2, 3]
    assert look(app, Escrow, account).balance == MINIMUM + 95
    assert "历次版本" in client_of("bank").get(f"/reports/show/{third}").text


def test_one_version_is_open_at_a_time(app: Flask) -> None:
    account = filed(app)
    report(app, account, "2025-03")
    with pytest.raises(Refused) as refused:
        report(app, account, "2025-03", correction="再报一次")
    assert set(refusal(refused)) == {"month"}


def test_a_month_whose_opening_has_been_corrected_is_not_confirmed(app: Flask) -> None:
    account = filed(app)
    first = report(app, account, "2025-03", "100", "0")
    decide(app, first, "confirm")
    second = report(app, account, "2025-04", "10", "0")
    report(app, account, "2025-03", "200", "0", correction="少记 100 元")
    with pytest.raises(Refused) as refused:
        decide(app, second, "confirm")
    assert set(refusal(refused)) == {"opening"}
    decide(app, second, "object", reason="期初余额已更正")
    redone = report(app, account, "2025-04", "10", "0", correction="期初余额已更正")
    assert look(app, FundReport, redone).closing == MINIMUM + 210


def test_a_confirmed_month_that_no_longer_follows_is_named_until_it_is_corrected(app: Flask, client_of: Any) -> None:
    account, page = filed(app), "/escrows/show/{}"
    for month in ("2025-03", "2025-04"):
        decide(app, report(app, account, month, "10", "0"), "confirm")
    said, client = "2025-04的期初余额与上月期末余额不一致", client_of("employer")
    assert said not in client.get(page.format(account)).text
    correction = report(app, account, "2025-03", "20", "0", correction="少记 10 元")
    assert said in client.get(page.format(account)).text
    decide(app, correction, "confirm")
    decide(app, report(app, account, "2025-04", "10", "0", correction="期初余额已更正"), "confirm")
    assert said not in client.get(page.format(account)).text
    assert look(app, Escrow, account).balance == MINIMUM + 30


def test_correcting_an_older_month_leaves_the_balance_of_the_newer_one(app: Flask) -> None:
    account = filed(app)
    decide(app, report(app, account, "2025-03"), "confirm")
    decide(app, report(app, account, "2025-04", "10", "0"), "confirm")
    decide(app, report(app, account, "2025-03", "1", "1", correction="补记一进一出"), "confirm")
    assert look(app, Escrow, account).balance == MINIMUM + 10


def test_a_corrected_month_asks_for_the_next_one_to_be_corrected_and_the_balance_waits_for_it(app: Flask) -> None:
    account = filed(app)
    decide(app, report(app, account, "2025-03"), "confirm")
    april = report(app, account, "2025-04", "10", "0")
    decide(app, april, "confirm")
    may = report(app, account, "2025-05", "20", "0")
    decide(app, may, "confirm")
    decide(app, report(app, account, "2025-03", "0", "7", correction="漏记手续费"), "confirm")
    assert [look(app, FundReport, key).state for key in (april, may)] == ["objected", "confirmed"]
    held = look(app, Escrow, account)
    assert (held.balance, held.balance_month) == (MINIMUM - 7, "2025-03")
    with at_work(app, "employer"):
        said = history.of_record(db.session.get_one(FundReport, april))[0].comment
    assert said == "2025-03 的期末余额为 1,612,993.00 元，本月期初余额不一致，请更正"
    decide(app, report(app, account, "2025-04", "17", "0", correction="补记 7 元"), "confirm")
    assert look(app, FundReport, may).state == "confirmed"
    held = look(app, Escrow, account)
    assert (held.balance, held.balance_month) == (MINIMUM + 30, "2025-05")


def test_a_balance_below_the_minimum_is_said_on_report_and_account(app: Flask, client_of: Any) -> None:
    account = filed(app)
    exact = report(app, account, "2025-03")
    assert findings_of(look(app, FundReport, exact)) == ""
    decide(app, exact, "confirm")
    key = report(app, account, "2025-04", "0", "0.01")
    assert "差额0.01元" in findings_of(look(app, FundReport, key))
    assert "低于最低担保金额" not in client_of("regulator").get(f"/escrows/show/{account}").text
    decide(app, key, "confirm")
    for username in ("employer", "bank", "regulator-haikou", "contractor"):
        assert "差额 0.01 元" in client_of(username).get(f"/escrows/show/{account}").text
    assert "差额0.01元" in client_of("regulator").get(f"/reports/show/{key}").text


def test_other_cover_of_the_contract_fills_the_gap(app: Flask) -> None:
    contract_id = contract(app)
    account = filed(app, contract_id=contract_id)
    filed(app, mode=Presale, contract_id=contract_id)
    key = report(app, account, "2025-03", "0", "1613000")
    assert findings_of(look(app, FundReport, key)) == ""


@pytest.mark.parametrize(
    ("month", "due"),
    [
        ("2025-03", date(2025, 4, 10)),
        ("2025-04", date(2025, 5, 12)),
        ("2024-09", date(2024, 10, 10)),
        ("2025-12", date(2026, 1, 12)),
    ],
)
def test_the_limit_is_the_tenth_of_the_next_month_rolled_over_free_days(app: Flask, month: str, due: date) -> None:
    with app.test_request_context():
        assert funds.due_on(month) == due
        db.session.rollback()


@pytest.mark.parametrize(("day", "late"), [(date(2025, 4, 10), ""), (date(2025, 4, 11), "逾期1天")])
def test_a_late_report_says_by_how_many_days(app: Flask, day: date, late: str) -> None:
    warnings = findings_of(look(app, FundReport, report(app, filed(app), "2025-03", day=day)))
    assert (late in warnings) if late else warnings == ""


@pytest.mark.parametrize(
    ("day", "word"),
    [
        (date(2025, 3, 31), None),
        (date(2025, 4, 1), "due"),
        (date(2025, 4, 10), "due"),
        (date(2025, 4, 11), "late"),
    ],
)
def test_a_month_is_due_until_its_last_day_and_late_after_it(app: Flask, day: date, word: str | None) -> None:
    key = filed(app)
    with on(app, "employer", day):
        account = db.session.get_one(Fund, key)
        states = funds.calendar([account])[key]
        assert (states["2025-03"].timing if states else None) == word
        for asked in ("late", "due", "done"):
            found = db.session.scalar(select(Fund.id).where(Fund.id == key, funds.timed(asked)))
            assert (found is not None) is (asked == (word or "done"))


def test_an_objected_month_is_due_again(app: Flask) -> None:
    account = filed(app)
    key = report(app, account, "2025-03", day=date(2025, 4, 2))
    for state in ("reported", "late"):
        with on(app, "bank", date(2025, 4, 20)):
            found = db.session.get_one(Fund, account)
            assert funds.calendar([found])[account]["2025-03"].timing == state
            late = select(Fund.id).where(Fund.id == account, funds.timed("late"))
            assert (db.session.scalar(late) is None) is (state == "reported")
        if state == "reported":
            decide(app, key, "object", reason="缺页", day=date(2025, 4, 3))


def test_a_released_account_is_reported_up_to_its_last_whole_month(app: Flask) -> None:
    account = filed(app)
    take(app, account, "certify")
    hang(app, account, "settlement", "payment")
    take(app, account, "release", day=date(2025, 6, 15))
    assert look(app, Escrow, account).months_over(date(2026, 1, 1)) == ("2025-03", "2025-04", "2025-05")


@pytest.mark.parametrize("username", ["employer", "bank", "regulator", "regulator-haikou", "contractor"])
def test_the_calendar_shows_every_account_with_its_months(app: Flask, client_of: Any, username: str) -> None:
    account = filed(app)
    report(app, account, "2025-03")
    no = look(app, Escrow, account).account_no
    page = client_of(username).get(f"/account-months/list/?account_no={no}&until=2025-04").text
    assert no in page and "已报" in page and "逾期" in page and "共管资金及使用预售资金" in page
    assert no not in client_of(username).get("/account-months/list/?timing=done&until=2025-04").text


def test_the_calendar_refuses_what_is_no_month(app: Flask, client_of: Any) -> None:
    assert client_of("bank").get("/account-months/list/?until=2025-13").status_code == 400


def test_lists_across_accounts_can_be_exported(app: Flask, client_of: Any) -> None:
    account = filed(app)
    report(app, account, "2025-03", "0.37", "0")
    no = look(app, Escrow, account).account_no
    for path, wanted in (
        (f"/account-months/export/?account_no={no}&until=2025-03", "已报"),
        (f"/reports/export/?account_no={no}", 1613000.37),
    ):
        answer = client_of("regulator").get(path, buffered=True)
        rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        assert len(rows) == 2 and no in rows[1] and wanted in rows[1]


def test_of_two_reports_for_one_month_at_once_one_is_kept(app: Flask) -> None:
    account, started, outcomes = filed(app), threading.Barrier(2), []

    def send() -> None:
        started.wait()
        try:
            outcomes.append(report(app, account, "2025-03", then="", statement=False))
        except Refused:
            outcomes.append(0)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(bool, outcomes)) == [False, True]
    with at_work(app, "regulator"):
        kept = select(func.count()).select_from(FundReport).where(FundReport.account_id == account)
        assert db.session.scalar(kept.execution_options(**UNSCOPED)) == 1


def test_the_form_reckons_while_one_types(app: Flask, client_of: Any) -> None:
    account, client = filed(app), client_of("employer")
    form = {"csrf_token": csrf(client), "account_id": str(account), "paid_in": "1,000.10", "paid_out": "0.10"}
    said = client.post("/reports/explain", data=form).json
    assert said["fields"] == {"month": "2025-03", "opening": "1613000"}
    assert said["lines"][0]["text"] == "期初余额 + 本期存入 - 本期支出 = 1,614,000.00 元"
    for changed, name, word in (
        ({"closing": "1614000"}, "closing", "相符"),
        ({"closing": "1,614,000.01"}, "closing", "应为1,614,000.00元"),
        ({"paid_out": "1614000.11"}, "paid_out", "超过"),
        ({"month": "2099-01"}, "month", "之间的月份"),
    ):
        line = client.post("/reports/explain", data={**form, **changed}).json["lines"][0]
        assert line["for"] == name and word in line["text"]
