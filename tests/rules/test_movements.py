"""The order of an account's movements, and the places where it breaks."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.movements import Line, check, check_purposes, in_order, misused, normalise_purposes, statement, told

NOON = datetime(2025, 4, 1, 12, 0, tzinfo=UTC)


def line(key: int, amount: int, balance: int, *, minutes: int = 0, corrects: str = "", purpose: str = "wages") -> Line:
    at = NOON + timedelta(minutes=minutes)
    return Line(key, f"R{key}", amount, balance, at, purpose, corrects)


@given(st.lists(st.tuples(st.integers(-5, 5).filter(bool), st.integers(0, 1)), min_size=1, max_size=40), st.randoms())
def test_movements_of_few_instants_are_put_in_an_order_that_follows(
    moves: list[tuple[int, int]], chance: random.Random
) -> None:
    lines, held, minutes = [], 100, 0
    for key, (amount, later) in enumerate(moves):
        held, minutes = held + amount, minutes + later
        lines.append(line(key, amount, held, minutes=minutes))
    chance.shuffle(lines)
    found = statement(lines, opening=100)
    assert found.breaks == () and found.lines[-1].balance == held
    assert sorted(each.id for each in found.lines) == [*range(len(moves))]


def test_movements_of_one_instant_follow_their_balances_without_an_opening() -> None:
    lines = [line(1, 5, 15), line(2, 10, 10), line(3, -15, 0)]
    assert [each.id for each in in_order(lines[1:] + lines[:1], opening=0)] == [2, 1, 3]


def test_a_gap_is_told_with_its_place_and_what_is_missing() -> None:
    found = statement([line(1, 10, 110), line(3, 10, 150, minutes=2)], opening=100)
    [gap] = found.breaks
    assert (gap.line.reference, gap.held, gap.missing, gap.is_wrong_balance) == ("R3", 110, 30, False)
    assert "R3" in told(found)[0].text and "0.30元" in told(found)[0].text
    mended = statement([line(1, 10, 110), line(3, 10, 150, minutes=2), line(2, 30, 140, minutes=1)], opening=100)
    assert mended.breaks == () and told(mended) == []


def test_a_wrong_balance_between_two_that_follow_is_told_as_such() -> None:
    lines = [line(1, 10, 110), line(2, 10, 999, minutes=1), line(3, 10, 130, minutes=2)]
    [wrong] = statement(lines, opening=100).breaks
    assert wrong.is_wrong_balance and wrong.line.reference == "R2"
    assert "9.99元" in told(statement(lines, opening=100))[0].text
    assert "1.20元" in told(statement(lines, opening=100))[0].text


def test_the_first_movement_has_to_begin_with_what_lay_there() -> None:
    assert [each.missing for each in statement([line(1, 10, 110)], opening=90).breaks] == [10]
    assert statement([line(1, 10, 110)]).breaks == ()


def test_a_correction_takes_the_place_of_what_it_names() -> None:
    lines = [line(1, 10, 110), line(2, 99, 120, minutes=1), line(3, 10, 120, minutes=1, corrects="R2")]
    found = statement(lines, opening=100)
    assert found.breaks == () and [each.id for each in found.lines] == [1, 3]
    assert (found.paid_in, found.paid_out) == (20, 0)
    assert "R2" in told(statement([lines[0], lines[2]], opening=100))[0].text


def test_of_two_corrections_of_one_the_last_that_was_taken_stands_and_it_is_said() -> None:
    wrong = line(1, 600, 700)
    first, second = line(2, 60, 160, corrects="R1"), line(3, 6, 106, corrects="R1")
    found = statement([second, wrong, first], opening=100)
    assert [each.reference for each in found.lines] == ["R3"] and found.breaks == ()
    assert [each.text for each in told(found)] == ["流水R1有多笔更正，按最后上传的一笔计入，请核对"]
    mended = statement([wrong, first, second, line(4, 66, 166, corrects="R2")], opening=100)
    assert [each.reference for each in mended.lines] == ["R3"]


def test_movements_that_correct_each_other_are_said_to_count_nowhere() -> None:
    found = statement([line(1, 10, 110, corrects="R2"), line(2, 10, 110, corrects="R1"), line(3, 1, 101)], opening=100)
    assert [each.reference for each in found.lines] == ["R3"]
    assert [each.text.partition("更正")[0] for each in told(found)] == ["流水R1与其他流水互相", "流水R2与其他流水互相"]


def test_a_correction_of_a_correction_takes_the_place_of_both() -> None:
    lines = [line(1, 10, 110), line(2, 20, 120, corrects="R1"), line(3, 30, 130, corrects="R2")]
    assert [each.reference for each in statement(lines).lines] == ["R3"]
    assert told(statement(lines)) == []


def test_what_was_booked_before_a_moment_can_be_left_out() -> None:
    lines = [line(1, 10, 110), line(2, 10, 120, minutes=5), line(3, 5, 125, minutes=6, corrects="R1")]
    found = statement(lines, since=NOON + timedelta(minutes=1))
    assert [each.reference for each in found.lines] == ["R2", "R3"]
    assert found.breaks == () and found.unknown == ()


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOON + timedelta(minutes=5), None),
        (NOON + timedelta(minutes=5, seconds=1), "入账时间2025-04-01 12:05:01晚于现在，请核对"),
        (datetime(2000, 1, 1, tzinfo=UTC), None),
        (datetime(1, 1, 2, tzinfo=UTC), "入账时间0001-01-02早于 2000 年，请核对"),
    ],
)
def test_a_movement_is_booked_in_our_time_and_not_later_than_now(at: datetime, said: str | None) -> None:
    found = check(amount=1, booked_at=at, now=NOON, reference="R1", corrects="")
    assert [each.text for each in found] == ([said] if said else [])


def test_of_many_breaks_ten_are_told_and_the_rest_are_counted() -> None:
    lines = [line(key, 1, key * 100, minutes=key) for key in range(1, 22)]
    said = told(statement(lines))
    assert len(said) == 11 and "10处" in said[-1].text


def test_only_what_is_paid_out_has_to_be_for_what_the_agreement_allows() -> None:
    lines = [
        line(1, 10, 10, purpose="transfer"),
        line(2, -4, 6, purpose="transfer"),
        line(3, -1, 5, purpose="reversal"),
    ]
    [found] = misused(lines, ("wages",))
    assert "R2" in found.text and "划转" in found.text and not found.blocking
    assert misused(lines, ("wages", "transfer")) == []


@pytest.mark.parametrize("typed", ["农民工工资、手续费", "农民工工资, 手续费", "农民工工资;手续费、农民工工资"])
def test_purposes_are_named_by_their_words(typed: str) -> None:
    assert normalise_purposes(typed) == "农民工工资、手续费" and check_purposes(normalise_purposes(typed)) == []


def test_an_unknown_purpose_is_named() -> None:
    [found] = check_purposes("农民工工资、请客")
    assert "请客" in found.text and found.field == "purposes"
