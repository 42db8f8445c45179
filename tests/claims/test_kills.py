"""Whoever pays out a claim may be killed at any instant: it is paid, with all that follows, or it is not.

`make histories` kills more than a run of all tests has time for (KILLS=40).
"""

import os
import random
from collections.abc import Iterator
from threading import Event
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.database import db
from models.claim import Claim
from tests.claims.histories import DAY, without_papers
from tests.claims.payer import Payers, payers
from tests.claims.said import claim, clerk, decide, in_force, left, look, step
from tests.installations import Home
from tests.plans.said import contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

KILLS = int(os.environ.get("KILLS") or 4)
TOGETHER = 3
"""How many payouts a payer is given: it may be struck in each, and between them."""

CLAIMED, AMOUNT = 700_000, 2_500_000


@pytest.fixture(scope="module")
def site(bare: Flask) -> Iterator[Flask]:
    """The application without a paper."""
    with without_papers(bare) as made:
        yield made


@pytest.fixture(scope="module")
def processes(site: Flask, bare_home: Home) -> Iterator[Payers]:
    """Processes that pay, started in no time."""
    with payers(bare_home) as opened:
        yield opened


def agreed_claims(app: Flask) -> tuple[int, list[int]]:
    """A letter, and the claims on it that are to be paid."""
    letter_id = in_force(app, contract(app), amount=str(AMOUNT))
    keys = [claim(app, letter_id, day=DAY, proof=False, amount=CLAIMED) for _ in range(TOGETHER)]
    for key in keys:
        decide(app, key, str(CLAIMED), day=DAY)
    return letter_id, keys


def wait_for_the_server(app: Flask, letter_id: int) -> None:
    """What a killed process has sent already may be at work on PostgreSQL still: it holds the letter till its end."""
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT id FROM letter WHERE id = :key FOR UPDATE"), {"key": letter_id})


def paid_of(app: Flask, letter_id: int, keys: list[int]) -> int:
    """How many are paid, in their order; each is as it was or as it is to be, and the letter says the same."""
    rows = [look(app, Claim, key) for key in keys]
    seen = [(row["state"], row["held"], row["paid_at"] is not None) for row in rows]
    paid = sum(state == "paid" for state, _held, _paid in seen)
    assert seen == [("paid", 0, True)] * paid + [("agreed", CLAIMED, False)] * (TOGETHER - paid)
    assert left(app, letter_id) == (AMOUNT, CLAIMED * (TOGETHER - paid), CLAIMED * paid)
    return paid


def is_whole(app: Flask) -> None:
    for command, said in (("verify-ledger", "each agrees with its ledger"), ("verify-history", "the history is whole")):
        done = app.test_cli_runner().invoke(args=[command])
        assert said in done.output and done.exit_code == 0, done.output


def test_whenever_a_payer_is_killed_each_claim_is_paid_or_is_not(site: Flask, processes: Payers) -> None:
    chance, struck = random.Random(20261130), 0
    letter_id, keys = agreed_claims(site)
    began, payer = monotonic(), processes.begin(keys)
    processes.wait()
    longest = monotonic() - began
    processes.kill(payer)
    assert paid_of(site, letter_id, keys) == TOGETHER
    for _ in range(KILLS):
        letter_id, keys = agreed_claims(site)
        payer = processes.begin(keys)
        Event().wait(chance.random() * longest)  # so that it is struck anywhere
        processes.kill(payer)
        wait_for_the_server(site, letter_id)
        paid = paid_of(site, letter_id, keys)
        struck += paid < TOGETHER
        for key in keys[paid:]:
            step(site, key, "pay", by=clerk(), day=DAY)
        assert paid_of(site, letter_id, keys) == TOGETHER
    is_whole(site)
    print(f"{KILLS} kills, {struck} before all was paid")
