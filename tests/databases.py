"""Databases for tests: a SQLite file or a PostgreSQL database of its own for every test module.

PostgreSQL is started once a session as an unprivileged user in a temporary folder; TEST_DATABASE_URL (a
server where databases may be created) wins. Where it cannot be started, its tests are skipped with the
reason, but with CI=true they fail.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

ROOT = Path(__file__).resolve().parent.parent
SQLITE = "sqlite"
POSTGRES = "postgres"
SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked `databases(…)` once on each of them, the others on SQLite."""
    if "database_kind" in metafunc.fixturenames:
        marker = metafunc.definition.get_closest_marker("databases")
        kinds = marker.args if marker else (SQLITE,)
        metafunc.parametrize("database_kind", kinds, scope="module", indirect=True)


@pytest.fixture(scope="module")
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`."""
    return request.param


@pytest.fixture(scope="module")
def database(
    database_kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of an empty database of the module's own."""
    if database_kind == SQLITE:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.db'}"
        return
    url = create_database(request.getfixturevalue("postgres_server"))
    yield url
    drop_database(url)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server where databases may be made."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    programs = postgres_programs()
    account = _unprivileged_account()
    if programs is None or account is None:
        _impossible("no PostgreSQL binaries (initdb, pg_ctl) or no unprivileged account to run them")
    folder = Path(tempfile.mkdtemp(prefix="guarantee-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, user=account)
    yield from _running(programs, account, folder)


def create_database(server: str, template: str | None = None) -> str:
    """A new database on the server, a copy of the template if one is given; its URL."""
    name = f"test_{secrets.token_hex(6)}"
    source = f' TEMPLATE "{make_url(template).database}"' if template else ""
    _administer(make_url(server), f'CREATE DATABASE "{name}"{source}')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str) -> None:
    """Remove the database, whoever is still connected."""
    gone = make_url(url)
    _administer(gone.set(database="postgres"), f'DROP DATABASE IF EXISTS "{gone.database}" WITH (FORCE)')


def postgres_programs() -> Path | None:
    """The folder of PostgreSQL's programs, if it is installed here."""
    found = sorted(glob("/usr/lib/postgresql/*/bin/pg_ctl"))
    on_path = shutil.which("pg_ctl")
    program = on_path or (found[-1] if found else None)
    return Path(program).resolve().parent if program else None


def dump(programs: Path, url: str, file: Path) -> None:
    """Write everything in the database to a file."""
    _run(programs / "pg_dump", "--format=custom", f"--file={file}", _plain(url))


def restore(programs: Path, file: Path, url: str) -> None:
    """Fill the empty database from the file of a dump."""
    _run(programs / "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_plain(url)}", file)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stderr[-500:]}")


def _plain(url: str) -> str:
    """The URL as PostgreSQL's own programs read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _administer(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _running(programs: Path, account: str, folder: Path) -> Iterator[str]:
    data, port = folder / "data", free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} {SPEED}"
    stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
    try:
        _as(account, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N")
        _as(account, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        _as(account, *stop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as(account: str, *command: str | Path) -> None:
    """Run the command as this account (we may be root, whom PostgreSQL refuses)."""
    words = [str(word) for word in command]
    user = account if os.geteuid() == 0 else None
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            words,
            user=user,
            group=_group(user),
            extra_groups=[] if user else None,
            cwd="/",
            check=False,
            stdout=said,
            stderr=said,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            timeout=120,
        )
        said.seek(0)
        if done.returncode:
            _impossible(f"{words[0]} failed: {said.read()[-500:]}")


def _group(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def _unprivileged_account() -> str | None:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _impossible(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL is needed in CI: {reason}")
    pytest.skip(f"no PostgreSQL here: {reason}")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
