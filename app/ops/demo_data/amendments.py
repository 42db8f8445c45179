"""How the demo's letters are changed: a 担保调整 in every state, and sites that stand still (手册 2.2.3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from app.ops.demo_data.applications import Application
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from models.amendment import Amendment
from models.rules import amendments as rules
from models.stoppage import Stoppage

MADE = ("prepare", "issue")
PAUSED = ("consent", "prepare_pause", "issue")


@dataclass(frozen=True)
class Story:
    """One change: what of which cause, the day of it, what is stated, and what is done with it, days ago.

    `ends_in` and `raised` are counted from what the letter says, in days and in 元.
    """

    kind: str
    cause: str
    event_ago: int
    submit_ago: int
    steps: tuple[str, ...]
    statement: str
    ends_in: int = 0
    raised: int = 0
    starts_ago: int = 0
    until: int = 0
    wording: str = ""


STORIES: dict[int, Story] = {
    7: Story(
        rules.RAISE, rules.OTHER, 3, 2, (), "建设单位与施工单位约定按合同价款的更高比例提供担保", raised=2_000_000
    ),
    10: Story(
        rules.EXTEND, rules.DELAY, 6, 4, ("prepare",), "设计变更增加工程量，竣工日期顺延，补充协议见附件", ends_in=180
    ),
    15: Story(rules.END, rules.SETTLED, 5, 3, (), "工程款已结清，请施工单位出具工程款结清证明"),
    21: Story(
        rules.PAUSE,
        rules.STOPPAGE,
        40,
        36,
        PAUSED,
        "地下管线迁改，监理下达停工令",
        starts_ago=34,
        until=60,
    ),
    25: Story(rules.EXTEND, rules.DELAY, 50, 45, MADE, "连续降雨影响土方施工，工期顺延签证见附件", ends_in=120),
    17: Story(rules.EXTEND, rules.DELAY, 12, 9, ("return",), "工期顺延，竣工日期相应延后", ends_in=90),
    31: Story(
        rules.REWORD,
        rules.OTHER,
        4,
        3,
        ("object",),
        "更正受益人收款账户的文字",
        wording="原文“账户以受益人索赔通知书为准”，改为“账户以合同专用条款约定的账户为准”",
    ),
}
"""The changes of the demo's letters by the number of the application."""

UNDER_WAY = frozenset(number for number, story in STORIES.items() if "issue" not in story.steps)
"""Whose letters are not claimed on: a letter is changed or claimed on, one after the other."""

STOPPAGES = {21: (40, "地下管线迁改，监理下达停工令"), 12: (6, "台风影响，现场停工")}
"""Sites that stand still: since how many days, and why. Of the second nobody has asked for a change yet."""

_REASONS = {
    "return": "依据文件缺少监理签认，请补充工期顺延签证",
    "object": "收款账户应以施工单位书面通知为准，不同意变更",
}
_HOURS = {"consent": 11, "object": 11, "prepare": 15, "prepare_pause": 15, "return": 15, "issue": 16}


@dataclass
class _Course:
    """A story on its way."""

    stage: Stage
    application: Application
    story: Story
    today: date
    amendment_id: int = field(default=0)


def plan(agenda: Agenda, stage: Stage, applications: list[Application], *, today: date) -> None:
    """Put the stoppages, and the changes with their steps, on the agenda."""
    for number, (ago, cause) in STOPPAGES.items():
        day = today - timedelta(days=ago)
        agenda.add(at(day, 9, number), _stopping(stage, applications[number], day, cause))
    for number, story in STORIES.items():
        course = _Course(stage, applications[number], story, today)
        handed_in = today - timedelta(days=story.submit_ago)
        agenda.add(at(handed_in, 10, number), _asking(course))
        for later, step in enumerate(story.steps):
            agenda.add(_moment(handed_in + timedelta(days=later // 2), step, number), _stepping(course, step))


def _moment(day: date, step: str, number: int) -> datetime:
    return at(day, _HOURS[step], number)


def _stopping(stage: Stage, application: Application, day: date, cause: str) -> Callable[[], None]:
    def stop() -> None:
        with stage.acting(application.work.employer):
            values = {"contract_id": application.work.contract_id, "from_on": day, "cause": cause}
            save(Stoppage, values, papers=("paper",), then="enter")

    return stop


def _asking(course: _Course) -> Callable[[], None]:
    def ask() -> None:
        with course.stage.acting(course.application.work.employer):
            course.amendment_id = save(Amendment, _stated(course), papers=("basis",), then="submit").id

    return ask


def _stated(course: _Course) -> dict[str, Any]:
    story, application = course.story, course.application
    stated = {
        rules.AMOUNT: application.amount + story.raised,
        rules.ENDS_ON: application.ends_on + timedelta(days=story.ends_in),
        rules.EFFECTIVE_ON: course.today - timedelta(days=story.starts_ago),
        rules.UNTIL_ON: course.today + timedelta(days=story.until),
        rules.WORDING: story.wording,
    }
    return {
        "letter_id": application.letter_id,
        "kind": story.kind,
        "cause": story.cause,
        "event_on": course.today - timedelta(days=story.event_ago),
        "statement": story.statement,
        **{name: stated[name] for name in rules.STATED[story.kind]},
    }


def _stepping(course: _Course, step: str) -> Callable[[], None]:
    work, guarantor = course.application.work, course.application.guarantor
    by = {"consent": work.contractor, "object": work.contractor, "issue": f"{guarantor}-issuer"}.get(step, guarantor)

    def act() -> None:
        with course.stage.acting(by):
            perform(Amendment, course.amendment_id, step, **_inputs(course, step))

    return act


def _inputs(course: _Course, step: str) -> dict[str, Any]:
    if step in _REASONS:
        return {"reason": _REASONS[step]}
    if not step.startswith("prepare"):
        return {}
    inputs = {"fee": Decimal(600), "signatory_id": course.stage.signatories[course.application.guarantor]}
    return {**inputs, "moves_end": True} if step == "prepare_pause" else inputs
