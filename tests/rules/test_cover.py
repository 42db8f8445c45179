"""The cover of a contract: the sum of its parts beside the minimum, and what would close the gap."""

from decimal import Decimal

import pytest

from models.rules.cover import Cover, Part, cover_of, ways_to_close
from models.rules.money import part_of
from models.rules.policy import POLICIES

POLICY = POLICIES[0]
PRICE = Decimal("16130000")


def _cover(*amounts: str, price: Decimal = PRICE, agreed: bool = False) -> Cover:
    parts = tuple(Part("保函", "letters", i, "", Decimal(each)) for i, each in enumerate(amounts))
    return cover_of(price, parts, policy=POLICY, agreed=agreed)


def _says(cover: Cover) -> list[str]:
    return [problem.text for problem in ways_to_close(cover)]


@pytest.mark.parametrize(
    ("amounts", "degree", "gap"),
    [
        ((), "none", "1613000"),
        (("1612999.99",), "short", "0.01"),
        (("1613000",), "enough", "0"),
        (("1613000.01",), "enough", "0"),
        (("1000000", "612999.99"), "short", "0.01"),
        (("1000000", "613000"), "enough", "0"),
    ],
)
def test_the_parts_are_added_up_and_held_against_the_minimum(amounts, degree, gap):
    found = _cover(*amounts)
    assert (found.degree, found.gap) == (degree, Decimal(gap))
    assert found.total == sum(map(Decimal, amounts))


def test_the_minimum_is_progressive_only_where_its_parties_agreed():
    assert _cover("1306500").minimum == Decimal("1613000")
    assert _cover("1306500", agreed=True).minimum == Decimal("1306500")
    assert _cover("1306500", agreed=True).degree == "enough"


def test_the_share_is_of_the_price():
    assert str(_cover("1306500").share) == "8.10"


def test_a_contract_that_is_covered_needs_nothing():
    assert _says(_cover("1613000")) == []


def test_a_gap_says_how_it_can_be_closed():
    way, agreed = _says(_cover("413000"))
    assert way == (
        "再办理不少于120万元的保函、共管资金或使用预售资金，"
        "或增加不低于合同金额7.44%的政府财政投资，即可达到最低担保金额"
    )
    assert agreed == "双方协商一致采用超额累进方式的，最低担保金额为130.65万元，还差89.35万元"


def test_a_gap_that_an_agreement_would_close_says_so():
    assert _says(_cover("1306500"))[1] == "双方协商一致采用超额累进方式的，最低担保金额为130.65万元，现有担保已达到"


def test_where_the_progressive_minimum_is_no_less_nobody_speaks_of_it():
    assert len(_says(_cover(price=Decimal("10000000")))) == 1
    assert len(_says(_cover("1000000", agreed=True))) == 1


@pytest.mark.parametrize("total", ["0", "0.01", "1612999.99", "1234567.89"])
def test_the_named_share_closes_the_gap_and_a_hundredth_less_does_not(total):
    found = _cover(total)
    share = Decimal(_says(found)[0].split("合同金额")[1].split("%")[0])
    assert part_of(PRICE, share) >= found.gap
    assert share == Decimal("0.01") or part_of(PRICE, share - Decimal("0.01")) < found.gap
