"""The one door: every change of state, from a button, a bulk action or a command, is made here and nowhere else."""

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Flask, current_app
from sqlalchemy import ColumnElement, Update, select, update

from app.core.clock import now
from app.core.database import db
from app.core.refusals import LOST, Closed, Lost, NotFound, refuse
from app.core.viewer import as_system, viewer
from app.engine import duties, owned
from app.engine.deeds import deed
from app.engine.happened import effects_happened, happened, one_deed, standing_in
from app.ledger import findings
from app.ledger.rows import record_class
from app.ledger.scope import UNSCOPED, open_door
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import LONG_TEXT, declares, field_of, is_blank
from models.grammar.fields import Kind
from models.grammar.services import Services
from models.grammar.viewer import PUBLIC
from models.grammar.workflow import Guard, Inputs, Moment, Transition, Workflow
from models.rules import one_time_codes
from models.rules.problem import Problem
from models.rules.words import Words

SERVICES = "services"
LACKS = "请上传%(name)s"
OLD = "请上传新的%(name)s，此前已提交的不能代替"
LATER = ("_kept", "_still", "_since")
"""How a guard is called that asks at a later step what was asked before."""


def serve(app: Flask, services: Services) -> None:
    """Hand the engine of this application what guards and effects may ask for."""
    app.extensions[SERVICES] = services


def moment() -> Moment:
    """Now, for the viewer at work; inside one deed it is always the same instant."""
    return Moment(viewer=viewer(), now=now().replace(microsecond=0), services=current_app.extensions[SERVICES])


def workflow_of(record: Record) -> Workflow:
    """The declared workflow; a record without one has no transitions."""
    if record.workflow is None:
        raise NotFound(f"{type(record).__name__} has no workflow")
    return record.workflow


def find(model: type[Record], key: int, *, lock: bool = False, rows: Sequence[ColumnElement[bool]] = ()) -> Record:
    """The record of that id within the viewer's scope; NotFound answers a stranger's id like an absent one.

    `rows` narrow the scope further, as a screen does that shows a part of it.
    """
    if key > LARGEST_ID:
        raise NotFound(f"{model.__name__} {key}")
    query = select(model).where(model.id == key, *rows)
    if lock:
        _lock_parent(model, key)
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    record = db.session.scalars(query).unique().one_or_none()
    if record is None:
        raise NotFound(f"{model.__name__} {key}")
    return record


def _lock_parent(model: type[Record], key: int) -> None:
    """Hold the record's parent, the parent's own first: every deed locks from the top down.

    Keys never change: who only refers to the row, as one that is being born, need not wait.
    """
    if model.parent is None:
        return
    target, column = model.parent
    above = db.session.scalar(select(getattr(model, column)).where(model.id == key).execution_options(**UNSCOPED))
    if above is not None:
        parent = record_class(target)
        _lock_parent(parent, above)
        query = select(parent.id).where(parent.id == above).with_for_update(key_share=True)
        db.session.execute(query.execution_options(**UNSCOPED))


def perform(
    model: type[Record],
    key: int,
    name: str,
    *,
    inputs: Inputs | None = None,
    version: int | None = None,
    found: Sequence[Problem] = (),
    prepare: Callable[[Record], object] | None = None,
) -> tuple[Record, list[Problem]]:
    """Make one transition and commit it: record, number, letter and history together, or nothing at all.

    `version` is the version the person was looking at; `prepare` runs inside the transaction before the checks
    (it binds uploaded files). Raises NotFound, Lost or Refused; in each case nothing has changed.
    """
    with deed(found):
        record = find(model, key, lock=True)
        held = _files_of(record, name)
        if prepare:
            prepare(record)
        warnings = step(record, name, inputs=inputs or {}, version=version, found=found, held=held)
    return record, warnings


def step(
    record: Record,
    name: str,
    *,
    inputs: Inputs,
    version: int | None = None,
    found: Sequence[Problem] = (),
    held: Set[int] = frozenset(),
) -> list[Problem]:
    """Make one transition inside the running transaction, and what follows from it.

    `found` is what a form has already found against the same record: all problems are raised together. `held` are the
    files that were there before: a step that asks for papers is not taken with those of another one. Gives the
    warnings that did not block it, those of the transitions that followed included.
    """
    with one_deed():
        workflow, at = workflow_of(record), moment()
        transition = _transition(workflow, name)
        if version is not None and record.version != version:
            raise Lost(LOST)
        if not workflow.offers(record, transition, at.viewer):
            raise Closed(LOST)
        at = replace(at, absent=workflow.absent_of(record, transition, at.viewer))
        named = {problem.field for problem in found if problem.blocking}
        owed = _code_owed(transition, at)
        against = owed + problems_of(record, transition, inputs, at, named, held=held)
        problems = [each for each in against if each.field not in named]
        refuse([*found, *problems])
        return [*problems, *_make(record, transition, inputs, at, problems)]


def _code_owed(transition: Transition, at: Moment) -> list[Problem]:
    """Before a binding step whoever has a second factor, or must have one, shows a code that is not old."""
    if not transition.binding or not at.viewer.owes_code:
        return []
    said = one_time_codes.NOT_SET_UP if at.viewer.lacks_factor else one_time_codes.ASKED
    return [Problem(said, one_time_codes.FIELD)]


def _make(
    record: Record, transition: Transition, inputs: Inputs, at: Moment, problems: Sequence[Problem]
) -> list[Problem]:
    """Change the record and what its effect changes, tell of it, make what follows; the warnings of that."""
    with open_door(record), standing_in(at.absent):
        _take(record, transition, inputs)
        followed = (transition.effect(record, inputs, at) or ()) if transition.effect else ()
        from_state = record.state
        record.state = to_state = transition.to or from_state
        if all(each.record is not record for each in followed):  # a state that it only passes through is no limit
            duties.follow(record, at)
        findings.keep(
            record,
            problems,
            found_by=transition.name,
            anew=transition.checks_record,
            guards={_name(guard) for guard in transition.guards},
            undoes=transition.undoes,
        )
        cause = happened(
            record,
            transition.name,
            transition.label,
            tone=transition.event_tone,
            from_state=from_state,
            to_state=to_state,
            comment=str(inputs.get("reason") or ""),
        )
        effects_happened(cause, excluding=[each.record for each in followed])
    with as_system():
        return [warning for each in followed for warning in step(each.record, each.name, inputs=each.inputs)]


def begin(record: Record, name: str, at: Moment) -> None:
    """Make the system's first transition of a record that is about to be born, whose problems are known.

    The caller opens the door, keeps the record with its findings and limits, and writes its history: this is for very
    many at once.
    """
    workflow = workflow_of(record)
    transition = _transition(workflow, name)
    if record.id or workflow.initial not in transition.from_ or PUBLIC not in transition.by:
        raise Lost(LOST)
    if transition.effect and transition.effect(record, {}, at):
        raise ValueError(f"{name} of a record that is about to be born cannot bring about more")
    record.state = transition.to
    duties.begin(record, at)


def moved(model: type[Record], name: str, **values: Any) -> Update:
    """The statement that makes the system's transition of that name, of many rows past their histories.

    For records that machines move, with nobody's hand in it: as many a second as the database takes.
    """
    if model.workflow is None:
        raise NotFound(f"{model.__name__} has no workflow")
    transition, table = _transition(model.workflow, name), model.metadata.tables[model.__tablename__]
    if PUBLIC not in transition.by:
        raise Lost(LOST)
    rows = update(table).where(table.c.state.in_(sorted(transition.from_)))
    return rows.values(state=transition.to, version=table.c.version + 1, **values)


def problems_of(
    record: Record,
    transition: Transition,
    inputs: Inputs,
    at: Moment,
    bad: Set[str] = frozenset(),
    *,
    held: Set[int] = frozenset(),
) -> list[Problem]:
    """Everything that stands against this step, all at once: the asked fields, the record itself, the guards."""
    found = _asked(record, transition, inputs)
    if transition.checks_record:
        found += incomplete(record) + doubtful(record)
        found += [] if transition.attachments_later else _missing_papers(record, at)
    found += _papers_of_the_step(record, transition, at, held)
    missing = {problem.field for problem in found if problem.blocking} | bad
    for guard in transition.guards:
        said = (problem for problem in guard(record, inputs, at) if problem.field not in missing)
        found += [replace(problem, guard=_name(guard)) for problem in said]
    return found


def _name(guard: Guard) -> str:
    """What it asks, whichever step asks it: `covers_the_minimum_kept` asks later what `covers_the_minimum` asked."""
    name: str = getattr(guard, "__name__", "")
    return next((name.removesuffix(later) for later in LATER if name.endswith(later)), name)


def incomplete(record: Record) -> list[Problem]:
    """A problem for every required field that is still blank."""
    found = []
    for column in type(record).__mapper__.columns:
        if "field" not in column.info:
            continue
        declared = field_of(type(record), column.key)
        if record.needs(column.key) and is_blank(getattr(record, column.key)):
            found.append(blank(declared.kind, declared.words, column.key))
    return [*found, *owned.incomplete(record, blank)]


def unkeepable(record: Record) -> list[Problem]:
    """A problem for every required field without which not even a draft can be kept."""
    columns = type(record).__mapper__.columns
    needed = [each.key for each in columns if "field" in each.info and not each.nullable and each.default is None]
    declared = {name: field_of(type(record), name) for name in needed if type(record).requires(name)}
    return [blank(each.kind, each.words, name) for name, each in declared.items() if is_blank(getattr(record, name))]


def doubtful(record: Record) -> list[Problem]:
    """What the checks of its fields only warn of: kept with the record, so that the next person sees it too."""
    return [
        problem
        for column in type(record).__mapper__.columns
        for check in (column.info["field"].checks if "field" in column.info else ())
        if isinstance(getattr(record, column.key), str)
        for problem in check(getattr(record, column.key), column.key)
        if not problem.blocking
    ]


def papers_of(record: Record, transition: Transition) -> tuple[str, ...]:
    """The categories of the files that come with the step: those it asks for, and those the record still lacks."""
    is_checked = transition.checks_record and not transition.attachments_later
    lacking = missing_files(record, partial(moment().papers.count, record)) if is_checked else ()
    return tuple(dict.fromkeys((*transition.attach, *(each.field for each in lacking))))


def _missing_papers(record: Record, at: Moment) -> list[Problem]:
    """A problem for every required paper that the record or one of its rows lacks."""
    found = missing_files(record, lambda name: at.papers.count(record, name))
    return [*found, *owned.missing_files(record, at.papers.count)]


def _files_of(record: Record, name: str) -> Set[int]:
    """The files that hang on the record in the categories of that step."""
    papers = moment().papers
    step = next((each for each in workflow_of(record).transitions if each.name == name), None)
    return frozenset[int]().union(*(papers.ids(record, each) for each in (step.attach if step else ())))


def _papers_of_the_step(record: Record, transition: Transition, at: Moment, held: Set[int]) -> list[Problem]:
    """A problem for every paper that the step itself asks for and that is not there, or not new where it has to be."""
    needed = [name for name in transition.attach if name not in transition.optional]
    asked = [each for each in getattr(record, "attachments", ()) if each.name in needed]
    missing = [each for each in asked if not at.papers.ids(record, each.name) - (held if each.anew else frozenset())]
    return [
        Problem(OLD if at.papers.count(record, each.name) else LACKS, each.name, {"name": Words(each.label)})
        for each in missing
    ]


def missing_files(record: Record, held: Callable[[str], object]) -> list[Problem]:
    """A problem for every required attachment category of which nothing is held."""
    categories = getattr(record, "attachments", ())
    return [
        Problem(LACKS, category.name, {"name": Words(category.label)})
        for category in categories
        if category.is_required_of(record) and not held(category.name)
    ]


def blank(kind: Kind, label: Words | str, field: str = "") -> Problem:
    """请输入X or 请选择X, as the field is typed or picked."""
    return Problem("请选择%(label)s" if kind.is_picked else "请输入%(label)s", field, {"label": label})


def _transition(workflow: Workflow, name: str) -> Transition:
    try:
        return workflow.transition(name)
    except KeyError:
        raise NotFound(name) from None


def _asked(record: Record, transition: Transition, inputs: Inputs) -> list[Problem]:
    found = []
    for name in transition.asks:
        if name in transition.optional or not is_blank(inputs.get(name)):
            continue
        if name == "reason":
            found.append(blank(LONG_TEXT, Words(transition.reason_label), "reason"))
        else:
            declared = field_of(type(record), name)
            found.append(blank(declared.kind, declared.words, name))
    return found


def _take(record: Record, transition: Transition, inputs: Inputs) -> None:
    for name in transition.asks:
        if declares(type(record), name) and name in inputs:
            setattr(record, name, inputs[name])
