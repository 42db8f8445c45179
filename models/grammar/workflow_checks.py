"""Whether a workflow holds together: its names, its ways, its roles; asked when one is declared."""

from collections.abc import Iterable, Iterator
from typing import Any

from models.grammar.faults import Fault, Subject
from models.grammar.viewer import DUTY_LABELS, PUBLIC, ROLE_LABELS

ROLES = frozenset({*ROLE_LABELS, PUBLIC})
TONES = frozenset({"blue", "gray", "green", "orange", "purple", "red"})
BUTTON_TONES = frozenset({"", "primary", "danger"})


def faults_of(workflow: Any) -> list[Fault]:
    """Everything that is wrong with a workflow in itself, before a record takes it.

    Its ways are looked at once all names are right: a wrong one would make states look lost that are not.
    """
    return [*_names(workflow)] or [*_ways(workflow)]


def _names(workflow: Any) -> Iterator[Fault]:
    whole = Subject(f"workflow {workflow.name!r}", lambda: (workflow.place,))
    if not workflow.states:
        yield whole.fault("W001", workflow.name)
        return
    yield from _repeated(workflow, "state", workflow.states)
    yield from _repeated(workflow, "transition", workflow.transitions)
    yield from whole.unknown("W009", workflow.parties, ROLES)
    for state in workflow.states:
        part = subject_of(workflow, "state", state)
        yield from part.unknown("W009", sorted(state.editable_by | state.waits_for), ROLES)
        yield from part.unknown("W010", [state.duty] if state.duty else [], DUTY_LABELS)
        yield from part.unknown("W012", [state.tone], TONES)
    for transition in workflow.transitions:
        yield from _transition(workflow, transition)
    for step in workflow.steps:
        yield from subject_of_step(workflow, step).unknown(
            "W005", (*step.current_in, *step.refused_in), names_of(workflow)
        )


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
    for name in ("from_", "by"):
        if not getattr(transition, name):
            yield part.fault("W008", name)
    yield from part.unknown("W009", sorted(transition.by), ROLES)
    yield from part.unknown("W010", [transition.duty] if transition.duty else [], DUTY_LABELS)
    yield from part.unknown("W012", [transition.event_tone], TONES)
    yield from part.unknown("W012", [transition.tone], BUTTON_TONES)
    yield from part.unknown("W013", transition.optional, (*transition.asks, *transition.attach))


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
