"""The money and the days of a contract, and how far two versions of them lie apart."""

from datetime import date
from decimal import Decimal

import pytest

from models.rules.terms import check, check_days, difference

DAY = date(2026, 5, 31)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"price": Decimal("0.01")}, {}),
        ({"price": Decimal(0)}, {"price": "工程项目合同金额应大于 0 万元，请修改"}),
        ({"settlement_price": Decimal(-1)}, {"settlement_price": "结算价款应大于 0 万元，请修改"}),
        ({"retention_share": Decimal(3)}, {}),
        ({"retention_share": Decimal("100.01")}, {"retention_share": "质量保证金比例应在 0 到 100 之间，请修改"}),
        ({"retention_share": Decimal("-0.01")}, {"retention_share": "质量保证金比例应在 0 到 100 之间，请修改"}),
    ],
)
def test_amounts_and_shares_that_cannot_be_are_named(given, says):
    found = check(**{"price": Decimal(1), **given})
    assert {problem.field: problem.text for problem in found if problem.blocking} == says


def test_more_retention_than_the_law_allows_is_only_warned_of():
    [problem] = check(price=Decimal(1), retention_share=Decimal("3.01"))
    assert problem.text == "质量保证金比例高于3%，不符合《建设工程质量保证金管理办法》第七条，请核对"
    assert not problem.blocking


@pytest.mark.parametrize(("finish_on", "sound"), [(date(2026, 6, 1), True), (DAY, False), (None, True)])
def test_the_end_comes_after_the_start(finish_on, sound):
    assert (check_days(DAY, finish_on) == []) is sound


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (Decimal(161_300_000), Decimal(168_800_000), "+750.00 万元"),
        (Decimal(100), Decimal("0.01"), "-99.99 元"),
        (Decimal(200), Decimal(100), "-0.01 万元"),
        (DAY, date(2026, 8, 31), "+92 天"),
        (DAY, date(2026, 5, 30), "-1 天"),
    ],
)
def test_a_difference_is_said_in_the_unit_of_its_size(before, after, text):
    found = difference(before, after)
    assert found is not None and found.message % found.params == text


@pytest.mark.parametrize(("before", "after"), [(True, False), (None, DAY), (Decimal(1), None)])
def test_where_there_is_nothing_to_reckon_nothing_is_said(before, after):
    assert difference(before, after) is None
