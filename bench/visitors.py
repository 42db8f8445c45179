"""How many requests a second the demo answers, and how long an answer takes, with several visitors at once.

Starts a server of its own on a fresh demo, signs in once for each of 8 visitors, and asks every page of the
menu in turn for 15 seconds.
"""

import http.cookiejar
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from app.ops import demo
from bench.installation import ROOT

VISITORS = 8
SECONDS = 15.0
NAV = re.compile(r'<a[^>]+href="(/[a-z][^"#?]*)"')
NO_PAGES = ("/static", "/logout", "/login")


def measure() -> None:
    """Run the measurement and print one line for each page, and one for all."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        home = {"GUARANTEE_DATA": folder, "PORT": str(port), "BASE_URL": address, "DEMO": "1"}
        environment = {**os.environ, **home}
        flask = [sys.executable, "-m", "flask", "--app", "run"]
        subprocess.run([*flask, "release"], cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen([*flask, "serve"], cwd=ROOT, env=environment)
        try:
            _wait(address)
            _report(_measure(address))
        finally:
            server.terminate()
            server.wait(timeout=30)


def _measure(address: str) -> list[tuple[str, float]]:
    """(path, seconds) of every request that all visitors made."""
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(max_workers=VISITORS) as pool:
        visits = [pool.submit(_visit, address, end=end) for _ in range(VISITORS)]
        return [timing for visit in visits for timing in visit.result()]


def _visit(address: str, *, end: float) -> list[tuple[str, float]]:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(f"{address}/login/").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    form = {
        "csrf_token": token.group(1) if token else "",
        "username": demo.ACCOUNTS[0].username,
        "password": demo.PASSWORD,
    }
    start = opener.open(f"{address}/login/", urllib.parse.urlencode(form).encode()).read().decode()
    paths = ["/", *sorted({path for path in NAV.findall(start) if not path.startswith(NO_PAGES)})]
    timings = []
    while time.monotonic() < end:
        path = paths[len(timings) % len(paths)]
        begun = time.perf_counter()
        opener.open(address + path).read()
        timings.append((path, time.perf_counter() - begun))
    return timings


def _report(timings: list[tuple[str, float]]) -> None:
    for path in sorted({path for path, _ in timings}):
        _line(path, [seconds for asked, seconds in timings if asked == path])
    _line(f"all: {len(timings) / SECONDS:.0f} requests/s", [seconds for _, seconds in timings])


def _line(label: str, seconds: list[float]) -> None:
    cuts = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
    middle, slow = cuts[9] * 1000, cuts[18] * 1000
    print(f"{label:<40} {len(seconds):>6} requests  p50 {middle:6.0f} ms  p95 {slow:6.0f} ms")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")
