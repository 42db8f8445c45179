"""Links that open without signing in, because they were given to one person: a calendar, the word that a mail came."""

import hashlib
from typing import ClassVar

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from app.core.words import _
from app.notices import feed, receivers
from app.people import throttle
from app.web import forms
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from views.frame import public_page
from views.passwords import LIMIT, PER_SECONDS, over

LONGEST_TOKEN = 64


class CalendarFeedView(BaseView):
    """One person's calendar, for programs that ask again and again."""

    route_base = "/calendar"
    public: ClassVar = frozenset({"feed"})

    @expose("/<token>.ics")
    def feed(self, token: str) -> ResponseReturnValue:
        """The due days of whose secret that is; a wrong one and a closed one answer alike."""
        if not throttle.allow(f"calendar:{request.remote_addr}", LIMIT, PER_SECONDS):
            abort(429)
        found = feed.of_link(token) if len(token) <= LONGEST_TOKEN else None
        if found is None:
            abort(404)
        answer = Response(found, mimetype="text/calendar")
        answer.headers["Cache-Control"] = "private, max-age=900"
        answer.headers["Content-Disposition"] = 'attachment; filename="due-days.ics"'
        answer.set_etag(hashlib.sha256(found).hexdigest()[:32])
        return answer.make_conditional(request)


class MailConfirmView(BaseView):
    """What the link in the mail to a new address opens."""

    route_base = "/mail"
    public: ClassVar = frozenset({"confirm"})

    @expose("/confirm/<token>", methods=["GET", "POST"])
    def confirm(self, token: str) -> ResponseReturnValue:
        """Ask, then confirm: programs that look at every link of a mail confirm nothing."""
        if not throttle.allow(f"mail confirm:{request.remote_addr}", LIMIT, PER_SECONDS):
            abort(429)
        if request.method == "POST":
            return self._done() if receivers.confirm(token) else over()
        asked = receivers.asked_by(token)
        if asked is None:
            return over()
        address, username = asked
        return public_page.ask(
            forms.form_class(Account, ())(),
            title=_("确认接收邮箱"),
            sections=(),
            action_url=url_for("MailConfirmView.confirm", token=token),
            label=_("确认"),
            lead=_("确认后，账号 %(username)s 的通知邮件将发往 %(address)s", username=username, address=address),
        )

    def _done(self) -> ResponseReturnValue:
        text = _("通知邮件将发往该邮箱，可在“接收设置”中更改")
        return public_page.done(_("接收邮箱已确认"), text, public_page.sign_in_link())
