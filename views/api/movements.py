"""账户流水 by API: a bank pushes what moved on its accounts, as soon as it has moved (R-05)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import jsonify, request

from app.core.refusals import Refused
from app.core.words import _
from app.movements import taking
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
        outcome = all_of(
            {"reference": {"type": "string"}, "outcome": {"type": "string", "enum": [TAKEN, REPEATED, REFUSED]}}
        )
        errors = {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}
        told = {"batch": {"type": ["integer", "null"]}, **dict.fromkeys((TAKEN, REPEATED, REFUSED), count)}
        answer = all_of({**told, "rows": {"type": "array", "items": outcome}, "errors": errors})
        made = operation(
            "account-movements", "push", _("上传账户流水"), roles=(BANK,), answers={200: answer}, problems=WRITING
        )
        made["description"] += "\n\n" + _(
            "接口客户端须有“账户流水”权限。流水号在同一账户内唯一，重复上传计为 repeated；"
            "mode 为 partial 时只收无误的流水，否则有一笔有误即全部不收。金额单位为元，以字符串填写"
        )
        return {
            "/account-movements": {
                "post": {**made, "parameters": [_mode(), idempotency()], "requestBody": body(_sent())}
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
    fields = {name: schemas.sent(field_of(AccountMovement, name)) for name in SAID}
    row: Schema = {"type": "object", "properties": fields, "required": [*taking.REQUIRED]}
    rows: Schema = {"type": "array", "minItems": 1, "maxItems": taking.MOST, "items": row}
    return {"type": "object", "properties": {"rows": rows, "mode": MODE}, "required": ["rows"]}


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
    pairs = zip(rows, done.outcomes, strict=True)
    outcomes = [{"reference": row.get("reference"), "outcome": outcome} for row, outcome in pairs]
    problems = [replace(each, blocking=True) for each in done.problems]
    return {"batch": done.batch_id, **counts, "rows": outcomes, "errors": field_errors(problems)}
