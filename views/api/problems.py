"""Refusals of the engine and of the door, as the API answers them."""

from typing import Any

from app.core.refusals import LOST, Closed, Lost, NotFound, Refused, message_of
from app.core.words import _, sentences
from app.machines.arrivals import Barred, TooMany, Unproven
from app.web.api_problems import ApiProblem, field_errors
from app.web.strict_json import BadJson
from models.rules.problem import at_most

CHALLENGE = {"WWW-Authenticate": 'Webhook-Signature realm="api"'}
REFUSALS = (NotFound, Lost, Refused, BadJson, Unproven, Barred, TooMany)
"""What is raised below the API and said by `of`."""

MOST_TOLD = 100
"""How many problems one answer tells: whoever sends thousands learns from these what to mend."""


def of(refusal: Any) -> ApiProblem:
    """The answer to a refusal: 404, 409, 422 with every problem at its field, 400, 401, 403 or 429."""
    if isinstance(refusal, NotFound):
        return ApiProblem(404, "not-found", title=_("记录不存在"), detail=_("该地址不存在，或者不在查看范围内"))
    if isinstance(refusal, Closed):
        told = (
            message_of(refusal) if str(refusal) != LOST else _("该步骤在当前状态不能办理，请重新读取后按 offers 办理")
        )
        return ApiProblem(409, "closed-in-this-state", title=_("当前状态不能办理"), detail=told)
    if isinstance(refusal, Lost):
        return ApiProblem(409, "conflict", detail=message_of(refusal))
    if isinstance(refusal, Refused):
        return _invalid(refusal)
    if isinstance(refusal, BadJson):
        return ApiProblem(400, "malformed-json", detail=_(refusal.message, **refusal.params))
    if isinstance(refusal, TooMany):
        return ApiProblem(429, "too-many-requests", headers={"Retry-After": str(refusal.seconds)})
    status, headers = (401, CHALLENGE) if isinstance(refusal, Unproven) else (403, {})
    title = _("签名未通过验证") if isinstance(refusal, Unproven) else _("客户端不能使用")
    return ApiProblem(status, refusal.code, title=title, detail=_(str(refusal)), headers=headers)


def unknown_caller() -> ApiProblem:
    """Nobody has signed in, and no client has signed."""
    detail = _("请先登录，或由已登记的接口客户端对请求签名")
    return ApiProblem(401, "unauthenticated", detail=detail, headers=CHALLENGE)


def ungranted(label: str) -> ApiProblem:
    """The client lacks that grant."""
    detail = _("该接口客户端没有“%(grant)s”权限，请由本单位管理员开通", grant=label)
    return ApiProblem(403, "not-granted", detail=detail)


def too_large(most_bytes: int) -> ApiProblem:
    """The body is longer than what is read of it."""
    detail = _("请求内容超过 %(most)s 字节，请分批发送", most=f"{most_bytes:,}")
    return ApiProblem(413, "content-too-large", detail=detail)


def length_required() -> ApiProblem:
    """The body comes in pieces whose length nobody knows: nothing of it is read."""
    detail = _("请以 Content-Length 说明请求内容的长度，不支持分块传输")
    return ApiProblem(411, "length-required", title=_("请求有误"), detail=detail)


def not_json() -> ApiProblem:
    """The body is something else than JSON."""
    return ApiProblem(415, "unsupported-media-type", detail=_("请以 Content-Type: application/json 发送 JSON"))


def no_form() -> ApiProblem:
    """The body is something else than a form with a file."""
    return ApiProblem(415, "unsupported-media-type", detail=_("请以 multipart/form-data 上传文件"))


def _invalid(refused: Refused) -> ApiProblem:
    told = at_most(refused.problems, MOST_TOLD)
    detail = sentences(each["message"] for each in field_errors(told))
    return ApiProblem(422, "invalid", title=_("内容未通过校验"), detail=detail, problems=told)
