"""后台任务: what the workers do, did and gave up, for the platform's administrators."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import select

from app.core.clock import now
from app.core.database import db
from app.core.words import _, localized
from app.engine import jobs
from app.ledger.scope import UNSCOPED
from app.web.listing import Search
from app.web.pages import Cell, Fact, Notice, Section
from models.account import Account
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.viewer import ADMIN, SYSTEM
from models.grammar.workflow import roles
from models.job import Job
from views.frame.base import RecordView
from views.frame.screen import Extra

KEEPERS = roles(ADMIN)
TRIES, PROGRESS, TOOK, ASKER, REASON = "tries", "progress", "took", "asker", "reason"


class JobView(RecordView):
    """One job a row, the newest first."""

    model = Job
    route_base = "/jobs"
    menu_label = "后台任务"
    menu_category = "系统设置"
    menu_icon = "fa-list-check"
    list_title = "后台任务"
    opens: ClassVar = {"list": KEEPERS, "show": KEEPERS, "export": KEEPERS, "do": KEEPERS}
    menu_roles = KEEPERS
    exclude_route_methods: ClassVar = {"add", "urge", "edit", "delete", "pick", "explanation", "file"}
    list_columns = ("kind", "state", TRIES, PROGRESS, "scheduled_at", "taken_at", TOOK, ASKER, REASON)
    column_labels: ClassVar[Mapping[str, str]] = {
        TRIES: "执行次数",
        PROGRESS: "进度",
        TOOK: "用时",
        ASKER: "申请人",
        REASON: "原因",
    }
    column_looks: ClassVar = dict.fromkeys((TRIES, PROGRESS, TOOK), Look.CODE)
    sortable = ("scheduled_at", "taken_at")
    main_column = "kind"
    show_parts: ClassVar = (
        ("任务信息", ("kind", ASKER, "scheduled_at", TRIES)),
        ("执行情况", ("taken_at", "heartbeat_at", "finished_at", TOOK, PROGRESS, "worker")),
    )

    def boxes(self) -> Sequence[str | Search]:
        """By kind, and by when it was or is to be done."""
        kinds = tuple((kind.name, kind.label) for kind in jobs.KINDS.values())
        return (Search("kind", "任务", lambda name: Job.kind == name, kinds), "scheduled_at", "taken_at")

    def enrich(self, records: Sequence[Job]) -> None:
        """Who asked for the page's jobs, in one statement."""
        asked = {each.created_by_id for each in records if each.created_by_id}
        query = select(Account.user_id, Account.name).where(Account.user_id.in_(asked))
        found = db.session.execute(query.execution_options(**UNSCOPED)) if asked else ()
        names = {user_id: name for user_id, name in found}
        for each in records:
            each.asker = names.get(each.created_by_id or 0, "")

    def cell(self, record: Record, name: str) -> Cell:
        """What is computed from the row, each in words."""
        assert isinstance(record, Job)
        if name == ASKER:
            return Cell(record.asker or _(SYSTEM.name))
        shown: Mapping[str, Any] = {
            "kind": lambda: _(jobs.label_of(record.kind)),
            TRIES: lambda: f"{record.attempt} / {record.most_attempts}",
            PROGRESS: lambda: progress_of(record),
            TOOK: lambda: _took(record),
            REASON: lambda: localized(record.problem) if record.problem else "",
        }
        return Cell(shown[name]()) if name in shown else super().cell(record, name)

    def found(self, pk: int) -> Record:
        """The job, with who asked for it."""
        record = super().found(pk)
        assert isinstance(record, Job)
        self.enrich([record])
        return record

    def show_extra(self, record: Record) -> Extra:
        """What went wrong, and what it was asked for with and came to."""
        assert isinstance(record, Job)
        facts = [Fact(_(label), Cell(_written(held)), wide=True) for label, held in _held(record).items() if held]
        reason = (Notice(localized(record.problem), "danger"),) if record.problem else ()
        return Extra(sections=(Section(_("参数与结果"), "held", tuple(facts)),) if facts else (), notices=reason)


def progress_of(job: Job) -> str:
    """How much of it is done, as far as it tells."""
    return f"{job.done:,} / {job.total:,}" if job.total else ""


def _held(job: Job) -> Mapping[str, Mapping[str, Any]]:
    return {"参数": job.arguments, "结果": job.result}


def _written(held: Mapping[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False)


def _took(job: Job) -> str:
    """How long its last attempt took, or takes by now."""
    if job.taken_at is None:
        return ""
    end = job.finished_at if job.is_over else now() if job.state == "executing" else None
    return _spell(end - job.taken_at) if end is not None and end >= job.taken_at else ""


def _spell(lasted: timedelta) -> str:
    minutes, seconds = divmod(round(lasted.total_seconds()), 60)
    return _("%(minutes)s 分 %(seconds)s 秒", minutes=minutes, seconds=seconds) if minutes else _("%(n)s 秒", n=seconds)
