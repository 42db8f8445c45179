"""The shapes that all resources have in common, as JSON Schema says them: problems, files, findings, offers."""

from collections.abc import Iterator
from typing import Any

from app.core.words import _
from models.grammar.fields import Schema
from views.api.operations import all_of


def shapes() -> Iterator[tuple[str, Schema]]:
    """Each by its name, with what every part of it means."""
    yield "FieldError", _field_error()
    yield "Problem", _problem()
    yield "File", _file()
    yield "Finding", all_of({"message": _text(_("提示内容")), "since": _instant(_("从何时起"))})
    yield "Offer", _offer()
    yield "Event", _event()
    yield "Option", _option()


def _field_error() -> Schema:
    where = _("在所发送内容中的位置（RFC 6901）：/fields/字段、/files/缺少的附件类别、/rows/行/字段；空为整体")
    return all_of({"field": _text(_("字段")), "pointer": _text(where), "message": _text(_("问题与处理办法"))})


def _problem() -> Schema:
    kinds = _(
        "问题类型，供程序判断，打开该地址可查看说明。409 分两类：conflict 版本已变，closed-in-this-state 状态不允许"
    )
    told = {
        "type": _text(kinds),
        "title": _text(_("问题类型的名称")),
        "detail": _text(_("说明与处理办法")),
        "instance": _text(_("请求的地址")),
        "incident": _text(_("事件编号，联系我们时请提供")),
        "status": _whole(_("HTTP 状态码")),
    }
    errors = {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}
    return all_of({**told, "errors": {**errors, "description": _("每个字段的问题；与字段无关时为空")}})


def _file() -> Schema:
    told = {
        "id": _whole(_("文件 id")),
        "category": _text(_("附件类别")),
        "name": _text(_("文件名")),
        "kind": _text(_("文件类型，如 pdf")),
        "size": _whole(_("字节数")),
        "sha256": _text(_("内容的 SHA-256（十六进制）")),
        "uploaded_at": _instant(_("上传时间")),
    }
    return all_of(told)


def _offer() -> Schema:
    binding = _("是否不可撤销：为 true 的须由人员登录后办理，接口客户端不能办理")
    told = {
        "name": _text(_("步骤，即地址的最后一段")),
        "label": _text(_("步骤名称")),
        "asks": _texts(_("须在 fields 中提交的字段")),
        "attach": _texts(_("须随 files_token 提交的附件类别，含该业务尚缺的必要附件")),
        "optional": _texts(_("asks 和 attach 中可不提供的")),
        "binding": {"type": "boolean", "description": binding},
    }
    return all_of(told)


def _event() -> Schema:
    told = {
        "at": _instant(_("办理时间")),
        "step": _text(_("步骤")),
        "label": _text(_("步骤名称")),
        "who": _text(_("办理人；接口客户端办理的为客户端名称")),
        "comment": _text(_("意见或原因")),
        "from_state": {"type": ["string", "null"], "description": _("办理前状态")},
        "to_state": {"type": ["string", "null"], "description": _("办理后状态")},
    }
    return all_of(told)


def _option() -> Schema:
    key = {"type": ["integer", "string"], "description": _("填入该字段的值")}
    fields = {"type": "object", "description": _("用于辨认的字段，与其自身资源的同名字段一致")}
    return all_of({"id": key, "title": _text(_("名称")), "fields": fields})


def _text(meaning: str) -> dict[str, Any]:
    return {"type": "string", "description": meaning}


def _texts(meaning: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}, "description": meaning}


def _whole(meaning: str) -> dict[str, Any]:
    return {"type": "integer", "description": meaning}


def _instant(meaning: str) -> dict[str, Any]:
    return {"type": "string", "format": "date-time", "description": meaning}
