"""工作日历: the holidays of each announced year, from which every time limit is counted."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect
from flask.typing import ResponseReturnValue

from app.core.clock import today
from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, message_of
from app.core.viewer import viewer
from app.core.words import _, listed
from app.ledger import calendars, loading
from app.policy import years
from app.web import forms
from app.web.forms import Input, RecordForm
from app.web.pages import Cell, Link, Notice
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import LONG_TEXT, Field
from models.grammar.viewer import ADMIN, REGULATOR
from models.grammar.workflow import roles
from models.holidays import REST, WORK, CalendarYear
from models.rules.problem import Problem
from views.frame import seen, timeline
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra

KEEPERS = roles(ADMIN)
READERS = roles(ADMIN, REGULATOR)
LONGEST_TEXT = 4000
YEARS_AHEAD = 2
BOXES: Mapping[str, Field] = {
    REST: Field(
        "放假日期",
        LONG_TEXT,
        required=True,
        wide=True,
        max_length=LONGEST_TEXT,
        help="每行一个节日，例如 春节 2027-02-05 至 2027-02-11；跨年的日期填入其所在年份",
    ),
    WORK: Field(
        "调休上班日期", LONG_TEXT, wide=True, max_length=LONGEST_TEXT, help="安排上班的周六、周日，例如 春节 2027-02-14"
    ),
}


class HolidayView(RecordView):
    """One year a row, the newest first."""

    model = CalendarYear
    route_base = "/holidays"
    menu_label = "工作日历"
    menu_category = "系统设置"
    menu_icon = "fa-calendar"
    list_title = "工作日历"
    add_title = "新增放假安排"
    edit_title = "修改放假安排"
    add_label = "新增年份"
    opens: ClassVar = {"list": READERS, "show": READERS, "export": READERS, "add": KEEPERS, "edit": KEEPERS}
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"do", "urge", "bulk", "pick", "explanation", "file"}
    list_columns = ("year", REST, WORK, "source", "announced_on")
    column_labels: ClassVar = {name: box.label for name, box in BOXES.items()}
    main_column = "year"
    search_boxes = ("year",)
    form_parts: ClassVar = (("发布信息", ("year", "source", "announced_on")), ("放假安排", (REST, WORK)))
    figures = ("year", "announced_on")

    def list_notices(self) -> tuple[Notice, ...]:
        """The years to come that nobody has announced: their limits are estimates."""
        known = calendars.current().announced_years
        missing = [str(year) for year in range(today().year, today().year + YEARS_AHEAD + 1) if year not in known]
        text = _("%(years)s 年的放假安排尚未发布，其间的办理期限按周末估算，标注“预计”", years=listed(missing))
        return (Notice(text, "warning"),) if missing else ()

    def default_sort(self, tab: str) -> str:
        """The newest year first."""
        return "-year"

    def enrich(self, records: Sequence[CalendarYear]) -> None:
        """The days of the page's years, in one statement."""
        loading.fill(records, CalendarYear.days)

    def cell(self, record: Record, name: str) -> Cell:
        """The days of one kind as ranges, a line each."""
        if name not in BOXES:
            return super().cell(record, name)
        text = getattr(record, name)
        return Cell(text.replace("\n", "；"), lines=tuple(text.split("\n")) if text else ())

    def extra_boxes(self) -> Mapping[str, Any]:
        """The two boxes of days, which are rows and no columns of the year."""
        return {name: forms.box(box, Input(name)) for name, box in BOXES.items()}

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """What saving does."""
        text = _("请按国务院办公厅发布的放假安排填写。保存后，在办业务的办理期限按新日历重新计算")
        return (Notice(text, "info"),)

    def show_extra(self, record: Record) -> Extra:
        """What was done to it, and the way to take back a year that was entered by mistake."""
        tools: tuple[Link, ...] = ()
        if record.deletable(viewer()):
            sure = _("删除后，%(year)s 年的期限按周末估算并标注“预计”，确定删除吗？", year=record.title)
            url = self.url("delete", pk=record.id, version=record.version)
            tools = (Link(_("删除"), url, tone="danger", post=True, confirm=sure),)
        return Extra(sections=(timeline.table(record),), tools=tools)

    def also(self, record: CalendarYear) -> None:
        """Count the open limits by the calendar that now holds."""
        years.entered(record)

    def save(
        self, key: int | None, form: RecordForm, *, token: str, malformed: Sequence[Problem]
    ) -> tuple[Record, Sequence[Problem]]:
        """Keep the year; whatever came of it, what is known of the calendar is read anew."""
        try:
            return super().save(key, form, token=token, malformed=malformed)
        finally:
            calendars.forget()

    def remove(self, key: int, *, version: int) -> None:
        """Take back a year that was entered by mistake; the open limits are estimates again."""
        write_from_here()
        years.withdraw(key, version=version)

    def _say(self, record: Record, warnings: Sequence[Problem]) -> None:
        super()._say(record, warnings)
        assert isinstance(record, CalendarYear)
        if record.recounted is not None:
            _tell(years.Recounted(*record.recounted))

    @expose("/delete/<int:pk>", methods=["POST"])
    @allowed("edit")
    def delete(self, pk: int) -> ResponseReturnValue:
        """Take back a year that was entered by mistake; the open limits are estimates again."""
        self.load(pk)
        write_from_here()
        try:
            found = years.withdraw(pk, version=seen.required())
        except NotFound:
            abort(404)
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(self.url("show", pk=pk))
        flash(_("已删除"), "success")
        _tell(found)
        return redirect(self.list_url())


def _tell(found: years.Recounted) -> None:
    text = _("已重新计算 %(open)s 项在办期限，其中 %(moved)s 项的截止日有变动", open=found.open, moved=found.moved)
    flash(text, "info")
