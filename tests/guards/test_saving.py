"""Saving and deleting, past every screen: by whom, in which state, from which version, and what history keeps of it."""

import json
from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.core.database import db
from app.core.refusals import LOST, Lost, NotFound, Refused
from app.engine import records
from app.engine.transitions import find
from app.files import uploads
from app.ledger import findings, history, rows
from app.ledger.scope import UNSCOPED, ScopeBroken, open_door
from models.attachment import Attachment
from models.contract import Contract
from models.duty import Duty
from models.finding import Finding
from models.grammar.base import Record
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, Viewer
from models.guarantor import Guarantor, Signatory
from models.history import HistoryEntry
from models.modes.letter import Letter
from models.project import Project
from models.rules.problem import Problem
from models.terms import ContractTerms
from tests.bare import (
    DAY,
    MINIMUM,
    ORGANISATION,
    PRICE,
    at,
    attachment,
    contract,
    filing,
    letter,
    look,
    person,
    project,
    put,
    signatory,
    stranger,
    work,
)

AUTHOR = person(EMPLOYER)


def told_of(app: Flask, model: type[Record], key: int) -> list[tuple[str, str]]:
    """What the history tells of the record: what was done, and by whom."""
    mine = (HistoryEntry.record_type == model.__tablename__, HistoryEntry.record_id == key)
    with work(app, AUTHOR):
        query = select(HistoryEntry.action, HistoryEntry.actor_name).where(*mine).order_by(HistoryEntry.id)
        return [(action, name) for action, name in db.session.execute(query)]


@pytest.mark.parametrize(
    ("model", "made", "who"),
    [
        (Letter, lambda: letter("draft"), AUTHOR),
        (Project, lambda: project(name="将删除的工程"), AUTHOR),
        (Contract, lambda: contract(contract_no="将删除的合同"), AUTHOR),
        (Signatory, lambda: signatory(name="将删除的签发人"), person(GUARANTOR)),
    ],
    ids=["draft", "project", "contract", "signatory"],
)
def test_what_a_person_deletes_is_gone_and_history_names_the_person(
    bare: Flask, model: type[Record], made: Callable[[], Record], who: Viewer
) -> None:
    key = put(bare, made())
    with work(bare, who):
        records.delete(model, key)
    assert look(bare, model, key) == {}
    assert told_of(bare, model, key)[-1:] == [("delete", who.name)]


def deleted_draft(app: Flask) -> int:
    """The id of a draft that had a file and a history before its author deleted it."""
    key = put(app, letter("draft"))
    put(app, attachment("letter", key))
    with work(app, AUTHOR):
        records.save(Letter, {"address": "机密地址"}, key=key)
    with work(app, AUTHOR):
        records.delete(Letter, key)
    return key


def test_the_id_of_a_deleted_record_is_never_given_again(bare: Flask) -> None:
    key = put(bare, project(name="将删除的工程"))
    with work(bare, AUTHOR):
        records.delete(Project, key)
    with work(bare, stranger()):
        values = {"name": "后来的工程", "region_code": "460108"}
        assert [records.save(Project, values)[0].id for _ in range(3)] == [key + 1, key + 2, key + 3]
    with work(bare, AUTHOR):
        twins = [project(name=name, created_at=at(DAY)) for name in ("其一", "其二")]
        db.session.add_all(twins)
        db.session.flush()
        records.delete(Project, twins[1].id)
        pair = [project(name=name, created_at=at(DAY)) for name in ("其三", "其四")]
        db.session.add_all(pair)
        db.session.flush()
        assert [each.id for each in pair] == [twins[1].id + 1, twins[1].id + 2]


def test_a_row_that_had_got_the_id_of_a_deleted_draft_has_neither_its_files_nor_its_history(bare: Flask) -> None:
    key = deleted_draft(bare)
    put(bare, letter("draft", id=key, employer_id=ORGANISATION["stranger"]))
    with work(bare, stranger()):
        heir = find(Letter, key)
        assert (uploads.of_record(heir), history.of_record(heir)) == ([], [])
        assert history.last_actors(heir, ("edit",)) == frozenset()


def test_files_that_are_exchanged_stand_in_the_history_and_make_a_new_version(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    kept = put(bare, attachment("letter", key))
    with work(bare, AUTHOR):
        before = uploads.names(find(Letter, key))
        records.save(Letter, {}, key=key, version=1, removed=[kept])
    with work(bare, AUTHOR):
        last = history.of_record(find(Letter, key))[0]
        assert (last.action, json.loads(last.changes)) == ("edit", {"files": [before, []], "share": [None, "10.00"]})
    with work(bare, AUTHOR), pytest.raises(Lost, match=LOST):
        records.save(Letter, {"address": "旧页面"}, key=key, version=1)


@pytest.mark.parametrize(
    "statement", [update(Letter).values(paid=1), delete(Letter), update(Project).values(name="改")]
)
def test_rows_of_records_are_not_changed_by_the_heap(bare: Flask, statement: Any) -> None:
    key = put(bare, letter("draft"))
    before = look(bare, Letter, key)
    with work(bare, AUTHOR), pytest.raises(ScopeBroken, match="one by one"):
        db.session.execute(statement)
    assert look(bare, Letter, key) == before


def test_a_draft_filing_goes_with_its_signatories_and_each_tells_of_it(bare: Flask) -> None:
    own = ORGANISATION["stranger"]
    key = put(bare, filing(organisation_id=own, state="draft"))
    signer = put(bare, signatory(guarantor_id=key, name="随档案删除的签发人"))
    with work(bare, stranger()):
        records.delete(Guarantor, key)
    assert (look(bare, Guarantor, key), look(bare, Signatory, signer)) == ({}, {})
    assert told_of(bare, Signatory, signer)[-1:] == [("guarantor.delete", stranger().name)]


def test_a_contract_goes_with_the_versions_of_its_terms_their_limits_and_their_papers(bare: Flask) -> None:
    given: dict[str, Any] = {"project_id": put(bare, project()), "contractor_id": ORGANISATION[CONTRACTOR]}
    given |= {"contract_type": "construction", "contract_no": "随条款删除", "price": PRICE}
    with work(bare, AUTHOR):
        key = records.save(Contract, given)[0].id
    with work(bare, AUTHOR):
        (version,) = (each.id for each in find(Contract, key).born_with())
        findings.keep(find(ContractTerms, version), [Problem("请核对", blocking=False)], found_by="save", anew=False)
        db.session.commit()
    put(bare, attachment("contract_terms", version))
    hanging = [
        select(each.id).where(each.record_type == "contract_terms", each.record_id == version)
        for each in (Duty, Attachment, Finding)
    ]
    with work(bare, AUTHOR):
        assert all(db.session.scalars(query).all() for query in hanging)
    with work(bare, AUTHOR):
        records.delete(Contract, key)
    with work(bare, AUTHOR):
        assert [db.session.scalars(query).all() for query in hanging] == [[], [], []]
    assert look(bare, ContractTerms, version) == {}
    assert told_of(bare, ContractTerms, version)[-1:] == [("contract.delete", AUTHOR.name)]


def test_a_letter_that_left_its_authors_hands_is_not_deleted(bare: Flask) -> None:
    for state in ("submitted", "returned", "withdrawn", "issued"):
        key = put(bare, letter(state))
        before = look(bare, Letter, key), told_of(bare, Letter, key)
        with work(bare, AUTHOR), pytest.raises(Lost, match="当前状态不能删除，请刷新后查看最新状态"):
            records.delete(Letter, key)
        assert (look(bare, Letter, key), told_of(bare, Letter, key)) == before


def test_a_letter_under_review_is_not_edited(bare: Flask) -> None:
    for state in ("submitted", "prepared", "issued", "refused"):
        key = put(bare, letter(state))
        before = look(bare, Letter, key), told_of(bare, Letter, key)
        with work(bare, AUTHOR), pytest.raises(Lost, match="当前状态不能修改，请刷新后查看最新状态"):
            records.save(Letter, {"address": "改"}, key=key)
        assert (look(bare, Letter, key), told_of(bare, Letter, key)) == before


def test_who_edits_an_older_version_has_lost(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    with work(bare, AUTHOR):
        records.save(Letter, {"address": "先保存的地址"}, key=key, version=1)
    with work(bare, AUTHOR), pytest.raises(Lost, match=LOST):
        records.save(Letter, {"address": "后保存的地址"}, key=key, version=1)
    kept = look(bare, Letter, key)
    assert (kept["address"], kept["version"]) == ("先保存的地址", 2)


def test_who_deletes_an_older_version_has_lost(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    with work(bare, AUTHOR):
        records.save(Letter, {"address": "先保存的地址"}, key=key, version=1)
    with work(bare, AUTHOR), pytest.raises(Lost, match=LOST):
        records.delete(Letter, key, version=1)
    assert look(bare, Letter, key)["version"] == 2


def test_a_strangers_record_is_neither_found_nor_changed(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    before = look(bare, Letter, key)
    with work(bare, stranger()):
        with pytest.raises(NotFound):
            records.save(Letter, {"address": "越权"}, key=key)
        with pytest.raises(NotFound):
            records.delete(Letter, key)
    assert look(bare, Letter, key) == before


@pytest.mark.parametrize(
    ("locked", "changed", "is_written"),
    [
        (True, {"policy_version": "2024-07"}, True),
        (True, {"contact": "越权"}, False),
        (True, {"policy_version": "2024-07", "contact": "越权"}, False),
        (False, {"policy_version": "2024-07"}, False),
    ],
)
def test_an_effect_writes_of_a_row_that_its_actor_may_not_see_only_what_it_locked_and_is_sealed(
    bare: Flask, locked: bool, changed: dict[str, str], is_written: bool
) -> None:
    given = contract(contract_no=f"锁定{locked}{len(changed)}{'contact' in changed}", policy_version=None)
    key = put(bare, given)
    before = look(bare, Contract, key)
    with work(bare, stranger()), open_door():
        found = rows.lock("Contract", key) if locked else db.session.get_one(Contract, key, execution_options=UNSCOPED)
        for name, value in changed.items():
            setattr(found, name, value)
        with nullcontext() if is_written else pytest.raises(ScopeBroken, match="outside of the scope"):
            db.session.flush()
            db.session.commit()
    after = look(bare, Contract, key)
    assert {name for name in after if after[name] != before[name]} - {"version"} == (
        set(changed) if is_written else set()
    )


def test_a_strangers_row_that_somebody_got_hold_of_is_not_written(bare: Flask) -> None:
    key = put(bare, project(name="别人的工程"))
    with work(bare, stranger()):
        found = db.session.get_one(Project, key, execution_options=UNSCOPED)
        found.address = "越权"
        with pytest.raises(ScopeBroken, match="outside of the scope"):
            db.session.flush()
    assert look(bare, Project, key)["address"] is None


def test_nobody_gives_birth_to_a_row_of_somebody_else(bare: Flask) -> None:
    with work(bare, stranger()):
        db.session.add(project(name="越权的工程", created_at=at(DAY)))
        with pytest.raises(ScopeBroken, match="outside of the scope"):
            db.session.flush()


def test_a_draft_lies_within_the_scope_of_its_employer(bare: Flask) -> None:
    values = {"contract_id": put(bare, contract(contract_no="别人的合同")), "amount": MINIMUM}
    with work(bare, stranger()), pytest.raises(Refused, match="请选择本单位的工程"):
        records.save(Letter, values)


def test_amount_and_share_follow_from_what_was_typed(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    with work(bare, AUTHOR):
        records.save(Letter, {"amount": PRICE / 8}, key=key)
    assert look(bare, Letter, key)["share"] == Decimal("12.50")
