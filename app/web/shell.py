"""What every page's frame needs: who is signed in, the menu that is open to them, versioned addresses."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, session, url_for
from flask_babel import get_locale

from app.core.clock import today
from app.core.viewer import viewer_or_none
from app.core.words import _, init_words, listed, localized, localized_terms
from app.notices import bell
from app.people import passwords
from app.people.security import held_permissions
from app.web import cells
from models.grammar.viewer import DUTY_LABELS
from models.rules.notices import COUNTED_TO


@dataclass(frozen=True)
class Me:
    """The signed-in account, as the top bar shows it; `switches` are the other companies of who came by sign-on."""

    name: str
    initial: str
    organisation: str
    role_label: str
    user_key: str
    switches: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Language:
    """A language to change to, in its own word."""

    code: str
    label: str
    url: str


@dataclass(frozen=True)
class MenuItem:
    """One line of the menu."""

    label: str
    url: str
    active: bool = False
    icon: str = ""


@dataclass(frozen=True)
class MenuGroup:
    """One group of the menu; without items it is itself a line."""

    label: str
    icon: str
    items: tuple[MenuItem, ...] = ()
    url: str = ""
    active: bool = False


def init_shell(app: Flask) -> None:
    """Give the frame's values to every template."""
    app.context_processor(frame)
    init_words(app)
    app.jinja_env.globals.update(asset=asset, localized=localized)


def frame() -> dict[str, Any]:
    """The values of the frame; besides what the request has read already, one statement counts the unread notices."""
    who = viewer_or_none()
    me = None
    if who is not None:
        duties = listed(_(DUTY_LABELS[duty]) for duty in sorted(who.duties))
        me = Me(
            name=who.name,
            initial=who.name[:1],
            organisation=who.organisation_name,
            role_label=" ".join(filter(None, (localized_terms(who.role_label), duties))),
            user_key=str(who.user_id),
            switches=_switches(who.organisation_name),
        )
    locale = get_locale()
    spoken = locale.language if locale else ""
    return {
        "me": me,
        "menu": menu() if who is not None else (),
        "app_name": _(current_app.config["APP_NAME"]),
        **(_bell() if who is not None else {}),
        "locale": "en" if spoken == "en" else "zh-CN",
        "languages": tuple(_languages(spoken)),
        "today_text": cells.day(today()),
        "sign_out_url": url_for("SignInView.logout"),
        "sign_on_companies_url": url_for("SignOnView.companies") if "portal" in session else "",
        "profile_url": url_for("ProfileView.profile"),
        "downloads_url": url_for("DownloadView.index"),
        "password_url": url_for("ProfileView.password") if who is None or _has_password(who.user_id) else "",
    }


def _has_password(user_id: int) -> bool:
    """Whether there is one to be changed; asked only of who came by sign-on."""
    return "portal" not in session or passwords.has_one(user_id)


def _switches(here: str) -> tuple[tuple[str, str], ...]:
    """Name and address of each further company that may be entered, as the page of choice has kept them."""
    kept = session.get("switch", ())
    return tuple((name, url_for("SignOnView.enter", account_id=key)) for key, name in kept if name != here)


def _bell() -> dict[str, Any]:
    unread = bell.unread()
    return {
        "unread_count": unread,
        "unread_shown": str(unread) if unread < COUNTED_TO else "99+",
        "notices_url": url_for("NoticeView.index"),
        "bell_url": url_for("NoticeView.bell"),
        "notice_settings_url": url_for("NoticeView.settings"),
    }


def _languages(spoken: str) -> Iterator[Language]:
    for code, told in current_app.config["LANGUAGES"].items():
        if code != spoken:
            yield Language(code, told["name"], url_for("LanguageView.switch", locale=code, next=request.full_path))


def menu() -> tuple[MenuGroup, ...]:
    """The menu items that the account may open, grouped as the screens declare."""
    opened = {screen for permission, screen in held_permissions() if permission == "menu_access"}
    endpoint = (request.endpoint or "").split(".")[0]
    groups = [
        MenuGroup(_("工作台"), "fa-house", url=url_for("WorkbenchView.index"), active=endpoint == "WorkbenchView")
    ]
    for group in current_app.extensions["appbuilder"].menu.get_list():
        items = tuple(
            MenuItem(_(item.label), item.get_url(), active=item.baseview.endpoint == endpoint)
            for item in group.childs
            if item.name in opened and item.baseview is not None
        )
        if items:
            groups.append(
                MenuGroup(_(group.label), group.icon or "fa-folder", items, active=any(item.active for item in items))
            )
    return tuple(groups)


def asset(path: str) -> str:
    """The address of a static file with its content's hash, so that it may be cached for ever."""
    folder = current_app.static_folder
    assert folder is not None
    return url_for("static", filename=path, v=_digest(str(Path(folder) / path)))


@lru_cache(maxsize=256)
def _digest(path: str) -> str:
    file = Path(path)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else ""
