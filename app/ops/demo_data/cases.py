"""How the demo's alerts are worked: a case in every state, each step at its own time by the people whose it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.cases import circulars, giving
from app.core import clock
from app.core.database import db, writing
from app.core.viewer import as_system
from app.ops.demo_data.stage import Stage, at, perform
from models.account import Account
from models.alert import Alert
from models.case import Case
from models.circular import CircularNotice
from models.permit import Permit

OFFICE, PROVINCE = "regulator-haikou", "regulator"
TOLD = 60
"""Permits among which the circular looks for those without cover."""

KNOWN_FOR_DAYS = 24
"""So long ago the alerts were swept for the first time."""

_INQUIRY = "现场核查：预警事实属实，双方对应付金额无争议"
_DEMANDS = "于改正期限前办理足额担保并付清到期工程款，或提交经施工单位同意的节点延期"
_REPLY = "已安排资金，首笔款项已付出，其余按计划支付，付款凭证见附件"
_TOLERATED = "已签订分期支付协议，施工单位书面同意"


@dataclass
class Step:
    """One step, so many days ago, by the office or by the company."""

    days_ago: int
    name: str
    by: str = OFFICE
    inputs: dict[str, Any] = field(default_factory=dict)


def _order(days_ago: int, *, until: int) -> Step:
    """An order whose last day lies so many days ahead, or behind."""
    return Step(days_ago, "order", inputs={"demands": _DEMANDS, "reply_by": until})


_SIGN = (Step(19, "sign"), Step(15, "establish", inputs={"inquiry": _INQUIRY}))
_ANSWER = Step(4, "reply", by="company", inputs={"reason": _REPLY})
STORIES: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (1, ()),
    (9, ()),
    (20, (_SIGN[0],)),
    (20, _SIGN),
    (20, (*_SIGN, _order(12, until=7))),
    (20, (*_SIGN, _order(12, until=-5))),
    (20, (*_SIGN, _order(12, until=7), _ANSWER)),
    (
        20,
        (
            *_SIGN,
            _order(12, until=7),
            _ANSWER,
            Step(2, "close", inputs={"inquiry": _INQUIRY, "tolerated_until": 30, "reason": _TOLERATED}),
        ),
    ),
    (
        20,
        (
            *_SIGN,
            _order(14, until=-6),
            Step(3, "pass_on", inputs={"passed_to": "海口市人力资源和社会保障局", "reason": "逾期未改正"}),
        ),
    ),
)
"""What becomes of a case: how many days ago it was given out, and its steps; days in them are counted from today."""


def play(stage: Stage, *, today: date) -> None:
    """Give out some of the alerts that stand, and follow each case as far as it has come."""
    _tell(stage, today=today)
    alerts = _free_alerts(stage)
    for (days_ago, steps), (alert_id, company) in zip(STORIES, alerts, strict=False):
        _walk(stage, alert_id, company, days_ago, steps, today=today)


def _tell(stage: Stage, *, today: date) -> None:
    """One circular about projects that have lacked cover for long: one is answered, the others are late."""
    moment = at(today - timedelta(days=22), 15)
    with writing(), clock.frozen_time(moment), stage.acting(OFFICE):
        query = select(Permit.id).where(Permit.permitted_on < moment.date() - timedelta(days=60)).order_by(Permit.id)
        circulars.send(list(db.session.scalars(query.limit(TOLD))))
        told = db.session.execute(select(CircularNotice.id, CircularNotice.employer_id)).all()
    names = {key: name for name, key in stage.organisations.items() if name in stage.users}
    answered = next(((each.id, names[each.employer_id]) for each in told if each.employer_id in names), None)
    if answered is not None:
        with writing(), clock.frozen_time(at(today - timedelta(days=12), 16)), stage.acting(answered[1]):
            perform(CircularNotice, answered[0], "answer", papers=("answer",), reason="担保正在办理，受理回执见附件")


def _free_alerts(stage: Stage) -> Iterator[tuple[int, str]]:
    """The alerts of the city that its office can order to be mended, and the account that answers; one a company."""
    names = {key: name for name, key in stage.organisations.items() if name in stage.users}
    query = select(Alert.id, Alert.employer_id).where(Alert.region_code.like("4601%"), Alert.cleared_on.is_(None))
    query = query.where(Alert.employer_id.in_(names), Alert.code.in_(("A2", "A5", "A6", "A15", "A8", "A1")))
    with as_system():
        found = db.session.execute(query.order_by(Alert.rank.desc(), Alert.since_on, Alert.id)).all()
    return ((row.id, names[row.employer_id]) for row in found)


def _walk(stage: Stage, alert_id: int, company: str, days_ago: int, steps: tuple[Step, ...], *, today: date) -> None:
    with as_system():
        officer = db.session.scalars(select(Account.id).where(Account.username == OFFICE)).one()
    given_by = PROVINCE if days_ago == 1 else OFFICE
    with writing(), clock.frozen_time(at(today - timedelta(days=days_ago), 9, 12)), stage.acting(given_by):
        case = giving.give_out([alert_id], {"officer_id": officer, "remark": "请按期核查"}).id
    for step in steps:
        inputs = {name: _day(value, today) for name, value in step.inputs.items()}
        papers = ("reply",) if step.name == "reply" else ()
        moment = at(today - timedelta(days=step.days_ago), 10, 30)
        who = company if step.by == "company" else OFFICE
        with writing(), clock.frozen_time(moment), stage.acting(who):
            perform(Case, case, step.name, papers=papers, **inputs)


def _day(value: Any, today: date) -> Any:
    return today + timedelta(days=value) if isinstance(value, int) else value
