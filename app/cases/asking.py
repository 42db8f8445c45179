"""What cases are about, for lists and pages: their alerts, how grave they are, what of them still stands."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import load_only

from app.core.clock import today
from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.alert import Alert
from models.case import Case
from models.cases.alerts import CaseAlert
from models.rules import cases as rules
from models.rules.alerts import RANKS
from models.rules.cases import Matter


def alerts_of(case: Case) -> list[Alert]:
    """The alerts of a case that was itself loaded through the scope, the gravest first."""
    query = select(Alert).join(CaseAlert, CaseAlert.alert_id == Alert.id).where(CaseAlert.case_id == case.id)
    query = query.order_by(Alert.rank.desc(), Alert.since_on, Alert.id)
    return list(db.session.scalars(query.execution_options(**UNSCOPED)))


def matters(cases: Sequence[Case]) -> dict[int, Matter]:
    """What each of these cases is about, by its id; in one statement."""
    query = select(CaseAlert.case_id, Alert.rank, Alert.code, Alert.amount, Alert.cleared_on)
    query = query.join(Alert, Alert.id == CaseAlert.alert_id)
    query = query.where(CaseAlert.case_id.in_([case.id for case in cases]))
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query.execution_options(**UNSCOPED)) if cases else ():
        rows[row.case_id].append(row)
    return {case.id: _matter(rows[case.id]) for case in cases}


def _matter(rows: Sequence[Any]) -> Matter:
    causes = [rules.Cause(row.code, row.amount, row.cleared_on is None) for row in rows]
    gravest = max((row.rank for row in rows), default=0)
    grade = next((grade for grade, rank in RANKS.items() if rank == gravest), None)
    return Matter(grade, rules.amount_of(causes), sum(each.stands for each in causes))


def graded(word: str) -> ColumnElement[bool]:
    """The cases whose gravest alert has that grade."""
    ranks = select(func.max(Alert.__table__.c.rank)).join(CaseAlert, CaseAlert.alert_id == Alert.__table__.c.id)
    gravest = ranks.where(CaseAlert.case_id == Case.id).correlate(Case).scalar_subquery()
    return gravest == {str(grade): rank for grade, rank in RANKS.items()}[word]


def is_late() -> ColumnElement[bool]:
    """The cases whose day has passed while somebody is waited for."""
    return Case.state.in_(rules.LIVE) & (Case.due_on < today())


def of_alerts(alerts: Collection[Alert]) -> Mapping[int, Case]:
    """The case in whose hands each of these alerts is, by the alert's id, as far as the viewer sees it."""
    keys = {alert.case_id for alert in alerts if alert.case_id is not None}
    if not keys:
        return {}
    few = load_only(Case.case_no, Case.state, Case.due_on, Case.officer_name)
    found = {case.id: case for case in db.session.scalars(select(Case).options(few).where(Case.id.in_(keys)))}
    return {alert.id: found[alert.case_id] for alert in alerts if alert.case_id in found}


def about(alert: Alert) -> list[Case]:
    """Every case that the alert has stood in, as far as the viewer sees it, the newest first."""
    query = select(Case).join(CaseAlert, CaseAlert.case_id == Case.id).where(CaseAlert.alert_id == alert.id)
    return list(db.session.scalars(query.order_by(Case.id.desc())))


def is_free() -> ColumnElement[bool]:
    """The alerts that are in no case."""
    return Alert.case_id.is_(None)


def is_worked() -> ColumnElement[bool]:
    """The alerts on whose case somebody works."""
    return exists().where(Case.id == Alert.case_id, Case.state.in_(rules.LIVE))


def is_passed_on() -> ColumnElement[bool]:
    """The alerts whose case another authority has."""
    return exists().where(Case.id == Alert.case_id, Case.state == "passed_on")
