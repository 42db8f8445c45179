"""合同: what an employer owes one contractor for one project; every guarantee secures one contract."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Index, String, false, inspect, text
from sqlalchemy.orm import Mapped, relationship

from models import legible
from models.grammar.base import Record
from models.grammar.columns import CODE, COUNT, Instant, field, field_of
from models.grammar.standards import phone_field, region_field
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.organisation import Organisation
from models.project import UNSUBMITTED, Project
from models.rules import contract_numbers, events
from models.rules import terms as rules
from models.rules.cover import Cover
from models.rules.problem import Problem
from models.rules.words import Words
from models.terms import STATES, TERMS, TYPED_WITH_CONTRACT, ContractTerms, HasTerms

CONTRACT_TYPES = (
    ("construction", "施工总承包合同"),
    ("epc", "工程总承包合同"),
    ("specialist", "专业承包合同"),
    ("labour", "劳务分包合同"),
)
IDENTITY = ("project_id", "contractor_id", "contract_type", "contract_no")
"""What a contract is about, beside its terms."""

NUMBERED = text(f"contract_no <> '{contract_numbers.NONE}'")
"""The rows whose number tells them apart: 无 may stand in any number of contracts."""


class Contract(HasTerms, Record):
    """One contract with the terms that count: those of version `terms_no`, as far confirmed as `terms_state` says.

    As long as nothing rests on them its employer corrects them here; once a guarantee was handed in, or the
    contractor has spoken (`answered_at`, for the first time), they change by a new version alone (`models.terms`).
    `policy_version` names the policy by which what counts was last checked, a guarantee or agreed terms: its minimum
    is that version's, that of the first hand-in before anything counts, and today's while it names none.
    """

    __tablename__ = "contract"
    __table_args__ = (
        Index(
            "ix_contract_number",
            "employer_id",
            "contract_no",
            unique=True,
            sqlite_where=NUMBERED,
            postgresql_where=NUMBERED,
        ),
        Index("ix_contract_employer", "employer_id", "id"),
        Index("ix_contract_contractor", "contractor_id", "id"),
    )
    noun = "合同"
    sealed: ClassVar[tuple[str, ...]] = (
        "employer_id",
        *(name for name in TERMS if name not in TYPED_WITH_CONTRACT),
        "terms_no",
        "terms_state",
        "answered_at",
        "policy_version",
    )
    cover: ClassVar[Cover | None] = None

    project_id: Mapped[int] = field(
        None, "工程名称", references="project.id", target="Project", required=True, nullable=False, index=True
    )
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int] = field(
        None, "施工单位", references="organisation.id", target="Organisation", required=True, nullable=False
    )
    region_code: Mapped[str] = region_field("工程所属地区", nullable=False, index=True)
    contract_type: Mapped[str] = field(
        String(20), "工程合同类型", choices=CONTRACT_TYPES, required=True, nullable=False
    )
    contract_no: Mapped[str] = field(
        String(60),
        "合同编号",
        kind=CODE,
        required=True,
        nullable=False,
        help=contract_numbers.HINT,
        normalise=contract_numbers.normalise,
    )
    terms_no: Mapped[int] = field(None, "条款版本", kind=COUNT, default=1, server_default="1", nullable=False)
    terms_state: Mapped[str] = field(
        String(20),
        "条款状态",
        choices=tuple(STATES.items()),
        default="proposed",
        server_default="proposed",
        nullable=False,
    )
    proposed_no: Mapped[int | None] = field(None, "待确认版本", kind=COUNT)
    answered_at: Mapped[datetime | None] = field(Instant, "施工单位首次答复时间")
    policy_version: Mapped[str | None] = field(String(20), "适用政策版本")
    contact: Mapped[str | None] = field(String(40), "施工单位负责人姓名")
    phone: Mapped[str | None] = phone_field("施工单位负责人电话")

    project: Mapped[Project] = relationship(lazy="selectin")
    employer: Mapped[Organisation] = relationship(foreign_keys=[employer_id], lazy="selectin")
    contractor: Mapped[Organisation] = relationship(foreign_keys=[contractor_id], lazy="selectin")
    versions: Mapped[list[ContractTerms]] = relationship(
        back_populates="contract", cascade="save-update, merge, delete", lazy="select", order_by=ContractTerms.no
    )

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its two parties and the regulator of its region."""
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        if viewer.has(CONTRACTOR):
            rows |= cls.contractor_id == viewer.organisation_id
        if viewer.has(REGULATOR):
            rows |= cls.region_code.in_(viewer.regions)
        return rows

    def derive(self, at: Moment) -> None:
        """A contract belongs to the employer that enters it and lies where its project lies; its terms follow it."""
        if not self.employer_id:
            self.employer_id = at.viewer.organisation_id or 0
        project = at.rows.find("Project", self.project_id) if self.project_id else None
        self.region_code = project.region_code if project else ""
        self.agreed = bool(self.agreed)
        if not self.id:
            self.versions = [ContractTerms.first(self, at)]
        elif self.answered_at is None and self.terms_no == 1:
            first = at.rows.find_by("ContractTerms", contract_id=self.id, no=1)
            if first is not None:
                first.restate(self, at)

    def problems(self, at: Moment) -> list[Problem]:
        """Two different parties, sound terms that are still the employer's to change, a number of its own, legible."""
        found = [*legible.told(self, at, "contract_no"), *self._illegible_party(at)]
        if self.contractor_id is not None and self.contractor_id == self.employer_id:
            found.append(Problem("施工单位不能与建设单位相同，请重新选择", "contractor_id"))
        if self.is_numbered and at.rows.taken(self, employer_id=self.employer_id, contract_no=self.contract_no):
            message = "合同编号%(no)s已登记，请核对；确为另一份合同的请加后缀区分"
            found.append(Problem(message, "contract_no", {"no": self.contract_no}))
        found += self._exchanged() or self._named_otherwise(at)
        settled = [*self._settled_terms()]
        return [
            *found,
            *(settled or [*rules.check(price=self.price), *rules.check_days(self.start_on, self.finish_on)]),
        ]

    def _settled_terms(self) -> Iterator[Problem]:
        """Terms that others rely on are not changed by their employer alone."""
        if not self.id or not self.is_settled:
            return
        known: Any = inspect(self)
        message = "本合同已办理担保或已由施工单位答复，请通过合同变更提出，经施工单位确认后生效"
        for name in TYPED_WITH_CONTRACT:
            if known.attrs[name].history.has_changes():
                yield Problem(message, name)

    def _illegible_party(self, at: Moment) -> list[Problem]:
        contractor = at.rows.find("Organisation", self.contractor_id) if self.contractor_id else None
        found = legible.told(contractor, at, "name") if contractor is not None else []
        return [replace(each, field="contractor_id") for each in found]

    def _exchanged(self) -> list[Problem]:
        """What the contractor has spoken of stays what it was: its word is not about another project or contract."""
        known: Any = inspect(self)
        if not self.id or self.answered_at is None:
            return []
        message = "施工单位已答复本合同条款，不能更改%(label)s，请另行登记合同"
        changed = [name for name in IDENTITY if known.attrs[name].history.deleted]
        return [Problem(message, name, {"label": Words(field_of(Contract, name).label)}) for name in changed]

    def _named_otherwise(self, at: Moment) -> list[Problem]:
        """What is asked for its word, or is named by a guarantee or a plan that was handed in, stays what it is called.

        A guarantee of another project or contractor would be no cover of this contract.
        """
        known: Any = inspect(self)
        changed = [name for name in IDENTITY if self.id and known.attrs[name].history.deleted]
        labels = {name: Words(field_of(Contract, name).label) for name in changed}
        if self.proposed_no is not None:
            message = "第%(no)s版条款正待施工单位确认，请先撤回，再更改%(label)s"
            return [Problem(message, name, {"no": self.proposed_no, "label": labels[name]}) for name in changed]
        held = at.rows.find_all("Guarantee", contract_id=self.id) if changed else ()
        number = next((each.application_no for each in held if each.state not in UNSUBMITTED), None)
        message = "本合同已办理担保业务%(no)s，不能更改%(label)s，请先撤回该业务，或另行登记合同"
        if number:
            return [Problem(message, name, {"no": number, "label": labels[name]}) for name in changed]
        plans = at.rows.find_all("PaymentPlan", contract_id=self.id) if changed else ()
        message = "本合同已提交支付计划，不能更改%(label)s，请另行登记合同"
        sent = any(each.sent_at is not None for each in plans)
        return [Problem(message, name, {"label": labels[name]}) for name in changed if sent]

    def editable(self, viewer: Viewer) -> bool:
        """Its employer keeps it."""
        return viewer.has(EMPLOYER) and self.employer_id == viewer.organisation_id

    def deletable(self, viewer: Viewer) -> bool:
        """Its employer, as long as nobody else relies on it."""
        return self.editable(viewer) and not self.is_settled

    def born_with(self) -> tuple[Record, ...]:
        """The versions of its terms: the first, which its contractor has to answer, and what was proposed since."""
        return tuple(self.versions)

    @property
    def begun_on(self) -> date | None:
        """Before this day nothing happened under it; None while nobody has said when it was signed."""
        return events.begun_on(signed_on=self.signed_on, start_on=self.start_on)

    @property
    def is_settled(self) -> bool:
        """Whether its terms change only with the contractor's word: it has spoken, or a guarantee was handed in."""
        return self.policy_version is not None or self.answered_at is not None

    def sealed_now(self) -> tuple[str, ...]:
        """Once settled, its terms too."""
        return (*self.sealed, *TYPED_WITH_CONTRACT) if self.is_settled else self.sealed

    def count_terms(self, terms: ContractTerms) -> None:
        """Be measured by these terms, which both parties have said; for effects, through the open door."""
        for name, value in terms.terms().items():
            setattr(self, name, value)
        self.terms_no, self.terms_state = terms.no, "confirmed"
        if self.proposed_no is not None and self.proposed_no <= terms.no:
            self.proposed_no = None

    @property
    def permit_no(self) -> str:
        """The number of its project's permit, or nothing."""
        return self.project.permit_no or ""

    @property
    def project_name(self) -> str:
        """The name of its project: what the manual's box 工程名称 shows of it."""
        return self.project.name

    @property
    def is_numbered(self) -> bool:
        """Whether it has a number, which then is its own."""
        return bool(self.contract_no) and self.contract_no != contract_numbers.NONE

    @property
    def full_title(self) -> str:
        """Its project and its number, or its contractor where it has none: what tells it from others on the project."""
        return f"{self.project.name} · {self.contract_no if self.is_numbered else self.contractor.name}"

    @property
    def title(self) -> str:
        """Its number; the project's name where it has none."""
        return self.contract_no if self.is_numbered else self.project.name
