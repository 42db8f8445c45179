"""Leaving for the portal and coming back: what was agreed is kept here, for one browser, once, for ten minutes."""

import hashlib
import secrets
from datetime import timedelta

from flask import Flask, current_app

from app.core.database import transaction, writing
from app.people import links
from app.portal.adapter import Flight, Portal
from app.portal.oidc import OpenIdPortal
from app.portal.settings import OIDC, Settings
from app.portal.ticket import TicketPortal

LASTS = timedelta(minutes=10)
PURPOSE = "sign_on"
PORTAL = "portal"


def init_portal(app: Flask) -> None:
    """Speak to the portal that the settings name, where they name one."""
    settings: Settings = app.config["SIGN_ON"]
    speaks = OpenIdPortal if settings.dialect == OIDC else TicketPortal
    app.extensions[PORTAL] = speaks(settings, app.config["BASE_URL"]) if settings.is_on else None


def portal() -> Portal | None:
    """The portal of this application; None where sign-on is off."""
    found: Portal | None = current_app.extensions[PORTAL]
    return found


def browser() -> str:
    """A new secret of one browser's session, to which its flights belong."""
    return secrets.token_urlsafe(16)


def leave(of_browser: str, *, role: str, target: str) -> Flight:
    """What holds for one way to the portal and back; it is kept until somebody comes back with its state."""
    kept = {"nonce": secrets.token_urlsafe(24), "verifier": secrets.token_urlsafe(48), "role": role, "next": target}
    with writing(), transaction():
        state = links.issue(PURPOSE, {**kept, "browser": _digest(of_browser)}, LASTS)
    return Flight(state=state, **kept)


def land(state: str, of_browser: str) -> Flight | None:
    """What was agreed under this state, which ends with it; None when it is unknown, over, or another browser's."""
    with writing(), transaction():
        kept = links.redeem(state, PURPOSE)
    if kept is None or not secrets.compare_digest(kept.pop("browser"), _digest(of_browser)):
        return None
    return Flight(state=state, **kept)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
