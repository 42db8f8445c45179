"""One account over many months, in whatever order its reports are confirmed, objected to and corrected."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.database import db
from app.core.refusals import Refused
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.funds.states import COUNTING
from models.rules import months
from tests.bare import MINIMUM, look
from tests.modes.test_bank_words import account, decide, file, follow, handed_in
from tests.modes.test_division import cover_of

STEPS, LAST = 60, "2025-08"


class Account:
    """The account of one contract, under the agreement that is filed now, and what the bank has said of its months."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app, self.chance = app, Random(seed)
        self.key, self.given = account(app, amount=MINIMUM * 3)
        self.keys = [self.key]

    def reports(self, *states: str) -> list[FundReport]:
        """Its reports in these states, oldest month first."""
        query = select(FundReport).where(FundReport.account_id.in_(self.keys))
        with self.app.app_context(), Session(db.engine) as session:
            found = session.scalars(query.order_by(FundReport.month, FundReport.revision)).unique().all()
            return [each for each in found if not states or each.state in states]

    def report(self) -> None:
        """The month after the last that was reported."""
        reported = self.reports()
        month = months.after(reported[-1].month or "") if reported else "2025-01"
        if month <= LAST:
            self._hand_in(self.key, month)

    def correct(self) -> None:
        """Some month once more."""
        if found := self.reports("confirmed", "objected"):
            chosen = self.chance.choice(found)
            self._hand_in(chosen.account_id or 0, chosen.month or "")

    def confirm(self) -> None:
        """The bank's word on some report that waits."""
        self._decide("confirm")

    def object(self) -> None:
        """The bank's objection to one."""
        self._decide("object")

    def sign_anew(self) -> None:
        """An agreement with the old deposit takes the place of this one, if it reaches the minimum."""
        over = self.reports()
        if not over or over[-1].state not in COUNTING or len(self.keys) > 3:
            return
        new = follow(self.app, self.key, self.given)
        try:
            file(self.app, new, date.fromisoformat(f"{months.after(over[-1].month or '')}-09"))
        except Refused:
            return
        self.key = new
        self.keys.append(new)

    def newest_word(self) -> Decimal | None:
        """What the bank said of the newest month of which it has said anything."""
        said = [each for each in self.reports() if each.confirmed_at is not None]
        return said[-1].closing if said else None

    def come_to_one_truth(self) -> Decimal | None:
        """Every month corrected, in its order, to what the month before leaves, and confirmed; the last closing."""
        while waiting := self.reports("submitted"):  # an objection may put the month after back as well
            decide(self.app, waiting[0].id, "object")
        closing = None
        for month, key in sorted({each.month or "": each.account_id or 0 for each in self.reports()}.items()):
            found = [each for each in self.reports() if (each.account_id, each.month) == (key, month)]
            opening = closing if closing is not None else MINIMUM * 3
            standing = next((each for each in found if each.state == "confirmed"), None)
            if standing is None or standing.opening != opening:
                decide(self.app, handed_in(self.app, key, month, opening, opening, revision=len(found) + 1))
                closing = opening
            else:
                closing = standing.closing
        return closing

    def _hand_in(self, key: int, month: str) -> None:
        before = [each for each in self.reports(*COUNTING) if each.month == months.after(month, -1)]
        opening = before[-1].closing if before else look(self.app, Fund, key)["opening"]
        waiting = [each for each in self.reports("submitted") if each.month == month]
        if opening is None or waiting or (month != "2025-01" and not before):
            return
        versions = [each for each in self.reports() if (each.account_id, each.month) == (key, month)]
        closing = max(Decimal(0), opening + self.chance.choice([-MINIMUM, -10, Decimal("-0.01"), 0, 10, MINIMUM]))
        handed_in(self.app, key, month, opening, closing, revision=len(versions) + 1)

    def _decide(self, step: str) -> None:
        if found := self.reports("submitted"):
            try:
                decide(self.app, self.chance.choice(found).id, step)
            except Refused:
                return


@pytest.mark.parametrize("seed", range(10))
def test_no_order_of_words_gives_more_cover_than_the_newest_of_them(bare: Flask, seed: int) -> None:
    walked = Account(bare, seed)
    steps: list[Callable[[], Any]] = [walked.report, walked.confirm, walked.correct, walked.object, walked.sign_anew]
    for _turn in range(STEPS):
        walked.chance.choices(steps, weights=[4, 5, 2, 1, 1])[0]()
        newest, cover = walked.newest_word(), cover_of(bare, walked.given["contract_id"])
        assert newest is None or cover <= newest
    truth = walked.come_to_one_truth()
    assert truth is None or cover_of(bare, walked.given["contract_id"]) == truth
