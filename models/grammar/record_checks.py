"""Whether a record's declarations name what there is: its columns, its states, its papers; asked when it is mapped."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Date, DateTime
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapper

from models.attachment import DOCUMENTS
from models.grammar.columns import field_of
from models.grammar.faults import Fault, Subject, is_called, name_of, nearest, of_class, twice
from models.grammar.kinds.money import Money
from models.grammar.rows import MOST, rows_in
from models.grammar.viewer import COMPANY_ROLES
from models.grammar.workflow_checks import names_of, subject_of, subject_of_step
from models.rules.policy import POLICIES, Policy

DAYS = frozenset(each.name for each in fields(Policy) if isinstance(getattr(POLICIES[0], each.name), int))
POLICY_DAYS = frozenset(each.name for each in fields(Policy) if isinstance(getattr(POLICIES[0], each.name), date))
TUPLES = ("sealed", "also_required", "contractor_sees", "attachments")
SCREEN_TUPLES = ("list_columns", "search_columns", "form_parts", "show_parts", "figures", "number", "sortable")
ORGANISATION, USER = "organisation.id", "ab_user.id"


def faults_of(mapper: Mapper[Any], cls: Any) -> list[Fault]:
    """Everything that is wrong with a record class whose mapper has just been made.

    What it names is looked at once all names are where they can be read.
    """
    return [*_shapes(cls)] or [*_names(mapper, cls)]


def _shapes(cls: Any) -> Iterator[Fault]:
    for name in TUPLES:
        if not isinstance(getattr(cls, name, ()), tuple):
            yield attribute(cls, name).fault("R024", name)
            return
    for category in getattr(cls, "attachments", ()):
        if not isinstance(category.types, tuple):
            yield attribute(cls, "attachments").fault("R024", "types")
    for name, declared in rows_in(cls).items():
        for words in ("columns", "heading"):
            if not isinstance(getattr(declared, words), tuple):
                yield attribute(cls, name).fault("R024", words)
    if hasattr(cls, "screen"):
        for name in SCREEN_TUPLES:
            if not are_listed(getattr(cls.screen, name)):
                yield _screen_of(cls).fault("S009", name)


def are_listed(names: Any) -> bool:
    """Whether these are names one after the other, or parts (title, names), and no text where names should be."""
    parts = [each for each in names if isinstance(each, tuple)]
    return not isinstance(names, str) and not any(not each or isinstance(each[-1], str) for each in parts)


def _names(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    columns, declared = frozenset(mapper.columns.keys()), declared_in(mapper)
    yield from attribute(cls, "sealed").unknown("R006", cls.sealed, columns)
    yield from attribute(cls, "also_required").unknown("R007", cls.also_required, declared)
    for name in ("own_labels", "own_helps"):
        yield from attribute(cls, name).unknown("R008", getattr(cls, name), declared)
    yield from _papers(cls)
    yield from _rows(cls)
    yield from _values(mapper, cls)
    yield from _clocks(mapper, cls)
    states = names_of(cls.workflow) if cls.workflow is not None else ()
    if hasattr(cls, "contractor_sees"):
        yield from attribute(cls, "contractor_sees").unknown("R017", cls.contractor_sees, states)
    if cls.workflow is not None:
        yield from _birth(mapper, cls)
        yield from _ways(mapper, cls)
        yield from _sides(mapper, cls)
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


def typed_though_sealed(cls: Any, readonly: Collection[str], names: Iterable[str]) -> Iterator[str]:
    """Those of a form's names that are sealed in every state; a class that opens some itself knows which."""
    if cls.sealed_now.__qualname__ == "Record.sealed_now":
        yield from (name for name in names if name in cls.sealed and name not in readonly)


def _papers(cls: Any) -> Iterator[Fault]:
    part, categories = attribute(cls, "attachments"), getattr(cls, "attachments", ())
    for name in twice(category.name for category in categories):
        yield part.fault("R010", name)
    for category in categories:
        yield from part.unknown("R022", category.types, DOCUMENTS)
        if callable(category.required) and not is_called(category.required, "record"):
            yield part.fault("R023", category.name, "(record)")


def _rows(cls: Any) -> Iterator[Fault]:
    """What is said of the rows that its records have: their columns, their sum, and whose rows they are."""
    ancestors = {each.__name__ for each in cls.__mro__}
    for name, declared in rows_in(cls).items():
        part, row = attribute(cls, name), declared.model
        columns = declared_in(row.__mapper__)
        yield from part.unknown("R026", declared.columns, columns)
        for column in twice(declared.columns):
            yield part.fault("R027", column, "columns")
        yield from part.unknown("R028", declared.heading, declared.columns)
        if declared.total is not None:
            money = [each for each in declared.columns if each in columns and _is_money(row, each)]
            yield from part.unknown("R029", [declared.total.column], money)
        if not 1 <= declared.most <= MOST:
            yield part.fault("R030", "most", str(MOST))
        if row.parent[0] not in ancestors:
            yield attribute(row, "parent").fault("R031", row.parent[0], nearest(cls.__name__, [cls.__name__]))
        yield from attribute(row, "parent").unknown("R032", [row.parent[1]], row.__mapper__.columns.keys())
        yield from _papers(row)
        taken = {category.name for category in row.attachments}
        for column in sorted(taken & columns):
            yield attribute(row, "attachments").fault("R033", column)


def _is_money(row: Any, column: str) -> bool:
    return isinstance(field_of(row, column).kind, Money)


def _values(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    for key in sorted(declared_in(mapper)):
        declared, part = mapper.columns[key].info["field"], attribute(cls, key)
        if not isinstance(declared.checks, tuple):
            yield part.fault("R024", "checks")
            continue
        for check in declared.checks:
            if not is_called(check, "value", "name"):
                yield part.fault("R025", name_of(check), "(value, name)")
        if declared.normalise is not None and not is_called(declared.normalise, "value"):
            yield part.fault("R025", name_of(declared.normalise), "(value)")


def _birth(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    column = mapper.columns.get("state")
    default = getattr(column.default, "arg", None) if column is not None else None
    if default != cls.workflow.initial:
        first = subject_of(cls.workflow, "state", cls.workflow.states[0])
        yield Subject(cls.__name__, first.places).fault("R001", cls.workflow.initial, str(default))


def _ways(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    workflow, columns = cls.workflow, frozenset(mapper.columns.keys())
    categories = getattr(cls, "attachments", ())
    papers = {category.name for category in categories}
    truths = columns | properties_of(cls)
    for each in workflow.transitions:
        part = subject_of(workflow, "transition", each)
        yield from part.unknown("R002", each.asks, declared_in(mapper) | {"reason"})
        yield from part.unknown("R003", [each.not_by] if each.not_by else [], columns)
        yield from part.unknown("R004", filter(None, (each.only_if, each.unless)), truths)
        yield from part.unknown("R009", each.attach, papers)
        if each.attachments_later and not any(category.required for category in categories):
            yield part.fault("R021", "attachments_later")
    for step in workflow.steps:
        yield from subject_of_step(workflow, step).unknown("R004", filter(None, (step.only_if, step.unless)), truths)


def _sides(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    """Where a record has sides, as every guarantee does, a company acts in it only as one of them."""
    workflow, columns = cls.workflow, frozenset(mapper.columns.keys())
    part = Subject(f"{cls.__name__}, {workflow.name!r}", lambda: (workflow.place,))
    yield from part.unknown("R005", workflow.parties.values(), columns)
    organisations, persons = _referring(mapper, ORGANISATION), _referring(mapper, USER) | _persons(mapper)
    yield from part.unknown("R018", (name for name in workflow.parties.values() if name in columns), organisations)
    for each in workflow.transitions:
        others = [each.not_by] if each.not_by in columns else []
        yield from subject_of(workflow, "transition", each).unknown("R020", others, persons)
    if workflow.parties or hasattr(cls, "screen"):
        acting = {role for each in workflow.transitions for role in each.by}
        acting |= {role for state in workflow.states for role in state.editable_by}
        for role in sorted((acting & COMPANY_ROLES) - workflow.parties.keys()):
            yield part.fault("R019", "parties", role)


def _referring(mapper: Mapper[Any], target: str) -> frozenset[str]:
    return frozenset(
        key
        for key, column in mapper.columns.items()
        if target in {each.target_fullname for each in column.foreign_keys}
    )


def _persons(mapper: Mapper[Any]) -> frozenset[str]:
    """The columns of an account that did something, which are called so and refer to nothing."""
    return frozenset(
        key for key, column in mapper.columns.items() if key.endswith("_by_id") and not column.foreign_keys
    )


def _clocks(mapper: Mapper[Any], cls: Any) -> Iterator[Fault]:
    whole = attribute(cls, "clocks")
    states = names_of(cls.workflow) if cls.workflow is not None else ()
    yield from whole.unknown("R011", cls.clocks, states)
    times = [key for key, column in mapper.columns.items() if _is_time(column)]
    for clock in dict.fromkeys(cls.clocks.values()):
        part = _clock_of(whole, clock)
        yield from part.unknown("R012", [clock.since, *filter(None, [clock.until])], times)
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
    screen, declared, part = cls.screen, declared_in(mapper), _screen_of(cls)
    shown = declared | {*screen.aliases, *screen.column_labels, "state"}
    names_in = _names_in(screen)
    for name in ("list_columns", "figures"):
        yield from part.unknown("S001", names_in(name), shown)
    yield from part.unknown("S001", names_in("show_parts"), shown | rows_in(cls).keys())
    yield from part.unknown("S001", screen.column_looks, shown)
    yield from part.unknown("S002", (column for _label, column in screen.aliases.values()), declared)
    typed = declared | properties_of(cls, settable=True)
    yield from part.unknown("S003", names_in("form_parts"), typed | rows_in(cls).keys())
    yield from part.unknown("S003", screen.search_columns, typed)
    for name in ("number", "sortable"):
        yield from part.unknown("S004", names_in(name), mapper.columns.keys())
    yield from part.unknown("S004", sorted(screen.readonly), mapper.columns.keys())
    if cls.workflow is not None:
        begun = [each.name for each in cls.workflow.transitions if cls.workflow.initial in each.from_]
        yield from part.unknown("S005", [screen.submit_with] if screen.submit_with else [], begun)
    yield from _screen_again(cls, part)


def _screen_again(cls: Any, part: Subject) -> Iterator[Fault]:
    """Names that are known, but stand where they do nothing, or too often."""
    screen, names_in = cls.screen, _names_in(cls.screen)
    for name in typed_though_sealed(cls, screen.readonly, names_in("form_parts")):
        yield part.fault("S006", name)
    for place in ("form_parts", "list_columns"):
        for name in twice(names_in(place)):
            yield part.fault("S007", name, place)
    shown = {*names_in("list_columns"), *names_in("show_parts"), *screen.figures, *screen.search_columns}
    for place, name in shown_nowhere(screen, shown):
        yield part.fault("S008", name, place)


def shown_nowhere(screen: Any, shown: Collection[str]) -> Iterator[tuple[str, str]]:
    """The names that have a label of the screen's own, or for one of those a look, and stand nowhere on it."""
    for name in screen.column_labels:
        if name not in shown:
            yield "column_labels", name
    for name in screen.column_looks:
        if name not in shown and name in screen.column_labels:
            yield "column_looks", name


def _screen_of(cls: Any) -> Subject:
    return Subject(f"{cls.__name__}.screen", lambda: (cls.screen.place, *of_class(cls, "screen")))


def _names_in(screen: Any) -> Callable[[str], tuple[str, ...]]:
    def names(attribute: str) -> tuple[str, ...]:
        """The names under an attribute that lists them, or parts of them."""
        return tuple(
            name for each in getattr(screen, attribute) for name in ((each,) if isinstance(each, str) else each[1])
        )

    return names
