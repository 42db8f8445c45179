"""Full-width signs become their ASCII twins."""

from models.rules.half_width import half_width, without_blanks
from tests.rules.wide import wide


def test_every_full_width_sign_becomes_its_ascii_twin():
    ascii_signs = "".join(chr(code) for code in range(0x21, 0x7F))
    assert half_width(wide(ascii_signs)) == ascii_signs
    assert half_width("\u3000") == " "
    assert half_width("合同123、。") == "合同123、。"


def test_blanks_of_every_kind_are_dropped():
    assert without_blanks(f" {wide('1')} 2\t3\u3000\u00a04\n") == "1234"
