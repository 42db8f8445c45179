"""公开查验: the number and the whole code, or nothing."""

import pytest
from flask import Flask

from app.letters.verification import look_up
from models.grammar.viewer import SYSTEM
from tests.bare import DAY, letter, put, work

NUMBER, CODE = "10250312000001", "ABCD34679XYW"
OTHERS = "10250312000002"


@pytest.fixture(scope="module")
def issued(bare: Flask) -> Flask:
    """Two letters with a code each, and one that has none."""
    days = {"starts_on": DAY, "ends_on": DAY}
    put(bare, letter("issued", letter_no=NUMBER, verification_code=CODE, **days))
    put(bare, letter("issued", letter_no=OTHERS, verification_code="ABCD34679XYY", **days))
    put(bare, letter("issued", letter_no="10250312000003", **days))
    return bare


def finds(app: Flask, number: str, code: str) -> bool:
    with work(app, SYSTEM):
        return look_up(number, code, DAY) is not None


def test_the_whole_code_opens_its_letter_however_it_is_typed(issued: Flask) -> None:
    assert [finds(issued, NUMBER, code) for code in (CODE, "abcd-3467-9xyw", "ABCD 3467 9XYW")] == [True] * 3


@pytest.mark.parametrize("place", range(len(CODE)))
def test_a_code_with_one_wrong_sign_opens_nothing(issued: Flask, place: int) -> None:
    assert not finds(issued, NUMBER, f"{CODE[:place]}8{CODE[place + 1 :]}")


def test_a_part_of_a_code_or_more_than_it_opens_nothing(issued: Flask) -> None:
    assert not any(finds(issued, NUMBER, CODE[:length]) for length in range(len(CODE)))
    assert not finds(issued, NUMBER, f"{CODE}A")


def test_the_code_of_another_letter_opens_nothing(issued: Flask) -> None:
    assert not finds(issued, OTHERS, CODE)
    assert finds(issued, OTHERS, "ABCD34679XYY")


def test_a_letter_without_a_code_is_not_opened_by_none(issued: Flask) -> None:
    assert not any(finds(issued, "10250312000003", code) for code in ("", "-", CODE))
