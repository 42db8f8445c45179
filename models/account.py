"""账号: a person's sign-in for one organisation, with the duties that the organisation gave it."""

from typing import ClassVar

from sqlalchemy import Boolean, ColumnElement, ForeignKey, String, inspect
from sqlalchemy.orm import InstanceState, Mapped, mapped_column, relationship

from models.grammar.appbuilder import User
from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.standards import phone_field
from models.grammar.viewer import ADMIN, ADMINISTER, COMPANY_ROLES, PREPARE, PUBLIC, REGULATOR, REVIEW, Viewer
from models.grammar.workflow import Inputs, Moment, State, Transition, Workflow, roles
from models.organisation import Organisation
from models.rules import usernames
from models.rules.problem import Problem

STEWARDS = COMPANY_ROLES | {REGULATOR, ADMIN}


def _open(account: "Account", inputs: Inputs, at: Moment) -> None:
    at.people.set_active(account, active=True)


def _close(account: "Account", inputs: Inputs, at: Moment) -> None:
    at.people.set_active(account, active=False)


def _lapse(account: "Account", inputs: Inputs, at: Moment) -> None:
    """An account of a registration that was refused gives its name back."""
    at.people.set_active(account, active=False)
    account.username = f"{account.username[:40]}~{account.id}"
    account.user.username = account.username
    account.user.email = f"{account.username}@accounts.invalid"


ACCOUNT = Workflow(
    "account",
    states=(
        State("invited", "待激活", "blue", editable_by=STEWARDS),
        State("active", "启用", "green", editable_by=STEWARDS),
        State("inactive", "停用", "gray"),
    ),
    transitions=(
        Transition(
            "accept", "接受邀请", roles("invited"), "active", by=roles(PUBLIC), effect=_open, event_tone="green"
        ),
        Transition(
            "lapse", "失效", roles("invited", "active"), "inactive", by=roles(PUBLIC), effect=_lapse, event_tone="gray"
        ),
        Transition(
            "deactivate",
            "停用",
            roles("invited", "active"),
            "inactive",
            by=STEWARDS,
            asks=("reason",),
            duty=ADMINISTER,
            effect=_close,
            tone="danger",
            not_by="user_id",
            event_tone="gray",
        ),
        Transition(
            "activate",
            "恢复启用",
            roles("inactive"),
            "active",
            by=STEWARDS,
            duty=ADMINISTER,
            effect=_open,
            not_by="user_id",
            event_tone="green",
        ),
    ),
)


class Account(Record):
    """One account; its company's own administrator looks after it."""

    __tablename__ = "account"
    noun = "账号"
    workflow = ACCOUNT
    sealed: ClassVar[tuple[str, ...]] = ("user_id", "organisation_id", "username")
    complete_at_save = True

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    organisation_id: Mapped[int] = field(
        None, "所属单位", references="organisation.id", target="Organisation", nullable=False, index=True
    )
    username: Mapped[str] = field(
        String(64),
        "账号",
        required=True,
        nullable=False,
        unique=True,
        checks=(usernames.check,),
        normalise=usernames.normalise,
        help="可使用本单位的统一社会信用代码",
    )
    name: Mapped[str] = field(String(40), "姓名", required=True, nullable=False)
    phone: Mapped[str | None] = phone_field("联系电话")
    prepares: Mapped[bool] = field(Boolean, "经办", default=True, nullable=False)
    reviews: Mapped[bool] = field(Boolean, "复核", default=False, nullable=False)
    administers: Mapped[bool] = field(Boolean, "单位管理员", default=False, nullable=False)
    state: Mapped[str] = mapped_column(String(20), default=ACCOUNT.initial)

    organisation: Mapped[Organisation] = relationship(lazy="selectin")
    user: Mapped[User] = relationship(lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """A company's administrator sees its company's accounts, everybody their own, the platform's all."""
        if viewer.has(ADMIN):
            return cls.everything()
        own = cls.user_id == viewer.user_id
        return own | (cls.organisation_id == viewer.organisation_id) if viewer.is_company_admin else own

    def derive(self, at: Moment) -> None:
        """Whoever gets or loses a duty signs in again."""
        if self._duties_changed():
            at.people.regrant(self)

    def problems(self, at: Moment) -> list[Problem]:
        """Nobody gives duties to himself."""
        if self.user_id == at.viewer.user_id and self._duties_changed():
            return [Problem("不能修改本人的岗位，请由本单位另一名管理员或平台管理员修改", self._duties_changed()[0])]
        return []

    def _duties_changed(self) -> list[str]:
        state: InstanceState[Account] = inspect(self)
        names = ("prepares", "reviews", "administers")
        return [name for name in names if state.persistent and state.attrs[name].history.has_changes()]

    def editable(self, viewer: Viewer) -> bool:
        """Only an administrator, of the company or of the platform, looks after accounts."""
        return ADMINISTER in viewer.duties and super().editable(viewer)

    def deletable(self, viewer: Viewer) -> bool:
        """Never: what an account did keeps its name."""
        return False

    @property
    def title(self) -> str:
        """The person's name."""
        return self.name

    @property
    def duties(self) -> frozenset[str]:
        """What the account may do for its organisation."""
        return frozenset(name for name, held in ((PREPARE, self.prepares), (REVIEW, self.reviews)) if held)
