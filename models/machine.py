"""接口客户端: a program that acts for its organisation, under a name of its own, as far as the organisation lets it."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.viewer import (
    ADMIN,
    ADMINISTER,
    BANK,
    COMPANY_ROLES,
    MOVEMENTS,
    READ,
    REGULATOR,
    SUBMIT,
    Machine,
    Viewer,
)
from models.grammar.workflow import Moment, State, Transition, Workflow, roles
from models.organisation import Organisation
from models.rules.problem import Problem

ACTIVE = "active"
LONGEST_YEARS = 2
OWNERS = COMPANY_ROLES | {REGULATOR}

MACHINE = Workflow(
    "machine_client",
    states=(State(ACTIVE, "启用", "green", editable_by=OWNERS), State("ended", "已停用", "gray")),
    transitions=(
        Transition(
            "rotate",
            "更换密钥",
            roles(ACTIVE),
            "",
            by=OWNERS,
            duty=ADMINISTER,
            with_form=True,
        ),
        Transition(
            "end",
            "停用",
            roles(ACTIVE),
            "ended",
            by=OWNERS | {ADMIN},
            asks=("reason",),
            duty=ADMINISTER,
            tone="danger",
            confirm="停用后该客户端的请求立即被拒绝，且不能恢复，确定停用吗？",
            event_tone="gray",
        ),
    ),
    parties=dict.fromkeys(sorted(OWNERS), "organisation_id"),
)


class MachineClient(Record):
    """One program with access; `user_id` is the user under which its deeds stand, who can never sign in.

    It has no account: it is asked for nothing, told of nothing and stands in for nobody. Its last day is `expires_on`.
    """

    __tablename__ = "machine_client"
    __table_args__ = (Index("ix_machine_client_organisation", "organisation_id", "state", "id"),)
    noun = "接口客户端"
    workflow = MACHINE
    sealed: ClassVar[tuple[str, ...]] = ("user_id", "organisation_id")
    complete_at_save = True

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    organisation_id: Mapped[int] = field(
        None, "所属单位", references="organisation.id", target="Organisation", nullable=False
    )
    name: Mapped[str] = field(String(40), "客户端名称", required=True, nullable=False)
    purpose: Mapped[str] = field(String(200), "用途", required=True, nullable=False, wide=True)
    reads: Mapped[bool] = field(Boolean, "读取", default=True, nullable=False, help="查询本单位可见的业务")
    submits: Mapped[bool] = field(
        Boolean, "提交", default=False, nullable=False, help="录入和提交业务；出具、付款和备案仍由人员办理"
    )
    pushes: Mapped[bool] = field(Boolean, "账户流水", default=False, nullable=False, help="报送账户流水，仅限经办银行")
    expires_on: Mapped[date] = field(Date, "有效期至", required=True, nullable=False, help="最长两年，当日仍有效")
    state: Mapped[str] = mapped_column(String(20), default=MACHINE.initial)

    organisation: Mapped[Organisation] = relationship(lazy="selectin")

    last_request_at: ClassVar[datetime | None] = None
    """When it was last heard of, where a page has looked it up."""

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The administrators of its organisation, and those of the platform."""
        if viewer.has(ADMIN):
            return cls.everything()
        return cls.organisation_id == viewer.organisation_id if viewer.is_company_admin else super().scope(viewer)

    def problems(self, at: Moment) -> list[Problem]:
        """It may do something, only a bank's reports movements, and it does not last for more than two years."""
        found = []
        if not self.grants:
            found.append(Problem("请至少选择一项权限", "reads"))
        if self.pushes and BANK not in self.organisation.role_names:
            found.append(Problem("只有经办银行可以报送账户流水，请取消该项权限", "pushes"))
        return [*found, *_check_expiry(self.expires_on, today=at.today)]

    def editable(self, viewer: Viewer) -> bool:
        """Only an administrator of its organisation says what it may do."""
        return ADMINISTER in viewer.duties and super().editable(viewer)

    def deletable(self, viewer: Viewer) -> bool:
        """Never: what it did keeps its name."""
        return False

    @property
    def title(self) -> str:
        """Its name."""
        return self.name

    @property
    def grants(self) -> frozenset[str]:
        """What its organisation lets it do."""
        held = ((READ, self.reads), (SUBMIT, self.submits), (MOVEMENTS, self.pushes))
        return frozenset(grant for grant, is_held in held if is_held)

    @property
    def machine(self) -> Machine:
        """It, as a viewer carries it."""
        return Machine(self.id, self.grants)


def _check_expiry(expires_on: date | None, *, today: date) -> list[Problem]:
    if expires_on is None:
        return []
    latest = _years_after(today, LONGEST_YEARS)
    if today <= expires_on <= latest:
        return []
    words = {"first": today.isoformat(), "last": latest.isoformat(), "given": expires_on.isoformat()}
    return [Problem("有效期应在%(first)s至%(last)s之间，现为%(given)s", "expires_on", words)]


def _years_after(day: date, count: int) -> date:
    """The same day so many years later; the last of February for its 29th."""
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + count, day=28 if leap_day else day.day)
