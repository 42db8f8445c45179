"""Whom an organisation's address stands for: everybody of it alike, as one of its programs would see the records."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.core.database import db
from app.ledger.scope import UNSCOPED
from app.notices.readers import NOBODY
from app.notices.tellings import chunks
from models.grammar.viewer import READ, REGULATOR, Machine, Viewer
from models.organisation import Organisation, OrganisationRole
from models.rules import regions

PROGRAM = Machine(client_id=0, grants=frozenset({READ}))


def viewers_of(organisation_ids: Collection[int]) -> Mapping[int, Viewer]:
    """The viewer for each of the organisations that are admitted: without duties, and nobody's own account."""
    found: dict[int, Viewer] = {}
    for part in chunks(sorted(set(organisation_ids))):
        query = select(Organisation.id, Organisation.region_code, OrganisationRole.role)
        query = query.join(OrganisationRole, OrganisationRole.organisation_id == Organisation.id)
        query = query.where(Organisation.id.in_(part), Organisation.state == "admitted")
        held: dict[int, tuple[str, set[str]]] = {}
        for key, region_code, role in db.session.execute(query.execution_options(**UNSCOPED)):
            held.setdefault(key, (region_code or "", set()))[1].add(role)
        found |= {key: _viewer(key, region_code, frozenset(roles)) for key, (region_code, roles) in held.items()}
    return found


def _viewer(key: int, region_code: str, roles: frozenset[str]) -> Viewer:
    return Viewer(
        user_id=NOBODY,
        name="",
        organisation_id=key,
        roles=roles,
        regions=regions.within(region_code) if REGULATOR in roles else frozenset(),
        machine=PROGRAM,
    )
