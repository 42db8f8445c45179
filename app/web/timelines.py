"""What the page of a timeline shows, ready to be laid out, as `app.web.pages` has it of other pages."""

from dataclasses import dataclass

from app.web.pages import Cell, Link, Tab


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened: what, to which record, when, by whom; `links` lead to the record and to its paper."""

    sort: Cell
    title: str
    number: str
    at_text: str
    who: str = ""
    comment: str = ""
    tone: str = "blue"
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class TimelinePage:
    """All of it in its order, under the tabs that pick one sort."""

    title: str
    about: str
    tabs: tuple[Tab, ...]
    entries: tuple[TimelineEntry, ...]
    total_text: str
    tools: tuple[Link, ...]
    close_url: str
