"""开户号: letters and digits in one spelling, so that one account is found again however its number was typed."""

import re
import unicodedata

from models.rules.half_width import without_blanks
from models.rules.problem import Problem

_DASHES = re.compile("[-_\u00ad\u2010-\u2015\u2212\u2500\u30fc]")
_NUMBER = re.compile(r"[0-9A-Z]+")


def normalise(number: str) -> str:
    """The number at half width, in capitals, without blanks, dashes and signs that nobody sees."""
    seen = "".join(sign for sign in number if unicodedata.category(sign) != "Cf")
    return _DASHES.sub("", without_blanks(seen)).upper()


def check(number: str, field: str = "account_no") -> list[Problem]:
    """What is wrong with a number in its stored form: whatever is neither letter nor digit."""
    if _NUMBER.fullmatch(number):
        return []
    return [Problem("开户号“%(no)s”只能包含数字和字母，请按开户证明核对后修改", field, {"no": number[:40]})]
