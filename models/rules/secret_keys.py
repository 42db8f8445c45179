"""How hard a secret key is to guess, as far as its text shows: what a person typed is not what chance gave."""

from itertools import pairwise
from math import log2

SHORTEST = 32
LEAST_BITS = 50
"""A key of 32 hexadecimal digits by chance measures 98 bits on average, and less than this once in millions."""

_LINES = (
    "1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
    "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
)  # fmt: skip
_NEIGHBOURS = {pair for line in _LINES for each in (line, line[::-1]) for pair in pairwise(each)}
_REPEAT = 3


def strength(key: str) -> float:
    """Bits: for each sign that nothing before it foretells, the logarithm of how many signs the key is made of.

    Foretold is a sign that goes on with an even step (aaaa, abcd, 8642), lies beside the one before on the keyboard,
    or ends three signs that stood in the key before. Words of a language are not known here.
    """
    typed = key.lower()
    free = sum(not _foretold(typed, place) for place in range(len(typed)))
    return free * log2(len(set(typed)) or 1)


def is_weak(key: str) -> bool:
    """Whether the key is too short or too easy to guess."""
    return len(key) < SHORTEST or strength(key) < LEAST_BITS


def _foretold(typed: str, place: int) -> bool:
    if place == 0:
        return False
    before, sign = typed[place - 1], typed[place]
    step = ord(sign) - ord(before)
    if abs(step) <= 1 or (before, sign) in _NEIGHBOURS:
        return True
    if place > 1 and step == ord(before) - ord(typed[place - 2]):
        return True
    return place >= _REPEAT and typed[place - _REPEAT + 1 : place + 1] in typed[:place]
