"""组织: a company or an office, unique by its 统一社会信用代码, with one or several roles."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, inspect
from sqlalchemy.orm import InstanceState, Mapped, mapped_column, relationship

from models import legible
from models.attachment import Category
from models.grammar.appbuilder import Model
from models.grammar.base import Record
from models.grammar.columns import field, field_of, is_blank
from models.grammar.standards import phone_field, region_field, uscc_field
from models.grammar.viewer import ADMIN, COMPANY_ROLES, EMPLOYER, PUBLIC, REGULATOR, ROLE_LABELS, Viewer
from models.grammar.workflow import Inputs, Moment, State, Transition, Workflow, roles
from models.rules.problem import Problem

DESCRIPTION = ("address", "legal_representative", "contact", "phone")
CREDIT_GRADES = (("AAA", "AAA 级"), ("AA", "AA 级"), ("A", "A 级"), ("B", "B 级"), ("C", "C 级"))


def _open_accounts(organisation: "Organisation", inputs: Inputs, at: Moment) -> None:
    at.people.set_active(organisation, active=True)


def _close_accounts(organisation: "Organisation", inputs: Inputs, at: Moment) -> None:
    at.people.set_active(organisation, active=False)


def _is_described(organisation: "Organisation", inputs: Inputs, at: Moment) -> list[Problem]:
    return organisation.undescribed()


def _is_an_office(organisation: "Organisation", inputs: Inputs, at: Moment) -> list[Problem]:
    if REGULATOR in organisation.role_names:
        return []
    return [Problem("该单位不是主管部门，请生成邀请链接由其自行注册，经主管部门准入")]


ADMISSION = Workflow(
    "organisation",
    states=(
        State("named", "未注册", "gray", editable_by=roles(EMPLOYER, ADMIN, PUBLIC)),
        State("pending", "待准入", "blue", waits_for=roles(REGULATOR)),
        State("admitted", "已准入", "green", editable_by=roles(ADMIN)),
        State("refused", "不通过", "red", editable_by=roles(PUBLIC)),
        State("suspended", "已停用", "gray", editable_by=roles(ADMIN)),
    ),
    transitions=(
        Transition(
            "register",
            "提交注册",
            roles("named", "refused"),
            "pending",
            by=roles(PUBLIC),
            attach=("authorisation",),
            checks_record=True,
            guards=(_is_described,),
        ),
        Transition(
            "enter",
            "登记准入",
            roles("named"),
            "admitted",
            by=roles(ADMIN),
            asks=("reason",),
            guards=(_is_an_office,),
            event_tone="green",
            note="仅限主管部门。企业应由其自行注册，经主管部门准入",
        ),
        Transition(
            "admit",
            "准入",
            roles("pending"),
            "admitted",
            by=roles(REGULATOR),
            effect=_open_accounts,
            tone="primary",
            confirm="准入后该单位即可登录办理业务",
            event_tone="green",
        ),
        Transition(
            "refuse", "不予准入", roles("pending"), "refused", by=roles(REGULATOR), asks=("reason",), event_tone="red"
        ),
        Transition(
            "suspend",
            "停用",
            roles("admitted"),
            "suspended",
            by=roles(ADMIN),
            asks=("reason",),
            effect=_close_accounts,
            tone="danger",
            event_tone="gray",
        ),
        Transition(
            "resume",
            "恢复",
            roles("suspended"),
            "admitted",
            by=roles(ADMIN),
            asks=("reason",),
            effect=_open_accounts,
            event_tone="green",
        ),
    ),
)


class Organisation(Record):
    """One organisation; its name, code and address stand in every record that it is a party to."""

    __tablename__ = "organisation"
    noun = "单位"
    workflow = ADMISSION
    complete_at_save = True
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("authorisation", "授权书", required=True, types=("pdf", "jpg", "png"), help="加盖公章的经办人授权书"),
    )

    uscc: Mapped[str] = uscc_field("统一社会信用代码", required=True, unique=True, nullable=False)
    name: Mapped[str] = field(String(120), "单位名称", required=True, nullable=False, index=True)
    region_code: Mapped[str] = region_field("所属地区", with_province=True, required=True, nullable=False)
    address: Mapped[str | None] = field(String(200), "注册地址", wide=True)
    legal_representative: Mapped[str | None] = field(String(40), "法定代表人姓名")
    contact: Mapped[str | None] = field(String(40), "联系人")
    phone: Mapped[str | None] = phone_field("联系电话")
    credit_grade: Mapped[str | None] = field(String(4), "信用等级", choices=CREDIT_GRADES)
    state: Mapped[str] = mapped_column(String(20), default=ADMISSION.initial)

    held_roles: Mapped[list["OrganisationRole"]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", lazy="select"
    )

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its own; regulators those of their region; the platform's administrators all."""
        if viewer.has(ADMIN):
            return cls.everything()
        own = (cls.id == viewer.organisation_id) | ((cls.created_by_id == viewer.user_id) & (cls.state == "named"))
        return own | cls.region_code.in_(viewer.regions) if viewer.has(REGULATOR) else own

    def derive(self, at: Moment) -> None:
        """Accounts follow the roles of their organisation."""
        state: InstanceState[Organisation] = inspect(self)
        if state.persistent and state.attrs.held_roles.history.has_changes():
            at.people.regrant(self)

    def problems(self, at: Moment) -> list[Problem]:
        """A code that no other organisation has, and roles that this viewer may give."""
        found = [] if self.state in (None, "named") else self.undescribed()
        if self.uscc and at.rows.taken(self, uscc=self.uscc):
            found.append(Problem("统一社会信用代码%(uscc)s已登记，请直接选择该单位", "uscc", {"uscc": self.uscc}))
        if not self.role_names:
            found.append(Problem("请选择单位角色", "role_names"))
        elif not (self.role_names <= COMPANY_ROLES or at.viewer.has(ADMIN) or at.viewer.is_system):
            found.append(Problem("主管部门由平台管理员登记，请重新选择单位角色", "role_names"))
        return [*found, *legible.told(self, at, "name")]

    def undescribed(self) -> list[Problem]:
        """What a registration must say beyond the name: its seat, who represents it, and whom to call."""
        blank = {name: field_of(Organisation, name) for name in DESCRIPTION if is_blank(getattr(self, name))}
        return [Problem("请输入%(label)s", name, {"label": declared.words}) for name, declared in blank.items()]

    @property
    def title(self) -> str:
        """Its name."""
        return self.name

    @property
    def role_names(self) -> frozenset[str]:
        """The roles that it holds."""
        return frozenset(held.role for held in self.held_roles)

    @role_names.setter
    def role_names(self, names: Iterable[str]) -> None:
        wanted = frozenset(names) | (self.role_names & {ADMIN})
        kept = [held for held in self.held_roles if held.role in wanted]
        self.held_roles = kept + [OrganisationRole(role=name) for name in sorted(wanted - self.role_names)]

    @property
    def role_label(self) -> str:
        """Its roles in the manual's words."""
        return "、".join(label for role, label in ROLE_LABELS.items() if role in self.role_names)


class OrganisationRole(Model):
    """One role held by one organisation."""

    __tablename__ = "organisation_role"
    __table_args__ = (UniqueConstraint("organisation_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    role: Mapped[str] = mapped_column(String(20))

    organisation: Mapped[Organisation] = relationship(back_populates="held_roles")

    def __str__(self) -> str:
        """The role's code, as histories hold it."""
        return self.role
