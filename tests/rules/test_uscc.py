"""统一社会信用代码."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as standard

from models.rules.uscc import check, is_valid, normalise, suggestion, with_check_digit
from tests.rules.wide import wide

MANUAL_VALID = ["91110108765016311A", "91321012608797601X", "91460000MA5TM8HD9J"]
MANUAL_INVALID = [
    "91110108765016311A-ins",
    "91460000730055113E",
    "91460300713000518M",
    "91460000MASTPGXG3G",
    "9131011513230855XX",
]
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
codes = st.builds(
    lambda kind, region, rest: with_check_digit(kind + region + rest),
    st.text(SIGNS, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(SIGNS, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", MANUAL_VALID)
def test_the_valid_codes_of_the_manual_pass(code):
    assert is_valid(code)
    assert check(code) == []
    assert suggestion(code) is None


@pytest.mark.parametrize("code", MANUAL_INVALID)
def test_the_damaged_codes_of_the_manual_are_refused(code):
    assert not is_valid(code)
    [problem] = check(code)
    assert (problem.field, problem.blocking) == ("uscc", True)


def test_a_code_with_a_swapped_letter_is_refused_with_a_suggestion():
    [problem] = check("91460000MASTPGXG3G", "employer_uscc")
    assert problem.text == "统一社会信用代码不正确，请核对；是否为 91460000MA5TPGXG3G？"
    assert problem.field == "employer_uscc"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9IIIOIO876S0I63IIA", "91110108765016311A"),
        ("9132I0I2608797601X", "91321012608797601X"),
        ("913Z1012608797601X", "91321012608797601X"),
        ("91460000ma5tm8hd9j", "91460000MA5TM8HD9J"),
        ("91460000 MA5TM8HD9J ", "91460000MA5TM8HD9J"),
        (wide("91460000MA5TM8HD9J"), "91460000MA5TM8HD9J"),
        ("91460000-MA5TM8HD9-J", "91460000MA5TM8HD9J"),
    ],
)
def test_slips_of_the_keyboard_are_put_right_in_the_suggestion(typed, meant):
    assert not is_valid(typed)
    assert suggestion(typed) == meant


def test_v_stands_for_y():
    code = with_check_digit("91460000MAYYTM8HD")
    assert suggestion(code.replace("Y", "V", 1)) == code


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "请填写统一社会信用代码"),
        (" \u3000", "请填写统一社会信用代码"),
        ("9111010876501631", "应为18位，现为16位"),
        ("91110108765016311A-ins", "应为18位，现为21位"),
        ("91110108765016311!", "不应有“!”"),
        ("9111010876501631李A", "不应有“李”"),
        ("91A10108765016311A", "第3至8位应为6位行政区划数字，现为“A10108”"),
        ("91460000730055113E", "末位“E”与前17位不符"),
    ],
)
def test_the_sentence_says_what_is_wrong(code, says):
    [problem] = check(code)
    assert says in problem.text


@given(codes)
def test_a_made_code_is_valid_and_agrees_with_the_standard_library_where_that_knows_the_kind(code):
    assert is_valid(code)
    assert standard.is_valid(code) is code[:2].isdigit()


@given(codes, st.integers(min_value=0, max_value=17), st.sampled_from(SIGNS))
def test_any_single_wrong_sign_is_noticed(code, place, sign):
    damaged = code[:place] + sign + code[place + 1 :]
    assert is_valid(damaged) is (damaged == code)


@given(codes, st.data())
def test_letters_typed_for_their_look_alike_digits_always_lead_back(code, data):
    swaps = {"5": "S", "0": "O", "1": "I", "2": "Z", "Y": "V"}
    places = [place for place, sign in enumerate(code) if sign in swaps]
    chosen = data.draw(st.sets(st.sampled_from(places))) if places else set()
    typed = "".join(swaps[sign] if place in chosen else sign for place, sign in enumerate(code))
    assert suggestion(typed) == (code if chosen else None)


@given(st.text(max_size=25))
def test_any_text_is_either_valid_or_refused_with_one_sentence(text):
    assert len(check(text)) == (0 if is_valid(text) else 1)
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("first17", ["", "9146000", "91460000MA5TM8HDO", "91460000MA5TM8HD9J", "91A60000MA5TM8HD9"])
def test_a_code_is_made_only_from_seventeen_proper_signs(first17):
    with pytest.raises(ValueError, match="前17位"):
        with_check_digit(first17)
