"""Installations of the demo: the released one is made once for each state of the code and copied for every module.

To make it takes most of a minute, so it is kept in .cache between runs, under a key of everything it is made from.
The application is imported when the first test asks for it: tests of the rules start without it.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask

from app.core.clock import today
from app.core.database import db
from config import Config
from tests.cache import cached
from tests.clients import Client
from tests.databases import (
    POSTGRES,
    ROOT,
    SQLITE,
    create_database,
    drop_database,
    dump,
    postgres_programs,
    restore,
)

CHEAP_HASH = "pbkdf2:sha256:1"
SHELVES = ROOT / ".cache" / "installations"
DUMP = "database.dump"
MADE_FROM = (
    "app",
    "models",
    "views",
    "migrations",
    "translations",
    "config.py",
    "run.py",
    "requirements.txt",
    "tests/installations.py",
)
SOURCE = Path(os.environ.get("DEMO_MADE_FROM", ROOT))
"""The tree whose demo the tests see: another one where it is known to make the same demo, as `make mutants` does."""

NOT_READ_BY_RELEASE = {".pyc", ".html", ".css", ".js"}


@dataclass(frozen=True)
class Home:
    """Where one installation keeps its data: a folder, and a database URL unless that is a file in it."""

    folder: Path
    database_url: str = ""
    is_demo: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of a process of this installation."""
        return {"GUARANTEE_DATA": str(self.folder), "DATABASE_URL": self.database_url, "DEMO": str(int(self.is_demo))}


@pytest.fixture(scope="session")
def template_sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The released demo on SQLite that modules clone."""
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1" and postgres_programs():
        request.getfixturevalue("template_postgres")  # while the first worker makes this one
    folder = tmp_path_factory.mktemp("template-sqlite")
    with cached(SHELVES / SQLITE, _key(), lambda made: released(Home(made))) as kept:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    return Home(folder)


@pytest.fixture(scope="session")
def template_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The released demo on PostgreSQL that modules clone; on a server that is not ours it is always made anew."""
    folder, url = tmp_path_factory.mktemp("template-postgres"), create_database(postgres_server)
    programs = postgres_programs()
    if programs is None or "TEST_DATABASE_URL" in os.environ:
        released(Home(folder, url))
    else:
        key, make = _key(str(programs)), partial(_dumped, programs, postgres_server)
        with cached(SHELVES / POSTGRES, key, make) as kept:
            shutil.copytree(kept, folder, dirs_exist_ok=True)
        restore(programs, folder / DUMP, url)
    yield Home(folder, url)
    drop_database(url)


@pytest.fixture(scope="module")
def home(
    database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    """A demo installation of the module's own, furnished where one of its tests takes the world."""
    template: Home
    if any("world" in getattr(item, "fixturenames", ()) for item in request.session.items if item.path == request.path):
        template = request.getfixturevalue(f"furnished_{database_kind}").home
    else:
        template = request.getfixturevalue(f"template_{database_kind}")
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(template.folder, folder, dirs_exist_ok=True)
    if not template.database_url:
        yield Home(folder)
        return
    url = create_database(template.database_url, template=template.database_url)
    yield Home(folder, url)
    drop_database(url)


def open_app(home: Home) -> Flask:
    """The application over this installation, with a password hash that is quick to compute."""
    from run import create_app

    app = create_app({**home.environment, "FAB_PASSWORD_HASH_METHOD": CHEAP_HASH})
    app.test_client_class = Client
    return app


def close_app(app: Flask) -> None:
    """Let go of the database, so that its files can be copied."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def released(home: Home) -> None:
    """Run the release command there: schema, permissions, demo."""
    app = open_app(home)
    done = app.test_cli_runner().invoke(args=["release"])
    close_app(app)
    if done.exit_code:
        pytest.fail(f"release failed: {done.output}\n{done.exception!r}")


def _dumped(programs: Path, server: str, folder: Path) -> None:
    """Release into a database of its own, and leave that as a dump in the folder."""
    url = create_database(server)
    released(Home(folder, url))
    dump(programs, url, folder / DUMP)
    drop_database(url)


@cache
def _code() -> str:
    """The digest of the files that a released demo is made from."""
    digest = sha256()
    for name in MADE_FROM:
        top = SOURCE / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix not in NOT_READ_BY_RELEASE:
                digest.update(f"{path.relative_to(SOURCE)}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _key(*more: str) -> str:
    """What decides how the released demo looks: the code, the interpreter, the day, the settings given from outside."""
    given = [f"{name}={os.environ.get(name)}" for name in Config.VARIABLES]
    parts = [_code(), sys.version, str(today()), *given, *more]
    return sha256("\n".join(parts).encode()).hexdigest()[:24]


_code()  # now, before more of the application is imported: what is edited later is not what runs here
