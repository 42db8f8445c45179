"""A portal over HTTP and the application that it signs people on to; the portal can be made to lie, lie by lie."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.viewer import as_system
from app.ops.demo_portal.citizens import Citizen
from app.ops.demo_portal.process import Handler
from app.ops.demo_portal.provider import Grant, Provider
from app.ops.demo_portal.site import Site
from app.people import accounts
from app.people.permissions import sync
from app.portal.adapter import LegalPerson
from models.grammar import viewer as viewers
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from models.organisation import Organisation, OrganisationRole
from run import create_app
from tests.bare import NAMES, ORGANISATION, organisations, put, work
from tests.clients import Client
from tests.databases import free_port
from tests.installations import CHEAP_HASH, Home
from tests.servers import token_in

SYSTEM = "http://localhost"
CLIENT, SECRET = "guarantee", "a secret of the tests"
USCC = {name: each.uscc for name, each in zip(NAMES, organisations(), strict=True)}
STRANGE_USCC = "91460100MA5T8KQ74L"
TWO, ONE, NEW, ALONE, LOST, OFFICER = "two", "one", "new", "alone", "lost", "officer"


def named(*roles: str) -> tuple[LegalPerson, ...]:
    """The organisations of these roles, as the portal names them."""
    return tuple(LegalPerson(USCC[role], NAMES[role], role) for role in roles)


CITIZENS = (
    Citizen(TWO, "李建华", "", named(EMPLOYER, CONTRACTOR)),
    Citizen(ONE, "赵明", "", named(EMPLOYER)),
    Citizen(NEW, "王海燕", "", named(GUARANTOR)),
    Citizen(ALONE, "张伟民", ""),
    Citizen(LOST, "陈丽萍", "", (LegalPerson(STRANGE_USCC, "新港湾公司", EMPLOYER),)),
    Citizen(OFFICER, "许丽华", "", named(REGULATOR)),
)


class Liar(Provider):
    """A provider that says what it is told to in place of the truth."""

    def tell_the_truth(self) -> None:
        """No lies from here on."""
        self.lies: dict[str, Any] = {}
        self.signs: Callable[[Mapping[str, Any]], str] | None = None
        self.about_lies: dict[str, Any] = {}

    def claims(self, grant: Grant) -> dict[str, Any]:
        told = {**super().claims(grant), **self.lies}
        return {name: value for name, value in told.items() if value is not None}

    def signed(self, claims: Mapping[str, Any]) -> str:
        return self.signs(claims) if self.signs else super().signed(claims)

    def about(self, token: str) -> tuple[dict[str, Any], int]:
        said, status = super().about(token)
        return {**said, **self.about_lies}, status


@dataclass
class Gate:
    """The application, its portal, and what the portal answers in place of its pages, by path."""

    app: Flask
    site: Site
    provider: Liar
    instead: dict[str, Callable[..., Iterable[bytes]]] = field(default_factory=dict)

    def reset(self) -> None:
        """The portal tells the truth, and nobody has asked too often."""
        self.provider.tell_the_truth()
        self.instead.clear()
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(text("DELETE FROM request_count"))

    def client(self) -> FlaskClient:
        """A browser that nobody has signed in with."""
        return self.app.test_client()

    def leave(self, client: FlaskClient, start: str = "/sign-on") -> str:
        """The address at the portal to which the browser is sent."""
        answer = client.get(start)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def sign_in_there(self, address: str, subject: str) -> str:
        """Where the portal sends whoever signs in there as this person: path and query."""
        with requests.Session() as browser:
            browser.trust_env = False
            asks = browser.get(address, allow_redirects=False).headers["Location"]
            then = parse_qs(urlsplit(asks).query)["then"][0]
            origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
            browser.post(f"{origin}/sign-in", data={"subject": subject, "then": then}, allow_redirects=False)
            back = browser.get(f"{origin}{then}", allow_redirects=False).headers["Location"]
        assert back.startswith(f"{SYSTEM}/sign-on/return?")
        return back.removeprefix(SYSTEM)

    def way_back(self, client: FlaskClient, subject: str, start: str = "/sign-on") -> str:
        """To the portal and, as this person, almost back."""
        return self.sign_in_there(self.leave(client, start), subject)

    def come(self, client: FlaskClient, subject: str, start: str = "/sign-on") -> TestResponse:
        """To the portal and back."""
        return client.get(self.way_back(client, subject, start))

    def post(self, client: FlaskClient, address: str, **given: Any) -> TestResponse:
        """What a button of the page of companies sends."""
        page = client.get("/sign-on/companies")
        return client.post(address, data={"csrf_token": token_in(page.text), **given})

    def state(self) -> dict[str, Any]:
        """All that a sign-on may change: persons, accounts, and who is signed in."""
        queries = {
            "persons": "SELECT issuer, subject FROM portal_person ORDER BY id",
            "accounts": "SELECT id, state, portal_person_id FROM account ORDER BY id",
            "history": "SELECT count(*) FROM history_entry",
            "signed in": "SELECT user_id FROM web_session WHERE ended_at IS NULL AND user_id IS NOT NULL ORDER BY 1",
        }
        with self.app.app_context(), db.engine.connect() as connection:
            return {name: [tuple(row) for row in connection.execute(text(query))] for name, query in queries.items()}

    def account(self, subject: str, role: str) -> tuple[int, str]:
        """Id and state of the account of this person in the organisation of that role; (0, "") without one."""
        query = text(
            "SELECT a.id, a.state FROM account a JOIN portal_person p ON p.id = a.portal_person_id "
            "WHERE p.subject = :subject AND a.organisation_id = :key"
        )
        with self.app.app_context(), db.engine.connect() as connection:
            found = connection.execute(query, {"subject": subject, "key": ORGANISATION[role]}).one_or_none()
        return (found[0], found[1]) if found else (0, "")

    def enrol(self, subject: str, *roles: str) -> None:
        """Give this person an account at each of these organisations; it has been here before."""
        citizen = next(each for each in CITIZENS if each.subject == subject)
        self.come(self.client(), subject)
        key = text("SELECT id FROM portal_person WHERE subject = :subject")
        with work(self.app, viewers.SYSTEM):
            person_id = db.session.execute(key, {"subject": subject}).scalar_one()
            for role in roles:
                organisation = db.session.get_one(Organisation, ORGANISATION[role])
                name = f"{subject}-{role}"
                accounts.create(
                    organisation, username=name, name=citizen.name, password="x", portal_person_id=person_id
                )
            db.session.commit()

    def local(self, username: str, role: str, password: str, **duties: bool) -> None:
        """An account with a password."""
        with work(self.app, viewers.SYSTEM):
            organisation = db.session.get_one(Organisation, ORGANISATION[role])
            accounts.create(organisation, username=username, name=username, password=password, **duties)
            db.session.commit()


@contextmanager
def opened(home: Home, dialect: str) -> Iterator[Gate]:
    """A gate of that dialect over an empty installation."""
    address = f"http://127.0.0.1:{free_port()}"
    provider = Liar(address, client_id=CLIENT, client_secret=SECRET, callback=f"{SYSTEM}/sign-on/return")
    provider.tell_the_truth()
    site = Site(provider, CITIZENS, system=SYSTEM)
    instead: dict[str, Callable[..., Iterable[bytes]]] = {}

    def answers(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return instead.get(environ["PATH_INFO"], site)(environ, start)

    server = make_server("127.0.0.1", int(address.rpartition(":")[2]), answers, threaded=True, request_handler=Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    app = create_app({**home.environment, "FAB_PASSWORD_HASH_METHOD": CHEAP_HASH, **settings(dialect, address)})
    app.test_client_class = Client
    roles = (EMPLOYER, CONTRACTOR, GUARANTOR, BANK, REGULATOR)
    put(app, *organisations(), *(OrganisationRole(organisation_id=ORGANISATION[role], role=role) for role in roles))
    with app.app_context(), as_system():
        sync(app.extensions["appbuilder"])
    yield Gate(app, site, provider, instead)
    server.shutdown()
    server.server_close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def settings(dialect: str, address: str) -> dict[str, str]:
    """The settings of a gate of that dialect to the portal at this address."""
    return {
        "BASE_URL": SYSTEM,
        "SIGN_ON": dialect,
        "SIGN_ON_CLIENT_ID": CLIENT,
        "SIGN_ON_CLIENT_SECRET": SECRET,
        "SIGN_ON_ISSUER": address if dialect == "oidc" else "",
        "SIGN_ON_PAGE": f"{address}/ticket/sign-in",
        "SIGN_ON_TOKEN": f"{address}/ticket/token",
        "SIGN_ON_PERSON": f"{address}/ticket/person",
        "SIGN_ON_SIGN_OUT": f"{address}/sign-out",
    }


def changed(way_back: str, **parameters: str | None) -> str:
    """The way back with these parameters in place of its own; without those that are None."""
    parts = urlsplit(way_back)
    told: dict[str, str | None] = {name: values[0] for name, values in parse_qs(parts.query).items()}
    kept = {name: value for name, value in {**told, **parameters}.items() if value is not None}
    return f"{parts.path}?{urlencode(kept)}"
