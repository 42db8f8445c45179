"""What a viewer reads of a record's history, and that roles and rows that an effect makes have one."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import LOST, Lost
from app.core.viewer import as_system
from app.engine import records
from app.engine.deeds import deed
from app.engine.happened import effects_happened, happened
from app.engine.transitions import find
from app.ledger import history
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, Viewer
from models.guarantor import Guarantor
from models.history import HistoryEntry
from models.modes.letter import Letter
from models.organisation import Organisation
from models.project import Project
from tests.bare import DAY, HERE, ORGANISATION, administrator, at, letter, person, project, put, regulator, work
from views.frame import timeline

WALKED = (
    ("create", "", "draft"),
    ("submit", "draft", "submitted"),
    ("prepare", "submitted", "prepared"),
    ("send_back", "prepared", "submitted"),
    ("prepare", "submitted", "prepared"),
    ("issue", "prepared", "issued"),
    ("edit", "", ""),
    ("confirm", "issued", "confirmed"),
)


@pytest.mark.parametrize(
    ("who", "read"),
    [
        (person(CONTRACTOR), ["issue", "edit", "confirm"]),
        (person(EMPLOYER), [each[0] for each in WALKED]),
        (person(GUARANTOR), [each[0] for each in WALKED]),
        (regulator(HERE), [each[0] for each in WALKED]),
    ],
    ids=["contractor", "employer", "guarantor", "regulator"],
)
def test_a_contractor_reads_nothing_of_what_was_said_before_a_letter_was_shown_to_it(
    bare: Flask, who: Viewer, read: list[str]
) -> None:
    key = put(bare, letter("confirmed"))
    entries = [HistoryEntry(action=name, from_state=before, to_state=after) for name, before, after in WALKED]
    with work(bare, who):
        told = timeline.told(find(Letter, key), entries[::-1], who)
    assert [each.action for each in told[::-1]] == read


@pytest.mark.parametrize(
    ("username", "reads"), [("regulator", True), ("guarantor2", False), ("contractor", False), ("bank", False)]
)
def test_what_guarantor_and_regulator_said_to_each_other_stays_theirs(
    app: Flask, client_of: Callable[[str], FlaskClient], username: str, reads: bool
) -> None:
    with app.app_context(), as_system():
        key = db.session.scalars(select(Guarantor.id).where(Guarantor.state == "suspended")).first()
    page = client_of(username).get(f"/guarantors/show/{key}").text
    assert ("暂停受理新业务" in page, "审批记录" in page) == (reads, reads)


def test_a_change_of_roles_stands_in_the_history_and_makes_a_new_version(bare: Flask) -> None:
    key = put(bare, Organisation(uscc="91460108MA5T0099XX", name="改岗单位", region_code=HERE, state="named"))
    changes = {"role_names": {EMPLOYER}}
    with work(bare, administrator()):
        records.save(Organisation, changes, key=key, version=1)
    with work(bare, administrator()):
        records.save(Organisation, {"role_names": {EMPLOYER, GUARANTOR}}, key=key, version=2)
    with work(bare, administrator()), pytest.raises(Lost, match=LOST):
        records.save(Organisation, changes, key=key, version=2)
    with work(bare, administrator()):
        told = [json.loads(each.changes) for each in history.of_record(find(Organisation, key))]
    assert told == [
        {"held_roles": [[EMPLOYER], [EMPLOYER, GUARANTOR]]},
        {"held_roles": [[], [EMPLOYER]]},
    ]


def test_what_an_effect_makes_and_what_it_deletes_tell_of_the_deed(bare: Flask) -> None:
    cause, gone = put(bare, project(name="起因")), put(bare, project(name="被删"))
    with work(bare, person(EMPLOYER)):
        with deed():
            record = find(Project, cause)
            record.address = "改"
            made = project(name="新生", employer_id=ORGANISATION[EMPLOYER], created_at=at(DAY))
            db.session.add(made)
            db.session.delete(find(Project, gone))
            effects_happened(happened(record, "edit", "修改"))
        born = made.id
    with bare.app_context():
        query = select(HistoryEntry).where(HistoryEntry.record_type == "project")
        found = [each for each in db.session.scalars(query) if each.record_id in (cause, gone, born)]
    (deed_id,) = {each.deed_id for each in found}
    assert [(each.record_id, each.action) for each in found if each.id == deed_id] == [(cause, "edit")]
    rest = {(each.record_id, each.action) for each in found if each.id != deed_id}
    assert rest == {(born, "project.edit"), (gone, "project.edit")}


def test_the_platforms_own_organisation_tells_how_it_came(app: Flask) -> None:
    with app.app_context(), as_system():
        own = db.session.scalars(select(Organisation).where(Organisation.name == "平台运营单位")).one()
        assert [each.action for each in history.of_record(own)][-1] == "create"
