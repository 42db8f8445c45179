"""账户流水 by API: a bank pushes what moved on its accounts, as soon as it has moved (R-05)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import jsonify, request

from app.core.refusals import Refused
from app.movements import taking
from app.movements.taking import REFUSED, REPEATED, TAKEN, Taken
from app.web.api_problems import field_errors
from models.grammar.appbuilder import expose
from models.grammar.viewer import MOVEMENTS
from models.rules.problem import Problem
from views.api.door import ApiView, given, idempotent, opened

ALL, PARTIAL = "all", "partial"


class MovementPushView(ApiView):
    """Where banks push movements."""

    @expose("/account-movements", methods=["POST"])
    @opened(MOVEMENTS)
    @idempotent
    def push(self) -> Any:
        """Take up to 1,000 movements, all or none; with `mode` partial, in body or address, the good ones."""
        asked = given()
        rows, mode = _rows(asked)
        return jsonify(_told(taking.take(rows, partial=mode == PARTIAL), rows))


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
