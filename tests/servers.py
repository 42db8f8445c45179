"""The application on the installation of the module, a live server over it, and Chromium."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import pylopdf_fonts_zh_cn
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright

from tests.databases import ROOT, free_port
from tests.installations import Home, close_app, open_app

CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIGN_IN = "/login/"
HANGS_AFTER_SECONDS = 120  # a busy machine has taken more than 30 to start or stop a server
DEMO_PASSWORD = "Guarantee#2024"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes a page or a browser is marked `browser`; the files with such tests come first.

    They take longest: begun last, one worker would walk pages while the others have nothing left to do.
    """
    for item in items:
        if {"page", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    slow = {item.path for item in items if item.get_closest_marker("browser")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="module")
def app(home: Home) -> Iterator[Flask]:
    """The whole application on the module's installation, with CSRF protection on."""
    made = open_app(home)
    yield made
    close_app(made)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who has not signed in."""
    return app.test_client()


@pytest.fixture
def client_of(app: Flask) -> Callable[[str], FlaskClient]:
    """Gives a client that is signed in as this demo account."""

    def signed_in(username: str, password: str = DEMO_PASSWORD) -> FlaskClient:
        client = app.test_client()
        form = {"csrf_token": token_in(client.get(SIGN_IN).text), "username": username, "password": password}
        answer = client.post(SIGN_IN, data=form)
        assert answer.status_code == 302, f"{username} could not sign in: {answer.status_code}"
        return client

    return signed_in


@pytest.fixture(scope="module")
def live_server(home: Home) -> Iterator[str]:
    """The address of a real server, started by `serve`, over the module's installation."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with served(home, port, RUN_JOBS="0"):
        yield address


@contextmanager
def served(home: Home, port: int, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server over the installation, answering on this port when the block begins."""
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **home.environment, "PORT": str(port), "BASE_URL": address, "WORKERS": "1", **settings}
    command = [sys.executable, "-m", "flask", "--app", "run", "serve"]
    with open(home.folder / "server.txt", "w+", encoding="utf-8") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            wait_for(f"{address}/healthz", process)
            yield process
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=HANGS_AFTER_SECONDS)


@pytest.fixture(scope="module")
def browser(live_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium with Chinese fonts; it ends with its module, for no event loop runs inside of its own."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.fail("chromium is needed in CI") if os.environ.get("CI") == "true" else pytest.skip("no chromium here")
    fonts = fontconfig(tmp_path_factory.mktemp("fonts"))
    with sync_playwright() as playwright:
        environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
        launched = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS), env=environment)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page at 1440x900; the test fails when a script throws or the content security policy is broken."""
    context = browser.new_context(
        base_url=live_server,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1440, "height": 900},
    )
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert faults == []


@pytest.fixture
def enter(page: Page) -> Callable[[str], Page]:
    """Signs the page in as this demo account."""

    def signed_in(username: str, password: str = DEMO_PASSWORD) -> Page:
        page.goto(SIGN_IN)
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: SIGN_IN not in url)
        return page

    return signed_in


def token_in(html: str) -> str:
    """The CSRF token of a form on this page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found, "no CSRF token on the page"
    return found.group(1)


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = HANGS_AFTER_SECONDS) -> None:
    """Wait until the address answers; fail when the process ends before."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail(f"{address} did not answer (exit code {process.poll()})")


def fontconfig(folder: Path) -> Path:
    """A fontconfig file that adds the Chinese fonts of the letters to those of the system."""
    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    file = folder / "fonts.conf"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>'
        f"<cachedir>{folder}</cachedir></fontconfig>",
        encoding="utf-8",
    )
    return file
