"""Every workflow's state × role: which transitions are offered, and to whom of that role they are not.

Found by asking the workflow with everything in favour of the transition, then with one thing against it at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from models.grammar.viewer import ADMINISTER, PREPARE, PUBLIC, REVIEW, ROLE_LABELS, SYSTEM, Viewer
from models.grammar.workflow import Transition, Workflow
from tests.golden.records import every_record

OWN, OTHER, MYSELF, SOMEBODY = 1, 2, 10, 11
DUTIES = (PREPARE, REVIEW, ADMINISTER)

HEAD = """\
Which transitions a state offers to a role, and where it leads.

own: to the organisation that is this side of the record, not to others of the role   as …: under that duty alone
public: the system, which no account is
not by …: not to the account in that column   if …, unless …: only while that column or property is true, or is not
"""


def table() -> str:
    """The whole table."""
    lines = [HEAD]
    for model in every_record():
        if model.workflow is not None:
            lines += [f"{model.__name__} {model.noun}", *_of_workflow(model.workflow), ""]
    return "\n".join(lines)


def _of_workflow(workflow: Workflow) -> Iterator[str]:
    for state in workflow.states:
        waits = f"   waits for {_listed(state.waits_for)}" if state.waits_for else ""
        edited = f"   edited by {_listed(state.editable_by)}" if state.editable_by else ""
        yield f"    {state.name} {state.label}{waits}{f' as {state.duty}' if state.duty else ''}{edited}"
        for role in (*ROLE_LABELS, PUBLIC):
            for transition in workflow.transitions:
                found = _offer(workflow, state.name, role, transition)
                if found is not None:
                    to = transition.to or "(stays)"
                    yield f"        {role:<10} {transition.name:<20} -> {to:<12} {', '.join(found)}".rstrip()


def _offer(workflow: Workflow, state: str, role: str, transition: Transition) -> list[str] | None:
    """The conditions under which the transition is offered to the role in that state; None where it never is."""
    names = sorted({name for each in workflow.transitions for name in (each.only_if, each.unless) if name})
    flags = [dict(zip(names, values, strict=True)) for values in product((False, True), repeat=len(names))]
    open_ = [each for each in flags if _offers(workflow, transition, state, role, flags=each)]
    if not open_:
        return None
    best = open_[0]
    found = []
    if not _offers(workflow, transition, state, role, flags=best, party=OTHER):
        found.append("own")
    for duty in DUTIES:
        if not _offers(workflow, transition, state, role, flags=best, without=duty):
            found.append(f"as {duty}")
    for column in _persons(workflow):
        if not _offers(workflow, transition, state, role, flags=best, myself=column):
            found.append(f"not by {column}")
    for name in names:
        values = {each[name] for each in open_}
        found += [f"if {name}" if values == {True} else f"unless {name}"] if len(values) == 1 else []
    return found


def _persons(workflow: Workflow) -> list[str]:
    return sorted({each.not_by for each in workflow.transitions if each.not_by})


def _offers(
    workflow: Workflow,
    transition: Transition,
    state: str,
    role: str,
    *,
    flags: Mapping[str, bool],
    party: int = OWN,
    without: str = "",
    myself: str = "",
) -> bool:
    persons = {column: MYSELF if column == myself else SOMEBODY for column in _persons(workflow)}
    parties = dict.fromkeys(workflow.parties.values(), party)
    record = _Record(state=state, **parties, **persons, **flags)
    who = SYSTEM if role == PUBLIC else Viewer(MYSELF, "", organisation_id=OWN, roles=frozenset({role}))
    who = replace(who, duties=frozenset(DUTIES) - {without} if role != PUBLIC else frozenset())
    return workflow.offers(record, transition, who)


class _Record:
    """Anything that has a state, sides, and what the transitions look at."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def _listed(roles: frozenset[str]) -> str:
    return " ".join(sorted(roles))
