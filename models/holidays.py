"""放假安排: the calendar as a table, year by year as it is announced; kept by the platform's administrator."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import ClassVar

from sqlalchemy import ColumnElement, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.grammar.appbuilder import Model
from models.grammar.base import Record
from models.grammar.columns import field
from models.grammar.viewer import ADMIN, REGULATOR, Viewer
from models.grammar.workflow import Moment
from models.rules import announcements
from models.rules.holidays import OFFICIAL, Calendar
from models.rules.problem import Problem

REST, WORK = "rest", "work"
KINDS: Mapping[str, str] = {REST: "放假", WORK: "上班"}
LONGEST_SOURCE = 200


class CalendarDay(Model):
    """One day that is not what its weekday says: free, or worked in exchange (调休); `name` is its holiday's."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(announcements.LONGEST_NAME), default="")
    year_id: Mapped[int] = mapped_column(ForeignKey("calendar_year.id"), index=True)

    def __str__(self) -> str:
        """As the history of its year names it."""
        return " ".join(filter(None, (str(self.day), self.name, KINDS[self.kind])))


class CalendarYear(Record):
    """One year whose holidays are announced; of a year without one the weekends alone are known, an estimate.

    `rest` and `work` are its days as lines of text. `recounted` says, once it has been saved, how many open limits
    there are and how many have moved.
    """

    __tablename__ = "calendar_year"
    noun = "放假安排"

    year: Mapped[int] = field(Integer, "年份", required=True, nullable=False, unique=True)
    source: Mapped[str] = field(
        String(LONGEST_SOURCE),
        "发布文件",
        required=True,
        nullable=False,
        wide=True,
        help="国务院办公厅通知的名称和文号",
    )
    announced_on: Mapped[date | None] = field(Date, "发布日期")

    days: Mapped[list[CalendarDay]] = relationship(
        cascade="all, delete-orphan", order_by=CalendarDay.day, lazy="select"
    )

    typed: Mapping[str, str] = {}
    recounted: ClassVar[tuple[int, int] | None] = None

    @classmethod
    def scope(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Administrators and regulators; the rules read the days for everybody, see `app.ledger.calendars`."""
        return cls.everything() if viewer.has(ADMIN) or viewer.has(REGULATOR) else super().scope(viewer)

    def editable(self, viewer: Viewer) -> bool:
        """The platform's administrators keep it."""
        return viewer.has(ADMIN)

    def deletable(self, viewer: Viewer) -> bool:
        """What was entered by mistake; never a year that the calendar begins with."""
        return viewer.has(ADMIN) and self.year not in OFFICIAL.announced_years

    @property
    def title(self) -> str:
        """The year."""
        return str(self.year)

    @property
    def rest(self) -> str:
        """Its free days, as they were typed or as lines of ranges."""
        return self._text(REST)

    @rest.setter
    def rest(self, text: str | None) -> None:
        self.typed = {**self.typed, REST: text or ""}

    @property
    def work(self) -> str:
        """The weekend days that are worked, as they were typed or as lines of ranges."""
        return self._text(WORK)

    @work.setter
    def work(self, text: str | None) -> None:
        self.typed = {**self.typed, WORK: text or ""}

    def _text(self, kind: str) -> str:
        if kind in self.typed:
            return self.typed[kind]
        return announcements.written({each.day: each.name for each in self.days if each.kind == kind})

    def derive(self, at: Moment) -> None:
        """The days that the typed lines say; what is unsound is told by `problems` and not kept."""
        if self.year and not self._misread():
            self.name_days(*(each.named for each in self._read()))

    def name_days(self, rest: Mapping[date, str], work: Mapping[date, str]) -> None:
        """Have these days and no others; one that stays as it was keeps its row."""
        wanted = {day: (kind, name) for kind, named in ((REST, rest), (WORK, work)) for day, name in named.items()}
        kept = [each for each in self.days if wanted.get(each.day) == (each.kind, each.name)]
        for each in kept:
            del wanted[each.day]
        made = [CalendarDay(day=day, kind=kind, name=name) for day, (kind, name) in wanted.items()]
        self.days = sorted([*kept, *made], key=lambda each: each.day)
        self.typed = {}

    def problems(self, at: Moment) -> list[Problem]:
        """A year of its own, and days that are readable, of that year, and either free or worked."""
        if not self.year:
            return []
        first, last = announcements.FIRST_YEAR, announcements.LAST_YEAR
        if not first <= self.year <= last:
            return [Problem("年份应在 %(first)s 至 %(last)s 之间", "year", {"first": first, "last": last})]
        taken = at.rows.taken(self, year=self.year)
        found = [Problem("%(year)s年已登记，请在原记录上修改", "year", {"year": self.year})] if taken else []
        return [*found, *self._misread()]

    def _read(self) -> tuple[announcements.Days, announcements.Days]:
        rest, work = (announcements.read(self._text(kind), self.year, kind) for kind in (REST, WORK))
        return rest, work

    def _misread(self) -> list[Problem]:
        rest, work = self._read()
        unread = {problem.field for problem in rest.problems}
        together = announcements.check(rest.named, work.named, rest_field=REST, work_field=WORK)
        return [*rest.problems, *work.problems, *(each for each in together if each.field not in unread)]


def calendar_of(years: Iterable[int], days: Iterable[tuple[date, str]]) -> Calendar:
    """The rules' structure of the announced years and their days with their kinds."""
    found: dict[str, set[date]] = {REST: set(), WORK: set()}
    for day, kind in days:
        found[kind].add(day)
    return Calendar(
        rest_days=frozenset(found[REST]), work_days=frozenset(found[WORK]), announced_years=frozenset(years)
    )
