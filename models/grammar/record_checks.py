"""Whether a record's declarations name what there is: its columns, its states, its papers; asked when it is mapped."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Date, DateTime
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapper

from models.grammar.faults import Fault, Subject, of_class
from models.grammar.workflow_checks import names_of, subject_of, subject_of_step
from models.rules.policy import POLICIES, Policy

DAYS = frozenset(each.name for each in fields(Policy) if isinstance(getattr(POLICIES[0], each.name), int))
POLICY_DAYS = frozenset(each.name for each in fields(Policy) if isinstance(getattr(POLICIES[0], each.name), date))


def faults_of(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    """Everything that is wrong with a record class whose mapper has just been made."""
    columns, declared = frozenset(mapper.columns.keys()), declared_in(mapper)
    yield from attribute(cls, "sealed").unknown("R006", cls.sealed, columns)
    yield from attribute(cls, "also_required").unknown("R007", cls.also_required, declared)
    for name in ("own_labels", "own_helps"):
        yield from attribute(cls, name).unknown("R008", getattr(cls, name), declared)
    yield from _papers(cls)
    yield from _clocks(mapper, cls)
    states = names_of(cls.workflow) if cls.workflow is not None else ()
    if hasattr(cls, "contractor_sees"):
        yield from attribute(cls, "contractor_sees").unknown("R017", cls.contractor_sees, states)
    if cls.workflow is not None:
        yield from _birth(mapper, cls)
        yield from _ways(mapper, cls)
    if hasattr(cls, "screen"):
        yield from _screen(mapper, cls)


def attribute(cls: type, name: str) -> Subject:
    """What the class says under that name."""
    return Subject(f"{cls.__name__}.{name}", lambda: of_class(cls, name))


def declared_in(mapper: Mapper[Any]) -> frozenset[str]:
    """The columns that have a label and a kind: those that a person may read or type."""
    return frozenset(key for key, column in mapper.columns.items() if "field" in column.info)


def properties_of(cls: type, *, settable: bool = False) -> frozenset[str]:
    """The names of the class's properties; only of those that can be set, if that is asked for."""
    return frozenset(
        name
        for each in cls.__mro__
        for name, value in each.__dict__.items()
        if isinstance(value, property | hybrid_property) and (value.fset is not None or not settable)
    )


def _papers(cls: Any) -> Iterator[Fault]:
    names = [category.name for category in getattr(cls, "attachments", ())]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield attribute(cls, "attachments").fault("R010", name)


def _birth(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    column = mapper.columns.get("state")
    default = getattr(column.default, "arg", None) if column is not None else None
    if default != cls.workflow.initial:
        first = subject_of(cls.workflow, "state", cls.workflow.states[0])
        yield Subject(cls.__name__, first.places).fault("R001", cls.workflow.initial, str(default))


def _ways(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    workflow, columns = cls.workflow, frozenset(mapper.columns.keys())
    papers = {category.name for category in getattr(cls, "attachments", ())}
    truths = columns | properties_of(cls)
    yield from Subject(f"{cls.__name__}, {workflow.name!r}", lambda: (workflow.place,)).unknown(
        "R005", workflow.parties.values(), columns
    )
    for each in workflow.transitions:
        part = subject_of(workflow, "transition", each)
        yield from part.unknown("R002", each.asks, declared_in(mapper) | {"reason"})
        yield from part.unknown("R003", [each.not_by] if each.not_by else [], columns)
        yield from part.unknown("R004", filter(None, (each.only_if, each.unless)), truths)
        yield from part.unknown("R009", each.attach, papers)
    for step in workflow.steps:
        yield from subject_of_step(workflow, step).unknown("R004", filter(None, (step.only_if, step.unless)), truths)


def _clocks(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    whole = attribute(cls, "clocks")
    states = names_of(cls.workflow) if cls.workflow is not None else ()
    yield from whole.unknown("R011", cls.clocks, states)
    times = [key for key, column in mapper.columns.items() if _is_time(column)]
    for clock in dict.fromkeys(cls.clocks.values()):
        part = _clock_of(whole, clock)
        yield from part.unknown("R012", [clock.since], times)
        yield from part.unknown("R013", [clock.days], DAYS)
        yield from part.unknown("R015", [clock.begins_on] if clock.begins_on else [], POLICY_DAYS)
        if clock.days in DAYS and clock.working != clock.days.endswith("_working_days"):
            yield part.fault("R014", clock.days)
        if clock.kept and "due_on" not in mapper.columns:
            yield part.fault("R016", "due_on")


def _clock_of(whole: Subject, clock: Any) -> Subject:
    return Subject(f"{whole.name}, {clock.label!r}", lambda: (clock.place, *whole.places()))


def _is_time(column: Any) -> bool:
    return isinstance(getattr(column.type, "impl_instance", column.type), Date | DateTime)


def _screen(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    screen, declared = cls.screen, declared_in(mapper)
    part = Subject(f"{cls.__name__}.screen", lambda: (screen.place, *of_class(cls, "screen")))
    shown = declared | {*screen.aliases, *screen.column_labels, "state"}
    names_in = _names_in(screen)
    for name in ("list_columns", "show_parts", "figures"):
        yield from part.unknown("S001", names_in(name), shown)
    yield from part.unknown("S002", (column for _label, column in screen.aliases.values()), declared)
    typed = declared | properties_of(cls, settable=True)
    yield from part.unknown("S003", (*names_in("form_parts"), *screen.search_columns), typed)
    for name in ("number", "sortable"):
        yield from part.unknown("S004", names_in(name), mapper.columns.keys())
    yield from part.unknown("S004", sorted(screen.readonly), mapper.columns.keys())
    if cls.workflow is not None:
        begun = [each.name for each in cls.workflow.transitions if cls.workflow.initial in each.from_]
        yield from part.unknown("S005", [screen.submit_with] if screen.submit_with else [], begun)


def _names_in(screen: Any) -> Callable[[str], tuple[str, ...]]:
    def names(attribute: str) -> tuple[str, ...]:
        """The names under an attribute that lists them, or parts of them."""
        return tuple(
            name for each in getattr(screen, attribute) for name in ((each,) if isinstance(each, str) else each[1])
        )

    return names
