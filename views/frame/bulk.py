"""One deed on all picked rows of a list: each succeeds or fails by itself, and the page says which.

A row is picked as it stands in the list, by its id and version: one that has changed since is no longer what was seen.
"""

from collections.abc import Callable, Iterator, Sequence

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.words import _
from app.engine import transitions
from app.web import listing
from views.frame import form_page
from views.frame.screen import Screen

LONGEST_KEY = 30  # digits, far beyond every id; of thousands of them Python makes no number
UNSEEN = 0  # the version of no record


def perform(view: Screen, name: str) -> ResponseReturnValue:
    """Make the transition on each of the picked rows."""

    def deed(key: int, version: int) -> None:
        form_page.bulk_transition(view.model, name)
        transitions.perform(view.model, key, name, version=version)

    return each(view, deed)


def each(view: Screen, deed: Callable[[int, int], object]) -> ResponseReturnValue:
    """Do the deed, which is given id and version, on each of the picked rows."""
    typed = request.form.getlist("key")[: listing.SIZES[-1]]
    write_from_here()
    picked, done, failed = dict(_picked(typed)), 0, []
    try:
        for key in picked:
            view.found(key)
    except NotFound:
        abort(404)
    for key, version in picked.items():
        try:
            deed(key, version)
            done += 1
        except NotFound:
            failed.append(_("%(label)s：%(text)s", label=str(key), text=_("该业务已不存在或不再由您办理")))
        except (Lost, Refused) as refusal:
            failed.append(_("%(label)s：%(text)s", label=_title(view, key), text=message_of(refusal)))
    flash(
        _("成功办理 %(done)s 条，未办理 %(failed)s 条", done=done, failed=len(failed)),
        "warning" if failed else "success",
    )
    for text in failed:
        flash(text, "warning")
    return redirect(view.list_url())


def _picked(typed: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Id and version of each picked row, written as in its list: `12.3`."""
    for key, _dot, version in (each.partition(".") for each in typed):
        if key.isdecimal():
            yield _number(key), _number(version) if version.isdecimal() else UNSEEN


def _number(digits: str) -> int:
    return int(digits[:LONGEST_KEY])


def _title(view: Screen, key: int) -> str:
    try:
        return transitions.find(view.model, key).title
    except NotFound:
        return str(key)
