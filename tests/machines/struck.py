"""A process that asks for one thing and kills itself before its nth commit: `python -m tests.machines.struck …`."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.core.database import db
from tests.installations import Home, open_app
from tests.machines.programs import Program
from tests.machines.workshop import open_workshop


def main(folder: str, url: str, key_id: str, secret: str, *, key: str, commits: int) -> None:
    """Make a project under this `Idempotency-Key`; die before the commit of that number."""
    app = open_app(Home(Path(folder), url))
    open_workshop(app)
    left = [commits]

    def strike(_connection: Any) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        event.listen(db.engine, "commit", strike)
    given = {"name": "三号工程", "region_code": "460108"}
    Program(0, key_id, secret).send(app.test_client(), "POST", "/api/v1/workshop/projects", given, Idempotency_Key=key)


if __name__ == "__main__":
    main(*sys.argv[1:5], key=sys.argv[5], commits=int(sys.argv[6]))
