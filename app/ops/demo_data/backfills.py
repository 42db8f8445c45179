"""The demo's backfilled letters: settled on paper, entered later, confirmed or still waiting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from app.ledger import calendars, policies
from app.ops.demo_data.cast import parties
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from app.ops.demo_data.work import Work
from app.ops.demo_data.works import Drawing
from models.modes.letter import Letter
from models.rules.minimum import minimum

UNFILED = ("琼海椰林融资担保有限公司", "91469002MA5T0YELKG")
STEPS = {"waiting": (), "confirmed": ("acknowledge", "confirm"), "over": ("acknowledge", "confirm"), "unfiled": ()}
_TABLE = """
employer contractor guarantor3 confirmed company_letter 2024-05-22 40 420
employer contractor2 guarantor over bank_letter 2024-06-12 60 -40
employer2 contractor2 unfiled unfiled company_letter 2024-06-20 75 300
employer contractor guarantor2 confirmed insurance -95 12 500
employer contractor2 guarantor3 waiting company_letter -70 66 360
employer2 contractor guarantor waiting bank_letter -20 16 610
"""


@dataclass
class Backfill:
    """One backfill: its work, its guarantor, the day of the paper, the day of its entry, its end."""

    work: Work
    guarantor: str
    path: str
    product: str
    settled_on: date
    entered_on: date
    ends_on: date
    letter_id: int = 0


def backfills(drawing: Drawing, *, today: date) -> list[Backfill]:
    """Every backfill of the demo; a settled day is a date or so many days before today."""
    found = []
    for line in _TABLE.strip().splitlines():
        employer, contractor, guarantor, path, product, settled, entered_after, ends_in = line.split()
        given = today + timedelta(days=int(settled)) if settled.startswith("-") else date.fromisoformat(settled)
        entered_on = _working(given + timedelta(days=int(entered_after)))
        ends_on = today + timedelta(days=int(ends_in))
        work = drawing.work(employer, contractor, signed_on=given - timedelta(days=20), finish_on=ends_on)
        found.append(Backfill(work, guarantor, path, product, given, entered_on, ends_on))
    return found


def plan(agenda: Agenda, stage: Stage, planned: list[Backfill]) -> None:
    """Put the entering of the backfills and what follows on the agenda."""
    for number, each in enumerate(planned, start=1):
        agenda.add(at(each.entered_on, 10, number), _entering(stage, each, number))
        actors = {"acknowledge": each.guarantor, "confirm": each.work.contractor}
        for later, step in enumerate(STEPS[each.path], start=1):
            day = _working(each.entered_on + timedelta(days=2 * later))
            agenda.add(at(day, 15, number), _stepping(stage, each, step, actors[step]))


def _entering(stage: Stage, each: Backfill, number: int) -> Callable[[], None]:
    def enter() -> None:
        work = each.work
        with stage.acting(work.employer):
            least = minimum(work.price, policies.on(each.entered_on), agreed=False)
            values = {
                "backfilled": True,
                "settled_on": each.settled_on,
                "product": each.product,
                "contract_id": work.contract_id,
                "permit_no": work.permit_no,
                "address": work.address,
                "start_on": work.start_on,
                "finish_on": work.finish_on,
                "uses_fiscal": False,
                "policy_no": f"线下{each.settled_on:%Y%m%d}-{number:03d}",
                "starts_on": each.settled_on,
                "ends_on": each.ends_on,
                "premium": Decimal(6000 + 350 * number),
                "amount": (least / 10_000).to_integral_value(ROUND_CEILING) * 10_000,
                **_guarantor(stage, each),
            }
            each.letter_id = save(Letter, values, papers=("scan",), then="submit_backfill").id

    return enter


def _guarantor(stage: Stage, each: Backfill) -> dict[str, object]:
    known = {party.key: party for party in parties()}.get(each.guarantor)
    if known is None:
        return {"guarantor_name": UNFILED[0], "guarantor_uscc": UNFILED[1]}
    return {"guarantor_id": stage.organisations[each.guarantor]}


def _stepping(stage: Stage, each: Backfill, step: str, actor: str) -> Callable[[], None]:
    def act() -> None:
        with stage.acting(actor):
            perform(Letter, each.letter_id, step)

    return act


def _working(day: date) -> date:
    while not calendars.current().is_working_day(day):
        day += timedelta(days=1)
    return day
