"""Eight programs push at once, in any order, with repeats, and are killed: nothing acknowledged is lost or there twice.

PUSHED=100000 pushes all that a day of 200 accounts brings; a run of all tests has no time for it.
"""

import json
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.core import clock
from app.core.clock import now
from app.core.database import db
from app.engine import workers
from models.modes.escrow import Escrow
from models.movements.batch import MovementBatch
from models.movements.movement import AccountMovement
from tests import bare as site
from tests.engine.test_jobs import wait_until
from tests.installations import Home
from tests.movements.pushers import WORK, Pushers, acknowledged, is_gone, pushers
from tests.movements.said import agreement, row

pytestmark = pytest.mark.databases("sqlite", "postgres")

PUSHED = int(os.environ.get("PUSHED") or 2_000)
ACCOUNTS = max(PUSHED // 500, 16)
PUSHERS = 8
BATCH = 100
KILLS = 6
SAME_INSTANT = 3
"""So many movements of an account are booked at one instant."""


@pytest.fixture(scope="module")
def processes(bare: Flask, bare_home: Home) -> Iterator[Pushers]:
    """Processes that push, started in no time."""
    with pushers(bare_home) as opened:
        yield opened


def moved(account_no: str, count: int, chance: random.Random) -> tuple[list[dict[str, Any]], Decimal]:
    """So many movements of the account, and what they leave on it."""
    rows, held = [], 161_300_000
    for number in range(count):
        fen = chance.randint(-1_000_000, 1_000_000) or 1
        held += fen
        at = (site.at(site.DAY) + timedelta(hours=1, seconds=number // SAME_INSTANT)).isoformat()
        amount, balance = f"{Decimal(fen) / 100:.2f}", f"{Decimal(held) / 100:.2f}"
        rows.append(row(account_no, f"{account_no}-{number:06d}", amount, balance, booked_at=at))
    return rows, Decimal(held) / 100


def written(folder: Path, rows: Sequence[dict[str, Any]], chance: random.Random) -> list[Path]:
    """The rows in any order, parted among the pushers, each with rows of the others: files of batches."""
    mixed = [*rows]
    chance.shuffle(mixed)
    files = []
    for number in range(PUSHERS):
        own = mixed[number::PUSHERS]
        own += chance.sample(rows, len(own) // 10)
        chance.shuffle(own)
        batches = [json.dumps(own[start : start + BATCH]) for start in range(0, len(own), BATCH)]
        files.append(folder / f"pusher-{number}")
        files[-1].write_text("\n".join(batches))
    return files


def answers_of(file: Path) -> Path:
    return file.with_suffix(".answers")


def answered(files: Sequence[Path]) -> int:
    """How many batches of all of them were acknowledged."""
    return sum(acknowledged(answers_of(each)) for each in files)


def is_pushed(file: Path) -> bool:
    return acknowledged(answers_of(file)) == len(file.read_text().splitlines())


def counted(app: Flask) -> tuple[int, int]:
    """How many movements there are, and how many the batches say that they took."""
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.scalar(select(func.count()).select_from(AccountMovement.__table__))
        taken = connection.scalar(select(func.sum(MovementBatch.taken_count)))
        return int(rows or 0), int(taken or 0)


def waiting(app: Flask) -> int:
    """How many jobs of ours are not over."""
    query = text("SELECT count(*) FROM job WHERE kind = 'book_movements' AND state NOT IN ('completed', 'discarded')")
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def rescue_all(app: Flask) -> None:
    with clock.frozen_time(now() + workers.SILENT_FOR * 2), app.app_context():
        workers.rescue()


def test_nothing_acknowledged_is_lost_nothing_is_there_twice_and_balances_are_the_sums(
    bare: Flask, processes: Pushers, tmp_path: Path
) -> None:
    chance = random.Random(20261201)
    keys = [agreement(bare) for _ in range(ACCOUNTS)]
    numbers = [str(site.look(bare, Escrow, key)["account_no"]) for key in keys]
    told = [moved(no, PUSHED // ACCOUNTS, chance) for no in numbers]
    files = written(tmp_path, [each for rows, _left in told for each in rows], chance)
    running = {file: processes.begin(file, answers_of(file)) for file in files}
    worker = processes.begin(WORK)
    for kill in range(KILLS):
        struck = chance.choice(files)
        before = answered(files)
        wait_until(lambda before=before: answered(files) > before or all(map(is_pushed, files)))  # type: ignore[misc]
        for process in (running[struck], worker if kill % 3 == 2 else 0):
            if process:
                with suppress(ProcessLookupError):  # it may have pushed everything by itself
                    os.kill(process, SIGKILL)
                wait_until(lambda process=process: is_gone(process))  # type: ignore[misc]
        running[struck] = processes.begin(struck, answers_of(struck))
        if kill % 3 == 2:
            worker = processes.begin(WORK)
    for file in files:
        while (had := acknowledged(answers_of(file))) < len(file.read_text().splitlines()):
            wait_until(lambda file=file, had=had: acknowledged(answers_of(file)) > had)  # type: ignore[misc]
    rescue_all(bare)
    while left := waiting(bare):
        wait_until(lambda left=left: waiting(bare) < left)  # type: ignore[misc]
    os.kill(worker, SIGTERM)
    everything = ACCOUNTS * (PUSHED // ACCOUNTS)
    assert counted(bare) == (everything, everything)
    for key, (_rows, balance) in zip(keys, told, strict=True):
        now_held = site.look(bare, Escrow, key)
        assert (now_held["balance"], now_held["moved_count"]) == (balance, PUSHED // ACCOUNTS)
        assert site.findings(bare, Escrow, key) == []
    verified = bare.test_cli_runner().invoke(args=["verify-history"])
    assert "the history is whole" in verified.output, verified.output
