"""The last wall: sums that cannot be are refused by the tables themselves, as the migrations have made them."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.core.database import db
from models.funds.report import FundReport
from models.grammar.viewer import SYSTEM
from models.guarantee import Guarantee
from tests.bare import MINIMUM, PRICE, letter, look, put, report, work

FEN = Decimal("0.01")


def refused(app: Flask, model: type[Guarantee] | type[FundReport], key: int, **values: object) -> None:
    """The table takes none of this, and keeps what it holds."""
    before = look(app, model, key)
    with work(app, SYSTEM), pytest.raises(IntegrityError, match="CHECK"):
        db.session.execute(update(model.__table__).where(model.__table__.c.id == key).values(**values))
    assert look(app, model, key) == before


def test_no_more_is_paid_than_the_letter_covers_and_no_less_than_nothing(bare: Flask) -> None:
    key = put(bare, letter("issued", amount=MINIMUM, paid=MINIMUM))
    refused(bare, Guarantee, key, paid=MINIMUM + FEN)
    refused(bare, Guarantee, key, paid=-FEN)
    refused(bare, Guarantee, key, amount=MINIMUM - FEN)


def test_a_report_closes_with_what_its_movements_leave(bare: Flask) -> None:
    key = put(bare, report("draft"))
    refused(bare, FundReport, key, closing=MINIMUM + FEN)
    refused(bare, FundReport, key, paid_in=FEN)
    refused(bare, FundReport, key, paid_out=FEN)
    refused(bare, FundReport, key, paid_in=-FEN, closing=MINIMUM - FEN)
    refused(bare, FundReport, key, paid_out=PRICE, closing=MINIMUM - PRICE)
