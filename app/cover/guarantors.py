"""The filing of an organisation as guarantor."""

from sqlalchemy import select

from app.core.database import db
from models.guarantor import Guarantor
from models.organisation import Organisation


def filing_of(organisation_id: int | None) -> Guarantor | None:
    """The organisation's filing within the viewer's scope; None when it never filed."""
    return db.session.scalars(select(Guarantor).where(Guarantor.organisation_id == organisation_id)).one_or_none()


def known_of(organisation_id: int | None) -> dict[str, str | None]:
    """What the organisation's registration already says of its filing."""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        return {}
    return {
        "name": organisation.name,
        "uscc": organisation.uscc,
        "region_code": organisation.region_code,
        "registered_address": organisation.address,
        "contact": organisation.contact,
        "phone": organisation.phone,
    }
