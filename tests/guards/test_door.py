"""The one door: state and sealed columns change inside a transition and nowhere else, exactly as declared."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import db, writing
from app.core.refusals import Lost, NotFound
from app.core.viewer import acting_as, as_system
from app.engine import transitions
from app.ledger.scope import UNSCOPED, ScopeBroken, open_door, records
from models.grammar.base import Record
from models.grammar.viewer import DUTY_LABELS, PUBLIC, ROLE_LABELS, SYSTEM, Viewer
from models.grammar.workflow import Transition, Workflow
from models.modes.letter import LETTER, Letter
from tests.contract.world import EAST, World, at_work, fingerprint, viewer_named
from tests.golden.reading import offers, sealed

OWN, OTHER, MYSELF, SOMEBODY = 71, 72, 81, 82
ACTORS = ("employer", "contractor", "guarantor", "guarantor-issuer", "bank", "regulator", "admin")
EVERY_DUTY = frozenset(DUTY_LABELS)
LETTER_OFFERS = {
    ("draft", "employer"): {"submit"},
    ("returned", "employer"): {"submit"},
    ("withdrawn", "employer"): {"submit"},
    ("submitted", "employer"): {"withdraw"},
    ("submitted", "guarantor"): {"prepare", "record", "return", "refuse"},
    ("prepared", "guarantor"): {"issue", "reserve", "rework"},
    ("issued", "contractor"): {"confirm", "object"},
    ("objected", "employer"): {"answer"},
    ("objected", "guarantor"): {"answer"},
}


def models() -> list[type[Record]]:
    """Every record class, with the modes that share a table family."""
    found: list[type[Record]] = []
    for root in records():
        found += [mapper.class_ for mapper in root.__mapper__.self_and_descendants]
    return found


def with_workflow() -> list[type[Record]]:
    return [model for model in models() if model.workflow is not None]


def pick(model: type[Record], state: str) -> Any:
    query = select(model).where(model.state == state).limit(1)  # type: ignore[attr-defined]
    return db.session.scalars(query.execution_options(**UNSCOPED)).unique().first()


@pytest.fixture
def session(app: Flask, world: World) -> Iterator[Session]:
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        yield db.session()
        db.session.rollback()


@pytest.mark.parametrize("model", with_workflow(), ids=lambda model: model.__name__)
def test_no_state_is_assigned_outside_the_door(session: Session, model: type[Record]) -> None:
    assert model.workflow is not None
    record = next((found for state in model.workflow.states if (found := pick(model, state.name))), None)
    if record is None:
        pytest.skip(f"the demo holds no {model.__name__}")
    record.state = next(state.name for state in model.workflow.states if state.name != record.state)
    with pytest.raises(ScopeBroken, match="state changes only by a transition"):
        session.flush()


@pytest.mark.parametrize(
    "model", [each for each in models() if sealed(each.__name__)], ids=lambda model: model.__name__
)
def test_no_sealed_column_is_assigned_outside_the_door(session: Session, model: type[Record]) -> None:
    key = session.scalars(select(model.id).limit(1)).first()
    if key is None:
        pytest.skip(f"the demo holds no {model.__name__}")
    for name in sealed(model.__name__):
        record: Any = session.get_one(model, key)
        setattr(record, name, "x" if getattr(record, name) is None else None)
        with pytest.raises(ScopeBroken, match=f"{name} changes only by a transition"):
            session.flush()
        session.rollback()


@pytest.mark.parametrize("model", with_workflow(), ids=lambda model: model.__name__)
def test_nothing_is_born_in_a_later_state(session: Session, model: type[Record]) -> None:
    assert model.workflow is not None
    for state in model.workflow.states[1:]:
        session.add(model(state=state.name))
        with pytest.raises(ScopeBroken, match=f"born in state {state.name}"):
            session.flush()
        session.rollback()


def test_a_door_that_was_open_is_shut_again_even_after_a_fault(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), open_door():
        _ = 1 / 0
    pick(Letter, "draft").state = "issued"
    with pytest.raises(ScopeBroken):
        session.flush()


def test_a_strangers_row_is_not_deleted(app: Flask, world: World) -> None:
    with at_work(app, "employer2"):
        record = db.session.get(Letter, world.id(EAST, "draft"), execution_options=UNSCOPED)
        db.session.delete(record)
        with pytest.raises(ScopeBroken, match="outside of the scope"):
            db.session.flush()


def stood_on(
    model: type[Record], role: str, duties: frozenset[str], *, concerned: Transition | None = None
) -> tuple[Any, Viewer]:
    """A record in whose every party column stands the viewer's organisation, that a step concerns, and that viewer."""
    assert model.workflow is not None
    record = model()
    if concerned is not None and concerned.only_if:
        let_hold(record, concerned.only_if, holds=True)
    if concerned is not None and concerned.unless:
        let_hold(record, concerned.unless, holds=False)
    for column in model.workflow.parties.values():
        setattr(record, column, OWN)
    if role == PUBLIC:
        return record, SYSTEM
    who = Viewer(user_id=MYSELF, name="某人", organisation_id=OWN, roles=frozenset({role}), duties=duties)
    return record, who


# What follows from other columns: those that make it hold, and those that make it not.
PROPERTIES: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "is_change": ({"no": 2}, {"no": 1}),
    "lacks_paper": ({"proved_on": None, "reverses_id": None}, {"proved_on": date(2025, 3, 12)}),
    "is_the_employers_word": ({"backfilled": True}, {"backfilled": False}),
    "is_settlement": ({"kind": "end", "cause": "settled"}, {"kind": "end", "cause": "early"}),
    "needs_consent": ({"kind": "reduce"}, {"kind": "extend"}),
    "may_move_end": ({"kind": "resume"}, {"kind": "extend"}),
    "is_to_be_paid": ({"decision": "passed"}, {"decision": "refused"}),
    "was_asked_for_papers": ({"kind": "independent"}, {"kind": "dependent", "asked_for_papers_at": None}),
    "may_present_again": ({"kind": "independent"}, {"kind": "dependent"}),
    "asks_for_extension": ({"demand": "extend_or_pay"}, {"demand": "payment"}),
}


def let_hold(record: Any, name: str, *, holds: bool) -> None:
    """Give the record what makes the column or property of that name hold, or not."""
    follows = PROPERTIES.get(name, ({name: True}, {name: None}))
    for column, value in follows[0 if holds else 1].items():
        setattr(record, column, value)


def combinations() -> list[Any]:
    return [
        pytest.param(model, model.workflow, transition, id=f"{model.__name__}-{transition.name}")
        for model in with_workflow()
        if model.workflow is not None
        for transition in model.workflow.transitions
    ]


@pytest.mark.parametrize(("model", "workflow", "transition"), combinations())
def test_a_transition_is_offered_exactly_as_the_golden_table_says(
    model: type[Record], workflow: Workflow, transition: Transition
) -> None:
    for role in (*ROLE_LABELS, PUBLIC):
        for state in workflow.states:
            record, who = stood_on(model, role, EVERY_DUTY, concerned=transition)
            record.state = state.name
            if transition.not_by:
                setattr(record, transition.not_by, SOMEBODY)
            wanted = transition.name in offers(model.__name__).get((state.name, role), ())
            assert workflow.offers(record, transition, who) is wanted, (role, state.name)


@pytest.mark.parametrize(("model", "workflow", "transition"), combinations())
def test_a_transition_is_not_offered_to_another_side_without_the_duty_or_to_the_same_person(
    model: type[Record], workflow: Workflow, transition: Transition
) -> None:
    for role in transition.by - {PUBLIC}:
        record, who = stood_on(model, role, EVERY_DUTY, concerned=transition)
        record.state = next(iter(transition.from_))
        if transition.not_by:
            setattr(record, transition.not_by, SOMEBODY)
        assert workflow.offers(record, transition, who)
        if transition.not_by:
            setattr(record, transition.not_by, MYSELF)
            assert not workflow.offers(record, transition, who)
            setattr(record, transition.not_by, SOMEBODY)
        if transition.duty:
            idle = Viewer(user_id=MYSELF, name="某人", organisation_id=OWN, roles=frozenset({role}))
            assert not workflow.offers(record, transition, idle)
        if role in workflow.parties:
            setattr(record, workflow.parties[role], OTHER)
            assert workflow.offers(record, transition, who) is transition.any_side


@pytest.mark.parametrize(("model", "workflow", "transition"), combinations())
def test_a_transition_concerns_only_the_records_that_it_names(
    model: type[Record], workflow: Workflow, transition: Transition
) -> None:
    for role in transition.by:
        record, who = stood_on(model, role, EVERY_DUTY, concerned=transition)
        record.state = next(iter(transition.from_))
        for name, refusing in ((transition.only_if, False), (transition.unless, True)):
            if name:
                let_hold(record, name, holds=refusing)
                assert not workflow.offers(record, transition, who)
                let_hold(record, name, holds=not refusing)


def test_the_letters_life_is_the_manuals() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for state in LETTER.states:
        for role in ROLE_LABELS:
            record, who = stood_on(Letter, role, EVERY_DUTY)
            record.state, record.prepared_by_id = state.name, SOMEBODY
            if names := {each.name for each in LETTER.offered(record, who)}:
                found[state.name, role] = names
    assert {key: names for key, names in found.items() if key in LETTER_OFFERS} == LETTER_OFFERS
    assert not {key for key in found if key not in LETTER_OFFERS and key[0] in {state for state, _ in LETTER_OFFERS}}


@pytest.mark.parametrize("model", with_workflow(), ids=lambda model: model.__name__)
def test_a_step_that_is_not_offered_raises_and_changes_nothing(app: Flask, world: World, model: type[Record]) -> None:
    assert model.workflow is not None
    with app.app_context(), writing():
        db.session.rollback()
        before, tried = fingerprint(), 0
        viewers = [viewer_named(username) for username in ACTORS]
        for state in model.workflow.states:
            with as_system():
                record = pick(model, state.name)
                if record is None:
                    continue
                key = record.id
                closed = [
                    (who, each.name)
                    for who in viewers
                    for each in model.workflow.transitions
                    if not model.workflow.offers(record, each, who)
                ]
            for who, name in closed:
                refuses(model, key, name, who)
                tried += 1
        assert fingerprint() == before
    assert tried or all(pick_count(app, model, state.name) == 0 for state in model.workflow.states)


def refuses(model: type[Record], key: int, name: str, who: Viewer) -> None:
    with acting_as(who), pytest.raises((Lost, NotFound)):
        transitions.perform(model, key, name, inputs={"reason": "越权"})


def pick_count(app: Flask, model: type[Record], state: str) -> int:
    with app.app_context(), as_system():
        return 0 if pick(model, state) is None else 1


def test_an_unknown_step_is_not_found(world: World) -> None:
    for attempt in ("approve", "", "__class__"):
        with at_work(world.app, "employer"), pytest.raises(NotFound):
            transitions.perform(Letter, world.id(EAST, "draft"), attempt)


def test_an_older_version_is_lost_even_where_the_step_is_offered(world: World) -> None:
    key = world.id(EAST, "submitted")
    with at_work(world.app, "employer"):
        version = db.session.get_one(Letter, key).version
    with at_work(world.app, "employer"), pytest.raises(Lost):
        transitions.perform(Letter, key, "withdraw", version=version - 1)
    with at_work(world.app, "employer"):
        assert db.session.get_one(Letter, key).state == "submitted"
