"""The first of the three questions: may this role open the screen?"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from flask import abort, current_app, jsonify, redirect, request, url_for
from flask_login import current_user

from app.core.viewer import viewer_or_none
from app.core.words import _


def allowed(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Open the method to the roles that hold `can_<permission>` on its screen.

    A visitor is led to the sign-in page and back; a script gets 401; a role without the permission gets 403, unless
    the screen knows `elsewhere` where that role is shown the same.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated or viewer_or_none() is None:
                return _visitor()
            if not current_app.extensions["appbuilder"].sm.has_access(f"can_{permission}", self.class_permission_name):
                return _closed(self, method.__name__, kwargs)
            return method(self, *args, **kwargs)

        guarded._permission_name = permission  # type: ignore[attr-defined]
        return update_wrapper(guarded, method)

    return decorate


def _closed(screen: Any, method: str, values: dict[str, Any]) -> Any:
    asked = getattr(screen, "elsewhere", None) if request.method == "GET" else None
    address = asked(method, values) if asked is not None else ""
    return redirect(address) if address else abort(403)


def wants_json() -> bool:
    """Whether a script of ours asks, not a person."""
    return request.accept_mimetypes.best == "application/json"


def _visitor() -> Any:
    if wants_json():
        response = jsonify(message=_("登录已失效，请重新登录"))
        response.status_code = 401
        return response
    target = request.full_path if request.method == "GET" else request.referrer and url_for("IndexView.index")
    return redirect(url_for("SignInView.login", next=target))
