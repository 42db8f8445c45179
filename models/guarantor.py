"""保证人诚信档案: the filing of a guarantor, and the signatories who bind it."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, String, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import legible
from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import CODE, Instant, Yuan, field
from models.grammar.standards import phone_field, region_field
from models.grammar.viewer import GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import FollowUp, Inputs, Moment, State, Step, Transition, Workflow, roles
from models.organisation import Organisation
from models.rules.letters import GUARANTOR_TYPES
from models.rules.problem import Problem

ON_FILE = ("filed", "suspended")


def _licence_is_valid(filing: "Guarantor", inputs: Inputs, at: Moment) -> list[Problem]:
    if filing.licence_expires_on and filing.licence_expires_on < at.today:
        message = "许可证已于%(day)s到期，请先更新许可证及有效期"
        return [Problem(message, "licence_expires_on", {"day": filing.licence_expires_on})]
    return []


def _capital_is_positive(filing: "Guarantor", inputs: Inputs, at: Moment) -> list[Problem]:
    if filing.registered_capital is not None and filing.registered_capital <= 0:
        return [Problem("注册资本应大于 0 万元，请核对", "registered_capital")]
    return []


def _has_signatory(filing: "Guarantor", inputs: Inputs, at: Moment) -> list[Problem]:
    if filing.signatories:
        return []
    return [Problem("至少登记一名签发人及其单笔签发限额", "signatories")]


def _file(filing: "Guarantor", inputs: Inputs, at: Moment) -> list[FollowUp]:
    """Letters that were backfilled while it was not on file are its own from now on."""
    filing.filed_at = at.now
    unnamed = at.rows.find_all("Letter", guarantor_uscc=filing.uscc, guarantor_id=None, backfilled=True)
    return [FollowUp(letter, "link") for letter in unnamed if letter.policy_key]


FILING = Workflow(
    "guarantor",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(GUARANTOR), waits_for=roles(GUARANTOR)),
        State("submitted", "待审核", "blue", waits_for=roles(REGULATOR)),
        State("returned", "退回补正", "orange", editable_by=roles(GUARANTOR), waits_for=roles(GUARANTOR)),
        State("refused", "不通过", "red"),
        State("filed", "已备案", "green"),
        State("suspended", "暂停新业务", "purple"),
        State("cancelled", "已注销", "gray"),
    ),
    transitions=(
        Transition(
            "submit",
            "提交",
            roles("draft", "returned"),
            "submitted",
            by=roles(GUARANTOR),
            tone="primary",
            checks_record=True,
            guards=(_licence_is_valid, _capital_is_positive, _has_signatory),
            confirm="提交后由主管部门审核，审核期间不能修改",
        ),
        Transition(
            "file",
            "审核通过",
            roles("submitted"),
            "filed",
            by=roles(REGULATOR),
            effect=_file,
            binding=True,
            tone="primary",
            guards=(_licence_is_valid,),
            confirm="通过后该保证人即公示，可受理业务",
            event_tone="green",
        ),
        Transition(
            "return",
            "退回补正",
            roles("submitted"),
            "returned",
            by=roles(REGULATOR),
            asks=("reason",),
            event_tone="orange",
        ),
        Transition(
            "refuse",
            "不通过",
            roles("submitted"),
            "refused",
            by=roles(REGULATOR),
            asks=("reason",),
            tone="danger",
            event_tone="red",
        ),
        Transition(
            "suspend",
            "暂停新业务",
            roles("filed"),
            "suspended",
            by=roles(REGULATOR),
            asks=("reason",),
            event_tone="purple",
        ),
        Transition(
            "resume", "恢复", roles("suspended"), "filed", by=roles(REGULATOR), asks=("reason",), event_tone="green"
        ),
        Transition(
            "cancel",
            "注销",
            roles("filed", "suspended"),
            "cancelled",
            by=roles(REGULATOR),
            asks=("reason",),
            binding=True,
            tone="danger",
            event_tone="gray",
        ),
    ),
    parties={GUARANTOR: "organisation_id"},
    steps=(
        Step("填报资料", ("draft", "returned")),
        Step("主管部门审核", ("submitted",), refused_in=("refused",)),
        Step("备案公示", ("filed", "suspended", "cancelled")),
    ),
)


class Guarantor(Record):
    """One guarantor's filing; shown to every signed-in role once it is filed (手册 2.1.1)."""

    __tablename__ = "guarantor"
    noun = "保证人"
    workflow = FILING
    sealed: ClassVar[tuple[str, ...]] = ("organisation_id", "filed_at")
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("licence", "营业执照及经营许可证", required=True),
        Category("authorisation", "签发人授权书", required=True),
        Category("report", "审计报告"),
        Category("other", "其他材料"),
    )

    organisation_id: Mapped[int] = field(
        None, "机构", references="organisation.id", target="Organisation", nullable=False, unique=True
    )
    name: Mapped[str] = field(String(120), "机构名称", required=True, nullable=False)
    uscc: Mapped[str] = field(String(18), "机构统一社会信用代码", kind=CODE, required=True, nullable=False)
    registered_capital: Mapped[Decimal | None] = field(Yuan, "注册资本", unit="万元", required=True)
    registered_address: Mapped[str | None] = field(String(200), "注册地址", required=True, wide=True)
    guarantor_type: Mapped[str | None] = field(
        String(20), "机构类型", choices=tuple(GUARANTOR_TYPES.items()), required=True
    )
    contact: Mapped[str | None] = field(String(40), "机构联系人", required=True)
    phone: Mapped[str | None] = phone_field("机构联系电话", required=True)
    filed_at: Mapped[datetime | None] = field(Instant, "备案时间")
    region_code: Mapped[str] = region_field("所属地区", required=True, nullable=False)
    licence_no: Mapped[str | None] = field(String(60), "许可证编号", kind=CODE, required=True)
    licence_expires_on: Mapped[date | None] = field(Date, "许可证有效期至", required=True)
    net_assets: Mapped[Decimal | None] = field(Yuan, "净资产", unit="万元", required=True)
    branch: Mapped[str | None] = field(String(120), "海南分支机构")
    claim_address: Mapped[str | None] = field(String(200), "索赔受理地址", required=True, wide=True)
    state: Mapped[str] = mapped_column(String(20), default=FILING.initial, index=True)

    organisation: Mapped[Organisation] = relationship(lazy="selectin")
    signatories: Mapped[list["Signatory"]] = relationship(
        back_populates="guarantor", cascade="save-update, merge, delete", lazy="select"
    )

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Filed ones for everybody, its own, and all for the regulators."""
        shown = cls.state.in_(ON_FILE)
        if viewer.has(REGULATOR):
            return shown | (cls.state != "draft")
        return shown | (cls.organisation_id == viewer.organisation_id)

    def told_states(self, viewer: Viewer) -> Collection[str] | None:
        """What was said between it and the regulator is theirs; everybody else reads what is filed."""
        own = viewer.organisation_id == self.organisation_id
        return None if own or viewer.is_system or viewer.has(REGULATOR) else ()

    def derive(self, at: Moment) -> None:
        """A filing is the viewer's own organisation's; name, code and region are the organisation's."""
        if not self.organisation_id:
            self.organisation_id = at.viewer.organisation_id or 0
        organisation = at.rows.find("Organisation", self.organisation_id)
        self.name, self.uscc = organisation.name, organisation.uscc
        self.region_code = organisation.region_code

    def problems(self, at: Moment) -> list[Problem]:
        """One filing an organisation."""
        if at.rows.taken(self, organisation_id=self.organisation_id):
            return [Problem("本单位已有备案档案，请在原档案上办理")]
        return legible.told(self, at, "name", "registered_address", "claim_address", "phone")

    @property
    def title(self) -> str:
        """Its name."""
        return self.name


class Signatory(Record):
    """签发人: a person who may bind the guarantor, up to a limit for each letter."""

    __tablename__ = "signatory"
    noun = "签发人"

    guarantor_id: Mapped[int] = field(
        None, "保证人", references="guarantor.id", target="Guarantor", nullable=False, index=True
    )
    name: Mapped[str] = field(String(40), "姓名", required=True, nullable=False)
    position: Mapped[str] = field(String(40), "职务", required=True, nullable=False)
    limit: Mapped[Decimal] = field(Yuan, "单笔签发限额", unit="万元", required=True, nullable=False)
    active: Mapped[bool] = field(Boolean, "在用", default=True, nullable=False)

    guarantor: Mapped[Guarantor] = relationship(back_populates="signatories", lazy="selectin")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The guarantor's own, and all for the regulators."""
        if viewer.has(REGULATOR):
            return cls.everything()
        guarantors = cls.metadata.tables["guarantor"]
        return exists().where(
            guarantors.c.id == cls.guarantor_id, guarantors.c.organisation_id == viewer.organisation_id
        )

    def derive(self, at: Moment) -> None:
        """A signatory binds the viewer's own organisation."""
        if not self.guarantor_id:
            filing = at.rows.find_by("Guarantor", organisation_id=at.viewer.organisation_id)
            self.guarantor_id = filing.id if filing else 0

    def problems(self, at: Moment) -> list[Problem]:
        """A positive limit, and a filing to belong to."""
        if not self.guarantor_id:
            return [Problem("请先在保证人诚信档案中填报本单位资料，再登记签发人")]
        if self.limit is not None and self.limit <= 0:
            return [Problem("单笔签发限额应大于 0 万元，请修改", "limit")]
        return legible.told(self, at, "name", "position")

    def editable(self, viewer: Viewer) -> bool:
        """Its guarantor keeps it."""
        return viewer.has(GUARANTOR) and self.guarantor.organisation_id == viewer.organisation_id

    deletable = editable

    @property
    def title(self) -> str:
        """The person's name and position."""
        return f"{self.name}（{self.position}）"
