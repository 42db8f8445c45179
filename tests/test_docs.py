"""The documentation keeps up with the code: its pictures, and the rules, names, tests and links that it holds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.workflows import PAGE, drawn, offers, page, picture, table
from models.grammar.viewer import EMPLOYER, GUARANTOR, PREPARE, PUBLIC, REVIEW
from models.grammar.workflow import State, Transition, Workflow, roles
from models.modes.letter import Letter
from tests.floors import ROOT

DOCS = ROOT / "docs"
PAGES = (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))
NAMING = (DOCS / "domain.md", DOCS / "security.md")
CITED = re.compile(r"\b(R-[0-9]{2}|A(?:1[0-5]|[1-9])|S(?:1[0-4]|[1-9])b?)\b")
DEFINED = re.compile(r"^\| (R-[0-9]{2}|A[0-9]{1,2}|S[0-9]{1,2}b?) \|", re.MULTILINE)
SECTION = re.compile(r"domain\.md section ([0-9]+)(?:,? ([^).;:\n]+))?")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAME = re.compile(r"(?<!`)`([A-Za-z_][A-Za-z0-9_]*)`(?!`)")

KEPT = Workflow(
    "kept",
    states=(State("draft", "草稿"), State("sent", "待审核"), State("ready", "待复核"), State("done", "办结")),
    transitions=(
        Transition("send", "提交", roles("draft"), "sent", by=roles(EMPLOYER)),
        Transition("bring", "导入", roles("draft"), "sent", by=roles(PUBLIC)),
        Transition("mark", "补充", roles("sent", "done"), "", by=roles(GUARANTOR, EMPLOYER)),
        Transition("check", "审核", roles("sent"), "ready", by=roles(GUARANTOR), duty=PREPARE),
        Transition("issue", "出具", roles("ready"), "done", by=roles(GUARANTOR), duty=REVIEW, not_by="prepared_by_id"),
    ),
)


def test_the_pictures_are_those_of_the_declarations() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs draws them anew"


def test_a_picture_shows_every_state_every_side_and_where_it_ends() -> None:
    assert picture(KEPT).splitlines() == [
        "```mermaid",
        "stateDiagram-v2",
        '    state "草稿<br/>draft" as draft',
        '    state "待审核<br/>sent" as sent',
        '    state "待复核<br/>ready" as ready',
        '    state "办结<br/>done" as done',
        "    [*] --> draft",
        "    draft --> sent: 提交 · 建设单位<br/>导入 · 系统",
        "    sent --> sent: 补充 · 建设单位、保证人",
        "    done --> done: 补充 · 建设单位、保证人",
        "    sent --> ready: 审核 · 保证人（经办）",
        "    ready --> done: 出具 · 保证人（复核、另一人）",
        "    done --> [*]",
        "```",
    ]


def test_the_table_says_who_is_waited_for_and_how_long() -> None:
    waiting = "| 待确认 | `issued` | 施工单位 | 施工单位确认：10 日，自业务办结时间(出单时间)起（`confirm_days`） | — |"
    assert waiting in table(Letter).splitlines()


def test_what_is_offered_to_some_records_only_is_said() -> None:
    assert "- 确认补录 `vouch`: where 是否补录, not where 保证人确认时间" in offers(Letter).splitlines()


def test_every_record_with_a_life_is_drawn() -> None:
    assert {"letter", "escrow", "presale", "fiscal", "guarantor", "organisation", "account", "account_report"} <= {
        model.__tablename__ for model in drawn()
    }


def test_every_rule_alert_and_screen_that_the_code_cites_is_in_the_domain() -> None:
    cited = {found for path, text in code() for found in CITED.findall(text)}
    defined = set(DEFINED.findall(read(DOCS / "domain.md")))
    assert {"R-03", "A1", "S4"} <= cited
    assert cited - defined == set()
    assert {f"R-{number:02d}" for number in range(1, 19)} | {f"A{number}" for number in range(1, 16)} <= defined


def test_every_section_of_the_domain_that_the_code_cites_is_there() -> None:
    sections = dict(sections_of(read(DOCS / "domain.md")))
    cited = [(path.name, *found) for path, text in code() for found in SECTION.findall(text)]
    lacking = [
        (name, number, part)
        for name, number, parts in cited
        for part in parts.split("、")
        if number not in sections or part.strip() not in sections[number]
    ]
    assert len(cited) >= 10
    assert lacking == []


def test_every_name_of_the_code_that_a_page_gives_is_in_the_code() -> None:
    known = {word for _path, text in code() for word in re.findall(r"\w+", text)}
    known |= {part for path, _text in code() for part in (path.stem, *path.relative_to(ROOT).parts)}
    given = [(path.name, name) for path in NAMING for name in NAME.findall(read(path)) if not name.startswith("test_")]
    assert len(given) >= 50
    assert [each for each in given if each[1] not in known] == []


def test_every_test_that_a_page_names_is_there() -> None:
    tests = {name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", read(path))}
    named = [(path.name, name) for path in PAGES for name in re.findall(r"`(test_\w+)`", read(path))]
    assert len(named) >= 50
    assert [each for each in named if each[1] not in tests] == []


def test_every_link_between_the_pages_leads_somewhere() -> None:
    assert [(path.name, link) for path in PAGES for link in broken(path, read(path))] == []


def test_every_decision_is_on_their_list() -> None:
    listed = set(LINK.findall(read(DOCS / "decisions" / "README.md")))
    assert listed == {path.name for path in (DOCS / "decisions").glob("0*.md")}
    assert len(listed) >= 10


@pytest.mark.parametrize(
    "link", ["domain.md", "domain.md#2-words", "#the-one-door", "../README.md", "decisions/README.md", "https://x.cn/y"]
)
def test_the_reader_of_links_takes_a_sound_one(link: str) -> None:
    assert list(broken(DOCS / "architecture.md", f"## The one door\n[x]({link})")) == []


@pytest.mark.parametrize("link", ["nowhere.md", "domain.md#nothing", "#nothing", "docs/domain.md", "decisions/9.md"])
def test_the_reader_of_links_finds_a_broken_one(link: str) -> None:
    assert list(broken(DOCS / "architecture.md", f"## The one door\n[x]({link})")) == [link]


def code() -> Iterator[tuple[Path, str]]:
    """The source files of the product with their texts."""
    for path in (ROOT / "run.py", ROOT / "config.py"):
        yield path, read(path)
    for folder in ("models", "app", "views"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, read(path)


def sections_of(text: str) -> Iterator[tuple[str, str]]:
    """The numbered sections of a page by their numbers."""
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        yield part.partition(".")[0], part


def broken(path: Path, text: str) -> Iterator[str]:
    """The links of the page to files or headings that are not there."""
    for link in LINK.findall(text):
        if link.startswith(("https://", "http://")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        there = target.is_file() and (not anchor or anchor in anchors(read(target) if file else text))
        if not there:
            yield link


def anchors(text: str) -> set[str]:
    """The anchors that a Git server gives the headings of a page."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(text)}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
