"""What one person of a guarantor has worked out on a claim is nobody else's until a second one stands by it."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.engine import transitions
from models.amendment import Amendment
from models.claim import Claim
from models.modes.letter import Letter
from models.rules.money import show
from tests.app.test_evidence import made, members
from tests.contract.world import at_work, organisation_of
from tests.notices.told import make

Known = Callable[[str], FlaskClient]
PAYOUT = Decimal("123456.78")
REMARK, REASON = "内部说明：按结算书核减", "内部意见：再核一遍工程量"
READERS = ("contractor2", "employer")
DESK = ("guarantor3", "guarantor3-issuer")


@pytest.fixture(scope="module")
def claim_id(app: Flask) -> int:
    """A claim of the demo that was decided, sent back by its reviewer, and decided again."""
    with app.app_context(), as_system():
        query = select(Claim.id).where(Claim.state == "submitted", Claim.guarantor_id == organisation_of(DESK[0]))
        key = db.session.scalars(query.order_by(Claim.id)).first()
        db.session.rollback()
    assert key is not None
    decided = {"payout": PAYOUT, "remark": REMARK}
    for by, step, inputs in ((0, "decide", decided), (1, "rework", {"reason": REASON}), (0, "decide", decided)):
        with at_work(app, DESK[by]):
            transitions.perform(Claim, key, step, inputs=inputs)
    make(app)
    return key


def secrets_of(app: Flask, key: int) -> tuple[str, ...]:
    """Everything by which one could tell what was decided: the sum as it is written, what would be left, the words."""
    with app.app_context(), as_system():
        claim = db.session.get(Claim, key)
        assert claim is not None
        letter = db.session.get(Letter, claim.letter_id)
        assert letter is not None and letter.amount is not None
        left = letter.amount - letter.paid - PAYOUT
        db.session.rollback()
    return (str(PAYOUT), show(PAYOUT, "万元"), show(left, "万元"), REMARK, REASON, "同意赔付并提交复核", "退回经办")


def sheet(client: FlaskClient, address: str) -> str:
    """The texts and numbers of an exported list."""
    book = load_workbook(BytesIO(client.get(address).data))
    return "\n".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row)


def read_by(app: Flask, client: FlaskClient, key: int, number: str) -> Iterator[tuple[str, str]]:
    """Every place where the reader meets the claim, and what it says."""
    with app.app_context(), as_system():
        letter_id = db.session.scalars(select(Claim.letter_id).where(Claim.id == key)).one()
        db.session.rollback()
    for address in (
        f"/claims/list/?claim_no={number}",
        f"/claims/show/{key}",
        f"/letters/show/{letter_id}",
        f"/letters/timeline/{letter_id}",
        "/notices/",
        "/",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        yield address, answer.text
    yield "the workbook", sheet(client, f"/claims/export/?claim_no={number}")
    pack = members(made(app, client, f"/evidence/claim/{key}"))
    yield "the pack", "\n".join(held.decode() for name, held in pack.items() if name.endswith(".json"))


def number_of(app: Flask, key: int) -> str:
    with app.app_context(), as_system():
        found = db.session.scalars(select(Claim.claim_no).where(Claim.id == key)).one()
        db.session.rollback()
    assert found is not None
    return found


@pytest.mark.parametrize("username", READERS)
def test_nobody_beside_the_guarantor_reads_what_is_not_reviewed(
    app: Flask, client_of: Known, claim_id: int, username: str
) -> None:
    number = number_of(app, claim_id)
    told = [
        (place, secret)
        for place, said in read_by(app, client_of(username), claim_id, number)
        for secret in secrets_of(app, claim_id)
        if secret in said
    ]
    assert told == []


def test_what_a_guarantor_has_worked_out_on_a_change_is_its_own_until_it_is_given_out(
    app: Flask, client_of: Known
) -> None:
    with app.app_context(), as_system():
        found = db.session.execute(select(Amendment.id, Amendment.fee).where(Amendment.state == "prepared")).first()
        db.session.rollback()
    assert found is not None and found.fee
    fee, address = show(found.fee, "元"), f"/amendments/show/{found.id}"
    assert fee in client_of("guarantor2").get(address).text
    page = client_of("employer").get(address).text
    assert fee not in page and "同意并提交复核" not in page


@pytest.mark.parametrize("username", READERS)
def test_neither_search_nor_order_gives_it_away(app: Flask, client_of: Known, claim_id: int, username: str) -> None:
    client = client_of(username)

    def listed(asked: str) -> list[int]:
        return [page.text.count(number) for page in [client.get(f"/claims/list/?{asked}")]]

    number = number_of(app, claim_id)
    hits = [listed(f"claim_no={number}&payout_from={low}&payout_to={high}") for low, high in (("12", "13"), ("1", "2"))]
    assert hits[0] == hits[1]
    assert client.get("/claims/list/?sort=payout").text.count("sort=payout") == client.get(
        "/claims/list/?sort=nothing"
    ).text.count("sort=payout")


def test_the_guarantor_reads_it_and_after_the_review_the_others_do(app: Flask, client_of: Known, claim_id: int) -> None:
    shown = show(PAYOUT, "万元")
    assert shown in client_of(DESK[1]).get(f"/claim-desk/show/{claim_id}").text
    with at_work(app, DESK[1]):
        transitions.perform(Claim, claim_id, "approve")
    for username in READERS:
        page = client_of(username).get(f"/claims/show/{claim_id}").text
        assert shown in page and REMARK in page
        assert REASON not in page
