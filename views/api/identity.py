"""Who the API takes the caller for: the first thing that a new client asks."""

from typing import Any

from flask import jsonify

from app.core.viewer import viewer
from models.grammar.appbuilder import expose
from models.grammar.viewer import READ
from views.api.door import ApiView, opened


class IdentityView(ApiView):
    """The caller, as the scope and the workflows see it."""

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
