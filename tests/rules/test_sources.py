"""依据: every figure of the law's own version has its text, and what is typed is read line by line."""

from datetime import date

import pytest

from models.policy import FIGURES, labels
from models.rules.policy import POLICIES
from models.rules.sources import SOURCES, Source, faults, read, written

LABELS = {"confirm_days": "保函确认期限", "backfill_days": "补录期限"}
SOURCE = Source("《某办法》", "第八条", "十日内确认", date(2024, 7, 1))


def test_every_figure_of_the_first_version_says_what_it_rests_on():
    assert set(SOURCES) == set(FIGURES)
    assert all(each.title for each in SOURCES.values())
    assert POLICIES[0].words_of("confirm_days", "confirm_days") == (
        "《建设领域工程担保及保险综合服务系统操作手册-工程企业》 2.2.2："
        "“施工单位应当在收到工程款支付保函后 10 日内在本系统进行确认”",
    )


def test_a_sentence_that_was_not_at_hand_is_left_empty():
    assert POLICIES[0].words_of("insurance_decision_days") == ("《中华人民共和国保险法》 第二十三条",)
    assert POLICIES[0].words_of("underwriting_working_days") == ("系统默认值",)


def test_what_is_written_is_read_again():
    assert read(written(SOURCES, labels()), labels()) == SOURCES
    assert SOURCE.text == "《某办法》（2024-07-01） 第八条：“十日内确认”"


@pytest.mark.parametrize("sign", ["\t", "|", " | ", "\uff5c"])
def test_a_line_may_come_from_a_sheet(sign):
    line = sign.join(("保函确认期限", "《某办法》", "2024年7月1日", "第八条", "十日内确认"))
    assert faults(f"\n{line}\n", LABELS, "sources") == []
    assert read(f"\n{line}\n", LABELS) == {"confirm_days": SOURCE}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("保函确认期限|《某办法》", "第2行应为五项"),
        ("确认期限|《某办法》|||", "第2行的“确认期限”不是本版本的参数"),
        ("补录期限|《某办法》|||", "第2行的“补录期限”在第1行已有依据"),
        ("保函确认期限||||", "第2行“保函确认期限”缺少文件名称"),
        ("保函确认期限|《某办法》|2024-02-30||", "第2行“保函确认期限”的日期不正确"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(line, says):
    [problem] = faults(f"补录期限|《某办法》|||\n{line}", LABELS, "sources")
    assert says in problem.text and problem.field == "sources"
