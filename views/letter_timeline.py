"""时间线: a letter from its application to its end, everything in its order (手册 2.2.1 to 2.2.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from app.claims import matters
from app.claims.matters import Matter
from app.core.viewer import viewer
from app.core.words import _, localized
from app.files import uploads
from app.ledger import history
from app.people import accounts
from app.web import cells, exports
from app.web.exports import Sheet, SheetColumn
from app.web.pages import Cell, Link, Tab
from app.web.timelines import TimelineEntry, TimelinePage
from models.attachment import Attachment
from models.claim import Claim
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.grammar.fields import Look
from models.letter_version import LetterVersion
from models.modes.letter import Letter
from models.rules.alerts import GRADES
from models.rules.money import show
from views import claim_sums
from views.frame import readers, timeline

SORTS = {
    "letter": ("保函", "blue"),
    "version": ("版本", "green"),
    "amendment": ("变更", "purple"),
    "letter_update": ("更新事项", "orange"),
    "stoppage": ("停工", "orange"),
    "claim": ("代偿索赔", "red"),
    "alert": ("预警", "red"),
    "paper": ("文件", "gray"),
}
"""The sorts of entries with their words and colours; those of records are called as their tables are."""

SHOWN_IN_EXCEL = "yyyy-mm-dd hh:mm:ss"
NUMBERS = {"letter": "letter_no", "amendment": "amendment_no", "claim": "claim_no"}
TONES = {"yellow": "orange", "orange": "orange", "red": "red"}
COLUMNS = (("时间", 20.0), ("类别", 12.0), ("业务编号", 20.0), ("事项", 36.0), ("办理人", 32.0), ("说明", 80.0))


@dataclass(frozen=True)
class Moment:
    """One thing that happened; what is known `by_day` has no time."""

    sort: str
    at: datetime
    title: str
    number: str = ""
    who: str = ""
    comment: str = ""
    tone: str = "blue"
    links: tuple[Link, ...] = ()
    by_day: bool = False

    @property
    def at_text(self) -> str:
        """Its minute, or its day."""
        return cells.day(self.at.date()) if self.by_day else cells.minute(self.at)


def show_page(letter: Letter, sort: str) -> ResponseReturnValue:
    """The timeline as a page; of one sort, or all of it."""
    moments = of_letter(letter)
    shown = _only(moments, sort)
    title, back = _("时间线"), url_for("LetterView.show", pk=letter.id)
    page = TimelinePage(
        title=title,
        about=" · ".join(filter(None, (letter.project_name, letter.letter_no or letter.application_no))),
        tabs=_tabs(letter, moments, sort),
        entries=tuple(_entry(each) for each in shown),
        total_text=_("共 %(count)s 条", count=f"{len(shown):,}"),
        tools=_tools(letter, sort),
        close_url=back,
    )
    crumbs = (Link(_("我的担保"), url_for("LetterView.list")), Link(letter.title, back), Link(title, ""))
    return render_template("record/timeline.html", page=page, page_title=title, crumbs=crumbs)


def workbook(letter: Letter, sort: str) -> Response:
    """The same as an Excel file."""
    rows = (
        (
            each.at.date() if each.by_day else each.at.replace(tzinfo=None),
            _(SORTS[each.sort][0]),
            each.number,
            each.title,
            each.who,
            each.comment,
        )
        for each in _only(of_letter(letter), sort)
    )
    formats = (SHOWN_IN_EXCEL, *[""] * (len(COLUMNS) - 1))
    columns = tuple(SheetColumn(_(head), width, one) for (head, width), one in zip(COLUMNS, formats, strict=True))
    title = f"{_('时间线')}-{letter.letter_no or letter.application_no}"
    return exports.answer(title, Sheet(title, columns, rows))


def of_letter(letter: Letter) -> list[Moment]:
    """Everything that the viewer may read of it, the oldest first."""
    return of_matter(matters.of_letter(letter))


def of_matter(matter: Matter) -> list[Moment]:
    """The same of a matter that may hold one of the claims alone."""
    moments = [*_versions(matter.letter), *_alerts(matter), *_papers(matter)]
    told: set[int] = set()
    for record in reversed(matter.records):
        moments += _deeds(record, told)
    return sorted(moments, key=lambda each: each.at)


def _deeds(record: Record, told: set[int]) -> Iterator[Moment]:
    """What was done to the record; what a deed changed elsewhere is told with the deed, where that is told."""
    entries = history.of_record(record)
    sums = claim_sums.of_entries(record, entries) if isinstance(record, Claim) else {}
    link = _way(record)
    for entry in reversed(timeline.told(record, entries, viewer())):
        if entry.deed_id in told and "." in entry.action:
            continue
        told.add(entry.id)
        event = timeline.event_of(record, entry)
        yield Moment(
            record.__tablename__,
            entry.at,
            event.title,
            number=number_of(record),
            who=event.who,
            comment="\n".join(filter(None, (sums.get(entry.id), event.comment))),
            tone=event.tone,
            links=link,
        )


def _versions(letter: Letter) -> Iterator[Moment]:
    for each in matters.versions_of(letter):
        yield Moment(
            "version",
            each.from_at,
            localized(each.words),
            number=letter.letter_no or "",
            who=letter.guarantor_name or "",
            comment=_said(each),
            tone="green",
            links=_papers_of_version(letter, each),
        )


def _said(version: LetterVersion) -> str:
    """The terms that hold from then on."""
    text = _(
        "担保金额 %(amount)s 万元，担保期限 %(start)s 至 %(end)s",
        amount=show(version.amount, "万元"),
        start=cells.day(version.starts_on),
        end=cells.day(version.ends_on),
    )
    paused = _("自 %(day)s 起暂停", day=cells.day(version.paused_from)) if version.paused_from else ""
    ended = _("%(day)s 终止", day=cells.day(version.ended_on)) if version.ended_on else ""
    return "\n".join(filter(None, (text, paused, ended)))


def _papers_of_version(letter: Letter, version: LetterVersion) -> tuple[Link, ...]:
    way = Link(_("查看"), url_for("LetterView.show", pk=letter.id, _anchor="versions"))
    if not version.sha256:
        return (way,)
    return (way, Link(_("下载"), url_for("LetterView.pdf", pk=letter.id, version=version.no)))


def _alerts(matter: Matter) -> Iterator[Moment]:
    """When it was raised; since when its cause lasts, and how grave it is. When it was cleared, by its day."""
    for each in matters.alerts_of(matter):
        name, number, links = _(each.declared.name), each.number or "", _way(each)
        lasts = _("自 %(day)s 起，等级%(grade)s", day=cells.day(each.since_on), grade=_(GRADES[each.grade]))
        amount = _("涉及金额 %(amount)s 万元", amount=show(each.amount, "万元")) if each.amount else ""
        comment = "\n".join(filter(None, (lasts, amount)))
        tone = TONES[each.grade]
        yield Moment("alert", each.created_at, name, number=number, comment=comment, tone=tone, links=links)
        if each.cleared_on is not None:
            end = datetime.combine(each.cleared_on, time.max, tzinfo=SHANGHAI)
            title, said = _("预警消除：%(name)s", name=name), each.explanation or ""
            yield Moment("alert", end, title, number=number, comment=said, tone="green", links=links, by_day=True)


def _papers(matter: Matter) -> Iterator[Moment]:
    """The files of the records, as their pages show them; of who has uploaded one the organisation."""
    found = [(record, each) for record in matter.records for each in uploads.of_record(record)]
    names = accounts.organisations_of({each.uploaded_by_id for _record, each in found})
    for record, each in found:
        labels = {one.name: one.label for one in getattr(record, "attachments", ())}
        label = labels.get(each.category, each.category)
        title = _("%(label)s：%(text)s", label=_(label), text=each.name)
        number, who = number_of(record), names.get(each.uploaded_by_id, "")
        links = (*_way(record), *_way_to_file(record, each))
        yield Moment("paper", each.uploaded_at, title, number=number, who=who, tone="gray", links=links)


def _way(record: Record) -> tuple[Link, ...]:
    view = readers.screen_of(record)
    return (Link(_("查看"), view.url("show", pk=record.id)),) if view is not None else ()


def _way_to_file(record: Record, file: Attachment) -> tuple[Link, ...]:
    view = readers.screen_of(record)
    return (Link(_("下载"), view.url("file", pk=record.id, file_id=file.id)),) if view is not None else ()


def number_of(record: Record) -> str:
    """Its own number; empty where it has none."""
    return str(getattr(record, NUMBERS.get(record.__tablename__, ""), None) or "")


def _only(moments: Sequence[Moment], sort: str) -> Sequence[Moment]:
    return [each for each in moments if each.sort == sort] if sort in SORTS else moments


def _tabs(letter: Letter, moments: Sequence[Moment], sort: str) -> tuple[Tab, ...]:
    """One for each sort that there is, with its count."""
    url = lambda **more: url_for("LetterView.timeline", pk=letter.id, **more)  # noqa: E731
    counts = {name: sum(each.sort == name for each in moments) for name in SORTS}
    picked = tuple(
        Tab(_(SORTS[name][0]), url(sort=name), str(count), active=name == sort)
        for name, count in counts.items()
        if count or name == sort
    )
    return (Tab(_("全部"), url(), str(len(moments)), active=sort not in SORTS), *picked)


def _tools(letter: Letter, sort: str) -> tuple[Link, ...]:
    export = url_for("LetterView.timeline_export", pk=letter.id, sort=sort if sort in SORTS else None)
    return (Link(_("导出Excel"), export, icon="fa-file-excel"), Link(_("打印"), "#print", icon="fa-print"))


def _entry(moment: Moment) -> TimelineEntry:
    label, tone = SORTS[moment.sort]
    return TimelineEntry(
        Cell(_(label), Look.TAG, tone),
        moment.title,
        moment.number,
        moment.at_text,
        who=moment.who,
        comment=moment.comment,
        tone=moment.tone,
        links=moment.links,
    )
