"""The headers on every answer, errors and downloads too (OWASP ASVS 5.0 chapter 3)."""

from flask import Flask, request
from flask.wrappers import Response

CONTENT_SECURITY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'self'; form-action 'self'"
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CALENDAR = "text/calendar"
"""What the programs of its readers may keep for a while, as it says itself."""

STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
STATIC_VERSIONED = "public, max-age=31536000, immutable"
STATIC_UNVERSIONED = "public, max-age=3600"


def init_headers(app: Flask) -> None:
    """Add the headers to every answer; a view that set one keeps its own."""

    always = {**ALWAYS, "Content-Security-Policy": " ".join((CONTENT_SECURITY, *app.config["SIGN_ON"].origins))}

    @app.after_request
    def _add_headers(response: Response) -> Response:
        for name, value in always.items():
            response.headers.setdefault(name, value)
        if app.config["BEHIND_TLS"]:
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        _set_caching(response)
        return response


def _set_caching(response: Response) -> None:
    """Static files may be kept, for ever when their address carries a version; nothing else may."""
    if request.path.startswith("/static/") and response.status_code in (200, 206, 304):
        versioned = "v" in request.args
        response.headers["Cache-Control"] = STATIC_VERSIONED if versioned else STATIC_UNVERSIONED
    elif response.mimetype != CALENDAR or not response.cache_control.private:
        response.headers["Cache-Control"] = "no-store"
