"""账号: a company's administrator looks after its accounts, the platform's after all."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _, listed
from app.people import accounts, handover, hands, invitations, passwords, second_factor
from app.people.permissions import COMPANY_ADMIN
from app.portal import flights, joining
from app.web import forms
from app.web.forms import Input, RecordForm
from app.web.listing import Search, contains
from app.web.pages import Button, FormPage, FormSection, Link, Notice
from models.account import SIGNED_ON, Account
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import CHOICE, FLAG, Field
from models.grammar.viewer import ADMIN
from models.grammar.workflow import roles
from models.organisation import Organisation
from views import one_time_link
from views.frame import show_page
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra

KEEPERS = roles(COMPANY_ADMIN, ADMIN)
INVITED = ("username", "name", "phone", "prepares", "reviews", "administers")
DUTIES_NOTE = (
    "经办与复核须为不同的人；单位管理员管理本单位账号，不能兼任经办或复核。保证人的经办或复核账号启用后，"
    "须由未经手该账号的其他管理员、平台管理员或主管部门核验人员，才能视为两个人"
)


class AccountView(RecordView):
    """One account a row."""

    model = Account
    route_base = "/accounts"
    menu_label = "账号"
    menu_category = "单位与账号"
    menu_icon = "fa-user"
    list_title = "账号"
    add_title = "邀请成员"
    edit_title = "修改账号"
    add_label = "邀请成员"
    opens: ClassVar = {
        "list": KEEPERS,
        "show": KEEPERS,
        "export": KEEPERS,
        "do": KEEPERS,
        "add": KEEPERS,
        "edit": KEEPERS,
    }
    menu_roles = KEEPERS
    exclude_route_methods: ClassVar = {"pick", "explanation", "file", "bulk", "delete"}
    pages_only = frozenset({"add"})
    list_columns = (
        *("username", "name", "phone", "organisation_id", "prepares", "reviews", "administers"),
        *("has_factor", "state"),
    )
    computed: ClassVar = {"has_factor": Field("动态验证", FLAG)}
    main_column = "name"
    search_boxes = (
        "username",
        "name",
        Search("organisation", "所属单位", lambda text: Account.organisation.has(contains(Organisation.name, text))),
    )
    form_parts: ClassVar = (("账号信息", INVITED[1:]),)
    show_parts: ClassVar = (("账号信息", ("username", "name", "phone", "organisation_id", *INVITED[3:], "has_factor")),)

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """Invite a colleague; the platform's administrator invites for ?organisation=."""
        organisation_id = _organisation_id()
        boxes = [Input(name) for name in INVITED]
        form = forms.form_class(Account, boxes)(data={"prepares": True})
        if request.method == "GET":
            return self._invite(form, organisation_id)
        try:
            made, token = invitations.invite(organisation_id, form.values(), malformed=form.malformed())
        except (NotFound, OverflowError):
            abort(404)
        except Refused as refused:
            return self._invite(form, organisation_id, form.show(refused.problems)), 422
        return self._invitation_link(made, token)

    @expose("/link/<int:pk>", methods=["GET", "POST"])
    @allowed("do")
    def link(self, pk: int) -> ResponseReturnValue:
        """A new one-time link: the invitation of an invited account, the new password of an active one."""
        account = self._account(pk)
        if request.method == "GET":
            return redirect(self.url("show", pk=pk))
        try:
            if account.state == "invited":
                return self._invitation_link(account, invitations.again(pk))
            token = passwords.reset_link_of(pk)
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(self.url("show", pk=pk))
        return one_time_link.show(
            kind=_("重置密码链接"),
            title=account.name,
            path=url_for("PasswordView.reset", token=token),
            lasts=passwords.RESET_LINK_LASTS,
            back=self.url("show", pk=pk),
            crumbs=self.crumbs(_("重置密码链接")),
            note=_("本人打开链接即可设置新密码，设置后该账号此前的登录全部退出"),
        )

    @expose("/handover/<int:pk>", methods=["GET", "POST"])
    @allowed("do")
    def handover(self, pk: int) -> ResponseReturnValue:
        """Hand the account's open work to a colleague."""
        account = self._account(pk)
        form = _receiver_form(account)
        if request.method == "GET":
            return self._ask_receiver(account, form)
        chosen = form.receiver.data or ""
        try:
            count = handover.hand_over(pk, int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)
        except NotFound:
            abort(404)
        except Refused as refused:
            return self._ask_receiver(self._account(pk), form, form.show(refused.problems)), 422
        flash(_("已交接 %(count)s 件未办结业务", count=count), "success")
        return redirect(self.url("show", pk=pk))

    @expose("/portal/<int:pk>", methods=["GET", "POST"])
    @allowed("do")
    def portal(self, pk: int) -> ResponseReturnValue:
        """关联统一身份: by the code that the account's person was given after sign-on."""
        account = self._account(pk)
        if flights.portal() is None:
            abort(404)
        box = forms.plain_box(StringField, _("关联码"), required=True, autocomplete="off")
        form = forms.form_class(Account, (), extra={"code": box})()
        if request.method == "GET":
            return self._ask_code(account, form)
        try:
            joining.link_by_code(pk, form.code.data or "")
        except NotFound:
            abort(404)
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(self.url("show", pk=pk))
        except Refused as refused:
            return self._ask_code(self._account(pk), form, form.show(refused.problems)), 422
        flash(_("已关联统一身份，本人今后可通过统一身份认证登录"), "success")
        return redirect(self.url("show", pk=pk))

    def offers(self, record: Record, name: str) -> bool:
        """What would say nothing new: to vouch for a known holder, to take away a factor that is not there."""
        assert isinstance(record, Account)
        if name == "remove_factor":
            return accounts.has_factor(record)
        return name != "verify" or bool(_hands_of_others(record))

    def enrich(self, records: Sequence[Any]) -> None:
        """Who of them has a second factor."""
        held = second_factor.held_by([each.user_id for each in records])
        for each in records:
            each.has_factor = each.user_id in held

    def show_extra(self, record: Record) -> Extra:
        """What an administrator may do with the account beyond its states, and in whose hands it may be."""
        assert isinstance(record, Account)
        tools = self._tools(record) if record.is_kept_by(viewer()) else ()
        return Extra(tools=tools, notices=(*_of_portal(record), *_others(record)))

    def _tools(self, record: Account) -> tuple[Link, ...]:
        tools = []
        if record.state == "invited":
            tools.append(
                Link(
                    _("重新生成邀请链接"),
                    self.url("link", pk=record.id),
                    icon="fa-link",
                    post=True,
                    confirm=_("此前的邀请链接将失效，确定重新生成吗？"),
                )
            )
        if record.state == "active" and record.organisation.state == "admitted":
            tools.append(
                Link(
                    _("重置密码链接"),
                    self.url("link", pk=record.id),
                    icon="fa-key",
                    post=True,
                    confirm=_("确定为该账号生成重置密码的一次性链接吗？"),
                )
            )
        if record.state == "active" and record.portal_person_id is None and flights.portal() is not None:
            tools.append(Link(_("关联统一身份"), self.url("portal", pk=record.id), icon="fa-building-columns"))
        if record.state not in ("invited", *SIGNED_ON):
            tools.append(Link(_("交接工作"), self.url("handover", pk=record.id), icon="fa-right-left"))
        return tuple(tools)

    def _account(self, pk: int) -> Account:
        """The account, for somebody who looks after it; who merely sees it finds nothing here."""
        record = self.load(pk)
        assert isinstance(record, Account)
        if not record.is_kept_by(viewer()):
            abort(404)
        return record

    def _invitation_link(self, account: Account, token: str) -> ResponseReturnValue:
        return one_time_link.show(
            kind=_("邀请链接"),
            title=account.name,
            path=url_for("InvitationView.accept", token=token),
            lasts=invitations.LASTS,
            back=self.url("show", pk=account.id),
            crumbs=self.crumbs(_("邀请链接")),
            note=_("本人打开链接设置登录密码后，账号 %(username)s 即可使用", username=account.username),
        )

    def _invite(self, form: RecordForm, organisation_id: int, problems: Any = ()) -> str:
        title = _(self.add_title)
        page = FormPage(
            title=title,
            action_url=self.url("add", organisation=organisation_id),
            problems=problems,
            sections=(FormSection(_("账号信息"), "account", tuple(form), note=_(DUTIES_NOTE)),),
            buttons=(Button("then", "save", _("生成邀请链接"), "primary"),),
            close_url=self.list_url(),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))

    def _ask_code(self, account: Account, form: RecordForm, problems: Any = ()) -> str:
        title = _("关联统一身份")
        note = _(
            "请本人通过政务服务网统一身份认证登录后生成关联码。关联后本人可通过统一身份认证进入该账号，请当面核对身份"
        )
        page = FormPage(
            title=title,
            action_url=self.url("portal", pk=account.id),
            problems=problems,
            sections=(FormSection(title, "portal", tuple(form), note=note),),
            buttons=(Button("then", "do", title, "primary"),),
            close_url=self.url("show", pk=account.id),
            summary=show_page.sections(self, account),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))

    def _ask_receiver(self, account: Account, form: RecordForm, problems: Any = ()) -> str:
        title = _("交接工作")
        note = _(
            "%(name)s 现有 %(count)s 件未办结业务，交接后由接收人继续办理，每件业务的审批记录都会写明",
            name=account.name,
            count=len(handover.open_work(account)),
        )
        page = FormPage(
            title=title,
            action_url=self.url("handover", pk=account.id),
            problems=problems,
            sections=(FormSection(title, "handover", tuple(form), note=note),),
            buttons=(Button("then", "do", title, "primary", confirm=_("确定交接吗？")),),
            close_url=self.url("show", pk=account.id),
            summary=show_page.sections(self, account),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))


def _hands_of_others(account: Account) -> frozenset[int]:
    return hands.hands_of(account.user_id) - {account.user_id}


def _of_portal(account: Account) -> tuple[Notice, ...]:
    """Whom the portal vouches for, where the account is that person's."""
    person = account.portal_person
    if person is None:
        return ()
    text = _("政务服务网统一身份：%(name)s，认证级别 %(level)s", name=person.name, level=person.level or "—")
    return (Notice(text),)


def _others(account: Account) -> tuple[Notice, ...]:
    """Who else may be at work under the account, as long as nobody has vouched for its holder."""
    others = _hands_of_others(account)
    if not others or account.state == "inactive":
        return ()
    text = _(
        "尚未核验人员：该账号也可能由%(names)s掌握（邀请、生成链接、恢复启用或调整过岗位）",
        names=listed(map(str, hands.names_of(others).parts)),
    )
    return (Notice(text, "warning"),)


def _organisation_id() -> int:
    """The organisation to invite for: one's own, or for the platform's administrator the one that is asked for."""
    asked = request.args.get("organisation", "")
    if viewer().has(ADMIN) and asked.isdecimal() and len(asked) < 10:
        return int(asked)
    return viewer().organisation_id or 0


def _receiver_form(account: Account) -> RecordForm:
    choices = [(str(each.id), f"{each.name}（{each.username}）") for each in handover.colleagues(account)]
    box = forms.plain_box(
        SelectField,
        _("接收人"),
        box=CHOICE.box,
        required=True,
        choices=choices,
        validate_choice=False,
        placeholder=_("请选择接收人"),
    )
    return forms.form_class(Account, (), extra={"receiver": box})()
