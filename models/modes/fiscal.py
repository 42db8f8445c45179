"""政府财政投资: budget money that pays a share of the price, filed by the regulator (手册 2.2.1.4)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.attachment import Category
from models.grammar.columns import Instant, field
from models.grammar.fields import Look
from models.grammar.screen import CONTRACTOR_PART, EMPLOYER_PART, FROM_CONTRACT, PROJECT_PART, Screen
from models.grammar.viewer import EMPLOYER, PUBLIC, REGULATOR
from models.grammar.workflow import FollowUp, Inputs, Moment, State, Step, Transition, Workflow, roles
from models.guarantee import Guarantee
from models.letters.underwriting import (
    contract_is_unchanged,
    contract_is_unchanged_since,
    finishes_after_start,
    parts_are_sound,
    permit_is_the_projects,
    regulator_is_no_party,
)
from models.parts import PARTS_PART
from models.rules import contract_numbers
from models.rules.money import part_of
from models.rules.problem import Problem

APPROVAL = ("approver_id", "approved_on")


def _approved_before_permit(fiscal: "Fiscal", inputs: Inputs, at: Moment) -> list[Problem]:
    """R-16: the proof is filed before the permit; a later approval is kept with a warning (A13)."""
    approved_on = inputs.get("approved_on", fiscal.approved_on)
    if approved_on is None:
        return []
    if approved_on > at.today:
        return [Problem("批准时间%(approved)s不能晚于今天，请修改", "approved_on", {"approved": approved_on})]
    permitted_on = fiscal.permitted_on(at)
    if permitted_on is None or approved_on <= permitted_on:
        return []
    message = "批准时间%(approved)s晚于施工许可日期%(permitted)s，财政预算证明材料应在取得施工许可前归集"
    params = {"approved": approved_on, "permitted": permitted_on}
    return [Problem(message, "approved_on", params, blocking=False)]


def _one_for_a_contract(fiscal: "Fiscal", inputs: Inputs, at: Moment) -> list[Problem]:
    """A filed record changes only through a submission that follows it (domain.md section 7)."""
    filed = at.rows.find_by("Fiscal", filed_for_id=fiscal.contract_id) if fiscal.contract_id else None
    if filed is None or filed.id == fiscal.follows_id:
        return []
    message = "该合同已有备案记录%(no)s，请在该记录上办理变更"
    return [Problem(message, "contract_id", {"no": filed.application_no})]


def _follows_a_filed_one(fiscal: "Fiscal", inputs: Inputs, at: Moment) -> list[Problem]:
    followed = _followed(fiscal, at)
    if followed is None or followed.state == "filed":
        return []
    message = "原备案记录%(no)s已变更，请在最新的备案记录上办理变更"
    if followed.state == "ended":
        message = "原备案记录%(no)s已终止，不能再变更"
    return [Problem(message, "contract_id", {"no": followed.application_no})]


def _followed(fiscal: "Fiscal", at: Moment) -> Any:
    return at.rows.find("Fiscal", fiscal.follows_id) if fiscal.follows_id else None


def _submit(fiscal: "Fiscal", inputs: Inputs, at: Moment) -> None:
    fiscal.hand_in(at)


def _file(fiscal: "Fiscal", inputs: Inputs, at: Moment) -> Sequence[FollowUp]:
    followed = at.rows.lock("Fiscal", fiscal.follows_id) if fiscal.follows_id else None
    if followed is not None:
        followed.filed_for_id = None
    fiscal.filed_at, fiscal.filed_for_id = at.now, fiscal.contract_id
    fiscal.name_approver(at)
    fiscal.take_effect(at)
    if followed is None:
        return ()
    return [FollowUp(followed, "supersede", {"reason": f"由变更业务 {fiscal.application_no} 取代"})]


def _end(fiscal: "Fiscal", inputs: Inputs, at: Moment) -> None:
    fiscal.ended_at, fiscal.filed_for_id = at.now, None


FISCAL = Workflow(
    "fiscal",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("submitted", "待备案", "blue", waits_for=roles(REGULATOR)),
        State("returned", "退回补正", "orange", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("withdrawn", "已撤回", "gray", editable_by=roles(EMPLOYER)),
        State("refused", "不予备案", "red"),
        State("filed", "已备案", "green"),
        State("superseded", "已变更", "gray"),
        State("ended", "已终止", "gray"),
    ),
    transitions=(
        Transition(
            "submit",
            "提交",
            roles("draft", "returned", "withdrawn"),
            "submitted",
            by=roles(EMPLOYER),
            tone="primary",
            checks_record=True,
            effect=_submit,
            confirm="提交后由主管部门备案，备案期间不能修改",
            guards=(
                contract_is_unchanged,
                permit_is_the_projects,
                parts_are_sound,
                finishes_after_start,
                _approved_before_permit,
                _one_for_a_contract,
                _follows_a_filed_one,
            ),
        ),
        Transition(
            "withdraw",
            "撤回",
            roles("submitted"),
            "withdrawn",
            by=roles(EMPLOYER),
            confirm="撤回后可修改并重新提交",
            event_tone="gray",
        ),
        Transition(
            "file",
            "备案",
            roles("submitted"),
            "filed",
            by=roles(REGULATOR),
            asks=APPROVAL,
            guards=(
                regulator_is_no_party,
                contract_is_unchanged_since,
                _approved_before_permit,
                _one_for_a_contract,
                _follows_a_filed_one,
            ),
            effect=_file,
            binding=True,
            tone="primary",
            event_tone="green",
            note="请核对批准单位和批准时间。备案后财政预算资金计入该合同的担保，内容只能通过变更业务调整",
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
            "不予备案",
            roles("submitted"),
            "refused",
            by=roles(REGULATOR),
            asks=("reason",),
            tone="danger",
            event_tone="red",
        ),
        Transition(
            "supersede",
            "变更",
            roles("filed"),
            "superseded",
            by=roles(PUBLIC),
            event_tone="gray",
        ),
        Transition(
            "end",
            "终止",
            roles("filed"),
            "ended",
            by=roles(REGULATOR),
            asks=("reason",),
            reason_label="终止原因",
            effect=_end,
            binding=True,
            tone="danger",
            event_tone="gray",
            note="终止后财政预算资金不再计入该合同的担保，不能恢复；合同仍需担保的，由建设单位重新归集",
        ),
        Transition("settle", "合同已结清", roles("filed"), "ended", by=roles(PUBLIC), effect=_end, event_tone="gray"),
    ),
    parties={EMPLOYER: "employer_id"},
    steps=(
        Step("提交申请", ("draft", "returned", "withdrawn")),
        Step("主管部门备案", ("submitted",), refused_in=("refused",)),
    ),
)


class Fiscal(Guarantee):
    """财政预算资金 of one contract: `amount` in 元 is `share` percent of the price.

    A record that changes a filed one follows it, and takes its place when it is filed itself. `filed_for_id` is the
    contract while the record is filed: unique, so that two records never count for one contract. It ends when its
    contract is settled, or by the regulator.
    """

    __tablename__ = "fiscal"
    __table_args__: Any = (Index("ix_fiscal_approved_on", "approved_on", "id"),)
    begins_at = "filed_at"
    noun = "政府财政投资"
    workflow = FISCAL
    screen = Screen(
        tab="政府财政投资",
        choice="政府财政投资",
        note="由财政预算资金支付工程款，归集证明材料",
        path="fiscal",
        order=40,
        add_title="新增工程担保政府财政投资业务",
        show_kind="查看政府财政投资详情",
        list_columns=(
            "employer",
            "employer_person",
            "contractor",
            "contractor_person",
            "project_name",
            "filed",
            "approver_name",
            "approved_on",
        ),
        search_columns=("employer_name", "contractor_name", "project_name", "approved_on"),
        form_parts=(
            PROJECT_PART,
            EMPLOYER_PART,
            CONTRACTOR_PART,
            ("担保信息", ("contract_type", "contract_no", "contract_price", "share", "amount", *APPROVAL)),
            PARTS_PART,
        ),
        show_parts=(
            ("工程信息", ("project_name", *PROJECT_PART[1][1:])),
            EMPLOYER_PART,
            CONTRACTOR_PART,
            (
                "担保信息",
                (
                    "application_no",
                    "contract_type",
                    "contract_no",
                    "contract_price",
                    "share",
                    "amount",
                    "approver_name",
                    "approved_on",
                    "submitted_at",
                    "filed_at",
                    "ended_at",
                    "policy_version",
                ),
            ),
            PARTS_PART,
        ),
        figures=("amount", "contract_price", "share", "approved_on"),
        sortable=("approved_on",),
        column_labels={"filed": "是否备案"},
        column_looks={"filed": Look.FLAG},
        readonly=(FROM_CONTRACT - {"share"}) | {"amount"},
        aliases={
            "employer": ("建设单位", "employer_name"),
            "employer_person": ("建设单位负责人", "employer_contact"),
            "contractor": ("施工单位", "contractor_name"),
            "contractor_person": ("施工单位负责人", "contractor_contact"),
        },
    )
    also_required = ("share",)
    own_labels: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "contract_id": "项目名称",
            "start_on": "合同开工日期",
            "finish_on": "合同竣工日期",
            "contract_price": "工程担保合同金额",
            "share": "政府财政投资比例",
            "amount": "财政预算资金",
        }
    )
    own_helps: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "contract_no": contract_numbers.HINT,
            "share": "大于 0 且不超过 100，最多两位小数",
            "amount": "由系统按合同金额与政府财政投资比例计算",
        }
    )
    sealed: ClassVar[tuple[str, ...]] = (*Guarantee.sealed, "follows_id", "filed_for_id", "filed_at", "ended_at")
    typed_as = {"filed_for_id": "contract_id"}
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("proof", "附件", required=True, help="财政预算批复等证明材料"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"), primary_key=True)
    approver_id: Mapped[int | None] = field(
        None, "批准单位", references="organisation.id", target="Organisation", required=True
    )
    approver_name: Mapped[str | None] = field(String(120), "批准单位")
    approved_on: Mapped[date | None] = field(Date, "批准时间", required=True)
    filed_at: Mapped[datetime | None] = field(Instant, "备案时间")
    ended_at: Mapped[datetime | None] = field(Instant, "终止时间")
    filed_for_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"), unique=True)

    def derive(self, at: Moment) -> None:
        """Besides what every mode settles, 财政预算资金 = price × share, and the approver's name."""
        typed = self.share
        super().derive(at)
        self.share = typed
        self.amount = self.budget_of(self.contract_price, typed)
        self.name_approver(at)

    def problems(self, at: Moment) -> list[Problem]:
        """A change stays with its contract."""
        followed = _followed(self, at)
        if followed is None or followed.contract_id == self.contract_id:
            return super().problems(at)
        return [*super().problems(at), Problem("变更业务不能更换项目，请选择原备案记录的项目", "contract_id")]

    def name_approver(self, at: Moment) -> None:
        """Copy the name of the approving office."""
        approver = at.rows.find("Organisation", self.approver_id) if self.approver_id else None
        self.approver_name = approver.name if approver else None

    @staticmethod
    def budget_of(price: Decimal | None, share: Decimal | None) -> Decimal | None:
        """财政预算资金 in 元: so many percent of the price; None while one of them is unknown."""
        return part_of(price, share) if price and share else None

    @classmethod
    def covering(cls, today: date) -> ColumnElement[bool]:
        """Budget money covers only when it is filed."""
        return cls.state == "filed"
