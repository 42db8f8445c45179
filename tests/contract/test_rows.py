"""A screen that shows a part of one's rows shows no more of them in its files, on its pages and in its steps."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import ColumnElement, select

from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.funds.fund import Fund
from models.guarantor import Guarantor
from models.modes.letter import Letter
from tests.contract.world import organisation_of

Client = Callable[[str], FlaskClient]


def column_of(answer: Any, head: str) -> set[str]:
    """What stands under this head of a workbook."""
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    place = rows[0].index(head)
    return {str(row[place]) for row in rows[1:]}


def kept(app: Flask, column: Any, *clauses: ColumnElement[bool]) -> set[str]:
    """What the database holds, whoever may see it."""
    with app.app_context():
        found = db.session.scalars(select(column).where(*clauses).execution_options(**UNSCOPED))
        return {str(each) for each in found}


def test_the_public_list_of_guarantors_is_exported_without_those_that_are_not_filed(
    app: Flask, client_of: Client
) -> None:
    shown = kept(app, Guarantor.uscc, Guarantor.state.in_(("filed", "suspended")))
    hidden = kept(app, Guarantor.uscc, Guarantor.state.in_(("submitted", "returned", "refused", "cancelled")))
    assert shown and hidden
    found = column_of(client_of("regulator").get("/guarantors/export/", buffered=True), "机构统一社会信用代码")
    assert found == shown


def test_a_guarantor_exports_its_own_filing_and_not_those_of_the_public_list(app: Flask, client_of: Client) -> None:
    with app.app_context():
        own = organisation_of("guarantor")
    found = column_of(client_of("guarantor").get("/filings/export/", buffered=True), "机构统一社会信用代码")
    assert found == kept(app, Guarantor.uscc, Guarantor.organisation_id == own)


def test_the_export_of_backfills_holds_no_letter_of_ours(app: Flask, client_of: Client) -> None:
    with app.app_context():
        own = Letter.employer_id == organisation_of("employer")
    found = column_of(client_of("employer").get("/backfills/export/", buffered=True), "保单编号") - {"None", ""}
    assert found == kept(app, Letter.policy_no, own, Letter.backfilled.is_(True), Letter.policy_no.is_not(None))
    assert kept(app, Letter.policy_no, own, Letter.backfilled.is_(False)) - found


def test_the_export_of_the_calendar_holds_no_account_that_is_not_filed(app: Flask, client_of: Client) -> None:
    found = column_of(client_of("regulator").get("/account-months/export/", buffered=True), "开户号")
    assert found == kept(app, Fund.account_no, Fund.first_month.is_not(None))
    assert kept(app, Fund.account_no, Fund.first_month.is_(None)) - found


@pytest.mark.parametrize("path", ["/filings/show/{}", "/filings/do/{}/suspend", "/filings/edit/{}"])
def test_a_filing_that_is_public_is_not_opened_on_the_desk_of_another_guarantor(
    app: Flask, client_of: Client, path: str
) -> None:
    with app.app_context():
        others = Guarantor.organisation_id != organisation_of("guarantor")
        key = min(int(each) for each in kept(app, Guarantor.id, others, Guarantor.state == "filed"))
    client = client_of("guarantor")
    assert client.get(f"/guarantors/show/{key}").status_code == 200
    assert client.get(path.format(key)).status_code == 404
