"""What an order, an extension and a tolerance may say, at their edges."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.rules import cases
from models.rules.cases import Cause
from models.rules.policy import POLICIES

POLICY = POLICIES[0]
TODAY = date(2025, 9, 8)


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


@pytest.mark.parametrize(("after", "sound"), [(2, False), (3, True), (30, True), (31, False)])
def test_an_order_is_neither_shorter_nor_longer_than_the_policy_lets_it_be(after: int, sound: bool) -> None:
    found = cases.check_deadline(days(after), TODAY, POLICY)
    assert [each.text for each in found] == ([] if sound else ["改正期限应在2025-09-11至2025-10-08之间，请修改"])


def test_what_was_not_said_is_asked_by_the_form() -> None:
    assert cases.check_deadline(None, TODAY, POLICY) == []
    assert cases.check_extension(None, TODAY, TODAY, TODAY, POLICY) == []


@pytest.mark.parametrize(("to", "text"), [
    (10, "延期后的改正期限应晚于现期限2025-09-18，请修改"),
    (11, ""),
    (40, ""),
    (41, "延期后的改正期限不能晚于2025-10-18（自原定期限2025-09-18起 30 日），请修改"),
])  # fmt: skip
def test_an_order_is_put_off_to_a_later_day_within_the_longest_extension(to: int, text: str) -> None:
    found = cases.check_extension(days(to), days(10), days(10), TODAY, POLICY)
    assert [each.text for each in found] == [text] * bool(text)


def test_extensions_count_together_from_the_day_of_the_order() -> None:
    found = cases.check_extension(days(41), days(35), days(10), TODAY, POLICY)
    assert [each.field for each in found] == ["reply_by"]


def test_an_order_is_not_put_off_to_a_day_that_has_passed() -> None:
    found = cases.check_extension(days(-1), days(-5), days(-5), TODAY, POLICY)
    assert [each.text for each in found] == ["延期后的改正期限不能早于今天（2025-09-08），请修改"]


@pytest.mark.parametrize(("until", "sound"), [(0, False), (1, True), (90, True), (91, False)])
def test_a_tolerance_ends_within_the_policys_longest(until: int, sound: bool) -> None:
    found = cases.check_closing(days(until), "正在办理", 1, TODAY, POLICY)
    assert [each.text for each in found] == ([] if sound else ["容忍截止日应在2025-09-09至2025-12-07之间，请修改"])


def test_while_a_cause_stands_closing_asks_for_reason_and_end() -> None:
    found = cases.check_closing(None, "  ", 2, TODAY, POLICY)
    assert [each.text for each in found] == [
        "仍有 2 项预警未消除，结案即为容忍，请填写容忍理由",
        "仍有 2 项预警未消除，结案即为容忍，请填写容忍截止日",
    ]


def test_where_no_cause_stands_nothing_is_tolerated() -> None:
    assert cases.check_closing(None, "", 0, TODAY, POLICY) == []
    found = cases.check_closing(days(5), "", 0, TODAY, POLICY)
    assert [each.text for each in found] == ["预警均已消除，结案不需要容忍，请清空容忍截止日"]


def test_alerts_of_one_kind_add_up_and_those_of_two_kinds_speak_of_the_same_money() -> None:
    lines = [Cause("A6", Decimal(100)), Cause("A6", Decimal(50)), Cause("A2", Decimal(120)), Cause("A5")]
    assert cases.amount_of(lines) == Decimal(150)
    assert cases.amount_of([Cause("A5")]) is None


def test_a_number_carries_its_day() -> None:
    assert cases.number(date(2025, 9, 1), 31) == "AJ20250901000031"


def test_an_order_names_the_article_and_invents_no_sentence() -> None:
    assert cases.ORDER.text == "《保障农民工工资支付条例》 第五十七条"
