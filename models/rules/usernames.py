"""The name of a sign-in account: what it may consist of, and the form in which names are compared."""

import re
import unicodedata

from models.rules.problem import Problem

_SHAPE = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")


def normalise(name: str) -> str:
    """The name at half width, in small letters, without blanks around it: the form that is stored."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def check(name: str, field: str = "username") -> list[Problem]:
    """What is wrong with the name of a new account; a 统一社会信用代码 is a good name."""
    if _SHAPE.fullmatch(normalise(name)):
        return []
    if not name.strip():
        return [Problem("请输入账号", field)]
    message = "账号“%(name)s”不正确，应为 3 至 32 个字母、数字、点、横线或下划线，以字母或数字开头"
    return [Problem(message, field, {"name": name[:40]})]
