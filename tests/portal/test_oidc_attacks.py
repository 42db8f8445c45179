"""The way back from an OpenID provider is attacked: a clear page each time, nobody signed in, nothing changed."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Event
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from app.core import clock
from app.portal import calls
from tests.bare import EMPLOYER
from tests.portal.gate import CLIENT, ONE, SECRET, SYSTEM, TWO, Gate, changed

DIALECT = "oidc"
ANEW = "本次登录请求已失效或不是由本浏览器发起"
NOT_CHECKED = "登录信息未通过核验"
USED = "登录凭证已使用或已过期"
CANCELLED = "取消了登录或未获授权"
SAID_NO = "未能完成登录"
DOWN = "政务服务网暂时无法连接"


def refused(gate: Gate, client: FlaskClient, address: str, status: int, says: str) -> None:
    """The address is answered with this status and sentence, on the sign-in page, and nothing has changed."""
    before = gate.state()
    answer = client.get(address)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text[:3000]
    assert 'name="password"' in answer.text
    assert gate.state() == before
    assert client.get("/sign-on/companies").headers["Location"].endswith("/login/")


@pytest.mark.parametrize("state", ["", "x" * 43, "0", "%00", "' OR 1=1 --"])
def test_a_state_that_was_never_given_is_refused(gate: Gate, state: str) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), state=state), 400, ANEW)


def test_a_missing_state_is_refused(gate: Gate) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), state=None), 400, ANEW)


def test_a_state_with_one_letter_changed_is_refused(gate: Gate) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    state = back.partition("state=")[2].partition("&")[0]
    refused(gate, client, back.replace(state, ("a" if state[0] != "a" else "b") + state[1:]), 400, ANEW)


def test_a_state_older_than_ten_minutes_is_refused(gate: Gate) -> None:
    client = gate.client()
    with clock.frozen_time(clock.now() - timedelta(minutes=11)):
        address = gate.leave(client)
    refused(gate, client, gate.sign_in_there(address, ONE), 400, ANEW)


def test_a_state_of_another_browser_is_refused(gate: Gate) -> None:
    victim, attacker = gate.client(), gate.client()
    gate.leave(victim)
    refused(gate, victim, gate.way_back(attacker, TWO), 400, ANEW)


def test_the_same_way_back_leads_in_once(gate: Gate) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    assert client.get(back).status_code == 302
    again = client.get(back)
    assert (again.status_code, ANEW in again.text) == (400, True)


def test_a_used_state_with_a_fresh_code_is_refused(gate: Gate) -> None:
    client = gate.client()
    used = gate.way_back(client, ONE)
    client.get(used)
    client.post("/logout/")
    code = gate.way_back(client, ONE).partition("code=")[2].partition("&")[0]
    answer = client.get(changed(used, code=code))
    assert (answer.status_code, ANEW in answer.text) == (400, True)


MINUTE = 60
WRONG_CLAIMS: dict[str, Callable[[int], dict[str, Any]]] = {
    "the nonce of another flight": lambda now: {"nonce": "another"},
    "no nonce": lambda now: {"nonce": None},
    "expired": lambda now: {"iat": now - 600, "exp": now - 2 * MINUTE},
    "no expiry": lambda now: {"exp": None},
    "an expiry that is no number": lambda now: {"exp": "tomorrow"},
    "a clock minutes ahead": lambda now: {"iat": now + 5 * MINUTE, "exp": now + 10 * MINUTE},
    "not yet good": lambda now: {"nbf": now + 5 * MINUTE},
    "another audience": lambda now: {"aud": "another-system"},
    "several audiences, made for another": lambda now: {"aud": [CLIENT, "another"], "azp": "another"},
    "another issuer": lambda now: {"iss": "https://portal.example"},
    "no subject": lambda now: {"sub": None},
}


@pytest.mark.parametrize("lie", WRONG_CLAIMS)
def test_a_token_that_says_something_wrong_is_refused(gate: Gate, lie: str) -> None:
    client = gate.client()
    gate.provider.lies = WRONG_CLAIMS[lie](int(clock.now().timestamp()))
    refused(gate, client, gate.way_back(client, ONE), 403, NOT_CHECKED)


def test_a_clock_that_is_half_a_minute_off_is_borne(gate: Gate) -> None:
    client, now = gate.client(), int(clock.now().timestamp())
    gate.provider.lies = {"iat": now + 30, "exp": now + 90}
    assert gate.come(client, ONE).headers["Location"] == "/sign-on/companies"


def _part(said: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def _unsigned(gate: Gate) -> Callable[[Any], str]:
    return lambda claims: f"{_part({'alg': 'none'})}.{_part(claims)}."


def _under_the_public_key(gate: Gate) -> Callable[[Any], str]:
    def sign(claims: dict[str, Any]) -> str:
        signed = f"{_part({'alg': 'HS256', 'kid': str(gate.provider.key.kid)})}.{_part(claims)}"
        mark = hmac.digest(gate.provider.key.as_pem(private=False), signed.encode(), "sha256")
        return f"{signed}.{urlsafe_b64encode(mark).rstrip(b'=').decode()}"

    return sign


def _under_our_secret(gate: Gate) -> Callable[[Any], str]:
    return lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def _under_an_unknown_key(gate: Gate) -> Callable[[Any], str]:
    key = RSAKey.generate_key(2048, {"kid": "unknown"})
    return lambda claims: jwt.encode({"alg": "RS256", "kid": "unknown"}, claims, key)


def _under_another_key_of_that_name(gate: Gate) -> Callable[[Any], str]:
    key = RSAKey.generate_key(2048)
    return lambda claims: jwt.encode({"alg": "RS256", "kid": str(gate.provider.key.kid)}, claims, key)


def _with_a_key_of_its_own(gate: Gate) -> Callable[[Any], str]:
    key = RSAKey.generate_key(2048)
    return lambda claims: jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key)


def _cut_short(gate: Gate) -> Callable[[Any], str]:
    return lambda claims: "a.b"


SIGNATURES = (
    _unsigned,
    _under_the_public_key,
    _under_our_secret,
    _under_an_unknown_key,
    _under_another_key_of_that_name,
    _with_a_key_of_its_own,
    _cut_short,
)


@pytest.mark.parametrize("signs", SIGNATURES)
def test_a_token_that_the_provider_did_not_sign_is_refused(gate: Gate, signs: Callable[[Gate], Any]) -> None:
    client = gate.client()
    gate.provider.signs = signs(gate)
    refused(gate, client, gate.way_back(client, ONE), 403, NOT_CHECKED)


def test_a_new_key_of_the_provider_is_found_by_itself(gate: Gate) -> None:
    gate.come(gate.client(), ONE)
    old = gate.provider.key
    gate.provider.key = RSAKey.generate_key(2048, {"kid": "next-year", "use": "sig", "alg": "RS256"})
    try:
        assert gate.come(gate.client(), ONE).headers["Location"] == "/sign-on/companies"
    finally:
        gate.provider.key = old


def test_userinfo_of_another_person_is_refused(gate: Gate) -> None:
    client = gate.client()
    gate.provider.about_lies = {"sub": TWO}
    refused(gate, client, gate.way_back(client, ONE), 403, NOT_CHECKED)


def test_an_answer_of_another_provider_is_refused(gate: Gate) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), iss="https://portal.example"), 403, NOT_CHECKED)


def test_a_code_that_was_used_is_refused(gate: Gate) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    gate.provider.codes.take(back.partition("code=")[2].partition("&")[0])
    refused(gate, client, back, 403, USED)


@pytest.mark.parametrize("code", [None, "", "forged", "x" * 3000])
def test_a_code_that_was_never_given_is_refused(gate: Gate, code: str | None) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), code=code), 403, USED)


def test_a_code_of_another_persons_flight_is_refused(gate: Gate) -> None:
    client, other = gate.client(), gate.client()
    stolen = gate.way_back(other, TWO).partition("code=")[2].partition("&")[0]
    refused(gate, client, changed(gate.way_back(client, ONE), code=stolen), 403, USED)


def test_a_code_is_worth_nothing_to_another_client_nor_without_the_verifier(gate: Gate) -> None:
    client = gate.client()
    code = gate.way_back(client, ONE).partition("code=")[2].partition("&")[0]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{SYSTEM}/sign-on/return"}
    token = f"{gate.provider.address}/oidc/token"
    other = requests.post(token, data={**asked, "code_verifier": "x"}, auth=("another", SECRET), timeout=5)
    assert other.json() == {"error": "invalid_client"}
    guessed = requests.post(token, data={**asked, "code_verifier": "x" * 43}, auth=(CLIENT, SECRET), timeout=5)
    assert guessed.json() == {"error": "invalid_grant"}


def test_the_way_there_carries_a_challenge_and_never_its_verifier(gate: Gate) -> None:
    asked = parse_qs(urlsplit(gate.leave(gate.client(), "/sign-on?role=employer")).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert asked["role"] == ["employer"] and "code_verifier" not in asked


@pytest.mark.parametrize(
    ("error", "says"),
    [("access_denied", CANCELLED), ("server_error", SAID_NO), ("<script>alert(1)</script>", SAID_NO)],
)
def test_an_error_of_the_portal_is_told_and_ends_the_flight(gate: Gate, error: str, says: str) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    refused(gate, client, changed(back, code=None, error=error), 403, says)
    refused(gate, client, back, 400, ANEW)


@pytest.mark.parametrize("name", ["code", "state", "error", "error_description", "anything"])
def test_a_huge_parameter_is_refused(gate: Gate, name: str) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), **{name: "x" * 100_000}), 400, ANEW)


def _redirects(environ: Any, start: Any) -> Iterable[bytes]:
    start("302 Found", [("Location", "http://169.254.169.254/latest/meta-data/"), ("Content-Length", "0")])
    return [b""]


def _answers_html(environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/html"), ("Content-Length", "21")])
    return [b"<html>welcome</html>\n"]


def _fails(environ: Any, start: Any) -> Iterable[bytes]:
    start("502 Bad Gateway", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]


def _answers_a_list(environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"[]"]


def _never_ends(environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "application/json"), ("Connection", "close")])
    return (b" " * 65_536 for _ in range(1_000))


@pytest.mark.parametrize("keys", [b"[]", b"{}", b'{"keys": 1}', b'{"keys": [{"kty": "RSA"}]}', b'{"keys": [[]]}'])
def test_keys_that_are_none_let_nobody_in(gate: Gate, keys: bytes) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    gate.provider.signs = _under_an_unknown_key(gate)

    def answer(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(keys)))])
        return [keys]

    gate.instead["/oidc/keys"] = answer
    refused(gate, client, back, *((503, DOWN) if keys == b"[]" else (403, NOT_CHECKED)))


@pytest.mark.parametrize("path", ["/oidc/token", "/oidc/userinfo"])
@pytest.mark.parametrize("answer", [_redirects, _answers_html, _fails, _answers_a_list, _never_ends])
def test_a_portal_that_answers_nonsense_is_told_of(
    gate: Gate, path: str, answer: Callable[..., Iterable[bytes]]
) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    gate.instead[path] = answer
    refused(gate, client, back, 503, DOWN)


def test_a_portal_that_is_slow_is_given_up(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "READ_SECONDS", 0.2)
    client, over = gate.client(), Event()
    back = gate.way_back(client, ONE)

    def sleeps(environ: Any, start: Any) -> Iterable[bytes]:
        over.wait(20)
        return _answers_html(environ, start)

    gate.instead["/oidc/token"] = sleeps
    began = time.monotonic()
    refused(gate, client, back, 503, DOWN)
    over.set()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/login/",
        "/sign-on",
        "/sign-on/return?code=1",
        "javascript:alert(1)",
        "/a\nb",
    ],
)
def test_nobody_is_led_to_another_site_after_sign_on(gate: Gate, target: str) -> None:
    if not gate.account(ONE, EMPLOYER)[0]:
        gate.enrol(ONE, EMPLOYER)
    answer = gate.come(gate.client(), ONE, f"/sign-on?next={quote(target, safe='')}")
    assert answer.headers["Location"] == "/"


def test_a_deep_link_survives_sign_on(gate: Gate) -> None:
    if not gate.account(ONE, EMPLOYER)[0]:
        gate.enrol(ONE, EMPLOYER)
    answer = gate.come(gate.client(), ONE, "/sign-on?next=/letters/list/%3Ftab%3Dissued")
    assert answer.headers["Location"] == "/letters/list/?tab=issued"


def test_whoever_knew_the_session_before_sign_on_has_no_part_in_it(gate: Gate) -> None:
    client = gate.client()
    gate.leave(client)
    known = next(iter(client._cookies.values())).value
    gate.come(client, TWO)
    spy = gate.client()
    spy.set_cookie("session", known)
    assert spy.get("/sign-on/companies").headers["Location"].endswith("/login/")
