"""What is asked of the system, by whom: the pages of a working day, over lists that are as long as they get."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from sqlalchemy import Row, select

from app.core.clock import today
from app.core.database import db
from bench import names
from models.contract import Contract
from models.guarantee import Guarantee
from models.modes.letter import Letter

USERNAMES = ("employer", "contractor", "guarantor", "regulator", "regulator-haikou")
EXPORTED_COUNT = 10_000


@dataclass(frozen=True)
class Question:
    """One page that is asked for."""

    label: str
    path: str


def of_viewer(username: str) -> list[Question]:
    """The questions of the account, which is the viewer at work; the detail page first."""
    key, letter_no, contractor_name, employer_name = _sample()
    other_side = {"employer_name": employer_name} if username == "contractor" else {"contractor_name": contractor_name}
    asked = [Question("detail", f"/letters/show/{key}"), Question("workbench", "/")]
    asked += [*_lists(), *_searches(letter_no, other_side)]
    if username == "employer":
        asked += [
            Question("add form", "/letters/add"),
            Question("picker", "/letters/pick/contract_id"),
            Question("picker, keyword", _query("/letters/pick/contract_id", q=names.FREQUENT)),
            Question("picker, guarantor", _query("/letters/pick/guarantor_id", q="担保")),
        ]
    asked += [Question("alerts", "/alerts/list/"), Question("alerts, red", "/alerts/list/?tab=red")]
    if username != "guarantor":
        asked += [Question("projects", "/projects/list/"), Question("contracts", "/contracts/list/")]
        asked.append(Question("contract", f"/contracts/show/{_contract()}"))
        asked += [
            Question(f"contracts, {word}", _query("/contracts/list/", cover=word)) for word in ("lacking", "enough")
        ]
        asked.append(Question("contracts, project", _query("/contracts/list/", project=names.FREQUENT)))
    if username.startswith("regulator"):
        asked += [Question("permits", "/permits/list/")]
        asked += [Question(f"permits, {word}", _query("/permits/list/", cover=word)) for word in ("none", "lacking")]
    return asked


def export_of(username: str, rows: int) -> Question:
    """An export of about EXPORTED_COUNT rows, or of fewer where the viewer has no more."""
    if username in ("employer", "contractor"):
        return Question("export", "/letters/export/?tab=confirmed")
    days = max(2, 2_200 * EXPORTED_COUNT // rows * (5 if username == "guarantor" else 1))
    ends_on = today() - timedelta(days=200)
    return Question(
        "export", _query("/letters/export/", issued_at_from=ends_on - timedelta(days=days), issued_at_to=ends_on)
    )


def _sample() -> Row[tuple[int, str, str, str]]:
    """A letter in force that the viewer at work may see, not its newest."""
    query = (
        select(Letter.id, Letter.letter_no, Letter.contractor_name, Letter.employer_name)
        .where(Letter.state == "confirmed")
        .order_by(Guarantee.id.desc())
    )
    return db.session.execute(query.offset(20).limit(1)).one()


def _contract() -> int:
    """A contract that the viewer at work may see, not its newest."""
    found = db.session.scalars(select(Contract.id).order_by(Contract.id.desc()).offset(20).limit(1))
    return int(found.one())


def _lists() -> list[Question]:
    return [
        Question("list", _letters()),
        Question("tab confirmed", _letters(tab="confirmed")),
        Question("tab issued", _letters(tab="issued")),
        Question("tab submitted", _letters(tab="submitted")),
        Question("page 50", _letters(page=50)),
        Question("page 50 of a tab", _letters(tab="confirmed", page=50)),
        Question("sort amount", _letters(sort="amount")),
        Question("sort -amount", _letters(sort="-amount")),
        Question("tab, sort amount", _letters(tab="confirmed", sort="-amount")),
        Question("rare tab, sort amount", _letters(tab="issued", sort="-amount")),
    ]


def _searches(letter_no: str, other_side: Mapping[str, str]) -> list[Question]:
    month = today() - timedelta(days=400)
    return [
        Question("project: frequent", _letters(project_name=names.FREQUENT)),
        Question("project: rare", _letters(project_name=names.RARE)),
        Question("project: absent", _letters(project_name=names.ABSENT)),
        Question("number: full", _letters(letter_no=letter_no)),
        Question("number: part", _letters(letter_no=letter_no[-6:])),
        Question("number: absent", _letters(letter_no="ZZ99")),
        Question("other party", _letters(**other_side)),
        Question("guarantor", _letters(guarantor_name="担保")),
        Question("standing in_force", _letters(standing="in_force")),
        Question("standing not_started", _letters(standing="not_started")),
        Question("standing expired", _letters(standing="expired")),
        Question("amount range", _letters(amount_from="100", amount_to="101")),
        Question("issued range", _letters(issued_at_from=month, issued_at_to=month + timedelta(days=30))),
        Question("ends range", _letters(ends_on_from=today(), ends_on_to=today() + timedelta(days=30))),
        Question("ends in 2040", _letters(ends_on_from=date(2040, 1, 1))),
        Question("project and standing", _letters(project_name=names.RARE, standing="in_force")),
        Question("tab and project", _letters(tab="issued", project_name=names.FREQUENT)),
    ]


def _letters(**arguments: object) -> str:
    return _query("/letters/list/", **arguments)


def _query(path: str, **arguments: object) -> str:
    return f"{path}?{urlencode(arguments)}" if arguments else path
