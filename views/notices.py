"""通知: the bell's list, the page of all notices, and by which way each person is told (接收设置)."""

from typing import ClassVar
from urllib.parse import urlsplit

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.core.refusals import NotFound
from app.core.viewer import viewer
from app.core.words import _, localized
from app.engine import transitions
from app.notices import bell, mails, receivers, sources
from app.people import throttle
from app.people.permissions import EVERYBODY
from app.web import cells
from app.web.notices import NoticePage, days_of
from app.web.pages import Link, Pager, Tab
from models.account import Account
from models.grammar.appbuilder import BaseView, expose
from models.grammar.base import Record
from models.notice import Notice
from models.rules import notices
from models.rules.notices import Choice
from models.rules.problem import Problem
from views.frame import readers
from views.frame.access import allowed
from views.sign_in import on_this_site

PAGE_SIZE = 50
LAST_PAGE = 10_000
UNREAD, EVERY = "unread", "all"
TRIES, PER_SECONDS = 5, 3600


class NoticeView(BaseView):
    """What one was told, whoever one is."""

    route_base = "/notices"
    default_view = "index"
    opens: ClassVar = {"index": EVERYBODY}

    @expose("/")
    @allowed("index")
    def index(self) -> ResponseReturnValue:
        """All of them, a page at a time."""
        tab, number = _tab(EVERY), _page()
        total = bell.count(only_unread=tab == UNREAD)
        found = bell.page(only_unread=tab == UNREAD, size=PAGE_SIZE, page=number)
        page = self._page(found, tab, pager=_pager(tab, number, total))
        return render_template("notices/index.html", page=page, page_title=page.title, crumbs=(Link(page.title, ""),))

    @expose("/bell")
    @allowed("index")
    def bell(self) -> ResponseReturnValue:
        """The newest, as the bell opens them."""
        tab = _tab(UNREAD)
        found = bell.page(only_unread=tab == UNREAD, size=notices.BELL_LINES)
        return render_template("notices/bell.html", page=self._page(found, tab))

    @expose("/<int:pk>")
    @allowed("index")
    def open(self, pk: int) -> ResponseReturnValue:
        """Read one, and go to its record; absent where the reader may see that no more."""
        try:
            found = bell.read(pk)
        except NotFound:
            abort(404)
        return redirect(_record_url(found) or abort(404))

    @expose("/read", methods=["POST"])
    @allowed("index")
    def read(self) -> ResponseReturnValue:
        """Read all of them, and stay where one is."""
        bell.read_all()
        return redirect(on_this_site(_came_from()) or url_for("NoticeView.index"))

    @expose("/settings", methods=["GET", "POST"])
    @allowed("index")
    def settings(self) -> ResponseReturnValue:
        """By which way each kind is told."""
        if request.method == "POST":
            receivers.choose({kind: _chosen(kind) for kind in notices.KINDS})
            flash(_("接收设置已保存"), "success")
            return redirect(url_for("NoticeView.settings"))
        return self._settings()

    @expose("/address", methods=["POST"])
    @allowed("index")
    def address(self) -> ResponseReturnValue:
        """Send a link to the address that was typed: it counts once that is opened."""
        if not throttle.allow(f"mail address:{viewer().user_id}", TRIES, PER_SECONDS):
            abort(429)
        typed = request.form.get("address", "").strip()
        number, found = receivers.ask_confirmation(typed)
        if found:
            return self._settings(typed=typed, found=found), 422
        text = _(
            "确认邮件（编号 %(number)s）已发往 %(address)s，请在 24 小时内打开其中的链接", number=number, address=typed
        )
        flash(text, "success")
        return redirect(url_for("NoticeView.settings"))

    @expose("/address/forget", methods=["POST"])
    @allowed("index")
    def forget_address(self) -> ResponseReturnValue:
        """Nothing is mailed any more."""
        receivers.forget_address()
        flash(_("已停用接收邮箱，不再发送邮件"), "success")
        return redirect(url_for("NoticeView.settings"))

    @expose("/feed", methods=["GET", "POST"])
    @allowed("index")
    def feed(self) -> ResponseReturnValue:
        """A new link of one's calendar, shown once and kept nowhere; the one before it is closed."""
        if request.method == "GET":
            return redirect(url_for("NoticeView.settings", _anchor="feed"))
        token = receivers.renew_feed()
        return self._settings(feed_link=mails.address_of(f"/calendar/{token}.ics"))

    @expose("/feed/revoke", methods=["POST"])
    @allowed("index")
    def revoke_feed(self) -> ResponseReturnValue:
        """The calendar is closed."""
        receivers.revoke_feed()
        flash(_("日历订阅链接已停用"), "success")
        return redirect(url_for("NoticeView.settings"))

    def _page(self, found: list[Notice], tab: str, *, pager: Pager | None = None) -> NoticePage:
        unread, base = bell.unread(), url_for("NoticeView.index") if pager else ""
        counted = {UNREAD: _counted(unread), EVERY: ""}
        labels = {UNREAD: "未读", EVERY: "全部"}
        return NoticePage(
            title=_("通知"),
            tabs=tuple(Tab(_(labels[name]), f"{base}?tab={name}", counted[name], name == tab) for name in labels),
            days=days_of(found, self.route_base),
            unread=unread,
            read_url=url_for("NoticeView.read"),
            settings_url=url_for("NoticeView.settings"),
            all_url=url_for("NoticeView.index", tab=EVERY),
            empty_text=_("没有未读通知") if tab == UNREAD else _("暂无通知"),
            pager=pager,
        )

    def _settings(self, *, typed: str = "", found: list[Problem] | None = None, feed_link: str = "") -> str:
        own, title = receivers.own(), _("接收设置")
        return render_template(
            "notices/settings.html",
            rows=[(kind, _(label), receivers_choice) for (kind, label), receivers_choice in _choices()],
            by_mail=[(name, _(label)) for name, label in notices.BY_MAIL.items()],
            always=notices.ALWAYS_IN_BELL,
            address=own.address,
            awaited=receivers.awaited(),
            typed=typed,
            problems=[localized(each) for each in found or ()],
            is_mailing=mails.is_on(),
            digest_at=f"{notices.DIGEST_AT:02d}:00",
            feed_link=feed_link,
            feed_made_at=cells.minute(own.feed_made_at),
            page_title=title,
            crumbs=(Link(_("通知"), url_for("NoticeView.index")), Link(title, "")),
        )


def _choices() -> list[tuple[tuple[str, str], Choice]]:
    chosen = receivers.own_choices()
    return [((kind, label), chosen[kind]) for kind, label in notices.KINDS.items()]


def _chosen(kind: str) -> Choice:
    by_mail = request.form.get(f"mail-{kind}", notices.OFF)
    if by_mail not in notices.BY_MAIL:
        abort(400)
    return Choice(in_bell=f"bell-{kind}" in request.form, by_mail=by_mail)


def _tab(otherwise: str) -> str:
    tab = request.args.get("tab", otherwise)
    return tab if tab in (UNREAD, EVERY) else abort(400)


def _page() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) in _pages() else abort(400)


def _pages() -> range:
    return range(1, LAST_PAGE + 1)


def _counted(unread: int) -> str:
    return str(unread) if unread < notices.COUNTED_TO else "99+"


def _pager(tab: str, number: int, total: int) -> Pager:
    last = max((total + PAGE_SIZE - 1) // PAGE_SIZE, 1)

    def url(page: int) -> str:
        return url_for("NoticeView.index", tab=tab, page=page)

    near = [page for page in range(number - 2, number + 3) if 1 <= page <= last]
    return Pager(
        total=total,
        total_text=_("共 %(count)s 条", count=f"{total:,}"),
        page=number,
        pages=tuple((str(page), url(page), page == number) for page in near),
        size=PAGE_SIZE,
        sizes=(),
        prev_url=url(number - 1) if 1 < number <= last else "",
        next_url=url(number + 1) if number < last else "",
    )


def _record_url(notice: Notice) -> str:
    """The page of what was told of, as far as this account may see it now."""
    model = sources.model_of(notice.record_type)
    if model is None:
        return ""
    try:
        record = transitions.find(model, notice.record_id)
    except NotFound:
        return ""
    return page_of(record)


def page_of(record: Record) -> str:
    """The page on which the account may read the record, the one on which it is worked first; empty without one."""
    if isinstance(record, Account) and record.user_id == viewer().user_id:
        return url_for("ProfileView.profile")
    view = readers.screen_of(record)
    return view.url("show", pk=record.id) if view is not None else ""


def _came_from() -> str:
    """The page of this site that the browser says it comes from; nothing where it says none, or nonsense."""
    try:
        said = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    return f"{said.path}?{said.query}" if said.netloc == request.host else ""
