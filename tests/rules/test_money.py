"""Money in yuan and fen, read from text, shown, and written in capitals."""

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.money import (
    CEILING,
    NotAnAmount,
    capital,
    from_fen,
    parse_share,
    parse_yuan,
    part_of,
    plain,
    share,
    show,
    to_fen,
)
from tests.rules.wide import wide

fens = st.integers(min_value=0, max_value=int(CEILING) * 100 - 1)
units = st.sampled_from(["元", "万元"])


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("1613", "万元", "16130000.00"),
        ("1,613.00", "万元", "16130000.00"),
        (wide("1,613.00"), "万元", "16130000.00"),
        (wide("1613"), "万元", "16130000.00"),
        (" 1 613 \u3000", "万元", "16130000.00"),
        ("130.65", "万元", "1306500.00"),
        ("0.000001", "万元", "0.01"),
        ("00012", "元", "12.00"),
        ("1,000", "元", "1000.00"),
        ("1409.5", "元", "1409.50"),
        ("12,345,678.90", "元", "12345678.90"),
        ("0", "元", "0.00"),
        ("1,613.5 万元", "万元", "16135000.00"),
        (wide("12345.6元"), "元", "12345.60"),
        ("9999999999999.99", "元", "9999999999999.99"),
        ("999999999.999999", "万元", "9999999999999.99"),
    ],
)
def test_an_amount_is_read_in_its_unit(text, unit, yuan):
    amount = parse_yuan(text, unit)
    assert str(amount) == yuan


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("", "万元", "请填写金额（万元）"),
        (" \t", "元", "请填写金额（元）"),
        ("-5", "元", "金额不能为负数"),
        (wide("-5"), "元", "金额不能为负数"),
        ("1.001", "元", "最多保留2位小数"),
        ("1.000", "元", "最多保留2位小数"),
        ("0.0000001", "万元", "最多保留6位小数"),
        ("1,5", "万元", "千分位逗号位置不正确"),
        ("16,13", "元", "千分位逗号位置不正确"),
        ("1613,000", "元", "千分位逗号位置不正确"),
        (",613", "元", "千分位逗号位置不正确"),
        ("1613万", "万元", "金额以万元为单位，请只填写数字：“1613万”应填1613"),
        ("1613元", "万元", "金额以万元为单位，请只填写数字：“1613元”应填0.1613"),
        ("1613万元", "元", "金额以元为单位，请只填写数字：“1613万元”应填16130000"),
        ("元", "元", "请填写金额（元）"),
        ("1e5", "元", "不是有效的金额"),
        ("NaN", "元", "不是有效的金额"),
        ("Infinity", "元", "不是有效的金额"),
        ("0x10", "元", "不是有效的金额"),
        ("1_000", "元", "不是有效的金额"),
        ("1.2.3", "元", "不是有效的金额"),
        ("+5", "元", "不是有效的金额"),
        ("٣", "元", "不是有效的金额"),
        ("²", "元", "不是有效的金额"),
        ("10000000000000", "元", "金额应小于10000000000000元"),
        ("1000000000", "万元", "金额应小于1000000000万元"),
        ("9" * 5000, "元", "金额应小于"),
    ],
)
def test_text_that_is_no_amount_is_refused_with_a_sentence(text, unit, says):
    with pytest.raises(ValueError, match=r"金额") as refusal:
        parse_yuan(text, unit)
    assert says in str(refusal.value)
    assert isinstance(refusal.value, NotAnAmount)
    assert refusal.value.problem.text == str(refusal.value)


@given(fens, units)
def test_what_is_shown_or_put_in_a_box_reads_back_exactly(fen, unit):
    amount = from_fen(fen)
    assert parse_yuan(show(amount, unit), unit) == amount
    assert parse_yuan(plain(amount, unit), unit) == amount


@given(st.integers(min_value=-(10**18), max_value=10**18))
def test_fen_survive_the_way_through_yuan(fen):
    assert to_fen(from_fen(fen)) == fen


def test_parts_of_a_fen_are_not_silently_rounded():
    for amount in ("0.001", "1.005", "1234567890123456789012345678.001"):
        with pytest.raises(ValueError, match="不是整数分"):
            to_fen(Decimal(amount))


@pytest.mark.parametrize(
    ("yuan", "unit", "shown", "boxed"),
    [
        ("16130000", "万元", "1,613.00", "1613"),
        ("1306500", "万元", "130.65", "130.65"),
        ("10000.01", "万元", "1.000001", "1.000001"),
        ("11000", "万元", "1.10", "1.1"),
        ("11230", "万元", "1.123", "1.123"),
        ("0.01", "万元", "0.000001", "0.000001"),
        ("0", "万元", "0.00", "0"),
        ("10000000", "万元", "1,000.00", "1000"),
        ("1000", "元", "1,000.00", "1000"),
        ("1409.5", "元", "1,409.50", "1409.5"),
        ("-16130000", "万元", "-1,613.00", "-1613"),
        ("-0.01", "元", "-0.01", "-0.01"),
        ("1E+7", "万元", "1,000.00", "1000"),
    ],
)
def test_amounts_are_shown_in_their_unit(yuan, unit, shown, boxed):
    assert (show(Decimal(yuan), unit), plain(Decimal(yuan), unit)) == (shown, boxed)


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("1409.50", "人民币壹仟肆佰零玖元伍角"),
        ("107000.53", "人民币壹拾万柒仟元伍角叁分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("5500000", "人民币伍佰伍拾万元整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("0", "人民币零元整"),
        ("0.05", "人民币伍分"),
        ("0.50", "人民币伍角"),
        ("10", "人民币壹拾元整"),
        ("100000001", "人民币壹亿零壹元整"),
        ("200100000000", "人民币贰仟零壹亿元整"),
        ("1200000000000", "人民币壹万贰仟亿元整"),
    ],
)
def test_capital_amounts_follow_the_payment_rules(yuan, words):
    assert capital(Decimal(yuan)) == words


@given(st.one_of(fens, st.integers(min_value=0, max_value=10**7)))
def test_capital_amounts_agree_with_an_independent_writer(fen):
    assert capital(from_fen(fen)) == "人民币" + cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb")


def test_capital_amounts_are_refused_outside_what_an_amount_can_be():
    for amount in ("-0.01", "1.005", str(CEILING)):
        with pytest.raises(ValueError, match="元"):
            capital(Decimal(amount))
    assert capital(CEILING - 1) == "人民币玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元整"


@pytest.mark.parametrize(
    ("amount", "price", "percent"),
    [
        ("1306500", "16130000", "8.10"),
        ("100", "100", "100.00"),
        ("1", "3", "33.33"),
        ("2", "3", "66.67"),
        ("1", "20000", "0.01"),
        ("0.99", "20000", "0.00"),
        ("0", "100", "0.00"),
        ("5", "0", "0.00"),
        ("0.5", "1", "50.00"),
    ],
)
def test_the_share_is_a_percentage_with_two_decimals_rounded_half_up(amount, price, percent):
    assert str(share(Decimal(amount), Decimal(price))) == percent


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("80", "80.00"),
        ("62.5", "62.50"),
        ("0.01", "0.01"),
        ("100", "100.00"),
        (wide("8.10%"), "8.10"),
        (" 5 % ", "5.00"),
    ],
)
def test_a_share_is_read_in_percent_with_or_without_its_sign(text, percent):
    assert str(parse_share(text)) == percent


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0", "大于0且不超过100%"),
        ("0.00", "大于0且不超过100%"),
        ("100.01", "大于0且不超过100%"),
        ("33.333", "最多保留2位小数"),
        ("-5", "不是有效的比例"),
        ("1,000", "不是有效的比例"),
        ("八成", "不是有效的比例"),
        ("5%%", "不是有效的比例"),
        ("", "不是有效的比例"),
    ],
)
def test_a_share_outside_of_a_whole_is_refused(text, says):
    with pytest.raises(NotAnAmount, match=says):
        parse_share(text)


@pytest.mark.parametrize(("text", "percent"), [("0", "0.00"), ("0%", "0.00"), ("0.8", "0.80")])
def test_a_rate_may_be_nothing(text, percent):
    assert str(parse_share(text, may_be_zero=True)) == percent


def test_a_rate_above_a_whole_is_refused():
    with pytest.raises(NotAnAmount, match="应在0至100%之间"):
        parse_share("100.01", may_be_zero=True)


@pytest.mark.parametrize(
    ("price", "percent", "amount"),
    [
        ("16130000", "80", "12904000.00"),
        ("0.05", "10", "0.01"),
        ("16130000.01", "10", "1613000.01"),
        ("16130000.01", "100", "16130000.01"),
        ("9999999999999.99", "99.99", "9999000000000.00"),
    ],
)
def test_a_part_of_a_price_is_rounded_up_to_the_fen(price, percent, amount):
    assert str(part_of(Decimal(price), Decimal(percent))) == amount


@given(fens, st.integers(min_value=1, max_value=10_000))
def test_a_part_is_never_more_than_the_price_and_never_a_fen_short_of_its_share(fen, hundredths):
    price, percent = from_fen(fen), Decimal(hundredths).scaleb(-2)
    part = part_of(price, percent)
    assert price * percent / 100 <= part <= price
