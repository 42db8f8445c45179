"""Thousands of contracts, drawn at random, reckoned twice: by the rules in Python and by the database."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from app.core.database import db
from app.cover import funds, reckoning, shortfall
from models.contract import Contract
from models.funds.fund import Fund
from models.funds.states import LIVE
from models.grammar.base import Record
from models.grammar.viewer import SYSTEM
from models.guarantee import Guarantee
from models.letters.standing import Standing, standing_of
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.policy import PolicyVersion, columns_of
from models.rules.policy import POLICIES
from tests.bare import (
    DAY,
    at,
    contract,
    escrow,
    fiscal,
    letter,
    number_on,
    presale,
    put,
    work,
)

pytestmark = pytest.mark.databases("sqlite", "postgres")
MANY = 5_000
VERSIONS = ("2024-07", "2025-01", "2025-02")
EDGES = (1, 10, 11, 999_999_999, 1_000_000_000, 1_000_000_001, 9_999_999_999, 10_000_000_000, 10_000_000_001)


@pytest.fixture(scope="module")
def drawn(bare: Flask) -> set[int]:
    """The ids of contracts of every kind of price, version and agreement, each with up to five instruments."""
    first = {**columns_of(POLICIES[0]), "basis": "测试"}
    put(bare, PolicyVersion(**first))
    put(bare, PolicyVersion(**{**first, "name": "2025-01", "from_on": date(2025, 1, 1), "flat_share": Decimal("8")}))
    put(bare, PolicyVersion(**{**first, "name": "2025-02", "from_on": date(2025, 2, 1), "reading": "whole"}))
    chance = random.Random(20241129)
    with bare.app_context(), Session(db.engine) as session:
        contracts = [_contract(chance, number) for number in range(MANY)]
        _keep(session, contracts)
        _keep(session, [row for each in contracts for row in _instruments(chance, each)])
        session.commit()
        return {each.id for each in contracts}


def _keep(session: Session, rows: list[Any]) -> None:
    """Insert rows of many classes table by table, which takes seconds where one by one takes minutes."""
    lines: dict[Table, list[dict[str, Any]]] = {}
    root = rows[0].__mapper__.local_table if not rows[0].__mapper__.inherits else Guarantee.__table__
    last = session.scalar(select(func.max(root.c.id))) or 0
    for number, row in enumerate(rows, start=last + 1):
        row.id, row.created_at = number, at(DAY)
        for table in row.__mapper__.tables:
            lines.setdefault(table, []).append(_line(row, table))
    for table in root.metadata.sorted_tables:
        if table in lines:
            session.execute(insert(table), lines[table])
    number_on(session, *{type(row) for row in rows})


def _line(row: Any, table: Table) -> dict[str, Any]:
    found = {each.name: getattr(row, row.__mapper__.get_property_by_column(each).key) for each in table.columns}
    defaults = {each.name: each.default.arg for each in table.columns if each.default is not None}  # type: ignore[union-attr]
    return {name: defaults.get(name) if value is None else value for name, value in found.items()}


def _contract(chance: random.Random, number: int) -> Contract:
    fen = chance.choice(EDGES) if chance.random() < 0.2 else chance.randint(1, 10 ** chance.randint(4, 14))
    return contract(
        contract_no=f"随机合同{number}",
        price=Decimal(fen) / 100,
        agreed=chance.random() < 0.4,
        policy_version=chance.choice((None, *VERSIONS, "2019-01")),
        terms_state=chance.choice(("proposed", "confirmed", "objected")),
    )


def _instruments(chance: random.Random, of: Contract) -> Iterator[Record]:
    for _each in range(chance.randint(0, 5)):
        share = Decimal(chance.randint(1, 800)) / 100
        amount = max((of.price * share / 100).quantize(Decimal("0.01")), Decimal("0.01"))
        given = {"contract_id": of.id, "contract_no": of.contract_no, "contract_price": of.price, "amount": amount}
        yield chance.choice((_letter, _account, _budget))(chance, given)


def _letter(chance: random.Random, given: dict[str, Any]) -> Record:
    days = {
        "starts_on": DAY + timedelta(chance.choice((-9, 0, 1))),
        "ends_on": DAY + timedelta(chance.choice((-1, 0, 9))),
    }
    if chance.random() < 0.3:
        said = chance.choice(({}, {"acknowledged_at": at(DAY)}, {"attested_at": at(DAY)}, {"confirmed_at": at(DAY)}))
        state = chance.choice(("unconfirmed", "issued", "objected"))
        return letter(state, backfilled=True, **said, **days, **given)
    paid = chance.choice((Decimal(0), given["amount"], min(given["amount"], Decimal("0.01"))))
    ended = {"ended_on": DAY} if chance.random() < 0.1 else {}
    return letter(chance.choice(("draft", "prepared", "issued", "confirmed")), paid=paid, **ended, **days, **given)


def _account(chance: random.Random, given: dict[str, Any]) -> Record:
    made, state = chance.choice((escrow, presale)), chance.choice(("agreed", "filed", "cleared", "released"))
    balance = chance.choice((None, Decimal(0), Decimal("0.01"), given["amount"]))
    divided = {}
    if chance.random() < 0.4:
        part = chance.choice((Decimal(0), Decimal("0.01"), given["amount"]))
        before = chance.choice((Decimal(0), Decimal("0.01"), given["amount"]))
        divided = {"divided_amount": part, "divided_before": before}
    return made(state, balance=balance, **divided, **given)


def _budget(chance: random.Random, given: dict[str, Any]) -> Record:
    return fiscal(chance.choice(("submitted", "filed", "superseded")), **given)


def _parts_by_rule() -> dict[int, Decimal]:
    """What the accounts, letters and budgets give to each contract, one by one in Python."""
    found: dict[int, Decimal] = {}
    for each in db.session.scalars(select(Guarantee)).unique():
        given = Decimal(0)
        if isinstance(each, Letter) and standing_of(each, DAY) == Standing.IN_FORCE:
            given = each.amount_left
        elif isinstance(each, Fund) and each.state in LIVE and each.starts_on and each.starts_on <= DAY:
            given = each.own_part(each.money)
        elif isinstance(each, Fiscal) and each.state == "filed":
            given = each.amount or Decimal(0)
        found[each.contract_id or 0] = found.get(each.contract_id or 0, Decimal(0)) + given
    return found


def test_rules_and_database_say_the_same_of_every_contract(bare: Flask, drawn: set[int]) -> None:
    with work(bare, SYSTEM):
        contracts = [each for each in db.session.scalars(select(Contract)).unique() if each.id in drawn]
        by_rule = {}
        for start in range(0, MANY, 500):
            found = reckoning.of_contracts(contracts[start : start + 500])
            by_rule |= {key: (each.total, each.minimum, each.degree) for key, each in found.items()}
        sums = shortfall.reckoning()
        rows = db.session.execute(
            sums.join(select(Contract.id, sums.covered, sums.least()).select_from(Contract))
        ).all()
        words = {
            word: set(db.session.scalars(select(Contract.id).where(shortfall.contracts_covered(word))))
            for word in ("enough", "short", "none")
        }
        parts = _parts_by_rule()
    assert {key: each[0] for key, each in by_rule.items()} == {key: parts.get(key, Decimal(0)) for key in drawn}
    by_database = {key: (Decimal(total) / 100, Decimal(least) / 100) for key, total, least in rows if key in drawn}
    assert len(by_database) == MANY
    assert by_database == {key: each[:2] for key, each in by_rule.items()}
    for word, keys in words.items():
        assert keys & drawn == {key for key, each in by_rule.items() if each[2] == word} != set(), word


@pytest.mark.parametrize(("version", "least"), [("2024-07", "1613000"), ("2025-01", "1290400"), (None, "1613000")])
def test_contract_account_and_lists_measure_by_the_version_of_the_last_check(
    bare: Flask, drawn: set[int], version: str | None, least: str
) -> None:
    key = put(bare, contract(contract_no=f"按版本{version}", policy_version=version))
    money = put(bare, escrow("filed", contract_id=key, amount=Decimal(100), policy_version="2024-07"))
    with work(bare, SYSTEM):
        found = reckoning.cover(db.session.get_one(Contract, key))
        sums = shortfall.reckoning()
        row = db.session.execute(sums.join(select(sums.gap).select_from(Contract)).where(Contract.id == key)).one()
        missing = funds.shortfall(db.session.get_one(Fund, money))
    assert found.minimum == Decimal(least)
    assert {found.gap, row[0], missing} == {Decimal(least) - 100}
