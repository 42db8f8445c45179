"""Addresses that exist in tests only, on which the door of the API is tried."""

from typing import Any

from flask import Flask, jsonify

from app.engine import records
from models.grammar.appbuilder import expose
from models.grammar.viewer import MOVEMENTS, READ, SUBMIT
from models.project import Project
from views import registry
from views.api.door import ApiView, given, idempotent, opened


class WorkshopView(ApiView):
    """What a caller may try."""

    @expose("/workshop/projects", methods=["POST"])
    @opened(SUBMIT)
    @idempotent
    def make(self) -> Any:
        """A project of the caller's."""
        made, _warnings = records.save(Project, given())
        return jsonify(id=made.id, name=made.title), 201, {"Location": f"/api/v1/workshop/projects/{made.id}"}

    @expose("/workshop/movements", methods=["POST"])
    @opened(MOVEMENTS)
    def push(self) -> Any:
        """What was sent."""
        return jsonify(given())

    @expose("/workshop/<path:rest>", methods=["GET", "DELETE"])
    @opened(READ)
    def read(self, rest: str) -> Any:
        """The rest of the address."""
        return jsonify(rest=rest)

    @expose("/workshop/burst")
    @opened(READ)
    def burst(self) -> Any:
        """A fault of ours."""
        raise ValueError("hunter2")


def open_workshop(app: Flask) -> None:
    """Add the addresses, before the first request."""
    with app.app_context():
        registry.add_to_api(app.extensions["appbuilder"], WorkshopView)
