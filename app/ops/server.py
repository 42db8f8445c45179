"""The web server: gunicorn with threads, configured in code, ready to be measured and stopped cleanly."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app.core.database import db
from app.ops import workers

WORKERS = 2
THREADS = 4
ANSWER_WITHIN_SECONDS = 60


class Server(BaseApplication):
    """One gunicorn master that loads the application once and forks its workers."""

    def __init__(self, make_app: Callable[[], Flask], settings: dict[str, Any]) -> None:
        self._make_app = make_app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make_app()


def serve(app: Flask, *, ready: str, beside: Sequence[Callable[[int], None]] = ()) -> None:
    """Serve the application on its HOST and PORT until stopped; print `ready` once requests are taken.

    What is to be done `beside` it is done in processes of their own, which end with the server.
    """
    forget_connections(app)
    keepers = [workers.keep_at_work(each) for each in beside]
    Server(lambda: app, _settings(app, ready=ready, keepers=keepers)).run()


def _settings(app: Flask, *, ready: str, keepers: Sequence[int]) -> dict[str, Any]:
    return {
        "bind": f"{app.config['HOST']}:{app.config['PORT']}",
        "worker_class": "gthread",
        "workers": int(os.environ.get("WORKERS") or WORKERS),
        "threads": int(os.environ.get("THREADS") or THREADS),
        "preload_app": True,
        "timeout": ANSWER_WITHIN_SECONDS,
        "graceful_timeout": 30,
        "keepalive": 5,
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,
        "limit_request_line": 8190,
        "loglevel": "warning",
        "when_ready": lambda server: print(ready, file=sys.stderr, flush=True),
        "post_fork": lambda server, worker: forget_connections(app),
        "on_exit": lambda server: _end(keepers),
    }


def _end(keepers: Sequence[int]) -> None:
    for keeper in keepers:
        workers.end(keeper)


def forget_connections(app: Flask) -> None:
    """A database connection must not cross a fork: each worker opens its own."""
    with app.app_context():
        db.engine.dispose(close=False)
