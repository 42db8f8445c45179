"""统一身份: a person as the government portal knows it, whichever companies that person acts for."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.appbuilder import Model
from models.grammar.columns import Instant


class PortalPerson(Model):
    """One person of one portal. `level` is the assurance that the portal gives of who it is, in the portal's word."""

    __tablename__ = "portal_person"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(40))
    signed_on_at: Mapped[datetime] = mapped_column(Instant)
