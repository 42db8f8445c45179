"""A regulator at its desk with a workbook."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.viewer import as_system
from app.ledger import history
from models.permit import Permit
from tests.servers import token_in

UPLOAD = "/permits/import/"


@dataclass
class Desk:
    """One signed-in account and what it does with workbooks."""

    client: FlaskClient

    def __post_init__(self) -> None:
        self.csrf = token_in(self.client.get(UPLOAD).text)

    def upload(self, data: bytes, name: str = "许可证.xlsx") -> TestResponse:
        """Send the workbook."""
        given = {"csrf_token": self.csrf, "workbook": (BytesIO(data), name)}
        return self.client.post(UPLOAD, data=given)

    def check(self, data: bytes) -> "Check":
        """Send the workbook and read the dry run."""
        answer = self.upload(data)
        assert answer.status_code == 302, words(answer)
        return self.look(answer.headers["Location"])

    def look(self, address: str) -> "Check":
        """Read the dry run again."""
        answer = self.client.get(address)
        assert answer.status_code == 200
        return Check(self, address, answer.text)

    def confirm(self, address: str) -> str:
        """Confirm, and give what the next page says."""
        answer = self.client.post(f"{address}/confirm", data={"csrf_token": self.csrf})
        assert answer.status_code == 302, words(answer)
        return notes(self.client.get(answer.headers["Location"]).text)


@dataclass
class Check:
    """A dry run as its page shows it."""

    desk: Desk
    address: str
    html: str

    @property
    def says(self) -> str:
        """The notes on the page."""
        return notes(self.html)

    @property
    def may_be_confirmed(self) -> bool:
        """Whether the page offers 确认导入."""
        return f'data-post="{self.address}/confirm"' in self.html

    def row(self, number: int) -> str:
        """The words of one row of the table."""
        for row in re.findall(r"<tr role=\"row\">.*?</tr>", self.html, re.S):
            found = re.findall(r"<td.*?</td>", row, re.S)
            if found and plain(found[0]) == str(number):
                return " ".join(plain(cell) for cell in found)
        raise AssertionError(f"no row {number}")

    def confirm(self) -> str:
        """Confirm it."""
        return self.desk.confirm(self.address)

    def faults(self) -> Worksheet:
        """The workbook of its faults."""
        answer = self.desk.client.get(f"{self.address}/faults")
        assert answer.status_code == 200
        return sheet(answer.data)


def plain(html: str) -> str:
    """The words without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def notes(html: str) -> str:
    """What the coloured lines of a page say."""
    return " ".join(
        plain(note)
        for note in re.findall(r'<div class="note .*?</div>\s*</div>|<div class="note .*?</div>', html, re.S)
    )


def words(answer: TestResponse) -> str:
    """All words of a page."""
    return plain(answer.text)


def sheet(data: bytes) -> Worksheet:
    """The first sheet of a workbook."""
    page = load_workbook(BytesIO(data)).worksheets[0]
    assert isinstance(page, Worksheet)
    return page


def permit_count(app: Flask) -> int:
    """How many permits the register holds."""
    with app.app_context(), as_system():
        count = db.session.scalar(select(func.count()).select_from(Permit))
        db.session.rollback()
    return count or 0


def permit(app: Flask, permit_no: str) -> Permit:
    """One permit of the register."""
    with app.app_context(), as_system():
        found = db.session.scalars(select(Permit).where(Permit.permit_no == permit_no)).one()
        db.session.expunge_all()
        db.session.rollback()
    return found


def chain(app: Flask) -> str:
    """What the history's verifier says; empty when the chain is whole."""
    with app.app_context(), as_system():
        said = history.verify()
        db.session.rollback()
    return said


@pytest.fixture
def desk_of(client_of: Callable[[str], FlaskClient]) -> Callable[[str], Desk]:
    """Gives the desk of this demo account."""
    return lambda username: Desk(client_of(username))


@pytest.fixture
def desk(desk_of: Callable[[str], Desk]) -> Desk:
    """The desk of the province's regulator."""
    return desk_of("regulator")
