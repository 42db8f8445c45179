"""How the demo's contracts are paid: plans in every state, and what was paid and received on those that run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.database import db
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from app.ops.demo_data.work import Work
from app.plans import versions
from models.grammar.rows import GivenRow
from models.plans.payment import Payment
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from models.rules import plans as rules
from models.rules.plans import ADVANCE, FINAL, INTERIM, LABOUR, PROGRESS, RETENTION

STORIES = {
    0: "paid",
    1: "late",
    2: "differs",
    3: "wages",
    6: "waits",
    7: "returned",
    8: "draft",
    11: "changed",
    13: "postponed",
    15: "silent",
}
"""What becomes of the plan of the work with that number among those with a guarantee."""

_OBJECTION = "第二期进度款的支付条件与合同专用条款不一致，请修改为监理签认后支付"
_SCHEDULE = (
    (ADVANCE, 10, "合同签订且具备开工条件"),
    (PROGRESS, 20, "基础工程完成，监理签认工程量"),
    (INTERIM, 25, "主体结构验收合格，过程结算书签认"),
    (PROGRESS, 15, "装饰装修完成，监理签认工程量"),
)
_FINAL = ((FINAL, 27, 60, "竣工验收合格，竣工结算书签认"), (RETENTION, 3, 730, "缺陷责任期满，无质量遗留问题"))


@dataclass
class Course:
    """One plan on its way: the work, what becomes of it, the nodes with their days and amounts in 元."""

    stage: Stage
    work: Work
    story: str
    nodes: list[dict[str, Any]] = field(default_factory=list)
    plan_id: int = 0


def plan(agenda: Agenda, stage: Stage, works: list[Work], *, today: date) -> None:
    """Put the plans of these works, and what is paid on them, on the agenda."""
    for number, story in STORIES.items():
        work = works[number]
        course = Course(stage, work, story, list(_nodes(work, story)))
        begun = min(work.permitted_on + timedelta(days=4), today - timedelta(days=2))
        begun = today - timedelta(days=3) if story in ("waits", "returned") else begun
        agenda.add(at(begun, 10, 30 + number), _stating(course))
        if story == "returned":
            agenda.add(at(begun + timedelta(days=1), 15, number), _answering(course, "send_back", reason=_OBJECTION))
        if story in ("waits", "returned", "draft"):
            continue
        if story != "silent":
            agenda.add(at(begun + timedelta(days=2), 15, number), _answering(course, "agree"))
        _move(agenda, course, today=today)
        if story in ("changed", "postponed"):
            later = _changing(course) if story == "changed" else _postponing(course, today)
            agenda.add(at(today - timedelta(days=1), 11, number), later)


def planned(works: list[Work]) -> frozenset[str]:
    """The numbers of the contracts among these that have a plan."""
    return frozenset(works[number].contract_no for number in STORIES)


def _nodes(work: Work, story: str) -> Iterator[dict[str, Any]]:
    """The nodes by their days, as they are typed: days and shares, the amounts follow."""
    if story == "wages":
        for each in rules.suggested(work.start_on, work.finish_on, signed_on=work.signed_on):
            yield _node(each.kind, each.planned_on, each.share, str(each.condition))
        return
    third = (work.finish_on - work.start_on) / len(_SCHEDULE)
    for number, (kind, share, condition) in enumerate(_SCHEDULE):
        yield _node(kind, work.start_on + number * third, Decimal(share), condition)
    for kind, share, days, condition in _FINAL:
        yield _node(kind, work.finish_on + timedelta(days=days), Decimal(share), condition)


def _node(kind: str, day: date, share: Decimal, condition: str) -> dict[str, Any]:
    return {"kind": kind, "planned_on": day, "share": share, "condition": condition}


def _stating(course: Course) -> Callable[[], None]:
    def state() -> None:
        with course.stage.acting(course.work.employer):
            given = [GivenRow(each) for each in course.nodes]
            values = {"contract_id": course.work.contract_id, "nodes": given}
            made = save(PaymentPlan, values, then="" if course.story == "draft" else "submit")
            course.plan_id = made.id

    return state


def _answering(course: Course, step: str, **inputs: Any) -> Callable[[], None]:
    def answer() -> None:
        with course.stage.acting(course.work.contractor):
            perform(PaymentPlan, course.plan_id, step, **inputs)

    return answer


def _move(agenda: Agenda, course: Course, *, today: date) -> None:
    """Pay and receive what is due by now, each node some days after its day."""
    due = [number for number, each in enumerate(course.nodes) if each["planned_on"] + timedelta(days=9) < today]
    behind = {"late": 2, "differs": 1}.get(course.story, 0)
    for number in due[: len(due) - behind]:
        paid_on = course.nodes[number]["planned_on"] + timedelta(days=4)
        agenda.add(at(paid_on, 11, number % 60), _paying(course, number))
        agenda.add(at(paid_on + timedelta(days=3), 16, number % 60), _receiving(course, number))
    if course.story == "differs" and due:
        paid_on = course.nodes[due[-1]]["planned_on"] + timedelta(days=5)
        agenda.add(at(paid_on, 11, 59), _paying(course, due[-1], share=Decimal("0.8")))
        agenda.add(at(paid_on + timedelta(days=3), 16, 59), _receiving(course, due[-1], share=Decimal("0.75")))


def _entry(course: Course, number: int, share: Decimal) -> dict[str, Any]:
    plan_ = db.session.get_one(PaymentPlan, course.plan_id)
    node = plan_.nodes[number]
    amount = ((node.amount or Decimal(0)) * share).quantize(Decimal("0.01"))
    return {
        "contract_id": course.work.contract_id,
        "origin": node.origin,
        "amount": amount,
        "to_wage_account": node.kind == LABOUR,
    }


def _paying(course: Course, number: int, *, share: Decimal = Decimal(1)) -> Callable[[], None]:
    def pay() -> None:
        with course.stage.acting(course.work.employer):
            day = course.nodes[number]["planned_on"] + timedelta(days=3)
            values = {**_entry(course, number, share), "moved_on": day}
            save(Payment, values, papers=("voucher",), then="enter")

    return pay


def _receiving(course: Course, number: int, *, share: Decimal = Decimal(1)) -> Callable[[], None]:
    def receive() -> None:
        with course.stage.acting(course.work.contractor):
            day = course.nodes[number]["planned_on"] + timedelta(days=4)
            word = "settlement" if course.nodes[number]["kind"] in (INTERIM, FINAL) else "progress"
            values = {**_entry(course, number, share), "moved_on": day, "word": word}
            save(Receipt, values, papers=("voucher",), then="enter")

    return receive


def _changing(course: Course) -> Callable[[], None]:
    """A second version, which waits for the contractor."""

    def change() -> None:
        with course.stage.acting(course.work.employer):
            made = versions.begin_next(course.plan_id)
            last, last_on = made.nodes[-1], (made.nodes[-1].planned_on or date.max) + timedelta(days=30)
            given = [GivenRow({"planned_on": last_on} if each is last else {}, id=each.id) for each in made.nodes]
            cause = "工期顺延，质保金返还日期相应顺延"
            save(PaymentPlan, {"nodes": given, "cause": cause}, key=made.id, then="submit")

    return change


def _postponing(course: Course, today: date) -> Callable[[], None]:
    """One node to another day, which the contractor has still to agree to."""

    def postpone() -> None:
        with course.stage.acting(course.work.employer):
            running = db.session.scalars(select(PaymentPlan).where(PaymentPlan.id == course.plan_id)).unique().one()
            ahead = [each for each in running.nodes if each.due_on and each.due_on > today]
            node = next((each for each in ahead if each.kind != RETENTION), ahead[0])
            values = {
                "contract_id": course.work.contract_id,
                "origin": node.origin,
                "to_on": (node.due_on or today) + timedelta(days=30),
                "cause": "台风影响停工，监理已签认工期顺延",
            }
            save(Postponement, values, papers=("paper",))

    return postpone
