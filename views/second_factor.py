"""动态验证: the code after the password, and setting up, renewing and giving up one's own second factor."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

import segno
from flask import Flask, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from app.core.clock import now
from app.core.refusals import Lost, Refused, message_of
from app.core.viewer import viewer, viewer_or_none
from app.core.words import _
from app.people import accounts, passwords, second_factor, signin, throttle
from app.people.permissions import EVERYBODY
from app.web import cells, forms
from app.web.forms import RecordForm
from app.web.pages import Button, Cell, Fact, FormPage, FormSection, Link, Notice, Picture, Section, ShowPage
from models import signin as outcomes
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from models.grammar.fields import Look
from models.rules import one_time_codes
from models.rules.problem import Problem
from views import entry
from views.frame import codes, public_page
from views.frame.access import allowed, wants_json
from views.passwords import old_password_box

NEW_KEY = "new_factor"
KEY_LASTS = timedelta(minutes=30)
OPEN_WITHOUT = (
    "SecondFactorView.",
    "SignInView.",
    "SignOnView.",
    "LanguageView.",
    "static",
    "appbuilder.static",
    "health.",
)
"""What somebody who has to set up a second factor may open before: the pages for it, the door, parts of pages."""

ISSUER = "工程担保"
"""What the program on the phone calls this system: short, for the fewer squares the QR code has."""

MUST = "您的岗位须启用动态验证，启用后方可使用系统"
OVER = "登录已超时或账号信息已变更，请重新登录"


def init_second_factor(app: Flask) -> None:
    """Let every request know which codes were shown, and lead whoever must have a factor to setting it up."""

    @app.before_request
    def _know_of_codes() -> ResponseReturnValue | None:
        codes.know_of_codes()
        who = viewer_or_none()
        if who is None or not who.lacks_factor or (request.endpoint or "").startswith(OPEN_WITHOUT):
            return None
        if wants_json() or request.method != "GET":
            return (jsonify(message=_(MUST)), 403) if wants_json() else redirect(url_for("SecondFactorView.set_up"))
        return redirect(url_for("SecondFactorView.set_up"))


class SecondFactorView(BaseView):
    """The second factor of one's own account."""

    route_base = "/second-factor"
    default_view = "index"
    opens: ClassVar = {"own": EVERYBODY}
    public: ClassVar = frozenset({"ask"})

    @expose("/ask", methods=["GET", "POST"])
    def ask(self) -> ResponseReturnValue:
        """The code of whoever has shown the password: until it is right, nobody is signed in."""
        user, target = entry.pending(), entry.target()
        if viewer_or_none() is not None:
            return redirect(url_for("WorkbenchView.index"))
        if user is None:
            entry.leave()
            flash(_(OVER), "warning")
            return redirect(url_for("SignInView.login", next=target) if target else url_for("SignInView.login"))
        form = _form(code=codes.box(_("动态验证码"), has_focus=True))
        typed = str(form.code.data or "")
        if request.method == "GET":
            return _ask_code(form)
        if not typed.strip():
            return _ask_code(form, [Problem("请输入动态验证码", "code")]), 422
        tried = signin.confirm(user, typed, request.remote_addr or "")
        if tried.user is not None:
            return entry.complete(tried.user, by_recovery=tried.outcome == outcomes.RECOVERED)
        if tried.outcome in (outcomes.LOCKED_ACCOUNT, outcomes.LOCKED_ADDRESS):
            return _locked(form, tried.retry_after)
        if not entry.count_wrong_code():
            entry.leave()
            flash(_("动态验证码连续 %(count)s 次不正确，请重新登录", count=entry.MOST_TRIES), "danger")
            return redirect(url_for("SignInView.login"))
        return _ask_code(form, [Problem(second_factor.AGAINST[tried.outcome], "code")]), 401

    @expose("/")
    @allowed("own")
    def index(self) -> ResponseReturnValue:
        """Whether one has a second factor, and what may be done with it."""
        since = second_factor.set_up_at(viewer().user_id)
        must = viewer().lacks_factor or second_factor.must_have(viewer())
        return _shown(
            _("动态验证"),
            sections=(_state(since),),
            buttons=_offered(since, must=must),
            back=url_for("ProfileView.profile"),
            notices=(Notice(_("您的岗位须启用动态验证"), "info"),) if must and since is None else (),
        )

    @expose("/set-up", methods=["GET", "POST"])
    @allowed("own")
    def set_up(self) -> ResponseReturnValue:
        """A key for the phone, confirmed by a first code; whoever has one already shows that first."""
        has_one = second_factor.set_up_at(viewer().user_id) is not None
        sealed = _new_key()
        form = _set_up_form(has_one=has_one)
        if request.method == "GET":
            return _ask_set_up(form, sealed)
        typed, made = str(form.code.data or ""), list[str]()
        found = (
            _against_tries() or second_factor.against_first_code(sealed, typed) or _against_whom(form, has_one=has_one)
        )
        if not found:
            made, found = _confirmed(sealed, typed)
        if found:
            page = _ask_set_up(form, sealed, found)
            return page, 422
        session.pop(NEW_KEY, None)
        codes.note_shown(viewer().user_id)
        return _shown_once(made, _("动态验证已启用"))

    @expose("/recovery-codes", methods=["GET", "POST"])
    @allowed("own")
    def recovery_codes(self) -> ResponseReturnValue:
        """Ten new recovery codes, for whoever shows a code."""
        title = _("重新生成恢复码")
        note = _("生成后，此前的恢复码全部失效")
        form = _form(code=codes.box(_("动态验证码")))
        found = self._against_code(form) if request.method == "POST" else []
        if request.method == "GET" or found:
            page = _ask_own(form, title, note=note, action="recovery_codes", found=found)
            return page, 422 if found else 200
        try:
            made = second_factor.renew_recovery_codes(viewer().user_id)
        except Lost as lost:
            flash(message_of(lost), "warning")
            return redirect(url_for("SecondFactorView.index"))
        return _shown_once(made, _("恢复码已重新生成"))

    @expose("/give-up", methods=["GET", "POST"])
    @allowed("own")
    def give_up(self) -> ResponseReturnValue:
        """Do without, where that is free to choose, for whoever shows a code."""
        if second_factor.must_have(viewer()):
            flash(_("您的岗位须启用动态验证，不能停用"), "warning")
            return redirect(url_for("SecondFactorView.index"))
        title, note = _("停用动态验证"), _("停用后，登录和办理不可撤销的步骤不再要求动态验证码")
        form = _form(code=codes.box(_("动态验证码")))
        found = self._against_code(form) if request.method == "POST" else []
        if request.method == "GET" or found:
            page = _ask_own(form, title, note=note, action="give_up", found=found)
            return page, 422 if found else 200
        second_factor.give_up(viewer().user_id, session_key=getattr(session, "key", ""))
        session.pop(codes.SHOWN, None)
        flash(_("动态验证已停用"), "success")
        return redirect(url_for("SecondFactorView.index"))

    def _against_code(self, form: RecordForm) -> list[Problem]:
        return codes.show(str(form.code.data or ""), "code")


def _form(**boxes: Any) -> RecordForm:
    return forms.form_class(Account, (), extra=boxes)()


def _ask_code(form: RecordForm, found: list[Problem] | None = None) -> str:
    title = _("动态验证")
    return public_page.ask(
        form,
        title=title,
        sections=public_page.parts(form, {title: ("code",)}),
        action_url=url_for("SecondFactorView.ask"),
        label=_("登录"),
        lead=_(
            "请输入手机验证器中的 6 位动态验证码；手机不在身边时可输入恢复码。"
            "手机和恢复码都丢失的，请联系单位管理员在您的账号页面解除动态验证"
        ),
        found=found or (),
    )


def _locked(form: RecordForm, retry_after: int) -> ResponseReturnValue:
    text = _("验证失败次数过多，请 %(minutes)s 分钟后重新登录", minutes=-(-retry_after // 60))
    page = _ask_code(form, [Problem(text, "code")])
    entry.leave()
    return page, 429, {"Retry-After": str(retry_after)}


def _against_tries() -> list[Problem]:
    allowed_now = throttle.allow(f"set up factor:{viewer().user_id}", codes.TRIES, codes.PER_SECONDS)
    return [] if allowed_now else [Problem(codes.TOO_MANY)]


def _set_up_form(*, has_one: bool) -> RecordForm:
    """The first code of the new key, and before it what shows that it is the account's holder who asks."""
    boxes: dict[str, Any] = {}
    if has_one:
        boxes["present_code"] = codes.box(_("原设备的动态验证码"), help=_("原设备不在身边时可输入恢复码"))
    elif not entry.is_recent():
        boxes["old_password"] = old_password_box(_("登录密码"), help=_("没有密码的，请退出后重新登录，再启用动态验证"))
    boxes["code"] = codes.box(_("动态验证码"), help=_("扫码后，验证器中显示的 6 位数字"))
    return _form(**boxes)


def _against_whom(form: RecordForm, *, has_one: bool) -> list[Problem]:
    if has_one:
        return codes.show(str(form.present_code.data or ""), "present_code")
    if "old_password" not in form or passwords.is_own(viewer().user_id, str(form.old_password.data or "")):
        return []
    return [Problem("密码不正确，请重新输入", "old_password")]


def _confirmed(sealed: str, typed: str) -> tuple[list[str], list[Problem]]:
    try:
        return second_factor.set_up(viewer().user_id, sealed, typed, session_key=getattr(session, "key", ""))
    except (Lost, Refused) as refusal:
        return [], [Problem(message_of(refusal))]


def _new_key() -> str:
    """The key that is being set up in this session: the same while its page is open."""
    held, mine = session.get(NEW_KEY), viewer().user_id
    if held is None or held["user_id"] != mine or now() - held["at"] > KEY_LASTS:
        session[NEW_KEY] = held = {"user_id": mine, "sealed": second_factor.new_key(), "at": now()}
    return str(held["sealed"])


def _ask_set_up(form: RecordForm, sealed: str, found: list[Problem] | None = None) -> str:
    key = second_factor.key_of(sealed)
    account = accounts.of_user(viewer().user_id)
    address = one_time_codes.address_of(key, account=account.username, issuer=_(ISSUER))
    picture = Picture(segno.make_qr(address, error="m").svg_data_uri(scale=4), _("动态验证二维码"))
    lead = Section(
        _("第一步：在手机验证器中添加"),
        anchor="key",
        note=_(
            "打开手机上的验证器应用（支持 TOTP，如 Microsoft Authenticator、Google Authenticator、FreeOTP），"
            "扫描二维码；不能扫码的，手工输入下面的密钥"
        ),
        picture=picture,
        facts=(
            Fact(_("账号"), Cell(account.username, Look.CODE)),
            Fact(_("密钥"), Cell(one_time_codes.grouped(key)), wide=True),
        ),
    )
    must = viewer().lacks_factor
    return _ask_own(
        form,
        _("启用动态验证"),
        section=_("第二步：输入验证码确认"),
        action="set_up",
        found=found,
        lead=(lead,),
        notices=(Notice(_(MUST), "warning"),) if must else (),
    )


def _ask_own(
    form: RecordForm,
    title: str,
    *,
    action: str,
    section: str = "",
    note: str = "",
    found: list[Problem] | None = None,
    lead: tuple[Section, ...] = (),
    notices: tuple[Notice, ...] = (),
) -> str:
    page = FormPage(
        title=title,
        action_url=url_for(f"SecondFactorView.{action}"),
        sections=(FormSection(section or title, "confirm", tuple(form), note=note),),
        buttons=(Button("then", "save", _("确认"), "primary"),),
        close_url=url_for("SecondFactorView.index"),
        problems=form.show(found or ()),
        lead=lead,
        notices=notices,
        once=action == "set_up",
    )
    return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=_crumbs(title))


def _shown_once(made: list[str], title: str) -> str:
    """The recovery codes on the one page that ever shows them."""
    facts = tuple(
        Fact(_("恢复码 %(no)s", no=number), Cell(one_time_codes.grouped(code), Look.CODE))
        for number, code in enumerate(made, start=1)
    )
    note = _(
        "手机丢失时，可用恢复码代替动态验证码，每个只能使用一次。请打印或抄录后妥善保管，不要与密码放在一起；"
        "恢复码也丢失的，请联系单位管理员在您的账号页面解除动态验证"
    )
    return _shown(
        title,
        sections=(Section(_("恢复码"), anchor="recovery", facts=facts, note=note),),
        buttons=(Link(_("打印"), "#print", icon="fa-print"),),
        back=url_for("WorkbenchView.index"),
        notices=(Notice(_("恢复码只在本页显示一次，离开后不能再次查看"), "warning"),),
        back_label=_("已妥善保管，进入工作台"),
        once=True,
    )


def _shown(
    title: str,
    *,
    sections: tuple[Section, ...],
    buttons: tuple[Link, ...],
    back: str,
    notices: tuple[Notice, ...] = (),
    back_label: str = "",
    once: bool = False,
) -> str:
    page = ShowPage(
        kind=_("我的账号"),
        once=once,
        title=title,
        sections=sections,
        buttons=buttons,
        close_url=back,
        close_label=back_label or _("返回"),
        notices=notices,
    )
    return render_template("record/show.html", page=page, page_title=title, crumbs=_crumbs(title))


def _crumbs(title: str) -> tuple[Link, ...]:
    return Link(_("我的账号"), url_for("ProfileView.profile")), Link(title, "")


def _state(since: datetime | None) -> Section:
    facts = [Fact(_("状态"), Cell(_("已启用") if since else _("未启用")))]
    if since is not None:
        left = second_factor.recovery_codes_left(viewer().user_id)
        facts += [
            Fact(_("启用时间"), Cell(cells.minute(since), Look.DATE)),
            Fact(_("剩余恢复码"), Cell(_("%(count)s 个", count=left))),
        ]
    note = _("启用后，登录时以及出具、赔付、备案等不可撤销的步骤前，须输入手机验证器中的动态验证码")
    return Section(_("动态验证"), anchor="factor", facts=tuple(facts), note=note)


def _offered(since: datetime | None, *, must: bool) -> tuple[Link, ...]:
    set_up = url_for("SecondFactorView.set_up")
    if since is None:
        return (Link(_("启用动态验证"), set_up, tone="primary"),)
    given_up = () if must else (Link(_("停用动态验证"), url_for("SecondFactorView.give_up"), tone="danger"),)
    renewed = Link(_("重新生成恢复码"), url_for("SecondFactorView.recovery_codes"))
    return (*given_up, renewed, Link(_("更换验证设备"), set_up))
