"""Files on their way up: kept under a token until what they belong to is created, changed or moved."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import jsonify, request
from flask.wrappers import Response
from werkzeug.datastructures import FileStorage

from app.core.refusals import refuse
from app.files import uploads
from models.attachment import Attachment, Category
from models.grammar.base import Record
from models.grammar.rows import rows_in
from models.rules.problem import Problem
from views.api import given, problems, shown

ROWS, ROW, CATEGORY, FILE = "rows", "row", "category", "file"
NO_CATEGORY = "没有名为“%(name)s”的附件类别，可用的有：%(names)s"


@dataclass(frozen=True)
class _Place:
    """On what the file will hang: a record, or a row of the form."""

    model: Any
    token: str


def keep(model: type[Record]) -> Response:
    """Keep the file of the request; its token is to be sent with what the file belongs to."""
    if request.mimetype != "multipart/form-data":
        raise problems.no_form()
    token = request.form.get(given.TOKEN) or secrets.token_urlsafe(24)
    if not 20 <= len(token) <= 64 or not token.isprintable():
        refuse([Problem("files_token 应为上传文件时得到的令牌", given.TOKEN)])
    place = _place(model, token)
    category, sent = _category(place.model), request.files.get(FILE)
    if not isinstance(sent, FileStorage) or not sent.filename:
        refuse([Problem("请在 file 中上传文件", FILE)])
    else:
        against = uploads.stage(
            token=place.token,
            record_type=place.model.__tablename__,
            category=category,
            filename=sent.filename,
            data=sent.read(),
        )
        refuse([replace(each, field=FILE) for each in against])
    answer = jsonify(files_token=token, files=[shown.file(each) for each in _held(token, place)])
    answer.status_code = 201
    return answer


def _held(token: str, place: _Place) -> Sequence[Attachment]:
    return uploads.staged(token) if place.token == token else uploads.staged_rows([place.token])


def _place(model: type[Record], token: str) -> _Place:
    name, key = request.form.get(ROWS, ""), request.form.get(ROW, "")
    if not name:
        return _Place(model, token)
    declared = rows_in(model).get(name)
    if declared is None:
        refuse([Problem(given.UNKNOWN, ROWS, {"name": name[:60]})])
    if not given.is_row_key(key):
        refuse([Problem("row 应为 r 加已有行的 id，或 n 加新行的序号（从 0 起）", ROW)])
    return _Place(rows_in(model)[name].model, uploads.row_token(token, name, key))


def _category(model: Any) -> Category:
    name, known = request.form.get(CATEGORY, ""), {each.name: each for each in getattr(model, "attachments", ())}
    if name not in known:
        refuse([Problem(NO_CATEGORY, CATEGORY, {"name": name[:60], "names": "、".join(known) or "—"})])
    return known[name]
