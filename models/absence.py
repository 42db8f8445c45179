"""代办设置: who is absent from which day to which, and which colleague stands in."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import CHOICE, field
from models.grammar.viewer import ADMINISTER, GUARANTOR, Viewer
from models.grammar.workflow import Inputs, Moment, State, Transition, Workflow, roles
from models.rules.absences import Span, check_days, check_overlap, check_presence
from models.rules.problem import Problem

SET = "set"


def _is_own_or_kept(absence: "Absence", inputs: Inputs, at: Moment) -> list[Problem]:
    if absence.is_kept_by(at.viewer):
        return []
    return [Problem("只能由%(name)s本人或本单位管理员撤销", params={"name": absence.absent_name})]


ABSENCE = Workflow(
    "absence",
    states=(State(SET, "已设置", "green"), State("revoked", "已撤销", "gray")),
    transitions=(
        Transition(
            "revoke",
            "撤销代办",
            roles(SET),
            "revoked",
            by=roles(GUARANTOR),
            guards=(_is_own_or_kept,),
            confirm="撤销后代办人立即不能再代为办理，确定撤销吗？",
            event_tone="gray",
        ),
    ),
    parties={GUARANTOR: "organisation_id"},
)


class Absence(Record):
    """One absence [from_on, to_on): on `to_on` the person is back. `absent` and `substitute` are names of accounts.

    Nothing moves with it: who may act for whom is asked when somebody is at work.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index("ix_absence_substitute", "substitute_id", "to_on"),
        Index("ix_absence_absent", "absent_id", "to_on"),
        Index("ix_absence_organisation", "organisation_id", "id"),
    )
    noun = "代办设置"
    workflow = ABSENCE
    sealed: ClassVar[tuple[str, ...]] = ()
    complete_at_save = True

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    absent_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    substitute_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    absent: Mapped[str] = field(String(64), "外出人员", kind=CHOICE, required=True, nullable=False)
    substitute: Mapped[str] = field(String(64), "代办人", kind=CHOICE, required=True, nullable=False)
    absent_name: Mapped[str] = field(String(40), "外出人员", nullable=False, default="")
    substitute_name: Mapped[str] = field(String(40), "代办人", nullable=False, default="")
    from_on: Mapped[date] = field(Date, "开始日期", required=True, nullable=False, help="当日起由代办人代为办理")
    to_on: Mapped[date] = field(Date, "返岗日期", required=True, nullable=False, help="当日起代办人不再代为办理")
    reason: Mapped[str | None] = field(String(200), "外出事由")
    state: Mapped[str] = mapped_column(String(20), default=ABSENCE.initial)

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Everybody of the organisation: whoever hands work on has to know who is there."""
        return cls.organisation_id == viewer.organisation_id if viewer.has(GUARANTOR) else super().scope(viewer)

    def derive(self, at: Moment) -> None:
        """It names the two accounts and their people."""
        self.organisation_id = at.viewer.organisation_id or 0
        for name in ("absent", "substitute"):
            account = self._account(name, at)
            setattr(self, f"{name}_id", account.user_id if account else 0)
            setattr(self, f"{name}_name", account.name if account else "")

    def _account(self, name: str, at: Moment) -> Any:
        """The active account of the viewer's organisation that is called so."""
        given = getattr(self, name)
        found = at.rows.find_by("Account", username=given) if given else None
        own = found is not None and found.organisation_id == at.viewer.organisation_id and found.state == "active"
        return found if own else None

    def problems(self, at: Moment) -> list[Problem]:
        """Somebody who prepares or reviews, another account that may, and days on which both are free for it."""
        absent, substitute = self._account("absent", at), self._account("substitute", at)
        if not (self.absent and self.substitute and self.from_on and self.to_on):
            return []
        if absent is None or substitute is None:
            return [Problem("请选择本单位启用的账号", "absent" if absent is None else "substitute")]
        if absent.user_id != at.viewer.user_id and ADMINISTER not in at.viewer.duties:
            return [Problem("只能设置本人的代办人；他人的由本单位管理员设置", "absent")]
        return _suit(absent, substitute) or self._days_are_free(absent, substitute, at)

    def _days_are_free(self, absent: Any, substitute: Any, at: Moment) -> list[Problem]:
        for key in sorted((absent.id, substitute.id)):
            at.rows.lock("Account", key)
        known = self._others(at, absent_id=self.absent_id)
        away = self._others(at, absent_id=self.substitute_id)
        standing_in = self._others(at, substitute_id=self.absent_id)
        return (
            check_days(self.span, today=at.today)
            or check_overlap(self.span, known)
            or check_presence(self.span, away, standing_in)
        )

    def _others(self, at: Moment, **of: int) -> list[Span]:
        found = at.rows.find_all("Absence", state=SET, **of)
        return [each.span for each in found if each is not self and each.id != self.id]

    def is_kept_by(self, viewer: Viewer) -> bool:
        """Whether the viewer is the absent person, or the administrator of its organisation."""
        keeps = ADMINISTER in viewer.duties and viewer.organisation_id == self.organisation_id
        return keeps or viewer.user_id == self.absent_id

    def deletable(self, viewer: Viewer) -> bool:
        """Never: what was done by virtue of it refers to it."""
        return False

    @property
    def span(self) -> Span:
        """Its days, whose they are, and who stands in."""
        return Span(self.from_on, self.to_on, self.substitute_name, self.absent_name)

    @property
    def title(self) -> str:
        """Whose it is."""
        return self.absent_name or self.noun


def _suit(absent: Any, substitute: Any) -> list[Problem]:
    """Whether the one has something to give that the other may take."""
    if substitute.id == absent.id:
        return [Problem("代办人不能是外出人员本人，请选择其他账号", "substitute")]
    if not absent.duties or absent.administers:
        return [Problem("%(name)s没有经办或复核岗位，无需设置代办", "absent", {"name": absent.name})]
    if substitute.administers:
        return [Problem("单位管理员不能兼任经办或复核，不能作为代办人，请选择其他账号", "substitute")]
    return []
