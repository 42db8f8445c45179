"""What a version would change is counted before it is saved: contracts below their minimum, last days that move."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.viewer import as_system
from app.cover import reckoning
from app.policy import preview
from app.policy.preview import Due
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.report import FundReport
from models.funds.states import LIVE
from models.grammar.workflow import Clock
from models.modes.letter import Letter
from models.policy import policy_of
from models.rules import days, months
from models.rules.holidays import OFFICIAL
from models.rules.minimum import minimum
from tests.contract.world import EAST, World, at_work, letter_values, save
from tests.modes.accounts import filed
from tests.policies.versions import DAY, FIRST, figures

pytestmark = pytest.mark.databases("sqlite", "postgres")


def test_the_preview_counts_the_contracts_whose_cover_falls_short(app: Flask, world: World) -> None:
    new = figures(flat_share=Decimal(12), first_share=Decimal(11))
    with at_work(app, "admin"):
        found = preview.of(new, key=None)
    expected = short_under(app, policy_of(new)) - short_under(app, FIRST)
    assert expected
    assert {each.contract_no for each in found.falling} == expected
    assert found.rising == ()
    assert [each.label for each in found.changed] == ["施行日期", "最低担保比例(%)", "第一档比例(%)"]


def test_the_preview_counts_from_what_each_contract_is_measured_by(
    app: Flask, world: World, announced: Callable[..., int]
) -> None:
    """A version that lies between has measured nobody yet."""
    announced(flat_share=Decimal(12), first_share=Decimal(11))
    with at_work(app, "admin"):
        found = preview.of(figures(name="2032-01", from_on=date(2032, 1, 1)), key=None)
    assert found.base.version == "2031-01"
    assert found.falling == found.rising == ()


def test_the_preview_shows_the_last_days_that_move(app: Flask, world: World) -> None:
    with at_work(app, "admin"):
        found = preview.of(figures(confirm_days=3), key=None)
    with app.app_context(), as_system():
        issued = db.session.scalars(select(Letter).where(Letter.state == "issued", Letter.issued_at.is_not(None))).all()
        begun = {each.application_no: each.issued_at.date() for each in issued}
        kept = {
            each.application_no: each.due_on
            for each in issued
            if each.due_on == days.due_on(each.issued_at.date(), 10, holidays=OFFICIAL)
        }
    letters = [each for each in found.moved if each.number]
    assert {each.number: each.before for each in letters} == kept != {}
    assert {each.number: each.after for each in letters} == {
        key: days.due_on(begun[key], 3, holidays=OFFICIAL) for key in kept
    }
    assert {each.clock.label for each in letters} == {"施工单位确认"}
    assert found.late == ()


def test_the_preview_looks_at_every_record_that_has_a_clock(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Clock("bank", "银行确认月报", "submitted_at", "confirm_days", kept=False)
    monkeypatch.setattr(FundReport, "clocks", {"submitted": answer})
    with at_work(app, "admin"):
        found = preview.of(figures(confirm_days=3), key=None)
    with app.app_context(), as_system():
        waiting = db.session.scalars(select(FundReport).where(FundReport.state == "submitted")).unique().all()
        begun = sorted(each.submitted_at.date() for each in waiting)
    moved = [each for each in found.moved if each.clock is answer]
    assert sorted(each.before for each in moved) == [days.due_on(day, 10, holidays=OFFICIAL) for day in begun] != []
    assert sorted(each.after for each in moved) == [days.due_on(day, 3, holidays=OFFICIAL) for day in begun]


def test_the_preview_shows_until_when_accounts_report(app: Flask, world: World) -> None:
    filed(app)
    with at_work(app, "admin"):
        found = preview.of(figures(monthly_due_day=20), key=None)
    with app.app_context(), as_system():
        live = db.session.scalars(select(Fund.application_no).where(Fund.state.in_(LIVE))).all()
    assert {each.number for each in found.moved} == set(live) != set()
    before, after = months.due_on("2031-01", 10, holidays=OFFICIAL), months.due_on("2031-01", 20, holidays=OFFICIAL)
    assert {(each.before, each.after) for each in found.moved} == {(before, after)}


def test_the_preview_names_the_backfills_that_become_late(app: Flask, world: World) -> None:
    """Open drafts are judged when they are submitted: 30 days are not over tomorrow, 5 days are."""
    settled_on = clock.today() - timedelta(days=28)
    tomorrow = clock.today() + timedelta(days=1)
    with at_work(app, EAST.employer):
        values = letter_values(EAST, contract_id=world.id(EAST, "contract"))
        number = save(Letter, {**values, "backfilled": True, "settled_on": settled_on}).application_no
    with at_work(app, "admin"):
        shorter = preview.of(figures(backfill_days=5, from_on=tomorrow), key=None)
        historical = preview.of(figures(backfill_cut_off_on=tomorrow, from_on=tomorrow), key=None)
    assert [(each.number, each.before) for each in shorter.late] == [
        (number, days.due_on(settled_on, 30, holidays=OFFICIAL))
    ]
    assert [each.after for each in shorter.late] == [days.due_on(settled_on, 5, holidays=OFFICIAL)]
    assert historical.late == ()
    assert [(each.number, each.after) for each in historical.moved] == [(number, None)]


@pytest.mark.parametrize(
    ("before", "after", "kept", "late"),
    [
        (DAY, DAY - timedelta(days=1), False, True),
        (DAY, DAY, False, False),
        (DAY - timedelta(days=1), DAY - timedelta(days=2), False, False),
        (None, DAY - timedelta(days=1), False, True),
        (DAY, None, False, False),
        (DAY, DAY - timedelta(days=1), True, False),
    ],
)
def test_only_what_is_judged_when_it_is_done_becomes_late(
    before: date | None, after: date | None, kept: bool, late: bool
) -> None:
    clock_ = Clock("backfill", "补录", "settled_on", "backfill_days", kept=kept)
    assert Due("SQ1", "工程", clock_, before, after).becomes_late(DAY) is late


def test_a_preview_that_looks_no_further_says_so(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "CAP", 1)
    with at_work(app, "admin"):
        found = preview.of(figures(flat_share=Decimal(99)), key=None)
    assert found.is_capped
    assert len(found.falling) <= 1


def short_under(app: Flask, policy: Any) -> set[str]:
    """The covered contracts whose cover does not reach the minimum of the policy, one by one."""
    with app.app_context(), as_system():
        found = set()
        for contract in db.session.scalars(select(Contract)).unique():
            total = reckoning.of_contract(contract.id)
            if 0 < total < minimum(contract.price, policy, agreed=contract.agreed):
                found.add(contract.contract_no)
        db.session.rollback()
        return found
