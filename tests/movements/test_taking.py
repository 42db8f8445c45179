"""Movements are taken once, whole or in part, and only from the bank of the account."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.database import db
from app.core.refusals import Refused
from models.grammar.viewer import EMPLOYER
from models.modes.escrow import Escrow
from tests import bare as bench
from tests.movements.said import agreement, book, chain, push, row

WIDE = "\uff11\uff12\uff0e\uff15\uff10"
"""12.50 at full width."""

pytestmark = pytest.mark.databases("sqlite", "postgres")


def account_of(app: Flask, key: int) -> str:
    return str(bench.look(app, Escrow, key)["account_no"])


def kept(app: Flask, account_no: str) -> int:
    query = text("SELECT count(*) FROM account_movement WHERE account_no = :no")
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(query, {"no": account_no}).scalar_one())


def refusal(info: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {each.field: each.text for each in info.value.problems}


def test_what_is_pushed_twice_is_there_once_and_said_to_be_repeated(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, "100.00", "-50.00")
    first = push(bare, rows)
    assert first.outcomes == ("taken", "taken") and first.batch_id
    again = push(bare, rows[::-1])
    assert again.outcomes == ("repeated", "repeated") and again.batch_id is None
    both = push(bare, [*chain(no, "100.00", "-50.00", "7.00"), rows[0]])
    assert both.outcomes == ("repeated", "repeated", "taken", "repeated")
    assert kept(bare, no) == 3


def test_one_push_may_speak_of_many_accounts_and_each_has_its_job(bare: Flask) -> None:
    numbers = [account_of(bare, agreement(bare)) for _ in range(3)]
    query = text("SELECT count(*) FROM job WHERE kind = 'book_movements' AND unique_key LIKE :key")
    for mark in ("A", "B"):
        push(bare, [chain(no, "1.00", mark=mark)[0] for no in numbers])
    with bare.app_context(), db.engine.connect() as connection:
        counts = [connection.scalar(query, {"key": f"next % {no}"}) for no in numbers]
    assert counts == [1, 1, 1] and [kept(bare, no) for no in numbers] == [2, 2, 2]


def test_a_known_reference_with_other_content_is_a_problem_of_its_row(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    push(bare, chain(no, "100.00"))
    other = row(no, "L0001", "100.01", "1613100.01")
    with pytest.raises(Refused) as refused:
        push(bare, [row(no, "N1", "1", "1613101"), other])
    assert list(refusal(refused)) == ["rows.1.reference"]
    assert "L0001" in refusal(refused)["rows.1.reference"]
    assert kept(bare, no) == 1
    within = push(bare, [row(no, "N1", "1", "1613101"), row(no, "N1", "2", "1613101")], partial=True)
    assert within.outcomes == ("taken", "refused")
    assert [each.field for each in within.problems] == ["rows.1.reference"]


def test_one_bad_row_of_a_thousand_keeps_all_out_unless_a_part_is_asked_for(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    rows = chain(no, *["1.00"] * 1000)
    rows[700]["amount"] = "1e5"
    with pytest.raises(Refused) as refused:
        push(bare, rows)
    assert list(refusal(refused)) == ["rows.700.amount"]
    assert kept(bare, no) == 0
    partly = push(bare, rows, partial=True)
    assert (partly.count("taken"), partly.count("refused")) == (999, 1)
    assert partly.outcomes[700] == "refused" and kept(bare, no) == 999


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_one_to_a_thousand_rows(bare: Flask, count: int) -> None:
    no = account_of(bare, agreement(bare))
    with pytest.raises(Refused) as refused:
        push(bare, chain(no, *["1.00"] * count))
    assert str(count) in refusal(refused)["rows"] and kept(bare, no) == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": "1e5"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "99999999999999"}, "amount"),
        ({"amount": 100.5}, "amount"),
        ({"amount": ["1"]}, "amount"),
        ({"amount": ""}, "amount"),
        ({"balance_after": "=1+1"}, "balance_after"),
        ({"booked_at": "2025-04-31T10:00:00+08:00"}, "booked_at"),
        ({"booked_at": "2025-04-21T00:00:01+08:00"}, "booked_at"),
        ({"booked_at": "0001-01-01T00:00:00+08:00"}, "booked_at"),
        ({"booked_at": "0001-01-01 00:00:00"}, "booked_at"),
        ({"booked_at": "0001-01-01T00:00:00Z"}, "booked_at"),
        ({"valued_on": "昨天"}, "valued_on"),
        ({"direction": "sideways"}, "direction"),
        ({"purpose": "bribes"}, "purpose"),
        ({"reference": "R" * 65}, "reference"),
        ({"corrects": "R1"}, "corrects"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_value_is_told_at_its_field(bare: Flask, changed: dict[str, object], field: str) -> None:
    no = account_of(bare, agreement(bare))
    with pytest.raises(Refused) as refused:
        push(bare, [{**row(no, "R1", "1", "1613001"), **changed}])
    assert set(refusal(refused)) == {f"rows.0.{field}"}
    assert kept(bare, no) == 0


def test_full_width_digits_and_spellings_of_the_account_are_understood(bare: Flask) -> None:
    key = agreement(bare)
    no = account_of(bare, key)
    spelt = f"{no[:4]} {no[4:8]}-{no[8:]}"
    assert push(bare, [row(spelt, "F1", WIDE, "1613012.50")]).outcomes == ("taken",)
    assert book(bare, no) == 1
    assert bare_look(bare, key)["balance"] == Decimal("1613012.50")


def bare_look(app: Flask, key: int) -> dict[str, object]:
    return bench.look(app, Escrow, key)


@pytest.mark.parametrize(
    "changed",
    [
        {"bank_id": bench.ORGANISATION["stranger"]},
        {"state": "agreed"},
        {"state": "released"},
        {"state": "superseded"},
    ],
)
def test_an_account_of_another_bank_or_without_a_live_agreement_answers_as_an_unknown_one(
    bare: Flask, changed: dict[str, Any]
) -> None:
    foreign, unknown = account_of(bare, agreement(bare, **changed)), "99990000"
    told = []
    for no in (foreign, unknown):
        with pytest.raises(Refused) as refused:
            push(bare, [row(no, "X1", "1", "1")])
        assert kept(bare, no) == 0
        told.append({field: said.replace(no, "") for field, said in refusal(refused).items()})
    assert told[0] == told[1] and list(told[0]) == ["rows.0.account_no"]


def test_only_a_bank_may_push(bare: Flask) -> None:
    no = account_of(bare, agreement(bare))
    with pytest.raises(Refused):
        push(bare, chain(no, "1.00"), by=EMPLOYER)
    assert kept(bare, no) == 0


@pytest.mark.parametrize("verb", ["UPDATE account_movement SET amount = 1", "DELETE FROM account_movement"])
def test_the_database_refuses_to_change_what_was_told(bare: Flask, verb: str) -> None:
    no = account_of(bare, agreement(bare))
    push(bare, chain(no, "5.00"))
    with bare.app_context(), db.engine.connect() as connection:
        with pytest.raises(Exception, match="append-only"):
            connection.execute(text(verb))
        connection.rollback()
    assert kept(bare, no) == 1
