"""The name of a sign-in account: what it may consist of, and the form in which names are compared."""

import re
import unicodedata

from models.rules.problem import Problem

LONGEST = 64
"""What is read of a name: to bring a text of any length into one form takes time by its length squared."""

_SHAPE = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


def normalise(name: str) -> str:
    """The name at half width, in small letters, without blanks around it: the form that is stored."""
    return unicodedata.normalize("NFKC", name.strip()[:LONGEST]).strip().lower()[:LONGEST]


def too_long(name: str, field: str = "username") -> list[Problem]:
    """What is longer than any name is; whoever asks an account of that name says so and looks nothing up."""
    if len(name.strip()) <= LONGEST:
        return []
    message = "账号不能超过 %(most)s 个字符，现有 %(count)s 个，请核对"
    return [Problem(message, field, {"most": LONGEST, "count": len(name.strip())})]


def check(name: str, field: str = "username") -> list[Problem]:
    """What is wrong with the name of a new account; a 统一社会信用代码 is a good name."""
    if not too_long(name) and _SHAPE.fullmatch(normalise(name)):
        return []
    if not name.strip():
        return [Problem("请输入账号", field)]
    message = "账号“%(name)s”不正确，应为 3 至 32 个字母、数字、点、横线或下划线，以字母或数字开头"
    return [Problem(message, field, {"name": name[:40]})]
