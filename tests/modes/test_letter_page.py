"""The letter's page: the text to sign for its guarantor alone, the versions for whoever sees the letter."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from app.core.database import db
from app.engine import transitions
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REVIEW, Viewer
from models.modes.letter import Letter
from tests.bare import DAY, attachment, letter, look, person, put, work
from tests.modes.test_letter import PREPARER, REVIEWER, prepared, terms
from views.frame.screen import Extra
from views.letters import LetterView


@contextmanager
def looking(app: Flask, who: Viewer) -> Iterator[LetterView]:
    """The screen, with this viewer before it."""
    view = next(each for each in app.extensions["appbuilder"].baseviews if isinstance(each, LetterView))
    with app.test_request_context(), work(app, who):
        yield view


def extra(app: Flask, key: int, who: Viewer) -> Extra:
    with looking(app, who) as view:
        return view.show_extra(db.session.get_one(Letter, key))


def test_the_text_to_sign_is_offered_to_its_guarantor_and_given_to_nobody_else(bare: Flask) -> None:
    key = prepared(bare)
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "reserve")
    number = look(bare, Letter, key)["reserved_no"]
    for who in (REVIEWER, PREPARER):
        shown = extra(bare, key, who)
        assert [each.url for each in shown.tools] == [f"/letters/text/{key}", f"/letters/timeline/{key}"]
        assert f"待签文本已生成，预留保函编号{number}；请于2025-03-12当日签署并出具" in [
            each.text for each in shown.notices
        ]
    assert [each.url for each in extra(bare, key, person(EMPLOYER)).tools] == [f"/letters/timeline/{key}"]
    with looking(bare, person(EMPLOYER)) as view, pytest.raises(NotFound):
        LetterView.text.__wrapped__(view, key)
    with looking(bare, REVIEWER) as view:
        answer = LetterView.text.__wrapped__(view, key)
        answer.direct_passthrough = False
        assert answer.data.startswith(b"%PDF-")
        answer.close()


def test_the_versions_are_shown_to_whoever_sees_the_letter(bare: Flask) -> None:
    key = prepared(bare)
    assert all(each.anchor != "versions" for each in extra(bare, key, REVIEWER).sections)
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "issue")
    for who in (person(GUARANTOR, REVIEW), person(EMPLOYER), person(CONTRACTOR)):
        [section] = [each for each in extra(bare, key, who).sections if each.anchor == "versions"]
        assert section.table is not None
        [row] = section.table.rows
        assert row.heading == "第 1 版"
        assert [cell.text for cell in row.cells][2:] == ["161.30", "2031-06-30", "8,000.00"]


def test_a_backfill_keeps_its_version_too(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    put(bare, attachment("letter", key, category="scan"))
    given = {**terms(policy_no=f"版{key}"), "settled_on": DAY}
    given.pop("signatory_id")
    with work(bare, PREPARER):
        transitions.perform(Letter, key, "record", inputs=given)
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "approve_record")
    [section] = [each for each in extra(bare, key, PREPARER).sections if each.anchor == "versions"]
    assert section.table is not None and len(section.table.rows) == 1
