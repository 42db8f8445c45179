"""One password policy for every path: sign-up, reset, change, import, command line.

Profile `mlps3`: 等保2.0 三级, GB/T 22239-2019 8.1.4.1 身份鉴别 a) (complexity, regular change).
Profile `asvs`: OWASP ASVS 5.0 6.2 (length and a list of common passwords, no composition, no expiry).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from models.rules.problem import Problem


@dataclass(frozen=True)
class Profile:
    """What a password has to be: its length in characters, kinds of characters, and its age in days."""

    least_length: int
    most_length: int
    least_kinds: int
    max_age_days: int | None


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "mlps3": Profile(least_length=10, most_length=128, least_kinds=3, max_age_days=90),
        "asvs": Profile(least_length=12, most_length=128, least_kinds=0, max_age_days=None),
    }
)
LONGEST = 256
"""How long a password may be that somebody types, old or new, to be looked at; a new one has less room."""

_SHORTEST_NAME = 3


def check(password: str, username: str, *, profile: str = "mlps3") -> list[Problem]:
    """Everything that is wrong with a new password for this account under the profile; one too long is not read."""
    rules = PROFILES[profile]
    problems = _check_length(password, rules)
    if len(password) > rules.most_length:
        return problems
    kinds = _kinds(password)
    if kinds < rules.least_kinds:
        message = "密码应至少包含大写字母、小写字母、数字、符号中的%(least)s类，现为%(count)s类"
        problems.append(Problem(message, "password", {"least": rules.least_kinds, "count": kinds}))
    if len(username) >= _SHORTEST_NAME and username.casefold() in password.casefold():
        problems.append(Problem("密码不能包含用户名“%(name)s”，请更换", "password", {"name": username}))
    if password.casefold() in _common():
        problems.append(Problem("该密码过于常见，容易被猜中，请更换", "password"))
    return problems


def too_long(password: str, field: str = "password") -> list[Problem]:
    """What is longer than any password is, an old one or a new one."""
    if len(password) <= LONGEST:
        return []
    message = "密码不能超过 %(most)s 个字符，现有 %(count)s 个，请核对"
    return [Problem(message, field, {"most": LONGEST, "count": len(password)})]


def is_stale(changed_on: date, today: date, *, profile: str = "mlps3") -> bool:
    """Whether a password changed on that day is older than the profile allows."""
    most = PROFILES[profile].max_age_days
    return most is not None and today > changed_on + timedelta(days=most)


def _check_length(password: str, rules: Profile) -> list[Problem]:
    count = len(password)
    if count < rules.least_length:
        message = "密码长度应不少于%(least)s个字符，现为%(count)s个"
        return [Problem(message, "password", {"least": rules.least_length, "count": count})]
    if count > rules.most_length:
        message = "密码长度应不超过%(most)s个字符，现为%(count)s个"
        return [Problem(message, "password", {"most": rules.most_length, "count": count})]
    return []


def _kinds(password: str) -> int:
    """How many of capital letters, small letters, digits and everything else occur."""
    tests = (str.isupper, str.islower, str.isdigit)
    found = sum(any(test(sign) for sign in password) for test in tests)
    return found + any(not any(test(sign) for test in tests) for sign in password)


@cache
def _common() -> frozenset[str]:
    """The common passwords, in small letters (ASVS 5.0 6.2.4)."""
    path = Path(__file__).with_name("common_passwords.txt")
    return frozenset(path.read_text(encoding="utf-8").split())
