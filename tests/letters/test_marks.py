"""The marks on a letter can be read, typed and scanned."""

import re
import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from app.letters.marks import ALPHABET, grouped, normalise_code, qr_svg, verification_code

CODES = st.text(st.sampled_from(ALPHABET), min_size=12, max_size=12)


def test_a_code_has_twelve_characters_that_cannot_be_taken_for_others() -> None:
    codes = {verification_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch(f"[{ALPHABET}]{{12}}", code) for code in codes)
    assert not set(ALPHABET) & set("0O1IL2Z5S") and len(set(ALPHABET)) == len(ALPHABET) == 27


@given(CODES, st.sampled_from(["-", " ", "－", "—", ""]))
def test_a_code_is_recognised_however_it_is_typed(code: str, separator: str) -> None:
    typed = grouped(code).replace("-", separator).lower()
    wide = "".join(chr(ord(each) + 0xFEE0) if each.isalnum() else each for each in typed)
    assert normalise_code(typed) == normalise_code(f" {wide}\n") == code


def test_a_code_is_shown_in_groups_of_four() -> None:
    assert grouped("ABCD34679XYW") == "ABCD-3467-9XYW"
    assert grouped("") == ""


def test_the_qr_code_is_one_self_contained_drawing_that_scales() -> None:
    drawn = ElementTree.fromstring(qr_svg("https://danbao.example.cn/verify/1?code=A&x=<y>"))
    assert drawn.tag.endswith("svg") and "viewBox" in drawn.attrib and "width" not in drawn.attrib
    assert "<y>" not in qr_svg("https://danbao.example.cn/verify/1?code=A&x=<y>")


def test_two_addresses_give_two_codes_and_one_gives_the_same() -> None:
    assert qr_svg("https://a.cn/1") == qr_svg("https://a.cn/1") != qr_svg("https://a.cn/2")
