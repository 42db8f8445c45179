"""联行号 (CNAPS): 12 digits, the last one ISO 7064 MOD 11,10; a soft check, since banks change numbers."""

import re

from stdnum.iso7064 import mod_11_10

from models.rules.half_width import without_blanks
from models.rules.problem import Problem

LENGTH = 12


def normalise(code: str) -> str:
    """The number at half width without blanks and hyphens: the form that is stored."""
    return without_blanks(code).replace("-", "")


def is_valid(code: str) -> bool:
    """Whether the number has twelve digits and the last one is the check digit of the others."""
    return re.fullmatch(r"[0-9]{12}", code) is not None and mod_11_10.is_valid(code)


def check(code: str, field: str = "cnaps") -> list[Problem]:
    """Warnings, which do not block, about a number that does not look like a CNAPS number."""
    if is_valid(code):
        return []
    if re.fullmatch(r"[0-9]{12}", code):
        message = "联行号%(code)s的校验位不正确，请与开户银行核对"
        return [Problem(message, field, {"code": code}, blocking=False)]
    message = "联行号应为%(length)s位数字，现为“%(code)s”（%(count)s位），请与开户银行核对"
    params = {"length": LENGTH, "code": code[:40], "count": len(code)}
    return [Problem(message, field, params, blocking=False)]


def with_check_digit(first11: str) -> str:
    """The valid number that begins with these eleven digits."""
    if not re.fullmatch(r"[0-9]{11}", first11):
        raise ValueError(f"“{first11}”不是联行号的前11位")
    return first11 + mod_11_10.calc_check_digit(first11)
