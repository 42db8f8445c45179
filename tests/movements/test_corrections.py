"""更正 over the API: a movement takes another one's place, which says so; one that names nothing is warned of."""

from typing import Any

import pytest
from flask import Flask

from tests.machines.programs import Program, admit, program
from tests.movements.said import agreement, chain
from tests.movements.test_api import outcomes, send
from tests.movements.test_taking import account_of

READ = "/api/v1/account-movements"


@pytest.fixture(scope="module")
def bank(bare: Flask) -> Program:
    """The bank's program, which pushes and reads."""
    admit(bare)
    return program(bare, "bank", "pushes", "reads")


def read(app: Flask, by: Program, account_no: str) -> dict[str, dict[str, Any]]:
    """The account's movements by their reference."""
    answer = by.send(app.test_client(), "GET", f"{READ}?account_no={account_no}")
    assert answer.status_code == 200 and answer.json is not None, answer.text
    return {each["fields"]["reference"]: each["fields"] for each in answer.json["items"]}


def test_what_was_replaced_says_by_which_and_what_replaces_says_which(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    (wrong,) = chain(no, "1.00")
    right = {**wrong, "reference": "R-2", "corrects": wrong["reference"], "amount": "2.00", "balance_after": "2.00"}
    assert outcomes(send(bare, bank, [wrong])) == ["taken"]
    answer = send(bare, bank, [right])
    assert outcomes(answer) == ["taken"] and answer.json is not None and answer.json["warnings"] == []
    found = read(bare, bank, no)
    assert (found[wrong["reference"]]["corrected_by"], found[wrong["reference"]]["corrects"]) == ("R-2", None)
    assert (found["R-2"]["corrected_by"], found["R-2"]["corrects"]) == (None, wrong["reference"])


def test_a_correction_of_nothing_is_taken_and_warned_of(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    first, second = chain(no, "1.00", "2.00")
    answer = send(bare, bank, [{**second, "corrects": "NOPE"}])
    assert outcomes(answer) == ["taken"] and answer.json is not None
    (warned,) = answer.json["warnings"]
    assert warned["pointer"] == "/rows/0/corrects"
    assert warned["message"].startswith("被更正的流水NOPE尚未上传")
    late = send(bare, bank, [{**first, "reference": "NOPE"}])
    assert outcomes(late) == ["taken"] and late.json is not None and late.json["warnings"] == []


def test_a_bad_row_is_told_by_its_place_where_it_has_no_reference(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    good, bad, worse = chain(no, "1.00", "2.00", "3.00")
    del bad["reference"]
    answer = send(bare, bank, [good, bad, {**worse, "reference": 5}], mode="partial")
    assert answer.json is not None
    assert answer.json["rows"] == [
        {"index": 0, "reference": good["reference"], "outcome": "taken"},
        {"index": 1, "reference": None, "outcome": "refused"},
        {"index": 2, "reference": None, "outcome": "refused"},
    ]


def test_an_amount_is_taken_as_it_is_described_alone(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, "1613.00")
    answer = send(bare, bank, [{**rows[0], "amount": "1,613.00", "purpose": "gift"}])
    assert answer.status_code == 422 and answer.json is not None
    told = {each["field"]: each["message"] for each in answer.json["errors"]}
    assert told["rows.0.amount"] == '金额应为以元为单位的十进制文本，最多两位小数，如 "1613000.00"'
    assert told["rows.0.purpose"].startswith("用途“gift”不是可选项，可填：deposit、progress_payment、")


def test_all_that_is_wrong_with_a_row_is_told_at_once(bare: Flask, bank: Program) -> None:
    (row,) = chain(account_of(bare, agreement(bare)), "1.00")
    answer = send(bare, bank, [{**row, "account_no": "99990000000000", "amount": "abc"}])
    assert answer.json is not None
    assert [each["field"] for each in answer.json["errors"]] == ["rows.0.account_no", "rows.0.amount"]
