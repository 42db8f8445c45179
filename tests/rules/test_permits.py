"""施工许可证号."""

from datetime import date

import pytest

from models.rules.permits import check, dated_on, normalise, region_code
from tests.rules.wide import wide

EIGHTEEN, SIXTEEN = "460106202405150101", "4601062405150101-SX-001"


@pytest.mark.parametrize("permit_no", [EIGHTEEN, SIXTEEN])
def test_both_forms_pass_and_tell_region_and_day(permit_no):
    assert check(permit_no) == []
    assert region_code(permit_no) == "460106"
    assert dated_on(permit_no) == date(2024, 5, 15)


@pytest.mark.parametrize(
    ("permit_no", "says"),
    [
        ("琼建许字2019第12号", "（12位）与常用格式不符"),
        ("46010620240515010", "（17位）与常用格式不符"),
        ("4601062024051501011", "（19位）与常用格式不符"),
        ("4601062405150101-SX-01", "与常用格式不符"),
        ("4601062405150101-HZ-001", "与常用格式不符"),
        ("460106202413150101", "日期“20241315”不存在"),
        ("460106202302290101", "日期“20230229”不存在"),
        ("460106000000000101", "日期“00000000”不存在"),
        ("4601062402300101-SX-001", "日期“240230”不存在"),
        ("110105202405150101", "前6位“110105”不是海南省的行政区划代码"),
        ("460110202405150101", "前6位“460110”不是海南省的行政区划代码"),
    ],
)
def test_a_mismatch_warns_and_does_not_block(permit_no, says):
    [problem] = check(permit_no)
    assert says in problem.text
    assert (problem.field, problem.blocking) == ("permit_no", False)


def test_a_number_of_neither_form_tells_nothing():
    assert region_code("琼建许字2019第12号") is None
    assert dated_on("琼建许字2019第12号") is None
    assert dated_on("460106202302290101") is None


def test_typed_numbers_are_brought_to_the_stored_form():
    assert normalise(wide(" 4601062405150101-sx-001 ")) == SIXTEEN
