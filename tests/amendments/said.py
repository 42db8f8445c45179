"""What employer, contractor and guarantor say of a change of a letter: each sentence is one line in a test."""

import secrets
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Flask

from app.engine import records
from models.amendment import Amendment
from models.grammar.viewer import CONTRACTOR, EMPLOYER, Viewer
from tests.bare import SIGNATORY, person, work
from tests.claims.said import clerk, reviewer
from tests.claims.said import step as any_step
from tests.plans.said import staged


def change(app: Flask, letter_id: int, kind: str, cause: str, *, day: date, then: str = "submit", **more: Any) -> int:
    """The employer asks for a change, of what happened on that day unless `event_on` says otherwise."""
    values = {"letter_id": letter_id, "kind": kind, "cause": cause, "event_on": day, **more}
    token = secrets.token_urlsafe(24)
    with work(app, person(EMPLOYER), day):
        staged(token, Amendment, ("basis",))
        return records.save(Amendment, values, then=then, token=token)[0].id


def step(
    app: Flask, key: int, name: str, *, by: Viewer, day: date, papers: Sequence[str] = (), **inputs: Any
) -> list[str]:
    """One step with its papers; the warnings that it left."""
    return any_step(app, key, name, by=by, day=day, papers=papers, model=Amendment, **inputs)


def consent(app: Flask, key: int, *, day: date) -> None:
    """The contractor agrees."""
    step(app, key, "consent", by=person(CONTRACTOR), day=day)


def make(app: Flask, key: int, *, day: date, name: str = "prepare", fee: str = "0", **more: Any) -> None:
    """The guarantor works it out, and another person of it gives it out."""
    given = {"fee": Decimal(fee), "signatory_id": SIGNATORY, "remark": "", **more}
    step(app, key, name, by=clerk(), day=day, **given)
    step(app, key, "issue", by=reviewer(), day=day)
