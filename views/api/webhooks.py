"""事件推送 as the document says it: what is sent to the addresses that organisations have named."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import current_app

from app.core.words import _
from models.event_types import NUMBERS, TEST, event_types
from models.grammar.fields import Schema
from models.rules import retries
from views.api.operations import all_of

AT = "2025-03-12T09:30:00+08:00"
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def described() -> dict[str, Any]:
    """An event of a record, and the one by which an administrator tries the address."""
    event = all_of({"type": _type(), "timestamp": _instant(_("发生时刻")), "data": all_of(_data())})
    event["properties"]["iso"] = {"type": "string", "title": _("ISO 20022 中的名称"), "description": _("没有的不给出")}
    told = {"endpoint": {"type": "string", "title": _("推送地址名称")}, "at": _instant(_("发送测试的时刻"))}
    kind: Schema = {"type": "string", "enum": [TEST]}
    test = all_of({"type": kind, "timestamp": _instant(_("发送测试的时刻")), "data": all_of(told)})
    tried = {"type": TEST, "timestamp": AT, "data": {"endpoint": _("本单位系统"), "at": AT}}
    return {
        "event": {"post": _pushed("event", _("业务有变化"), event, example())},
        TEST: {"post": _pushed("test", _("发送测试"), test, tried)},
    }


def example() -> dict[str, Any]:
    """An event as it is sent."""
    base = current_app.config["BASE_URL"]
    told = {"record": "letter", "id": 17, "number": "BH250312000001", "state": "issued", "event": "issue", "at": AT}
    links = {"page_url": f"{base}/records/letter/17", "api_url": f"{base}/api/v1/letters/17"}
    return {"type": "letter.issue", "iso": "undertaking.issued", "timestamp": AT, "data": told | links}


def pauses() -> list[str]:
    """The rests between the attempts, in words."""
    return [_duration(each) for each in retries.PAUSES]


def _duration(pause: timedelta) -> str:
    seconds = int(pause.total_seconds())
    if seconds < 60:
        return _("%(count)s 秒", count=seconds)
    return _("%(count)s 分钟", count=seconds // 60) if seconds < 3600 else _("%(count)s 小时", count=seconds // 3600)


def _pushed(name: str, summary: str, schema: Schema, body: Mapping[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, "example": body}}
    answers = {"2XX": {"description": _("已收到，不再发送")}}
    if name != TEST:
        answers["410"] = {"description": _("不再接收：停用该推送地址")}
    answers["default"] = {"description": _("未收到，稍后以同一 webhook-id 重新发送")}
    return {
        "operationId": f"webhook.{name}",
        "summary": summary,
        "security": [],
        "parameters": [_header(each) for each in HEADERS],
        "requestBody": {"required": True, "content": content},
        "responses": answers,
    }


def _header(name: str) -> dict[str, Any]:
    said = {
        "webhook-id": _("事件的编号，重新发送时不变，请据此去重"),
        "webhook-timestamp": _("发送时刻，自 1970 年起的秒数，与本机相差超过 300 秒的请拒收"),
        "webhook-signature": _("签名，以 v1, 开头；更换密钥期间有多个，以空格分隔，有一个相符即可"),
    }
    schema: Schema = {"type": "string"}
    return {"name": name, "in": "header", "required": True, "schema": schema, "description": said[name]}


def _type() -> Schema:
    known = event_types()
    words = [f"{each.name}: {_(each.noun)} · {_(each.label)}" for each in known.values()]
    return {"type": "string", "title": _("事件类型"), "enum": [*known], "description": "\n".join(words)}


def _instant(label: str) -> Schema:
    return {"type": "string", "format": "date-time", "title": label}


def _data() -> dict[str, Schema]:
    text: Schema = {"type": "string"}
    link: Schema = {"type": "string", "format": "uri"}
    read = _("读取该业务的接口地址；本单位没有该资源的为 null")
    return {
        "record": {**text, "enum": [*NUMBERS], "title": _("业务种类")},
        "id": {"type": "integer", "title": _("业务的 id")},
        "number": {**text, "title": _("业务编号"), "description": _("尚无编号的为空")},
        "state": {**text, "title": _("办理后的状态"), "description": _("收到时可能已有变化，请以读取的为准")},
        "event": {**text, "title": _("办理的步骤")},
        "at": _instant(_("发生时刻")),
        "page_url": {**link, "title": _("页面地址")},
        "api_url": {"type": ["string", "null"], "format": "uri", "title": _("接口地址"), "description": read},
    }
