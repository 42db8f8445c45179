"""Which alerts a case is or was about."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.alert import Alert
from models.grammar.appbuilder import Model


class CaseAlert(Model):
    """One alert of one case, also after that has ended; in which case it is worked, the alert itself says."""

    __tablename__ = "case_alert"
    __table_args__ = (UniqueConstraint("case_id", "alert_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("oversight_case.id"))
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"), index=True)

    alert: Mapped[Alert] = relationship(lazy="select")

    def __str__(self) -> str:
        """The alert's id, as histories hold it."""
        return str(self.alert_id)
