"""The minimum guarantee: every reading at every edge, one fen below, on and above it."""

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.minimum import check_cover, explain, minimum, pieces
from models.rules.money import from_fen
from models.rules.policy import POLICIES, READINGS, Band

MEND = "请提高担保金额，或在“拟分项提供的担保”中填写后续担保补足差额"
POLICY = POLICIES[0]
READINGS_AND_FLAT = ("flat", "excess", "whole", "floor")
prices = st.integers(min_value=1, max_value=10**13).map(from_fen)


def _minimum(price: Decimal, way: str) -> Decimal:
    if way == "flat":
        return minimum(price, POLICY, agreed=False)
    return minimum(price, POLICY, agreed=True, reading=way)


# The table of domain.md section 5, in 万元; the last two columns of 10000.0001 are rounded up to the fen.
TABLE = {
    "500": ("50", "50", "50", "50"),
    "1000": ("100", "100", "100", "100"),
    "1613": ("161.3", "130.65", "130.65", "130.65"),
    "5000": ("500", "300", "300", "300"),
    "10000": ("1000", "550", "550", "550"),
    "10000.0001": ("1000.00001", "550.000003", "800.000003", "550"),
    "20000": ("2000", "800", "1050", "550"),
    "50000": ("5000", "1550", "1800", "1250"),
}


@pytest.mark.parametrize("price", TABLE)
def test_the_table_of_the_domain_holds(price):
    found = [_minimum(Decimal(price) * 10_000, way) for way in READINGS_AND_FLAT]
    assert found == [Decimal(cell) * 10_000 for cell in TABLE[price]]


# One fen below, on, and above each edge, in 元: flat, excess, whole, floor.
EDGES = {
    "9999999.99": ("1000000", "1000000", "1000000", "1000000"),
    "10000000": ("1000000", "1000000", "1000000", "1000000"),
    "10000000.01": ("1000000.01", "1000000.01", "1000000.01", "1000000.01"),
    "99999999.99": ("10000000", "5500000", "5500000", "5500000"),
    "100000000": ("10000000", "5500000", "5500000", "5500000"),
    "100000000.01": ("10000000.01", "5500000.01", "8000000.01", "5500000"),
    "219999999.99": ("22000000", "8500000", "11000000", "5500000"),
    "220000000": ("22000000", "8500000", "11000000", "5500000"),
    "220000000.01": ("22000000.01", "8500000.01", "11000000.01", "5500000.01"),
    "0.01": ("0.01", "0.01", "0.01", "0.01"),
    "0.10": ("0.01", "0.01", "0.01", "0.01"),
    "0.11": ("0.02", "0.02", "0.02", "0.02"),
    "9999999.90": ("999999.99", "999999.99", "999999.99", "999999.99"),
    "9999999.89": ("999999.99", "999999.99", "999999.99", "999999.99"),
    "10000000.20": ("1000000.02", "1000000.01", "1000000.01", "1000000.01"),
    "10000000.21": ("1000000.03", "1000000.02", "1000000.02", "1000000.02"),
    "100000000.40": ("10000000.04", "5500000.01", "8000000.01", "5500000"),
    "100000000.41": ("10000000.05", "5500000.02", "8000000.02", "5500000"),
}


@pytest.mark.parametrize("price", EDGES)
def test_every_edge_holds_to_the_fen(price):
    assert [str(_minimum(Decimal(price), way)) for way in READINGS_AND_FLAT] == [
        f"{Decimal(cell):.2f}" for cell in EDGES[price]
    ]


@given(prices, st.integers(min_value=0, max_value=10**12).map(from_fen))
def test_a_dearer_contract_never_needs_less(price, more):
    for way in READINGS_AND_FLAT:
        assert _minimum(price, way) <= _minimum(price + more, way)


@given(prices)
def test_the_readings_keep_their_order(price):
    flat, excess, whole, floor = (_minimum(price, way) for way in READINGS_AND_FLAT)
    assert floor <= excess <= whole
    assert excess <= flat
    assert floor >= (price * Decimal("0.025"))


@given(prices)
def test_the_lines_of_the_reckoning_add_up_to_the_total(price):
    for agreed, reading in ((False, "excess"), (True, "excess"), (True, "whole")):
        lines = explain(price, POLICY, agreed=agreed, reading=reading)
        total = next(line.amount for line in lines if line.kind == "total")
        parts = sum(line.amount for line in lines if line.kind == "tier")
        assert 0 <= total - parts < Decimal("0.01")
        assert total == minimum(price, POLICY, agreed=agreed, reading=reading)


def test_the_reckoning_is_told_tier_by_tier_with_the_advisory_line():
    assert [line.text for line in explain(Decimal(200_000_000), POLICY, agreed=True)] == [
        "1000万元以下部分 1,000万元 × 10% = 100万元",
        "超过1000万元至1亿元部分 9,000万元 × 5% = 450万元",
        "1亿元以上部分 10,000万元 × 2.5% = 250万元",
        "最低担保金额 800万元",
        "提示：如按“亿元以上部分不低于全部合同价款的2.5%”理解，最低担保金额为1,050万元",
    ]


def test_an_edge_is_named_as_the_manual_names_it_also_when_the_policy_keeps_fen():
    with_fen = tuple(Band(each.up_to and each.up_to + Decimal("0.00"), each.share) for each in POLICY.bands)
    kept = replace(POLICY, bands=with_fen)
    told = [line.text for line in explain(Decimal(200_000_000), kept, agreed=True)]
    assert told == [line.text for line in explain(Decimal(200_000_000), POLICY, agreed=True)]
    assert told[1].startswith("超过1000万元至1亿元部分")


def test_a_flat_reckoning_is_one_line_and_its_total():
    assert [line.text for line in explain(Decimal(16_130_000), POLICY, agreed=False)] == [
        "合同价款 1,613万元 × 10% = 161.3万元",
        "最低担保金额 161.3万元",
    ]


def test_up_to_one_hundred_million_there_is_no_advisory_line():
    for price, advised in (("100000000", False), ("100000000.01", True)):
        lines = explain(Decimal(price), POLICY, agreed=True)
        assert any(line.kind == "advisory" for line in lines) is advised
    assert all(line.kind != "advisory" for line in explain(Decimal(10**9), POLICY, agreed=False))


def test_the_floor_reading_says_that_the_higher_sum_counts():
    texts = [line.text for line in explain(Decimal(500_000_000), POLICY, agreed=True, reading="floor")]
    assert texts[2:] == [
        "全部合同价款 50,000万元 × 2.5% = 1,250万元",
        "最低担保金额（取累进额与比例额中较高者） 1,250万元",
    ]


def test_on_the_edge_itself_the_readings_tell_the_same_lines():
    edge = Decimal(100_000_000)
    told = {tuple(line.text for line in explain(edge, POLICY, agreed=True, reading=way)) for way in READINGS}
    assert told == {
        (
            "1000万元以下部分 1,000万元 × 10% = 100万元",
            "超过1000万元至1亿元部分 9,000万元 × 5% = 450万元",
            "最低担保金额 550万元",
        )
    }


def test_parts_of_a_fen_are_told_exactly_before_the_total_is_rounded_up():
    texts = [line.text for line in explain(Decimal("100000001"), POLICY, agreed=True)]
    assert texts[2] == "1亿元以上部分 0.0001万元 × 2.5% = 0.0000025万元"
    assert texts[3] == "最低担保金额 550.000003万元"


def test_the_reading_of_the_policy_is_the_default():
    for reading in READINGS:
        policy = replace(POLICY, reading=reading)
        price = Decimal(500_000_000)
        assert minimum(price, policy, agreed=True) == minimum(price, POLICY, agreed=True, reading=reading)


def test_a_policy_with_one_band_is_that_share_of_everything():
    policy = replace(POLICY, bands=(Band(None, Decimal(3)),))
    for reading in READINGS:
        assert minimum(Decimal(1000), policy, agreed=True, reading=reading) == Decimal(30)


def test_a_contract_without_a_price_has_no_minimum():
    for price in ("0", "-1"):
        with pytest.raises(ValueError, match="合同金额应大于 0"):
            minimum(Decimal(price), POLICY, agreed=False)


def _texts(amount: str, price: str, *, agreed: bool = False, other: str = "0") -> list[tuple[str, str]]:
    problems = check_cover(Decimal(amount), Decimal(price), policy=POLICY, agreed=agreed, other_cover=Decimal(other))
    assert all(problem.blocking for problem in problems)
    return [(problem.field, problem.text) for problem in problems]


def test_an_amount_on_the_minimum_passes_and_one_fen_less_is_refused_with_what_is_missing():
    assert _texts("1613000", "16130000") == []
    assert _texts("1612999.99", "16130000") == [
        (
            "amount",
            "担保金额161.299999万元低于最低担保金额161.3万元，还差0.000001万元，" + MEND,
        )
    ]


def test_the_progressive_minimum_counts_only_where_the_parties_agreed():
    assert _texts("1306500", "16130000", agreed=True) == []
    assert "还差30.65万元" in _texts("1306500", "16130000")[0][1]


def test_a_letter_may_close_the_gap_that_other_cover_leaves():
    assert _texts("613000", "16130000", other="1000000") == []
    assert _texts("612999.99", "16130000", other="1000000") == [
        (
            "amount",
            "担保金额61.299999万元加上已有担保100万元，低于最低担保金额161.3万元，还差0.000001万元，" + MEND,
        )
    ]


def test_without_other_cover_the_instrument_alone_has_to_reach_the_minimum():
    [problem] = check_cover(Decimal("0.99"), Decimal("10"), policy=POLICY, agreed=False)
    assert problem.text == "担保金额0.000099万元低于最低担保金额0.0001万元，还差0.000001万元，" + MEND
    assert check_cover(Decimal("1"), Decimal("10"), policy=POLICY, agreed=False) == []


def test_the_smallest_amounts_are_amounts():
    assert _texts("0.01", "0.01") == []
    assert "已有担保0.000001万元" in _texts("0.01", "0.30", other="0.01")[0][1]


def test_an_amount_above_the_contract_price_is_refused_and_one_equal_to_it_passes():
    assert _texts("16130000", "16130000") == []
    assert _texts("16130000.01", "16130000") == [("amount", "担保金额1,613.000001万元超过合同金额1,613万元，请核对")]


def test_amount_and_price_must_be_positive():
    assert _texts("0", "100") == [("amount", "担保金额应大于 0，请填写担保金额")]
    assert _texts("-1", "100", other="100") == [("amount", "担保金额应大于 0，请填写担保金额")]
    assert _texts("10", "0") == [("contract_price", "合同金额应大于 0，请核对合同金额")]


def _by_pieces(price: Decimal, policy, *, way: str) -> Decimal:
    agreed = way != "flat"
    lines = pieces(policy, agreed=agreed, reading=way if agreed else None)
    line = next(each for each in lines if each.up_to is None or price <= each.up_to)
    return (line.base + price * line.share / 100).quantize(Decimal("0.01"), rounding=ROUND_CEILING)


@pytest.mark.parametrize("way", READINGS_AND_FLAT)
@pytest.mark.parametrize("price", [*EDGES, "5500000000", "9999999999999.99"])
def test_the_pieces_give_the_minimum_at_every_edge(price, way):
    assert _by_pieces(Decimal(price), POLICY, way=way) == _minimum(Decimal(price), way)


@given(
    prices, st.sampled_from(READINGS_AND_FLAT), st.integers(1, 10_000), st.integers(1, 10**9), st.integers(1, 10_000)
)
def test_the_pieces_give_the_minimum_whatever_the_bands(price, way, first_share, edge, last_share):
    shares = [Decimal(each).scaleb(-2) for each in (first_share, last_share)]
    policy = replace(POLICY, bands=(Band(from_fen(edge), shares[0]), Band(None, shares[1])))
    expected = minimum(price, policy, agreed=way != "flat", reading=way if way != "flat" else None)
    assert _by_pieces(price, policy, way=way) == expected
