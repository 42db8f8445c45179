"""Two questions for whoever watches the service: does the process live, and can it work?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.notices import mails
from app.ops.health import faults

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    """200 as long as the process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when the database and the file store work, else 503 with the names of what does not."""
    found = faults()
    mail = "on" if mails.is_on() else "off"
    return (jsonify(status="unavailable", faults=found), 503) if found else (jsonify(status="ok", mail=mail), 200)
