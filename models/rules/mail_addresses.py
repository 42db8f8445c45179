"""Addresses that mail goes to, as far as their shape can tell: ASCII, one at sign, a name of a host with a dot."""

import re

from models.rules.problem import Problem

LONGEST = 254
SHAPE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
LONGEST_NAME = 64


def check(text: str, field: str = "address") -> list[Problem]:
    """What stands against sending anything there."""
    if long := too_long(text, field):
        return long
    if not SHAPE.fullmatch(text) or len(text.split("@")[0]) > LONGEST_NAME:
        return [Problem("电子邮箱格式不正确，应如 name@example.com", field)]
    return []


def too_long(text: str, field: str = "address") -> list[Problem]:
    """What is longer than any address is."""
    if len(text) <= LONGEST:
        return []
    params = {"most": LONGEST, "now": len(text)}
    return [Problem("电子邮箱不能超过 %(most)s 个字符，现有 %(now)s 个，请核对", field, params)]
