"""事件类型: what can be told to other systems, from the declared workflows, with the name that ISO 20022 has for it.

A type is a record and what happened to it: its birth, or a transition of its workflow. Records that are about people
or about the machinery of this system are left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from models.grammar.base import Record
from models.rules.problem import Problem

CREATE = "create"
TEST = "webhook.test"
"""The type of an event that only says that an address is reached; nobody subscribes to it."""

NUMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "account_report": ("month",),
        "amendment": ("amendment_no",),
        "circular_notice": ("circular_no",),
        "claim": ("claim_no",),
        "contract_terms": ("contract_no",),
        "escrow": ("application_no",),
        "fiscal": ("application_no",),
        "guarantor": ("uscc",),
        "letter": ("letter_no", "application_no"),
        "letter_update": ("letter_no",),
        "organisation": ("uscc",),
        "oversight_case": ("case_no",),
        "payment": ("contract_no",),
        "payment_plan": ("contract_no",),
        "postponement": ("contract_no",),
        "presale": ("application_no",),
        "receipt": ("contract_no",),
        "stoppage": ("contract_no",),
    }
)
"""The records that are told of, with the columns of the number that others know each by, the first that is filled."""

ISO: Mapping[str, str] = MappingProxyType(
    {
        "letter.submit": "undertaking.applied",
        "letter.issue": "undertaking.issued",
        "amendment.submit": "undertaking.amendment.requested",
        "amendment.issue": "undertaking.amended",
        "amendment.consent": "undertaking.amendment.accepted",
        "amendment.object": "undertaking.amendment.rejected",
        "claim.submit": "demand.presented",
        "claim.present_again": "demand.presented",
        "claim.withdraw": "demand.withdrawn",
        "claim.refuse": "demand.refused",
    }
)
"""Names after the messages of ISO 20022 tsrv (trade services, undertakings), where one says the same."""

EVERYTHING = "*"
LONGEST_CHOICE = 60
_PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")


@dataclass(frozen=True)
class EventType:
    """One type: the record, its Chinese name, the label of what happened, the ISO name or nothing."""

    name: str
    record_type: str
    noun: str
    label: str
    iso: str = ""


@cache
def event_types() -> Mapping[str, EventType]:
    """Every type by its name, in the order of the records; asked once all records are declared."""
    mapped = {each.class_.__tablename__: each.class_ for each in Record.registry.mappers}
    found = [each for name in NUMBERS for each in _types_of(mapped[name])]
    return MappingProxyType({each.name: each for each in found})


def number_of(record: Record) -> str:
    """The number that others know the record by; empty while it has none."""
    held = (getattr(record, name) for name in NUMBERS[record.__tablename__])
    return next((str(each) for each in held if each), "")


def chosen(text: str) -> tuple[str, ...]:
    """The patterns that a person has written, one a line or parted by commas, each once."""
    return tuple(dict.fromkeys(re.split(r"[\s,，;；、]+", text.strip()))) if text.strip() else ()


def normalise(text: str) -> str:
    """The patterns one a line, in small letters."""
    return "\n".join(chosen(text.lower()))


def fits(patterns: Iterable[str], name: str) -> bool:
    """Whether the type is one of those: itself, all of its record (`letter.*`), or everything (`*`)."""
    wanted = set(patterns)
    return bool(wanted & {EVERYTHING, name, f"{name.partition('.')[0]}.*"})


def check(text: str, field: str = "chosen_types") -> list[Problem]:
    """What is wrong with the patterns: one that is none, or that fits nothing that there is."""
    found = chosen(text)
    if len(found) > LONGEST_CHOICE:
        params = {"most": LONGEST_CHOICE, "now": len(found)}
        return [Problem("事件类型最多 %(most)s 个，现有 %(now)s 个，可用“letter.*”代表一类", field, params)]
    unknown = [
        each for each in found if not _PATTERN.fullmatch(each) or not any(fits([each], name) for name in event_types())
    ]
    if not unknown:
        return []
    message = "没有事件类型“%(name)s”，请对照事件类型表填写，如 letter.issue、letter.* 或 *"
    return [Problem(message, field, {"name": "、".join(each[:60] for each in unknown)})]


def _types_of(model: type[Record]) -> Iterable[EventType]:
    assert model.workflow is not None
    labels = {CREATE: "新增"} | {each.name: each.label for each in model.workflow.transitions}
    for step, label in labels.items():
        name = f"{model.__tablename__}.{step}"
        yield EventType(name, model.__tablename__, model.noun, label, ISO.get(name, ""))
