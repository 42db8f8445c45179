"""接口客户端: an administrator registers the programs of its organisation, gives them keys, reads what they ask for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from app.core.clock import now
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _
from app.engine import records
from app.machines import clients, keys, traffic
from app.people.permissions import COMPANY_ADMIN
from app.web import cells, forms
from app.web.forms import Input, RecordForm
from app.web.pages import Button, Cell, Column, Fact, FormPage, FormSection, Link, Notice, Row, Section, ShowPage, Table
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import CHOICE
from models.grammar.fields import Look
from models.grammar.viewer import ADMIN
from models.grammar.workflow import roles
from models.machine import MachineClient
from models.machine_access import KIND_LABELS, MachineKey, MachineRequest
from models.rules.problem import Problem
from views.frame import form_page, seen, show_page
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra

KEEPERS = roles(COMPANY_ADMIN, ADMIN)
PUBLIC_KEY, LASTS, LAST_SEEN = "public_key", "lasts", "last_seen"
SAID = ("name", "purpose", "reads", "submits", "pushes", "expires_on")
OVERLAPS = (("0", "立即失效"), ("1", "1 天后"), ("7", "7 天后"), ("30", "30 天后"))
"""For how many days the earlier key stays good beside a new one."""

PUBLIC_KEY_HELP = "客户端自行保管 Ed25519 私钥的，填写公钥（whpk_ 开头）；留空由系统生成共享密钥"


class MachineClientView(RecordView):
    """One client a row."""

    model = MachineClient
    route_base = "/machine-clients"
    menu_label = "接口客户端"
    menu_category = "单位与账号"
    menu_icon = "fa-plug"
    menu_roles = KEEPERS
    list_title = "接口客户端"
    empty_text = "暂无接口客户端"
    add_title = "登记接口客户端"
    add_label = "登记接口客户端"
    edit_title = "修改接口客户端"
    show_kind = "接口客户端"
    opens: ClassVar = {
        **dict.fromkeys(("list", "show", "export", "do"), KEEPERS),
        **dict.fromkeys(("add", "edit"), roles(COMPANY_ADMIN)),
    }
    exclude_route_methods: ClassVar = {"delete", "explanation", "pick", "file", "bulk", "urge"}
    pages_only = frozenset({"add", "edit", "do"})
    list_columns = ("name", "organisation_id", "reads", "submits", "pushes", "expires_on", "state", LAST_SEEN)
    column_labels: ClassVar = {LAST_SEEN: "最近请求"}
    column_looks: ClassVar = {LAST_SEEN: Look.DATE}
    main_column = "name"
    search_boxes = ("name", "purpose")
    form_parts: ClassVar = (("客户端信息", SAID),)
    show_parts: ClassVar = (("客户端信息", ("name", "organisation_id", "purpose", *SAID[2:])),)
    events_title = "办理记录"

    def tools(self) -> tuple[Link, ...]:
        """How programs speak to us; the platform's own administrators register none."""
        guide = Link(_("接口说明"), url_for("GuideView.guide"), icon="fa-book")
        return (guide,) if viewer().has(ADMIN) else (*super().tools(), guide)

    def enrich(self, records: Sequence[MachineClient]) -> None:
        """When each was last heard of, in one statement."""
        found = traffic.last_seen([each.id for each in records])
        for client in records:
            client.last_request_at = found.get(client.id)  # type: ignore[misc]  # of this very client

    def cell(self, record: Record, name: str) -> Cell:
        """When it was last heard of, beside its columns."""
        if name != LAST_SEEN:
            return super().cell(record, name)
        assert isinstance(record, MachineClient)
        last_at = record.last_request_at
        return Cell(cells.minute(last_at) if last_at is not None else "", Look.DATE)

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """Register a client; its secret stands on the page that follows, and nowhere else."""
        if viewer().has(ADMIN):
            abort(404)
        boxes = [Input(name) for name in SAID]
        form = forms.form_class(MachineClient, boxes, extra={PUBLIC_KEY: _public_key_box()})(data={"reads": True})
        if request.method == "GET":
            return self._ask_client(form)
        values, token = form.values(), form_page.token()
        public_key = values.pop(PUBLIC_KEY, "") or ""
        try:
            client, key, secret = clients.register(
                values, public_key=public_key, malformed=form.malformed(), token=token
            )
        except NotFound:
            abort(404)
        except Refused as refused:
            twin = records.saved_before(token, MachineClient)
            return (self._ask_client(form, refused.problems), 422) if twin is None else self._twice(twin.record_id)
        return self._show_key(client, key, secret)

    @expose("/do/<int:pk>/<name>", methods=["GET", "POST"])
    @allowed("do")
    def do(self, pk: int, name: str) -> ResponseReturnValue:
        """One step; a new key has a form and a page of its own."""
        if name != "rotate":
            return super().do(pk, name)
        client = self.load(pk)
        assert isinstance(client, MachineClient)
        if not form_page.is_offered(client, form_page.transition_of(client, name)):
            return redirect(self.url("show", pk=pk))
        form = _key_form()
        if request.method == "GET":
            return self._ask_key(client, form)
        version = seen.version()
        if version is None:
            return self._ask_key(client, form, [Problem(seen.STALE)]), 400
        try:
            done, key, secret = clients.rotate(
                pk, version=version, ends_at=_end_of(form), public_key=form[PUBLIC_KEY].data or ""
            )
        except NotFound:
            abort(404)
        except Refused as refused:
            return self._ask_key(client, form, refused.problems), 422
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(self.url("show", pk=pk))
        return self._show_key(done, key, secret)

    def show_extra(self, record: Record) -> Extra:
        """Its keys, without what they are, and what it asked for."""
        return Extra(sections=(_keys_of(record.id), _requests_of(record.id)), wide=True)

    def _twice(self, key: int) -> ResponseReturnValue:
        flash(_("该客户端已登记；密钥只显示一次，如未保存请更换密钥"), "warning")
        return redirect(self.url("show", pk=key))

    def _ask_client(self, form: RecordForm, problems: Sequence[Problem] = ()) -> str:
        title = _(self.add_title)
        boxes = tuple(form[name] for name in SAID)
        page = FormPage(
            title=title,
            action_url=self.url("add"),
            problems=form.show(problems),
            sections=(
                FormSection(_("客户端信息"), "client", boxes),
                FormSection(_("密钥"), "key", (form[PUBLIC_KEY],)),
            ),
            buttons=(Button("then", "save", _("登记"), "primary"),),
            close_url=self.list_url(),
            hidden=((form_page.TOKEN, form_page.token()),),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))

    def _ask_key(self, client: MachineClient, form: RecordForm, problems: Sequence[Problem] = ()) -> str:
        title = _("更换密钥")
        note = _("新密钥立即可用；原密钥在选定的时间前同时有效，便于逐步切换")
        page = FormPage(
            title=title,
            action_url=self.url("do", pk=client.id, name="rotate"),
            problems=form.show(problems),
            sections=(FormSection(title, "asked", tuple(form), note=note),),
            buttons=(Button("then", "do", title, "primary"),),
            close_url=self.url("show", pk=client.id),
            hidden=((seen.VERSION, seen.told(client)),),
            summary=show_page.sections(self, client),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))

    def _show_key(self, client: MachineClient, key: MachineKey, secret: str) -> ResponseReturnValue:
        """The key as its program needs it; a secret is shown here and never again."""
        title = _("客户端密钥")
        facts = [Fact(_("密钥编号"), Cell(key.id, Look.CODE), wide=True, copied=True)]
        facts += [Fact(_("密钥"), Cell(secret), wide=True, copied=True)] if secret else []
        facts.append(Fact(_("密钥类型"), Cell(_(KIND_LABELS[key.kind]))))
        once = _("密钥只在本页显示一次，请立即保存到客户端；遗失的，请更换密钥")
        kept = _("公钥已登记，请在客户端用对应的私钥签名")
        page = ShowPage(
            kind=title,
            once=True,
            title=client.name,
            notices=(Notice(once, "warning") if secret else Notice(kept, "success"),),
            sections=(Section(title, anchor="key", facts=tuple(facts), note=_("请求的签名方法见接口说明")),),
            tools=(Link(_("接口说明"), url_for("GuideView.guide"), icon="fa-book"),),
            close_url=self.url("show", pk=client.id),
            close_label=_("返回"),
        )
        return render_template("record/show.html", page=page, page_title=title, crumbs=self.crumbs(title))


def _public_key_box() -> Any:
    return forms.plain_box(
        StringField, _("客户端公钥"), wide=True, help=_(PUBLIC_KEY_HELP), placeholder="whpk_…", is_value=True
    )


def _key_form() -> RecordForm:
    lasts = forms.plain_box(
        SelectField,
        _("原密钥失效时间"),
        box=CHOICE.box,
        required=True,
        choices=[(value, _(label)) for value, label in OVERLAPS],
    )
    boxes = {LASTS: lasts, PUBLIC_KEY: _public_key_box()}
    return forms.form_class(MachineClient, (), extra=boxes)(data={LASTS: str(clients.OVERLAP.days)})


def _end_of(form: RecordForm) -> datetime:
    """When the earlier key ends; after the usual time where what was chosen is none of the offers."""
    chosen = form[LASTS].data
    days = int(chosen) if chosen in dict(OVERLAPS) else clients.OVERLAP.days
    return now() + timedelta(days=days)


def _keys_of(client_id: int) -> Section:
    columns = (
        Column("id", _("密钥编号"), Look.CODE),
        Column("kind", _("密钥类型")),
        Column("created_at", _("生成时间"), Look.DATE),
        Column("ends_at", _("失效时间"), Look.DATE),
    )
    rows = tuple(_key_row(each) for each in keys.of_client(client_id))
    return Section(_("密钥"), anchor="keys", table=Table(columns, rows, caption=_("密钥"), numbered=False))


def _key_row(key: MachineKey) -> Row:
    ended = "" if keys.is_good(key, now()) else _("已失效")
    shown = (
        Cell(key.id, Look.CODE),
        Cell(_(KIND_LABELS[key.kind])),
        Cell(cells.minute(key.created_at), Look.DATE),
        Cell(cells.minute(key.ends_at), Look.DATE, note=ended),
    )
    return Row(key.id, key.id, shown)


def _requests_of(client_id: int) -> Section:
    columns = (
        Column("at", _("请求时间"), Look.DATE),
        Column("asked", _("请求"), Look.CODE),
        Column("status", _("应答"), Look.CODE),
        Column("address", _("来源地址"), Look.CODE),
        Column("key_id", _("密钥编号"), Look.CODE),
    )
    rows = tuple(_request_row(each) for each in traffic.latest_of(client_id))
    table = Table(columns, rows, caption=_("最近请求"), empty_text=_("暂无请求"), numbered=False)
    note = _("列出最近 %(count)s 次；记录保留 %(days)s 天", count=traffic.SHOWN, days=traffic.KEPT_FOR.days)
    return Section(_("最近请求"), anchor="requests", table=table, note=note)


def _request_row(asked: MachineRequest) -> Row:
    line = f"{asked.method} {asked.path}"
    shown = (
        Cell(cells.instant(asked.at), Look.DATE),
        Cell(line, Look.CODE),
        Cell(str(asked.status or _("未完成")), Look.CODE),
        Cell(asked.address, Look.CODE),
        Cell(asked.key_id, Look.CODE),
    )
    return Row(str(asked.id), line, shown)
