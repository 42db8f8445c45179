"""Records of budget money for the tests, made through the program's own doors by the people whose step it is."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask

from app.cover import successors
from app.engine import transitions
from models.modes.fiscal import Fiscal
from tests.contract.world import at_work, organisation_of, save
from tests.modes.accounts import FILED_ON, contract, hang, on, permit_of

APPROVED_ON = date(2025, 3, 1)
ACTORS: Mapping[str, str] = {"submit": "employer", "withdraw": "employer"}
NAMES = [name for _title, part in Fiscal.screen.form_parts for name in part]


def values(contract_id: int, **changed: Any) -> dict[str, Any]:
    """Everything that a record says, approved before the permit."""
    return {
        "contract_id": contract_id,
        "permit_no": permit_of(contract_id),
        "start_on": date(2025, 4, 1),
        "finish_on": date(2031, 4, 1),
        "share": Decimal("80.00"),
        "approver_id": organisation_of("regulator-haikou"),
        "approved_on": APPROVED_ON,
        **changed,
    }


def draft(app: Flask, *, papers: tuple[str, ...] = ("proof",), **changed: Any) -> int:
    """A draft, of a contract of its own unless one is given; its id."""
    contract_id = changed.pop("contract_id", None) or contract(app)
    with on(app, "employer", FILED_ON):
        return int(save(Fiscal, values(contract_id, **changed), papers=papers).id)


def take(app: Flask, key: int, *steps: str, by: str = "", day: date = FILED_ON, **inputs: Any) -> None:
    """These steps of the record, each by the account whose step it is; the regulator files what was stated."""
    for step in steps:
        with on(app, by or ACTORS.get(step, "regulator-haikou"), day):
            given = inputs
            if step == "file" and not inputs:
                found = transitions.find(Fiscal, key)
                given = {name: getattr(found, name) for name in ("approver_id", "approved_on")}
            transitions.perform(Fiscal, key, step, inputs=given)


def filed(app: Flask, *, by: str = "", **changed: Any) -> int:
    """A record filed by that regulator; its id."""
    key = draft(app, **changed)
    take(app, key, "submit")
    take(app, key, "file", by=by)
    return key


def change(app: Flask, key: int, *, by: str = "employer") -> int:
    """The submission that changes the record, with its paper; its id."""
    with at_work(app, by) as who:
        newer = int(successors.draft_after(Fiscal, key, NAMES, who=who).id)
    hang(app, newer, "proof", mode=Fiscal)
    return newer
