"""How a workflow is said: states, transitions, guards. The engine that walks it is `app.engine.transitions`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models.grammar import workflow_checks
from models.grammar.faults import Declared, refuse
from models.grammar.services import Covers, Hands, History, Inputs, Law, Numbers, Papers, People, Rows, Services
from models.grammar.viewer import ADMIN, PREPARE, PUBLIC, REGULATOR, SUBMIT, Absent, Viewer
from models.rules import days
from models.rules.policy import Policy
from models.rules.problem import Problem

OFFICES = frozenset({REGULATOR, ADMIN})


@dataclass(frozen=True)
class Moment:
    """When and by whom a transition is made; what a guard or an effect may know of the world.

    `absent` is the colleague for whom it is made, where the viewer may make it for no other reason.
    """

    viewer: Viewer
    now: datetime
    services: Services
    absent: Absent | None = None

    @property
    def today(self) -> date:
        """The day on which time limits are counted."""
        return self.now.date()

    @property
    def policy(self) -> Policy:
        """The policy in force today."""
        return self.law.policy(self.today)

    @property
    def rows(self) -> Rows:
        """Records of any class."""
        return self.services.rows

    @property
    def numbers(self) -> Numbers:
        """Serial numbers."""
        return self.services.numbers

    @property
    def law(self) -> Law:
        """Policy versions and the calendar."""
        return self.services.law

    @property
    def covers(self) -> Covers:
        """What secures a contract."""
        return self.services.covers

    @property
    def papers(self) -> Papers:
        """Papers that are issued, and those that hang on a record."""
        return self.services.papers

    @property
    def history(self) -> History:
        """What was done to a record."""
        return self.services.history

    @property
    def people(self) -> People:
        """Sign-in accounts."""
        return self.services.people

    @property
    def hands(self) -> Hands:
        """The people behind sign-in accounts."""
        return self.services.hands


@dataclass(frozen=True)
class FollowUp(Declared):
    """A transition of another record that an effect brings about: the system makes it in the same transaction.

    One that the record's workflow does not have is refused where it is made.
    """

    record: Any
    name: str
    inputs: Inputs = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse(workflow_checks.follow_up_faults(self))


Guard = Callable[[Any, Inputs, Moment], Sequence[Problem]]
Effect = Callable[[Any, Inputs, Moment], Sequence[FollowUp] | None]


@dataclass(frozen=True)
class Clock(Declared):
    """A time limit that runs while a record waits: `days` of the policy, counted from the day in column `since`.

    `code` names it in the duties of its records for ever. `working` counts working days. With `begins_on`, a day of
    the policy, it runs only for what happened on that day or later. A `kept` limit is fixed when it begins (办理期限),
    another one is judged when the deed is done. `until` names the column of the last day where a person sets it, as an
    order does: the limit runs until then, and `days` is the longest that may be set. `rest` names the column of what
    was left of a limit that stood still and goes on, in its own unit; blank while it runs for the first time.
    """

    code: str
    label: str
    since: str
    days: str
    working: bool = False
    begins_on: str = ""
    kept: bool = True
    until: str = ""
    rest: str = ""

    @property
    def unit(self) -> str:
        """In what it is counted."""
        return days.WORKING_DAYS if self.working else days.DAYS

    def count(self, policy: Policy) -> int:
        """How many days or working days it has under that policy."""
        found: int = getattr(policy, self.days)
        return found

    def count_of(self, record: Any, since_on: date, policy: Policy) -> int:
        """How many it has for this record: as the policy says, what was left, or up to the day that is set."""
        last: date | None = getattr(record, self.until) if self.until else None
        left: int | None = getattr(record, self.rest) if self.rest else None
        if last is not None:
            return (last - since_on).days
        return self.count(policy) if left is None else left

    def begun_on(self, record: Any) -> date | None:
        """The day of the event that it counts from; None while the record names none."""
        since: date | datetime | None = getattr(record, self.since)
        return since.date() if isinstance(since, datetime) else since

    def due_from(self, since_on: date, at: Moment) -> date:
        """The last day of the limit for what happened on that day, under the policy of today."""
        return days.end_of(since_on, self.count(at.policy), self.unit, holidays=at.law.calendar())


Limits = Sequence[tuple[Clock, date]]
"""Limits that run, each with the day of the event that it counts from."""


@dataclass(frozen=True)
class State(Declared):
    """One state: its name, its Chinese word, its tone on screen, and whose record is open for editing in it.

    `awaits` says to everybody whose word is awaited in it, where its own word does not.
    """

    name: str
    label: str
    tone: str = "gray"
    editable_by: frozenset[str] = frozenset()
    waits_for: frozenset[str] = frozenset()
    duty: str = ""
    awaits: str = ""


@dataclass(frozen=True)
class Step(Declared):
    """One circle of the steps bar: it is the record's in `current_in`, refused in `refused_in`.

    `only_if` and `unless` name a column of the record, as they do of a transition.
    """

    label: str
    current_in: tuple[str, ...]
    refused_in: tuple[str, ...] = ()
    only_if: str = ""
    unless: str = ""


@dataclass(frozen=True)
class Transition(Declared):
    """One imperative: who may say it, from where to where, what it asks, what must hold, what follows.

    `asks` names the fields of the form that the button opens: keys of the record's columns, or `reason`, which is
    called `reason_label` there.
    `duty` narrows the role to accounts with that duty; `not_by` names the column that holds the account
    which must be another one (经办 and 复核 are two people). The button of its form is called `send` where the label
    does not say that it sends. `attach` names the attachment categories
    that must hold a file, but for those in `optional`; `with_form` opens the form even when nothing must be given.
    It is offered `only_if` the column of that name is true, and not if that of `unless` is. With an empty `to`
    the record stays in its state. With `attachments_later` a checked record may still lack its papers. With `any_side`
    the roles may say it of every record that they see, whichever organisation's it is. What the steps that it `undoes`
    have found stands no longer. A `binding` one issues, certifies, pays, refuses to pay, files, releases or ends for
    good: no machine makes it, and a person who has a second factor shows a code that is not old.
    """

    name: str
    label: str
    from_: frozenset[str]
    to: str
    by: frozenset[str]
    asks: tuple[str, ...] = ()
    reason_label: str = "原因"
    optional: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    effect: Effect | None = None
    duty: str = ""
    not_by: str = ""
    tone: str = ""
    confirm: str = ""
    with_form: bool = False
    checks_record: bool = False
    bulk: bool = False
    event_tone: str = "blue"
    note: str = ""
    send: str = ""
    attach: tuple[str, ...] = ()
    only_if: str = ""
    unless: str = ""
    attachments_later: bool = False
    any_side: bool = False
    undoes: tuple[str, ...] = ()
    binding: bool = False

    def is_open_to(self, viewer: Viewer) -> bool:
        """Whether a viewer of this kind may make it at all: a machine prepares and submits, the rest is people's.

        What an office alone may say is its decision, and people's too.
        """
        if viewer.machine is None:
            return True
        return SUBMIT in viewer.machine.grants and not self.is_decision

    @property
    def is_decision(self) -> bool:
        """Whether people alone make it."""
        return self.binding or self.duty not in ("", PREPARE) or self.by <= OFFICES


@dataclass(frozen=True)
class Workflow(Declared):
    """The whole life of a record, said once; the first state is where it begins.

    `parties` maps a role to the column that holds that side's organisation, so that a contractor that is
    also somebody else's employer can act only as what it is here. One that does not hold together is refused where
    it is made: `models.grammar.faults` says what can be wrong.
    """

    name: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    parties: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        refuse(workflow_checks.faults_of(self))

    @property
    def initial(self) -> str:
        """The name of the state in which a record is born."""
        return self.states[0].name

    def state(self, name: str) -> State:
        """The state of that name; KeyError if there is none."""
        return self._states()[name]

    def transition(self, name: str) -> Transition:
        """The transition of that name; KeyError if there is none."""
        for transition in self.transitions:
            if transition.name == name:
                return transition
        raise KeyError(name)

    def _states(self) -> dict[str, State]:
        return {state.name: state for state in self.states}

    def side(self, record: Any, role: str, viewer: Viewer) -> bool:
        """Whether the viewer stands on that role's side of this record."""
        if viewer.is_system:
            return role == PUBLIC
        if role not in viewer.roles:
            return False
        column = self.parties.get(role)
        return column is None or getattr(record, column) == viewer.organisation_id

    def acts_for(self, record: Any, roles: frozenset[str], viewer: Viewer) -> bool:
        """Whether the viewer stands on one of these sides of this record."""
        return any(self.side(record, role, viewer) for role in roles)

    def offered(self, record: Any, viewer: Viewer) -> tuple[Transition, ...]:
        """The transitions that this viewer may make of this record now, in their declared order."""
        return tuple(t for t in self.transitions if self.offers(record, t, viewer))

    def offers(self, record: Any, transition: Transition, viewer: Viewer) -> bool:
        """Whether this viewer may make that transition of this record now."""
        if record.state not in transition.from_ or not transition.is_open_to(viewer):
            return False
        if transition.duty not in {"", *viewer.duties} and self.absent_of(record, transition, viewer) is None:
            return False
        if transition.not_by and getattr(record, transition.not_by) == viewer.user_id:
            return False
        if not _concerns(record, transition):
            return False
        return viewer.has(*transition.by) if transition.any_side else self.acts_for(record, transition.by, viewer)

    def absent_of(self, record: Any, transition: Transition, viewer: Viewer) -> Absent | None:
        """For whom the viewer would make that transition; None where its own duty is enough, or nobody's is.

        Nobody stands in for whom the record keeps from it (`not_by`): what one may not do, no other does for one.
        """
        if not transition.duty or transition.duty in viewer.duties:
            return None
        kept_from = getattr(record, transition.not_by) if transition.not_by else None
        able = (each for each in viewer.absent if transition.duty in each.duties and each.user_id != kept_from)
        return next(able, None)

    def steps_of(self, record: Any) -> tuple[Step, ...]:
        """The steps bar of this record."""
        return tuple(step for step in self.steps if _concerns(record, step))

    def editable(self, record: Any, viewer: Viewer) -> bool:
        """Whether this viewer may edit the record's fields in its present state."""
        if viewer.machine is not None and SUBMIT not in viewer.machine.grants:
            return False
        return self.acts_for(record, self.state(record.state).editable_by, viewer)


def _concerns(record: Any, declared: Transition | Step) -> bool:
    if declared.only_if and not getattr(record, declared.only_if):
        return False
    return not (declared.unless and getattr(record, declared.unless))


def roles(*names: str) -> frozenset[str]:
    """A set of roles, to be read aloud in a declaration."""
    return frozenset(names)
