"""What no source of a mode shows when it is imported: the transition that an effect asks for; and what is believed."""

from pathlib import Path

import pytest

from app.files.store import KINDS
from models.attachment import DOCUMENTS
from models.grammar.faults import Misdeclared, is_called
from models.grammar.workflow import FollowUp
from models.modes.fiscal import Fiscal
from models.project import Project


def test_a_transition_that_follows_is_one_of_the_record_to_which_it_is_to_happen() -> None:
    assert FollowUp(Fiscal(), "supersede").inputs == {}
    with pytest.raises(Misdeclared, match=r"W023 Fiscal: the transition 'superseded'") as refused:
        FollowUp(Fiscal(), "superseded", {"reason": "取代"})
    [fault] = refused.value.faults
    source = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert fault.place.file == __file__ and '"superseded", {' in source[fault.place.line - 1]
    assert fault.choose == "did you mean 'supersede'?"


def test_nothing_follows_in_a_record_without_a_workflow() -> None:
    with pytest.raises(Misdeclared, match=r"W023 Project: .+\n    remedy: write one of: \(there is none\)"):
        FollowUp(Project(), "supersede")


def test_the_kinds_of_files_that_a_category_may_name_are_those_that_are_taken() -> None:
    others = {"zip": "a pack of evidence goes out, and none comes in", "csv": "a statement", "xml": "a statement"}
    assert sorted([*DOCUMENTS, *others]) == sorted(KINDS)


def test_what_does_not_say_how_it_is_called_is_believed() -> None:
    assert is_called(max, "record") and not is_called("max", "record")
