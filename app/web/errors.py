"""Error pages: what happened in plain words and an incident number; the exception itself only in the log."""

import errno
import logging
import secrets
from typing import Any

from flask import Flask, jsonify, make_response, render_template, request
from flask.wrappers import Response
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadRequest, Conflict, Forbidden, HTTPException, InternalServerError, SecurityError

from app.core import clock
from app.core.database import db
from app.core.words import _
from app.web.api_problems import ApiProblem, document

RETRY_AFTER_SECONDS = 5
SHORT_OF_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
API_PREFIX = "/api/"
SAID_BY_US = frozenset({BadRequest, Forbidden, Conflict})  # not what is derived from them: those say it in English
KEPT_HEADERS = ("Allow", "Retry-After")

log = logging.getLogger(__name__)


def init_errors(app: Flask) -> None:
    """Answer every error with an error page, or with JSON where the client asks for JSON."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(InternalServerError, _failed)
    for unavailable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unavailable, _unavailable)
    app.register_error_handler(OSError, _out_of_room)


def _words(code: int) -> tuple[str, str]:
    """The title and the advice for a status code."""
    known = {
        400: (_("请求有误"), _("请求的内容不完整或格式不正确，请返回后重新操作。")),
        401: (_("请先登录"), _("登录后才能继续办理。")),
        403: (_("没有权限"), _("您的账号没有办理此事项的权限；如需开通，请联系本单位管理员。")),
        404: (_("页面不存在"), _("您访问的内容不存在，或者不在您的查看范围内。")),
        405: (_("操作方式不正确"), _("此地址不支持这种访问方式，请从页面上的按钮进入。")),
        409: (_("该业务已被他人办理"), _("该业务已被他人办理，请刷新后查看最新情况。")),
        413: (_("上传内容过大"), _("上传的文件超过大小限制，请压缩或分批上传。")),
        429: (_("操作过于频繁"), _("操作过于频繁，请稍后再试。")),
        503: (_("系统暂时不可用"), _("系统正忙或正在维护，您的操作没有生效，请稍后重试。")),
    }
    other = (_("系统出错"), _("系统处理时出错，您的操作没有生效；请稍后重试，或将事件编号告知管理员。"))
    return known.get(code) or (known[400] if 400 <= code < 500 else other)


def _refused(error: HTTPException) -> Response | HTTPException:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error
    title, message = _safe_words(code)
    if isinstance(error, ApiProblem):
        return _api_problem(error, title, message)
    if type(error) in SAID_BY_US and error.description and error.description != type(error).description:
        message = str(error.description)
    incident = _note(logging.INFO, f"{code} {error.name}", status=code)
    answer = _answer(code, title, message, incident=incident)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in KEPT_HEADERS)
    return answer


def _api_problem(error: ApiProblem, title: str, message: str) -> Response:
    """What the API itself says, in its own words where it has some."""
    status = error.code or 500
    incident = _note(logging.INFO, f"{status} {error.kind}", status=status)
    answer = document(
        status,
        kind=error.kind,
        title=error.title or title,
        detail=error.detail or message,
        instance=request.path,
        incident=incident,
        problems=error.problems,
    )
    answer.headers.extend(error.get_headers())
    return answer


def _expired(error: CSRFError) -> Response:
    incident = _note(logging.WARNING, f"400 {error.description}", status=400)
    message = _("页面停留时间过长或登录已失效，请刷新页面后重新提交。")
    return _answer(400, _("页面已过期"), message, incident=incident)


def _failed(error: InternalServerError) -> Response:
    cause = error.original_exception or error
    if isinstance(cause, OperationalError | InterfaceError | PoolTimeout):
        return _unavailable(cause)
    incident = _note(logging.ERROR, "500 unexpected error", status=500, cause=cause)
    title, message = _safe_words(500)
    return _answer(500, title, message, incident=incident)


def _unavailable(cause: Exception) -> Response:
    incident = _note(logging.ERROR, "503 unavailable", status=503, cause=cause)
    title, message = _safe_words(503)
    answer = _answer(503, title, message, incident=incident)
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _out_of_room(error: OSError) -> Response:
    if error.errno in SHORT_OF_ROOM:
        return _unavailable(error)
    return _failed(InternalServerError(original_exception=error))


def _note(level: int, says: str, *, status: int, cause: BaseException | None = None) -> str:
    """Write the log line and give its incident number."""
    incident = f"{clock.now():%Y%m%d}-{secrets.token_hex(4).upper()}"
    carried: dict[str, Any] = {
        "incident": incident,
        "method": request.method,
        "path": request.path,
        "status": status,
        "address": request.remote_addr,
    }
    log.log(level, says, extra=carried, exc_info=cause)
    return incident


def _answer(code: int, title: str, message: str, *, incident: str) -> Response:
    if request.path.startswith(API_PREFIX):
        detail = _api_words(code) or message
        return document(code, kind="", title=title, detail=detail, instance=request.path, incident=incident)
    if _wants_json():
        return make_response(jsonify(code=code, title=title, message=message, incident=incident), code)
    return make_response(_page(code, title, message, incident=incident), code)


def _api_words(code: int) -> str:
    """What to tell a program, where a page's words would lead it astray."""
    known = {
        404: "该地址不存在，或者不在查看范围内",
        405: "该地址不支持这种请求方法，可用的方法见 Allow 响应头",
        413: "请求内容超过大小限制，请分批发送",
    }
    return _(known[code]) if code in known else ""


def _page(code: int, title: str, message: str, *, incident: str) -> str:
    if isinstance(request.routing_exception, SecurityError):
        return _bare_page(code, title, message, incident=incident)
    try:
        if code >= 500:
            db.session.rollback()
        words = {"code": code, "title": title, "message": message, "incident": incident}
        return render_template("errors/error.html", **words, home_url="/")
    except Exception:
        log.exception("the error page itself failed", extra={"incident": incident})
        return _bare_page(code, title, message, incident=incident)


def _bare_page(code: int, title: str, message: str, *, incident: str) -> str:
    """The page when nothing else works: no template, no database, no trusted host name."""
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<h1>{code} {escape(title)}</h1><p>{escape(message)}</p><p>事件编号：{escape(incident)}</p></html>"
    )


def _safe_words(code: int) -> tuple[str, str]:
    """The words in the visitor's language, or in Chinese when the language cannot be told."""
    try:
        return _words(code)
    except Exception:
        log.exception("the visitor's language could not be told")
        return "系统暂时不可用", "您的操作没有生效，请稍后重试。"


def _wants_json() -> bool:
    if request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"
