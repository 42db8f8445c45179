"""`verify-ledger` reads every letter beside its ledger, and names the first that disagrees."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from app.core.database import db, writing
from app.core.viewer import as_system
from app.letters import balances
from tests.claims.histories import DAY, without_papers
from tests.claims.said import claim, clerk, decide, in_force, step
from tests.plans.said import contract

pytestmark = pytest.mark.databases("sqlite", "postgres")

BEHIND = (
    (
        "UPDATE guarantee SET reserved = reserved + 1 WHERE id = :letter",
        "it says reserved 300000.01, its ledger 300000.00",
    ),
    ("UPDATE guarantee SET amount = amount - 1 WHERE id = :letter", "it says amount 999999.99, its ledger 1000000.00"),
    ("UPDATE guarantee SET paid = 0 WHERE id = :letter", "it says paid 0.00, its ledger 400000.00"),
    ("UPDATE guarantee SET state = 'prepared' WHERE id = :letter", "it is not out, but has 5 entries"),
    ("UPDATE letter_ledger SET amount = amount + 1 WHERE letter_id = :letter AND kind = 'pay'", "takes more than"),
    (
        "UPDATE letter_ledger SET credit = 'paid' WHERE letter_id = :letter AND kind = 'reserve'",
        "(reserve) is on the wrong accounts",
    ),
    ("DELETE FROM letter_ledger WHERE letter_id = :letter AND kind = 'release'", "its ledger"),
    ("DELETE FROM letter_ledger WHERE letter_id = :letter", "it says amount 1000000.00, its ledger 0.00"),
    ("UPDATE claim SET held = 0 WHERE letter_id = :letter", "its claims hold 0.00, its ledger 300000.00"),
)


@pytest.fixture(scope="module")
def site(bare: Flask) -> Iterator[Flask]:
    """The application without a paper, with a letter on which nothing was ever claimed."""
    with without_papers(bare) as made:
        in_force(made, contract(made))
        yield made


@pytest.fixture(scope="module")
def letter_id(site: Flask) -> int:
    """A letter of 1,000,000, of which 400,000 of 500,000 claimed are paid, and 300,000 are held."""
    found = in_force(site, contract(site), amount="1000000")
    paid = claim(site, found, day=DAY, proof=False, amount=Decimal(500_000))
    decide(site, paid, "400000", day=DAY, remark="其余部分证明不足")
    step(site, paid, "pay", by=clerk(), day=DAY)
    claim(site, found, day=DAY, proof=False, amount=Decimal(300_000))
    return found


def _disarm(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP TRIGGER letter_ledger_append_only ON letter_ledger"))
        return
    for verb in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER letter_ledger_no_{verb}"))


def verified(app: Flask) -> tuple[str, int]:
    done = app.test_cli_runner().invoke(args=["verify-ledger"])
    return done.output.strip(), done.exit_code


@pytest.mark.parametrize(("statement", "said"), BEHIND)
def test_a_row_that_was_changed_behind_its_back_is_named(
    site: Flask, letter_id: int, statement: str, said: str
) -> None:
    with site.app_context(), as_system(), writing():
        connection = db.session.connection()
        _disarm(connection)
        connection.execute(text(statement), {"letter": letter_id})
        found = balances.verify()
        db.session.rollback()
    assert found.letter_count == 2
    assert found.fault.startswith(f"letter {letter_id} (") and said in found.fault


def test_the_command_fails_for_a_letter_that_disagrees(site: Flask, letter_id: int) -> None:
    assert verified(site) == ("2 letters checked: each agrees with its ledger", 0)
    with site.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE guarantee SET paid = paid - 1 WHERE id = :letter"), {"letter": letter_id})
    output, code = verified(site)
    assert output.endswith("it says paid 399999.99, its ledger 400000.00") and code == 1
