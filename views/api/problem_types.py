"""Every type of problem that the API answers with: its status, and what is to be done about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.words import _


@dataclass(frozen=True)
class ProblemType:
    """A type below `/api/problems/`, the status it comes with, and what it says."""

    kind: str
    status: int
    words: str


TYPES = (
    ProblemType("malformed-json", 400, "请求内容不是一个 UTF-8 的 JSON 对象，或有重复的键、NaN、超过 16 层的嵌套"),
    ProblemType("invalid-argument", 400, "查询条件的名称或值不正确，errors 列出是哪一个"),
    ProblemType("malformed-idempotency-key", 400, "Idempotency-Key 不是 8 至 128 个可打印的 ASCII 字符"),
    ProblemType("bad-request", 400, "请求有误，或登录人员的 X-CSRFToken 缺失、过期"),
    ProblemType("unauthenticated", 401, "没有登录，也没有签名"),
    ProblemType("signature-incomplete", 401, "四个签名请求头不齐"),
    ProblemType("signature-stale", 401, "签名时间与服务器相差超过 300 秒，请校准时钟"),
    ProblemType("signature-misdirected", 401, "webhook-id 中的摘要不是本次方法和地址的，请按实际发送的地址计算"),
    ProblemType("signature-invalid", 401, "密钥编号、密钥或所签内容不正确"),
    ProblemType("signature-replayed", 401, "该 webhook-id 已收到过，重发时请重新生成并签名"),
    ProblemType("not-granted", 403, "接口客户端没有所需的权限，由本单位管理员开通"),
    ProblemType("client-ended", 403, "接口客户端已停用"),
    ProblemType("client-expired", 403, "接口客户端已过有效期"),
    ProblemType("key-ended", 403, "密钥已失效，请改用更换后的密钥"),
    ProblemType("organisation-closed", 403, "所属单位未准入或已停用"),
    ProblemType("forbidden", 403, "本单位的角色或账号的岗位不能办理"),
    ProblemType("people-only", 403, "只能由登录人员办理"),
    ProblemType("code-owed", 403, "该步骤须先提交动态验证码"),
    ProblemType("not-regulator", 403, "只提供给主管部门"),
    ProblemType("not-found", 404, "地址不存在，或业务不在查看范围内"),
    ProblemType("method-not-allowed", 405, "该地址不支持这种方法，可用的见 Allow 响应头"),
    ProblemType("not-acceptable", 406, "无法按 Accept 所要求的格式答复"),
    ProblemType("conflict", 409, "读取后已被他人修改或办理，请重新读取"),
    ProblemType("closed-in-this-state", 409, "当前状态不能这样办理，可办理的见 offers"),
    ProblemType("still-running", 409, "同一 Idempotency-Key 的请求正在处理，请稍后以同一个键重试"),
    ProblemType("length-required", 411, "没有 Content-Length，不支持分块传输"),
    ProblemType("precondition-failed", 412, "If-Match 的版本已过期，请重新读取"),
    ProblemType("content-too-large", 413, "内容过大，JSON 以 1 MB 为限"),
    ProblemType("unsupported-media-type", 415, "Content-Type 不正确"),
    ProblemType("invalid", 422, "内容未通过校验，errors 一次列出全部问题"),
    ProblemType("idempotency-key-reused", 422, "该 Idempotency-Key 已用于内容不同的请求，请换一个键"),
    ProblemType("too-many-requests", 429, "请求过于频繁，请在 Retry-After 所示的秒数后重试"),
    ProblemType("internal-server-error", 500, "系统出错，没有办理；请将 incident 告知管理员"),
    ProblemType("service-unavailable", 503, "暂时不可用，没有办理；请按 Retry-After 重试"),
)
"""In the order of their status."""


def worded() -> Iterator[tuple[int, str, str]]:
    """The status, the type and its words in the reader's language."""
    yield from ((each.status, each.kind, _(each.words)) for each in TYPES)
