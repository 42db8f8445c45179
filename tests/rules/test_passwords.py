"""The password policy, the same for every path."""

from datetime import date

import pytest

from models.rules.passwords import PROFILES, check, is_stale

DEMO_PASSWORD = "Guarantee#2024"
DEMO_NAMES = [
    "employer",
    "contractor",
    "guarantor",
    "guarantor-issuer",
    "guarantor-reviewer",
    "insurer",
    "bank",
    "regulator",
    "regulator-haikou",
    "admin",
    "security",
    "audit",
]


def _texts(password: str, *, name: str = "zhang", profile: str = "mlps3") -> list[str]:
    problems = check(password, name, profile=profile)
    assert all(problem.field == "password" and problem.blocking for problem in problems)
    return [problem.text for problem in problems]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", DEMO_NAMES)
def test_the_demo_password_passes_for_every_demo_account(name, profile):
    assert _texts(DEMO_PASSWORD, name=name, profile=profile) == []


@pytest.mark.parametrize(
    ("password", "profile", "says"),
    [
        ("Aa1#aaaa9", "mlps3", "密码长度应不少于10个字符，现为9个"),
        ("Aa1#aaaa99z", "asvs", "密码长度应不少于12个字符，现为11个"),
        ("Aa1#" + "x" * 125, "mlps3", "密码长度应不超过128个字符，现为129个"),
        ("", "asvs", "密码长度应不少于12个字符，现为0个"),
        ("abcdefghij1", "mlps3", "密码应至少包含大写字母、小写字母、数字、符号中的3类，现为2类"),
    ],
)
def test_what_is_wrong_is_said_with_its_number(password, profile, says):
    assert _texts(password, profile=profile) == [says]


@pytest.mark.parametrize(
    "password", ["Aa1#aaaa99", "Aa1#" + "x" * 124, "lowercase#1x", "UPPERCASE#1X", "大写字母Abcd1234"]
)
def test_passwords_on_the_limits_pass(password):
    assert _texts(password) == []


def test_a_password_that_is_too_long_is_told_so_and_nothing_else_of_it():
    assert _texts("zhangsan" * 17, name="zhangsan") == ["密码长度应不超过128个字符，现为136个"]


def test_asvs_asks_for_length_and_no_composition():
    assert _texts("correct horse battery staple", profile="asvs") == []
    assert len(_texts("correcthorsebatterystaple")) == 1


@pytest.mark.parametrize("password", ["Guarantor#2024", "2024#GUARANTORx", "xxguarantorXX1"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_password_with_the_whole_user_name_in_it_is_refused_in_any_case(password, profile):
    assert "密码不能包含用户名“guarantor”，请更换" in _texts(password, name="guarantor", profile=profile)


def test_very_short_user_names_are_not_looked_for():
    assert _texts("Gu#2024abcd", name="gu") == []
    assert len(_texts("Gua#2024abcd", name="gua")) == 1


@pytest.mark.parametrize("password", ["1QAZ2wsx3edc", "P@ssw0rd1234", "Admin@12345"])
def test_common_passwords_are_refused_in_any_case(password):
    assert "该密码过于常见，容易被猜中，请更换" in _texts(password)


def test_all_problems_are_shown_at_once():
    assert len(_texts("zhang", name="zhang")) == 3


def test_an_unknown_profile_is_an_error_and_not_a_pass():
    with pytest.raises(KeyError):
        check(DEMO_PASSWORD, "employer", profile="none")


def test_a_password_is_stale_only_after_the_days_of_its_profile():
    assert not is_stale(date(2024, 7, 1), date(2024, 9, 29))
    assert is_stale(date(2024, 7, 1), date(2024, 9, 30))
    assert not is_stale(date(2004, 7, 1), date(2024, 9, 30), profile="asvs")
