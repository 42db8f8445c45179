"""Chinese keyboards type digits, letters and commas at full width: bring them to half width."""

_FULL_TO_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """The text with full-width letters, digits, signs and the full-width blank as their ASCII twins."""
    return text.translate(_FULL_TO_HALF)


def without_blanks(text: str) -> str:
    """The text at half width without any white space."""
    return "".join(half_width(text).split())
