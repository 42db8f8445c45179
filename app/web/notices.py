"""What the bell and its pages show, ready to be laid out, as `app.web.pages` has it of other pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.clock import now, today
from app.core.words import _
from app.web import cells
from app.web.pages import Cell, Pager, Tab
from models.grammar.fields import Look
from models.notice import Notice
from models.rules.alerts import GRADES, RANKS


@dataclass(frozen=True)
class NoticeLine:
    """One notice: what, below it of which record and by whom, and when; an alert with its grade."""

    heading: str
    note: str
    at_text: str
    at_full: str
    url: str
    is_unread: bool
    tag: Cell | None = None


@dataclass(frozen=True)
class NoticeDay:
    """The notices of today, or those from before."""

    label: str
    lines: tuple[NoticeLine, ...]


@dataclass(frozen=True)
class NoticePage:
    """The notices under their tabs; `pager` where they are a page of their own."""

    title: str
    tabs: tuple[Tab, ...]
    days: tuple[NoticeDay, ...]
    unread: int
    read_url: str
    settings_url: str
    all_url: str
    empty_text: str
    pager: Pager | None = None


def days_of(found: Iterable[Notice], base: str) -> tuple[NoticeDay, ...]:
    """The notices by 今天 and 更早, each a link below `base`."""
    lines = [(each.at.date() == today(), _line(each, base)) for each in found]
    parts = (
        ("今天", [line for is_today, line in lines if is_today]),
        ("更早", [line for new, line in lines if not new]),
    )
    return tuple(NoticeDay(_(label), tuple(held)) for label, held in parts if held)


def _line(notice: Notice, base: str) -> NoticeLine:
    return NoticeLine(
        heading=_("%(label)s：%(about)s", label=_(notice.label), about=_(notice.about)),
        note=" · ".join(filter(None, (notice.title, notice.by_name))),
        at_text=_short(notice),
        at_full=cells.minute(notice.at),
        url=f"{base}/{notice.id}",
        is_unread=notice.read_at is None,
        tag=_grade(notice.rank) if notice.rank else None,
    )


def _short(notice: Notice) -> str:
    """The time of today's, the day of others, the year where it is another one."""
    if notice.at.date() == today():
        return f"{notice.at:%H:%M}"
    return f"{notice.at:%m-%d}" if notice.at.year == now().year else cells.day(notice.at.date())


def _grade(rank: int) -> Cell:
    grade = next(grade for grade, each in RANKS.items() if each == rank)
    return Cell(_(GRADES[grade]), Look.TAG, grade)
