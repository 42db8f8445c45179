"""Who of the demo will be away, and who stands in."""

from collections.abc import Callable
from datetime import date, timedelta

from app.ops.demo_data.stage import Agenda, Stage, at, save
from models.absence import Absence

ABSENT, SUBSTITUTE = "guarantor", "guarantor-issuer"
IN_DAYS, FOR_DAYS = 30, 5


def plan(agenda: Agenda, stage: Stage, *, today: date) -> None:
    """Put it on the agenda of the day before today that somebody has leave next month."""
    agenda.add(at(today - timedelta(days=1), 17, 0), _leaving(stage, today + timedelta(days=IN_DAYS)))


def _leaving(stage: Stage, from_on: date) -> Callable[[], None]:
    def leave() -> None:
        with stage.acting(ABSENT):
            to_on = from_on + timedelta(days=FOR_DAYS)
            given = {"absent": ABSENT, "substitute": SUBSTITUTE, "from_on": from_on, "to_on": to_on, "reason": "年休假"}
            save(Absence, given)

    return leave
