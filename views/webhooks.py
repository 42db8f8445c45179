"""事件推送: addresses of an organisation's own systems, for its administrators; the way from an event to a page."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from app.core.clock import now
from app.core.refusals import Lost, NotFound, message_of
from app.core.words import _
from app.engine import transitions
from app.notices import sources
from app.people.permissions import COMPANY_ADMIN, EVERYBODY
from app.web import forms
from app.web.pages import Button, Cell, Column, Fact, FormPage, FormSection, Link, Notice, Row, Section, ShowPage, Table
from app.webhooks import endpoints, line, secrets
from models.event_types import EVERYTHING, TEST, event_types
from models.grammar.appbuilder import BaseView, expose
from models.grammar.base import LARGEST_ID, Record
from models.grammar.columns import CHOICE
from models.grammar.fields import Look
from models.grammar.workflow import roles
from models.webhook import ACTIVE, ENDED, OFF, WebhookEndpoint
from views import webhook_log
from views.frame import seen
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra
from views.notices import page_of
from views.webhook_log import SINCE

KEEPERS = roles(COMPANY_ADMIN)
SHOWN = ("name", "address", "chosen_types", "failing_since")


class WebhookView(RecordView):
    """One address a row."""

    model = WebhookEndpoint
    route_base = "/webhooks"
    menu_label = "事件推送"
    menu_category = "单位与账号"
    menu_icon = "fa-bullhorn"
    menu_roles = KEEPERS
    list_title = "事件推送"
    empty_text = "暂无推送地址，新增后本单位业务的变化将推送到本单位的系统"
    add_title = "新增推送地址"
    edit_title = "修改推送地址"
    add_label = "新增推送地址"
    show_kind = "推送地址"
    opens: ClassVar = dict.fromkeys(("list", "show", "export", "do", "add", "edit"), KEEPERS)
    exclude_route_methods: ClassVar = {"delete", "explanation", "pick", "file", "bulk", "urge"}
    pages_only = frozenset({"add"})
    main_column = "name"
    list_columns = ("name", "address", "state", "failing_since")
    search_boxes = ("name", "address")
    form_parts: ClassVar = (("推送地址", SHOWN[:3]),)
    show_parts: ClassVar = (("推送地址", SHOWN),)
    events_title = "办理记录"

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """A new address, and then its secret, once."""
        answer = super().add()
        made = g.pop("made_secret", None)
        if made is None or getattr(answer, "status_code", 0) != 302:
            return answer
        endpoint_id, secret = made
        return self._secret(self.load(endpoint_id), secret)

    @expose("/rotate/<int:pk>", methods=["GET", "POST"])
    @allowed("edit")
    def rotate(self, pk: int) -> ResponseReturnValue:
        """Another secret, shown once."""
        endpoint = self.load(pk)
        if request.method == "GET":
            return redirect(self.url("show", pk=pk))
        try:
            made = endpoints.rotate(pk, version=seen.required())
        except (Lost, NotFound) as lost:
            return self._lost(pk, lost)
        return self._secret(endpoint, made)

    @expose("/test/<int:pk>", methods=["POST"])
    @allowed("edit")
    def test(self, pk: int) -> ResponseReturnValue:
        """Send an event that says nothing but that the address is reached."""
        self.load(pk)
        try:
            endpoints.test(pk)
        except (Lost, NotFound) as lost:
            return self._lost(pk, lost)
        flash(_("测试事件已加入推送，几秒后刷新本页可在推送记录中查看应答"), "success")
        return redirect(self.url("show", pk=pk))

    @expose("/again/<int:pk>", methods=["GET", "POST"])
    @allowed("edit")
    def again(self, pk: int) -> ResponseReturnValue:
        """Send once more whatever was sent since a time."""
        endpoint = self.load(pk)
        form = _since_form()
        if request.method == "GET":
            return self._ask_since(endpoint, form)
        span = SINCE.get(form.since.data or "")
        if span is None:
            return self._ask_since(endpoint, form, (("since", _("请选择重新投递的范围")),)), 422
        return self._sent_again(pk, since=now() - span[1])

    @expose("/again/<int:pk>/<int:delivery_id>", methods=["POST"])
    @allowed("edit")
    def again_one(self, pk: int, delivery_id: int) -> ResponseReturnValue:
        """Send one delivery once more."""
        self.load(pk)
        return self._sent_again(pk, delivery_id=_key(delivery_id))

    @expose("/log/<int:pk>/<int:delivery_id>")
    @allowed("show")
    def log(self, pk: int, delivery_id: int) -> ResponseReturnValue:
        """One delivery: what was sent, and what was answered."""
        endpoint = self.load(pk)
        assert isinstance(endpoint, WebhookEndpoint)
        found = line.delivery_of(pk, _key(delivery_id)) or abort(404)
        page = webhook_log.page_of(self, endpoint, found)
        return render_template("record/show.html", page=page, page_title=page.title, crumbs=self.crumbs(_("推送记录")))

    @expose("/types")
    @allowed("list")
    def types(self) -> ResponseReturnValue:
        """Every type that there is, with what it says."""
        title = _("事件类型")
        page = ShowPage(
            kind=self.label_of_menu(),
            title=title,
            sections=(Section(title, anchor="types", table=_types()),),
            close_url=self.list_url(),
            close_label=_("返回"),
            wide=True,
        )
        return render_template("record/show.html", page=page, page_title=title, crumbs=self.crumbs(title))

    def tools(self) -> tuple[Link, ...]:
        """Beside a new address the table of types."""
        return (*super().tools(), Link(_("事件类型"), self.url("types"), icon="fa-circle-info"))

    def start_values(self) -> dict[str, Any]:
        """Everything, until somebody chooses."""
        return {"chosen_types": EVERYTHING}

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """What is sent there, and where the types stand."""
        text = _("只推送本单位可查看的业务，内容为业务类型、编号、状态和链接，不含个人信息；每次推送都带签名")
        return (Notice(text, "info", href=self.url("types"), link_text=_("事件类型")),)

    def also(self, record: Any) -> None:
        """Its address is looked at, and a new one gets its secret."""
        endpoints.check(record)
        if not secrets.known(record.id):
            g.made_secret = (record.id, secrets.renew(record.id))

    def show_extra(self, record: Record) -> Extra:
        """Its secrets, what was sent there, and what may be done beyond its states."""
        assert isinstance(record, WebhookEndpoint)
        known = webhook_log.secrets_section(record.id)
        return Extra(
            sections=(known, webhook_log.section(self, record)),
            notices=tuple(self._ended(record)),
            tools=self._tools(record),
            wide=True,
        )

    def label_of_menu(self) -> str:
        """What the screen is called."""
        return _(self.menu_label)

    def _ended(self, record: WebhookEndpoint) -> Iterator[Notice]:
        """What to do where nothing is sent any more."""
        if record.state == OFF:
            yield Notice(
                _("接收方多次未应答，推送已停用。请排查接收方系统后恢复推送，停用期间的事件将依次推送"), "warning"
            )
        if record.state == ENDED:
            text = _("推送已终止，不能恢复，等待中的事件不再推送。仍需接收的，请重新新增推送地址")
            yield Notice(text, "warning", href=self.url("add"), link_text=_(self.add_label))

    def _tools(self, record: WebhookEndpoint) -> tuple[Link, ...]:
        if record.state == ENDED or not self.may("edit"):
            return ()
        rotates = _("新密钥生成后，原密钥在 24 小时内仍同时签名，确定更换吗？")
        url = self.url("rotate", pk=record.id, version=record.version)
        tools = [Link(_("更换密钥"), url, icon="fa-key", post=True, confirm=rotates)]
        if record.state == ACTIVE:
            sends = Link(_("发送测试"), self.url("test", pk=record.id), icon="fa-bullhorn", post=True)
            tools = [sends, *tools, Link(_("重新投递"), self.url("again", pk=record.id), icon="fa-rotate-right")]
        return tuple(tools)

    def _secret(self, endpoint: Record, secret: str) -> ResponseReturnValue:
        kind = _("签名密钥")
        note = _("请保存到接收方系统，按 Standard Webhooks 规则核对每次推送的签名（webhook-signature）")
        once = Notice(_("密钥只在本页显示一次，请立即复制并妥善保管"), "warning")
        fact = Fact(kind, Cell(secret), wide=True, copied=True)
        page = ShowPage(
            kind=kind,
            once=True,
            title=endpoint.title,
            notices=(once,),
            sections=(Section(kind, anchor="key", facts=(fact,), note=note),),
            close_url=self.url("show", pk=endpoint.id),
            close_label=_("返回"),
        )
        return render_template("record/show.html", page=page, page_title=kind, crumbs=self.crumbs(kind))

    def _ask_since(self, endpoint: Record, form: Any, problems: Sequence[tuple[str, str]] = ()) -> str:
        title = _("重新投递")
        note = _("所选时间以来的推送（包括已成功的）将以原编号重新投递，接收方应按 webhook-id 去重")
        page = FormPage(
            title=title,
            action_url=self.url("again", pk=endpoint.id),
            problems=tuple(problems),
            sections=(FormSection(title, "again", tuple(form), note=note),),
            buttons=(Button("then", "do", title, "primary", confirm=_("确定重新投递吗？")),),
            close_url=self.url("show", pk=endpoint.id),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))

    def _sent_again(self, pk: int, **which: Any) -> ResponseReturnValue:
        try:
            count = endpoints.send_again(pk, **which)
        except NotFound:
            abort(404)
        except Lost as lost:
            return self._lost(pk, lost)
        text = _("已将 %(count)s 条推送重新加入投递", count=count) if count else _("没有可重新投递的推送")
        flash(text, "success" if count else "warning")
        return redirect(self.url("show", pk=pk))

    def _lost(self, pk: int, lost: Lost | NotFound) -> ResponseReturnValue:
        if isinstance(lost, NotFound):
            abort(404)
        flash(message_of(lost), "warning")
        return redirect(self.url("show", pk=pk))


class RecordLinkView(BaseView):
    """The page that an event names: whoever follows it sees the record on the screen that is theirs."""

    route_base = "/records"
    default_view = "open"
    opens: ClassVar = {"open": EVERYBODY}

    @expose("/<record_type>/<int:pk>")
    @allowed("open")
    def open(self, record_type: str, pk: int) -> ResponseReturnValue:
        """Go to the record; absent where the reader may not see it."""
        model = sources.model_of(record_type)
        if model is None or pk > LARGEST_ID:
            abort(404)
        try:
            record = transitions.find(model, pk)
        except NotFound:
            abort(404)
        return redirect(page_of(record) or abort(404))


def _key(delivery_id: int) -> int:
    return delivery_id if delivery_id <= LARGEST_ID else abort(404)


def _since_form() -> Any:
    box = forms.plain_box(
        SelectField,
        _("重新投递的范围"),
        box=CHOICE.box,
        required=True,
        choices=[(name, _(label)) for name, (label, _span) in SINCE.items()],
        validate_choice=False,
        placeholder=_("请选择"),
    )
    return forms.form_class(WebhookEndpoint, (), extra={"since": box})()


def _types() -> Table:
    columns = (
        Column("type", _("事件类型"), Look.CODE),
        Column("noun", _("业务")),
        Column("label", _("事件")),
        Column("iso", _("ISO 20022 名称"), Look.CODE),
    )
    rows = [
        Row(each.name, each.name, (Cell(each.name, Look.CODE), Cell(_(each.noun)), Cell(_(each.label)), Cell(each.iso)))
        for each in event_types().values()
    ]
    rows.append(Row(TEST, TEST, (Cell(TEST, Look.CODE), Cell(), Cell(_("发送测试")), Cell())))
    return Table(columns, tuple(rows), caption=_("事件类型"))
