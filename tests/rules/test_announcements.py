"""放假安排 as it is typed: lines of days and ranges, every fault of a box at once, and back to the same lines."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.rules.announcements import check, read, written
from models.rules.holidays import ANNOUNCED_REST, ANNOUNCED_WORK, OFFICIAL

SPRING = "春节 2027-02-05 至 2027-02-11"


def texts(text, year=2027):
    found = read(text, year, "rest").problems
    assert all(problem.blocking and problem.field == "rest" for problem in found)
    return [problem.text for problem in found]


def together(rest, work):
    named = [read(text, 2027, "rest").named for text in (rest, work)]
    return [(each.field, each.text) for each in check(*named, rest_field="rest", work_field="work")]


def test_a_range_names_each_of_its_days():
    found = read(SPRING, 2027, "rest")
    assert list(found.named) == [date(2027, 2, day) for day in range(5, 12)]
    assert set(found.named.values()) == {"春节"}
    assert found.problems == ()


def test_the_words_of_the_announcement_can_be_pasted():
    pasted = "春节：2月5日（周五）至11日（周四）放假调休，共7天。\n元旦：１月１日（周五）、1月2日至1月3日放假。"
    assert written(read(pasted, 2027, "rest").named) == f"元旦 2027-01-01 至 2027-01-03\n{SPRING}"


def test_days_are_read_in_every_form_in_which_they_are_written():
    for text in ("2027-10-01 至 2027-10-07", "2027/10/1～2027/10/7", "2027年10月1日—10月7日", "10月1日到7日"):
        assert written(read(text, 2027, "rest").named) == "2027-10-01 至 2027-10-07", text


def test_every_fault_of_a_box_is_named_at_once():
    assert texts(f"{SPRING}\n春节\n2027-02-30\n2027-05-05 至 2027-05-01\n2026-12-31 至 2027-01-02") == [
        "无法识别第2行“春节”、第3行“2027-02-30”，每行请填写一个日期或起止日期，例如 2027-02-05 至 2027-02-11",
        "第4行“2027-05-05至2027-05-01”的截止日期早于开始日期，请修改",
        "第5行“2026-12-31至2027-01-02”不在2027年内，跨年的日期请填入其所在年份",
    ]


def test_many_faults_name_the_first_of_them():
    (text,) = texts("\n".join(["?"] * 30))
    assert "第1行“?”、第2行“?”" in text and "第20行“?”、…，每行" in text


def test_a_range_over_centuries_is_refused_without_counting_it():
    assert texts("1949-01-01 至 9999-12-31" + "\n1949-01-01 至 9999-12-31" * 100) != []


def test_a_year_has_free_days():
    assert together("", "") == [("rest", "请填写放假日期")]


def test_a_day_is_either_free_or_worked():
    assert together(SPRING, "2027-02-06、2027-02-14") == [("work", "2027-02-06不能既放假又上班，请核对")]


def test_only_a_weekend_is_worked_in_exchange():
    message = "2027-02-15是周一至周五，本来就是工作日，请从调休上班日期中删除"
    assert together(SPRING, "2027-02-14\n2027-02-15") == [("work", message)]


def test_what_the_calendar_begins_with_is_sound_and_reads_back():
    for year in OFFICIAL.announced_years:
        rest, work = (
            {day: name for day, name in known.items() if day.year == year} for known in (ANNOUNCED_REST, ANNOUNCED_WORK)
        )
        assert dict(read(written(rest), year, "rest").named) == rest
        assert dict(read(written(work), year, "work").named) == work
        assert check(rest, work, rest_field="rest", work_field="work") == []


@given(st.dictionaries(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.sampled_from(["", "春节", "国庆节"])))
def test_what_is_written_reads_back(named):
    assert dict(read(written(named), 2027, "rest").named) == named


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    found = read(text, 2027, "rest")
    assert all(day.year == 2027 for day in found.named)
