"""One contract day by day over 400 days, with National Day and Spring Festival in them, against a table by hand."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.engine import records, transitions
from models.alert import Alert, AlertEvent
from models.contract import Contract
from models.funds.report import FundReport
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER
from models.modes.letter import Letter
from models.parts import NamedPart
from models.plans.plan import PaymentPlan
from models.plans.postponement import Postponement
from models.plans.receipt import Receipt
from models.project import Project
from models.reminder import NodeReminder
from models.rules.alerts import RANKS
from tests.alerts.days import SYSTEM, own_contract, permit, sweep_on
from tests.bare import at, attachment, escrow, letter, look, person, put, work
from tests.modes.test_letter import PREPARER, REVIEWER, terms
from tests.plans.said import nodes, origins, postpone, prove, receive, say, state

pytestmark = pytest.mark.databases("sqlite", "postgres")
FIRST, DAYS = date(2025, 9, 1), 400
BY_HAND = Path(__file__).with_name("four_hundred_days.txt")
NODES = (
    ("advance", date(2025, 11, 10), "1613000"),
    ("labour", date(2026, 2, 8), "200000"),
    ("labour", date(2026, 3, 8), "200000"),
    ("progress", date(2026, 4, 30), "5000000"),
    ("final", date(2027, 6, 30), "8633100"),
    ("retention", date(2029, 5, 31), "483900"),
)
Line = tuple[str, str, str, str, str, str]


class Works:
    """What the sides do about one contract, each deed on its day; `named` are the things that alerts are about."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        days = {"signed_on": date(2025, 8, 20), "start_on": date(2025, 8, 25), "finish_on": date(2027, 5, 31)}
        self.key, self.permit_no = own_contract(app, permitted_on=date(2025, 8, 1), **days)
        of_permit = permit(app, self.permit_no, permitted_on=date(2025, 8, 1))
        said = look(app, Contract, self.key)
        project_name = look(app, Project, said["project_id"])["name"]
        self.contract = {"contract_id": self.key, "permit_no": self.permit_no, "project_name": project_name}
        self.contract |= {name: said[name] for name in ("contract_no", "start_on", "finish_on")}
        self.named = {("permit", of_permit): "permit", ("contract", self.key): "contract"}
        self.kept: dict[str, int] = {}
        self.deeds: Mapping[date, Callable[[], Any]] = {
            date(2025, 9, 5): partial(self.issue, "first", 1_000_000, ends_on=date(2026, 7, 31), follows="613000"),
            date(2025, 10, 9): partial(self.confirm, "first"),
            date(2025, 10, 27): self.plan,
            date(2025, 11, 3): lambda: self.say(PaymentPlan, "plan", "agree"),
            date(2025, 11, 10): partial(self.issue, "second", 613_000, ends_on=date(2026, 8, 31)),
            date(2025, 11, 12): partial(self.confirm, "second"),
            date(2026, 1, 15): partial(self.receive, "advance", "1000000"),
            date(2026, 1, 20): self.backfill,
            date(2026, 1, 28): partial(self.receive, "advance", "613000", kept="rest", papers=()),
            date(2026, 2, 2): lambda: prove(self.app, self.kept["rest"], day=date(2026, 2, 2)),
            date(2026, 3, 2): lambda: self.say(Receipt, "advance", "reverse", reason="记错节点"),
            date(2026, 3, 3): self.open_account,
            date(2026, 3, 5): partial(self.receive, "advance", "1000000", kept="anew"),
            date(2026, 3, 6): partial(self.receive, "wages", "200000", to_wage_account=True),
            date(2026, 3, 13): self.give_up,
            date(2026, 3, 16): partial(self.receive, "later wages", "200000", to_wage_account=True),
            date(2026, 4, 9): partial(self.report, "2026-03"),
            date(2026, 4, 20): self.postpone,
            date(2026, 4, 22): lambda: self.say(Postponement, "postponement", "agree"),
            date(2026, 5, 20): partial(self.report, "2026-04", then=""),
            date(2026, 5, 26): partial(self.answer, "2026-04", "object", reason="余额不符"),
            date(2026, 5, 28): partial(self.report, "2026-04", correction="核对银行对账单后更正"),
            date(2026, 6, 8): partial(self.report, "2026-05"),
            date(2026, 7, 9): partial(self.report, "2026-06"),
            date(2026, 8, 10): partial(self.report, "2026-07"),
            date(2026, 8, 20): partial(self.receive, "progress", "5000000"),
            date(2026, 9, 9): partial(self.report, "2026-08", paid_in="1313000", then=""),
            date(2026, 9, 16): partial(self.answer, "2026-08", "confirm"),
        }
        self.today = FIRST

    def issue(self, name: str, amount: int, *, ends_on: date, follows: str = "") -> None:
        parts = [NamedPart(mode="letter", amount=Decimal(follows or 0), by_on=date(2025, 10, 20), place=0)]
        given = terms(policy_no=f"四百日{name}", policy_key=f"四百日{name}", starts_on=self.today, ends_on=ends_on)
        given |= {**self.contract, "prepared_by_id": PREPARER.user_id}
        made = letter("prepared", amount=Decimal(amount), to_follow=parts if follows else [], **given)
        self.kept[name] = put(self.app, made)
        self.named["letter", self.kept[name]] = name
        with work(self.app, REVIEWER, self.today):
            transitions.perform(Letter, self.kept[name], "issue")

    def confirm(self, name: str) -> None:
        self.say(Letter, name, "confirm")

    def say(self, model: Any, name: str, step: str, **inputs: Any) -> None:
        say(self.app, model, self.kept[name], step, by=CONTRACTOR, day=self.today, **inputs)

    def plan(self) -> None:
        self.kept["plan"] = state(self.app, self.key, nodes(*NODES), day=self.today)
        names = ("advance", "wages", "later wages", "progress", "final", "retention")
        self.origins = dict(zip(names, origins(self.app, self.kept["plan"]), strict=True))
        with self.app.app_context(), as_system():
            found = db.session.get_one(PaymentPlan, self.kept["plan"]).nodes
            self.named |= {("plan_node", node.id): name for name, node in zip(names, found, strict=True)}

    def receive(self, node: str, amount: str, *, kept: str = "", **more: Any) -> None:
        made = receive(self.app, self.key, self.origins[node], amount, day=self.today, **more)
        self.kept[kept or node] = made

    def backfill(self) -> None:
        given = {"backfilled": True, "settled_on": date(2026, 1, 16), "contract_id": self.key}
        self.kept["backfill"] = put(self.app, letter("draft", permit_no=self.permit_no, **given))
        self.named["letter", self.kept["backfill"]] = "backfill"

    def give_up(self) -> None:
        with work(self.app, person(EMPLOYER), self.today):
            records.delete(Letter, self.kept["backfill"])

    def open_account(self) -> None:
        money = {"opening": Decimal(300_000), "balance": Decimal(300_000), "amount": Decimal(300_000)}
        given = {"filed_at": at(self.today), "first_month": "2026-03", "starts_on": self.today, **money}
        self.kept["account"] = put(self.app, escrow("filed", contract_id=self.key, permit_no=self.permit_no, **given))
        self.named["fund_account", self.kept["account"]] = "account"

    def report(self, month: str, *, paid_in: str = "0", then: str = "confirm", **more: Any) -> None:
        opening = Decimal(300_000)
        amounts = {"opening": opening, "paid_in": Decimal(paid_in), "paid_out": Decimal(0)}
        amounts["closing"] = opening + amounts["paid_in"]
        with work(self.app, person(EMPLOYER), self.today):
            given = {"account_id": self.kept["account"], "month": month, **amounts, **more}
            self.kept[month] = int(records.save(FundReport, given)[0].id)
        put(self.app, attachment("account_report", self.kept[month], category="statement"))
        with work(self.app, person(EMPLOYER), self.today):
            transitions.perform(FundReport, self.kept[month], "submit")
        if then:
            self.answer(month, then)

    def answer(self, month: str, step: str, **inputs: Any) -> None:
        with work(self.app, person(BANK), self.today):
            transitions.perform(FundReport, self.kept[month], step, inputs=inputs)

    def postpone(self) -> None:
        origin = self.origins["progress"]
        self.kept["postponement"] = postpone(self.app, self.key, origin, date(2026, 6, 15), day=self.today)

    def told(self) -> Iterator[Line]:
        """What was told of the things that are named, in the order of days and codes."""
        query = select(Alert, AlertEvent).join(AlertEvent, AlertEvent.alert_id == Alert.id)
        grades = {rank: grade for grade, rank in RANKS.items()}
        with work(self.app, SYSTEM), as_system():
            for each in db.session.scalars(select(NodeReminder)):
                name = self.named.get(("plan_node", each.node_id))
                if name:
                    yield f"{each.told_on}", f"{each.days}", name, "remind", "-", _plain(each.amount)
            for alert, event in db.session.execute(query):
                name = self.named.get((alert.subject_type, alert.subject_id))
                if name:
                    amount = "-" if event.amount is None else _plain(event.amount)
                    yield f"{event.told_on}", alert.code, name, event.reason, grades[event.rank], amount


def _plain(amount: Decimal) -> str:
    return f"{amount:f}".removesuffix(".00")


def by_hand() -> list[Line]:
    """The table's lines without their reckoning."""
    lines = (line for line in BY_HAND.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return [tuple(part.strip() for part in line.split("|")[:6]) for line in lines]  # type: ignore[misc]


def swept(works: Works, lines: list[Line]) -> set[date]:
    """The days that are swept: every one with DAILY=1; else those of deeds and of the table, and the day before each.

    What is told is the same: a day of rest changes nothing but when the system notices.
    """
    days = {FIRST + timedelta(days=number) for number in range(DAYS)}
    if os.environ.get("DAILY"):
        return days
    named = {*works.deeds, *(date.fromisoformat(day) for day, *_rest in lines)}
    return days & (named | {day - timedelta(days=1) for day in named} | {max(days)})


def test_what_is_told_over_400_days_is_what_the_table_says(bare: Flask) -> None:
    works, lines = Works(bare), by_hand()
    for day in sorted(swept(works, lines)):
        works.today = day
        works.deeds.get(day, lambda: None)()
        sweep_on(bare, day)
    assert works.today == date(2026, 10, 5)
    assert sorted(works.told()) == sorted(lines)
