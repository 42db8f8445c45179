"""How the demo's contractor claims what was not paid: claims in every state, on a letter of each kind."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.ops.demo_data.applications import Application
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from models.claim import Claim
from models.grammar.rows import GivenRow
from models.modes.letter import Letter
from models.plans.plan import PaymentPlan
from models.rules.claims import PAYMENT
from models.rules.plans import FINAL, INTERIM, PROGRESS, RETENTION

PLANNED_FOR_DAYS = 23
"""So long ago the plans were stated, late, when all but two of their nodes had been due."""

_AGO = ((PROGRESS, 130), (INTERIM, 110), (PROGRESS, 90), (INTERIM, 60), (PROGRESS, 40), (PROGRESS, 20))
_NODES = (*_AGO, (FINAL, 0), (RETENTION, 0))
_DUE = len(_AGO)
"""How many of the nodes are due: each story claims one of them, the last waits for its claim."""

_CLAIMANTS = ("contractor", "contractor2")
_CONFIRMED = ("confirmed", "answered", "resubmitted")
_REVIEWED = frozenset({"approve", "refuse"})
_OF_CONTRACTOR = frozenset({"supplement", "confirm", "deny"})
_CERTIFICATE = "请补充付款申请的送达记录和监理签认的支付证书"
_FLAWS = "违约声明未写明已付金额\n支付证书复印件未加盖受益人公章"
_LESS = "过程结算书载明的金额低于索赔金额，按结算金额赔付"


@dataclass
class Step:
    """One step, so many days ago; with a share it says what of the claim is to be paid."""

    days_ago: int
    name: str
    papers: tuple[str, ...] = ()
    share: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)


def _agreed(days_ago: int, *, share: str = "1") -> tuple[Step, Step]:
    remark = "" if share == "1" else _LESS
    return (
        Step(days_ago, "decide", share=share, inputs={"remark": remark}),
        Step(days_ago, "approve"),
    )


_REFUSED = (
    Step(8, "decide_refusal", inputs={"discrepancies": _FLAWS, "disposal": "keep"}),
    Step(7, "refuse"),
)
_ASKED = Step(8, "ask_for_papers", inputs={"reason": _CERTIFICATE})
_RULING = "海口市美兰区人民法院（2026）琼0108财保12号裁定，中止支付"
_PAID = Step(5, "pay", papers=("voucher",))
_DENIED = Step(3, "deny", inputs={"reason": "截至今日收款账户未收到该笔款项，请核对付款回单"})
_STAY = Step(6, "stay", papers=("court",), inputs={"reason": _RULING})
STORIES: dict[str, tuple[tuple[Step, ...], ...]] = {
    "bank": ((), _REFUSED, _agreed(9), (*_agreed(9), _PAID, Step(3, "confirm")), (_STAY,)),
    "guarantee_company": ((_ASKED,), (*_agreed(8, share="0.6"), _PAID), (*_agreed(7),), (), _REFUSED),
    "insurer": (
        (Step(7, "decide", share="1", inputs={"remark": ""}),),
        (*_agreed(9, share="0.5"), _PAID, Step(3, "confirm")),
        (_ASKED, Step(5, "supplement", papers=("more",))),
        (*_agreed(9), _PAID, _DENIED),
        (_STAY,),
    ),
}
"""What becomes of the claims on a letter, by the type of who gave it: one claim a node that is due."""


@dataclass
class Course:
    """One letter that is claimed on, its plan, and its claims by the number of their node."""

    stage: Stage
    application: Application
    desk: tuple[str, str]
    claims: dict[int, int] = field(default_factory=dict)


def plan(
    agenda: Agenda,
    stage: Stage,
    asked: list[Application],
    *,
    types: dict[str, str],
    planned: Collection[str],
    today: date,
) -> None:
    """Put the plans of three letters and the claims on them on the agenda; those `planned` have theirs."""
    for number, (kind, stories) in enumerate(STORIES.items()):
        guarantors = [key for key, type_ in types.items() if type_ == kind]
        application = _claimable(asked, guarantors, planned, today)
        desk = (application.guarantor, f"{application.guarantor}-issuer")
        course = Course(stage, application, desk)
        agenda.add(at(today - timedelta(days=PLANNED_FOR_DAYS), 9, number), partial(_state, course, today))
        for node, steps in enumerate(stories):
            given = at(today - timedelta(days=12), 10, 10 * number + node)
            agenda.add(given, partial(_claim, course, node))
            for place, step in enumerate(steps):
                moment = at(today - timedelta(days=step.days_ago), 14, 10 * number + node, place)
                agenda.add(moment, partial(_take, course, node, step))


def _claimable(asked: list[Application], guarantors: list[str], planned: Collection[str], today: date) -> Application:
    """The first letter of these guarantors for a contractor of the demo that is long in force and has no plan yet."""
    return next(
        each
        for each in asked
        if each.guarantor in guarantors
        and each.work.contractor in _CLAIMANTS
        and each.work.employer == "employer"
        and each.path in _CONFIRMED
        and each.work.signed_on < today - timedelta(days=140)
        and each.ends_on > today + timedelta(days=20)
        and each.work.contract_no not in planned
    )


def _state(course: Course, today: date) -> None:
    """The employer states the plan, the contractor agrees to it."""
    work = course.application.work
    share = (course.application.amount / work.price * 100 / (_DUE + 1)).quantize(Decimal("0.01"))
    shares = [*[share] * _DUE, 97 - share * _DUE, Decimal(3)]
    days = {FINAL: work.finish_on + timedelta(days=60), RETENTION: work.finish_on + timedelta(days=730)}
    rows = [
        GivenRow(
            {
                "kind": kind,
                "planned_on": days.get(kind) or today - timedelta(days=ago),
                "share": shares[number],
                "condition": "监理签认工程量",
            }
        )
        for number, (kind, ago) in enumerate(_NODES)
    ]
    with course.stage.acting(work.employer):
        made = save(PaymentPlan, {"contract_id": work.contract_id, "nodes": rows}, then="submit")
    with course.stage.acting(work.contractor):
        perform(PaymentPlan, made.id, "agree")


def _claim(course: Course, number: int) -> None:
    """The contractor claims what is unpaid of one node."""
    with course.stage.acting(course.application.work.contractor):
        letter = db.session.get_one(Letter, course.application.letter_id)
        node = _node_of(letter, number)
        values = {
            "letter_id": letter.id,
            "claimant_name": "周国栋",
            "claimant_phone": "13907550217",
            "notice_address": "海口市美兰区国兴大道 86 号",
            "demand": PAYMENT,
            "is_labour": False,
            "payee_name": letter.contractor_name,
            "payee_bank": "中国建设银行海口国兴大道支行",
            "payee_account": "46050100223600000617",
            "nodes": [GivenRow({"origin": node.origin, "claimed": node.amount})],
            "cause": f"建设单位未按合同约定支付{node.due_on}到期的工程款，经书面催告仍未支付",
        }
        course.claims[number] = save(Claim, values, papers=("proof",), then="submit").id


def _node_of(letter: Letter, number: int) -> Any:
    """The node of that number in the plan that is carried out."""
    query = select(PaymentPlan).where(PaymentPlan.contract_id == letter.contract_id, PaymentPlan.runs)
    return db.session.scalars(query).unique().one().nodes[number]


def _take(course: Course, number: int, step: Step) -> None:
    """One step by whose it is: the contractor, 经办 or 复核 of the guarantor."""
    desk = course.desk[step.name in _REVIEWED]
    with course.stage.acting(course.application.work.contractor if step.name in _OF_CONTRACTOR else desk):
        inputs = dict(step.inputs)
        if step.name == "stay":
            inputs["stayed_on"] = clock.today()
        if step.share:
            amount = db.session.get_one(Claim, course.claims[number]).amount or Decimal(0)
            inputs["payout"] = (amount * Decimal(step.share)).quantize(Decimal("0.01"))
        perform(Claim, course.claims[number], step.name, papers=step.papers, **inputs)
