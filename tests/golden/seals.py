"""Every record's sealed columns, and what each of its transitions asks, checks and brings about."""

from collections.abc import Callable, Iterator
from typing import Any

from models.grammar.base import Record
from models.grammar.columns import FLAG, YES_NO, field_of
from models.grammar.workflow import Clock, Transition
from tests.golden.records import every_record, row, states_of

HEAD = """\
The columns that only a transition may change, and what every transition asks, checks and brings about.

opens …: columns that are not sealed in those states of such a record   ?: may be left empty, or only sometimes required
"""


def table() -> str:
    """The whole table."""
    lines = [HEAD]
    for model in every_record():
        lines += [f"{model.__name__} {model.noun}", *_of_record(model), ""]
    return "\n".join(lines)


def _of_record(model: type[Record]) -> Iterator[str]:
    yield from _list("sealed", model.sealed)
    yield from _opened(model)
    yield from _list("also required", model.also_required)
    if model.complete_at_save:
        yield "    complete at every save"
    papers = getattr(model, "attachments", ())
    yield from _list("papers", [f"{each.name}{'' if each.required is True else ' ?'}" for each in papers])
    for state, clock in model.clocks.items():
        yield f"    clock in {state}: {_clock(clock)}"
    for transition in model.workflow.transitions if model.workflow else ():
        yield from _of_transition(transition)


def _opened(model: type[Record]) -> Iterator[str]:
    """The columns that a record of this kind opens in some states: kinds are told by what is yes or no."""
    kinds = ["", *(column.key for column in model.__mapper__.columns if _is_flag(model, column.key))]
    for kind in kinds:
        found: dict[tuple[str, ...], list[str]] = {}
        for state in states_of(model):
            record = row(model, state, **({kind: True} if kind else {}))
            opened = tuple(name for name in model.sealed if name not in record.sealed_now())
            found.setdefault(opened, []).append(state)
        for opened, states in found.items():
            if opened:
                yield f"    opens {', '.join(opened)} in {', '.join(states)}{f' if {kind}' if kind else ''}"


def _is_flag(model: type[Record], name: str) -> bool:
    column = model.__mapper__.columns[name]
    return "field" in column.info and field_of(model, name).kind in (FLAG, YES_NO)


def _of_transition(transition: Transition) -> Iterator[str]:
    yield f"    {transition.name} {transition.label}"
    marks = ("checks_record", "attachments_later", "with_form", "bulk", "binding")
    yield from _list("  is", [mark.replace("_", " ") for mark in marks if getattr(transition, mark)])
    for name in ("asks", "attach"):
        words = [f"{each} ?" if each in transition.optional else each for each in getattr(transition, name)]
        yield from _list(f"  {name}", words)
    yield from _list("  guards", [_name(guard) for guard in transition.guards])
    if transition.effect is not None:
        yield from _list("  effect", [_name(transition.effect)])


def _name(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def _clock(clock: Clock) -> str:
    said = [f"{clock.label}, {clock.days} from {clock.since}"]
    said += [f"from {clock.begins_on} on"] if clock.begins_on else []
    return ", ".join([*said, *(["working days"] if clock.working else []), *([] if clock.kept else ["not kept"])])


def _list(head: str, words: Any) -> Iterator[str]:
    if words:
        yield f"    {head}:"
        yield from (f"        {word}" for word in words)
