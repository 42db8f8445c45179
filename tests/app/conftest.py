"""A small application of the guards alone: sessions, sign-in, errors and headers without any screen."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, abort, flash, jsonify, request, session
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect, generate_csrf
from sqlalchemy.exc import OperationalError
from werkzeug.security import generate_password_hash

from app.core import clock
from app.core.database import db, init_database
from app.people.sessions import DatabaseSessions, end_sessions
from app.web.errors import init_errors
from app.web.headers import init_headers
from config import Config
from models.grammar.appbuilder import User
from models.notice import Receiver
from models.second_factor import SecondFactor
from models.sessions import WebSession
from models.signin import OneTimeLink, RequestCount, SignInAttempt
from views.health import health

CHEAP_HASH = "pbkdf2:sha256:1"
PASSWORD = "Guarantee#2024"
GUARDS = (User, WebSession, SignInAttempt, OneTimeLink, RequestCount, Receiver, SecondFactor)


class Hours:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.moment = clock.now()

    def now(self) -> datetime:
        return self.moment

    def forward(self, **step: float) -> None:
        self.moment += timedelta(**step)


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    hand = Hours()
    monkeypatch.setattr(clock, "now", hand.now)
    return hand


@pytest.fixture(scope="module")
def guarded(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The guards on an empty database with one user, `builder`."""
    app = Flask("guarded", root_path=str(Path(__file__).parent))
    data = str(tmp_path_factory.mktemp("data"))
    app.config.from_object(Config({"GUARANTEE_DATA": data, "DATABASE_URL": database}))
    app.config["FAB_PASSWORD_HASH_METHOD"] = CHEAP_HASH
    app.session_interface = DatabaseSessions()
    init_headers(app)
    init_errors(app)
    init_database(app)
    Babel(app)
    CSRFProtect(app)
    app.register_blueprint(health)
    _add_routes(app)
    with app.app_context():
        db.metadata.create_all(db.engine, tables=[model.__table__ for model in GUARDS])
        db.session.add(_user())
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


def _user() -> User:
    return User(
        username="builder",
        first_name="建",
        last_name="工",
        email="builder@example.com",
        active=True,
        password=generate_password_hash(PASSWORD, method=CHEAP_HASH),
    )


def _add_routes(app: Flask) -> None:
    @app.get("/token")
    def token() -> str:
        return generate_csrf()

    @app.get("/enter/<int:user_id>")
    def enter(user_id: int) -> str:
        session["_user_id"] = str(user_id)
        return "in"

    @app.get("/leave")
    def leave() -> str:
        session.pop("_user_id", None)
        flash("再见")
        return "out"

    @app.get("/who")
    def who() -> str:
        return session.get("_user_id", "nobody")

    @app.get("/slow-write")
    def slow_write() -> str:
        session["typed"] = "late"
        end_sessions(int(session["_user_id"]))
        db.session.commit()
        return "too late"

    @app.get("/plain")
    def plain() -> str:
        session["locale"] = "zh"
        return "plain"

    @app.post("/write")
    def write() -> str:
        session["typed"] = request.form["typed"]
        return "written"

    @app.get("/fail/<int:code>")
    def fail(code: int) -> str:
        abort(code)

    @app.get("/burst")
    def burst() -> str:
        raise ValueError("the password of the database is hunter2")

    @app.get("/down")
    def down() -> str:
        raise OperationalError("SELECT secret", {}, Exception("connection refused"))

    @app.get("/static/thing.css")
    def thing() -> str:
        return "thing"

    @app.get("/json")
    def answer() -> object:
        return jsonify(session_keys=sorted(session))
