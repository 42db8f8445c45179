"""我的导出: what one has asked for, how far it is, and the files of the last days."""

from typing import ClassVar

from flask import abort, render_template, request, session
from flask.typing import ResponseReturnValue

from app.core.refusals import NotFound
from app.core.words import _, localized
from app.engine.jobs import FILES_KEPT_FOR
from app.people import sessions
from app.people.permissions import EVERYBODY
from app.web import cells, downloads
from app.web.downloads import Download
from app.web.pages import Cell, Link
from models.attachment import Attachment
from models.grammar.appbuilder import BaseView, expose
from models.job import Job
from views.frame.access import allowed

COUNTED = {downloads.EXPORT: "共 %(count)s 条", downloads.PACK: "共 %(count)s 个文件"}


class DownloadView(BaseView):
    """The viewer's own files, whoever the viewer is."""

    route_base = "/downloads"
    default_view = "index"
    opens: ClassVar = {"index": EVERYBODY}

    @expose("/")
    @allowed("index")
    def index(self) -> ResponseReturnValue:
        """All of them; while one is under way, a script asks again, which keeps nobody signed in."""
        if "again" in request.args:
            sessions.leave_unseen(session)
        title = _("我的导出")
        rows = tuple(self._row(job, file) for job, file in downloads.mine())
        note = _("文件保留 %(days)s 天，仅本人可以下载", days=FILES_KEPT_FOR.days)
        return render_template(
            "downloads.html",
            page={"title": title, "rows": rows, "note": note},
            page_title=title,
            crumbs=(Link(title, ""),),
        )

    @expose("/<int:pk>")
    @allowed("index")
    def file(self, pk: int) -> ResponseReturnValue:
        """One of the files."""
        try:
            return downloads.answer(pk)
        except NotFound:
            abort(404)

    def _row(self, job: Job, file: Attachment | None) -> Download:
        note = localized(job.problem) if job.problem and not file else ""
        if job.state == "completed":
            note = _(COUNTED[job.kind], count=f"{job.total:,}") if file else _("文件已过期，请重新导出")
        return Download(
            title=" ".join(filter(None, (_(job.arguments["title"]), job.arguments.get("number")))),
            asked_at=cells.minute(job.created_at),
            tag=cells.tag(cells.state_of(job)),
            note=note,
            is_open=not job.is_over,
            done=job.done,
            total=job.total,
            file=Cell(file.name, href=f"{self.route_base}/{job.id}") if file else None,
        )
