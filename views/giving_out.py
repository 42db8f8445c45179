"""派发: the page on which the picked alerts are given to somebody, each as a case or all as one."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.cases import giving
from app.core.clock import today
from app.core.database import db, write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.words import _
from app.engine import records
from app.web import cells, listing
from app.web.forms import RecordForm
from app.web.pages import Button, Cell, Column, FormPage, Row, Section, Table
from models.alert import Alert
from models.grammar.columns import MONEY, Field
from models.grammar.fields import Look
from models.rules.alerts import GRADES
from models.rules.problem import Problem, blocking
from views.frame import form_page
from views.frame.screen import Screen

ALERTS, TOGETHER = "alerts", "together"
AMOUNT = Field("涉及金额", MONEY, unit="万元")
COLUMNS = (
    ("grade", "等级", Look.TAG),
    ("title", "预警事项", Look.TEXT),
    ("project_name", "工程名称", Look.TEXT),
    ("company", "单位名称", Look.TEXT),
    ("amount", "涉及金额(万元)", Look.MONEY),
    ("since_on", "起始日", Look.DATE),
    ("days", "已持续(天)", Look.MONEY),
)


def address(alerts: Sequence[Alert], *, together: bool = False) -> str:
    """Where these alerts are given out."""
    return _address([each.id for each in alerts], **({TOGETHER: "1"} if together else {}))


def answer(view: Screen) -> ResponseReturnValue:
    """The page, or the deed."""
    alerts = picked(request.values.get(ALERTS, ""))
    if not alerts:
        flash(_("请先在预警列表中选择要派发的预警"), "info")
        return redirect(url_for("AlertView.list"))
    form = form_page.build(view, None)
    if request.method == "GET":
        return _page(view, form, alerts)
    before = records.saved_before(form_page.token(), view.model)
    if before is not None:
        return redirect(view.url("show", pk=before.record_id))
    found = form.malformed()
    if blocking(found):
        return _page(view, form, alerts, form.show(found)), 422
    write_from_here()
    if len(alerts) == 1 or request.form.get(TOGETHER):
        return _as_one(view, form, alerts)
    return _one_each(form, alerts)


def picked(text: str) -> Sequence[Alert]:
    """The alerts with these ids, parted by commas; 404 where one is not the viewer's."""
    keys = {int(each) for each in text.split(",") if each.isdecimal() and len(each) < 10}
    if not keys or len(keys) > listing.SIZES[-1]:
        return ()
    query = select(Alert).where(Alert.id.in_(keys)).order_by(Alert.rank.desc(), Alert.since_on, Alert.id)
    found = list(db.session.scalars(query))
    if len(found) != len(keys):
        abort(404)
    return found


def _as_one(view: Screen, form: RecordForm, alerts: Sequence[Alert]) -> ResponseReturnValue:
    keys = [each.id for each in alerts]
    try:
        case = giving.give_out(keys, form.values(), token=form_page.token())
    except NotFound:
        abort(404)
    except Refused as refused:
        before = records.saved_before(form_page.token(), view.model)
        if before is not None:
            return redirect(view.url("show", pk=before.record_id))
        return _page(view, form, picked(_written(keys)), form.show(refused.problems)), 422
    except Lost as lost:
        return _page(view, form, picked(_written(keys)), form.show([Problem(str(lost))])), 409
    flash(_("已派发，案件编号 %(no)s", no=case.case_no), "success")
    return redirect(view.url("show", pk=case.id))


def _one_each(form: RecordForm, alerts: Sequence[Alert]) -> ResponseReturnValue:
    """A case an alert: each succeeds or fails by itself, and those that fail stay picked."""
    values, done, failed = form.values(), 0, {}
    for key, name in [(each.id, f"{each.project_name or each.company} {_(each.title)}") for each in alerts]:
        try:
            giving.give_out([key], values)
            done += 1
        except NotFound:
            abort(404)
        except (Lost, Refused) as refusal:
            failed[key] = _("%(alert)s：%(why)s", alert=name, why=message_of(refusal))
    told = _("已派发 %(done)s 件，未派发 %(failed)s 件", done=done, failed=len(failed))
    flash(told, "warning" if failed else "success")
    for text in failed.values():
        flash(text, "warning")
    if failed:
        return redirect(_address([*failed]))
    return redirect(url_for("CaseView.list", tab="assigned"))


def _page(view: Screen, form: RecordForm, alerts: Sequence[Alert], problems: tuple[tuple[str, str], ...] = ()) -> str:
    together = request.values.get(TOGETHER, "")
    title = _("合并为一案") if together else _(view.add_title)
    page = FormPage(
        title=title,
        action_url=view.url("add"),
        sections=form_page.sections(view, form),
        buttons=(Button("then", "save", _("派发"), "primary"),),
        close_url=url_for("AlertView.list"),
        problems=problems,
        hidden=(
            (form_page.TOKEN, form_page.token()),
            (ALERTS, _written([each.id for each in alerts])),
            *(((TOGETHER, "1"),) if together else ()),
        ),
        papers=(_listed(alerts),),
        tab=title,
    )
    return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=view.crumbs(title))


def _address(keys: Sequence[int], **more: str) -> str:
    return f"{url_for('CaseView.add')}?{urlencode({ALERTS: _written(keys), **more})}"


def _written(keys: Sequence[int]) -> str:
    return ",".join(map(str, keys))


def _listed(alerts: Sequence[Alert]) -> Section:
    columns = tuple(Column(name, _(label), look) for name, label, look in COLUMNS)
    rows = tuple(Row(str(each.id), each.project_name or "", _cells(each)) for each in alerts)
    title = _("所选预警 %(count)s 项", count=len(alerts))
    return Section(title, anchor="picked", table=Table(columns, rows, caption=title))


def _cells(alert: Alert) -> tuple[Cell, ...]:
    return (
        Cell(_(GRADES[alert.grade]), Look.TAG, alert.grade),
        Cell(_(alert.title)),
        Cell(alert.project_name or ""),
        Cell(alert.company or ""),
        cells.of_value(AMOUNT, alert.amount),
        Cell(cells.day(alert.since_on), Look.DATE),
        Cell(f"{(today() - alert.since_on).days:,}", Look.MONEY),
    )
