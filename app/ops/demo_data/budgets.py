"""The demo's budget money: records filed, changed, under way and late, for works that no letter covers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.cover import successors
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from app.ops.demo_data.work import Work
from models.modes.fiscal import Fiscal

_PATHS: Mapping[str, tuple[str, ...]] = {
    "filed": ("submit", "file"),
    "changed": ("submit", "file", "change", "submit", "file"),
    "changing": ("submit", "file", "change", "submit"),
    "ended": ("submit", "file", "end"),
    "refused": ("submit", "refuse"),
    "submitted": ("submit",),
    "returned": ("submit", "return"),
    "draft": (),
}
_REASONS = {
    "return": "批复文件缺少年度投资计划页，请补充后重新提交",
    "end": "财政投资计划已调整，本工程改由建设单位自筹资金",
    "refuse": "批复文件与本工程不符，不属于财政投资项目",
}
_STEP_DAYS = {"submit": 0, "file": 3, "refuse": 3, "return": 1, "change": 12, "end": 20}
_STEP_HOURS = {"submit": 15, "file": 10, "refuse": 11, "return": 16, "change": 9, "end": 10}

# employer, path, share in percent, share after the change, days between approval and permit (below 0: before it)
_TABLE = """
employer filed 100 - -20
employer filed 60 - -9
employer filed 80 - 6
employer filed 7.5 - -15
employer changed 50 72.5 -12
employer changing 100 64 -25
employer refused 30 - -8
employer submitted 45 - -14
employer returned 88.88 - -11
employer draft 90 - -10
employer2 filed 100 - -18
employer2 submitted 35 - 4
employer2 ended 55 - -16
"""
_RECENT = ("submitted", "returned", "draft")
_LONGEST_DAYS = 40


@dataclass
class Budget:
    """One record and what becomes of it; shares in percent, `key` is the id of the newest submission."""

    work: Work
    path: str
    share: Decimal
    share_after: Decimal
    approved_on: date
    saved_at: datetime
    key: int = field(default=0)


def plan(agenda: Agenda, stage: Stage, works: list[Work], *, today: date) -> None:
    """Put the records of some of these works on the agenda; whose works they are says who enters them."""
    for budget in _budgets(works, today):
        agenda.add(budget.saved_at, _saving(stage, budget))
        day = budget.saved_at.date()
        for step in _PATHS[budget.path]:
            day += timedelta(days=_STEP_DAYS[step])
            agenda.add(at(day, _STEP_HOURS[step], 20), _stepping(stage, budget, step))


def _budgets(works: list[Work], today: date) -> list[Budget]:
    ready = [work for work in works if work.permitted_on + timedelta(days=_LONGEST_DAYS) < today]
    found = []
    for number, line in enumerate(_TABLE.strip().splitlines()):
        employer, path, share, share_after, offset = line.split()
        work = next(each for each in ready if each.employer == employer)
        ready.remove(work)
        saved_on = today - timedelta(days=4) if path in _RECENT else work.permitted_on + timedelta(days=8)
        found.append(
            Budget(
                work,
                path,
                Decimal(share),
                Decimal(share_after if share_after != "-" else share),
                work.permitted_on + timedelta(days=int(offset)),
                at(saved_on, 14, number),
            )
        )
    return found


def _saving(stage: Stage, budget: Budget) -> Callable[[], None]:
    def act() -> None:
        work = budget.work
        contact, phone, manager, manager_phone = work.people
        with stage.acting(work.employer):
            budget.key = save(
                Fiscal,
                {
                    "contract_id": work.contract_id,
                    "permit_no": work.permit_no,
                    "address": work.address,
                    "start_on": work.start_on,
                    "finish_on": work.finish_on,
                    "employer_contact": contact,
                    "employer_phone": phone,
                    "contractor_contact": manager,
                    "contractor_phone": manager_phone,
                    "share": budget.share,
                    "approver_id": stage.organisations[_office(work)],
                    "approved_on": budget.approved_on,
                },
                papers=("proof",),
            ).id

    return act


def _stepping(stage: Stage, budget: Budget, step: str) -> Callable[[], None]:
    def act() -> None:
        own = step in ("submit", "change")
        with stage.acting(budget.work.employer if own else _office(budget.work)):
            if step == "change":
                _change(stage, budget)
            else:
                perform(Fiscal, budget.key, step, **_inputs(stage, budget, step))

    return act


def _change(stage: Stage, budget: Budget) -> None:
    names = [name for _title, part in Fiscal.screen.form_parts for name in part]
    who = stage.viewer(budget.work.employer)
    budget.key = successors.draft_after(Fiscal, budget.key, names, who=who, share=budget.share_after).id
    save(Fiscal, {}, key=budget.key, papers=("proof",))


def _inputs(stage: Stage, budget: Budget, step: str) -> dict[str, Any]:
    if step in _REASONS:
        return {"reason": _REASONS[step]}
    if step != "file":
        return {}
    return {"approver_id": stage.organisations[_office(budget.work)], "approved_on": budget.approved_on}


def _office(work: Work) -> str:
    return "regulator-haikou" if work.region_code.startswith("4601") else "regulator"
