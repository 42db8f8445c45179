"""政务服务网统一身份认证登录: to the portal and back, and which of one's companies to enter (手册 1.1)."""

import logging
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from app.core.refusals import Lost, Refused, message_of
from app.core.viewer import as_system, viewer_or_none
from app.core.words import _
from app.people import accounts, signin, throttle
from app.people.security import viewer_of
from app.portal import flights, joining, persons
from app.portal.adapter import Portal, Refusal, Unreachable
from app.portal.persons import Standing, Way
from app.web import forms
from app.web.forms import RecordForm
from app.web.pages import Cell, Column, Link, Notice, Row, Section, Table
from models import signin as outcomes
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Look
from models.grammar.viewer import COMPANY_ROLES, ROLE_LABELS
from models.rules import passwords as rules
from models.rules import usernames
from models.rules.problem import Problem
from views import entry, signed_on
from views.frame import public_page
from views.sign_in import LOCKED, same_site, sign_in_page
from views.signed_on import SignOn

LIMIT, PER_SECONDS = 300, 600
LONGEST_ANSWER = 4000
ANEW = "本次登录请求已失效或不是由本浏览器发起，没有登录。请重新点击统一身份认证登录"
CANCELLED = "您在政务服务网取消了登录或未获授权，没有登录。如需登录，请重新点击统一身份认证登录"
SAID_NO = "政务服务网未能完成登录，没有登录。请重新点击统一身份认证登录；如仍出现，请联系平台管理员"
DOWN = "政务服务网暂时无法连接，没有登录。请稍后重试，或使用本系统账号登录"
GREETING = "%(name)s，您好"
LEAD = "%(name)s，您好。请选择本次代表哪个单位办理业务，进入后可在右上角切换"
NONE_OPEN = "%(name)s，您好。您代表的单位目前都不能进入，请按下表办理"
NO_COMPANY = (
    "政务服务网没有返回您可以代表的单位。请由单位的法定代表人或管理员在政务服务网将您添加为经办人，"
    "然后重新登录；已有本系统账号的，也可直接使用账号登录"
)

log = logging.getLogger(__name__)


class SignOnView(BaseView):
    """The door through the portal."""

    route_base = "/sign-on"
    public: ClassVar = frozenset({"begin", "come_back", "companies", "enter", "ask", "code", "link"})

    @expose("")
    def begin(self) -> ResponseReturnValue:
        """Leave for the portal; `next` is where to go afterwards, `role` as whom one comes."""
        portal = _portal_within_limits()
        role, target = request.args.get("role", ""), same_site(request.args.get("next", ""))
        flight = flights.leave(signed_on.browser(), role=role if role in COMPANY_ROLES else "", target=target)
        try:
            return redirect(portal.begin(flight))
        except Unreachable as cause:
            return _refused(DOWN, str(cause), 503)

    @expose("/return")
    def come_back(self) -> ResponseReturnValue:
        """Back from the portal: who it is, and to which company."""
        portal, answer = _portal_within_limits(), request.args.to_dict()
        if any(len(value) > LONGEST_ANSWER for value in answer.values()):
            return _refused(ANEW, "a parameter is too long", 400)
        flight = flights.land(answer.get("state", ""), signed_on.browser())
        if flight is None:
            return _refused(ANEW, "the state is not known, over, or of another browser", 400)
        if "error" in answer:
            message = CANCELLED if answer["error"] == "access_denied" else SAID_NO
            return _refused(message, f"the portal says {answer['error'][:80]!r}", 403)
        try:
            who = portal.finish(flight, answer)
        except Refusal as refusal:
            return _refused(refusal.message, str(refusal), 403)
        except Unreachable as cause:
            return _refused(DOWN, str(cause), 503)
        signed_on.hold(persons.arrive(who), who, role=flight.role, target=flight.next)
        return self._lead_in()

    @expose("/companies")
    def companies(self) -> ResponseReturnValue:
        """选择办理单位: every company that the portal names, and what the person may do for it."""
        _portal()
        came = signed_on.held()
        if came is None or (viewer_or_none() is None and not came.is_fresh):
            return redirect(url_for("SignInView.login"))
        found = _standings(came)
        signed_on.keep_switch(found)
        return _companies_page(came, found)

    @expose("/enter/<int:account_id>", methods=["POST"])
    def enter(self, account_id: int) -> ResponseReturnValue:
        """Enter a company, or change to another one: everything is scoped anew."""
        came = self._came()
        with as_system():
            account = persons.account_of(came.person_id, account_id)
            is_named = account is not None and came.names(account.organisation.uscc)
        if account is None or not is_named:
            abort(404)
        if viewer_of(account.user_id) is None:
            flash(_("该单位当前不能进入，原因见下表"), "warning")
            return redirect(url_for("SignOnView.companies"))
        return _enter(account, "" if viewer_or_none() is not None else came.target)

    @expose("/ask/<uscc>", methods=["POST"])
    def ask(self, uscc: str) -> ResponseReturnValue:
        """Ask the company's administrator for an account."""
        came = self._came_for(uscc)
        try:
            joining.ask(came.person_id, uscc)
            flash(_("已提交加入申请，该单位管理员确认后即可进入"), "success")
        except (Lost, Refused) as refusal:
            flash(message_of(refusal), "warning")
        return redirect(url_for("SignOnView.companies"))

    @expose("/code/<uscc>", methods=["POST"])
    def code(self, uscc: str) -> ResponseReturnValue:
        """关联码: shown once, for the administrator who links one's account."""
        came = self._came_for(uscc)
        try:
            code = joining.issue_code(came.person_id, uscc)
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(url_for("SignOnView.companies"))
        text = _(
            "关联码 %(code)s，24 小时内有效，只显示一次。请交给本单位管理员，在您的账号页面点击“关联统一身份”后输入",
            code=code,
        )
        return public_page.done(_("关联码"), text, Link(_("返回"), url_for("SignOnView.companies")))

    @expose("/link", methods=["GET", "POST"])
    def link(self) -> ResponseReturnValue:
        """关联已有账号: whoever knows the password of an account makes it the one to enter by sign-on."""
        came = self._came()
        form = _link_form()
        if request.method == "GET":
            return _ask_password(form)
        username, password = form.username.data or "", form.password.data or ""
        found, status = _typed(username, password), 422
        if not found:
            found, status, account = _link(came, username, password)
            if account is not None:
                flash(_("已关联账号 %(username)s，今后可通过统一身份认证登录", username=account.username), "success")
                return redirect(url_for("SignOnView.companies"))
        return _ask_password(form, found), status

    def _lead_in(self) -> ResponseReturnValue:
        """Into the one company that may be entered, or the one of the chosen role; else the person chooses."""
        came = signed_on.held()
        assert came is not None
        found = _standings(came)
        signed_on.keep_switch(found)
        open_ = [each for each in found if each.way is Way.ENTER]
        meant = [each for each in open_ if _is_of_role(came, each)] if len(open_) > 1 else open_
        account = persons.account_of(came.person_id, meant[0].account_id) if len(meant) == 1 else None
        if account is None or viewer_of(account.user_id) is None:
            return redirect(url_for("SignOnView.companies"))
        return _enter(account, came.target)

    def _came(self) -> SignOn:
        """The sign-on of this browser; 404 for anybody else, and when it is too long ago to enter by it."""
        _portal()
        came = signed_on.held()
        if came is None or (viewer_or_none() is None and not came.is_fresh):
            abort(404)
        return came

    def _came_for(self, uscc: str) -> SignOn:
        came = self._came()
        return came if came.names(uscc) else abort(404)


def _portal() -> Portal:
    """The portal; 404 where sign-on is off."""
    return flights.portal() or abort(404)


def _portal_within_limits() -> Portal:
    """The portal, within what one address may ask of it."""
    found = _portal()
    if not throttle.allow(f"sign-on:{request.remote_addr}", LIMIT, PER_SECONDS):
        abort(429)
    return found


def _enter(account: Account, target: str) -> ResponseReturnValue:
    signin.signed_on(account.user, request.remote_addr or "")
    return entry.enter(account.user, target, by_password=False)


def _refused(message: str, cause: str, status: int) -> ResponseReturnValue:
    """The sign-in page with what went wrong; the cause goes to the log alone."""
    log.warning("sign-on refused: %s", cause[:500])
    return sign_in_page(_(message)), status


def _standings(came: SignOn) -> tuple[Standing, ...]:
    return persons.standings(came.person_id, came.companies)


def _companies_page(came: SignOn, found: tuple[Standing, ...]) -> str:
    columns = (
        Column("company", _("单位名称")),
        Column("uscc", _("统一社会信用代码"), Look.CODE),
        Column("roles", _("单位角色")),
        Column("standing", _("办理情况")),
    )
    rows = tuple(_row(came, each) for each in sorted(found, key=lambda each: not _is_of_role(came, each)))
    lead = GREETING if not found else LEAD if any(each.way is Way.ENTER for each in found) else NONE_OPEN
    table = Table(columns, rows, empty_text=_("没有可以代表的单位"), numbered=False)
    buttons = [Link(_("重新登录"), url_for("SignOnView.begin", next=came.target))]
    if viewer_or_none() is not None:
        buttons.insert(0, Link(_("返回工作台"), url_for("WorkbenchView.index"), tone="primary"))
    else:
        buttons.append(Link(_("使用账号登录"), url_for("SignInView.login")))
    buttons.append(Link(_("退出登录"), url_for("SignInView.logout"), post=True))
    return render_template(
        "public/show.html",
        title=_("选择办理单位"),
        lead=_(lead, name=came.name),
        notices=() if found else (Notice(_(NO_COMPANY), "warning"),),
        sections=(Section(_("您可以代表的单位"), table=table),),
        buttons=buttons,
    )


def _row(came: SignOn, standing: Standing) -> Row:
    company = standing.company
    roles, chosen = _roles(came, standing), _("您选择的角色") if _is_of_role(came, standing) else ""
    text = _("可以进入") if standing.way is Way.ENTER else _(standing.text, **_params(standing))
    cells = (Cell(company.name), Cell(company.uscc, Look.CODE), Cell(_terms(roles), note=chosen), Cell(text))
    return Row(company.uscc, company.name, cells, _ways(came, standing))


def _roles(came: SignOn, standing: Standing) -> str:
    company = standing.company
    return standing.roles or ROLE_LABELS.get(company.role or came.role, "")


def _is_of_role(came: SignOn, standing: Standing) -> bool:
    """Whether the company is of the role that was chosen on the sign-in page."""
    return bool(came.role) and ROLE_LABELS.get(came.role) in _roles(came, standing).split("、")


def _params(standing: Standing) -> dict[str, str]:
    return {"reason": standing.reason} if standing.reason else {}


def _terms(roles: str) -> str:
    return "、".join(_(each) for each in roles.split("、")) if roles else ""


def _ways(came: SignOn, standing: Standing) -> tuple[Link, ...]:
    uscc = standing.company.uscc
    own = Link(_("关联已有账号"), url_for("SignOnView.link"))
    match standing.way:
        case Way.ENTER:
            enter = url_for("SignOnView.enter", account_id=standing.account_id)
            return (Link(_("进入"), enter, tone="primary", post=True),)
        case Way.JOIN:
            return (Link(_("申请加入"), url_for("SignOnView.ask", uscc=uscc), post=True), own)
        case Way.WAIT:
            return (own,)
        case Way.CODE:
            return (Link(_("生成关联码"), url_for("SignOnView.code", uscc=uscc), post=True),)
        case Way.REGISTER:
            role = standing.company.role or came.role
            known = url_for("RegistrationView.register", uscc=uscc, name=standing.company.name, role=role)
            return (Link(_("注册该单位"), known),)
        case _:
            return ()


def _link_form() -> RecordForm:
    username = forms.plain_box(StringField, _("账号"), required=True, autocomplete="username")
    password = forms.plain_box(
        PasswordField, _("密码"), box=forms.PASSWORD, required=True, autocomplete="current-password"
    )
    return forms.form_class(Account, (), extra={"username": username, "password": password})()


def _ask_password(form: RecordForm, found: list[Problem] | None = None) -> str:
    return public_page.ask(
        form,
        title=_("关联已有账号"),
        lead=_("请输入您本人账号的密码，只需一次。关联后通过统一身份认证即可进入该账号所属单位，原账号密码仍可使用"),
        sections=public_page.parts(form, {_("已有账号"): ("username", "password")}),
        action_url=url_for("SignOnView.link"),
        label=_("关联"),
        found=found or (),
        close_url=url_for("SignOnView.companies"),
    )


def _typed(username: str, password: str) -> list[Problem]:
    given = (("username", username.strip(), _("账号")), ("password", password, _("密码")))
    blank = [Problem(_("请输入%(label)s", label=label), name) for name, value, label in given if not value]
    return blank or [*usernames.too_long(username), *rules.too_long(password)]


def _link(came: SignOn, username: str, password: str) -> tuple[list[Problem], int, Account | None]:
    """The linked account, or what stands against it and with which status that is answered."""
    tried = signin.sign_in(username, password, request.remote_addr or "")
    if tried.outcome in LOCKED:
        minutes = -(-tried.retry_after // 60)
        text = _("登录失败次数过多，请 %(minutes)s 分钟后再试，或点击“忘记密码”", minutes=minutes)
        return [Problem(text)], 429, None
    if tried.user is None and tried.outcome != outcomes.DEACTIVATED:
        return [Problem(_("账号或密码不正确，请核对后重试"), "password")], 401, None
    if tried.user is None or viewer_of(tried.user.id) is None:
        return [Problem(_(accounts.why_closed(username)), "username")], 403, None
    named: Any = frozenset(company.uscc for company in came.companies)
    try:
        return [], 200, joining.link(came.person_id, tried.user.id, named)
    except Lost as lost:
        return [Problem(str(lost))], 409, None
    except Refused as refused:
        return refused.problems, 422, None
