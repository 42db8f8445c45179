"""保函: a letter of guarantee, from the employer's application to the contractor's confirmation (手册 2.2.1.2)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, WriteOnlyMapped, mapped_column, relationship

from models.attachment import Category
from models.grammar.columns import CODE, Instant, Yuan, field
from models.grammar.fields import Look
from models.grammar.screen import CONTRACTOR_PART, EMPLOYER_PART, PROJECT_PART, Screen
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, PUBLIC, REVIEW
from models.grammar.workflow import FollowUp, Inputs, Moment, State, Step, Transition, Workflow, roles
from models.guarantor import Signatory
from models.letter_update import LetterUpdate
from models.letter_version import LetterVersion
from models.letters import backfill, issuing, recording, underwriting, updates
from models.letters.backfillable import Backfillable
from models.letters.clocks import ACKNOWLEDGEMENT, BACKFILL, CONFIRMATION, UNDERWRITING
from models.letters.issuing import SIGNED, Issuable
from models.letters.ledger import LedgerEntry
from models.letters.objections import Objectionable
from models.letters.standing import ISSUED, Standing, standing_of, stands
from models.letters.underwriting import PRODUCTS
from models.parts import PARTS_PART
from models.rules import letters
from models.rules.amendments import EXPIRY
from models.rules.money import share


def _submit(letter: "Letter", inputs: Inputs, at: Moment) -> None:
    letter.hand_in(at)
    letter.share = share(letter.amount or Decimal(0), letter.contract_price or Decimal(0))


def _prepare(letter: "Letter", inputs: Inputs, at: Moment) -> None:
    letter.prepared_by_id = at.viewer.user_id
    letter.policy_key = underwriting.policy_key(letter.guarantor_uscc, letter.policy_no or "")


def _confirm(letter: "Letter", inputs: Inputs, at: Moment) -> None:
    letter.confirmed_at = at.now
    letter.take_effect(at)


def _expire(letter: "Letter", inputs: Inputs, at: Moment) -> list[FollowUp]:
    """Its term is over: its employer updates it (R-14)."""
    assert letter.ends_on is not None
    return updates.asked(letter, EXPIRY, letter.ends_on, at)


LETTER = Workflow(
    "letter",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("submitted", "待审核", "blue", waits_for=roles(GUARANTOR), duty=PREPARE),
        State("returned", "退回补正", "orange", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("withdrawn", "已撤回", "gray", editable_by=roles(EMPLOYER)),
        State("refused", "不通过", "red"),
        State("prepared", "待复核", "blue", waits_for=roles(GUARANTOR), duty=REVIEW),
        State("issued", "待确认", "blue", waits_for=roles(CONTRACTOR)),
        State(
            "objected",
            "有异议",
            "red",
            waits_for=roles(GUARANTOR, EMPLOYER),
            awaits="施工单位有异议，待建设单位或保证人答复",
        ),
        State("confirmed", "已生效", "green"),
        *backfill.STATES,
    ),
    transitions=(
        Transition(
            "submit",
            "提交",
            roles("draft", "returned", "withdrawn"),
            "submitted",
            by=roles(EMPLOYER),
            tone="primary",
            unless="backfilled",
            checks_record=True,
            effect=_submit,
            confirm="提交后由保证人审核，审核期间不能修改",
            guards=(
                underwriting.contract_is_unchanged,
                underwriting.permit_is_the_projects,
                underwriting.guarantor_is_no_party,
                underwriting.guarantor_takes_business,
                underwriting.parts_are_sound,
                underwriting.covers_the_minimum,
                underwriting.finishes_after_start,
                underwriting.fiscal_money_is_named,
                underwriting.is_legible,
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
            "prepare",
            "审核通过",
            roles("submitted"),
            "prepared",
            by=roles(GUARANTOR),
            duty=PREPARE,
            asks=("policy_no", "starts_on", "ends_on", "premium", "letter_kind", "signatory_id"),
            guards=(
                underwriting.kind_suits_guarantor,
                underwriting.period_is_sound,
                underwriting.signatory_may_sign,
                underwriting.policy_number_is_new,
                underwriting.premium_is_sound,
                underwriting.terms_are_legible,
                underwriting.covers_the_minimum_kept,
                underwriting.contract_is_unchanged_since,
            ),
            effect=_prepare,
            tone="primary",
            note="录入承保信息后，由本机构另一名复核人员出具保函",
        ),
        *issuing.TRANSITIONS,
        Transition(
            "return",
            "退回补正",
            roles("submitted"),
            "returned",
            by=roles(GUARANTOR),
            duty=PREPARE,
            asks=("reason",),
            event_tone="orange",
        ),
        Transition(
            "refuse",
            "不通过",
            roles("submitted"),
            "refused",
            by=roles(GUARANTOR),
            duty=PREPARE,
            asks=("reason",),
            tone="danger",
            event_tone="red",
        ),
        Transition(
            "confirm",
            "确认保函",
            roles("issued", "unconfirmed"),
            "confirmed",
            by=roles(CONTRACTOR),
            guards=(backfill.settled_after_signing,),
            effect=_confirm,
            tone="primary",
            confirm="确认已收到保函且内容与约定一致",
            bulk=True,
            event_tone="green",
        ),
        Transition(
            "object",
            "提出异议",
            roles("issued", "unconfirmed"),
            "objected",
            by=roles(CONTRACTOR),
            asks=("reason",),
            reason_label="异议内容",
            send="提交异议",
            event_tone="red",
        ),
        Transition(
            "answer",
            "答复异议",
            roles("objected"),
            "issued",
            by=roles(GUARANTOR, EMPLOYER),
            asks=("objection", "reason"),
            reason_label="答复内容",
            tone="primary",
            event_tone="blue",
            unless="is_the_employers_word",
            note="异议成立的，请另行办理担保调整；答复后由施工单位重新确认",
        ),
        *backfill.TRANSITIONS,
        *recording.TRANSITIONS,
        Transition(
            "expire",
            "担保到期",
            roles("issued", "confirmed", "objected"),
            "",
            by=roles(PUBLIC),
            effect=_expire,
            event_tone="gray",
        ),
    ),
    parties={EMPLOYER: "employer_id", CONTRACTOR: "contractor_id", GUARANTOR: "guarantor_id"},
    steps=(
        *backfill.STEPS,
        Step("提交申请", ("draft", "returned", "withdrawn"), unless="backfilled"),
        Step("保证人审核", ("submitted",), refused_in=("refused",), unless="backfilled"),
        Step("出具保函", ("prepared",), unless="backfilled"),
        Step("施工单位确认", ("issued", "unconfirmed"), refused_in=("objected",)),
    ),
)

INSURED = ("contract_type", "contract_no", "contract_price", "agreed", "uses_fiscal", "amount", "share")
SCREEN = Screen(
    tab="保函",
    choice="保函模式",
    note="由银行、保险公司或担保公司出具",
    path="letters",
    order=10,
    add_title="新增工程担保申请业务",
    show_kind="查看保函详情",
    list_columns=(
        "number",
        "project_name",
        "employer_name",
        "contractor_name",
        "guarantor_name",
        "amount",
        "state",
        "period",
        "due_on",
    ),
    search_columns=(
        "project_name",
        "contractor_name",
        "employer_name",
        "letter_no",
        "application_no",
        "permit_no",
        "guarantor_name",
        "product",
        "amount",
        "issued_at",
        "ends_on",
    ),
    form_parts=(
        ("担保信息", ("product", "guarantor_id")),
        PROJECT_PART,
        EMPLOYER_PART,
        CONTRACTOR_PART,
        ("投保信息", INSURED),
        PARTS_PART,
    ),
    show_parts=(
        (
            "保函信息",
            (
                "letter_no",
                "kind_of_cover",
                "policy_no",
                "starts_on",
                "ends_on",
                "guarantor_name",
                "applicant",
                "applicant_uscc",
                "beneficiary",
                "beneficiary_uscc",
                "premium",
                "sum_covered",
                "issued_at",
                "letter_kind",
                "signatory_id",
            ),
        ),
        ("工程信息", ("project_name", *PROJECT_PART[1][1:])),
        EMPLOYER_PART,
        CONTRACTOR_PART,
        (
            "投保信息",
            ("application_no", *INSURED, "submitted_at", "policy_version"),
        ),
        PARTS_PART,
    ),
    figures=("amount", "contract_price", "period", "guarantor_name"),
    number=("letter_no", "application_no"),
    column_labels={"number": "保函编号", "period": "担保期限"},
    column_looks={"number": Look.CODE, "period": Look.PERIOD},
    aliases={
        "kind_of_cover": ("险种", "product"),
        "applicant": ("申请人", "employer_name"),
        "applicant_uscc": ("申请人统一社会信用代码", "employer_uscc"),
        "beneficiary": ("受益人", "contractor_name"),
        "beneficiary_uscc": ("受益人统一社会信用代码", "contractor_uscc"),
        "sum_covered": ("保额", "amount"),
    },
)


class Letter(Issuable, Objectionable, Backfillable):
    """One letter of guarantee and the application that it grew from.

    From `ended_on`, the day on which it was ended before `ends_on`, it secures nothing. While it rests, since
    `paused_from`, its contractor may claim all the same; by `moved_days` its end was moved for that pause. What it says
    is version `version_no`.
    """

    __tablename__ = "letter"
    __table_args__: Any = (
        Index("ix_letter_ends_on", "ends_on", "starts_on", "id"),
        Index("ix_letter_starts_on", "starts_on", "id"),
        Index("ix_letter_ended_on", "ended_on", "id"),
        Index("ix_letter_issued_at", "issued_at", "id"),
        Index("ix_letter_guarantor_name", "guarantor_name", "id"),
        Index("ix_letter_reserved_no", "reserved_no", unique=True),
    )
    begins_at = "issued_at"
    noun = "保函"
    screen = SCREEN
    contractor_sees = ISSUED
    also_required = ("guarantor_id",)
    typed_as = {"policy_key": "policy_no"}
    workflow = LETTER
    clocks = {
        "draft": BACKFILL,
        "returned": BACKFILL,
        "recorded": ACKNOWLEDGEMENT,
        "submitted": UNDERWRITING,
        "prepared": UNDERWRITING,
        "issued": CONFIRMATION,
        "unconfirmed": CONFIRMATION,
    }
    sealed: ClassVar[tuple[str, ...]] = (
        *Backfillable.sealed,
        *Issuable.sealed,
        "letter_no", "policy_no", "premium", "starts_on", "ends_on", "ended_on", "letter_kind", "signatory_id",
        "verification_code", "sha256", "issued_at", "confirmed_at", "paid", "reserved", "paused_from",
        "moved_days", "version_no", "prepared_by_id", "reviewed_by_id", "objection",
    )  # fmt: skip
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("scan", "保函扫描件", required=lambda letter: letter.backfilled, types=("pdf", "jpg", "png", "ofd")),
        Category("contract", "施工合同", required=lambda letter: not letter.backfilled),
        Category("other", "其他材料"),
        Category(
            SIGNED, "保证人签章的保函", types=("pdf",), help="在待签文本上签署的 PDF，只能增加签名、时间戳和验证信息"
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("guarantee.id"), primary_key=True)
    product: Mapped[str | None] = field(String(20), "担保类型", choices=PRODUCTS, required=True)
    letter_no: Mapped[str | None] = field(String(20), "保函编号", kind=CODE, unique=True)
    policy_no: Mapped[str | None] = field(String(60), "保单编号", kind=CODE)
    policy_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    starts_on: Mapped[date | None] = field(Date, "担保开始日期")
    ends_on: Mapped[date | None] = field(Date, "担保结束日期")
    ended_on: Mapped[date | None] = field(Date, "终止日期")
    paused_from: Mapped[date | None] = field(Date, "暂停日期")
    moved_days: Mapped[int | None] = field(Integer, "暂停期间已顺延天数", unit="天")
    premium: Mapped[Decimal | None] = field(Yuan, "保费", unit="元")
    version_no: Mapped[int] = field(Integer, "现行版本", default=1, server_default="1", nullable=False)
    letter_kind: Mapped[str | None] = field(String(20), "保函性质", choices=tuple(letters.KINDS.items()))
    signatory_id: Mapped[int | None] = field(Integer, "签发人", references="signatory.id", target="Signatory")
    issued_at: Mapped[datetime | None] = field(Instant, "业务办结时间(出单时间)")
    confirmed_at: Mapped[datetime | None] = field(Instant, "施工单位确认时间")
    verification_code: Mapped[str | None] = mapped_column(String(20))
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    prepared_by_id: Mapped[int | None]
    reviewed_by_id: Mapped[int | None]

    signatory: Mapped[Signatory | None] = relationship(lazy="select")
    versions: WriteOnlyMapped[LetterVersion] = relationship(order_by=LetterVersion.no, passive_deletes=True)
    updates: WriteOnlyMapped[LetterUpdate] = relationship(order_by=LetterUpdate.id, passive_deletes=True)
    ledger: WriteOnlyMapped[LedgerEntry] = relationship(order_by=LedgerEntry.id, passive_deletes=True)

    def derive(self, at: Moment) -> None:
        """Besides what every mode settles, the guarantor's name and code."""
        super().derive(at)
        if self.backfilled:
            backfill.name_guarantor(self, at)
            return
        filing = at.rows.find_by("Guarantor", organisation_id=self.guarantor_id) if self.guarantor_id else None
        self.guarantor_name, self.guarantor_uscc = (filing.name, filing.uscc) if filing else (None, None)

    @property
    def last_day(self) -> date | None:
        """The last day on which it secures anything: the end of its period, or the day before it was ended."""
        if self.ended_on is None or self.ends_on is None:
            return self.ends_on
        return min(self.ends_on, self.ended_on - timedelta(days=1))

    @classmethod
    def covering(cls, today: date) -> ColumnElement[bool]:
        """A letter covers while it is in force."""
        return stands(cls, Standing.IN_FORCE, today)

    @classmethod
    def unconfirmed(cls, today: date) -> ColumnElement[bool]:
        """A backfilled letter in force that only its employer has told of."""
        return stands(cls, Standing.UNCONFIRMED, today)

    def standing(self, today: date) -> Standing:
        """What the letter is worth today."""
        return standing_of(self, today)
