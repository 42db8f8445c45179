"""Telephone numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.phones import check, is_landline, is_mobile, mask, normalise
from tests.rules.wide import wide


@pytest.mark.parametrize("phone", ["13000000000", "19022221112", "15199990002", "17012345678"])
def test_mobile_numbers_pass(phone):
    assert is_mobile(phone) and not is_landline(phone)
    assert check(phone) == []


@pytest.mark.parametrize("phone", ["0898-65362863", "089865362863", "0898-6536286", "010-65362863", "02165362863"])
def test_landlines_with_their_area_code_pass(phone):
    assert is_landline(phone) and not is_mobile(phone)
    assert check(phone) == []


@pytest.mark.parametrize(
    "phone",
    [
        "1901112222",
        "190111222233",
        "12345678901",
        "65362863",
        "0898-653628",
        "0898-653628631",
        "0000-65362863",
        "0898-05362863",
        "0898-15362863",
        "1380013800" + wide("0"),
        "13800138000\n",
        "13800138000,13900139000",
        "无",
    ],
)
def test_other_numbers_are_refused_with_examples(phone):
    [problem] = check(phone, "claimant_phone")
    assert (problem.field, problem.blocking) == ("claimant_phone", True)
    assert "13800138000、0898-65362863" in problem.text


def test_the_refusal_counts_the_digits_of_the_number_in_the_manual():
    assert "“1901112222”不正确（共10位数字）" in check("1901112222")[0].text
    assert check(" ")[0].text == "请填写联系电话"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 0013 8000", "13800138000"),
        (wide("13800138000"), "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("（0898）65362863", "0898-65362863"),
        ("(0898)-65362863", "0898-65362863"),
        ("0898—65362863", "0898-65362863"),
        ("089865362863", "0898-65362863"),
        ("01065362863", "010-65362863"),
        ("1901112222", "1901112222"),
    ],
)
def test_numbers_are_stored_in_one_form(typed, stored):
    assert normalise(typed) == stored
    assert normalise(stored) == stored


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("19012342221", "190****2221"),
        ("0898-65362863", "0898-******63"),
        ("08986536286", "0898-*****86"),
        ("010-65362863", "010-******63"),
        ("1901112222", "********22"),
        ("95588", "*****"),
        ("653628", "****28"),
        ("", ""),
    ],
)
def test_a_masked_number_keeps_only_its_outer_signs(phone, shown):
    assert mask(phone) == shown


@given(st.text(alphabet="0123456789-+ ", max_size=20))
def test_a_mask_hides_at_least_four_signs_of_any_number_or_all_of_a_short_one(phone):
    assert mask(phone).count("*") >= min(4, len(phone))
