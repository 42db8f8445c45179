"""What the page of the API gives receivers to begin with tells our events from others."""

import html
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.database import transaction, writing
from app.people import permissions
from app.webhooks import secrets
from tests.api.callers import person_of
from tests.bare import letter, put
from tests.webhooks.pushed import happen, keys, listen, moment, push, send
from tests.webhooks.receiver import Receiver, Sent


@pytest.fixture(scope="module")
def guide(office: Flask) -> str:
    """The page as an employer reads it."""
    with office.app_context():
        permissions.sync(office.extensions["appbuilder"])
    return person_of(office, office.test_client(), "employer").client.get("/api/").text


def sample(page: str, name: str, secret: str) -> str:
    """The code that stands on the page under that id, with the receiver's own secret."""
    found = re.search(rf'id="{name}">(.*?)</pre>', page, re.S)
    assert found is not None
    return html.unescape(found[1]).replace("whsec_…", secret)


def in_python(code: str, sent: Sent) -> bool:
    """Whether the Python sample takes the request for ours, and reads the event."""
    known: dict[str, Any] = {}
    exec(code, known)
    try:
        return bool(known["event_of"](sent.headers, sent.body)["type"] == "letter.issue")
    except ValueError:
        return False


def in_the_shell(code: str, sent: Sent, folder: Path) -> bool:
    """Whether the shell sample takes the request for ours."""
    (folder / "body").write_bytes(sent.body)
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    line = f"set -euo pipefail\n{code}\n" + 'is_ours "$1" "$2" "$3" "$4"'
    told = [sent.headers[name] for name in names]
    return subprocess.run(["bash", "-c", line, "bash", *told, str(folder / "body")]).returncode == 0


def changed(sent: Sent, *, body: bytes = b"", **headers: str) -> Sent:
    """The same request with something else in it."""
    return Sent(
        {**sent.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}, body or sent.body
    )


@pytest.mark.parametrize("shell", [False, True], ids=["python", "shell"])
def test_an_event_of_ours_is_taken_under_either_secret_and_nothing_else_is(
    office: Flask, receiver: Receiver, guide: str, tmp_path: Path, shell: bool
) -> None:
    key, moment_now = listen(office, receiver), clock.now()
    with moment(office, moment_now), writing(), transaction():
        secrets.renew(key)
    new, old = keys(office, key, moment_now)
    happen(office, put(office, letter("issued")), ("issue", "issued"), when=moment_now)
    push(office, moment_now), send(office, moment_now)
    [sent] = receiver.sent

    def takes(secret: str, request: Sent) -> bool:
        code = sample(guide, f"{'shell' if shell else 'python'}-receiver", secret)
        return in_the_shell(code, request, tmp_path) if shell else in_python(code, request)

    assert (takes(new, sent), takes(old, sent)) == (True, True)
    stale = str(int((moment_now - timedelta(seconds=400)).timestamp()))
    others = [
        changed(sent, body=sent.body.replace(b"issued", b"closed")),
        changed(sent, webhook_id="msg_0"),
        changed(sent, webhook_timestamp=stale),
        changed(sent, webhook_signature="v1,AAAA"),
    ]
    assert [takes(new, each) for each in others] == [False] * 4
    assert not takes("whsec_" + "A" * 43 + "=", sent)
