"""What a page shows, ready to be laid out: templates read these objects and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.web.drawn import Chart, DayMark
from models.grammar.fields import Box, Look


@dataclass(frozen=True)
class Cell:
    """One value on screen; `lines` are set below each other instead of the text, `note` small below it.

    `note_href` is where the note leads.
    """

    text: str = ""
    look: Look = Look.TEXT
    tone: str = ""
    href: str = ""
    lines: tuple[str, ...] = ()
    note: str = ""
    note_href: str = ""


@dataclass(frozen=True)
class Column:
    """One column head of a list."""

    name: str
    label: str
    look: Look = Look.TEXT
    sort_url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Link:
    """A link or, with `post`, a button that sends the page's one CSRF form to the address; without one it only says."""

    label: str
    url: str
    icon: str = ""
    tone: str = ""
    post: bool = False
    confirm: str = ""
    new_tab: bool = False


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    key: str
    heading: str
    cells: tuple[Cell, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Tab:
    """One tab above a list, with its count."""

    label: str
    url: str
    count: str = ""
    active: bool = False


@dataclass(frozen=True)
class SearchBox:
    """One box of the search card: for words, for one of `choices`, or two with a `range` between them."""

    name: str
    label: str
    value: str = ""
    value_to: str = ""
    range: Box | None = None
    choices: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""


@dataclass(frozen=True)
class Pager:
    """Where in the list one is."""

    total: int
    total_text: str
    page: int
    pages: tuple[tuple[str, str, bool], ...]
    size: int
    sizes: tuple[tuple[str, str, bool], ...]
    prev_url: str = ""
    next_url: str = ""


@dataclass(frozen=True)
class BulkAction:
    """One button over a list that works on the picked rows."""

    name: str
    label: str
    url: str
    confirm: str = ""


@dataclass(frozen=True)
class Notice:
    """A coloured line; tone is info, warning, danger or success."""

    text: str
    tone: str = "info"
    href: str = ""
    link_text: str = ""
    new_tab: bool = False


@dataclass(frozen=True)
class ListPage:
    """A list with its search card, tabs, tools, table and pager; one that `is_long` is exported by a worker."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    pager: Pager
    reset_url: str
    first_number: int = 1
    filtered: bool = False
    modes: tuple[Tab, ...] = ()
    tabs: tuple[Tab, ...] = ()
    boxes: tuple[SearchBox, ...] = ()
    tools: tuple[Link, ...] = ()
    bulk: tuple[BulkAction, ...] = ()
    export_url: str = ""
    is_long: bool = False
    notices: tuple[Notice, ...] = ()
    empty_text: str = ""
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figure:
    """One key figure in the head of a detail page; with a `tone` it is a clock: a day, and what is left or over."""

    label: str
    text: str
    unit: str = ""
    tone: str = ""


@dataclass(frozen=True)
class StepMark:
    """One circle of the steps bar; state is done, current, refused or todo."""

    label: str
    note: str
    state: str


@dataclass(frozen=True)
class Fact:
    """A label and its value; one that is `copied` rather than typed has a button for it."""

    label: str
    cell: Cell
    wide: bool = False
    copied: bool = False


@dataclass(frozen=True)
class FileItem:
    """One attached file."""

    key: str
    name: str
    size_text: str
    download_url: str = ""
    preview_url: str = ""
    category: str = ""


@dataclass(frozen=True)
class Table:
    """A small table inside a section; `foot` is its line of sums, a cell under each column."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    empty_text: str = ""
    foot: tuple[Cell, ...] = ()
    numbered: bool = True


@dataclass(frozen=True)
class Segment:
    """One piece of a bar, in thousandths of its length; `tone` names its colour, `label` and `text` explain it."""

    start: int
    length: int
    tone: str
    label: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar with its words: what it is made of, the mark in thousandths that it has to reach, what is missing."""

    label: str
    segments: tuple[Segment, ...]
    mark: int
    title: str = ""
    href: str = ""
    tag: Cell | None = None
    figures: tuple[Figure, ...] = ()
    lines: tuple[str, ...] = ()
    link: Link | None = None


@dataclass(frozen=True)
class DiffRow:
    """One line of old beside new, with their difference in words."""

    label: str
    before: str
    after: str
    difference: str
    changed: bool = False


@dataclass(frozen=True)
class Check:
    """One line of a checklist: a fact and a word on it; tone is done, note, missing or info."""

    tone: str
    fact: str
    note: str = ""
    link: Link | None = None


@dataclass(frozen=True)
class Picture:
    """A picture in a section, at an address or in one (`data:`), with what it says to whoever does not see it."""

    url: str
    label: str


@dataclass(frozen=True)
class Section:
    """One card of a detail page; `diff_heads` name the two sides of `diff`, `tabs` lead to other rows of it.

    One with a `tone` says by its colour how things stand; `days` are the days of the limit that it is about.
    """

    title: str
    anchor: str = ""
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    files: tuple[FileItem, ...] = ()
    note: str = ""
    bars: tuple[Bar, ...] = ()
    diff: tuple[DiffRow, ...] = ()
    diff_heads: tuple[str, str] = ("", "")
    checks: tuple[Check, ...] = ()
    tabs: tuple[Tab, ...] = ()
    chart: Chart | None = None
    picture: Picture | None = None
    tone: str = ""
    days: tuple[DayMark, ...] = ()


@dataclass(frozen=True)
class Event:
    """One entry of the approval record."""

    title: str
    at_text: str
    who: str
    comment: str = ""
    tone: str = "blue"
    current: bool = False


@dataclass(frozen=True)
class ShowPage:
    """One record in full; the page strip calls it `tab` with `tab_end`, which is never cut.

    What is shown `once` has no tab there.
    Its events stand beside the sections, or below them where these are `wide`. `bar_note` stands beside its buttons.
    """

    kind: str
    title: str
    number_label: str = ""
    number: str = ""
    tags: tuple[Cell, ...] = ()
    figures: tuple[Figure, ...] = ()
    steps: tuple[StepMark, ...] = ()
    notices: tuple[Notice, ...] = ()
    sections: tuple[Section, ...] = ()
    sources: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    tools: tuple[Link, ...] = ()
    buttons: tuple[Link, ...] = ()
    close_url: str = ""
    close_label: str = "关闭"
    once: bool = False
    tab: str = ""
    tab_end: str = ""
    wide: bool = False
    bar_note: str = ""
    events_title: str = ""

    @property
    def is_copied(self) -> bool:
        """Whether something on the page is to be copied."""
        return any(fact.copied for section in self.sections for fact in section.facts)


@dataclass(frozen=True)
class FormSection:
    """One card of a form; `fields` are WTForms fields."""

    title: str
    anchor: str
    fields: tuple[Any, ...]
    note: str = ""


@dataclass(frozen=True)
class Button:
    """A submit button of a form."""

    name: str
    value: str
    label: str
    tone: str = ""
    novalidate: bool = False
    confirm: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a long request is: asked at `url` while the form that posts to `of` waits for its answer."""

    url: str
    of: str


@dataclass(frozen=True)
class FormPage:
    """A form with everything around it; `tab` and `tab_end` are its name in the page strip, unless it is seen `once`.

    `rows` are its boxes with rows, `targets` what the sums of these have to reach, by name and in their unit. `lead`
    and `papers` are what the person judges by, before all that is asked. A choice in a box of `refreshes` has it drawn
    anew; one that `is_dirty` holds what is not saved yet. `aside` stands beside the boxes and follows what is typed,
    `preview` shows what would come of it.
    """

    title: str
    action_url: str
    sections: tuple[FormSection, ...]
    buttons: tuple[Button, ...]
    close_url: str
    problems: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = ()
    summary: tuple[Section, ...] = ()
    lead: tuple[Section, ...] = ()
    papers: tuple[Section, ...] = ()
    multipart: bool = False
    explain_url: str = ""
    refreshes: tuple[str, ...] = ()
    progress: Progress | None = None
    once: bool = False
    tab: str = ""
    tab_end: str = ""
    is_dirty: bool = False
    aside: Any = None
    preview: Link | None = None
    rows: tuple[Any, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModeChoice:
    """One choice of a dialog that stands before a form: 请选择支付款担保的模式 (手册 2.2.1), 变更类型 (2.2.3)."""

    label: str
    url: str
    text: str = ""
