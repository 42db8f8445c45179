"""A number is used up by the transaction that commits, and by no other."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.core import numbers
from app.core.database import db
from models.grammar.viewer import SYSTEM
from tests.bare import DAY, work


@pytest.fixture
def session(bare: Flask) -> Iterator[Session]:
    with work(bare, SYSTEM):
        yield db.session()


def test_a_number_of_a_transaction_that_was_undone_is_given_again(session: Session) -> None:
    assert numbers.next_serial("保函") == 1
    session.commit()
    assert numbers.next_serial("保函") == 2
    session.rollback()
    assert numbers.next_serial("保函") == 2
    session.commit()
    assert numbers.next_serial("保函") == 3


def test_a_block_leaves_nothing_between_it_and_the_next(session: Session) -> None:
    assert [numbers.next_block("申请", 5), numbers.next_serial("申请"), numbers.next_block("申请", 2)] == [1, 6, 7]


def test_each_day_counts_from_one(session: Session) -> None:
    assert numbers.next_serial(numbers.of_day("保函", DAY)) == 1
    assert numbers.next_serial(numbers.of_day("保函", DAY.replace(day=13))) == 1
