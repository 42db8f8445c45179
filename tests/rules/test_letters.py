"""Letters: kind, period, number, signatory."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.letters import (
    GUARANTOR_TYPES,
    KINDS,
    check_kind,
    check_period,
    check_signatory_limit,
    check_start,
    kind_that_counts,
    kinds_for,
    number,
)

START, END = date(2024, 5, 20), date(2025, 5, 20)
DAY = timedelta(days=1)
ALLOWED = {
    ("independent", "bank"),
    ("dependent", "bank"),
    ("dependent", "guarantee_company"),
    ("insurance", "insurer"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("guarantor_type", GUARANTOR_TYPES)
def test_each_kind_is_issued_only_by_those_who_may(kind, guarantor_type):
    assert (check_kind(kind, guarantor_type) == []) is ((kind, guarantor_type) in ALLOWED)
    assert (kind in kinds_for(guarantor_type)) is ((kind, guarantor_type) in ALLOWED)


def test_the_refusal_of_a_kind_names_who_may_issue_it():
    [problem] = check_kind("independent", "guarantee_company")
    assert problem.text == "独立保函（见索即付）不能由担保公司出具，只能由银行出具，请重新选择"
    assert (problem.field, problem.blocking) == ("kind", True)
    [problem] = check_kind("insurance", "bank")
    assert problem.text == "保证保险不能由银行出具，只能由保险公司出具，请重新选择"


def test_an_insurer_is_offered_no_independent_letter():
    """Its list offered what its only product never allows."""
    assert kinds_for("insurer") == ("insurance",)


@pytest.mark.parametrize(
    ("guarantor_type", "counts"),
    [("bank", "dependent"), ("guarantee_company", "dependent"), ("insurer", "insurance")],
)
def test_a_letter_that_does_not_say_its_kind_is_no_independent_one(guarantor_type, counts):
    assert kind_that_counts(None, guarantor_type) == kind_that_counts("", guarantor_type) == counts
    assert kind_that_counts("independent", guarantor_type) == "independent"


def test_an_unknown_kind_or_guarantor_type_is_refused():
    assert "请选择保函性质" in check_kind("", "bank")[0].text
    assert "机构类型" in check_kind("dependent", "")[0].text
    assert kinds_for("shop") == ()


@pytest.mark.parametrize("ends_on", [START, START - DAY])
def test_a_period_must_end_after_it_starts(ends_on):
    [problem] = check_period(START, ends_on, kind="dependent", last_node_on=END)
    assert problem.text == f"担保结束日期{ends_on}应晚于担保开始日期2024-05-20，请修改"
    assert (problem.field, problem.blocking) == ("ends_on", True)
    assert check_period(START, START + DAY, kind="dependent") == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("node_on", "wrong"), [(END - DAY, False), (END, True), (END + DAY, True)])
def test_a_period_that_ends_with_or_before_the_last_node_stops_only_a_dependent_letter(kind, node_on, wrong):
    problems = check_period(START, END, kind=kind, last_node_on=node_on)
    assert bool(problems) is wrong
    assert all(problem.blocking is (kind == "dependent") for problem in problems)
    assert all(str(node_on) in problem.text for problem in problems)
    assert all(("第六百九十二条" in problem.text) is (kind == "dependent") for problem in problems)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("finish_on", "warned"), [(END - DAY, False), (END, False), (END + DAY, True)])
def test_a_period_that_ends_before_completion_is_a_warning_for_every_kind(kind, finish_on, warned):
    problems = check_period(START, END, kind=kind, finish_on=finish_on)
    assert bool(problems) is warned
    assert all(not problem.blocking and str(finish_on) in problem.text for problem in problems)


def test_both_the_last_node_and_completion_are_told():
    problems = check_period(START, END, kind="dependent", last_node_on=END, finish_on=END + DAY)
    assert [problem.blocking for problem in problems] == [True, False]


def test_a_letter_number_is_ten_the_day_and_six_digits():
    assert number(date(2024, 5, 15), 288) == "10240515000288"
    assert number(date(2024, 5, 20), 999_999) == "10240520999999"
    for serial in (0, -1, 1_000_000):
        with pytest.raises(ValueError, match="流水号"):
            number(date(2024, 5, 15), serial)


days = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
serials = st.integers(min_value=1, max_value=999_999)


@given(days, serials, days, serials)
def test_two_letters_share_a_number_only_on_the_same_day_with_the_same_serial(day, serial, other_day, other):
    one, two = number(day, serial), number(other_day, other)
    assert len(one) == 14 and one.isascii() and one.isdigit()
    assert (one == two) is ((day, serial) == (other_day, other))


def test_a_signatory_signs_up_to_the_limit_and_not_a_fen_more():
    assert check_signatory_limit(Decimal(5_000_000), Decimal(5_000_000)) == []
    [problem] = check_signatory_limit(Decimal("5000000.01"), Decimal(5_000_000))
    assert problem.text == "担保金额500.000001万元超过签发人单笔限额500万元，请换有权限的签发人"
    assert (problem.field, problem.blocking) == ("signatory", True)


@pytest.mark.parametrize("days", [1, 3653])
def test_a_letter_that_begins_before_its_contract_was_signed_is_asked_about(days):
    [problem] = check_start(START - days * DAY, signed_on=START, start_on=START)
    assert problem.text == f"担保开始日期{START - days * DAY}早于合同签订日期2024-05-20，相差{days}天，请核对"
    assert (problem.field, problem.blocking) == ("starts_on", False)
    assert check_start(START, signed_on=START, start_on=START + 9999 * DAY) == []


def test_without_a_day_of_signing_a_letter_may_begin_a_year_before_the_work():
    [problem] = check_start(START - 366 * DAY, signed_on=None, start_on=START)
    assert problem.text == "担保开始日期2023-05-20早于合同开工日期2024-05-20一年以上，且合同未填写签订日期，请核对"
    assert not problem.blocking
    assert check_start(START - 365 * DAY, signed_on=None, start_on=START) == []
    assert check_start(START, signed_on=None, start_on=None) == []
