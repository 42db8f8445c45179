"""How many statements a page costs, whatever the number of its rows, and that none of them reads a whole table."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.alerts import pool
from app.core.clock import now
from app.core.database import db, writing
from app.core.viewer import as_system
from models.alert import Alert
from models.guarantor import Signatory
from models.plans.plan import PaymentPlan
from tests.contract.walk import own
from tests.contract.world import EAST, World, filing_of, organisation_of, viewer_named
from views.amendments import AmendmentView
from views.cases import CaseView
from views.frame.base import RecordView
from views.payments import NodeView

LIST_LIMIT = 12
SHOW_LIMIT = 30  # findings, limits, versions, rows stand on its page; a change reckons with cover and plan
FORM_LIMIT = 17  # one of them for each kind of rows that the record has: an agreement has two
LONGER_LISTS = {"/contracts": 13, "/claim-desk": 13}
"""The column of the cover asks the guarantees and the policy, that of the limits the calendar."""
LONGER_FORMS = dict.fromkeys(("/plans", "/payments", "/receipts", "/postponements"), 20)
"""What they rest on is the contract with project and parties, the running plan with what was paid on it, rests."""
WORKBENCH_LIMIT = 38  # one statement a desk, alerts, what is late of desks and of plans, notices, what rows point at
BIG = ("organisation", "project", "contract", "guarantee", "letter")
READERS = ("regulator", "admin", "guarantor", "employer", "contractor", "bank")
Known = Callable[[str], FlaskClient]


class Page(NamedTuple):
    """What a page cost, and how many rows its tables have."""

    said: list[str]
    rows: int


Pages = dict[str, dict[str, Page]]


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that are executed inside, but for BEGIN and the session's once a minute."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN") and "UPDATE web_session" not in statement:
            said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def opened(app: Flask, client: FlaskClient, path: str) -> Page | None:
    """A GET that is answered with 200; the first one warms what is read once a process."""
    for _turn in range(2):
        with statements(app) as said:
            answer = client.get(path, buffered=True)
        if answer.status_code != 200:
            return None
    return Page(said, answer.text.count("<tr"))


def asked(app: Flask, client: FlaskClient, path: str) -> Page:
    """A GET that has to be answered with 200."""
    page = opened(app, client, path)
    assert page is not None, path
    return page


def screens(app: Flask) -> list[RecordView]:
    return [view for view in app.extensions["appbuilder"].baseviews if isinstance(view, RecordView)]


def readers(view: RecordView, permission: str) -> list[str]:
    return [username for username in READERS if username in view.opens.get(permission, ())]


def begun_at(app: Flask, view: RecordView, reader: str) -> str:
    """The node or the alert at which a new record of that screen begins; nothing where it begins by itself."""
    if isinstance(view, CaseView):
        with app.app_context(), as_system():
            free = select(Alert.id).where(Alert.cleared_on.is_(None), Alert.case_id.is_(None), ~pool.is_tolerated())
            return f"?alerts={db.session.scalars(free.limit(1)).one()}"
    if isinstance(view, AmendmentView):
        return "?kind=extend"
    if not isinstance(view, NodeView):
        return ""
    with app.app_context(), as_system():
        party = PaymentPlan.employer_id if reader == "employer" else PaymentPlan.contractor_id
        running = select(PaymentPlan).where(PaymentPlan.runs, party == organisation_of(reader))
        plan = db.session.scalars(running.order_by(PaymentPlan.id)).unique().first()
        assert plan is not None
        return f"?contract_id={plan.contract_id}&origin={plan.nodes[-1].origin}"


@pytest.fixture(scope="module")
def crowded(app: Flask, world: World) -> World:
    """A guarantor with a hundred signatories: the other lists are long already."""
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        filing = filing_of(EAST.guarantor)
        db.session.add_all(
            [
                Signatory(
                    guarantor_id=filing, name=f"签发{number}", position="经理", limit=Decimal(100), created_at=now()
                )
                for number in range(100)
            ]
        )
        db.session.commit()
    return world


@pytest.fixture(scope="module")
def pages(app: Flask, crowded: World, known: Known) -> Pages:
    """The statements of every page, by its kind and its path."""
    found: Pages = {"short": {}, "long": {}, "add": {}, "edit": {}, "show": {}, "desk": {}}
    for view in screens(app):
        for reader in readers(view, "list"):
            for kind, size in (("short", 20), ("long", 100)):
                path = f"{view.route_base}/list/?size={size}"
                found[kind][f"{view.route_base} {reader}"] = asked(app, known(reader), path)
        for reader in readers(view, "add") if view.form_parts else ():
            path = f"{view.route_base}/add{begun_at(app, view, reader)}"
            found["add"][f"{view.route_base} {reader}"] = asked(app, known(reader), path)
    for kind in ("edit", "show"):
        found[kind] = dict(measured(app, known, kind))
    found["desk"] = {reader: asked(app, known(reader), "/") for reader in READERS}
    return found


def dear(pages: Pages, kind: str, limit: int) -> dict[str, int]:
    """The pages of this kind that cost more than the limit."""
    assert pages[kind]
    return {path: len(page.said) for path, page in pages[kind].items() if len(page.said) > limit}


def test_a_list_costs_few_statements(pages: Pages) -> None:
    over = dear(pages, "short", LIST_LIMIT)
    assert {path: cost for path, cost in over.items() if cost > LONGER_LISTS.get(path.split()[0], 0)} == {}


def test_a_list_costs_no_more_for_a_hundred_rows_than_for_twenty(pages: Pages) -> None:
    costs = {path: (len(pages["short"][path].said), len(page.said)) for path, page in pages["long"].items()}
    assert {path: (short, long) for path, (short, long) in costs.items() if long > short} == {}


def test_the_lists_that_are_measured_are_long(pages: Pages) -> None:
    long = {path.split()[0] for path, page in pages["long"].items() if page.rows > 60}
    assert {"/letters", "/projects", "/contracts", "/organisations", "/signatories"} <= long


def test_a_new_form_costs_few_statements(pages: Pages) -> None:
    over = dear(pages, "add", FORM_LIMIT)
    assert {path: cost for path, cost in over.items() if cost > LONGER_FORMS.get(path.split()[0], 0)} == {}


def test_an_edit_form_costs_few_statements(pages: Pages) -> None:
    over = dear(pages, "edit", FORM_LIMIT)
    assert {path: cost for path, cost in over.items() if cost > LONGER_FORMS.get(path[: path.index("/edit")], 0)} == {}


def test_a_detail_page_costs_few_statements(pages: Pages) -> None:
    assert dear(pages, "show", SHOW_LIMIT) == {}


def test_the_workbench_costs_few_statements(pages: Pages) -> None:
    assert dear(pages, "desk", WORKBENCH_LIMIT) == {}


def test_no_page_reads_a_whole_table(pages: Pages) -> None:
    greedy = {
        f"{path}: {text}"
        for kind in pages.values()
        for path, page in kind.items()
        for text in page.said
        if is_greedy(text)
    }
    assert sorted(greedy) == []


def measured(app: Flask, known: Known, permission: str) -> Iterator[tuple[str, Page]]:
    """The pages of the newest record of each screen that answers its reader with one."""
    for view in screens(app):
        for reader in readers(view, permission):
            with app.app_context():
                who = viewer_named(reader)
            for key in own(app, view, who):
                path = f"{view.route_base}/{permission}/{key}"
                page = opened(app, known(reader), path)
                if page is not None:
                    yield f"{path} {reader}", page


def is_greedy(statement: str) -> bool:
    """Whether the statement reads rows of a big table without naming an id and without a limit."""
    text = re.sub(r"\s+", " ", statement)
    if not text.startswith("SELECT") or not re.search(rf" FROM ({'|'.join(BIG)})\b", text):
        return False
    bounded = re.search(r"\bLIMIT\b", text) or re.search(r"WHERE .*\b(id|\w+_id|uscc)\b (=|IN) ", text)
    return not bounded


@pytest.mark.parametrize(
    ("statement", "greedy"),
    [
        ("SELECT organisation.id FROM organisation", True),
        ("SELECT project.id FROM project WHERE project.region_code = ?", True),
        ("SELECT project.id FROM project WHERE project.id IN (?, ?)", False),
        ("SELECT project.id\nFROM project\nWHERE project.employer_id = ?", False),
        ("SELECT letter.id FROM guarantee JOIN letter ON guarantee.id = letter.id ORDER BY letter.id", True),
        ("SELECT letter.id FROM letter ORDER BY letter.id LIMIT ?", False),
        ("SELECT role.id FROM ab_role", False),
    ],
)
def test_the_measure_knows_a_greedy_statement(statement: str, greedy: bool) -> None:
    assert is_greedy(statement) is greedy
