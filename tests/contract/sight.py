"""Who may see which row, said without the product's scopes.

The accepted table says which side sees a record in which state; here stands, in SQL, who is on which side of a row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import literal, select, text

from app.core.database import db
from models.grammar.base import Record
from models.grammar.viewer import ADMIN, BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from tests.golden.reading import readers

PARTIES: Mapping[str, tuple[str, str]] = {
    "employer_id": (EMPLOYER, "empl"),
    "contractor_id": (CONTRACTOR, "cont"),
    "guarantor_id": (GUARANTOR, "guar"),
    "bank_id": (BANK, "bank"),
    "office_id": (REGULATOR, "offi"),
}
"""The columns that name an organisation: in which role it stands there, and on which side of the table."""

STRANGERS: Mapping[str, str] = {
    EMPLOYER: "~emp",
    CONTRACTOR: "~con",
    GUARANTOR: "~gua",
    BANK: "~ban",
    REGULATOR: "~reg",
    ADMIN: "admi",
}
"""What somebody of that role is to every row, whoever stands on it."""

ROWS: Mapping[str, str] = {
    "absence": "SELECT id, state, organisation_id AS own_id FROM absence",
    "account": """
        SELECT a.id, a.state, a.user_id AS holder_id, a.organisation_id AS kept_id, o.region_code AS kept_in
        FROM account a LEFT JOIN organisation o ON o.id = a.organisation_id""",
    "account_movement": """
        SELECT m.id, g.employer_id, g.contractor_id, g.guarantor_id, g.bank_id, g.office_id, g.region_code
        FROM account_movement m JOIN fund_account f ON f.account_no = m.account_no
        JOIN guarantee g ON g.id = f.id AND g.bank_id = m.bank_id
        WHERE m.booked_at >= f.filed_at AND (f.ended_at IS NULL OR m.booked_at <= f.ended_at)
        UNION ALL SELECT m.id, NULL, NULL, NULL, m.bank_id, NULL, NULL
        FROM account_movement m JOIN fund_account f ON f.account_no = m.account_no
        JOIN guarantee g ON g.id = f.id AND g.bank_id = m.bank_id WHERE f.filed_at IS NOT NULL""",
    "alert": """
        SELECT a.id, a.code AS state, a.employer_id, a.contractor_id, a.bank_id, a.office_id, a.region_code,
               COALESCE(a.guarantor_id, g.guarantor_id) AS guarantor_id
        FROM alert a LEFT JOIN guarantee g ON g.contract_id = a.contract_id
        AND g.state IN ('issued', 'confirmed', 'objected', 'unconfirmed')""",
    "amendment": """
        SELECT id, state, employer_id,
               CASE WHEN submitted_at IS NOT NULL THEN contractor_id END AS contractor_id,
               CASE WHEN submitted_at IS NOT NULL THEN guarantor_id END AS guarantor_id,
               CASE WHEN submitted_at IS NOT NULL THEN region_code END AS region_code
        FROM amendment""",
    "claim": """
        SELECT id, state, contractor_id,
               CASE WHEN received_at IS NOT NULL THEN employer_id END AS employer_id,
               CASE WHEN received_at IS NOT NULL THEN guarantor_id END AS guarantor_id,
               CASE WHEN received_at IS NOT NULL THEN region_code END AS region_code
        FROM claim""",
    "contract_terms": """
        SELECT t.id, t.state, t.employer_id, t.contractor_id, c.region_code
        FROM contract_terms t JOIN contract c ON c.id = t.contract_id""",
    "guarantor": "SELECT id, state, organisation_id AS own_id, region_code FROM guarantor",
    "job": "SELECT id, state, created_by_id AS maker_id FROM job",
    "machine_client": "SELECT id, state, organisation_id AS kept_id FROM machine_client",
    "organisation": "SELECT id, state, id AS own_id, created_by_id AS maker_id, region_code FROM organisation",
    "oversight_case": """
        SELECT id, state, office_id, region_code,
               CASE WHEN ordered_at IS NOT NULL THEN company_id END AS named_id, side AS named_as
        FROM oversight_case""",
    "project": """
        SELECT p.id, p.employer_id, c.contractor_id, p.region_code
        FROM project p LEFT JOIN contract c ON c.project_id = p.id""",
    "signatory": """
        SELECT s.id, g.organisation_id AS own_id, g.region_code
        FROM signatory s JOIN guarantor g ON g.id = s.guarantor_id""",
    "webhook_endpoint": "SELECT id, state, organisation_id AS kept_id FROM webhook_endpoint",
}
"""By table, where a row's own columns do not say it by themselves.

`own_id` names an organisation in whichever role, `kept_id` one whose administrator keeps the row, `named_id` one that
is concerned as `named_as`; `holder_id` and `maker_id` name a user.
"""


@dataclass(frozen=True)
class Person:
    """An account as its rows in the database tell it."""

    username: str
    user_id: int
    organisation_id: int
    region_code: str
    keeps: bool
    roles: frozenset[str]

    def answers_for(self, region_code: str | None) -> bool:
        """Whether it regulates there: a province all, a city what begins with its four digits, others themselves."""
        if REGULATOR not in self.roles or not region_code:
            return False
        own = self.region_code
        stem = own[:2] if own.endswith("0000") else own[:4] if own.endswith("00") else own
        return region_code.startswith(stem)

    def sides(self, row: Mapping[str, Any]) -> Iterator[str]:
        """The sides on which it stands of that row."""
        yield from (side for role, side in STRANGERS.items() if role in self.roles)
        for column, (role, side) in PARTIES.items():
            if row.get(column) == self.organisation_id and role in self.roles:
                yield side
        if self.answers_for(row.get("region_code")):
            yield "regi"
        if row.get("own_id") == self.organisation_id:
            yield "guar"
        if row.get("maker_id") == self.user_id:
            yield "mine"
        if row.get("holder_id") == self.user_id:
            yield "empl"
        if row.get("named_id") == self.organisation_id and row["named_as"] in self.roles:
            yield "empl"
        if self.keeps and (row.get("kept_id") == self.organisation_id or self.answers_for(row.get("kept_in"))):
            yield "keep"


@dataclass
class Sight:
    """What each account may see of an installation as it stands."""

    app: Flask
    _known: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    _told: dict[tuple[type[Record], Person], frozenset[int]] = field(default_factory=dict)

    def person(self, username: str) -> Person:
        """The account of that name."""
        account = """
            SELECT a.user_id, a.administers, o.id, o.region_code
            FROM account a JOIN organisation o ON o.id = a.organisation_id WHERE a.username = :username"""
        roles = "SELECT role FROM organisation_role WHERE organisation_id = :key"
        with self.app.app_context(), db.engine.connect() as connection:
            user_id, keeps, key, region_code = connection.execute(text(account), {"username": username}).one()
            held = frozenset(connection.scalars(text(roles), {"key": key}))
        return Person(username, user_id, key, region_code, bool(keeps), held)

    def seen(self, model: type[Record], who: Person) -> frozenset[int]:
        """The ids of the rows that this account may see."""
        if (model, who) not in self._told:
            self._told[model, who] = frozenset(key for each in _ends(model) for key in self._seen(each, who))
        return self._told[model, who]

    def hidden(self, model: type[Record], who: Person) -> frozenset[int]:
        """The ids of all other rows."""
        return frozenset(row["id"] for each in _ends(model) for row in self._rows(each)) - self.seen(model, who)

    def _seen(self, model: type[Record], who: Person) -> Iterator[int]:
        told = readers(model.__name__)
        for row in self._rows(model):
            if not told[row.get("state") or ""].isdisjoint(who.sides(row)):
                yield row["id"]

    def _rows(self, model: type[Record]) -> list[Mapping[str, Any]]:
        table = model.__tablename__
        if table not in self._known:
            query = text(ROWS[table]) if table in ROWS else _plain(model)
            with self.app.app_context(), db.engine.connect() as connection:
                self._known[table] = [dict(row) for row in connection.execute(query).mappings()]
        return self._known[table]


def _ends(model: type[Record]) -> Iterator[type[Record]]:
    """The classes with rows of their own: of a family of modes its members."""
    mappers = model.__mapper__.self_and_descendants
    yield from (each.class_ for each in mappers if len(list(each.self_and_descendants)) == 1)


def _plain(model: type[Record]) -> Any:
    columns = model.__mapper__.columns
    names = [name for name in (*PARTIES, "region_code") if name in columns]
    state = columns["state"] if model.workflow is not None else literal("").label("state")
    return select(columns["id"], state, *(columns[name] for name in names)).select_from(model.__mapper__.selectable)
