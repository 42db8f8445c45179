"""The causes of each alert as they are on one day, a select each: its subject, since when it shows, and whose it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from app.alerts import lives
from app.alerts.days import FREE, day_of, later, latest, rolled
from app.alerts.told_later import LATER, Later, confirmations, first_shown, is_of
from app.core.clock import today
from app.core.database import db
from app.core.modes import modes
from app.cover import funds, permits, shortfall
from models.alert import Alert
from models.contract import Contract
from models.duty import Duty
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.funds.states import COUNTING, LIVE
from models.guarantor import ON_FILE, Guarantor
from models.letters.backfillable import OPEN
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.organisation import Organisation
from models.permit import Permit
from models.project import Project
from models.rules import alerts as rules
from models.rules import months
from models.rules.holidays import Calendar
from models.rules.policy import Policy
from models.terms import ContractTerms

CAUSE = Table(
    "alert_cause",
    MetaData(),
    Column("subject_id", Integer, nullable=False),
    Column("since_on", Date, nullable=False),
    Column("amount", BigInteger),
    Column("number", String(80)),
    Column("project_name", String(120)),
    Column("company", String(120)),
    Column("region_code", String(6)),
    *(Column(f"{name}_id", Integer) for name in ("contract", "project", "employer", "contractor")),
    *(Column(f"{name}_id", Integer) for name in ("guarantor", "bank", "office")),
    prefixes=["TEMPORARY"],
)
"""What was found of one alert, while its statements run."""

FACTS = tuple(column.name for column in CAUSE.columns if column.name not in ("subject_id", "since_on"))


@dataclass(frozen=True)
class Day:
    """The day that is swept, with the policy in force and the calendar."""

    today: date
    policy: Policy
    holidays: Calendar

    @cached_property
    def short(self) -> Subquery:
        """The contracts that lack cover, as `lives.lacking` gives them; put together once for all that ask."""
        return lives.lacking().rows

    def count(self, declared: rules.Alert) -> int:
        """How many days the alert counts from its event on."""
        return int(getattr(self.policy, declared.days)) if declared.days else 0


@dataclass(frozen=True)
class Cause:
    """What an alert is about, and the select of its causes on a day; `later` are the counts that stood still."""

    subject_type: str
    select: Callable[[rules.Alert, Day], Select[Any]]
    later: Callable[[rules.Alert, Day], Iterable[Later]] | None = None


def shows(declared: rules.Alert, event: Any, on: Day) -> ColumnElement[date]:
    """`Alert.first_day` of the row; where it rolls, `FREE` is joined by `ends`."""
    if declared.ahead:
        return later(event, -rules.lead(on.policy.alert_steps[declared.code]))
    if declared.rolls:
        return later(rolled(ends(declared, event, on)), declared.after)
    return later(event, on.count(declared) + declared.after)


def ends(declared: rules.Alert, event: Any, on: Day) -> ColumnElement[date]:
    """The last day of the period of the row, before it rolls."""
    return later(event, on.count(declared))


def shifted(day: date, count: int) -> date:
    """The day so many days later; earlier where the count is below 0."""
    return day + timedelta(days=count)


def found(subject: Any, since: Any, **facts: Any) -> Select[Any]:
    """One row a cause, its facts in the order of the table; what is not said is not there."""
    given = [facts.pop(name, None) for name in FACTS]
    assert not facts, facts
    typed = [
        cast(null(), CAUSE.c[name].type) if value is None else type_coerce(value, CAUSE.c[name].type)
        for name, value in zip(FACTS, given, strict=True)
    ]
    return select(subject, type_coerce(since, Date), *typed)


def of_contract(**more: Any) -> dict[str, Any]:
    """What is told of a contract's alert, of a query that has its project and its employer joined."""
    return {
        "number": Contract.contract_no,
        "project_name": Project.name,
        "company": Organisation.name,
        "region_code": Contract.region_code,
        "contract_id": Contract.id,
        "project_id": Contract.project_id,
        "employer_id": Contract.employer_id,
        "contractor_id": Contract.contractor_id,
        **more,
    }


def with_parties(query: Select[Any]) -> Select[Any]:
    """The query over contracts with the project and the employer of each."""
    joined = query.join(Project, Project.id == Contract.project_id)
    return joined.join(Organisation, Organisation.id == Contract.employer_id)


def of_guarantee(model: Any, **more: Any) -> dict[str, Any]:
    """What is told of the alert of a guarantee, which carries copies of its parties."""
    names = ("project_name", "region_code", "contract_id", "employer_id", "contractor_id", "office_id")
    return {"company": model.employer_name, **{name: getattr(model, name) for name in names}, **more}


def _uncovered(declared: rules.Alert, on: Day) -> Select[Any]:
    """Permits without any cover: since the permit, or since the last cover went."""
    lost = lives.lost_on().subquery()
    by_name = aliased(Organisation)
    code = func.coalesce(Permit.employer_uscc, "")
    event = latest(Permit.permitted_on, lost.c.lost_on)
    since = shows(declared, event, on)
    flat = shortfall.along(on.policy, Permit.contract_price, agreed=False)
    query = found(
        Permit.id,
        since,
        amount=case((Permit.contract_price.is_not(None), flat)),
        number=Permit.permit_no,
        project_name=Permit.project_name,
        company=Permit.employer_name,
        region_code=Permit.region_code,
        employer_id=func.coalesce(Organisation.id, by_name.id),
    )
    query = query.outerjoin(Organisation, Organisation.uscc == Permit.employer_uscc)
    same_name = and_(code == "", by_name.name == Permit.employer_name)
    query = query.outerjoin(by_name, same_name).outerjoin(lost, lost.c.permit_id == Permit.id)
    return query.where(permits.covered("none"), since <= on.today)


def _lacking(declared: rules.Alert, on: Day) -> Select[Any]:
    """Contracts that lack, but for those whose permit is told of as uncovered. Reads by ix_guarantee_contract."""
    short, begun = on.short, lives.begun_on()
    due = latest(
        Permit.permitted_on, case((Permit.id.is_(None), func.coalesce(Project.permitted_on, begun.c.begun_on)))
    )
    event = case((due.is_(None), short.c.fell_on), else_=latest(due, short.c.fell_on))
    since = shows(declared, event, on)
    query = found(Contract.id, since, **of_contract(amount=short.c.gap))
    query = with_parties(query.select_from(short).join(Contract, Contract.id == short.c.contract_id))
    query = query.outerjoin(begun, begun.c.contract_id == Contract.id)
    query = query.outerjoin(Permit, Permit.permit_no == Project.permit_no)
    return query.where(event.is_not(None), since <= on.today, ~is_told_of_permit())


def is_told_of_permit() -> ColumnElement[bool]:
    """Whether the permit of the contract of the row is told of as one without any cover (ix_alert_open)."""
    told = Alert.__table__.alias()
    permit = Permit.__table__.alias()
    return exists().where(
        told.c.code == "A1",
        told.c.cleared_on.is_(None),
        told.c.subject_id == permit.c.id,
        permit.c.permit_no == Project.permit_no,
        told.c.employer_id == Contract.employer_id,
    )


def _unconfirmed(declared: rules.Alert, on: Day) -> Select[Any]:
    """Letters whose limit of confirmation has run out (ix_duty_open)."""
    since = first_shown(shows(declared, Duty.due_on, on))
    query = found(
        Letter.id,
        since,
        **of_guarantee(Letter, amount=Letter.amount, number=Letter.letter_no, guarantor_id=Letter.guarantor_id),
    )
    query = query.join(Duty, and_(Duty.record_type == "letter", Duty.record_id == Letter.id))
    query = query.outerjoin(LATER, is_of(Letter.id, Duty.since_on))
    late = Duty.due_on <= shifted(on.today, -declared.after)
    return query.where(Duty.code == "confirmation", Duty.met_on.is_(None), late, since <= on.today)


def _confirmed_later(declared: rules.Alert, on: Day) -> Iterable[Later]:
    return confirmations(on.today, on.holidays)


def _not_handed_in(declared: rules.Alert, on: Day) -> Select[Any]:
    """Backfills at their author's desk past the limit (ix_guarantee_state)."""
    last, cut_off = ends(declared, Letter.settled_on, on), on.policy.backfill_cut_off_on
    since = shows(declared, Letter.settled_on, on)
    query = found(Letter.id, since, **of_guarantee(Letter, amount=Letter.amount, number=Letter.application_no))
    query = query.outerjoin(FREE, FREE.c.day == last)
    ripe = Letter.settled_on.between(cut_off, shifted(on.today, -on.count(declared) - declared.after))
    return query.where(Letter.state.in_(OPEN), Letter.backfilled, ripe, since <= on.today)


def _unreported(declared: rules.Alert, on: Day) -> Select[Any]:
    """Months past their day without a report that counts (ix of the report by account and month)."""
    known, since = _months(declared, on), literal(on.today)
    if known is None:
        return found(Fund.id, since, **of_guarantee(Fund)).where(literal(1) == 0)
    month = known.c.month
    reported = exists().where(
        FundReport.account_id == Fund.id, FundReport.month == month, FundReport.state.in_(COUNTING)
    )
    facts = of_guarantee(Fund, number=month, bank_id=Fund.bank_id)
    query = found(Fund.id, known.c.since_on, **facts).join(known, month >= Fund.first_month)
    return query.where(or_(Fund.last_month.is_(None), month <= Fund.last_month), ~reported)


def _months(declared: rules.Alert, on: Day) -> Any:
    """The months whose day has passed, each with the day from which it is late: a row a month, not an account."""
    table = Fund.__table__
    first = db.session.connection().scalar(select(func.min(table.c.first_month)))
    every = months.between(first, months.last_over(on.today)) if first else ()
    days = {month: shifted(funds.due_on(month), declared.after) for month in every}
    rows = [
        select(literal(month, String(7)).label("month"), literal(day, Date).label("since_on"))
        for month, day in days.items()
        if day <= on.today
    ]
    return union_all(*rows).cte("late_month") if rows else None


def _low(declared: rules.Alert, on: Day) -> Select[Any]:
    """Accounts whose contract lacks: since the day of the balance or of the other cover by which it began to lack."""
    short = on.short
    begun_on = func.coalesce(day_of(Fund.filed_at), Fund.starts_on)
    since = shows(declared, latest(begun_on, short.c.fell_on), on)
    facts = of_guarantee(Fund, amount=short.c.gap, number=Fund.application_no, bank_id=Fund.bank_id)
    query = found(Fund.id, since, **facts).join(short, short.c.contract_id == Fund.contract_id)
    return query.where(Fund.state.in_(LIVE), Fund.covering(on.today), since <= on.today)


def _licence(declared: rules.Alert, on: Day) -> Select[Any]:
    """Guarantors on file whose licence ends soon or has ended."""
    since = shows(declared, Guarantor.licence_expires_on, on)
    facts = {"number": Guarantor.licence_no, "company": Guarantor.name, "region_code": Guarantor.region_code}
    query = found(Guarantor.id, since, **facts, guarantor_id=Guarantor.organisation_id)
    return query.where(Guarantor.state.in_(ON_FILE), Guarantor.licence_expires_on.is_not(None), since <= on.today)


def _late_proof(declared: rules.Alert, on: Day) -> Select[Any]:
    """Budget money approved after the permit, until the regulator has explained it."""
    since = shows(declared, day_of(Fiscal.filed_at), on)
    permitted_on = func.coalesce(Permit.permitted_on, Project.permitted_on)
    told = Alert.__table__.alias()
    explained = exists().where(
        told.c.code == declared.code,
        told.c.subject_type == "fiscal",
        told.c.subject_id == Fiscal.id,
        func.coalesce(told.c.explanation, "") != "",
    )
    query = found(Fiscal.id, since, **of_guarantee(Fiscal, amount=Fiscal.amount, number=Fiscal.application_no))
    query = query.join(Contract, Contract.id == Fiscal.contract_id).join(Project, Project.id == Contract.project_id)
    query = query.outerjoin(Permit, Permit.permit_no == Fiscal.permit_no)
    return query.where(Fiscal.filed_at.is_not(None), Fiscal.approved_on > permitted_on, ~explained)


def _risen(declared: rules.Alert, on: Day) -> Select[Any]:
    """Contracts whose price is above what their cover was last checked at by more than the policy allows."""
    checked = _checked().subquery()
    price, held = (type_coerce(each, BigInteger) for each in (Contract.price, checked.c.price))
    hundredths = int((on.policy.price_rise_share + 100) * 100)
    counts_on = func.coalesce(ContractTerms.confirmed_at, ContractTerms.created_at)
    since = shows(declared, day_of(counts_on), on)
    query = found(Contract.id, since, **of_contract(amount=price - held))
    query = with_parties(query.select_from(checked).join(Contract, Contract.id == checked.c.contract_id))
    counting = and_(ContractTerms.contract_id == Contract.id, ContractTerms.no == Contract.terms_no)
    return query.join(ContractTerms, counting).where(price * 10_000 > held * hundredths, since <= on.today)


def _checked() -> Select[Any]:
    """Of each contract with cover in force the highest price at which a part of it was checked."""
    rows = union_all(
        *(
            select(
                mode.contract_id.label("contract_id"), type_coerce(mode.contract_price, BigInteger).label("price")
            ).where(mode.covering(today()), mode.contract_price.is_not(None))
            for mode in modes()
        )
    ).subquery()
    return select(rows.c.contract_id, func.max(rows.c.price).label("price")).group_by(rows.c.contract_id)


CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "A1": Cause("permit", _uncovered),
        "A2": Cause("contract", _lacking),
        "A3": Cause("letter", _unconfirmed, later=_confirmed_later),
        "A4": Cause("letter", _not_handed_in),
        "A7": Cause("fund_account", _unreported),
        "A8": Cause("fund_account", _low),
        "A12": Cause("guarantor", _licence),
        "A13": Cause("fiscal", _late_proof),
        "A14": Cause("contract", _risen),
    }
)
"""What silences another stands before it."""
