"""Which version of a record the person was looking at: every page that changes a record tells it."""

from flask import abort, request

from app.core.words import _
from models.grammar.base import Record

VERSION = "version"
STALE = "页面不完整或已过期，本次操作没有生效，请重新打开该业务后再办理"


def version() -> int | None:
    """The version that the page tells; None where it tells none, or what can be none."""
    given = request.values.get(VERSION, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def required() -> int:
    """The version that the page tells; 400 where it tells none."""
    given = version()
    return given if given is not None else abort(400, _(STALE))


def told(record: Record) -> str:
    """What a form of the record tells: what it told when it was opened, as long as it is open."""
    return request.values.get(VERSION, "" if request.method == "POST" else str(record.version))
