"""The client of the tests: it treats both bodies of an exchange as a web server does, and posts what a page posts."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.database import db

CHANGES = re.compile(r"(/[\w-]+)/(?:edit|delete|do)/(\d{1,18})(?:/\w+)?")
"""The addresses at which a record that is there already is changed."""


class Client(FlaskClient):
    """Takes the whole answer, and closes it and what was sent: neither leaves an open file behind.

    What changes a record tells, as every page does, the record's version as it stands; `version=None` tells none.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if kwargs.get("method") == "POST" and args and isinstance(args[0], str):
            kwargs["data"] = _as_a_page_tells(self.application, args[0], kwargs.get("data"))
        answer = super().open(*args, **{"buffered": True, **kwargs})
        for exchange in (*answer.history, answer):
            exchange.request.environ["wsgi.input"].close()
        return answer


def another_tab(client: FlaskClient) -> FlaskClient:
    """A client of its own with the same session: another tab of the same browser."""
    twin = client.application.test_client()
    for cookie in client._cookies.values():
        twin.set_cookie(cookie.key, cookie.value)
    return twin


def _as_a_page_tells(app: Flask, address: str, data: Any) -> Any:
    """The form with the version of the record that the address names, unless one is told, or None in its place."""
    parts = urlsplit(address)
    named, form = CHANGES.fullmatch(parts.path), {} if data is None else data
    if named is None or not isinstance(form, Mapping) or "version" in parse_qs(parts.query, keep_blank_values=True):
        return data
    if "version" in form:
        return {name: value for name, value in form.items() if name != "version" or value is not None}
    version = _version_of(app, named[1], int(named[2]))
    return data if version is None else {**form, "version": str(version)}


def _version_of(app: Flask, base: str, key: int) -> int | None:
    views = app.extensions["appbuilder"].baseviews
    model = next((each.model for each in views if each.route_base == base and hasattr(each, "model")), None)
    if model is None:
        return None
    table = model.__mapper__.base_mapper.local_table
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(table.c.version).where(table.c.id == key))
