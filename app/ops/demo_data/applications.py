"""The demo's letters as a table: the two that the manual prints, and others over every state, months and sides."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from app.ledger import calendars, policies
from app.ops.demo_data.stage import at
from app.ops.demo_data.work import Work
from app.ops.demo_data.works import Drawing
from models.rules.minimum import minimum

PATHS = {
    "draft": (),
    "bare": (),
    "submitted": ("submit",),
    "withdrawn": ("submit", "withdraw"),
    "returned": ("submit", "return"),
    "refused": ("submit", "refuse"),
    "prepared": ("submit", "prepare"),
    "issued": ("submit", "prepare", "issue"),
    "objected": ("submit", "prepare", "issue", "object"),
    "confirmed": ("submit", "prepare", "issue", "confirm"),
    "answered": ("submit", "prepare", "issue", "object", "answer", "confirm"),
    "resubmitted": ("submit", "return", "submit", "prepare", "rework", "prepare", "issue", "confirm"),
}
"""What is done with an application after its first save; `bare` is a draft with hardly anything in it."""

_STEP_DAYS = {
    "submit": 0,
    "withdraw": 1,
    "return": 1,
    "refuse": 2,
    "prepare": 1,
    "rework": 0,
    "issue": 1,
    "object": 1,
    "answer": 1,
    "confirm": 2,
}
_STEP_HOURS = {
    "submit": 10,
    "withdraw": 15,
    "return": 14,
    "refuse": 16,
    "prepare": 11,
    "rework": 15,
    "issue": 15,
    "object": 16,
    "answer": 10,
    "confirm": 16,
}

_TABLE = """
employer contractor guarantor confirmed 700 -60
employer contractor-04 guarantor2 confirmed 660 -120
employer contractor guarantor confirmed 610 150
employer contractor2 qiongzhou confirmed 600 -30
employer-03 contractor guarantor confirmed 570 -15
employer contractor2 guarantor confirmed 520 210 agreed
employer-05 contractor-09 cpic confirmed 500 140
employer2 contractor2 guarantor2 confirmed 480 200
employer contractor guarantor2 confirmed 455 95
employer-07 contractor-05 guarantor confirmed 430 60
employer contractor-03 guarantor2 confirmed 390 330 fiscal
employer-10 contractor-07 guarantor2 confirmed 370 240 agreed
employer2 contractor-05 guarantor confirmed 350 20
employer contractor guarantor3 confirmed 330 27
employer-11 contractor-17 huajin confirmed 310 110
employer contractor-04 guarantor3 confirmed 300 12
employer-12 contractor-08 xinji confirmed 275 28
employer contractor2 guarantor confirmed 260 3
employer-13 contractor2 nanhai confirmed 240 330
employer contractor guarantor confirmed 210 420 agreed
employer-14 contractor-09 guarantor3 confirmed 200 160 fiscal
employer contractor-05 rural-bank confirmed 180 380
employer-16 contractor-14 qiongzhou confirmed 165 90
employer contractor guarantor2 answered 150 500
employer-18 contractor-12 rural-bank confirmed 130 520
employer contractor2 guarantor3 resubmitted 120 260
employer contractor nanhai confirmed 95 640 agreed
employer-15 contractor-10 guarantor refused 70 300
employer contractor guarantor3 refused 40 300
employer contractor guarantor2 confirmed 24 700 - 10
employer contractor2 guarantor confirmed 18 365 agreed 25
employer contractor guarantor issued 14 560
employer contractor-03 guarantor2 withdrawn 13 400
employer contractor guarantor3 objected 11 480
employer-08 contractor2 guarantor2 issued 9 450
employer contractor2 guarantor3 submitted 9 300
employer contractor2 guarantor returned 8 400
employer2 contractor2 guarantor issued 8 500
employer2 contractor-05 guarantor2 returned 7 300
employer contractor2 guarantor2 issued 6 400
employer contractor guarantor3 prepared 5 365
employer-20 contractor-20 guarantor2 submitted 5 500
employer-21 contractor-11 guarantor issued 5 300
employer contractor-07 guarantor2 prepared 4 700
employer2 contractor guarantor3 prepared 4 365
employer2 contractor guarantor submitted 4 420
employer contractor guarantor prepared 3 600 agreed
employer contractor guarantor2 submitted 3 365 fiscal
employer2 contractor2 guarantor draft 3 365
employer contractor-06 guarantor submitted 2 500
employer contractor2 guarantor bare 2 400
employer-06 contractor-03 guarantor submitted 2 300
employer contractor guarantor draft 2 600
employer contractor guarantor confirmed 24 400 parts
"""
_FIRST_APPLIED_ON = date(2024, 8, 5)


@dataclass
class Application:
    """One application: its work, what it asks for, its steps with their moments; `letter_id` once it is saved.

    `amount` and `premium` in 元; what is `to_follow` of an account is named and not there yet. `serial` is the letter's
    serial where the manual prints it.
    """

    work: Work
    guarantor: str
    path: str
    saved_at: datetime
    steps: tuple[tuple[str, datetime], ...]
    amount: Decimal
    starts_on: date
    ends_on: date
    fiscal: bool = False
    to_follow: Decimal = Decimal(0)
    policy_no: str = ""
    premium: Decimal | None = None
    serial: int = 0
    letter_id: int = field(default=0)


def applications(drawing: Drawing, *, today: date) -> list[Application]:
    """Every application of the demo, the manual's first."""
    return [*_manual(drawing), *_others(drawing, today)]


def _manual(drawing: Drawing) -> Iterator[Application]:
    """10240520000127 and 10240515000288 with the manual's parties, amounts, numbers and days.

    Their contracts are priced so that the manual's amount is the minimum of 10 %.
    """
    first, second = (
        drawing.work("employer", "contractor", signed_on=date(2024, 4, 18), wan=wan, finish_on=finish_on)
        for wan, finish_on in ((16130, date(2025, 4, 30)), (10000, date(2025, 6, 30)))
    )
    yield Application(
        first,
        "guarantor3",
        "confirmed",
        at(date(2024, 5, 16), 9, 5),
        (
            ("submit", at(date(2024, 5, 16), 9, 41)),
            ("prepare", at(date(2024, 5, 17), 11, 8)),
            ("issue", at(date(2024, 5, 20), 10, 26, 31)),
            ("confirm", at(date(2024, 5, 22), 15, 30)),
        ),
        Decimal(16_130_000),
        date(2024, 5, 20),
        date(2025, 5, 20),
        policy_no="x123-00000000002",
        premium=Decimal(48_390),
        serial=127,
    )
    yield Application(
        second,
        "guarantor3",
        "confirmed",
        at(date(2024, 5, 13), 14, 20),
        (
            ("submit", at(date(2024, 5, 13), 15, 2)),
            ("prepare", at(date(2024, 5, 14), 16, 37)),
            ("issue", at(date(2024, 5, 15), 13, 52, 26)),
            ("confirm", at(date(2024, 5, 16), 10, 12)),
        ),
        Decimal(10_000_000),
        date(2024, 5, 15),
        date(2024, 5, 31),
        policy_no="NO.4560218",
        premium=Decimal(1000),
        serial=288,
    )


def _others(drawing: Drawing, today: date) -> Iterator[Application]:
    for line in _TABLE.strip().splitlines():
        employer, contractor, guarantor, path, ago, ends_in, *more = line.split()
        terms, starts_in = (*more, "-", "-")[:2]
        applied_on = max(today - timedelta(days=int(ago)), _FIRST_APPLIED_ON)
        ends_on = today + timedelta(days=int(ends_in))
        work = drawing.work(
            employer, contractor, signed_on=applied_on - timedelta(days=25), finish_on=ends_on - timedelta(days=28)
        )
        saved_at = at(_working(applied_on), 9, drawing.invent.random.randint(0, 59))
        steps = _steps(PATHS[path], saved_at, minute=drawing.invent.random.randint(0, 59))
        issued_on = next((moment.date() for step, moment in steps if step == "issue"), applied_on)
        starts_on = today + timedelta(days=int(starts_in)) if starts_in != "-" else issued_on
        work.agreed = terms == "agreed"
        amount = _amount(drawing, work.price, applied_on, agreed=work.agreed)
        to_follow = amount / 2 if terms == "parts" else Decimal(0)
        yield Application(
            work,
            guarantor,
            path,
            saved_at,
            steps,
            amount - to_follow,
            starts_on,
            ends_on,
            fiscal=terms == "fiscal",
            to_follow=to_follow,
        )


def _steps(names: tuple[str, ...], saved_at: datetime, *, minute: int) -> tuple[tuple[str, datetime], ...]:
    """Each step on a working day, later than the one before it."""
    found, day, last = [], saved_at.date(), saved_at
    for name in names:
        day += timedelta(days=_STEP_DAYS[name])
        last = max(at(_working(day), _STEP_HOURS[name], minute, (minute * 7) % 60), last + timedelta(minutes=41))
        found.append((name, last))
    return tuple(found)


def _working(day: date) -> date:
    """The day itself or the last working day before it."""
    while not calendars.current().is_working_day(day):
        day -= timedelta(days=1)
    return day


def _amount(drawing: Drawing, price: Decimal, day: date, *, agreed: bool) -> Decimal:
    """The minimum or somewhat more, in whole 万元."""
    least = minimum(price, policies.on(day), agreed=agreed)
    chosen = least * drawing.invent.random.choice((100, 100, 120, 150)) / 100
    return (chosen / 10_000).to_integral_value(ROUND_CEILING) * 10_000
