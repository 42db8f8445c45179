"""The types of events are those of the workflows, and their page says the same."""

import pytest

from docs import events
from docs.workflows import drawn
from models.event_types import EVERYTHING, ISO, NUMBERS, check, event_types, fits, normalise
from models.grammar.columns import declares

UNTOLD = {"absence", "account", "job", "machine_client", "webhook_endpoint"}
"""Records about people and about the machinery: of no business to another system."""


def test_the_page_is_that_of_the_declarations() -> None:
    assert events.PAGE.read_text(encoding="utf-8") == events.page(), "make docs writes it anew"


def test_every_record_with_a_workflow_is_told_of_or_left_out_for_a_reason() -> None:
    assert {model.__tablename__ for model in drawn()} == NUMBERS.keys() | UNTOLD


def test_every_name_of_iso_stands_for_a_type_that_there_is() -> None:
    assert event_types().keys() >= ISO.keys()
    assert {"letter.create", "letter.issue", "claim.refuse", "account_report.confirm"} <= event_types().keys()


def test_every_number_is_a_column_of_its_record() -> None:
    models = {model.__tablename__: model for model in drawn()}
    assert [each for each, names in NUMBERS.items() for name in names if not declares(models[each], name)] == []


@pytest.mark.parametrize("text", ["*", "letter.*", "letter.issue", "letter.issue, claim.*\n*", " Letter.Issue "])
def test_patterns_that_fit_something_are_taken(text: str) -> None:
    assert check(normalise(text)) == []


@pytest.mark.parametrize(
    "text", ["letter", "letter.", "letter.fly", "account.*", "*.issue", "letter.iss*", "函.出", "**"]
)
def test_patterns_that_fit_nothing_are_refused_by_name(text: str) -> None:
    [problem] = check(normalise(text))
    assert problem.text == f"没有事件类型“{normalise(text)}”，请对照事件类型表填写，如 letter.issue、letter.* 或 *"


def test_a_pattern_fits_its_record_alone() -> None:
    assert fits(["letter.*"], "letter.issue")
    assert not fits(["letter.*"], "letter_update.begin")
    assert fits([EVERYTHING], "claim.pay")
    assert not fits(["letter.issue"], "letter.confirm")
