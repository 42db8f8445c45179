"""合同条款: the versions of a contract's money and days; what counts is what both of its parties have said.

The employer states them, the contractor confirms or objects. The first version counts at once, marked
未经施工单位确认; a later one counts from the contractor's confirmation on. 双方协商一致 lowers the minimum (手册 2.2.1
业务说明(三)), so that it is stated by a change with its paper and never counts on the employer's word alone.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from sqlalchemy import Boolean, ColumnElement, Date, Index, String, Text, UniqueConstraint, exists, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import CODE, COUNT, DUE, RATE, YES_NO, Instant, Share, Yuan, field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, PUBLIC, REGULATOR, Viewer
from models.grammar.workflow import Clock, FollowUp, Inputs, Moment, State, Transition, Workflow, roles
from models.organisation import Organisation
from models.project import UNSUBMITTED
from models.rules import minimum
from models.rules import terms as rules
from models.rules.problem import Problem

TYPED_WITH_CONTRACT = ("price", "signed_on", "start_on", "finish_on")
"""What the form of a contract states; the rest of the terms is only ever stated by a change."""

TERMS = (*TYPED_WITH_CONTRACT, "agreed", "retention_share", "settlement_price")
NAMED = ("employer_id", "contractor_id", "contract_no", "project_name")
STATES: Mapping[str, str] = MappingProxyType(
    {"proposed": "未经施工单位确认", "confirmed": "施工单位已确认", "objected": "施工单位有异议"}
)
"""How far the terms of a contract that count are more than its employer's word."""

# As many days as for a letter (手册 2.2.2, R-11); silence is no consent.
ANSWER = Clock("terms", "施工单位确认合同条款", "asked_at", "confirm_days")


class HasTerms:
    """The columns of a contract's terms, alike on the contract, where they count, and on each of their versions."""

    price: Mapped[Decimal] = field(Yuan, "工程项目合同金额", unit="万元", required=True, nullable=False)
    signed_on: Mapped[date | None] = field(Date, "签订日期")
    start_on: Mapped[date | None] = field(Date, "合同开工日期")
    finish_on: Mapped[date | None] = field(Date, "合同竣工日期")
    agreed: Mapped[bool] = field(
        Boolean,
        "双方协商一致采用超额累进",
        kind=YES_NO,
        default=False,
        nullable=False,
        help="双方协商一致的，最低担保金额按超额累进方式计算，经施工单位确认后生效",
    )
    retention_share: Mapped[Decimal | None] = field(
        Share, "质量保证金比例", kind=RATE, help="占工程价款结算总额的百分比"
    )
    settlement_price: Mapped[Decimal | None] = field(Yuan, "结算价款", unit="万元")

    def terms(self) -> dict[str, Any]:
        """The terms as they stand here, by column."""
        return {name: getattr(self, name) for name in TERMS}

    def rests_on(self) -> tuple[str, ...]:
        """Besides its due day's figures those of the minimum that they come to."""
        own: tuple[str, ...] = super().rests_on()  # type: ignore[misc]  # the record's
        return (*own, *minimum.figures(agreed=bool(self.agreed)))


def _contract(terms: "ContractTerms", at: Moment) -> Any:
    """The contract, held until the deed ends: who comes second sees what the first has done."""
    return at.rows.lock("Contract", terms.contract_id)


def _confirm(terms: "ContractTerms", inputs: Inputs, at: Moment) -> list[FollowUp]:
    """Both parties have said it: from now on the contract is measured by these terms and today's policy."""
    terms.confirmed_at = at.now
    contract = _contract(terms, at)
    contract.count_terms(terms)
    contract.answered_at = contract.answered_at or at.now
    contract.policy_version = at.policy.version
    earlier = at.rows.find_all("ContractTerms", contract_id=terms.contract_id)
    reason = {"reason": f"由第 {terms.no} 版取代"}
    return [FollowUp(each, "supersede", reason) for each in earlier if each.no < terms.no and each.state in STATES]


def _no_newer_waits(terms: "ContractTerms", inputs: Inputs, at: Moment) -> list[Problem]:
    """One proposal at a time waits for the contractor, beside the terms that count."""
    counting = at.rows.find("Contract", terms.contract_id).terms_no
    for each in at.rows.find_all("ContractTerms", contract_id=terms.contract_id):
        if each.state == "proposed" and each.no > counting and each.id != terms.id:
            return [Problem("第%(no)s版条款正待施工单位确认，不能再答复本版", "reason", {"no": each.no})]
    return []


def _signed_before_its_letters(terms: "ContractTerms", inputs: Inputs, at: Moment) -> list[Problem]:
    """A letter that was settled offline secures a contract that there was: its signing is not moved behind that."""
    if terms.signed_on is None:
        return []
    for letter in at.rows.find_all("Letter", contract_id=terms.contract_id):
        if letter.state in (*UNSUBMITTED, "returned") or not letter.settled_on or letter.settled_on >= terms.signed_on:
            continue
        shown = letter.told_states(at.viewer)
        if shown is not None and letter.state not in shown:
            message = "签订日期%(signed)s晚于本合同补录保函的业务办结时间，请与建设单位核对"
            return [Problem(message, "signed_on", {"signed": terms.signed_on})]
        message = "签订日期%(signed)s晚于已补录保函%(no)s的业务办结时间%(day)s，请核对"
        params = {"signed": terms.signed_on, "no": letter.letter_no or letter.application_no, "day": letter.settled_on}
        return [Problem(message, "signed_on", params)]
    return []


def _waits_no_more(contract: Any, terms: "ContractTerms") -> None:
    if contract.proposed_no == terms.no:
        contract.proposed_no = None


def _withdraw(terms: "ContractTerms", inputs: Inputs, at: Moment) -> None:
    _waits_no_more(_contract(terms, at), terms)


def _object(terms: "ContractTerms", inputs: Inputs, at: Moment) -> None:
    contract = _contract(terms, at)
    contract.answered_at = contract.answered_at or at.now
    if contract.terms_no == terms.no:
        contract.terms_state = "objected"
    else:
        _waits_no_more(contract, terms)


def _answer(terms: "ContractTerms", inputs: Inputs, at: Moment) -> None:
    terms.asked_at = at.now
    contract = _contract(terms, at)
    if contract.terms_no == terms.no:
        contract.terms_state = "proposed"
    else:
        contract.proposed_no = terms.no


CONTRACT_TERMS = Workflow(
    "contract_terms",
    states=(
        State("proposed", "待施工单位确认", "blue", waits_for=roles(CONTRACTOR)),
        State("confirmed", "已确认", "green"),
        State("objected", "有异议", "red", waits_for=roles(EMPLOYER), awaits="施工单位有异议，待建设单位答复"),
        State("withdrawn", "已撤回", "gray"),
        State("superseded", "已被取代", "gray"),
    ),
    transitions=(
        Transition(
            "confirm",
            "确认合同条款",
            roles("proposed", "objected"),
            "confirmed",
            by=roles(CONTRACTOR),
            guards=(_signed_before_its_letters,),
            effect=_confirm,
            tone="primary",
            confirm="确认合同条款与本单位签订的合同一致；确认后担保按本版条款核算",
            bulk=True,
            event_tone="green",
        ),
        Transition(
            "object",
            "有异议",
            roles("proposed"),
            "objected",
            by=roles(CONTRACTOR),
            asks=("reason",),
            reason_label="异议内容",
            send="提交异议",
            effect=_object,
            event_tone="red",
        ),
        Transition(
            "answer",
            "答复异议",
            roles("objected"),
            "proposed",
            by=roles(EMPLOYER),
            asks=("reason",),
            reason_label="答复内容",
            guards=(_no_newer_waits,),
            effect=_answer,
            tone="primary",
            note="答复后由施工单位重新确认；条款有误的，请提出合同变更",
        ),
        Transition(
            "withdraw",
            "撤回",
            roles("proposed", "objected"),
            "withdrawn",
            by=roles(EMPLOYER),
            only_if="is_change",
            effect=_withdraw,
            confirm="撤回后合同仍按现行条款核算，可重新提出变更",
            event_tone="gray",
        ),
        Transition(
            "supersede",
            "由新版取代",
            roles("proposed", "objected", "confirmed"),
            "superseded",
            by=roles(PUBLIC),
            event_tone="gray",
        ),
    ),
    parties={EMPLOYER: "employer_id", CONTRACTOR: "contractor_id"},
)


class ContractTerms(HasTerms, Record):
    """One version of a contract's terms: proposed by the employer, counted as `models.contract` says."""

    __tablename__ = "contract_terms"
    __table_args__ = (
        UniqueConstraint("contract_id", "no"),
        Index("ix_contract_terms_employer", "employer_id", "state", "id"),
        Index("ix_contract_terms_contractor", "contractor_id", "state", "id"),
        Index("ix_contract_terms_state", "state", "contract_id"),
    )
    noun = "合同条款"
    workflow = CONTRACT_TERMS
    complete_at_save = True
    parent = ("Contract", "contract_id")
    typed_as = {"no": "contract_id"}
    sealed: ClassVar[tuple[str, ...]] = (
        "contract_id",
        "no",
        *NAMED,
        *TERMS,
        "asked_at",
        "due_on",
        "confirmed_at",
    )
    clocks = {"proposed": ANSWER}
    attachments: ClassVar[tuple[Category, ...]] = (
        Category(
            "paper",
            "依据文件",
            required=lambda terms: terms.is_change,
            help="补充协议、结算文件等；协商一致采用超额累进的，须为双方协商一致的证明",
        ),
    )

    contract_id: Mapped[int] = field(
        None, "合同", references="contract.id", target="Contract", required=True, nullable=False
    )
    contract_no: Mapped[str] = field(String(60), "合同编号", kind=CODE, nullable=False)
    project_name: Mapped[str] = field(String(120), "工程名称", nullable=False)
    no: Mapped[int] = field(None, "版本", kind=COUNT, nullable=False)
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int] = field(
        None, "施工单位", references="organisation.id", target="Organisation", nullable=False
    )
    state: Mapped[str] = mapped_column(String(20), default="proposed")
    cause: Mapped[str | None] = field(Text, "变更原因", required=True)
    asked_at: Mapped[datetime | None] = field(Instant, "送达施工单位时间")
    confirmed_at: Mapped[datetime | None] = field(Instant, "施工单位确认时间")
    due_on: Mapped[date | None] = field(Date, "确认期限", kind=DUE)

    contract: Mapped[Any] = relationship("Contract", back_populates="versions", lazy="select")
    employer: Mapped[Organisation] = relationship(foreign_keys=[employer_id], lazy="select")
    contractor: Mapped[Organisation] = relationship(foreign_keys=[contractor_id], lazy="select")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The two parties of the contract and the regulator of its region."""
        contracts = cls.metadata.tables["contract"]
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        if viewer.has(CONTRACTOR):
            rows |= cls.contractor_id == viewer.organisation_id
        if viewer.has(REGULATOR):
            rows |= exists().where(contracts.c.id == cls.contract_id, contracts.c.region_code.in_(viewer.regions))
        return rows

    @classmethod
    def first(cls, contract: Any, at: Moment) -> "ContractTerms":
        """The first version, which comes with the contract."""
        made = cls(no=1, state="proposed", created_at=at.now, created_by_id=at.viewer.user_id)
        made.ask(at)
        made.restate(contract, at)
        return made

    def restate(self, contract: Any, at: Moment) -> None:
        """Say what the contract says: as long as nothing rests on the first version, its employer corrects it."""
        project = at.rows.find("Project", contract.project_id) if contract.project_id else None
        self._name(contract, project)
        for name in TERMS:
            setattr(self, name, getattr(contract, name) or (False if name == "agreed" else None))

    def derive(self, at: Moment) -> None:
        """A change is one of the contract's own parties, numbered on; who proposes at the same moment waits here."""
        if not self.contract_id or self.id or not self._is_ours(at):
            return
        contract = _contract(self, at)
        self._name(contract, contract.project)
        self.no = len(at.rows.find_all("ContractTerms", contract_id=contract.id)) + 1
        self.ask(at)
        contract.proposed_no = self.no

    def _is_ours(self, at: Moment) -> bool:
        contract = at.rows.find("Contract", self.contract_id)
        return contract is not None and contract.employer_id == at.viewer.organisation_id

    def _name(self, contract: Any, project: Any) -> None:
        """Parties, number and project as they are called on the day of the statement."""
        self.employer_id, self.contractor_id = contract.employer_id, contract.contractor_id
        self.contract_no, self.project_name = contract.contract_no or "", project.name if project is not None else ""

    def problems(self, at: Moment) -> list[Problem]:
        """A change of the employer's own contract, that no other change waits beside, sound and no empty one."""
        found = rules.check(**{name: getattr(self, name) for name in ("price", "settlement_price", "retention_share")})
        found += rules.check_days(self.start_on, self.finish_on)
        contract = at.rows.find("Contract", self.contract_id) if self.contract_id else None
        if contract is None or self.id:
            return found
        if not self._is_ours(at):
            return [*found, Problem("只能变更本单位的合同，请重新选择", "contract_id")]
        found += _signed_before_its_letters(self, {}, at)
        for each in at.rows.find_all("ContractTerms", contract_id=contract.id):
            if each.state == "proposed" and each.no > contract.terms_no:
                message = "第%(no)s版条款正待施工单位确认，请等待确认，或撤回后重新提出"
                return [*found, Problem(message, "contract_id", {"no": each.no})]
        if not found and self.terms() == contract.terms():
            found.append(Problem("与现行条款相同，请填写需要变更的内容", "price"))
        return found

    def ask(self, at: Moment) -> None:
        """From now on its contractor has to answer."""
        self.asked_at, self.due_on = at.now, ANSWER.due_from(at.today, at)

    def needs(self, name: str) -> bool:
        """Why a contract says what it says is asked of a change alone."""
        return super().needs(name) and (name != "cause" or self.is_change)

    def sealed_now(self) -> tuple[str, ...]:
        """What nobody has relied on yet follows the contract's own form."""
        stated = (*NAMED, *TERMS) if self.no == 1 and self.state == "proposed" else ()
        return tuple(name for name in self.sealed if name not in stated)

    @property
    def is_change(self) -> bool:
        """Whether it changes what was stated before."""
        return self.no != 1

    @property
    def title(self) -> str:
        """The project's name."""
        return self.project_name
