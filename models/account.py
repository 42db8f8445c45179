"""账号: a person's sign-in for one organisation, with the duties that the organisation gave it."""

from typing import ClassVar

from sqlalchemy import Boolean, ColumnElement, ForeignKey, String, UniqueConstraint, inspect, select
from sqlalchemy.orm import InstanceState, Mapped, mapped_column, relationship

from models.grammar.appbuilder import User
from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.standards import phone_field
from models.grammar.viewer import ADMIN, ADMINISTER, COMPANY_ROLES, PREPARE, PUBLIC, REGULATOR, REVIEW, Viewer
from models.grammar.workflow import Inputs, Moment, State, Transition, Workflow, roles
from models.organisation import Organisation
from models.portal import PortalPerson
from models.rules import usernames
from models.rules.problem import Problem
from models.two_people import common_hands

STEWARDS = COMPANY_ROLES | {REGULATOR, ADMIN}
DUTIES = frozenset({"prepares", "reviews", "administers"})
SIGNED_ON = ("requested", "declined", "withdrawn")
"""The states of an account that came by sign-on and is not open: nobody ever had a password for it."""


def duties_are_apart(*, prepares: bool, reviews: bool, administers: bool) -> list[Problem]:
    """Whoever opens accounts does not underwrite: he could open a second one and review his own work with it."""
    if not administers or not (prepares or reviews):
        return []
    return [Problem("单位管理员不能兼任经办或复核，请另设账号，或取消单位管理员", "administers")]


def _is_no_hand(account: "Account", inputs: Inputs, at: Moment) -> list[Problem]:
    """The word of somebody who had a hand on the account says nothing of its holder."""
    names = common_hands(at, [account.user_id])
    if names is None:
        return []
    message = (
        "该账号与您的账号都可能由%(names)s掌握，不能由您核验。"
        "请由未经手该账号的本单位其他管理员、平台管理员或主管部门核验"
    )
    return [Problem(message, params={"names": names})]


def _duties_stay_apart(account: "Account", inputs: Inputs, at: Moment) -> list[Problem]:
    return duties_are_apart(**{name: bool(inputs.get(name, getattr(account, name))) for name in DUTIES})


def _join(account: "Account", inputs: Inputs, at: Moment) -> None:
    """Somebody who came by sign-on gets the duties that the administrator has chosen."""
    at.people.regrant(account)
    at.people.set_active(account, active=True)


def _link(account: "Account", inputs: Inputs, at: Moment) -> None:
    account.portal_person_id = inputs["portal_person_id"]


def _unlink(account: "Account", inputs: Inputs, at: Moment) -> None:
    """Whoever came by sign-on is out at once."""
    account.portal_person_id = None
    at.people.regrant(account)


def _known(account: "Account", inputs: Inputs, at: Moment) -> None:
    at.people.shut_ways_in(account)


def _open(account: "Account", inputs: Inputs, at: Moment) -> None:
    at.people.set_active(account, active=True)


def _close(account: "Account", inputs: Inputs, at: Moment) -> None:
    at.people.set_active(account, active=False)


def _has_factor(account: "Account", inputs: Inputs, at: Moment) -> list[Problem]:
    return [] if at.people.has_factor(account) else [Problem("该账号未启用动态验证，无需解除")]


def _remove_factor(account: "Account", inputs: Inputs, at: Moment) -> None:
    at.people.remove_factor(account)


def _lapse(account: "Account", inputs: Inputs, at: Moment) -> None:
    """An account of a registration that was refused gives its name and its person back."""
    at.people.set_active(account, active=False)
    account.portal_person_id = None
    account.username = f"{account.username[:40]}~{account.id}"
    account.user.username = account.username
    account.user.email = f"{account.username}@accounts.invalid"


ACCOUNT = Workflow(
    "account",
    states=(
        State("invited", "待激活", "blue", editable_by=STEWARDS),
        State("active", "启用", "green", editable_by=STEWARDS),
        State("requested", "待确认", "blue", waits_for=COMPANY_ROLES, duty=ADMINISTER),
        State("declined", "未同意加入", "red"),
        State("withdrawn", "已取消授权", "gray"),
        State("inactive", "停用", "gray"),
    ),
    transitions=(
        Transition(
            "ask",
            "申请加入",
            roles("declined", "withdrawn"),
            "requested",
            by=roles(PUBLIC),
        ),
        Transition(
            "agree",
            "同意加入",
            roles("requested"),
            "active",
            by=STEWARDS,
            asks=("prepares", "reviews", "administers"),
            optional=("prepares", "reviews", "administers"),
            duty=ADMINISTER,
            guards=(_duties_stay_apart,),
            effect=_join,
            tone="primary",
            event_tone="green",
            with_form=True,
            note="请确认申请人为本单位人员。同意后该人员通过政务服务网统一身份认证登录，按所选岗位办理本单位业务",
        ),
        Transition(
            "decline",
            "不予加入",
            roles("requested"),
            "declined",
            by=STEWARDS,
            asks=("reason",),
            duty=ADMINISTER,
            event_tone="red",
        ),
        Transition(
            "withdraw",
            "取消授权",
            roles("requested", "active"),
            "withdrawn",
            by=roles(PUBLIC),
            effect=_close,
            event_tone="gray",
        ),
        Transition("link", "关联统一身份", roles("active"), "", by=roles(PUBLIC), effect=_link),
        Transition(
            "unlink",
            "解除统一身份关联",
            roles("active"),
            "",
            by=STEWARDS,
            duty=ADMINISTER,
            only_if="portal_person_id",
            effect=_unlink,
            confirm="解除后该账号不能再通过政务服务网统一身份认证登录，其当前登录全部退出，确定解除吗？",
            event_tone="gray",
        ),
        Transition(
            "accept", "接受邀请", roles("invited"), "active", by=roles(PUBLIC), effect=_open, event_tone="green"
        ),
        Transition(
            "lapse",
            "失效",
            roles("invited", "active", *SIGNED_ON),
            "inactive",
            by=roles(PUBLIC),
            effect=_lapse,
            event_tone="gray",
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
        Transition(
            "verify",
            "核验人员",
            roles("active"),
            "",
            by=STEWARDS,
            any_side=True,
            asks=("reason",),
            reason_label="核验方式",
            duty=ADMINISTER,
            not_by="user_id",
            guards=(_is_no_hand,),
            effect=_known,
            event_tone="green",
            note="确认账号由其本人掌握，如当面核对身份证件。核验后该账号此前的链接和登录全部失效，须由本人重新登录",
        ),
        Transition(
            "remove_factor",
            "解除动态验证",
            roles("active"),
            "",
            by=STEWARDS,
            asks=("reason",),
            duty=ADMINISTER,
            not_by="user_id",
            guards=(_has_factor,),
            effect=_remove_factor,
            event_tone="orange",
            note="用于本人手机丢失且没有恢复码的情形，请先确认由本人提出。解除后其登录全部退出，可凭密码登录后重新启用",
        ),
    ),
    parties=dict.fromkeys(sorted(COMPANY_ROLES | {REGULATOR}), "organisation_id"),
)


class Account(Record):
    """One account; its company's own administrator looks after it."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("portal_person_id", "organisation_id", name="uq_account_portal_person_id"),)
    noun = "账号"
    workflow = ACCOUNT
    sealed: ClassVar[tuple[str, ...]] = ("user_id", "organisation_id", "username", "portal_person_id")
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
    administers: Mapped[bool] = field(
        Boolean,
        "单位管理员",
        default=False,
        nullable=False,
        help="不能兼任经办或复核，勾选时请取消经办和复核",
    )
    portal_person_id: Mapped[int | None] = mapped_column(ForeignKey("portal_person.id"))
    state: Mapped[str] = mapped_column(String(20), default=ACCOUNT.initial)

    organisation: Mapped[Organisation] = relationship(lazy="selectin")
    user: Mapped[User] = relationship(lazy="select")
    portal_person: Mapped[PortalPerson | None] = relationship(lazy="select")

    has_factor: bool = False
    """Whether it has a second factor, where a page has looked it up."""

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """A company's administrator sees its company's accounts, everybody their own, the platform's all.

        A regulator's administrator sees those of its region, too: it may be asked who their holders are.
        """
        if viewer.has(ADMIN):
            return cls.everything()
        own = cls.user_id == viewer.user_id
        if not viewer.is_company_admin:
            return own
        kept = own | (cls.organisation_id == viewer.organisation_id)
        table = Organisation.__table__.c
        inside = select(table.id).where(table.region_code.in_(viewer.regions))
        return kept | cls.organisation_id.in_(inside) if viewer.has(REGULATOR) else kept

    def derive(self, at: Moment) -> None:
        """Whoever gets or loses a duty signs in again."""
        if self._duties_changed():
            at.people.regrant(self)

    def problems(self, at: Moment) -> list[Problem]:
        """Nobody gives duties to himself, and nobody who administers prepares or reviews."""
        if self.user_id == at.viewer.user_id and self._duties_changed():
            return [Problem("不能修改本人的岗位，请由本单位另一名管理员或平台管理员修改", self._duties_changed()[0])]
        return duties_are_apart(prepares=self.prepares, reviews=self.reviews, administers=self.administers)

    def _duties_changed(self) -> list[str]:
        state: InstanceState[Account] = inspect(self)
        return [name for name in sorted(DUTIES) if state.persistent and state.attrs[name].history.has_changes()]

    def editable(self, viewer: Viewer) -> bool:
        """Only an administrator, of the company or of the platform, looks after accounts."""
        return self.is_kept_by(viewer) and super().editable(viewer)

    def is_kept_by(self, viewer: Viewer) -> bool:
        """Whether the viewer looks after this account: as its organisation's administrator, or the platform's."""
        return ADMINISTER in viewer.duties and ACCOUNT.acts_for(self, STEWARDS, viewer)

    def deletable(self, viewer: Viewer) -> bool:
        """Never: what an account did keeps its name."""
        return False

    def named_by(self, step: str) -> int | None:
        """Whose second factor was taken away is told so."""
        return self.id if step == "remove_factor" else None

    @property
    def title(self) -> str:
        """The person's name."""
        return self.name

    @property
    def duties(self) -> frozenset[str]:
        """What the account may do for its organisation."""
        return frozenset(name for name, held in ((PREPARE, self.prepares), (REVIEW, self.reviews)) if held)
