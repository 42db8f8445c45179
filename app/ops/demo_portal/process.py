"""The process of the demo's portal, beside the server."""

import logging
from threading import Thread

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app.ops.demo_portal.citizens import Citizen
from app.ops.demo_portal.provider import Provider
from app.ops.demo_portal.site import Site
from app.ops.workers import IDLE_SECONDS, Stop
from app.portal.adapter import CALLBACK
from app.portal.settings import Settings, demo_address

logging.getLogger("werkzeug").setLevel(logging.WARNING)


class Handler(WSGIRequestHandler):
    """Answers over lasting connections, without a line for every request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_told: object) -> None:
        """Nothing."""


def site(app: Flask, citizens: tuple[Citizen, ...]) -> Site:
    """The portal that signs people on for this application."""
    settings: Settings = app.config["SIGN_ON"]
    system = app.config["BASE_URL"]
    provider = Provider(
        demo_address(app.config["PORT"]),
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        callback=f"{system}{CALLBACK}",
    )
    return Site(provider, citizens, system=system)


def serve_portal(app: Flask, citizens: tuple[Citizen, ...], parent: int) -> None:
    """Answer on the port after the server's, on this machine alone, until told to stop or the parent is gone."""
    stop = Stop(parent)
    server = make_server(
        "127.0.0.1", app.config["PORT"] + 1, site(app, citizens), threaded=True, request_handler=Handler
    )
    Thread(target=server.serve_forever, daemon=True).start()
    while not stop.is_due():
        stop.sleep(IDLE_SECONDS)
    server.shutdown()
