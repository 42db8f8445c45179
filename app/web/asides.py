"""What stands beside a form and follows what is typed: the most that may be asked, and what is still missing."""

from dataclasses import dataclass

from app.web.pages import Check, Figure

SHARE = 1000
"""How many parts the meter of a cap has."""


@dataclass(frozen=True)
class Cap:
    """The amounts that make a cap and what they come to; `used` is what of it is asked, in thousandths."""

    title: str
    lines: tuple[Figure, ...]
    result: Figure
    used: int
    meter_label: str
    note: str = ""
    is_exceeded: bool = False


@dataclass(frozen=True)
class Aside:
    """A cap, and the points to be met: open ones before all others, those that are met last."""

    label: str
    cap: Cap
    title: str
    points: tuple[Check, ...]

    @property
    def open_points(self) -> tuple[Check, ...]:
        """What is missing or to be noted."""
        return tuple(each for each in self.points if each.tone != "done")

    @property
    def met_points(self) -> tuple[Check, ...]:
        """What is as it has to be."""
        return tuple(each for each in self.points if each.tone == "done")

    @property
    def missing_count(self) -> int:
        """How many points keep it from being handed in."""
        return sum(each.tone == "missing" for each in self.points)
