"""密码: the forms in which a new password is typed twice, and the public pages for people who forgot theirs."""

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from app.core.words import _
from app.notices import mails, recovery
from app.people import passwords, throttle
from app.web import forms
from app.web.forms import RecordForm
from app.web.pages import Link
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from models.rules import mail_addresses
from models.rules import passwords as rules
from models.rules.problem import Problem
from views.frame import public_page

NOTE = "密码不少于 10 个字符，至少包含大写字母、小写字母、数字、符号中的三类，不能包含账号"
OVER = "链接已失效"
OVER_TEXT = "该链接已使用、已过期或不正确，请联系本单位管理员或平台管理员重新生成链接"
MAILED = (
    "如该账号已确认接收邮箱，找回密码的邮件将在几分钟内送达，其中的链接 1 小时内有效、只能使用一次。"
    "未收到的，请联系本单位管理员或平台管理员"
)
NOT_MAILED = "邮件发往账号已确认的接收邮箱；没有接收邮箱的，请联系本单位管理员或平台管理员生成一次性链接"
LIMIT, PER_SECONDS = 30, 60
RECOVERIES, RECOVERIES_PER_SECONDS = 20, 3600


def password_boxes(*, old: bool = False) -> dict[str, Any]:
    """The boxes of a new password, typed twice, after the old one where that is asked."""
    boxes = {"old_password": _box("原密码", "current-password")} if old else {}
    return {
        **boxes,
        "password": _box("新密码" if old else "密码", "new-password"),
        "password_again": _box("确认密码", "new-password"),
    }


def password_form(*, old: bool = False) -> RecordForm:
    """The form of a new password alone."""
    return forms.form_class(Account, (), extra=password_boxes(old=old))()


def typed_twice(form: RecordForm) -> list[Problem]:
    """What stands against the boxes themselves: one left empty or too long, or two that differ."""
    found = [
        Problem(_("请输入%(label)s", label=box.label.text), box.name)
        for box in form
        if isinstance(box, PasswordField) and not box.data
    ]
    if not found:
        found = [each for box in form if isinstance(box, PasswordField) for each in rules.too_long(box.data, box.name)]
    if not found and form.password.data != form.password_again.data:
        found.append(Problem(_("两次输入的密码不一致，请重新输入"), "password_again"))
    return found


class PasswordView(BaseView):
    """Pages for people without a password that counts: whom to ask, and what the one-time link opens."""

    route_base = "/password"
    public: ClassVar = frozenset({"forgot", "reset"})

    @expose("/forgot", methods=["GET", "POST"])
    def forgot(self) -> ResponseReturnValue:
        """Whom to ask, or a mail; the same for everybody, so that it tells nothing of any account."""
        if mails.is_on():
            return self._recover()
        text = _("请联系本单位管理员或平台管理员为您生成重置密码的一次性链接，链接 24 小时内有效，打开后即可设置新密码")
        return public_page.done(_("忘记密码"), text, public_page.sign_in_link())

    def _recover(self) -> ResponseReturnValue:
        title = _("忘记密码")
        box = forms.plain_box(StringField, _("账号或接收邮箱"), required=True, autocomplete="username")
        form = forms.form_class(Account, (), extra={"account": box})()
        typed = str(form.account.data or "").strip()
        found: list[Problem] = []
        if request.method == "POST":
            if not throttle.allow(f"forgot:{request.remote_addr}", RECOVERIES, RECOVERIES_PER_SECONDS):
                abort(429)
            found = [] if typed else [Problem(_("请输入账号或接收邮箱"), "account")]
            found = found or mail_addresses.too_long(typed, "account")
            if not found:
                recovery.ask(typed)
                return public_page.done(title, _(MAILED), public_page.sign_in_link())
        page = public_page.ask(
            form,
            title=title,
            sections=public_page.parts(form, {title: ("account",)}, note=_(NOT_MAILED)),
            action_url=url_for("PasswordView.forgot"),
            label=_("发送找回密码邮件"),
            found=found,
        )
        return page, 422 if found else 200

    @expose("/reset/<token>", methods=["GET", "POST"])
    def reset(self, token: str) -> ResponseReturnValue:
        """A new password for the account of the link."""
        if not throttle.allow(f"reset:{request.remote_addr}", LIMIT, PER_SECONDS):
            abort(429)
        if not passwords.may_reset(token):
            return _reset_is_over()
        form = password_form()
        if request.method == "GET":
            return self._ask(form, token)
        found = typed_twice(form) or passwords.reset(token, form.password.data)
        if found:
            return self._ask(form, token, found), 422
        return public_page.done(
            _("新密码已生效"), _("该账号此前的登录已全部退出，请使用新密码登录"), public_page.sign_in_link()
        )

    def _ask(self, form: RecordForm, token: str, found: list[Problem] | None = None) -> str:
        title = _("设置新密码")
        return public_page.ask(
            form,
            title=title,
            sections=public_page.parts(form, {title: tuple(password_boxes())}, note=_(NOTE)),
            action_url=url_for("PasswordView.reset", token=token),
            label=_("保存"),
            found=found or (),
        )


def old_password_box(label: str, *, help: str = "") -> Any:
    """A box for the password that one has."""
    return _box(label, "current-password", help=help)


def over() -> ResponseReturnValue:
    """The answer to a link that no longer works, whatever the reason."""
    return public_page.done(_(OVER), _(OVER_TEXT), public_page.sign_in_link()), 410


def _reset_is_over() -> ResponseReturnValue:
    """The same where one may ask for another link oneself."""
    if not mails.is_on():
        return over()
    forgot = Link(_("忘记密码"), url_for("PasswordView.forgot"), tone="primary")
    return public_page.done(_(OVER), _("该链接已使用、已过期或不正确，请点击“忘记密码”重新申请"), forgot), 410


def _box(label: str, autocomplete: str, *, help: str = "") -> Any:
    return forms.plain_box(
        PasswordField,
        _(label),
        box=forms.PASSWORD,
        required=True,
        autocomplete=autocomplete,
        placeholder=_("请输入%(label)s", label=_(label)),
        help=help,
    )
