"""What the fields of the shapes that all resources share mean, where the shape itself does not say it."""

from collections.abc import Mapping
from typing import Any

from app.core.words import _
from models.grammar.fields import Schema
from views.api.given import FIELDS


def add(made: dict[str, Any]) -> dict[str, Any]:
    """The document with the meanings in its shared shapes, in each record and in each list."""
    known = made["components"]["schemas"]
    for shape, meanings in _meanings().items():
        if shape in known:
            _say(known[shape], meanings)
    for schema in known.values():
        if FIELDS in schema.get("properties", {}) and "version" in schema["properties"]:
            _say(schema, _record())
    for operations in made["paths"].values():
        answer = operations.get("get", {}).get("responses", {}).get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if "items" in schema.get("properties", {}):
            _say(schema, _list())
    return made


def _say(schema: Schema, meanings: Mapping[str, str]) -> None:
    properties = schema["properties"]
    for name in meanings.keys() & properties.keys():
        properties[name] = {"title": meanings[name], **properties[name]}


def _record() -> Mapping[str, str]:
    return {
        "id": _("业务的 id"),
        "version": _("版本号"),
        "title": _("名称"),
        "state": _("状态"),
        "state_label": _("状态的名称"),
        "findings": _("需要处理的提示"),
        FIELDS: _("业务的内容"),
        "files": _("附件"),
        "may_edit": _("现在可否修改"),
        "may_delete": _("现在可否删除"),
        "offers": _("现在可以办理的步骤"),
        "warnings": _("提醒"),
    }


def _list() -> Mapping[str, str]:
    return {
        "items": _("本页各项"),
        "page": _("页码"),
        "size": _("每页条数"),
        "total": _("符合条件的条数"),
        "total_is_exact": _("条数是否准确"),
        "next": _("下一页"),
    }


def _meanings() -> Mapping[str, Mapping[str, str]]:
    return {
        "Problem": {
            "type": _("问题的类型，见“错误与限制”；程序请以此判断"),
            "title": _("概要"),
            "status": _("状态码"),
            "detail": _("说明，可直接给经办人看"),
            "instance": _("请求的地址"),
            "incident": _("事件编号，联系管理员时提供"),
            "errors": _("逐项问题；没有的为空"),
        },
        "FieldError": {
            "field": _("字段名称，不属于某一字段的为空"),
            "pointer": _("在请求内容中的位置（RFC 6901）"),
            "message": _("原因和改正方法"),
        },
        "File": {
            "id": _("附件 id，下载和移除时使用"),
            "category": _("附件类别"),
            "name": _("文件名"),
            "kind": _("文件格式"),
            "size": _("字节数"),
            "sha256": _("文件内容的 SHA-256"),
            "uploaded_at": _("上传时间"),
        },
        "Finding": {"message": _("提示内容"), "since": _("自何时起")},
        "Offer": {
            "name": _("步骤，即办理地址的最后一段"),
            "label": _("步骤名称"),
            "asks": _("办理时填写的字段"),
            "attach": _("办理时随附的附件类别"),
            "optional": _("asks 和 attach 中可以不填的"),
            "binding": _("是否不可撤销（出具、赔付、备案等）；为 true 的只能由人员登录后办理"),
            "duties": _("须具备的岗位"),
        },
        "Event": {
            "at": _("办理时间"),
            "step": _("步骤"),
            "label": _("步骤名称"),
            "who": _("办理人或单位"),
            "comment": _("意见"),
            "from_state": _("办理前的状态"),
            "to_state": _("办理后的状态"),
        },
        "Option": {
            "id": _("填入字段的值"),
            "title": _("显示的名称"),
            "fields": _("供选择时参考的其他内容"),
        },
    }
