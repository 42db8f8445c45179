"""A mode with one wrong word is refused when it is imported, by an id, on the line of that word, with the remedy."""

import json
import subprocess
import sys
from typing import NamedTuple

import pytest

from models.grammar.faults import FAULTS
from tests.databases import ROOT
from tests.grammar.mode import KEPT_NOWHERE, SOUND


class Mistake(NamedTuple):
    """One word of the sound mode changed, what has to be said of it, and the ids of what follows from it."""

    id: str
    right: str
    wrong: str
    remedy: str
    follows: tuple[str, ...] = ()


BEGINNING = SOUND[SOUND.index("    states=(") : SOUND.index("        Transition(\n")]
OPENING = '        Transition("open", "打开", roles("new"), "draft", by=roles(EMPLOYER)),\n'
MISTAKES = (
    Mistake(
        "W001",
        SOUND[SOUND.index("    states=(") : SOUND.index("    parties=")],
        "    states=(),\n    transitions=(),\n",
        "first",
    ),
    Mistake("W002", 'State("filed",', 'State("draft", "又一草稿"),\n        State("filed",', "a name of its own"),
    Mistake(
        "W003", 'roles("submitted"),\n            "filed"', 'roles("submited"),\n            "filed"', "'submitted'?"
    ),
    Mistake("W004", 'roles("filed"), "ended"', 'roles("filed"), "endet"', "'ended'?"),
    Mistake("W005", 'Step("提交申请", ("draft",))', 'Step("提交申请", ("drafts",))', "'draft'?"),
    Mistake(
        "W006",
        'State("ended", "已终止", "gray"),',
        'State("ended", "已终止", "gray"),\n        State("lost", "已失效"),',
        "lead a transition to it",
    ),
    Mistake(
        "W007",
        'State("ended", "已终止", "gray")',
        'State("ended", "已终止", "gray", waits_for=roles(EMPLOYER))',
        "no waits_for",
    ),
    Mistake("W008", "by=roles(PUBLIC)", "by=roles()", "name at least one"),
    Mistake("W009", "waits_for=roles(REGULATOR)", 'waits_for=roles("regulater")', "'regulator'?"),
    Mistake("W010", "duty=PREPARE,\n            not_by", 'duty="prepares",\n            not_by', "'prepare'?"),
    Mistake("W011", "waits_for=roles(REGULATOR)", "waits_for=roles(CONTRACTOR)", "do not wait for it"),
    Mistake("W012", 'event_tone="green"', 'event_tone="lime"', "write one of: blue, gray"),
    Mistake("W013", 'optional=("agreement",)', 'optional=("agreements",)', "'agreement'?"),
    Mistake("W014", 'unless="agreed"', 'guards=(roles), unless="agreed"', "with a comma"),
    Mistake("W014", 'asks=("keeper", "reason")', 'asks=("keeper")', "with a comma"),
    Mistake("W014", 'Step("提交申请", ("draft",))', 'Step("提交申请", ("draft"))', "with a comma"),
    Mistake(
        "W015",
        'roles("submitted"),\n            "filed"',
        '("submitted",),\n            "filed"',
        "write roles(…) around",
    ),
    Mistake("W015", "by=roles(PUBLIC)", "by=PUBLIC", "write roles(…) around"),
    Mistake("W015", "waits_for=roles(REGULATOR)", "waits_for=(REGULATOR,)", "write roles(…) around"),
    Mistake("W016", 'roles("filed"), "ended"', 'roles("filed"), roles("ended")', "in quotes"),
    Mistake("W016", 'unless="agreed"', 'unless=("agreed",)', "in quotes"),
    Mistake("W017", 'unless="agreed"', 'unless="agreed", guards=(field,)', "as (record, inputs, at)"),
    Mistake("W017", "by=roles(PUBLIC)", "by=roles(PUBLIC), effect=lambda pledge, at: None", "as (record, inputs, at)"),
    Mistake("W017", "by=roles(PUBLIC)", 'by=roles(PUBLIC), effect="end"', "as (record, inputs, at)"),
    Mistake("W018", 'State("ended", "已终止"', 'State("ended", "已备案"', "a label of its own"),
    Mistake("W023", 'unless="agreed"', 'unless="agreed", undoes=("sealed",)', "write one of"),
    Mistake("W019", 'unless="agreed"', 'only_if="agreed", unless="agreed"', "in one of them"),
    Mistake("W019", 'only_if="is_kept"', 'only_if="is_kept", unless="is_kept"', "in one of them"),
    Mistake("W020", 'asks=("keeper", "reason")', 'asks=("keeper", "reason", "keeper")', "once"),
    Mistake("W020", 'optional=("agreement",)', 'optional=("agreement", "agreement")', "once"),
    Mistake(
        "W021", 'asks=("keeper", "reason")', 'asks=("keeper", "reason"), optional=("keeper",), bulk=True', "'reason' in"
    ),
    Mistake("W022", 'unless="agreed"', 'unless="agreed", attachments_later=True', "say checks_record"),
    Mistake(
        "R001",
        BEGINNING,
        BEGINNING.replace("(", '(\n        State("new", "新建"),', 1) + OPENING,
        "that state first",
        follows=("S005",),
    ),
    Mistake("R002", 'asks=("keeper", "reason")', 'asks=("kepeer", "reason")', "'keeper'?"),
    Mistake("R003", 'not_by="created_by_id"', 'not_by="created_by"', "'created_by_id'?"),
    Mistake("R004", 'only_if="is_kept"', 'only_if="is_keept"', "'is_kept'?"),
    Mistake("R004", 'unless="agreed"', 'unless="agred"', "'agreed'?"),
    Mistake("R005", 'CONTRACTOR: "contractor_id"', 'CONTRACTOR: "contractors_id"', "'contractor_id'?"),
    Mistake("R006", '"keeper_code")', '"keeper_codes")', "'keeper_code'?"),
    Mistake("R007", 'also_required = ("address",)', 'also_required = ("addres",)', "'address'?"),
    Mistake("R008", 'own_labels = {"amount"', 'own_labels = {"amuont"', "'amount'?"),
    Mistake("R008", 'own_helps = {"permit_no"', 'own_helps = {"permitno"', "'permit_no'?"),
    Mistake(
        "R009",
        'attach=("agreement",),\n            optional=("agreement",)',
        'attach=("agrement",),\n            optional=("agrement",)',
        "'agreement'?",
    ),
    Mistake("R010", 'Category("other"', 'Category("agreement"', "a name of its own"),
    Mistake("R011", 'clocks = {"submitted"', 'clocks = {"submited"', "'submitted'?"),
    Mistake("R012", '"submitted_at", "underwriting', '"submited_at", "underwriting', "'submitted_at'?"),
    Mistake("R012", '"submitted_at", "underwriting', '"keeper", "underwriting', "write one of: "),
    Mistake(
        "R013",
        '"underwriting_working_days", working',
        '"underwriting_workin_days", working',
        "'underwriting_working_days'?",
    ),
    Mistake("R014", ", working=True)", ")", "working=True"),
    Mistake("R015", "working=True)", 'working=True, begins_on="cut_off_on")', "'backfill_cut_off_on'?"),
    Mistake("R017", 'contractor_sees = ("submitted"', 'contractor_sees = ("submittet"', "'submitted'?"),
    Mistake("R018", 'CONTRACTOR: "contractor_id"', 'CONTRACTOR: "contract_id"', "'contractor_id'?"),
    Mistake("R019", 'parties={EMPLOYER: "employer_id", ', "parties={", "that side's organisation"),
    Mistake("R020", 'not_by="created_by_id"', 'not_by="version"', "write one of: created_by_id"),
    Mistake("R020", 'not_by="created_by_id"', 'not_by="employer_id"', "created_by_id"),
    Mistake(
        "R021", 'unless="agreed"', 'unless="agreed", attachments_later=True, checks_record=True', "require a category"
    ),
    Mistake("R022", '"其他材料")', '"其他材料", types=("pdf", "jpeg"))', "'jpg'?"),
    Mistake("R023", '"其他材料")', '"其他材料", lambda: True)', "as (record)"),
    Mistake("R024", '"其他材料")', '"其他材料", types=("pdf"))', "with a comma"),
    Mistake("R024", 'also_required = ("address",)', 'also_required = ("address")', "with a comma"),
    Mistake("R024", '"保管单位", required=True', '"保管单位", checks=(str.strip)', "with a comma"),
    Mistake("R025", '"保管单位", required=True', '"保管单位", checks=(lambda value: [],)', "as (value, name)"),
    Mistake("R025", '"保管单位", required=True', '"保管单位", normalise=lambda value, name: value', "as (value)"),
    Mistake("R024", 'heading=("thing",)', 'heading=("thing")', "with a comma"),
    Mistake("R026", 'columns=("thing", "worth")', 'columns=("thin", "thing", "worth")', "'thing'?"),
    Mistake("R027", 'columns=("thing", "worth")', 'columns=("thing", "worth", "thing")', "once"),
    Mistake("R028", 'heading=("thing",)', 'heading=("thing", "wort")', "'worth'?"),
    Mistake("R029", 'Total("worth"', 'Total("thing"', "write one of: worth"),
    Mistake("R030", "most=50", "most=5000", "from 1 to 200"),
    Mistake("R031", 'parent = ("Pledge"', 'parent = ("Pledges"', "'Pledge'?"),
    Mistake("R032", '"pledge_id")', '"pledg_id")', "'pledge_id'?"),
    Mistake("R033", 'Category("receipt"', 'Category("worth"', "a name of its own"),
    Mistake("S001", '"owner", "keeper"', '"ownr", "keeper"', "'owner'?"),
    Mistake("S001", '("keeper", "amount", "share")', '("keeper", "amount", "shar")', "'share'?"),
    Mistake("S002", '("出质人", "employer_name")', '("出质人", "employers_name")', "'employer_name'?"),
    Mistake("S003", '("担保信息", ("keeper", "amount"))', '("担保信息", ("keeper", "amounts"))', "'amount'?"),
    Mistake("S003", 'search_columns=("project_name"', 'search_columns=("projectname"', "'project_name'?"),
    Mistake("S003", '("质押物", ("items",))', '("质押物", ("itms",))', "'items'?"),
    Mistake("S004", 'number=("application_no",)', 'number=("applicationno",)', "'application_no'?"),
    Mistake("S004", 'sortable=("amount",)', 'sortable=("amounts",)', "'amount'?"),
    Mistake("S005", "column_labels={", 'submit_with="submitt",\n        column_labels={', "'submit'?"),
    Mistake("S001", "column_labels={", 'column_looks={"balance": None},\n        column_labels={', "'balance_note'?"),
    Mistake(
        "S006", '("担保信息", ("keeper", "amount"))', '("担保信息", ("keeper", "employer_id"))', "transition ask it"
    ),
    Mistake("S007", '("担保信息", ("keeper", "amount"))', '("担保信息", ("keeper", "amount", "address"))', "once"),
    Mistake("S007", '"owner", "keeper"', '"owner", "keeper", "state"', "once"),
    Mistake("S008", '"balance_note": "余额"', '"balance_note": "余额", "balanc_note": "余额"', "show it"),
    Mistake("S009", 'number=("application_no",)', 'number=("application_no")', "with a comma"),
    Mistake("S009", '("担保信息", ("keeper", "amount"))', '("担保信息", ("keeper"))', "with a comma"),
    Mistake("S009", '(PROJECT_PART, ("担保信息", ("keeper", "amount", "share")))', "(PROJECT_PART)", "with a comma"),
)


Told = list[list[dict[str, object]]]


def seeded(mistake: Mistake) -> str:
    """The sound mode with this mistake in it."""
    assert SOUND.count(mistake.right) == 1, mistake.right
    return SOUND.replace(mistake.right, mistake.wrong)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What is said of the sound mode, of the record without due_on, and of each of the mistakes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.grammar.declare", str(tmp_path_factory.mktemp("modes"))],
        cwd=ROOT,
        input=json.dumps([SOUND, KEPT_NOWHERE, *map(seeded, MISTAKES)]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: Told = json.loads(done.stdout)
    return found


def test_a_sound_mode_is_taken_without_a_word(told: Told) -> None:
    assert told[0] == []


def test_any_record_may_have_a_clock_if_it_has_where_to_keep_its_day(told: Told) -> None:
    [fault] = told[1]
    assert fault["id"] == "R016"
    assert "remedy: declare due_on, or say kept=False" in str(fault["text"])


@pytest.mark.parametrize("number", range(len(MISTAKES)), ids=[f"{each.id}-{each.wrong[:30]}" for each in MISTAKES])
def test_a_mistake_is_named_with_its_id_its_line_and_its_remedy(told: Told, number: int) -> None:
    mistake, found = MISTAKES[number], told[number + 2]
    assert [each["id"] for each in found] == [mistake.id, *mistake.follows]
    source, text, line = seeded(mistake), str(found[0]["text"]), found[0]["line"]
    first = source[: _first_difference(source)].count("\n") + 1
    # The declaration in which the wrong word stands begins at most three lines above it.
    assert line in range(first - 3, first + mistake.wrong.count("\n") + 1), f"{text}, but it is on line {first}"
    assert f"pledge{number + 2}.py:{line}: {mistake.id} " in text
    assert mistake.remedy in text.split("remedy: ")[1]


def test_every_fault_of_a_workflow_a_record_or_a_mode_is_among_the_mistakes() -> None:
    assert {each.id for each in MISTAKES} | {"R016", "W023"} == {id for id in FAULTS if not id.startswith("V")}


def _first_difference(source: str) -> int:
    return next(at for at, (one, other) in enumerate(zip(source, SOUND, strict=False)) if one != other)
