"""What every record has: an id, a version, a scope, perhaps a workflow."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ColumnElement, event, false, true
from sqlalchemy.orm import Mapped, Mapper, declared_attr, mapped_column

from models.grammar import record_checks
from models.grammar.appbuilder import Model
from models.grammar.columns import Instant, field, field_of
from models.grammar.faults import refuse
from models.grammar.viewer import Viewer
from models.grammar.workflow import Clock, Limits, Moment, Workflow
from models.rules.days import DAYS
from models.rules.problem import Problem

LARGEST_ID = 2**31 - 1
"""What an id column can hold; PostgreSQL refuses even to compare it with more."""


class Record(Model):
    """A row that somebody owns: it has a scope, a version, and perhaps a workflow.

    `scope` gives the rows that a viewer may see; without one a record is visible to nobody.
    `noun` is its Chinese name in sentences; `sealed` names the columns that only a transition may change;
    with `complete_at_save` there are no drafts: required fields are asked at once; `also_required` names
    inherited columns that this record needs although its sisters do not; `own_labels` and `own_helps` are its
    own words for inherited columns; `typed_as` names, for a unique key that is derived, the column that a person typed;
    `parent` names the class and the column of the record that is locked before this one, so that no two deeds wait
    for each other; `clocks` names for each state the time limit under which the record waits in it. What names
    something that is not there is refused when the class is mapped (`models.grammar.faults`).
    """

    __abstract__ = True

    noun: ClassVar[str] = "业务"
    workflow: ClassVar[Workflow | None] = None
    sealed: ClassVar[tuple[str, ...]] = ()
    complete_at_save: ClassVar[bool] = False
    also_required: ClassVar[tuple[str, ...]] = ()
    own_labels: ClassVar[Mapping[str, str]] = MappingProxyType({})
    own_helps: ClassVar[Mapping[str, str]] = MappingProxyType({})
    clocks: ClassVar[Mapping[str, Clock]] = MappingProxyType({})

    told_as: ClassVar[str] = ""
    """The kind of notice that its deeds are to whoever need not act on them, where their tones do not say it."""

    parent: ClassVar[tuple[str, str] | None] = None
    typed_as: ClassVar[Mapping[str, str]] = MappingProxyType({})

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1, nullable=False)
    created_at: Mapped[datetime] = field(Instant, "创建时间", nullable=False)
    created_by_id: Mapped[int | None] = mapped_column()
    findings: Sequence[Any] = ()
    """What checks have warned of and still holds, where a page has looked it up."""
    if TYPE_CHECKING:
        state: Mapped[str]  # a column of the records that have a workflow, each with its own initial state

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The rows that the viewer may see; nothing unless a record says otherwise."""
        return false()

    @classmethod
    def everything(cls) -> ColumnElement[bool]:
        """All rows: for the scopes of those who see the whole province."""
        return true()

    @property
    def title(self) -> str:
        """What a person calls this record in a list, a to-do or a sentence."""
        return f"{self.noun} {self.id}"

    def derive(self, at: Moment) -> None:
        """Fill in what follows from the rest, each time before the record is saved."""

    def problems(self, at: Moment) -> list[Problem]:
        """What may not even stand in a draft, besides malformed values."""
        return []

    def editable(self, viewer: Viewer) -> bool:
        """Whether this viewer may change its fields now."""
        return self.workflow is not None and self.workflow.editable(self, viewer)

    @classmethod
    def own_papers(cls) -> tuple[Any, ...]:
        """The attachment categories that its author fills; those of transitions belong to them."""
        later = {name for each in cls.workflow.transitions for name in each.attach} if cls.workflow else set()
        return tuple(each for each in getattr(cls, "attachments", ()) if each.name not in later)

    @classmethod
    def requires(cls, name: str) -> bool:
        """Whether the column must be filled in before the record is submitted."""
        return name in cls.also_required or field_of(cls, name).required

    def needs(self, name: str) -> bool:
        """Whether this very record needs the column; what its class requires, unless a record says otherwise."""
        return self.requires(name)

    def sealed_now(self) -> tuple[str, ...]:
        """The columns that only a transition may change in this record's present state."""
        return self.sealed

    def rests_on(self) -> tuple[str, ...]:
        """The figures of the policy that what it says rests on: first of all its due day's."""
        clock = self.clocks.get(self.state) if self.workflow is not None else None
        return (clock.days,) if clock is not None else ()

    def deletable(self, viewer: Viewer) -> bool:
        """Whether this viewer may delete it now: only what never left its author's hands."""
        return (
            self.workflow is not None and self.workflow.editable(self, viewer) and self.state == self.workflow.initial
        )

    def born_with(self) -> Sequence["Record"]:
        """The records that came into being with it, in the same deed, and their like: they go with it, too."""
        return ()

    def runs_under(self, today: date) -> Limits:
        """The kept limits under which it waits in its state, each with the day of the event that it counts from."""
        clock = self.clocks.get(self.state) if self.clocks else None
        return ((clock, clock.begun_on(self) or today),) if clock is not None and clock.kept else ()

    def awaits(self, clock: Clock) -> str:
        """What has to be done next under that limit."""
        return clock.label

    def counted_in(self, today: date) -> str:
        """In what its due day is counted; limits that run together are counted alike."""
        running = self.runs_under(today)
        clock = running[0][0] if running else self.clocks.get(self.state)
        return clock.unit if clock is not None else DAYS

    @classmethod
    def kept_clocks(cls) -> Sequence[tuple[str, Clock]]:
        """Every kept limit that may run, each with a state in which it does."""
        return tuple((state, clock) for state, clock in cls.clocks.items() if clock.kept)

    @property
    def awaited(self) -> frozenset[str]:
        """The sides one of which has to do something now."""
        return self.workflow.state(self.state).waits_for if self.workflow is not None else frozenset()

    @property
    def is_timed(self) -> bool:
        """Whether whoever it waits for has to do it by a day.

        A record without a clock has a day of its author's own, which binds nobody who answers it.
        """
        if self.workflow is None:
            return False
        waits_for = self.workflow.state(self.state).waits_for
        if self.clocks:
            return bool(waits_for) and self.state in self.clocks
        return bool(waits_for & self.workflow.state(self.workflow.initial).waits_for)

    def concerned(self, roles: frozenset[str]) -> frozenset[int]:
        """The organisations that stand on these sides of it, as far as it names them."""
        columns = self.workflow.parties if self.workflow is not None else {}
        return frozenset(filter(None, (getattr(self, columns[role]) for role in roles & columns.keys())))

    def is_on_side(self, roles: frozenset[str], viewer: Viewer) -> bool:
        """Whether the viewer stands on one of these sides of this record."""
        return self.workflow is not None and self.workflow.acts_for(self, roles, viewer)

    def told_states(self, viewer: Viewer) -> Collection[str] | None:
        """The states whose events this viewer reads in its history, as one who sees it only then; None: all."""
        return None

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    @property
    def tells_regulators(self) -> bool:
        """Whether its deeds are told to the regulators who see it, though it waits for none of them."""
        return False

    def named_by(self, step: str) -> int | None:
        """The account that this step gives the record to, where it gives it to one person."""
        return None

    def title_told(self, step: str, comment: str) -> str:
        """What a notice of this step calls it; `comment` is what was said with the step."""
        return self.title

    def said_by(self, step: str) -> int | None:
        """The organisation whose own word a step of the system passes on, and which is not told of it."""
        return None

    def told_from(self, viewer: Viewer) -> str:
        """The step with which what this viewer reads of its history begins; nothing where it reads all of it."""
        return ""

    def is_tolerated(self, today: date) -> bool:
        """Whether nobody is to act on it yet, though it waits."""
        return False

    def untold_steps(self, viewer: Viewer) -> Collection[str]:
        """The steps in those states whose events this viewer does not read all the same."""
        return ()


@event.listens_for(Record, "after_mapper_constructed", propagate=True)
def _is_sound(mapper: Mapper[Any], cls: type[Record]) -> None:
    refuse(record_checks.faults_of(mapper, cls))
