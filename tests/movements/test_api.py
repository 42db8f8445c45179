"""A bank's program pushes movements, signed, and is told what became of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.machines.programs import Program, admit, program
from tests.movements.said import agreement, chain
from tests.movements.test_taking import account_of, kept

pytestmark = pytest.mark.databases("sqlite", "postgres")
PUSH = "/api/v1/account-movements"


@pytest.fixture(scope="module")
def bank(bare: Flask) -> Program:
    """The bank's program, which may push movements."""
    admit(bare)
    return program(bare, "bank", "pushes")


def send(app: Flask, by: Program, rows: Any, *, key: str = "", **more: Any) -> TestResponse:
    headers = {"Idempotency_Key": key} if key else {}
    return by.send(app.test_client(), "POST", PUSH, {"rows": rows, **more}, **headers)


def errors(answer: TestResponse) -> list[tuple[str, str]]:
    assert answer.json is not None
    return [(each["field"], each["pointer"]) for each in answer.json["errors"]]


def outcomes(answer: TestResponse) -> Sequence[str]:
    assert answer.status_code == 200 and answer.json is not None, answer.json
    rows: Sequence[Mapping[str, str]] = answer.json["rows"]
    return [each["outcome"] for each in rows]


def test_a_push_is_taken_once_and_answered_again_under_its_key(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, "1.00", "2.00")
    first, again = (send(bare, bank, rows, key="first-push-of-today") for _ in range(2))
    assert outcomes(first) == outcomes(again) == ["taken", "taken"]
    assert again.headers["Idempotency-Replayed"] == "true" and kept(bare, no) == 2
    other = send(bare, bank, rows[:1], key="first-push-of-today")
    assert other.status_code == 422 and other.json is not None
    assert other.json["type"].endswith("/idempotency-key-reused")
    assert outcomes(send(bare, bank, rows)) == ["repeated", "repeated"]


def test_problems_of_all_rows_are_told_at_their_pointers_and_none_is_taken(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, "1.00", "2.00", "3.00")
    rows[0]["amount"], rows[2]["purpose"] = "1e5", "请客"
    refused = send(bare, bank, rows, key="with-two-bad-rows")
    assert refused.status_code == 422 and kept(bare, no) == 0
    assert errors(refused) == [("rows.0.amount", "/rows/0/amount"), ("rows.2.purpose", "/rows/2/purpose")]
    partly = send(bare, bank, rows, mode="partial", key="with-two-bad-rows-2")
    assert outcomes(partly) == ["refused", "taken", "refused"] and kept(bare, no) == 1
    assert [field for field, _pointer in errors(partly)] == ["rows.0.amount", "rows.2.purpose"]


def test_a_part_may_be_asked_for_in_the_address(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, "1.00", "2.00")
    rows[0]["amount"] = "1e5"
    partly = bank.send(bare.test_client(), "POST", f"{PUSH}?mode=partial", {"rows": rows})
    assert outcomes(partly) == ["refused", "taken"] and kept(bare, no) == 1
    assert bank.send(bare.test_client(), "POST", f"{PUSH}?mode=half", {"rows": rows}).status_code == 422


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"rows": {}}, "rows"),
        ({"rows": None}, "rows"),
        ({"rows": ["x"]}, "rows.0"),
        ({"rows": []}, "rows"),
        ({"rows": [{}], "mode": "half"}, "mode"),
        ({"rows": [{}], "colour": 1}, "colour"),
    ],
)
def test_a_malformed_push_is_answered_at_its_place(bare: Flask, bank: Program, asked: Any, field: str) -> None:
    refused = bank.send(bare.test_client(), "POST", PUSH, asked)
    assert refused.status_code == 422 and field in [name for name, _pointer in errors(refused)]


def test_a_program_without_the_grant_is_refused(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, "1.00")
    reader = program(bare, "bank", "reads")
    assert send(bare, reader, rows).status_code == 403
    assert kept(bare, no) == 0


def test_a_thousand_rows_fit_into_one_request(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, *["1.00"] * 1000)
    for each in rows:
        each["summary"] = "工程进度款" * 8
    assert set(outcomes(send(bare, bank, rows))) == {"taken"} and kept(bare, no) == 1000


def test_of_a_row_with_very_many_unknown_fields_some_are_told_and_how_many_more(bare: Flask, bank: Program) -> None:
    no = account_of(bare, agreement(bare))
    good, bad = chain(no, "1.00", "2.00")
    answer = send(bare, bank, [good, {**bad, **{f"x{each:04d}": "1" for each in range(5_000)}}], mode="partial")
    assert outcomes(answer) == ["taken", "refused"] and answer.json is not None
    told = answer.json["errors"]
    assert [each["pointer"] for each in told] == [f"/rows/1/x{each:04d}" for each in range(11)]
    assert told[-1]["message"] == "另有 4990 处有误，未一一列出；请先改正以上各处"
