"""What stands beside a form: asked of its screen at first and after each change, drawn by the server both times."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from app.core.refusals import NotFound
from app.files import uploads
from app.web.asides import Aside
from models.grammar.base import Record
from views.frame import form_page
from views.frame.screen import Screen

CHOSEN = "-chosen"
"""Ends the names under which the browser tells of files that it has not sent yet."""


def html_of(view: Screen, values: Mapping[str, Any]) -> str:
    """What it says now, as the browser sets it in place; empty where the screen has nothing to say."""
    record = _edited(view)
    found: Aside | None = view.form_aside(values, record)
    return render_template("record/aside.html", aside_shown=found) if found is not None else ""


def held_papers(record: Record | None) -> frozenset[str]:
    """The categories of which the form holds a file: kept from before, or chosen and perhaps not sent yet."""
    chosen = {name.removesuffix(CHOSEN) for name in request.form if name.endswith(CHOSEN)}
    gone = set(form_page.removed())
    kept = [*uploads.staged(form_page.token()), *(uploads.of_record(record) if record is not None else ())]
    return frozenset(chosen | {each.category for each in kept if each.id not in gone})


def _edited(view: Screen) -> Record | None:
    """The record whose form is open; None for a new one, and for one that the viewer has no part in."""
    given = request.args.get("pk", "")
    try:
        return view.found(int(given)) if given.isdecimal() and len(given) < 10 else None
    except NotFound:
        return None
