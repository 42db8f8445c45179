"""月报: what moved on a supervised account in one month, with the bank's statement (手册 2.2.1.3 提示2, R-15)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import CheckConstraint, ColumnElement, Date, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.attachment import Category
from models.funds import balance
from models.funds.fund import Fund
from models.funds.reconciliation import closes_as_it_stood, is_what_moved
from models.funds.states import COUNTING
from models.grammar.base import Record
from models.grammar.columns import DUE, MONTH, Instant, Yuan, field, field_of
from models.grammar.standards import region_field
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, PUBLIC, REGULATOR, Viewer
from models.grammar.workflow import FollowUp, Inputs, Moment, State, Step, Transition, Workflow, roles
from models.rules import months
from models.rules.money import show
from models.rules.problem import Problem
from models.rules.words import Words


def _siblings(report: "FundReport", at: Moment, month: str | None) -> list["FundReport"]:
    """The other reports of the account for a month, oldest version first."""
    if not report.account_id or not month:
        return []
    found: Sequence[FundReport] = at.rows.find_all("FundReport", account_id=report.account_id, month=month)
    return [each for each in found if each is not report]


def _account(report: "FundReport", at: Moment) -> Fund | None:
    found: Fund | None = at.rows.find("Fund", report.account_id) if report.account_id else None
    return found


def last_closing(report: "FundReport", at: Moment) -> Decimal | None:
    """What the month begins with: the closing of the month before, in the first month what lay there; 元.

    None while the month before has no report that counts.
    """
    account = _account(report, at)
    if account is None or not report.month:
        return None
    if report.month == account.first_month:
        return account.begins_with
    before = [each for each in _siblings(report, at, months.after(report.month, -1)) if each.state in COUNTING]
    return before[-1].closing if before else None


def _opens_with_the_last_closing(report: "FundReport", inputs: Inputs, at: Moment) -> list[Problem]:
    opening = last_closing(report, at)
    if opening is None:
        return [Problem("上月尚未报送或有异议，请先报送上月月报", "month")]
    if report.opening != opening:
        message = "期初余额应等于上期期末余额%(opening)s元，请打开修改后重新提交"
        return [Problem(message, "opening", {"opening": show(opening, "元")})]
    return []


def _in_time(report: "FundReport", inputs: Inputs, at: Moment) -> list[Problem]:
    if report.due_on is None or at.today <= report.due_on:
        return []
    # A correction of what stands reported makes nobody late.
    if any(each.state in COUNTING for each in _siblings(report, at, report.month)):
        return []
    params = {"due": report.due_on, "days": (at.today - report.due_on).days}
    return [Problem("应于%(due)s前报送，逾期%(days)s天", "month", params, blocking=False)]


def _keeps_the_minimum(report: "FundReport", inputs: Inputs, at: Moment) -> list[Problem]:
    """R-03: a closing below the minimum is kept as a warning."""
    account = _account(report, at)
    if account is None or report.closing is None:
        return []
    other, contract = at.covers.other_cover(account), at.rows.find("Contract", account.contract_id or 0)
    policy = at.law.policy_kept(contract, at.today)
    missing = account.shortfall(report.closing, of=contract, other_cover=other, policy=policy)
    if not missing:
        return []
    params = {"closing": show(report.closing, "元"), "missing": show(missing, "元")}
    return [Problem("期末余额%(closing)s元低于最低担保金额，差额%(missing)s元", "closing", params, blocking=False)]


def _is_what_the_others_say(report: "FundReport", inputs: Inputs, at: Moment) -> list[Problem]:
    """One account has one closing: where its agreements say two, the lower counts, and both are to be looked at."""
    account = _account(report, at)
    if account is None or report.month is None or report.closing is None:
        return []
    other = next((each for each in balance.said_of(account, report.month, at) if each.closing != report.closing), None)
    if other is None:
        return []
    message = (
        "同一账户另一份协议的月报确认%(month)s期末余额为%(other)s元，与本月报的%(closing)s元不一致；"
        "更正一致前按较低的余额计入担保"
    )
    shown = {"month": report.month, "other": show(other.closing, "元"), "closing": show(report.closing, "元")}
    return [Problem(message, "closing", shown, blocking=False)]


def _replaced(report: "FundReport", at: Moment, *states: str) -> list[FollowUp]:
    reason = {"reason": f"由第 {report.revision} 版取代"}
    earlier = _siblings(report, at, report.month)
    return [FollowUp(each, "replace", reason) for each in earlier if each.state in states]


def _submit(report: "FundReport", inputs: Inputs, at: Moment) -> list[FollowUp]:
    report.submitted_at = at.now
    return _replaced(report, at, "objected")


def _confirm(report: "FundReport", inputs: Inputs, at: Moment) -> list[FollowUp]:
    """The bank's word: the balance of the account follows, and what else was said of it is looked at once more."""
    report.confirmed_at = at.now
    return [
        *_replaced(report, at, "confirmed", "objected"),
        *_unsettled(report, at),
        *balance.settle(report, at),
        *_compared(report, at),
    ]


def _object(report: "FundReport", inputs: Inputs, at: Moment) -> list[FollowUp]:
    """Of a correction the version before it stands, if it begins with what the month before leaves.

    A month that begins with the correction is to be corrected.
    """
    standing = [each for each in _siblings(report, at, report.month) if each.state == "confirmed"]
    if not standing:
        return []
    opening = last_closing(standing[-1], at)
    if opening is None or opening == standing[-1].opening:
        return _unsettled(standing[-1], at)
    reason = f"上期期末余额为 {show(opening, '元')} 元，本月期初余额不一致，请更正"
    return [*_unsettled(standing[-1], at), FollowUp(standing[-1], "unsettle", {"reason": reason})]


def _unsettled(report: "FundReport", at: Moment) -> list[FollowUp]:
    """Whatever counts for the month after, and does not begin with this closing, is to be corrected in its turn."""
    after = _siblings(report, at, months.after(report.month, 1)) if report.month else []
    reason = f"{report.month} 的期末余额为 {show(report.closing or Decimal(0), '元')} 元，本月期初余额不一致，请更正"
    return [
        FollowUp(each, "unsettle", {"reason": reason})
        for each in after
        if each.state in COUNTING and each.opening != report.closing
    ]


def _compared(report: "FundReport", at: Moment) -> list[FollowUp]:
    """What other agreements on the account say of the month, where it differs or may have differed before."""
    account = _account(report, at)
    others = balance.said_of(account, report.month, at) if account is not None else []
    return [FollowUp(each, "compare") for each in others if each.closing != report.closing or report.revision > 1]


REPORT = Workflow(
    "report",
    states=(
        State("draft", "草稿", "gray", editable_by=roles(EMPLOYER), waits_for=roles(EMPLOYER)),
        State("submitted", "待银行确认", "blue", waits_for=roles(BANK)),
        State("objected", "有异议", "red", waits_for=roles(EMPLOYER), awaits="月报有异议，待建设单位更正"),
        State("confirmed", "已确认", "green"),
        State("replaced", "已更正", "gray"),
    ),
    transitions=(
        Transition(
            "submit",
            "提交",
            roles("draft"),
            "submitted",
            by=roles(EMPLOYER),
            tone="primary",
            checks_record=True,
            guards=(
                _opens_with_the_last_closing,
                _in_time,
                _keeps_the_minimum,
                _is_what_the_others_say,
                is_what_moved,
            ),
            effect=_submit,
            confirm="提交后由经办银行确认，不能再修改；有误的以新版本更正",
        ),
        Transition(
            "confirm",
            "确认",
            roles("submitted"),
            "confirmed",
            by=roles(BANK),
            tone="primary",
            guards=(
                _opens_with_the_last_closing,
                _keeps_the_minimum,
                _is_what_the_others_say,
                is_what_moved,
                closes_as_it_stood,
            ),
            effect=_confirm,
            confirm="确认月报与账户流水一致",
            event_tone="green",
        ),
        Transition(
            "object",
            "提出异议",
            roles("submitted"),
            "objected",
            by=roles(BANK),
            asks=("reason",),
            reason_label="异议内容",
            effect=_object,
            event_tone="red",
        ),
        Transition("unsettle", "期初余额有变", roles(*COUNTING), "objected", by=roles(PUBLIC), event_tone="red"),
        Transition(
            "compare",
            "与同一账户的月报核对",
            roles("confirmed", "objected"),
            "",
            by=roles(PUBLIC),
            guards=(_is_what_the_others_say,),
            event_tone="gray",
        ),
        Transition(
            "reconcile",
            "与账户流水核对",
            roles(*COUNTING),
            "",
            by=roles(PUBLIC),
            guards=(is_what_moved,),
            event_tone="gray",
        ),
        Transition("replace", "由新版本更正", roles("objected", "confirmed"), "replaced", by=roles(PUBLIC)),
    ),
    parties={EMPLOYER: "employer_id", BANK: "bank_id"},
    steps=(
        Step("填报", ("draft",)),
        Step("银行确认", ("submitted",), refused_in=("objected",)),
    ),
)


class FundReport(Record):
    """One account in one month; of its versions the newest counts. Amounts in 元, exact to the fen."""

    __tablename__ = "account_report"
    parent = ("Fund", "account_id")
    typed_as = {"revision": "month"}
    __table_args__ = (
        UniqueConstraint("account_id", "month", "revision"),
        CheckConstraint("opening + paid_in - paid_out = closing", name="ck_account_report_sum"),
        CheckConstraint("closing >= 0 AND paid_in >= 0 AND paid_out >= 0", name="ck_account_report_sign"),
        Index("ix_account_report_employer", "employer_id", "id"),
        Index("ix_account_report_contractor", "contractor_id", "id"),
        Index("ix_account_report_bank", "bank_id", "state", "id"),
        Index("ix_account_report_region", "region_code", "id"),
        Index("ix_account_report_month", "month", "id"),
    )
    noun = "月报"
    workflow = REPORT
    sealed: ClassVar[tuple[str, ...]] = ("submitted_at", "confirmed_at")
    attachments: ClassVar[tuple[Category, ...]] = (
        Category("statement", "银行对账单", required=True, help="加盖银行印章的当月对账单"),
    )

    state: Mapped[str] = mapped_column(String(20), default=REPORT.initial)
    account_id: Mapped[int | None] = field(None, "监管账户", references="fund_account.id", target="Fund", required=True)
    month: Mapped[str | None] = field(String(months.LENGTH), "报送月份", kind=MONTH, required=True)
    revision: Mapped[int] = field(Integer, "版本", nullable=False, default=1)
    opening: Mapped[Decimal | None] = field(Yuan, "期初余额", unit="元", help="由系统按上期期末余额填写")
    paid_in: Mapped[Decimal | None] = field(Yuan, "本期存入", unit="元", required=True)
    paid_out: Mapped[Decimal | None] = field(Yuan, "本期支出", unit="元", required=True)
    closing: Mapped[Decimal | None] = field(
        Yuan,
        "期末余额",
        unit="元",
        required=True,
        help="按银行对账单填写，应等于期初余额 + 本期存入 - 本期支出",
    )
    correction: Mapped[str | None] = field(Text, "更正说明", help="更正已报送的月份时填写，原版本保留备查")
    due_on: Mapped[date | None] = field(Date, "报送期限", kind=DUE)
    submitted_at: Mapped[datetime | None] = field(Instant, "报送时间")
    confirmed_at: Mapped[datetime | None] = field(Instant, "银行确认时间")
    employer_id: Mapped[int] = field(
        None, "建设单位", references="organisation.id", target="Organisation", nullable=False
    )
    contractor_id: Mapped[int | None] = field(None, "施工单位", references="organisation.id", target="Organisation")
    bank_id: Mapped[int | None] = field(None, "经办银行", references="organisation.id", target="Organisation")
    office_id: Mapped[int | None] = field(None, "预售资金监管机构", references="organisation.id", target="Organisation")
    region_code: Mapped[str | None] = region_field("工程所属地区")

    misfits: tuple[Problem, ...] = ()
    """What `derive` found against the amounts as they were given."""

    account: Mapped[Fund | None] = relationship(lazy="selectin")

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its employer always; contractor, bank and supervisors of the account once it has been submitted."""
        rows: ColumnElement[bool] = false()
        if viewer.has(EMPLOYER):
            rows |= cls.employer_id == viewer.organisation_id
        seen = cls.state != REPORT.initial
        if viewer.has(CONTRACTOR):
            rows |= (cls.contractor_id == viewer.organisation_id) & seen
        if viewer.has(BANK):
            rows |= (cls.bank_id == viewer.organisation_id) & seen
        if viewer.has(REGULATOR):
            rows |= (cls.region_code.in_(viewer.regions) | (cls.office_id == viewer.organisation_id)) & seen
        return rows

    def derive(self, at: Moment) -> None:
        """Parties of the account, opening from the month before, the next version's number.

        An amount that cannot be right is not kept, since the table itself would refuse the row.
        """
        if not self.employer_id:
            self.employer_id = at.viewer.organisation_id or 0
        account = _account(self, at)
        if account is not None:
            self.contractor_id, self.bank_id = account.contractor_id, account.bank_id
            self.office_id, self.region_code = account.office_id, account.region_code
        self.opening, self.due_on = last_closing(self, at), None
        self.misfits = tuple(self._amounts())
        for each in self.misfits:
            setattr(self, each.field, None)
        if self.month:
            self.due_on = self.limit_of(self.month, at)
        self.revision = 1 + max((each.revision for each in _siblings(self, at, self.month)), default=0)

    @staticmethod
    def limit_of(month: str, at: Moment) -> date:
        """The last day for reporting that month, by the policy of the month's last day."""
        policy = at.law.policy(months.last_day(month))
        return months.due_on(month, policy.monthly_due_day, holidays=at.law.calendar())

    def problems(self, at: Moment) -> list[Problem]:
        """An own account, a month to be reported, one open version at a time, no money that is not there."""
        account = _account(self, at)
        if account is not None and account.employer_id != self.employer_id:
            return [Problem("请选择本单位的监管账户", "account_id")]
        if account is None or not self.month:
            return [*self.misfits]
        if self.month not in account.months_over(at.today):
            return [month_is_none_of(account, at)]
        return [*self._versions(at), *self.misfits]

    def _versions(self, at: Moment) -> list[Problem]:
        earlier = _siblings(self, at, self.month)
        if any(each.state in ("draft", "submitted") for each in earlier):
            return [Problem("%(month)s的月报已有草稿或待银行确认，请勿重复填报", "month", {"month": self.month})]
        if earlier and not (self.correction or "").strip():
            return [Problem("%(month)s已报送，更正请填写更正说明", "correction", {"month": self.month})]
        return []

    def _amounts(self) -> list[Problem]:
        """Nothing moves backwards, and the statement's closing is what opening and movements leave."""
        given = [(name, getattr(self, name)) for name in ("paid_in", "paid_out", "closing")]
        found = [_negative(name) for name, amount in given if amount is not None and amount < 0]
        if found or self.left is None:
            return found
        if self.left < 0:
            over = show(-self.left, "元")
            return [Problem("本期支出超过账户可用余额%(over)s元，请核对", "paid_out", {"over": over})]
        return [] if self.closing in (None, self.left) else [wrong_closing(self.left)]

    @property
    def left(self) -> Decimal | None:
        """What the amounts leave on the account, in 元; below 0 they cannot be right; None while one is missing."""
        if self.opening is None or self.paid_in is None or self.paid_out is None:
            return None
        return self.opening + self.paid_in - self.paid_out

    @property
    def title(self) -> str:
        """The account's project and the month."""
        return " ".join(filter(None, (self.account.title if self.account else "", self.month))) or self.noun


def _negative(name: str) -> Problem:
    label = Words(field_of(FundReport, name).label)
    return Problem("%(label)s不能小于 0 元，请修改", name, {"label": label})


def wrong_closing(left: Decimal) -> Problem:
    """What is said where the closing is not what the amounts leave."""
    message = "期末余额应为%(left)s元（期初余额 + 本期存入 - 本期支出），请与银行对账单核对"
    return Problem(message, "closing", {"left": show(left, "元")})


def month_is_none_of(account: Fund, at: Moment) -> Problem:
    """What is said of a month that the account has not to report."""
    found = account.months_over(at.today)
    if not found:
        return Problem("该账户尚无应报送的月份，备案当月结束后即可报送", "month")
    return Problem("请选择%(first)s至%(last)s之间的月份", "month", {"first": found[0], "last": found[-1]})
