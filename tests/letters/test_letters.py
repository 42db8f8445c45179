"""What a letter shows, and that data can never become markup."""

import os
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.letters.glyphs import characters
from app.letters.pdf import MissingGlyphs, missing_glyphs, render
from tests.letters.samples import BANK, letter, needs_poppler

KINDS = ("independent", "dependent", "insurance")


def words(pdf: bytes) -> str:
    """The text of the PDF without blanks and line breaks."""
    found = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s", "", found.stdout.decode())


def info(pdf: bytes, tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf)
    command = ["pdfinfo", "-isodates", str(file)]
    found = subprocess.run(command, capture_output=True, check=True, text=True, env=os.environ | {"TZ": "UTC"})
    return {key: value.strip() for key, _, value in (line.partition(":") for line in found.stdout.splitlines())}


@needs_poppler
@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_of_the_letter_stands_in_its_text(kind: str) -> None:
    shown = words(render(letter(kind)))
    for fact in (
        "10240515000288",
        "NO.4560218",
        BANK,
        "91460000MA5TM8HD9J",
        "海南碧海置业开发有限公司",
        "91321012608797601X",
        "中建南方建设集团有限公司",
        "91110108765016311A",
        "碧海花园（一期）住宅工程",
        "460107202405150101",
        "HK-JD-2024-0515",
        "施工总承包合同",
        "¥55,000,000.00",
        "¥3,250,000.50",
        "人民币叁佰贰拾伍万元伍角",
        "2024年5月15日",
        "2026年12月31日",
        "陈海峰副行长",
        "0898-68561234",
        "海南省海口市龙华区国贸大道49号风险管理部",
        "ABCD-3467-9XYW",
        "https://danbao.example.cn/verify/",
        "共2页",
    ):
        assert fact in shown, fact


@needs_poppler
@pytest.mark.parametrize(
    ("kind", "own", "foreign"),
    [
        (
            "independent",
            ["不可撤销、不可转让的见索即付独立保函", "无条件", "5个工作日", "表面相符"],
            ["连带责任", "保险责任"],
        ),
        (
            "dependent",
            ["连带责任保证", "代偿的安排", "15个工作日", "追偿", "不可撤销的担保", "申请人履行债务的期限是"],
            ["见索即付", "保险责任"],
        ),
        (
            "insurance",
            ["保险责任", "责任免除", "30日内", "代位求偿", "¥16,130.00", "不可撤销的凭证"],
            ["见索即付", "连带责任"],
        ),
    ],
)
def test_each_kind_has_the_wording_of_its_own_law(kind: str, own: list[str], foreign: list[str]) -> None:
    shown = words(render(letter(kind)))
    assert [each for each in own if each not in shown] == []
    assert [each for each in foreign if each in shown] == []


@needs_poppler
def test_the_thirty_days_of_an_insurer_run_from_the_first_receipt_without_the_days_of_supplementing() -> None:
    shown = words(render(letter("insurance")))
    assert "自初次收到索赔请求和有关证明、资料之日起30日内作出核定" in shown
    assert "自通知到达贵方之日起至补充的证明和资料到达我方之日止，不计入该期间" in shown
    assert "完整材料之日起" not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_each_clause_names_its_source(kind: str) -> None:
    template = (Path(__file__).parents[2] / "app" / "letters" / "templates" / f"{kind}.typ").read_text()
    lines = [line.strip() for line in template.splitlines()]
    clauses = [place for place, line in enumerate(lines) if line.lstrip("#") == "clause("]
    assert len(clauses) > 8
    assert [lines[place + 1] for place in clauses if not lines[place - 1].startswith("// ")] == []


@needs_poppler
def test_a_letter_states_the_days_that_its_parties_agreed() -> None:
    assert "7个工作日" in words(render(letter("dependent", claim_days=7)))


@needs_poppler
@pytest.mark.parametrize(
    "name",
    [
        "#panic(1)海口",
        "$x$ *粗* _斜_ `码` <标> @引",
        '#import "a": *',
        "//注释",
        "= 标题",
        "\\u{41}",
        "[#letter]",
        "“引”'\"",
        "https://a.cn/*b*",
        "A--B~C",
        "{{x}} {% y %}",
    ],
)
def test_a_name_full_of_markup_is_printed_as_it_is(name: str) -> None:
    shown = words(render(letter(beneficiary_name=name, project_name=name)))
    assert shown.count(re.sub(r"\s", "", name)) >= 4


PRINTABLE = st.text(st.sampled_from("#$*_`@<>[]{}()\\/=+-~\"'&%^|;:,.!?0a 海口"), min_size=1, max_size=40)


@settings(max_examples=40, deadline=None)
@given(PRINTABLE)
def test_no_name_can_break_the_letter(name: str) -> None:
    assert render(letter(applicant_name=name, contract_no=name)).startswith(b"%PDF-")


def test_the_same_text_gives_the_same_bytes() -> None:
    assert render(letter()) == render(letter())
    assert render(letter()) != render(letter(amount=Decimal("3250000.51")))


@needs_poppler
def test_the_letter_is_dated_by_its_issue_and_tagged_for_archive(tmp_path: Path) -> None:
    found = info(render(letter()), tmp_path)
    assert found["CreationDate"] == "2024-05-15T02:30:08Z"
    assert found["Title"] == "工程款支付保函 10240515000288"
    assert found["Author"] == BANK
    assert found["Tagged"] == "yes" and "A4" in found["Page size"]


@needs_poppler
def test_an_instant_of_another_zone_is_shown_in_shanghai() -> None:
    late = datetime(2024, 5, 15, 16, 0, 0, tzinfo=UTC)
    assert "2024-05-1600:00:00" in words(render(letter(issued_at=late)))


@needs_poppler
def test_every_font_is_embedded_as_a_subset() -> None:
    found = subprocess.run(["pdffonts", "-"], input=render(letter()), capture_output=True, check=True)
    fonts = [line.split() for line in found.stdout.decode().splitlines()[2:]]
    assert len(fonts) == 2
    assert all(re.match(r"[A-Z]{6}\+NotoS(ans|erif)SC", font[0]) and font[-5:-2] == ["yes"] * 3 for font in fonts)


@needs_poppler
def test_a_preview_carries_its_watermark() -> None:
    assert {*"预览稿"} <= {*words(render(letter(watermark="预览稿")))}
    assert not {*"预览稿"} & {*words(render(letter()))}


def test_a_character_without_a_glyph_is_named_and_the_letter_refused() -> None:
    text = letter(signatory_name="陈\u0b85峰\U0001f600")
    assert missing_glyphs(letter()) == set()
    assert missing_glyphs(text) == {"\u0b85", "\U0001f600"}
    with pytest.raises(MissingGlyphs, match="缺少下列字符"):
        render(text)


def test_every_character_of_the_templates_can_be_drawn() -> None:
    from pylopdf_fonts_zh_cn import sans_path, serif_path

    drawable = characters(sans_path()) & characters(serif_path())
    folder = Path(__file__).parents[2] / "app" / "letters" / "templates"
    written = {each for file in folder.glob("*.typ") for each in file.read_text()} - {"\n"}
    assert len(list(folder.glob("*.typ"))) == 7
    assert written - drawable == set()


def test_every_hanzi_of_gb2312_can_be_drawn() -> None:
    from pylopdf_fonts_zh_cn import serif_path

    hanzi = {bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)}
    rows = {bytes((row, cell)).decode("gb2312") for row in range(0xD8, 0xF8) for cell in range(0xA1, 0xFF)}
    assert (hanzi | rows) - characters(serif_path()) == set()


def test_a_letter_of_an_unknown_kind_or_without_an_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no letter of kind"):
        letter("promise")
    with pytest.raises(ValueError, match="instant with its offset"):
        replace(letter(), issued_at=datetime(2024, 5, 15))


@needs_poppler
def test_an_empty_fact_shows_a_dash() -> None:
    bare = letter(policy_no=" ", signatory_name="", signatory_title="")
    assert words(render(bare)).count("—") == 2
    assert words(render(letter())).count("—") == 0
