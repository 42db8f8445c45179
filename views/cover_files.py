"""担保数据文件: the nightly files of cover by permit, for regulators to fetch."""

from typing import Any, ClassVar

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core.refusals import NotFound
from app.core.words import _
from app.cover import feed_files
from app.web import cells
from app.web.pages import Cell, Column, Link, Notice, Row, Section, ShowPage, Table
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Look
from models.grammar.viewer import REGULATOR
from models.grammar.workflow import roles
from models.rules import regions
from views.api.cover import answer
from views.frame.access import allowed
from views.frame.show_page import size_text
from views.permits import PermitView


class CoverFileView(BaseView):
    """The files of the viewer's regions."""

    route_base = "/cover-files"
    default_view = "index"
    opens: ClassVar = {"index": roles(REGULATOR)}

    @expose("/")
    @allowed("index")
    def index(self) -> ResponseReturnValue:
        """All of them, the newest first."""
        title = _("担保数据文件")
        text = _(
            "每日凌晨按施工许可证生成，供工资支付监管等平台使用，保留 %(days)s 天；"
            "也可由本单位登记的接口客户端通过 /api/v1/cover-by-permit 获取",
            days=feed_files.KEPT_FOR.days,
        )
        page = ShowPage(
            kind=_("施工许可证"),
            title=title,
            notices=(Notice(text),),
            sections=(Section(title, anchor="files", table=_table()),),
            close_url=PermitView.address("list"),
            close_label=_("返回"),
            wide=True,
        )
        crumbs = (Link(_("施工许可证"), PermitView.address("list")), Link(title, ""))
        return render_template("record/show.html", page=page, page_title=title, crumbs=crumbs)

    @expose("/<made_on>/<region_code>.<kind>")
    @allowed("index")
    def file(self, made_on: str, region_code: str, kind: str) -> ResponseReturnValue:
        """One of the files."""
        try:
            return answer(made_on, region_code, kind)
        except NotFound:
            abort(404)


def _table() -> Table:
    columns = (
        Column("made_on", _("日期"), Look.DATE),
        Column("region", _("地区")),
        Column("count", _("许可证数"), Look.CODE),
        Column("file", _("文件")),
        Column("sha256", "SHA-256", Look.CODE),
    )
    rows = tuple(_row(each) for each in feed_files.readable())
    return Table(columns, rows, caption=_("担保数据文件"), empty_text=_("暂无文件，每日凌晨生成"), numbered=False)


def _row(found: Any) -> Row:
    url = url_for(
        "CoverFileView.file", made_on=found.made_on.isoformat(), region_code=found.region_code, kind=found.kind
    )
    name = feed_files.name_of(found)
    shown = (
        Cell(cells.day(found.made_on), Look.DATE),
        Cell(_(regions.name(found.region_code))),
        Cell(f"{found.permit_count:,}", Look.CODE),
        Cell(name, href=url, note=size_text(found.size)),
        Cell(found.sha256, Look.CODE),
    )
    return Row(name, name, shown)
