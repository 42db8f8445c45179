"""统一社会信用代码 (GB 32100-2015): 18 signs of 0-9 and A-Z without I, O, S, V, Z; check digit MOD 31-3."""

import re

from stdnum.cn import uscc as standard

from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.words import Listed

LENGTH = 18
_LOOK_ALIKES = str.maketrans("SOIZV", "5012Y")
_SIGN = re.compile(r"[0-9A-HJ-NPQRTUWXY]")
_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


def normalise(code: str) -> str:
    """The code at half width, in capitals, without blanks and hyphens: the form that is stored."""
    return without_blanks(code).replace("-", "").upper()


def is_valid(code: str) -> bool:
    """Whether the code, exactly as it stands, has the shape and the check digit of GB 32100-2015.

    Signs 3 to 8 are the region and must be digits; the first two may be letters (e.g. N2 for co-operatives).
    """
    return _SHAPE.fullmatch(code) is not None and code[-1] == standard.calc_check_digit(code[:-1])


def suggestion(code: str) -> str | None:
    """The valid code that was probably meant: blanks, case and S/5, O/0, I/1, Z/2, V/Y put right, else None.

    The letters S, O, I, Z, V do not occur in the standard, so each can only stand for its look-alike and
    there is never more than one candidate.
    """
    candidate = normalise(code).translate(_LOOK_ALIKES)
    return candidate if candidate != code and is_valid(candidate) else None


def check(code: str, field: str = "uscc") -> list[Problem]:
    """What is wrong with the code as it stands, with the code that was probably meant."""
    if is_valid(code):
        return []
    meant = suggestion(code)
    if meant is not None:
        return [Problem("统一社会信用代码不正确，请核对；是否为 %(meant)s？", field, {"meant": meant})]
    typed = normalise(code)
    if not typed:
        return [Problem("请填写统一社会信用代码", field)]
    if len(typed) != LENGTH:
        message = "统一社会信用代码应为%(length)s位，现为%(count)s位，请核对"
        return [Problem(message, field, {"length": LENGTH, "count": len(typed)})]
    strange = [sign for sign in dict.fromkeys(typed) if not _SIGN.fullmatch(sign)]
    if strange:
        message = "统一社会信用代码中不应有“%(signs)s”（只用数字和除 I、O、S、V、Z 以外的大写字母），请核对"
        return [Problem(message, field, {"signs": Listed(tuple(strange))})]
    if not _SHAPE.fullmatch(typed):
        message = "统一社会信用代码第3至8位应为6位行政区划数字，现为“%(region)s”，请核对"
        return [Problem(message, field, {"region": typed[2:8]})]
    message = "统一社会信用代码校验位不正确：末位“%(last)s”与前17位不符，请对照营业执照核对"
    return [Problem(message, field, {"last": typed[-1]})]


def with_check_digit(first17: str) -> str:
    """The valid code that begins with these 17 signs; signs outside the standard raise ValueError."""
    code = first17 + "0"
    if not _SHAPE.fullmatch(code):
        raise ValueError(f"“{first17}”不是统一社会信用代码的前17位")
    return first17 + standard.calc_check_digit(first17)
