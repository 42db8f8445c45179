"""Who the API takes the caller for: the first thing that a new client asks."""

from typing import Any

from flask import jsonify

from app.core.viewer import viewer
from app.core.words import _
from models.grammar.appbuilder import expose
from models.grammar.fields import Schema
from models.grammar.viewer import GRANT_LABELS, READ, ROLE_LABELS
from views.api.door import ApiView, opened
from views.api.operations import READING, all_of, operation


class IdentityView(ApiView):
    """The caller, as the scope and the workflows see it."""

    @staticmethod
    def described() -> dict[str, Any]:
        """The operation of its address."""
        texts: Schema = {"type": "array", "items": {"type": "string"}}
        organisation = all_of({"id": {"type": ["integer", "null"]}, "name": {"type": "string"}})
        grants = {**texts, "type": ["array", "null"], "items": {"type": "string", "enum": [*GRANT_LABELS]}}
        told = {"name": {"type": "string"}, "organisation": organisation, "roles": texts, "duties": texts}
        schema = all_of({**told, "grants": grants})
        made = operation("identity", "show", _("当前身份"), roles=ROLE_LABELS, answers={200: schema}, problems=READING)
        return {"/identity": {"get": made}}

    @expose("/identity")
    @opened(READ)
    def identity(self) -> Any:
        """Name, organisation, roles, duties and, for a client, its grants."""
        who = viewer()
        return jsonify(
            name=who.name,
            organisation={"id": who.organisation_id, "name": who.organisation_name},
            roles=sorted(who.roles),
            duties=sorted(who.duties),
            grants=sorted(who.machine.grants) if who.machine is not None else None,
        )
