"""停工登记: a site that stands still, since when and until when; its letters are to be updated for it (手册 2.2.3)."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.viewer import EMPLOYER, Viewer
from models.grammar.workflow import FollowUp, Inputs, Moment, State, Transition, Workflow, roles
from models.letters import updates
from models.letters.standing import Standing
from models.plans.parties import NAMED, OfContract
from models.rules import amendments as rules
from models.rules import events
from models.rules.problem import Problem


def _letters(stoppage: "Stoppage", at: Moment) -> list[Any]:
    """The letters of its contract that are in force, each held until the deed ends."""
    found = at.rows.find_all("Letter", contract_id=stoppage.contract_id)
    held = (at.rows.lock("Letter", each.id) for each in found if each.letter_no)
    return [each for each in held if each.standing(at.today) is Standing.IN_FORCE]


def _is_the_only_one(stoppage: "Stoppage", inputs: Inputs, at: Moment) -> list[Problem]:
    """A site stands still once."""
    at.rows.lock("Contract", stoppage.contract_id)
    for each in at.rows.find_all("Stoppage", contract_id=stoppage.contract_id):
        if each.state == "standing" and each.id != stoppage.id:
            message = "本合同自%(day)s起已登记停工，请先登记复工"
            return [Problem(message, "contract_id", {"day": each.from_on})]
    return []


def _began(stoppage: "Stoppage", inputs: Inputs, at: Moment) -> list[Problem]:
    """It has begun, and not before its contract."""
    day = stoppage.from_on
    if day is None:
        return []
    if day > at.today:
        return [Problem("停工日期%(day)s不能晚于今天，请修改", "from_on", {"day": day})]
    contract = at.rows.find("Contract", stoppage.contract_id)
    return events.check(day, since=contract.begun_on, label="停工日期", field="from_on")


def _enter(stoppage: "Stoppage", inputs: Inputs, at: Moment) -> list[FollowUp]:
    assert stoppage.from_on is not None
    running = (each for each in _letters(stoppage, at) if each.paused_from is None)
    return [one for each in running for one in updates.asked(each, rules.STOPPAGE, stoppage.from_on, at)]


def _resumes_after(stoppage: "Stoppage", inputs: Inputs, at: Moment) -> list[Problem]:
    day = inputs.get("resumed_on")
    if day is None:
        return []
    if day > at.today:
        return [Problem("复工日期%(day)s不能晚于今天，请修改", "resumed_on", {"day": day})]
    if stoppage.from_on is not None and day <= stoppage.from_on:
        message = "复工日期%(day)s应晚于停工日期%(from)s，请修改"
        return [Problem(message, "resumed_on", {"day": day, "from": stoppage.from_on})]
    return []


def _resume(stoppage: "Stoppage", inputs: Inputs, at: Moment) -> list[FollowUp]:
    resting = (each for each in _letters(stoppage, at) if each.paused_from is not None)
    return [one for each in resting for one in updates.asked(each, rules.RESUMPTION, inputs["resumed_on"], at)]


STOPPAGE = Workflow(
    "stoppage",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(EMPLOYER)),
        State("standing", "停工中", "orange"),
        State("resumed", "已复工", "green"),
        State("void", "已作废", "gray"),
    ),
    transitions=(
        Transition(
            "enter",
            "登记停工",
            roles("draft"),
            "standing",
            by=roles(EMPLOYER),
            tone="primary",
            checks_record=True,
            guards=(_is_the_only_one, _began),
            effect=_enter,
            confirm="登记后，本合同的有效保函应在停工之日起10日内更新",
            event_tone="orange",
        ),
        Transition(
            "resume",
            "登记复工",
            roles("standing"),
            "resumed",
            by=roles(EMPLOYER),
            tone="primary",
            asks=("resumed_on",),
            guards=(_resumes_after,),
            effect=_resume,
            note="登记后，已暂停的保函应在复工之日起10日内恢复",
            event_tone="green",
        ),
        Transition(
            "void",
            "作废",
            roles("standing", "resumed"),
            "void",
            by=roles(EMPLOYER),
            asks=("reason",),
            note="登记有误的，作废后重新登记；由此生成的担保更新事项请逐项说明无需变更",
            event_tone="gray",
        ),
    ),
    parties={EMPLOYER: "employer_id"},
)


class Stoppage(OfContract, Record):
    """One time in which a site stood still: `from_on` the first such day, `resumed_on` the first one of work again."""

    __tablename__ = "stoppage"
    __table_args__ = (
        Index("ix_stoppage_contract", "contract_id", "state"),
        Index("ix_stoppage_employer", "employer_id", "state", "id"),
        Index("ix_stoppage_contractor", "contractor_id", "state", "id"),
        Index("ix_stoppage_region", "region_code", "state", "id"),
    )
    noun = "停工登记"
    workflow = STOPPAGE
    parent = ("Contract", "contract_id")
    sealed: ClassVar[tuple[str, ...]] = (*NAMED, "resumed_on")
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("paper", "依据文件", required=True, help="停工令、监理通知、会议纪要等"),
    )

    from_on: Mapped[date | None] = field(Date, "停工日期", required=True)
    cause: Mapped[str | None] = field(Text, "停工原因", required=True)
    resumed_on: Mapped[date | None] = field(Date, "复工日期")
    state: Mapped[str] = mapped_column(String(20), default="draft")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The two parties of the contract and the regulator of its region; a draft its employer."""
        return cls.seen_by(viewer, EMPLOYER, cls.state, ("draft",))

    def derive(self, at: Moment) -> None:
        """It names its contract."""
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if contract is not None and contract.employer_id == at.viewer.organisation_id:
            self.name(contract)
            return
        self.employer_id = self.employer_id or at.viewer.organisation_id or 0
        self.contractor_id = self.contractor_id or self.employer_id

    def problems(self, at: Moment) -> list[Problem]:
        """Of the employer's own contract."""
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if contract is not None and contract.employer_id != at.viewer.organisation_id:
            return [Problem("请选择本单位的合同", "contract_id")]
        return []

    def sealed_now(self) -> tuple[str, ...]:
        """What is copied follows the contract while it is a draft."""
        return tuple(name for name in self.sealed if self.state != "draft" or name not in NAMED)

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
