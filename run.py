"""The composition root: the application, its command line and its server."""

import app.core.collector  # noqa: I001  # before what it is to spare
import app.notices.holders  # noqa: F401  # hears what is done to accounts
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.alerts import sweep
from app.claims import lapses
from app.core import numbers
from app.core.database import db, init_database, writing
from app.core.logs import log_to
from app.core.viewer import as_system
from app.cover import reckoning
from app.engine import happened, transitions
from app.files import packs
from app.ledger import history, identity, law, rows, scope
from app.letters import balances, expiry, papers
from app.notices import mails, making
from app.ops import cleanup, demo, leaving, workers
from app.ops.demo_portal import citizens, process
from app.ops.release import release
from app.ops.server import forget_connections, serve
from app.people import accounts, hands, passwords, permissions, second_factor
from app.people.security import SecurityManager, init_security, viewer_of
from app.people.sessions import DatabaseSessions
from app.policy import versions, years
from app.portal.flights import init_portal
from app.portal.settings import demo_address
from app.web.errors import init_errors
from app.web.headers import init_headers
from app.web.shell import init_shell
from config import Config
from models.grammar.appbuilder import AppBuilder
from models.grammar.services import Services
from views import registry
from views.health import health
from views.second_factor import init_second_factor
from views.workbench import WorkbenchView

SERVICES = Services(
    rows=rows, numbers=numbers, law=law, covers=reckoning, papers=papers, history=history, people=accounts, hands=hands
)


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """The whole application; `config` holds settings that win over those of the environment.

    Environment names in `config` (GUARANTEE_DATA, DATABASE_URL, DEMO …) are read as the environment is.
    """
    given = config or {}
    environment = {name: str(value) for name, value in given.items() if name in Config.VARIABLES}
    app = Flask(__name__, static_folder="app/web/static", template_folder="app/web/templates")
    app.config.from_object(Config({**os.environ, **environment}))
    app.config.update({name: value for name, value in given.items() if name not in Config.VARIABLES})
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.session_interface = DatabaseSessions()
    if app.config["PROXY_COUNT"]:
        hops = app.config["PROXY_COUNT"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    init_headers(app)
    init_errors(app)
    init_database(app)
    identity.install(db.session)
    scope.install(db.session)
    happened.install(db.session)
    transitions.serve(app, SERVICES)
    CSRFProtect(app)
    app.register_blueprint(health)
    with app.app_context():
        appbuilder = AppBuilder(indexview=WorkbenchView, security_manager_class=SecurityManager)
        appbuilder.init_app(app, db.session)
        registry.register(appbuilder)
    init_security(app)
    init_portal(app)
    init_second_factor(app)
    init_shell(app)
    _add_commands(app)
    return app


def _work(app: Flask, parent: int) -> None:
    forget_connections(app)
    workers.work(app, viewer_of, parent)


def _portal(app: Flask) -> list[Callable[[int], None]]:
    """The demo's own portal, where people are to come through it."""
    if not app.config["SIGN_ON"].is_demo:
        return []
    with app.app_context():
        found = citizens.enrol(app.config["SIGN_ON"].person_issuer)
    return [partial(process.serve_portal, app, found)]


def _welcome(app: Flask) -> str:
    """What `serve` prints once requests are taken: the address and, in the demo, who may sign in."""
    lines = [f"{app.config['APP_NAME']}: {app.config['BASE_URL']}"]
    if app.config["DEMO"]:
        lines += [f"  {account.username:<20} {account.label}" for account in demo.ACCOUNTS]
        lines.append(f"  password of all demo accounts: {demo.PASSWORD}")
    if app.config["SIGN_ON"].is_demo:
        lines.append(f"  demo portal for sign-on: {demo_address(app.config['PORT'])}")
    return "\n".join(lines)


def _release(app: Flask) -> None:
    steps = [
        leaving.refuse_demo_passwords,
        lambda: permissions.sync(app.extensions["appbuilder"]),
        versions.seed,
        years.seed,
    ]
    if app.config["DEMO"]:
        steps.append(demo.load)
    release(app, steps=tuple(steps))


def _add_commands(app: Flask) -> None:
    @app.cli.command("release")
    def release_command() -> None:
        """Migrate the schema, sync the permissions, load the demo into an empty database."""
        _release(app)
        click.echo("database and permissions are up to date")

    @app.cli.command("serve")
    def serve_command() -> None:
        """Serve on HOST and PORT with gunicorn, with one worker for the jobs beside it (RUN_JOBS=0: without)."""
        log_to(app.config["LOG_DIR"])
        leaving.refuse_demo_passwords()
        beside = [partial(_work, app)] if app.config["RUN_JOBS"] else []
        serve(app, ready=_welcome(app), beside=[*beside, *_portal(app)])

    @app.cli.command("work")
    @click.option("--once", is_flag=True, help="do what is due now and end")
    def work_command(once: bool) -> None:
        """Do the jobs that are due, until stopped."""
        log_to(app.config["LOG_DIR"])
        if once:
            click.echo(f"{workers.work_once(app, viewer_of)} jobs")
        else:
            workers.work(app, viewer_of)

    @app.cli.command("create-admin")
    @click.argument("username")
    @click.option("--name", prompt="姓名", help="the person's name")
    @click.password_option()
    def create_admin(username: str, name: str, password: str) -> None:
        """Create an account with the system administrator's role."""
        with as_system():
            problems = accounts.create_admin(username, name=name, password=password)
        for problem in problems:
            click.echo(problem.text, err=True)
        if problems:
            sys.exit(1)
        click.echo(f"{username} may now sign in at {app.config['BASE_URL']}")

    @app.cli.command("reset-link")
    @click.argument("username")
    def reset_link(username: str) -> None:
        """Print a link that sets a new password for this account, once, within 24 hours."""
        token = passwords.reset_token(username)
        if token is None:
            click.echo(f"no account {username}", err=True)
            sys.exit(1)
        click.echo(f"{app.config['BASE_URL']}/password/reset/{token}")

    @app.cli.command("reset-factor")
    @click.argument("username")
    def reset_factor(username: str) -> None:
        """Take the second factor away from this account, for whom no administrator is left; its sessions end."""
        with as_system():
            done = second_factor.reset(username)
        if not done:
            click.echo(f"no account {username} with a second factor", err=True)
            sys.exit(1)
        click.echo(f"{username} signs in with the password alone and may set up a new factor")

    @app.cli.command("leave-demo")
    def leave_demo() -> None:
        """Make a demo folder a real one: close the demo accounts for good, delete the demo signing keys."""
        left = leaving.leave_demo()
        click.echo(
            f"{left.accounts} accounts closed, {left.keys} signing keys deleted; the demo's records stay in the "
            "history. Next: DEMO=0 and `flask --app run create-admin NAME`"
        )

    @app.cli.command("cleanup")
    def clean_up() -> None:
        """Forget abandoned uploads, files that no record names, and whatever else is long over."""
        with as_system():
            gone = cleanup.clean_up()
        click.echo(
            f"{gone.uploads} uploads, {gone.files} files, {gone.sessions} sessions, {gone.links} links, "
            f"{gone.events} events, {gone.jobs} jobs, {gone.notices} notices, {gone.mails} mails, "
            f"{gone.requests} requests, {gone.answers} answers, {gone.deliveries} deliveries"
        )

    @app.cli.command("sweep")
    def sweep_command() -> None:
        """Note what is over by the clock, and raise, grade and clear the alerts by what the records say today.

        Once a day, and as often as one likes.
        """
        with app.app_context(), writing():
            expiry.note_expired(), lapses.let_lapse(), lapses.let_go_on()
        with as_system():
            for code, swept in sweep.sweep().items():
                click.echo(f"{code}: {swept.raised} raised, {swept.changed} changed, {swept.cleared} cleared")

    @app.cli.command("notify")
    def notify() -> None:
        """Make the notices of all that nobody was told of yet, and write the day's digests."""
        with app.app_context(), as_system():
            click.echo(f"{making.make()} notices, {mails.write_digests()} digests")

    @app.cli.command("verify-pack")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def verify_pack(file: Path) -> None:
        """Check an evidence pack offline: every member by its hash, none missing, none added."""
        try:
            click.echo(f"the pack is whole; sha256 of its manifest: {packs.verify(file)}")
        except packs.BadPack as bad:
            click.echo(str(bad), err=True)
            sys.exit(1)

    @app.cli.command("verify-history")
    def verify_history() -> None:
        """Check the chain of the history; name the first entry that was changed, and fail then."""
        with as_system():
            fault = history.verify()
        click.echo(fault or "the history is whole")
        sys.exit(1 if fault else 0)

    @app.cli.command("verify-ledger")
    def verify_ledger() -> None:
        """Read every letter beside its ledger; name the first that disagrees, and fail then."""
        with as_system():
            found = balances.verify()
        click.echo(f"{found.letter_count} letters checked: {found.fault or 'each agrees with its ledger'}")
        sys.exit(1 if found.fault else 0)
