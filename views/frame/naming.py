"""What the pages of a record are called: in the crumbs, in the browser's tab and in the page strip."""

import re

from app.core.words import _, translated
from models.grammar.base import Record
from views.frame.screen import Screen

UNCUT = 4
"""How many characters at the end of a name the page strip always shows: stage and section of a project stand there."""

OF_A_DAY = re.compile(r"(\d{4})(\d{6})$")
"""Month and day, and the day's own count, at the end of the numbers that we give."""


def kind(view: Screen, record: Record) -> str:
    """What it is, in the words of its screen."""
    return _(view.show_kind or record.noun)


def page_title(view: Screen, record: Record, page: str = "") -> str:
    """What tells the page from all others: the record's name, its title beside a number, and what it is."""
    named = view.called(record)
    title = translated(record.title)
    told = named if title in named else f"{named} {title}"
    return f"{told} · {page or kind(view, record)}"


def tab(view: Screen, record: Record, page: str = "") -> tuple[str, str]:
    """The page's name in the strip, and the end of it, which is never cut; `page` is what a form is called."""
    own, named = view.own_number(record), view.called(record)
    if own:
        return f"{page or kind(view, record)} ", short(own)
    if page or view.number:
        named = f"{page or kind(view, record)} {named}"
    return (named[:-UNCUT], named[-UNCUT:]) if len(named) > UNCUT else (named, "")


def short(number: str) -> str:
    """1110-7 of AJ20261110000007; the last four characters of a number that is not ours."""
    found = OF_A_DAY.search(number)
    return f"{found[1]}-{int(found[2])}" if found else number[-UNCUT:]
