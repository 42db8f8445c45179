"""What the parts mean that every record and every list has, where they do not say it themselves."""

from collections.abc import Mapping
from typing import Any

from app.core.words import _
from models.grammar.fields import Schema
from views.api.given import FIELDS


def add(made: dict[str, Any]) -> dict[str, Any]:
    """The document with the meanings in each record and in each list."""
    for schema in made["components"]["schemas"].values():
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
