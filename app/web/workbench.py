"""What the workbench shows, ready to be laid out, as `app.web.pages` has it of other pages."""

from dataclasses import dataclass

from app.web.pages import Bar, Cell, Link, Section


@dataclass(frozen=True)
class Todo:
    """One record whose next step is the viewer's."""

    title: str
    subject: str
    tag: Cell
    at_text: str
    url: str
    late: Cell | None = None


@dataclass(frozen=True)
class Entry:
    """One of the manual's entries on the workbench (手册 2.0)."""

    label: str
    note: str
    icon: str
    url: str


@dataclass(frozen=True)
class Stat:
    """One figure of the workbench, which leads to its list."""

    label: str
    value: str
    unit: str = ""
    note: str = ""
    icon: str = ""
    tone: str = "blue"
    url: str = ""


@dataclass(frozen=True)
class Workbench:
    """首页工作台."""

    greeting: str
    subtitle: str
    primary: Link | None = None
    stats: tuple[Stat, ...] = ()
    alerts: tuple[Stat, ...] = ()
    entries: tuple[Entry, ...] = ()
    todos: tuple[Todo, ...] = ()
    todos_url: str = ""
    bars: tuple[Bar, ...] = ()
    bars_url: str = ""
    charts: tuple[Section, ...] = ()
    charts_url: str = ""
    notices_list: tuple[tuple[str, str, str], ...] | None = ()
