"""Pictures of the workflows, one for each record class, in the Mermaid text that Git servers and editors draw.

Everything is read from the declarations: whoever changes a workflow draws the page anew with `make docs`.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import models
from models.grammar.base import Record
from models.grammar.columns import declares, field_of
from models.grammar.viewer import DUTY_LABELS, PUBLIC, ROLE_LABELS
from models.grammar.workflow import Clock, State, Transition, Workflow
from models.rules.policy import POLICIES

PAGE = Path(__file__).resolve().with_name("workflows.md")
SYSTEM = "系统"
NOBODY = "—"
EVERYBODY = "各方"
HEAD = """# The workflows

Drawn from the declarations by `make docs`; do not edit. Every arrow is a transition: its label and the sides that may
make it. In brackets stands the duty that the account must hold (经办 prepares, 复核 reviews), and 另一人 where it must
not be the account that the record names: who prepared it, or the account itself. **系统** makes a transition in
nobody's name: as what follows from a deed on another record, or for a visitor of a public page (a registration, an
invitation link). An arrow back to its own state changes the record and not its state.

The limits are those of the shipped policy version; each is a value of the dated policy. Where a transition is offered
only for some records, the columns on which that hangs stand below the table.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *map(chapter, drawn())])


def drawn() -> tuple[type[Record], ...]:
    """Every record class of the product that has a workflow, by the name of its table."""
    for found in pkgutil.walk_packages(models.__path__, "models."):
        importlib.import_module(found.name)
    classes = (mapper.class_ for mapper in Record.registry.mappers)
    ours = (each for each in classes if issubclass(each, Record) and each.__module__.startswith("models."))
    return tuple(sorted((each for each in ours if each.workflow), key=lambda each: str(each.__tablename__)))


def chapter(model: type[Record]) -> str:
    """One record class: its picture, its states, and what is offered only to some of its records."""
    assert model.workflow is not None
    parts = (f"## {model.noun} `{model.__tablename__}`", picture(model.workflow), table(model), offers(model))
    return "\n\n".join(filter(None, parts)) + "\n"


def picture(workflow: Workflow) -> str:
    """The states and the transitions between them."""
    lines = [f'state "{state.label}<br/>{state.name}" as {state.name}' for state in workflow.states]
    lines.append(f"[*] --> {workflow.initial}")
    for (start, end), transitions in arrows(workflow).items():
        lines.append(f"{start} --> {end}: {'<br/>'.join(map(words_of, transitions))}")
    lines += [f"{state.name} --> [*]" for state in workflow.states if is_final(workflow, state)]
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"])


def arrows(workflow: Workflow) -> dict[tuple[str, str], list[Transition]]:
    """The transitions from one state to another, in declared order; one that changes no state leads back to it."""
    found: dict[tuple[str, str], list[Transition]] = {}
    for transition in workflow.transitions:
        for state in workflow.states:
            if state.name in transition.from_:
                found.setdefault((state.name, transition.to or state.name), []).append(transition)
    return found


def is_final(workflow: Workflow, state: State) -> bool:
    """Whether nothing leads out of the state."""
    return not any(start == state.name != end for start, end in arrows(workflow))


def words_of(transition: Transition) -> str:
    """出具保函 · 保证人（复核、另一人）."""
    besides = "、".join(filter(None, (DUTY_LABELS.get(transition.duty, ""), "另一人" if transition.not_by else "")))
    return f"{transition.label} · {sides(transition.by)}{f'（{besides}）' if besides else ''}"


def sides(names: Iterable[str]) -> str:
    """The roles in the manual's words, in their usual order."""
    given = frozenset(names)
    if given.issuperset(ROLE_LABELS):
        return EVERYBODY
    labels = [label for role, label in {**ROLE_LABELS, PUBLIC: SYSTEM}.items() if role in given]
    return "、".join(labels) or NOBODY


def table(model: type[Record]) -> str:
    """State by state: for whom it waits, within which limit, and who may edit the record in it."""
    assert model.workflow is not None
    clocks: Mapping[str, Clock] = getattr(model, "clocks", {})
    rows = ["| 状态 | code | waits for | limit | editable by |", "|---|---|---|---|---|"]
    for state in model.workflow.states:
        duty = f"（{DUTY_LABELS[state.duty]}）" if state.duty else ""
        clock = clocks.get(state.name)
        within = limit(model, clock) if clock else NOBODY
        cells = (state.label, f"`{state.name}`", sides(state.waits_for) + duty, within, sides(state.editable_by))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def limit(model: type[Record], clock: Clock) -> str:
    """保证人受理：5 个工作日，自提交时间起, as the shipped policy has it."""
    policy = POLICIES[-1]
    days = f"{getattr(policy, clock.days)} {'个工作日' if clock.working else '日'}"
    begins = f"，{getattr(policy, clock.begins_on)} 起适用" if clock.begins_on else ""
    return f"{clock.label}：{days}，自{label_of(model, clock.since)}起{begins}（`{clock.days}`）"


def offers(model: type[Record]) -> str:
    """The transitions that are offered only where a column is true, or only where it is not."""
    assert model.workflow is not None
    lines = []
    for each in model.workflow.transitions:
        only = f"where {label_of(model, each.only_if)}" if each.only_if else ""
        unless = f"not where {label_of(model, each.unless)}" if each.unless else ""
        if only or unless:
            lines.append(f"- {each.label} `{each.name}`: {', '.join(filter(None, (only, unless)))}")
    return "\n".join(["Offered only", "", *lines]) if lines else ""


def label_of(model: type[Record], name: str) -> str:
    """The label of a column; the name of what is none."""
    return field_of(model, name).label if declares(model, name) else f"`{name}`"
