"""后台任务: work that is asked for now and done later, by a worker beside the web server."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.grammar.base import Record
from models.grammar.columns import Instant, field
from models.grammar.viewer import ADMIN, PUBLIC, Viewer
from models.grammar.workflow import Inputs, Moment, State, Transition, Workflow, roles
from models.rules.problem import Problem
from models.rules.written import read

WAITING = roles("available", "retryable")
OVER = roles("completed", "discarded", "cancelled")


def _begin_again(job: "Job", inputs: Inputs, at: Moment) -> None:
    """All attempts again, from now on."""
    job.attempt, job.scheduled_at, job.finished_at = 0, at.now, None


def _ended(job: "Job", inputs: Inputs, at: Moment) -> None:
    job.finished_at = at.now


JOB = Workflow(
    "job",
    states=(
        State("available", "等待执行", "blue"),
        State("executing", "执行中", "purple"),
        State("completed", "已完成", "green"),
        State("retryable", "等待重试", "orange"),
        State("discarded", "执行失败", "red"),
        State("cancelled", "已取消", "gray"),
    ),
    transitions=(
        Transition("take", "开始执行", WAITING, "executing", by=roles(PUBLIC)),
        Transition("complete", "完成", roles("executing"), "completed", by=roles(PUBLIC)),
        Transition("retry", "稍后重试", roles("executing"), "retryable", by=roles(PUBLIC)),
        Transition("rescue", "收回", roles("executing"), "available", by=roles(PUBLIC)),
        Transition("discard", "放弃", roles("executing"), "discarded", by=roles(PUBLIC)),
        Transition(
            "cancel",
            "取消",
            WAITING,
            "cancelled",
            by=roles(ADMIN),
            effect=_ended,
            tone="danger",
            confirm="取消后该任务不再执行，确定取消吗？",
            event_tone="gray",
        ),
        Transition(
            "rerun", "重新执行", roles("discarded"), "available", by=roles(ADMIN), effect=_begin_again, tone="primary"
        ),
    ),
)


class Job(Record):
    """One job of a declared kind, for whom it was asked by; the workers move it, many at once, past its history.

    A `unique_key` is given once in its kind: asked for twice, the job is one. `worker` and `attempt` name who does
    it: whoever has lost it meanwhile changes nothing any more. What went wrong is a sentence, `error` with what fills
    its places; the traceback stands in the log.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "unique_key"),
        Index("ix_job_due", "state", "scheduled_at"),
        Index("ix_job_asked", "created_by_id", "kind"),
        {"sqlite_autoincrement": True},
    )
    noun = "后台任务"
    workflow = JOB
    sealed = (
        "kind",
        "arguments",
        "unique_key",
        "attempt",
        "most_attempts",
        "scheduled_at",
        "taken_at",
        "heartbeat_at",
        "finished_at",
        "worker",
        "done",
        "total",
        "error",
        "error_params",
        "result",
    )

    kind: Mapped[str] = field(String(40), "任务", nullable=False)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    unique_key: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20), default=JOB.initial)
    attempt: Mapped[int] = field(Integer, "已执行次数", default=0, nullable=False)
    most_attempts: Mapped[int] = field(Integer, "最多执行次数", default=1, nullable=False)
    scheduled_at: Mapped[datetime] = field(Instant, "计划执行时间", nullable=False)
    taken_at: Mapped[datetime | None] = field(Instant, "开始时间")
    heartbeat_at: Mapped[datetime | None] = field(Instant, "最近响应时间")
    finished_at: Mapped[datetime | None] = field(Instant, "结束时间")
    worker: Mapped[str] = field(String(120), "执行进程", default="", nullable=False)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    error_params: Mapped[str] = mapped_column(Text, default="{}")
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    asker: str = ""
    """The name of who asked, where a page has looked it up."""

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The platform's administrators see all, everybody what they have asked for themselves."""
        return cls.everything() if viewer.has(ADMIN) else cls.created_by_id == viewer.user_id

    def deletable(self, viewer: Viewer) -> bool:
        """Never by a person: what is long over is swept."""
        return False

    @property
    def problem(self) -> Problem | None:
        """What went wrong last, if anything did."""
        return Problem(self.error, params=read(self.error_params)) if self.error else None

    @property
    def is_over(self) -> bool:
        """Whether nobody will work on it any more, unless somebody asks for it again."""
        return self.state in OVER
