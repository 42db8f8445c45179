"""Whether a workflow holds together: its names, its ways, its roles; asked when one is declared."""

from collections.abc import Iterable, Iterator, Set
from typing import Any

from models.grammar.faults import Fault, Subject, is_called, name_of, twice
from models.grammar.viewer import DUTY_LABELS, PUBLIC, ROLE_LABELS

ROLES = frozenset({*ROLE_LABELS, PUBLIC})
TONES = frozenset({"blue", "gray", "green", "orange", "purple", "red"})
BUTTON_TONES = frozenset({"", "primary", "danger"})
GIVEN = ("record", "inputs", "at")
"""What the engine calls a guard and an effect with."""

SHAPES: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("W014", tuple, ("states", "transitions", "steps", "current_in", "refused_in")),
    ("W014", tuple, ("asks", "optional", "attach", "guards", "undoes")),
    ("W015", Set, ("from_", "by", "editable_by", "waits_for")),
    ("W016", str, ("to", "duty", "not_by", "only_if", "unless")),
)


def faults_of(workflow: Any) -> list[Fault]:
    """Everything that is wrong with a workflow in itself, before a record takes it.

    Its names are looked at once all are where they can be read, its ways once all names are right: a wrong one would
    make states look lost that are not.
    """
    whole = Subject(f"workflow {workflow.name!r}", lambda: (workflow.place,))
    return [*_shape(whole, workflow)] or [*_shapes(workflow)] or [*_names(workflow, whole)] or [*_ways(workflow)]


def follow_up_faults(follow_up: Any) -> Iterator[Fault]:
    """What is wrong with a transition that an effect asks for: it can be known once the effect is at work."""
    workflow, record = follow_up.record.workflow, type(follow_up.record).__name__
    known = [each.name for each in workflow.transitions] if workflow is not None else []
    yield from Subject(record, lambda: (follow_up.place,)).unknown("W023", [follow_up.name], known)


def _shapes(workflow: Any) -> Iterator[Fault]:
    for kind, parts in (("state", workflow.states), ("transition", workflow.transitions)):
        for part in parts:
            yield from _shape(subject_of(workflow, kind, part), part)
    for step in workflow.steps:
        yield from _shape(subject_of_step(workflow, step), step)


def _shape(part: Subject, declared: Any) -> Iterator[Fault]:
    for id, shape, names in SHAPES:
        for name in names:
            if hasattr(declared, name) and not isinstance(getattr(declared, name), shape):
                yield part.fault(id, name)


def _names(workflow: Any, whole: Subject) -> Iterator[Fault]:
    if not workflow.states:
        yield whole.fault("W001", workflow.name)
        return
    yield from _repeated(workflow, "state", workflow.states)
    yield from _repeated(workflow, "transition", workflow.transitions)
    yield from whole.unknown("W009", workflow.parties, ROLES)
    labels = [state.label for state in workflow.states]
    for number, state in enumerate(workflow.states):
        part = subject_of(workflow, "state", state)
        if state.label in labels[:number]:
            yield part.fault("W018", state.label)
        yield from part.unknown("W009", sorted(state.editable_by | state.waits_for), ROLES)
        yield from part.unknown("W010", [state.duty] if state.duty else [], DUTY_LABELS)
        yield from part.unknown("W012", [state.tone], TONES)
    for transition in workflow.transitions:
        yield from _transition(workflow, transition)
    for step in workflow.steps:
        part = subject_of_step(workflow, step)
        yield from part.unknown("W005", (*step.current_in, *step.refused_in), names_of(workflow))
        yield from _never(part, step)


def _ways(workflow: Any) -> Iterator[Fault]:
    yield from _unreachable(workflow)
    for state in workflow.states:
        yield from _dead_ends(workflow, state)


def names_of(workflow: Any) -> tuple[str, ...]:
    """The names of its states, in their order."""
    return tuple(state.name for state in workflow.states)


def subject_of(workflow: Any, kind: str, part: Any) -> Subject:
    """One state or transition of the workflow, and where it is written."""
    return Subject(f"workflow {workflow.name!r}, {kind} {part.name!r}", lambda: (part.place, workflow.place))


def subject_of_step(workflow: Any, step: Any) -> Subject:
    """One step of its steps bar, and where it is written."""
    return Subject(f"workflow {workflow.name!r}, step {step.label!r}", lambda: (step.place, workflow.place))


def _repeated(workflow: Any, kind: str, parts: Iterable[Any]) -> Iterator[Fault]:
    known: set[str] = set()
    for part in parts:
        if part.name in known:
            yield subject_of(workflow, kind, part).fault("W002", part.name)
        known.add(part.name)


def _dead_ends(workflow: Any, state: Any) -> Iterator[Fault]:
    part = subject_of(workflow, "state", state)
    leaving = [each for each in workflow.transitions if state.name in each.from_]
    concerned = sorted(state.editable_by | state.waits_for)
    if concerned and not leaving:
        yield part.fault("W007", state.name, ", ".join(concerned))
        return
    allowed = [each for each in leaving if each.duty in ("", state.duty or each.duty)]
    busy = {role for each in allowed for role in each.by} | state.editable_by
    # What the system does from here follows from a deed elsewhere, as a corrected report replaces the objected one.
    waiting = set() if PUBLIC in busy else state.waits_for - busy
    for role in sorted(waiting):
        yield part.fault("W011", role)


def _transition(workflow: Any, transition: Any) -> Iterator[Fault]:
    part, states = subject_of(workflow, "transition", transition), names_of(workflow)
    yield from part.unknown("W003", sorted(transition.from_), states)
    yield from part.unknown("W004", [transition.to] if transition.to else [], states)
    yield from part.unknown("W023", transition.undoes, [each.name for each in workflow.transitions])
    for name in ("from_", "by"):
        if not getattr(transition, name):
            yield part.fault("W008", name)
    yield from part.unknown("W009", sorted(transition.by), ROLES)
    yield from part.unknown("W010", [transition.duty] if transition.duty else [], DUTY_LABELS)
    yield from part.unknown("W012", [transition.event_tone], TONES)
    yield from part.unknown("W012", [transition.tone], BUTTON_TONES)
    yield from part.unknown("W013", transition.optional, (*transition.asks, *transition.attach))
    yield from _never(part, transition)
    yield from _asked(part, transition)
    for function in (*transition.guards, *([] if transition.effect is None else [transition.effect])):
        if not is_called(function, *GIVEN):
            yield part.fault("W017", name_of(function), f"({', '.join(GIVEN)})")


def _never(part: Subject, declared: Any) -> Iterator[Fault]:
    if declared.only_if and declared.only_if == declared.unless:
        yield part.fault("W019", declared.unless)


def _asked(part: Subject, transition: Any) -> Iterator[Fault]:
    for name in ("asks", "attach", "optional"):
        for word in twice(getattr(transition, name)):
            yield part.fault("W020", word, name)
    for word in (*transition.asks, *transition.attach):
        if transition.bulk and word not in transition.optional:
            yield part.fault("W021", word)
    if transition.attachments_later and not transition.checks_record:
        yield part.fault("W022", "attachments_later")


def _unreachable(workflow: Any) -> Iterator[Fault]:
    reached = {workflow.states[0].name}
    while True:
        more = {each.to for each in workflow.transitions if each.to and each.from_ & reached} - reached
        if not more:
            break
        reached |= more
    for state in workflow.states:
        if state.name not in reached:
            yield subject_of(workflow, "state", state).fault("W006", state.name)
