"""联行号."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.cnaps import check, is_valid, normalise, with_check_digit
from tests.rules.wide import wide

HEAD_OFFICES = [
    "102100099996",
    "103100000026",
    "104100000004",
    "105100000017",
    "301290000007",
    "308584000013",
]


@pytest.mark.parametrize("code", HEAD_OFFICES)
def test_the_numbers_of_real_head_offices_pass(code):
    assert is_valid(code)
    assert check(code) == []
    assert with_check_digit(code[:-1]) == code


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("102100099997", "联行号102100099997的校验位不正确"),
        ("10210009999", "应为12位数字，现为“10210009999”（11位）"),
        ("1021000999960", "（13位）"),
        ("10210009999X", "应为12位数字"),
        (wide("102100099996"), "应为12位数字"),
        ("", "（0位）"),
    ],
)
def test_a_doubtful_number_warns_and_does_not_block(code, says):
    [problem] = check(code, "bank_code")
    assert says in problem.text
    assert (problem.field, problem.blocking) == ("bank_code", False)


def test_typed_numbers_are_brought_to_the_stored_form():
    assert normalise(wide(" 1021") + " 0009 9996") == "102100099996"


elevens = st.text("0123456789", min_size=11, max_size=11)


@given(elevens, st.integers(min_value=0, max_value=11), st.sampled_from("0123456789"))
def test_any_single_wrong_digit_is_noticed(first11, place, digit):
    code = with_check_digit(first11)
    damaged = code[:place] + digit + code[place + 1 :]
    assert is_valid(damaged) is (damaged == code)


@pytest.mark.parametrize("first11", ["", "102100099996", "1021000999X"])
def test_a_number_is_made_only_from_eleven_digits(first11):
    with pytest.raises(ValueError, match="前11位"):
        with_check_digit(first11)
