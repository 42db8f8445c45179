"""邀请: the one-time link with which an invited person sets a password and opens the account."""

from typing import ClassVar

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from app.core.words import _
from app.people import invitations, throttle
from app.people.invitations import Invited
from app.web.forms import RecordForm
from app.web.pages import Notice
from models.grammar.appbuilder import BaseView, expose
from models.rules.problem import Problem
from views.frame import public_page
from views.passwords import LIMIT, NOTE, PER_SECONDS, over, password_boxes, password_form, typed_twice


class InvitationView(BaseView):
    """What an invitation opens."""

    route_base = "/invitation"
    public: ClassVar = frozenset({"accept"})

    @expose("/<token>", methods=["GET", "POST"])
    def accept(self, token: str) -> ResponseReturnValue:
        """Set the password, and the account is open."""
        if not throttle.allow(f"invitation:{request.remote_addr}", LIMIT, PER_SECONDS):
            abort(429)
        invited = invitations.invited_by(token)
        if invited is None:
            return over()
        form = password_form()
        if request.method == "GET":
            return self._ask(form, token, invited)
        found = typed_twice(form) or invitations.accept(token, form.password.data)
        if found:
            return self._ask(form, token, invited, found), 422
        text = _("账号 %(username)s 已启用，请使用刚才设置的密码登录", username=invited.username)
        return public_page.done(_("账号已启用"), text, public_page.sign_in_link())

    def _ask(self, form: RecordForm, token: str, invited: Invited, found: list[Problem] | None = None) -> str:
        title = _("接受邀请")
        text = _(
            "%(organisation)s邀请您（%(name)s）使用账号 %(username)s 办理业务，请设置登录密码",
            organisation=invited.organisation,
            name=invited.name,
            username=invited.username,
        )
        return public_page.ask(
            form,
            title=title,
            sections=public_page.parts(form, {_("登录密码"): tuple(password_boxes())}, note=_(NOTE)),
            action_url=url_for("InvitationView.accept", token=token),
            label=_("启用账号"),
            found=found or (),
            notices=(Notice(text),),
        )
