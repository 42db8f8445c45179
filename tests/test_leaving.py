"""DEMO=0 over demo data: nothing starts while a published password opens an account, and one command closes them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import as_system
from app.ledger import history
from app.letters.signing import DemoKeys
from app.ops import demo
from app.people import accounts, signin
from config import UnsafeSetting
from models.account import Account
from models.grammar.appbuilder import User
from tests.installations import Home, close_app, open_app

pytestmark = pytest.mark.databases("sqlite", "postgres")


@pytest.fixture(scope="module")
def real(home: Home) -> Iterator[Flask]:
    """The program with DEMO=0 over the folder and the database of the demo."""
    app = open_app(replace(home, is_demo=False))
    yield app
    close_app(app)


def said(app: Flask, *command: str) -> str:
    """What the command printed; its exception where it failed with one."""
    done = app.test_cli_runner().invoke(args=list(command))
    return done.output + (str(done.exception) if done.exception else "")


def key_files(home: Home) -> set[str]:
    return {path.name for path in (home.folder / "var" / "keys").glob("*.pem")}


@pytest.mark.parametrize("command", ["release", "serve"])
def test_nothing_starts_while_a_demo_account_has_the_published_password(real: Flask, command: str) -> None:
    done = real.test_cli_runner().invoke(args=[command])
    assert isinstance(done.exception, UnsafeSetting)
    assert f"{len(demo.ACCOUNTS)} demo accounts still have the published password" in str(done.exception)
    assert "flask --app run leave-demo" in str(done.exception) and "guarantor-issuer" in str(done.exception)


def test_the_demo_itself_starts(app: Flask) -> None:
    assert "up to date" in said(app, "release")


def test_leaving_the_demo_closes_its_accounts_and_deletes_its_keys(home: Home, real: Flask) -> None:
    keys = home.folder / "var" / "keys"
    own = keys / "91460000MA5TPGXG3G.p12"
    own.write_bytes(b"a key of the guarantor's own")
    (keys / "authority.pem").write_bytes(b"somebody's own")
    made = key_files(home) - {"authority.pem"}
    assert "root.pem" in made and len(made) > 1
    assert f"{len(demo.ACCOUNTS)} accounts closed, {len(made)} signing keys deleted" in said(real, "leave-demo")
    assert key_files(home) == {"authority.pem"} and own.exists()
    with real.app_context(), as_system():
        names = [account.username for account in demo.ACCOUNTS]
        assert db.session.scalars(select(User.username).where(User.username.in_(names))).all() == []
        kept = db.session.scalars(select(Account).where(Account.name == "曾学文")).one()
        assert (kept.state, kept.user.active) == ("inactive", False)
        assert history.verify() == ""
    with real.test_request_context():
        assert signin.sign_in("admin", demo.PASSWORD, "10.1.1.1").user is None


def test_afterwards_it_starts_and_gets_an_administrator_of_its_own(home: Home, real: Flask) -> None:
    said(real, "leave-demo")
    assert "up to date" in said(real, "release")
    with real.app_context(), as_system():
        assert accounts.create_admin("admin", name="韩管理", password="Qiongzhou-77-bridge") == []
    assert "up to date" in said(real, "release")
    assert Path(home.folder / "var" / "keys" / "root.pem").exists() is False
    assert DemoKeys(home.folder / "var" / "keys").remove() == 0
