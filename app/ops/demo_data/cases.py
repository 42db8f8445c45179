"""How the demo's alerts are worked: a case in every state, each step at its own time by the people whose it is."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from app.alerts import sweep
from app.cases import circulars, giving
from app.core import clock
from app.core.database import db
from app.core.viewer import as_system
from app.ops.demo_data.stage import Agenda, Stage, at, perform
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


def plan(agenda: Agenda, stage: Stage, *, today: date) -> None:
    """The first sweep, a circular, and alerts that are given out: each case as far as it has come."""
    agenda.add(at(today - timedelta(days=KNOWN_FOR_DAYS), 1), _sweep)
    agenda.add(at(today - timedelta(days=22), 15), partial(_tell, stage))
    agenda.add(at(today - timedelta(days=12), 16), partial(_answer, stage))
    for days_ago, steps in STORIES:
        given = _Given()
        agenda.add(at(today - timedelta(days=days_ago), 9, 12), partial(_give_out, stage, given, days_ago))
        for step in steps:
            moment = at(today - timedelta(days=step.days_ago), 10, 30)
            agenda.add(moment, partial(_take, stage, given, step, today))


@dataclass
class _Given:
    """A case that was given out, and the account of the company that answers."""

    case: int = 0
    company: str = ""


def _sweep() -> None:
    with as_system():
        sweep.sweep()


def _tell(stage: Stage) -> None:
    """One circular about projects that have lacked cover for long: one is answered, the others are late."""
    with stage.acting(OFFICE):
        long_ago = clock.today() - timedelta(days=60)
        query = select(Permit.id).where(Permit.permitted_on < long_ago).order_by(Permit.id)
        circulars.send(list(db.session.scalars(query.limit(TOLD))))


def _answer(stage: Stage) -> None:
    names = _companies(stage)
    with as_system():
        told = db.session.execute(select(CircularNotice.id, CircularNotice.employer_id)).all()
    answered = next(((each.id, names[each.employer_id]) for each in told if each.employer_id in names), None)
    if answered is not None:
        with stage.acting(answered[1]):
            perform(CircularNotice, answered[0], "answer", papers=("answer",), reason="担保正在办理，受理回执见附件")


def _companies(stage: Stage) -> dict[int, str]:
    """The organisations that have an account called as they are."""
    return {key: name for name, key in stage.organisations.items() if name in stage.users}


def _give_out(stage: Stage, given: _Given, days_ago: int) -> None:
    """The gravest alert of the city that its office can order to be mended and that nobody has."""
    names = _companies(stage)
    query = select(Alert.id, Alert.employer_id).where(Alert.region_code.like("4601%"), Alert.cleared_on.is_(None))
    query = query.where(Alert.case_id.is_(None), Alert.tolerated_until.is_(None), Alert.employer_id.in_(names))
    query = query.where(Alert.code.in_(("A2", "A5", "A6", "A15", "A8", "A1")))
    with as_system():
        found = db.session.execute(query.order_by(Alert.rank.desc(), Alert.since_on, Alert.id).limit(1)).one()
        officer = db.session.scalars(select(Account.id).where(Account.username == OFFICE)).one()
    with stage.acting(PROVINCE if days_ago == 1 else OFFICE):
        given.case = giving.give_out([found.id], {"officer_id": officer, "remark": "请按期核查"}).id
    given.company = names[found.employer_id]


def _take(stage: Stage, given: _Given, step: Step, today: date) -> None:
    inputs = {name: _day(value, today) for name, value in step.inputs.items()}
    papers = ("reply",) if step.name == "reply" else ()
    with stage.acting(given.company if step.by == "company" else OFFICE):
        perform(Case, given.case, step.name, papers=papers, **inputs)


def _day(value: Any, today: date) -> Any:
    return today + timedelta(days=value) if isinstance(value, int) else value
