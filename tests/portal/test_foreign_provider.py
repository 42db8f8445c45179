"""Sign-on through an OpenID provider that others wrote, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from flask import Flask

from run import create_app
from tests.clients import Client
from tests.databases import free_port
from tests.installations import CHEAP_HASH, Home, close_app
from tests.portal.gate import SYSTEM, settings
from tests.servers import token_in, wait_for

PERSON = {
    "sub": "hn-1",
    "name": "李建华",
    "acr": "L3",
    "legal_persons": [{"uscc": "91460100MA5T8KQ74L", "name": "新港湾公司", "role": "1"}],
}


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Its address."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(
        [*command, "--user-claims", json.dumps(PERSON)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/.well-known/openid-configuration", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def signed_on_there(bare_home: Home, provider: str) -> Iterator[Flask]:
    given = {
        **bare_home.environment,
        **settings("oidc", provider),
        "SIGN_ON_SIGN_OUT": "",
        "SIGN_ON_ROLES": "1=employer",
    }
    app = create_app({**given, "FAB_PASSWORD_HASH_METHOD": CHEAP_HASH})
    app.test_client_class = Client
    yield app
    close_app(app)


def test_a_person_comes_in_and_out(signed_on_there: Flask, provider: str) -> None:
    client = signed_on_there.test_client()
    there = client.get("/sign-on").headers["Location"]
    assert there.startswith(f"{provider}/oauth2/authorize?")
    with requests.Session() as browser:
        browser.trust_env = False
        back = browser.post(there, data={"sub": PERSON["sub"]}, allow_redirects=False).headers["Location"]
    arrived = client.get(back.removeprefix(SYSTEM))
    assert arrived.headers["Location"] == "/sign-on/companies"
    page = client.get("/sign-on/companies").text
    assert "李建华，您好" in page and "新港湾公司" in page and "建设单位" in page
    again = client.get(back.removeprefix(SYSTEM))
    assert (again.status_code, "已失效" in again.text) == (400, True)
    out = client.post("/logout/", data={"csrf_token": token_in(page)}).headers["Location"]
    assert out.startswith(f"{provider}/oauth2/end_session?post_logout_redirect_uri=") and "id_token_hint=" in out
    assert requests.get(out, timeout=5).status_code == 200


def test_who_does_not_consent_is_not_let_in(signed_on_there: Flask) -> None:
    client = signed_on_there.test_client()
    there = client.get("/sign-on").headers["Location"]
    with requests.Session() as browser:
        browser.trust_env = False
        back = browser.post(there, data={"action": "deny"}, allow_redirects=False).headers["Location"]
    refused = client.get(back.removeprefix(SYSTEM))
    assert refused.status_code in (400, 403) and 'name="password"' in refused.text
