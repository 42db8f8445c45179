"""Every kind of value: typed, read, shown, kept, put into workbooks and taken from them."""

import pkgutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Date, String

import models.grammar.kinds
from app.engine.transitions import blank
from models.grammar.columns import (
    CHOICE,
    CODE,
    COUNT,
    DAY,
    DUE,
    FLAG,
    INSTANT,
    LONG_TEXT,
    MONEY,
    MONTH,
    PERCENT,
    PHONE,
    RATE,
    REFERENCE,
    SHANGHAI,
    TEXT,
    YES_NO,
    Field,
    Instant,
    Share,
    Yuan,
    field,
)
from models.grammar.fields import Kind, Look
from models.grammar.sheet import SheetCell
from models.rules import phones
from models.rules.money import CEILING
from models.rules.problem import Problem
from models.rules.words import Terms
from tests.rules.wide import wide

GRADES = (("good", "良好"), ("fine", "合格 / 备案"))
FIELDS = {
    "words": Field("工程名称", TEXT, max_length=10),
    "lines": Field("说明", LONG_TEXT),
    "code": Field("合同编号", CODE, max_length=10),
    "phone": Field("联系电话", PHONE, checks=(phones.check,), normalise=phones.normalise),
    "yuan": Field("保费", MONEY, unit="元"),
    "wan": Field("担保金额", MONEY, unit="万元"),
    "share": Field("投资比例", PERCENT, unit="%"),
    "rate": Field("担保费率比例", RATE, unit="%"),
    "count": Field("期限", COUNT, unit="天"),
    "day": Field("开工日期", DAY),
    "due": Field("办理期限", DUE),
    "month": Field("报送月份", MONTH, max_length=7),
    "instant": Field("提交时间", INSTANT),
    "choice": Field("信用等级", CHOICE, choices=GRADES),
    "yes_no": Field("是否达标", YES_NO),
    "flag": Field("在用", FLAG),
    "reference": Field("合同", REFERENCE),
}
NOON = datetime(2024, 5, 15, 13, 52, 26, tzinfo=SHANGHAI)
VALUES: dict[str, tuple[Any, str, str]] = {
    "words": ("安置房", "安置房", "安置房"),
    "lines": ("一\n二", "一\n二", "一\n二"),
    "code": ("HT-1", "HT-1", "HT-1"),
    "phone": ("19022221112", "19022221112", "19022221112"),
    "yuan": (Decimal("1613.50"), "1613.5", "1,613.50"),
    "wan": (Decimal("16130000.01"), "1613.000001", "1,613.000001"),
    "share": (Decimal("62.50"), "62.50%", "62.50%"),
    "rate": (Decimal("0.00"), "0.00%", "0.00%"),
    "count": (30, "30", "30"),
    "day": (date(2024, 5, 15), "2024-05-15", "2024-05-15"),
    "due": (date(2027, 2, 12), "2027-02-12", "2027-02-12"),
    "month": ("2024-05", "2024-05", "2024-05"),
    "instant": (NOON, "2024-05-15 13:52:26", "2024-05-15 13:52:26"),
    "choice": ("good", "good", "良好"),
    "yes_no": (False, "0", "否"),
    "flag": (True, "1", "是"),
    "reference": (31, "31", "31"),
}
"""For each field a value, what stands in its box, and what a person reads."""

amounts = st.integers(0, int(CEILING) * 100 - 1).map(lambda fen: Decimal(fen) / 100)
shares = st.integers(1, 10_000).map(lambda part: Decimal(part) / 100)
days = st.dates(date(1949, 1, 1), date(2199, 12, 31))
months = st.builds("{:04d}-{:02d}".format, st.integers(1900, 2199), st.integers(1, 12))


def every_kind(of: type[Kind] = Kind) -> Iterator[type[Kind]]:
    for module in pkgutil.iter_modules(models.grammar.kinds.__path__):
        import_module(f"models.grammar.kinds.{module.name}")
    for each in of.__subclasses__():
        yield each
        yield from every_kind(each)


def problem(name: str, typed: str) -> str:
    """What stands against the typed text, which cannot be understood."""
    value, found = FIELDS[name].take(typed, name)
    assert value is None and [(each.field, each.blocking) for each in found] == [(name, True)]
    return found[0].text


def of_cell(name: str, cell: SheetCell) -> Any:
    return FIELDS[name].kind.of_cell(cell, FIELDS[name], str)


def test_every_kind_is_walked_here() -> None:
    ours = {kind for kind in every_kind() if kind.__module__.startswith("models.")}
    abstract = {kind for kind in ours if kind.__module__.endswith(".number")}
    assert {type(each.kind) for each in FIELDS.values()} == ours - abstract


@pytest.mark.parametrize("name", FIELDS)
def test_a_value_is_shown_and_what_is_shown_in_its_box_is_understood(name: str) -> None:
    value, typed, text = VALUES[name]
    declared = FIELDS[name]
    assert declared.kind.typed(value, declared) == typed
    assert declared.text(value) == text
    assert declared.take(typed, name) == (value, ())


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("typed", ["", "  ", "\u3000", "\n\t"])
def test_blanks_are_no_value_and_no_fault(name: str, typed: str) -> None:
    assert FIELDS[name].take(typed, name) == (False if name == "flag" else None, ())
    assert FIELDS[name].text(None) == ""


@given(amounts)
def test_every_amount_is_understood_as_it_is_shown(amount: Decimal) -> None:
    for name in ("yuan", "wan"):
        declared = FIELDS[name]
        for text in (declared.text(amount), declared.kind.typed(amount, declared), wide(declared.text(amount))):
            assert declared.take(text, name) == (amount, ())


@given(shares)
def test_every_share_is_understood_as_it_is_shown(share: Decimal) -> None:
    text = FIELDS["share"].text(share)
    assert FIELDS["share"].take(text, "share") == FIELDS["share"].take(wide(text), "share") == (share, ())


@given(days)
def test_every_day_is_understood_as_it_is_shown(day: date) -> None:
    text = FIELDS["day"].text(day)
    slashed = f"{day.year}/{day.month}/{day.day}"
    assert {FIELDS["day"].take(each, "day") for each in (text, wide(text), slashed)} == {(day, ())}


@given(months)
def test_every_month_is_understood_as_it_is_shown(month: str) -> None:
    short = month.replace("-0", "/").replace("-", "/")
    assert {FIELDS["month"].take(each, "month") for each in (month, wide(month), short)} == {(month, ())}


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("words", f"　安{chr(0x200B)}置{chr(0x202E)}房 ", "安置房"),
        ("words", chr(0x200B), None),
        ("lines", "一\r\n二\x07", "一\r\n二"),
        ("phone", wide("0898 65362863"), "0898-65362863"),
        ("yuan", wide("1,613.50元"), Decimal("1613.50")),
        ("count", wide(" 30 "), 30),
        ("day", wide("2024") + "年5月15日", date(2024, 5, 15)),
        ("instant", wide("2024-05-15 13:52:26"), NOON),
        ("yes_no", "1", True),
        ("flag", "y", True),
        ("flag", "0", False),
    ],
)
def test_what_is_typed_is_kept_in_its_stored_form(name: str, typed: str, value: Any) -> None:
    assert FIELDS[name].take(typed, name) == (value, ())


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("words", "一二三四五六七八九十一", "工程名称不能超过 10 个字，现有 11 个字"),
        ("phone", "190", "联系电话“190”不正确"),
        ("yuan", "1,6", "金额“1,6”的千分位逗号位置不正确"),
        ("wan", "一千", "“一千”不是有效的金额，请只填写数字（万元）"),
        ("share", "101", "比例应大于0且不超过100%，请核对“101”"),
        ("count", "12345", "期限(天)应为 0 至 9999 的整数，请修改"),
        ("count", "٣", "期限(天)应为 0 至 9999 的整数，请修改"),
        ("day", "明天", "开工日期格式不正确，应为 2024-05-15"),
        ("day", "2200-01-01", "开工日期的年份应在 1949 至 2199 之间"),
        ("month", "2024-13", "月份“2024-13”格式不正确，应为 2024-05"),
        ("month", "2024年05月", "报送月份不能超过 7 个字，现有 8 个字"),
        ("instant", "2024-05-15", "提交时间格式不正确，应为 2024-05-15 13:52:26"),
        ("choice", "bad", "请选择信用等级"),
        ("yes_no", "2", "请选择是否达标"),
        ("reference", "一", "请选择合同"),
        ("reference", "9" * 19, "请选择合同"),
    ],
)
def test_what_cannot_be_understood_is_answered_with_what_to_do(name: str, typed: str, says: str) -> None:
    assert problem(name, typed).startswith(says)


def test_a_check_that_only_warns_leaves_the_value_and_one_that_stops_ends_the_checking() -> None:
    def warns(value: str, name: str) -> list[Problem]:
        return [Problem(f"{value}少见", name, blocking=False)]

    def stops(value: str, name: str) -> list[Problem]:
        return [Problem("不行", name)]

    declared = Field("编号", CODE, checks=(warns,))
    assert declared.take("甲", "no") == ("甲", (Problem("甲少见", "no", blocking=False),))
    declared = Field("编号", CODE, checks=(stops, warns))
    assert declared.take("甲", "no") == (None, (Problem("不行", "no"),))


def test_only_words_of_ours_are_terms_to_be_translated() -> None:
    told = {name: type(FIELDS[name].text(value)) for name, (value, _typed, _text) in VALUES.items()}
    assert {name for name, found in told.items() if found is Terms} == {"choice", "yes_no", "flag"}
    assert type(FIELDS["choice"].text("草稿")) is str


@pytest.mark.parametrize(
    ("name", "held", "shape", "template_shape"),
    [
        ("words", "安置房", "", "@"),
        ("phone", "19022221112", "", "@"),
        ("yuan", 1613.5, "#,##0.00", "#,##0.00"),
        ("wan", 1613.000001, "#,##0.00####", "#,##0.00####"),
        ("share", 62.5, '0.00"%"', "0.00"),
        ("count", 30, "", "0"),
        ("day", date(2024, 5, 15), "yyyy-mm-dd", "yyyy-mm-dd"),
        ("instant", NOON.replace(tzinfo=None), "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss"),
        ("choice", "良好", "", "@"),
        ("yes_no", "否", "", "@"),
    ],
)
def test_a_workbook_holds_numbers_and_days_as_such_and_the_rest_as_it_reads(
    name: str, held: Any, shape: str, template_shape: str
) -> None:
    declared = FIELDS[name]
    assert declared.kind.excel(VALUES[name][0], declared) == held
    assert (declared.kind.excel_format(declared), declared.kind.template_format(declared)) == (shape, template_shape)
    assert declared.kind.is_measure is not isinstance(held, str)


@pytest.mark.parametrize(
    ("name", "cell", "typed"),
    [
        ("words", "一\n二", "一 二"),
        ("lines", "一\n二", "一\n二"),
        ("words", True, "是"),
        ("code", 898123456.0, "898123456"),
        ("wan", 0.1 + 0.2, "0.3"),
        ("wan", "1,613.5", "1,613.5"),
        ("count", 30.0, "30"),
        ("day", {"date": "2024-05-15"}, "2024-05-15"),
        ("day", "2024年5月15日", "2024-05-15"),
        ("choice", "良 好", "good"),
        ("choice", "fine", "fine"),
        ("yes_no", "Yes", "1"),
        ("yes_no", False, "0"),
        ("flag", True, "1"),
        ("reference", 31, "31"),
    ],
)
def test_a_workbooks_cell_is_read_as_if_it_had_been_typed(name: str, cell: SheetCell, typed: str) -> None:
    assert of_cell(name, cell) == typed


@pytest.mark.parametrize(
    ("name", "cell", "says"),
    [
        ("words", {"date": "2024-05-15"}, "工程名称是日期单元格"),
        ("code", 460108202405150101.0, "超过 15 位的数字已失真"),
        ("wan", True, "担保金额应为数字"),
        ("share", {"date": "2024-05-15"}, "投资比例应为数字"),
        ("day", 45000.0, "开工日期格式不正确，应为日期"),
        ("day", "2025-02-30", "开工日期“2025-02-30”不是有效的日期"),
        ("choice", "极好", "信用等级“极好”不是可选项"),
        ("yes_no", "也许", "是否达标请填写是或否"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_told_by_its_column(name: str, cell: SheetCell, says: str) -> None:
    found = of_cell(name, cell)
    assert isinstance(found, Problem) and says in found.text


def test_a_choice_is_named_in_the_readers_language_and_only_if_it_is_offered() -> None:
    declared = Field("信用等级", CHOICE, choices=GRADES, offered=GRADES[:1])
    assert CHOICE.of_cell("Good", declared, {"良好": "Good", "合格 / 备案": "Fine"}.__getitem__) == "good"
    found = CHOICE.of_cell("Fine", declared, {"良好": "Good", "合格 / 备案": "Fine"}.__getitem__)
    assert isinstance(found, Problem) and found.text == "信用等级“Fine”不在您的业务范围内"
    assert declared.take("fine", "grade")[0] is None


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("words", "安置房"),
        ("wan", "16130000.01"),
        ("share", "62.50"),
        ("count", 30),
        ("day", "2024-05-15"),
        ("instant", "2024-05-15T13:52:26+08:00"),
        ("yes_no", False),
    ],
)
def test_a_value_in_json_loses_nothing(name: str, held: Any) -> None:
    kind, value = FIELDS[name].kind, VALUES[name][0]
    assert kind.json(value) == held and kind.of_json(held) == value


def test_a_range_takes_in_the_whole_of_its_last_day() -> None:
    day, instant = FIELDS["day"], FIELDS["instant"]
    assert DAY.bound("2024/5/15", day, last=True) == date(2024, 5, 15)
    first, last = (INSTANT.bound("2024-05-15", instant, last=end) for end in (False, True))
    midnight = NOON.replace(hour=0, minute=0, second=0)
    assert (first, last) == (midnight, midnight + timedelta(days=1, microseconds=-1))
    for text in ("2024-13-01", "0001-01-01"):
        with pytest.raises(ValueError):
            INSTANT.bound(text, instant, last=False)


def test_a_column_is_of_the_kind_that_its_type_is_kept_in() -> None:
    kinds = {Yuan: MONEY, Share: PERCENT, Instant: INSTANT, Date: DAY, Boolean: FLAG, String: TEXT, BigInteger: TEXT}
    assert {column: field(column, "列").column.info["field"].kind for column in kinds} == kinds
    assert field(String(2), "列", choices=GRADES).column.info["field"].kind is CHOICE
    assert field(None, "列", target="Contract").column.info["field"].kind is REFERENCE
    assert field(String(2), "列", choices=GRADES, kind=CODE).column.info["field"].kind is CODE


def test_what_is_missing_is_to_be_chosen_or_typed_as_its_box_is() -> None:
    asked = {name: blank(each.kind, each.words, name) for name, each in FIELDS.items()}
    picked = {"day", "due", "month", "choice", "yes_no", "flag", "reference"}
    assert {name for name, missing in asked.items() if missing.text.startswith("请选择")} == picked
    assert (asked["yes_no"].text, asked["wan"].text) == ("请选择是否达标", "请输入担保金额(万元)")


def test_a_strangers_telephone_number_is_masked_and_nothing_else() -> None:
    assert PHONE.masked("19022221112") == "190****1112" and TEXT.masked("安置房") == "安置房"
    assert {name for name, each in FIELDS.items() if each.kind.look is Look.CODE} == {"code", "phone"}
