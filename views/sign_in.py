"""登录: the one door for people with a password, and what they may do with their own account (手册 2.0)."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField

from app.core.viewer import viewer, viewer_or_none
from app.core.words import _, listed, localized
from app.people import accounts, passwords, signin, throttle
from app.people.permissions import EVERYBODY
from app.people.security import viewer_of
from app.people.signin import SignIn
from app.portal import flights
from app.web import cells
from app.web.forms import RecordForm
from app.web.pages import Button, Cell, Column, Fact, FormPage, FormSection, Link, Notice, Row, Section, ShowPage, Table
from models import signin as outcomes
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Look
from models.grammar.viewer import COMPANY_ROLES, DUTY_LABELS, ROLE_LABELS
from models.rules import passwords as rules
from models.rules import usernames
from views import entry, signed_on
from views.frame.access import allowed
from views.passwords import NOTE, password_form, typed_twice

TRIES, PER_SECONDS = 10, 900
LONGEST_ADDRESS = 2000
SIGN_ON = "/sign-on/"
LOCKED = (outcomes.LOCKED_ACCOUNT, outcomes.LOCKED_ADDRESS)

NO_PASSWORD = "您通过政务服务网登录，没有密码"


class SignInForm(FlaskForm):
    """The boxes of the sign-in page; what was typed is checked nowhere but against the account."""

    class Meta(FlaskForm.Meta):
        csrf = False

    username = StringField()
    password = PasswordField()
    next = HiddenField()


class SignInView(BaseView):
    """Signing in and out."""

    route_base = ""
    public: ClassVar = frozenset({"login", "logout"})

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> ResponseReturnValue:
        """The sign-in page, or the attempt."""
        form = SignInForm()
        if request.method == "POST":
            return self._enter(form)
        if viewer_or_none() is not None:
            return redirect(url_for("WorkbenchView.index"))
        form.next.data = same_site(request.args.get("next", ""))
        return self._render(form)

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self) -> ResponseReturnValue:
        """Ends the session, and the portal's for who came by it; a mere link cannot do that."""
        if request.method == "GET":
            return redirect(url_for("WorkbenchView.index"))
        came, portal = signed_on.release(), flights.portal()
        entry.leave()
        if current_user.is_authenticated:
            logout_user()
            flash(_("您已安全退出"), "success")
        further = portal.sign_out(came.id_token) if came is not None and portal is not None else ""
        return redirect(further or url_for("SignInView.login"))

    def _enter(self, form: SignInForm) -> ResponseReturnValue:
        username, password = form.username.data or "", form.password.data or ""
        if not username.strip() or not password:
            return self._render(form, _("请输入账号和密码")), 422
        found = [*usernames.too_long(username), *rules.too_long(password)]
        if found:
            return self._render(form, *map(localized, found)), 422
        tried = signin.sign_in(username, password, request.remote_addr or "")
        if tried.user is None:
            return self._refused(form, tried)
        if viewer_of(tried.user.id) is None:
            return self._closed(form)
        signed_on.release()
        return entry.enter(tried.user, same_site(form.next.data or ""), by_password=True)

    def _refused(self, form: SignInForm, tried: SignIn) -> ResponseReturnValue:
        if tried.outcome in LOCKED:
            minutes = -(-tried.retry_after // 60)
            text = _("登录失败次数过多，请 %(minutes)s 分钟后再试，或点击“忘记密码”", minutes=minutes)
            return self._render(form, text), 429, {"Retry-After": str(tried.retry_after)}
        if tried.outcome == outcomes.DEACTIVATED:
            return self._closed(form)
        return self._render(form, _("账号或密码不正确，请核对后重试")), 401

    def _closed(self, form: SignInForm) -> ResponseReturnValue:
        return self._render(form, _(accounts.why_closed(form.username.data or ""))), 403

    def _render(self, form: SignInForm, *problems: str) -> str:
        return _page(form, *problems)


class ProfileView(BaseView):
    """我的账号: who one is here, where one has signed in, and one's own password."""

    route_base = "/profile"
    opens: ClassVar = {"profile": EVERYBODY, "password": EVERYBODY}

    @expose("/")
    @allowed("profile")
    def profile(self) -> ResponseReturnValue:
        """The signed-in account."""
        account = accounts.of_user(viewer().user_id)
        factor, password = url_for("SecondFactorView.index"), url_for("ProfileView.password")
        has_password = passwords.has_one(account.user_id)
        own = (Link(_("修改密码"), password, tone="primary"),) if has_password else ()
        page = ShowPage(
            kind=_("我的账号"),
            title=account.name,
            sections=(_own_facts(account), _own_attempts(account, has_password=has_password)),
            close_url=url_for("WorkbenchView.index"),
            close_label=_("返回"),
            notices=() if has_password else (Notice(_(NO_PASSWORD), "info"),),
            buttons=(Link(_("动态验证"), factor), *own),
        )
        return render_template(
            "record/show.html",
            page=page,
            view=self,
            record=account,
            page_title=page.kind,
            crumbs=(Link(page.kind, ""),),
        )

    @expose("/password", methods=["GET", "POST"])
    @allowed("password")
    def password(self) -> ResponseReturnValue:
        """A new password, for somebody who knows the old one."""
        if not passwords.has_one(viewer().user_id):
            flash(_(NO_PASSWORD), "info")
            return redirect(url_for("ProfileView.profile"))
        form = password_form(old=True)
        if request.method == "GET":
            return self._ask(form)
        if not throttle.allow(f"old password:{viewer().user_id}", TRIES, PER_SECONDS):
            abort(429)
        found = typed_twice(form) or passwords.change(
            viewer().user_id, form.old_password.data, form.password.data, session_key=getattr(session, "key", "")
        )
        if found:
            return self._ask(form, form.show(found)), 422
        flash(_("密码已修改，其他设备上的登录已全部退出"), "success")
        return redirect(url_for("ProfileView.profile"))

    def _ask(self, form: RecordForm, problems: Any = ()) -> str:
        title = _("修改密码")
        page = FormPage(
            title=title,
            action_url=url_for("ProfileView.password"),
            sections=(FormSection(title, "new-password", tuple(form), note=_(NOTE)),),
            buttons=(Button("then", "save", _("保存"), "primary"),),
            close_url=url_for("ProfileView.profile"),
            problems=problems,
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=())


def sign_in_page(*problems: str) -> str:
    """The sign-in page, with what hindered another way in."""
    return _page(SignInForm(formdata=None), *problems)


def _page(form: SignInForm, *problems: str) -> str:
    return render_template(
        "sign_in.html",
        form=form,
        problems=problems,
        reset_url=url_for("PasswordView.forgot"),
        verify_url=url_for("VerificationView.form"),
        register_url=url_for("RegistrationView.register"),
        register_guarantor_url=url_for("RegistrationView.register", role="guarantor"),
        **_sign_on_links(same_site(form.next.data or "")),
    )


def _sign_on_links(target: str) -> dict[str, Any]:
    """What the sign-in page shows of sign-on: its button, and the same for each role."""
    settings = current_app.config["SIGN_ON"]
    if not settings.is_on:
        return {}
    roles = [
        Link(_(label), url_for("SignOnView.begin", role=role, next=target or None))
        for role, label in ROLE_LABELS.items()
        if role in COMPANY_ROLES
    ]
    return {
        "sign_on_url": url_for("SignOnView.begin", next=target or None),
        "sign_on_label": _(settings.label),
        "sign_on_roles": roles,
    }


def on_this_site(target: str) -> str:
    """The address when it is a path of this site, else "".

    What is longer than any of ours or names a host is not taken apart: that brings the host into Unicode's form.
    """
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target
    if not plain or len(target) > LONGEST_ADDRESS or not target.isprintable():
        return ""
    parts = urlsplit(target)
    return "" if parts.scheme or parts.netloc else target.rstrip("?")


def same_site(target: str) -> str:
    """The address when it is a path of this site and not a page of the door itself, else ""."""
    door, address = (url_for("SignInView.login"), url_for("SignInView.logout")), on_this_site(target)
    path = urlsplit(address).path
    return "" if path in door or f"{path}/".startswith(SIGN_ON) else address


def _own_facts(account: Account) -> Section:
    names = ("username", "name", "phone", "organisation_id")
    facts = [Fact(cells.label(Account, name), cells.cell(account, name)) for name in names]
    duties = listed(_(DUTY_LABELS[duty]) for duty in sorted(account.duties))
    facts.append(Fact(_("岗位"), Cell(duties)))
    facts.append(Fact(cells.label(Account, "administers"), cells.cell(account, "administers")))
    return Section(_("账号信息"), anchor="account", facts=tuple(facts))


def _own_attempts(account: Account, *, has_password: bool) -> Section:
    columns = (
        Column("at", _("时间"), Look.DATE),
        Column("address", _("来源地址"), Look.CODE),
        Column("outcome", _("结果")),
    )
    rows = tuple(
        Row(
            str(index),
            cells.instant(each.tried_at),
            (
                Cell(cells.instant(each.tried_at), Look.DATE),
                Cell(each.address, Look.CODE),
                Cell(_(outcomes.OUTCOME_LABELS.get(each.outcome, each.outcome))),
            ),
        )
        for index, each in enumerate(accounts.recent_attempts(account))
    )
    table = Table(columns, rows, empty_text=_("暂无登录记录"))
    changes = _("发现不是本人的登录时，请立即修改密码并告知本单位管理员")
    note = changes if has_password else _("发现不是本人的登录时，请立即告知本单位管理员")
    return Section(_("最近登录"), anchor="attempts", table=table, note=note)
