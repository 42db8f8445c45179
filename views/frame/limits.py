"""办理期限: the time limits of a record on its page: what, since when, until when, and by which count."""

from datetime import date

from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _
from app.engine import duties
from app.web import cells
from app.web.pages import Cell, Column, Notice, Row, Section, Table
from models.duty import Duty
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.workflow import Clock
from models.rules.days import DAYS, WORKING_DAYS

HEADS = (
    ("label", "事项", Look.TEXT),
    ("since_on", "起算日", Look.DATE),
    ("count", "期限", Look.TEXT),
    ("due_on", "截止日", Look.DATE),
    ("met_on", "办结日", Look.DATE),
    ("policy_version", "政策版本", Look.CODE),
)
COUNTS = {DAYS: "%(count)s 日", WORKING_DAYS: "%(count)s 个工作日"}


def sections(record: Record) -> tuple[Section, ...]:
    """The limits that run and ran, as far as the viewer is told of their states; nothing where there are none."""
    told = _told_clocks(record)
    found = [each for each in duties.of_record(record) if each.code in told] if told else []
    if not found:
        return ()
    columns = tuple(Column(name, _(label), look) for name, label, look in HEADS)
    rows = tuple(_row(each, told[each.code]) for each in found)
    return (Section(_("办理期限"), anchor="limits", table=Table(columns, rows)),)


def awaited(record: Record) -> tuple[Notice, ...]:
    """Whose step is awaited until which day, and how late it is; nothing where no limit runs."""
    clock = _running(record)
    due: date | None = getattr(record, "due_on", None)
    if clock is None or due is None or clock.code not in _told_clocks(record):
        return ()
    params = {"what": _(record.awaits(clock)), "day": cells.due(due)}
    if due < today():
        late = cells.overrun(due, clock.unit)
        return (Notice(_("待%(what)s，期限 %(day)s，%(late)s", late=late, **params), "warning"),)
    return (Notice(_("待%(what)s，期限 %(day)s", **params), "info"),)


def _told_clocks(record: Record) -> dict[str, Clock]:
    states = record.told_states(viewer())
    return {clock.code: clock for state, clock in record.kept_clocks() if states is None or state in states}


def _running(record: Record) -> Clock | None:
    """The limit that ends on the record's own day; its state's, where that is fixed by no limit of its own."""
    if record.workflow is None:
        return None
    open_ = [each.code for each in duties.of_record(record) if each.met_on is None and each.due_on == record.due_on]  # type: ignore[attr-defined]
    named = {clock.code: clock for _state, clock in record.kept_clocks()}
    return named[open_[0]] if open_ and open_[0] in named else record.clocks.get(record.state)


def _row(duty: Duty, clock: Clock) -> Row:
    shown = (
        Cell(_(clock.label)),
        Cell(cells.day(duty.since_on), Look.DATE),
        Cell(_count(duty)),
        Cell(cells.due(duty.due_on), Look.DATE),
        Cell(cells.day(duty.met_on), Look.DATE),
        Cell(duty.policy_version, Look.CODE),
    )
    return Row(str(duty.id), _(clock.label), shown)


def _count(duty: Duty) -> str:
    text = _(COUNTS[duty.unit], count=duty.count)
    return _("%(text)s，扣除 %(days)s 日", text=text, days=duty.paused_days) if duty.paused_days else text
