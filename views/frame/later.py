"""A list that takes long to write is asked for, and written by a worker as if the person pressed the button then."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from app.core.clock import now
from app.core.database import write_from_here
from app.core.refusals import Refused, message_of
from app.core.viewer import viewer
from app.core.words import _
from app.engine.jobs import job
from app.engine.running import Running
from app.web import downloads, listing
from app.web.listing import BadArgument
from models.rules.problem import Problem
from views.frame import list_page
from views.frame.screen import Screen

PAGE = "DownloadView.index"


def ask_for(view: Screen) -> ResponseReturnValue:
    """Ask for the list of the query arguments, and lead to the page where it can be fetched."""
    list_page.ask(view)
    asked = {"screen": view.endpoint, "query": request.query_string.decode(), "locale": str(get_locale() or "")}
    write_from_here()
    try:
        downloads.ask(view.list_title, asked)
    except Refused as refused:
        flash(message_of(refused), "warning")
    else:
        flash(_("正在后台导出“%(list)s”，可以离开本页，完成后在此下载", list=_(view.list_title)), "success")
    return redirect(url_for(PAGE))


@job(downloads.EXPORT, "导出列表", as_asker=True, apart=True)
def _export(running: Running) -> None:
    with asked_again(running):
        view = _screen(running.arguments["screen"])
        if not view.may("export"):
            raise Refused([Problem("您已没有导出该列表的权限，未执行")])
        try:
            keys = list_page.found(view)
        except BadArgument:
            count = f"{listing.MOST_EXPORTED:,}"
            raise Refused([Problem(list_page.TOO_MANY, params={"count": count})]) from None
        name = f"{_(view.list_title)}-{now():%Y%m%d%H%M}"
        downloads.keep(running, list_page.sheet(view, keys), name=name, count=len(keys))


@contextmanager
def asked_again(running: Running) -> Iterator[None]:
    """The request of the person, in the same language; who it is has been found anew."""
    asked = {"query": "", **running.arguments}
    base = current_app.config["BASE_URL"]
    with current_app.test_request_context(query_string=asked["query"], base_url=base):
        session["_user_id"], session["locale"] = str(viewer().user_id), asked["locale"]
        yield


def _screen(endpoint: str) -> Screen:
    for view in current_app.extensions["appbuilder"].baseviews:
        if view.endpoint == endpoint and isinstance(view, Screen):
            return view
    raise Refused([Problem("该列表已不在系统中，未执行")])
