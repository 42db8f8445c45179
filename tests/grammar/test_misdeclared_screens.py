"""A screen with one wrong word is refused when it is made, by an id, on the line of that word, with the remedy."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app.web.listing import Search
from models.grammar.appbuilder import expose
from models.grammar.faults import FAULTS, Misdeclared
from models.grammar.fields import Look
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, REGULATOR
from models.grammar.workflow import roles
from models.project import Project
from views.fiscal import FiscalView
from views.frame import checks
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.guarantees import PARTIES
from views.letters import LetterView
from views.projects import ProjectView
from views.reports import ReportView


class ListsNothing(ProjectView):
    list_columns = ("name", "permitno")  # V001 did you mean 'permit_no'?


class ShowsNothing(ReportView):
    show_parts: ClassVar = (("账户信息", ("account_id", "moth")),)  # V001 did you mean 'month'?


class GivesAKindToNothing(ReportView):
    column_looks: ClassVar = {"closed": Look.MONEY}  # V001 did you mean 'closing'?


class StandsForNothing(ProjectView):
    aliases: ClassVar = {"title": ("名称", "nmae")}  # V002 did you mean 'name'?


class SearchesNothing(ProjectView):
    search_boxes = ("name", "permit_on")  # V003 did you mean 'permit_no'?


class AsksForNothing(ProjectView):
    form_parts: ClassVar = (("工程信息", ("name", "kinds")),)  # V003 did you mean 'kind'?


class PicksNothing(ProjectView):
    pickers: ClassVar = {
        "region_code": Picker(Project, ("names",), ()),  # V004 did you mean 'name'?
    }


class SortsByNothing(ProjectView):
    sortable = ("start_at",)  # V004 did you mean 'start_on'?


class SubmitsWithNothing(ReportView):
    submit_with = "submits"  # V005 did you mean 'submit'?


class SearchesTwice(ProjectView):
    search_boxes = (
        "name",  # V006 a name of its own
        Search("name", "工程名称", lambda text: Project.name == text),
    )


class OpensWhatIsExcluded(ProjectView):
    opens: ClassVar = {**ProjectView.opens, "do": roles(EMPLOYER)}  # V007 write one of: add, edit, export, list, show


class ForgetsToOpen(ProjectView):
    opens: ClassVar = {"list": PARTIES, "show": PARTIES, "add": PARTIES, "edit": PARTIES}  # V008 open it to a role


class OpensToNobodyKnown(ProjectView):
    opens: ClassVar = {**ProjectView.opens, "edit": roles("employr")}  # V009,V010 did you mean 'employer'?


class WritesWithoutReading(ProjectView):
    opens: ClassVar = {**ProjectView.opens, "add": roles(BANK)}  # V010 open the first of them to the role too


class LeadsToAClosedDoor(ProjectView):
    menu_roles = roles(EMPLOYER, BANK)  # V010 open the first of them to the role too


class EditsForNobody(ReportView):
    opens: ClassVar = {  # V011 name the role in editable_by of the state
        **ReportView.opens,
        "add": roles(EMPLOYER, CONTRACTOR),
    }


class AsksForWhatIsSealed(ProjectView):
    form_parts: ClassVar = (("工程信息", ("name", "employer_id")),)  # V014 let a transition ask it


class AsksTwice(ProjectView):
    form_parts: ClassVar = (
        ("工程信息", ("name", "kind")),
        ("其他信息", ("address", "address")),  # V015 name it once
    )


class ListsTwice(ProjectView):
    list_columns = ("name", "permit_no", "permit_no")  # V015 name it once


class CallsWhatIsNotShown(ProjectView):
    column_labels: ClassVar = {"titel": "名称"}  # V016 show it, or take it away


class ListsAWord(ProjectView):
    list_columns = "name"  # V017 with a comma after a single one


class AsksForAWord(ProjectView):
    form_parts: ClassVar = (("工程信息", ("name")),)  # V017 with a comma after a single one


WRONG = (
    ListsNothing,
    ShowsNothing,
    GivesAKindToNothing,
    StandsForNothing,
    SearchesNothing,
    AsksForNothing,
    PicksNothing,
    SortsByNothing,
    SubmitsWithNothing,
    SearchesTwice,
    OpensWhatIsExcluded,
    ForgetsToOpen,
    OpensToNobodyKnown,
    WritesWithoutReading,
    LeadsToAClosedDoor,
    EditsForNobody,
    AsksForWhatIsSealed,
    AsksTwice,
    ListsTwice,
    CallsWhatIsNotShown,
    ListsAWord,
    AsksForAWord,
)


def marks() -> Iterator[tuple[int, list[str], str]]:
    """The line, the ids and the remedy of every mark `# V001 …` in this file, in order."""
    for number, line in enumerate(Path(__file__).read_text(encoding="utf-8").splitlines(), start=1):
        found = re.search(r"  # ((?:V\d{3},?)+) (.+)$", line)
        if found:
            yield number, found.group(1).split(","), found.group(2)


@pytest.mark.parametrize(
    ("screen", "mark"), [*zip(WRONG, marks(), strict=True)], ids=[screen.__name__ for screen in WRONG]
)
def test_a_wrong_word_on_a_screen_is_named_with_its_id_its_line_and_its_remedy(
    screen: type[RecordView], mark: tuple[int, list[str], str]
) -> None:
    line, ids, remedy = mark
    with pytest.raises(Misdeclared) as refused:
        screen()
    faults = refused.value.faults
    assert [each.id for each in faults] == ids
    assert faults[0].place.file == __file__ and faults[0].place.line == line
    assert remedy in str(faults[0]).split("remedy: ")[1]


def test_whoever_a_workflow_names_is_let_in_by_a_screen_of_the_record() -> None:
    class Deaf(LetterView):
        opens: ClassVar = {**LetterView.opens, "do": PARTIES - {CONTRACTOR}, "edit": frozenset()}

    silent: Any = object.__new__(Deaf)
    faults = list(checks.faults_between([silent]))
    assert {(each.id, each.word) for each in faults} == {("V012", CONTRACTOR), ("V013", EMPLOYER)}
    assert {each.choose for each in faults if each.id == "V012"} == {"'confirm'", "'object'"}


def test_one_screen_of_several_is_enough() -> None:
    class Reading(FiscalView):
        opens: ClassVar = {"list": roles(REGULATOR)}

    views: list[Any] = [object.__new__(each) for each in (Reading, FiscalView)]
    assert list(checks.faults_between(views)) == []


def test_every_fault_of_a_screen_is_among_the_mistakes() -> None:
    seeded = {id for _line, ids, _remedy in marks() for id in ids}
    assert seeded | {"V012", "V013"} == {id for id in FAULTS if id.startswith("V")}


def test_an_address_that_asks_for_a_permission_of_its_own_is_known_by_it() -> None:
    class Counting(ProjectView):
        @expose("/count")
        @allowed("count")
        def count(self) -> str:
            return ""

    with pytest.raises(Misdeclared, match=r"V008 Counting\.opens: an address asks for 'count'"):
        Counting()
