"""代偿索赔: what a contractor demands of a guarantor under a letter, and what became of it (手册 2.2.4, S13, S14)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, ForeignKey, Index, Integer, String, Text, false, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import legible
from models.claims import effects, guards
from models.claims.clocks import BY_KIND, BY_STATE, CONFIRMATION, REPLY, awaited_under, figures_of, limits_of
from models.claims.nodes import ClaimNode
from models.claims.workflow import CLAIM, EDITABLE, PAPERS, UNDECIDED
from models.grammar.base import Record
from models.grammar.columns import CODE, DUE, YES_NO, Instant, Yuan, field
from models.grammar.rows import Total, rows
from models.grammar.standards import phone_field, region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import Clock, Limits, Moment
from models.letters.kind import kind_that_counts
from models.letters.standing import ISSUED
from models.letters.underwriting import PRODUCTS
from models.modes.letter import Letter
from models.organisation import Organisation
from models.rules import claims as rules
from models.rules import letters as letter_rules
from models.rules.problem import Problem

INNER = frozenset({"decide", "decide_refusal", "rework"})
"""Steps of the desk that nobody else is told of."""

COPIED = (
    *("contract_id", "contract_no", "project_name", "employer_id", "contractor_id", "guarantor_id", "region_code"),
    *("letter_no", "product", "policy_no", "starts_on", "ends_on", "guarantor_name", "employer_name", "employer_uscc"),
    *("contractor_name", "contractor_uscc"),
)
"""What is copied of the letter: what it said when the claim was handed in."""
TYPED = ("cause", "notice_address", "payee_account")
NAMED = ("claimant_name", "payee_name", "payee_bank")
"""What its demand prints of what is typed: words of the contractor's own, and names."""


class Claim(Record):
    """One claim on one letter.

    `amount` is what is claimed: the sum of its nodes, or what its contractor states where no plan runs. `held` is what
    of that its letter holds for it now; `payout` what is to be, or was, paid. `received_at` is its first presentation,
    `presented_at` its last, `complete_at` when its papers were complete. `clock_on` is the day from which the limit of
    the decision counts, `clock_rest` what was left of it where it had stood still.
    """

    __tablename__ = "claim"
    __table_args__ = (
        Index("ix_claim_letter", "letter_id", "state"),
        Index("ix_claim_contract", "contract_id", "state"),
        Index("ix_claim_employer", "employer_id", "state", "id"),
        Index("ix_claim_contractor", "contractor_id", "state", "id"),
        Index("ix_claim_guarantor", "guarantor_id", "state", "due_on"),
        Index("ix_claim_region", "region_code", "state", "id"),
    )
    noun = "代偿索赔"
    workflow = CLAIM
    parent = ("Letter", "letter_id")
    sealed: ClassVar[tuple[str, ...]] = (
        *COPIED,
        *("claim_no", "kind", "sum_covered", "held", "payout", "decision", "received_at", "presented_at"),
        *("complete_at", "clock_on", "clock_rest", "asked_for_papers_at", "decided_at", "agreed_at", "refused_at"),
        *("paid_at", "confirmed_at", "discrepancies", "disposal", "remark", "held_at", "reply_by", "stayed_on"),
        *("sued_on", "employer_word", "employer_said_at", "recovery", "recovered", "prepared_by_id", "reviewed_by_id"),
        "due_on",
    )
    clocks = {"submitted": BY_KIND[rules.INDEPENDENT], "decided": BY_KIND[rules.INDEPENDENT], "paid": CONFIRMATION}
    clocks |= {"agreed": BY_KIND[rules.DEPENDENT], "unreceived": BY_KIND[rules.DEPENDENT], "on_hold": REPLY}
    attachments = PAPERS

    claim_no: Mapped[str | None] = field(String(20), "索赔编号", kind=CODE, unique=True)
    letter_id: Mapped[int] = field(
        None, "保函编号", references="letter.id", target="Letter", required=True, nullable=False
    )
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    contract_no: Mapped[str | None] = field(String(60), "合同编号", kind=CODE)
    project_name: Mapped[str] = field(String(120), "工程名称", nullable=False, default="")
    region_code: Mapped[str | None] = region_field("工程所属地区")
    employer_id: Mapped[int | None] = field(None, "建设单位", references="organisation.id", target="Organisation")
    contractor_id: Mapped[int] = field(
        None, "施工单位", references="organisation.id", target="Organisation", nullable=False
    )
    guarantor_id: Mapped[int | None] = field(None, "保证人", references="organisation.id", target="Organisation")
    letter_no: Mapped[str | None] = field(String(20), "保函编号", kind=CODE)
    product: Mapped[str | None] = field(String(20), "担保类型", choices=PRODUCTS)
    kind: Mapped[str | None] = field(String(20), "保函性质", choices=tuple(letter_rules.KINDS.items()))
    policy_no: Mapped[str | None] = field(String(60), "保单编号", kind=CODE)
    starts_on: Mapped[date | None] = field(Date, "担保开始日期")
    ends_on: Mapped[date | None] = field(Date, "担保结束日期")
    guarantor_name: Mapped[str | None] = field(String(120), "保证人")
    employer_name: Mapped[str | None] = field(String(120), "申请人")
    employer_uscc: Mapped[str | None] = field(String(18), "申请人统一信息代码", kind=CODE)
    contractor_name: Mapped[str | None] = field(String(120), "受益人")
    contractor_uscc: Mapped[str | None] = field(String(18), "受益人统一信用代码", kind=CODE)
    sum_covered: Mapped[Decimal | None] = field(Yuan, "保额", unit="万元")

    claimant_name: Mapped[str | None] = field(String(40), "申请理赔人姓名", required=True)
    claimant_phone: Mapped[str | None] = phone_field("申请理赔人联系电话", required=True)
    notice_address: Mapped[str | None] = field(String(200), "理赔通知地址")
    demand: Mapped[str | None] = field(String(20), "索赔方式", choices=tuple(rules.DEMANDS.items()), required=True)
    asked_ends_on: Mapped[date | None] = field(Date, "要求展期至", help="选择展期或赔付的填写")
    is_labour: Mapped[bool] = field(
        Boolean,
        "是否为人工费",
        kind=YES_NO,
        required=True,
        default=False,
        nullable=False,
        help="人工费赔付至农民工工资专用账户",
    )
    payee_name: Mapped[str | None] = field(String(120), "收款户名", required=True)
    payee_bank: Mapped[str | None] = field(String(120), "开户银行", required=True)
    payee_account: Mapped[str | None] = field(String(40), "收款账号", kind=CODE, required=True)
    nodes: Mapped[list[ClaimNode]] = rows(
        ClaimNode,
        "未付节点",
        noun="节点",
        columns=("origin", "claimed"),
        heading=("origin", "claimed"),
        shown=("kind", "due_on", "due", "received", "claimed", "paid"),
        total=Total("claimed"),
        help="到期未付的节点，不含质保金；合同没有正在执行的支付计划的，留空并填写索赔金额",
    )
    amount: Mapped[Decimal | None] = field(Yuan, "索赔金额", unit="万元", required=True)
    event_on: Mapped[date | None] = field(Date, "未付款发生日期", help="最早的未付节点到期日")
    cause: Mapped[str | None] = field(Text, "理赔原因", required=True)

    held: Mapped[Decimal] = field(Yuan, "占用金额", unit="万元", default=Decimal(0), nullable=False)
    payout: Mapped[Decimal | None] = field(Yuan, "赔付金额", unit="万元")
    decision: Mapped[str | None] = field(String(20), "理赔结果", choices=tuple(rules.DECISIONS.items()))
    remark: Mapped[str | None] = field(Text, "备注说明")
    discrepancies: Mapped[str | None] = field(Text, "不符点或理由", help="逐条列明，每行一条；独立保函为全部不符点")
    disposal: Mapped[str | None] = field(String(20), "单据处置", choices=tuple(rules.DISPOSALS.items()))
    received_at: Mapped[datetime | None] = field(Instant, "首次收到时间")
    presented_at: Mapped[datetime | None] = field(Instant, "本次提交时间")
    complete_at: Mapped[datetime | None] = field(Instant, "材料完整时间")
    asked_for_papers_at: Mapped[datetime | None] = field(Instant, "通知补充材料时间")
    clock_on: Mapped[date | None] = mapped_column(Date)
    clock_rest: Mapped[int | None] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = field(Instant, "经办决定时间")
    agreed_at: Mapped[datetime | None] = field(Instant, "复核通过时间")
    refused_at: Mapped[datetime | None] = field(Instant, "发出拒赔通知时间")
    paid_at: Mapped[datetime | None] = field(Instant, "赔付时间")
    confirmed_at: Mapped[datetime | None] = field(Instant, "确认到账时间")
    held_at: Mapped[datetime | None] = field(Instant, "暂缓时间")
    reply_by: Mapped[date | None] = field(Date, "答复日期")
    stayed_on: Mapped[date | None] = field(Date, "裁定中止日期")
    sued_on: Mapped[date | None] = field(Date, "起诉日期")
    employer_word: Mapped[str | None] = field(Text, "建设单位意见")
    employer_said_at: Mapped[datetime | None] = field(Instant, "建设单位提交意见时间")
    recovery: Mapped[Decimal | None] = field(Yuan, "本次追偿金额", unit="万元")
    recovered: Mapped[Decimal | None] = field(Yuan, "已追偿金额", unit="万元")
    prepared_by_id: Mapped[int | None]
    reviewed_by_id: Mapped[int | None]
    due_on: Mapped[date | None] = field(Date, "办理期限", kind=DUE)
    state: Mapped[str] = mapped_column(String(20), default="draft")

    letter: Mapped[Letter] = relationship(lazy="select")
    employer: Mapped[Organisation | None] = relationship(foreign_keys=[employer_id], lazy="select")
    contractor: Mapped[Organisation] = relationship(foreign_keys=[contractor_id], lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its contractor; the other parties of the letter and the regulator of its region once it was handed in."""
        seen = cls.received_at.is_not(None)
        rows: ColumnElement[bool] = false()
        if viewer.has(CONTRACTOR):
            rows |= cls.contractor_id == viewer.organisation_id
        for role, column in ((EMPLOYER, cls.employer_id), (GUARANTOR, cls.guarantor_id)):
            if viewer.has(role):
                rows |= (column == viewer.organisation_id) & seen
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions) & seen
        return rows

    def untold_steps(self, viewer: Viewer) -> Collection[str]:
        """What 经办 works out is its guarantor's own until the review."""
        return () if viewer.organisation_id == self.guarantor_id else INNER

    def derive(self, at: Moment) -> None:
        """It names its letter and that one's parties; it is numbered at its first save.

        The letter is held before number and history are: whoever changes the letter takes them in this order too.
        """
        self.is_labour = bool(self.is_labour)
        letter = guards.letter_of(self, at)
        if letter is None or letter.contractor_id != at.viewer.organisation_id:
            self.contractor_id = self.contractor_id or at.viewer.organisation_id or 0
            return
        if self.is_moved_to(letter):
            return
        self.restate(letter)
        if self.claim_no is None:
            self.claim_no = rules.number(at.today, at.numbers.serial("claim", at.today))
        effects.state_nodes(self, at)

    def restate(self, letter: Any) -> None:
        """Say of the letter what it says now."""
        for name in COPIED:
            setattr(self, name, getattr(letter, name))
        self.sum_covered, self.kind = letter.amount, kind_that_counts(letter)

    def problems(self, at: Moment) -> list[Problem]:
        """A claim of the letter's own beneficiary, whose demand can be drawn."""
        return [*self._of_another(at), *legible.typed(self, at, *TYPED), *legible.named(self, at, *NAMED)]

    def _of_another(self, at: Moment) -> list[Problem]:
        letter = at.rows.find("Letter", self.letter_id) if self.letter_id else None
        if letter is None:
            return []
        if letter.contractor_id != at.viewer.organisation_id or letter.state not in ISSUED:
            return [Problem("请选择以本单位为受益人的保函", "letter_id")]
        if self.is_moved_to(letter):
            return [Problem("索赔已向保函%(no)s提交过，不能更换保函，请另行新增", "letter_id", {"no": self.letter_no})]
        return []

    def is_moved_to(self, letter: Any) -> bool:
        """Whether it was handed in under another letter: that one's guarantor has it, and keeps it."""
        return self.received_at is not None and self.letter_no != letter.letter_no

    def needs(self, name: str) -> bool:
        """展期或赔付 says until when; an insurance without nodes says when the event was."""
        if name == "event_on":
            return self.kind == rules.INSURANCE and not self.nodes
        return super().needs(name) or (name == "asked_ends_on" and self.asks_for_extension)

    def sealed_now(self) -> tuple[str, ...]:
        """What is copied of the letter follows it while the contractor has it."""
        copied = (*COPIED, "claim_no", "kind", "sum_covered") if self.state in EDITABLE else ()
        return tuple(name for name in self.sealed if name not in copied)

    def runs_under(self, today: date) -> Limits:
        """By the kind of its letter."""
        return limits_of(self)

    @classmethod
    def kept_clocks(cls) -> Sequence[tuple[str, Clock]]:
        """Those of every kind of letter."""
        return (*super().kept_clocks(), *BY_STATE)

    def awaits(self, clock: Clock) -> str:
        """By its state: a limit of the decision goes on while the payout is reviewed and paid."""
        return awaited_under(clock, self.state)

    def rests_on(self) -> tuple[str, ...]:
        """By the kind of its letter."""
        return figures_of(self)

    def has_lost_the_right(self, today: date) -> bool:
        """Whether its guarantor may no longer refuse it for its papers (URDG 758 第24条f款)."""
        waits = self.state in ("submitted", "decided")
        return waits and self.kind == rules.INDEPENDENT and self.due_on is not None and self.due_on < today

    @hybrid_property
    def ends_by(self) -> date:
        """Its nearest limit; what stands still ends last."""
        return self.due_on or date.max

    @ends_by.inplace.expression
    @classmethod
    def _ends_by(cls) -> ColumnElement[date]:
        return func.coalesce(cls.due_on, date.max)

    @property
    def papers_by(self) -> date | None:
        """The last day on which an independent letter's papers can be refused."""
        return self.due_on

    @property
    def found_discrepancies(self) -> tuple[str, ...]:
        """What its guarantor found, one by one."""
        return tuple(line.strip() for line in (self.discrepancies or "").splitlines() if line.strip())

    @property
    def is_to_be_paid(self) -> bool:
        """Whether 经办 has decided to pay, or nobody has decided yet."""
        return self.decision != rules.REFUSED

    @property
    def was_asked_for_papers(self) -> bool:
        """Whether the one request for papers has been made; of an independent letter there is none."""
        return self.asked_for_papers_at is not None or self.kind == rules.INDEPENDENT

    @property
    def may_present_again(self) -> bool:
        """Whether its contractor may mend the papers and present them anew."""
        return self.kind == rules.INDEPENDENT

    @property
    def asks_for_extension(self) -> bool:
        """Whether it is 展期或赔付."""
        return self.demand == rules.EXTEND_OR_PAY

    def is_answered_by(self, ends_on: date) -> bool:
        """Whether an extension to that day grants what it asks instead of the payment (URDG 758 第23条e款)."""
        asked = self.asked_ends_on if self.asks_for_extension else None
        return asked is not None and self.is_undecided and ends_on >= asked

    @property
    def is_undecided(self) -> bool:
        """Whether its guarantor has still to decide it."""
        return self.state in UNDECIDED

    @property
    def tells_regulators(self) -> bool:
        """A guarantor that is not on file can do nothing here: the regulator urges it."""
        return self.guarantor_id is None

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name or self.noun
