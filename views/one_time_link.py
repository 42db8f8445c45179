"""The page that shows a link which works once: it is shown once, too, and kept nowhere in the clear."""

from datetime import timedelta

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.words import _
from app.web import cells
from app.web.pages import Cell, Fact, Link, Notice, Section, ShowPage
from models.grammar.fields import Look


def show(
    *, kind: str, title: str, path: str, lasts: timedelta, note: str, back: str, crumbs: tuple[Link, ...]
) -> ResponseReturnValue:
    """Render the link with the time until which it works; `path` is its address on this site."""
    address = current_app.config["BASE_URL"] + path
    facts = (
        Fact(_("链接"), Cell(address, Look.CODE), wide=True, copied=True),
        Fact(_("有效期至"), Cell(cells.minute(clock.now() + lasts), Look.DATE)),
    )
    once = Notice(_("链接只在本页显示一次，请立即复制并通过可靠方式交给本人"), "warning")
    page = ShowPage(
        kind=kind,
        once=True,
        title=title,
        notices=(once,),
        sections=(Section(kind, anchor="link", facts=facts, note=note),),
        close_url=back,
        close_label=_("返回"),
    )
    return render_template("record/show.html", page=page, page_title=kind, crumbs=crumbs)
