"""账户流水 by API: a bank pushes what moved on its accounts, as soon as it has moved (R-05)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import jsonify, request

from app.core.refusals import Refused
from app.core.words import _
from app.movements import files, taking
from app.movements.taking import REFUSED, REPEATED, TAKEN, Taken
from app.web.api_problems import field_errors
from models.grammar.appbuilder import expose
from models.grammar.columns import field_of
from models.grammar.fields import Schema
from models.grammar.viewer import BANK, MOVEMENTS
from models.movements.movement import SAID, AccountMovement
from models.rules.problem import Problem
from views.api import schemas
from views.api.door import ApiView, given, idempotent, opened
from views.api.operations import WRITING, all_of, body, idempotency, operation

ALL, PARTIAL = "all", "partial"
MODE: Schema = {"type": "string", "enum": [ALL, PARTIAL], "default": ALL}


class MovementPushView(ApiView):
    """Where banks push movements."""

    @staticmethod
    def described() -> dict[str, Any]:
        """The operation of its address, with the fields of a movement as they are declared."""
        count: Schema = {"type": "integer"}
        words = {TAKEN: _("已收"), REPEATED: _("此前已收，内容相同"), REFUSED: _("未收，原因见 errors")}
        meaning = "\n".join(f"{code}: {word}" for code, word in words.items())
        outcome = all_of(
            {
                "index": {"type": "integer", "description": _("在 rows 中的序号，从 0 起")},
                "reference": {"type": ["string", "null"], "description": _("银行流水号；所传内容没有时为 null")},
                "outcome": {"type": "string", "enum": [*words], "description": meaning},
            }
        )
        errors = {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}
        told = {"batch": {"type": ["integer", "null"]}, **dict.fromkeys((TAKEN, REPEATED, REFUSED), count)}
        warned = {**errors, "description": _("已收但须留意的流水，如被更正的流水尚未上传")}
        rows = {"type": "array", "items": outcome}
        answer = all_of({**told, "rows": rows, "errors": errors, "warnings": warned})
        made = operation(
            "account-movements", "push", _("上传账户流水"), roles=(BANK,), answers={200: answer}, problems=WRITING
        )
        made["description"] += "\n\n" + _(
            "接口客户端须有“账户流水”权限。流水号在同一账户内唯一，重复上传计为 repeated；"
            "mode 为 partial 时只收无误的流水，否则有一笔有误即全部不收。金额单位为元，以字符串填写。"
            "流水可不按顺序上传；余额不连续、更正流水指向的流水未上传等，"
            "在账户（/escrows、/presales）的 findings 中提示"
        )
        return {
            "/account-movements": {
                "post": {**made, "parameters": [_mode(), idempotency()], "requestBody": body(_sent(), _example())}
            }
        }

    @expose("/account-movements", methods=["POST"])
    @opened(MOVEMENTS)
    @idempotent
    def push(self) -> Any:
        """Take up to 1,000 movements, all or none; with `mode` partial, in body or address, the good ones."""
        asked = given()
        rows, mode = _rows(asked)
        return jsonify(_told(taking.take(rows, partial=mode == PARTIAL), rows))


def _sent() -> Schema:
    fields = {name: _field(name) for name in SAID}
    row: Schema = {"type": "object", "properties": fields, "required": [*taking.REQUIRED]}
    rows: Schema = {"type": "array", "minItems": 1, "maxItems": taking.MOST, "items": row}
    return {"type": "object", "properties": {"rows": rows, "mode": MODE}, "required": ["rows"]}


def _field(name: str) -> Schema:
    """One field of a movement; an instant may leave out its offset."""
    schema = schemas.sent(field_of(AccountMovement, name))
    if name == "booked_at":
        return {**schema, "description": _("ISO 8601，如 2024-05-15T13:52:26+08:00；不带时区的视为 +08:00")}
    if name == "corrects":
        said = _("被更正的银行流水号：本笔取代该笔，该笔不再计入余额；冲正是另一笔真实的入账，不填本项")
        return {**schema, "description": said}
    return schema


def _example() -> dict[str, Any]:
    """A push of one movement."""
    return {"rows": [{**files.IMPORTER.example, "booked_at": "2024-05-15T13:52:26+08:00"}], "mode": ALL}


def _mode() -> dict[str, Any]:
    return {"name": "mode", "in": "query", "schema": MODE}


def _rows(asked: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    found = []
    rows, mode = asked.get("rows"), asked.get("mode", request.args.get("mode", ALL))
    if mode not in (ALL, PARTIAL):
        found.append(Problem("mode 应为 all 或 partial", "mode"))
    for name in sorted(asked.keys() - {"rows", "mode"}):
        found.append(Problem("没有名为“%(name)s”的字段", name[:40], {"name": name[:40]}))
    if not isinstance(rows, list):
        raise Refused([*found, Problem("rows 应为流水的列表", "rows")])
    bad = [place for place, row in enumerate(rows) if not isinstance(row, dict)]
    found += [Problem("每笔流水应为一个 JSON 对象", f"rows.{place}") for place in bad]
    if found:
        raise Refused(found)
    return rows, str(mode)


def _told(done: Taken, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    counts = {name: done.count(name) for name in (TAKEN, REPEATED, REFUSED)}
    pairs = enumerate(zip(rows, done.outcomes, strict=True))
    outcomes = [{"index": at, "reference": _reference(row), "outcome": outcome} for at, (row, outcome) in pairs]
    problems = [replace(each, blocking=True) for each in done.problems]
    warnings = field_errors(done.warnings)
    return {"batch": done.batch_id, **counts, "rows": outcomes, "errors": field_errors(problems), "warnings": warnings}


def _reference(row: Mapping[str, Any]) -> str | None:
    found = row.get("reference")
    return found if isinstance(found, str) else None
