"""Telephone numbers: mobile numbers and landlines with their area code (domain.md section 6)."""

import re

from models.rules.half_width import without_blanks
from models.rules.problem import Problem

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?P<area>010|02[0-9]|0[3-9][0-9]{2})-?(?P<local>[2-9][0-9]{6,7})")
_DASHES = str.maketrans({"—": "-", "–": "-", "－": "-", "\u2010": "-", "(": None, ")": "-"})


def normalise(phone: str) -> str:
    """The number as it is stored: no blanks, +86 or brackets, half width; a landline as 0898-65362863."""
    number = re.sub(r"^(\+|00)86-?", "", without_blanks(phone).translate(_DASHES))
    if _MOBILE.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    landline = _LANDLINE.fullmatch(re.sub("-+", "-", number))
    return f"{landline['area']}-{landline['local']}" if landline else number


def is_mobile(phone: str) -> bool:
    """Whether the number is a mobile number: 1, a digit from 3 to 9, nine digits."""
    return _MOBILE.fullmatch(phone) is not None


def is_landline(phone: str) -> bool:
    """Whether the number is an area code and seven or eight digits, with or without a hyphen."""
    return _LANDLINE.fullmatch(phone) is not None


def check(phone: str, field: str = "phone") -> list[Problem]:
    """What is wrong with a 联系电话, which may be a mobile number or a landline."""
    if is_mobile(phone) or is_landline(phone):
        return []
    if not phone.strip():
        return [Problem("请填写联系电话", field)]
    digits = sum(sign in "0123456789" for sign in phone)
    message = (
        "联系电话“%(phone)s”不正确（共%(count)s位数字），请填写11位手机号或带区号的座机号，"
        "例如 13800138000、0898-65362863"
    )
    return [Problem(message, field, {"phone": phone[:40], "count": digits})]


def mask(phone: str) -> str:
    """The number for a viewer without business with it: 190****2221, 0898-******63."""
    if is_mobile(phone):
        return f"{phone[:3]}****{phone[-4:]}"
    landline = _LANDLINE.fullmatch(phone)
    if landline:
        local = landline["local"]
        return f"{landline['area']}-{'*' * (len(local) - 2)}{local[-2:]}"
    kept = phone[-2:] if len(phone) >= 6 else ""
    return "*" * (len(phone) - len(kept)) + kept
