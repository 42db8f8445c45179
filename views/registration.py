"""企业注册: a company registers itself, by itself or by invitation, and waits for its regulator's admission."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField

from app.core.refusals import Refused
from app.core.viewer import as_system
from app.core.words import _, localized, sentences
from app.files import uploads
from app.people import registration, throttle
from app.people.registration import Registration
from app.web import forms
from app.web.forms import Input, RecordForm
from app.web.pages import Notice
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from models.grammar.columns import field_of
from models.grammar.viewer import COMPANY_ROLES, GUARANTOR, ROLE_LABELS
from models.organisation import Organisation
from models.rules.problem import Problem
from views import signed_on
from views.frame import form_page, public_page
from views.passwords import NOTE, over, password_boxes, typed_twice

LIMIT, PER_SECONDS = 30, 600
COMPANY = ("uscc", "name", "region_code", "address", "legal_representative", "role_names")
CONTACT = ("contact", "phone", "authorisation")
SIGN_IN = ("username", "password", "password_again")
LEAD = "注册后由所属地区主管部门准入，准入后即可登录办理业务"
PASSWORD_AGAIN = "已填写的内容和已上传的附件均已保留，为保护账号安全，请重新输入密码"


def role_box(names: frozenset[str]) -> Any:
    """The box of an organisation's roles, of which several may be ticked."""
    choices = [(role, _(label)) for role, label in ROLE_LABELS.items() if role in names]
    return forms.plain_box(
        SelectMultipleField,
        _("单位角色"),
        box=forms.CHECKS,
        choices=choices,
        required=True,
        is_value=True,
        help=_("可多选"),
    )


class RegistrationView(BaseView):
    """The public registration."""

    route_base = "/register"
    public: ClassVar = frozenset({"register", "invited"})

    @expose("", methods=["GET", "POST"])
    def register(self) -> ResponseReturnValue:
        """A company that comes by itself; the link that it follows may name it, and tick its role."""
        role = request.args.get("role", "")
        given = {name: request.args.get(name, "")[:120] for name in ("name", "uscc")}
        known = {**given, "role_names": [role] if role in COMPANY_ROLES else []}
        return self._answer(known, link="")

    @expose("/<token>", methods=["GET", "POST"])
    def invited(self, token: str) -> ResponseReturnValue:
        """A company that an employer named and invited: what is known of it is filled in."""
        known = registration.known_of(token)
        return over() if known is None else self._answer(known, link=token)

    def _answer(self, known: Mapping[str, Any], *, link: str) -> ResponseReturnValue:
        if request.method == "GET":
            return self._ask(registration_form(known, fixed=bool(link)), link)
        if not throttle.allow(f"register:{request.remote_addr}", LIMIT, PER_SECONDS):
            abort(429)
        form = registration_form(known, fixed=bool(link))
        token = form_page.token()
        malformed = [*form.malformed(), *typed_twice(form), *_stage(form, token)]
        try:
            warned = registration.register(_handed_in(form, token, malformed=malformed, link=link))
        except Refused as refused:
            return self._ask(form, link, refused.problems), 422
        text = _("主管部门准入后，即可使用账号 %(username)s 登录办理业务", username=form.username.data)
        if GUARANTOR in (form.role_names.data or ()):
            text += _("；保证人登录后请填报保证人备案资料")
        text = sentences([text, *map(localized, warned)])
        return public_page.done(_("注册已提交"), text, public_page.sign_in_link())

    def _ask(self, form: RecordForm, link: str, found: list[Problem] | None = None) -> str:
        title, held = _("企业注册"), form_page.token()
        with as_system():
            gone = set(form_page.removed())
            form.authorisation.files = tuple(
                form_page.staged_item(each) for each in uploads.staged(held) if each.id not in gone
            )
        address = url_for("RegistrationView.invited", token=link) if link else url_for("RegistrationView.register")
        names = {_("单位信息"): COMPANY, _("联系信息"): CONTACT, _("管理员账号"): SIGN_IN}
        return public_page.ask(
            form,
            title=title,
            lead=_(LEAD),
            sections=public_page.parts(form, names, note=_(NOTE)),
            action_url=address,
            label=_("提交注册"),
            found=found or (),
            hidden=((form_page.TOKEN, held),),
            notices=(Notice(_(PASSWORD_AGAIN)),) if found else (),
            multipart=True,
        )


def registration_form(known: Mapping[str, Any], *, fixed: bool) -> RecordForm:
    """The registration's form, filled with what is known; the code of an invited organisation stays."""
    required = {name: True for name in ("address", "legal_representative", "contact", "phone")}
    inputs = [
        Input(name, readonly=fixed and name == "uscc", required=required.get(name))
        for name in (*COMPANY, *CONTACT)
        if name not in ("role_names", "authorisation")
    ]
    declared = field_of(Account, "username")
    username = forms.plain_box(
        StringField,
        _(declared.label),
        required=True,
        help=_(declared.help),
        autocomplete="username",
        placeholder=_("请输入账号"),
    )
    extra = {"role_names": role_box(COMPANY_ROLES), "username": username, **password_boxes()}
    return forms.form_class(Organisation, inputs, categories=Organisation.attachments, extra=extra)(data=dict(known))


def _stage(form: RecordForm, token: str) -> list[Problem]:
    """Keep the uploaded paper with the open form, so that it need not be chosen again."""
    found: list[Problem] = []
    with as_system():
        uploads.discard([token], form_page.removed())
        for upload in request.files.getlist("authorisation"):
            if upload.filename:
                found += uploads.stage(
                    token=token,
                    record_type=Organisation.__tablename__,
                    category=form.authorisation.category,
                    filename=upload.filename,
                    data=upload.read(),
                )
    return found


def _handed_in(form: RecordForm, token: str, *, malformed: list[Problem], link: str) -> Registration:
    values = form.values()
    return Registration(
        values=values,
        username=form.username.data or "",
        password=form.password.data or "",
        token=token,
        removed=form_page.removed(),
        malformed=malformed,
        link=link,
        portal_person_id=signed_on.person_for(str(values.get("uscc") or "")),
    )
