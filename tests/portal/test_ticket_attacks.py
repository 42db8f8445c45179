"""The way back from a portal of tickets is attacked: a clear page each time, nobody signed in, nothing changed."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from app.ops.demo_portal.provider import Grant
from tests.bare import EMPLOYER
from tests.portal.gate import ONE, SYSTEM, TWO, Gate, changed

DIALECT = "ticket"
ANEW = "本次登录请求已失效或不是由本浏览器发起"
USED = "登录凭证已使用或已过期"
NO_PERSON = "没有返回完整的人员信息"
DOWN = "政务服务网暂时无法连接"


def refused(gate: Gate, client: FlaskClient, address: str, status: int, says: str) -> None:
    """The address is answered with this status and sentence, on the sign-in page, and nothing has changed."""
    before = gate.state()
    answer = client.get(address)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text[:3000]
    assert gate.state() == before
    assert client.get("/sign-on/companies").headers["Location"].endswith("/login/")


def ticket_in(way_back: str) -> str:
    return parse_qs(urlsplit(way_back).query)["ticket"][0]


def test_the_state_is_ours_and_lies_in_the_address_that_leads_back(gate: Gate) -> None:
    asked = parse_qs(urlsplit(gate.leave(gate.client(), "/sign-on?role=contractor")).query)
    redirect = urlsplit(asked["redirect"][0])
    assert f"{redirect.scheme}://{redirect.netloc}{redirect.path}" == f"{SYSTEM}/sign-on/return"
    assert len(parse_qs(redirect.query)["state"][0]) == 43
    assert asked["role"] == ["contractor"] and "secret" not in asked


@pytest.mark.parametrize("state", [None, "", "forged"])
def test_a_ticket_without_our_state_is_refused(gate: Gate, state: str | None) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), state=state), 400, ANEW)


def test_a_ticket_in_another_browser_is_refused(gate: Gate) -> None:
    victim, attacker = gate.client(), gate.client()
    gate.leave(victim)
    refused(gate, victim, gate.way_back(attacker, TWO), 400, ANEW)


@pytest.mark.parametrize("ticket", [None, "", "forged", "x" * 2_500])
def test_a_forged_ticket_is_refused(gate: Gate, ticket: str | None) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), ticket=ticket), 403, USED)


def test_a_used_ticket_is_refused(gate: Gate) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    gate.provider.tickets.take(ticket_in(back))
    refused(gate, client, back, 403, USED)


def test_a_used_ticket_with_a_fresh_state_is_refused(gate: Gate) -> None:
    client = gate.client()
    used = gate.way_back(client, ONE)
    assert client.get(used).status_code == 302
    client.post("/logout/")
    other = gate.client()
    refused(gate, other, changed(gate.way_back(other, TWO), ticket=ticket_in(used)), 403, USED)


def test_a_ticket_of_another_person_is_worth_nothing_in_my_flight(gate: Gate) -> None:
    client, other = gate.client(), gate.client()
    stolen = ticket_in(gate.way_back(other, TWO))
    refused(gate, client, changed(gate.way_back(client, ONE), ticket=stolen), 403, USED)


def test_a_huge_ticket_is_refused(gate: Gate) -> None:
    client = gate.client()
    refused(gate, client, changed(gate.way_back(client, ONE), ticket="x" * 100_000), 400, ANEW)


def said(body: bytes) -> Callable[[Any, Any], Iterable[bytes]]:
    """Answers with this body as JSON."""

    def answer(environ: Any, start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/ticket/token", b'{"code": 500, "data": {"token": "t"}}', 403, USED),
        ("/ticket/token", b'{"data": {"token": "t"}}', 403, USED),
        ("/ticket/token", b'{"code": 200, "data": null}', 403, USED),
        ("/ticket/token", b'{"code": 200, "data": {"token": {"a": 1}}}', 403, USED),
        ("/ticket/token", b"<html>", 503, DOWN),
        ("/ticket/person", b'{"code": 401}', 403, USED),
        ("/ticket/person", b'{"code": 200, "data": {"userName": "x"}}', 403, NO_PERSON),
        ("/ticket/person", b'{"code": 200, "data": {"userId": true, "userName": "x"}}', 403, NO_PERSON),
        ("/ticket/person", b'{"code": 200, "data": {"userId": "1", "userName": " "}}', 403, NO_PERSON),
        ("/ticket/person", rb'{"code": 200, "data": {"userId": "1\u0000", "userName": "x"}}', 403, NO_PERSON),
        ("/ticket/person", rb'{"code": 200, "data": {"userId": "1", "userName": "\ud800"}}', 403, NO_PERSON),
        (
            "/ticket/person",
            b'{"code": 200, "data": {"userId": "' + b"1" * 201 + b'", "userName": "x"}}',
            403,
            NO_PERSON,
        ),
        ("/ticket/person", b'{"code": 200, "data": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}", 503, DOWN),
        ("/ticket/person", b"null", 503, DOWN),
    ],
)
def test_an_answer_that_is_incomplete_or_nonsense_lets_nobody_in(
    gate: Gate, path: str, body: bytes, status: int, says: str
) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    gate.instead[path] = said(body)
    refused(gate, client, back, status, says)


@pytest.mark.parametrize("corps", [b"null", b'"x"', b"7", b"[1, null, []]", b'[{"uscc": {"a": 1}}]', b"{}"])
def test_companies_that_are_none_are_no_companies(gate: Gate, corps: bytes) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    gate.instead["/ticket/person"] = said(
        b'{"code": 200, "data": {"userId": "odd", "userName": "x", "corps": ' + corps + b"}}"
    )
    assert client.get(back).headers["Location"] == "/sign-on/companies"
    assert "没有返回您可以代表的单位" in client.get("/sign-on/companies").text


def test_one_company_need_not_stand_in_a_list(gate: Gate) -> None:
    client = gate.client()
    back = gate.way_back(client, ONE)
    company = '{"uscc": "91460100ma5t8kq74l", "corpName": "新港湾"}'
    body = f'{{"code": 200, "data": {{"userId": 77, "userName": "甲", "corps": {company}}}}}'
    gate.instead["/ticket/person"] = said(body.encode())
    client.get(back)
    page = client.get("/sign-on/companies").text
    assert "91460100MA5T8KQ74L" in page and "注册该单位" in page


def test_the_same_person_of_one_portal_keeps_the_account(gate: Gate) -> None:
    gate.enrol(ONE, EMPLOYER)
    answer = gate.come(gate.client(), ONE, "/sign-on?next=/letters/list/")
    assert answer.headers["Location"] == "/letters/list/"
    assert gate.account(ONE, EMPLOYER)[1] == "active"


def test_a_ticket_is_good_for_one_of_two_that_come_at_once(gate: Gate) -> None:
    grant = Grant(gate.site._citizens[ONE], "x")
    secret = gate.provider.tickets.put(grant)
    assert [gate.provider.tickets.take(secret), gate.provider.tickets.take(secret)] == [grant, None]
