"""The door of the API: who comes in, and what everybody else is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core import clock
from app.engine import transitions
from app.ledger import history
from models.machine import MachineClient
from models.organisation import Organisation
from models.project import Project
from tests.bare import ORGANISATION, administrator, look, work
from tests.machines.programs import Program, keeper, message_id_of, program, rotated

pytestmark = pytest.mark.databases("sqlite", "postgres")

IDENTITY = "/api/v1/identity"
PUSH = "/api/v1/workshop/movements"
PROJECTS = "/api/v1/workshop/projects"


def refusal(answer: TestResponse) -> tuple[int, str]:
    """The status and the kind of a problem; it carries all that RFC 9457 names, and no cookie."""
    assert answer.mimetype == "application/problem+json", answer.text
    assert answer.json is not None
    assert {"type", "title", "status", "detail", "instance", "incident", "errors"} == set(answer.json)
    assert answer.json["status"] == answer.status_code
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.json["type"].rpartition("/")[2]


@pytest.fixture(scope="module")
def bank(site: Flask) -> Program:
    """A program of the bank that may do everything."""
    return program(site, "bank", "reads", "submits", "pushes")


def test_a_signed_request_is_the_clients_and_leaves_no_session(site: Flask, bank: Program) -> None:
    answer = bank.send(site.test_client(), "GET", IDENTITY)
    assert answer.status_code == 200
    assert answer.json == {
        "name": "财务系统",
        "organisation": {"id": ORGANISATION["bank"], "name": "经办银行"},
        "roles": ["bank"],
        "duties": ["prepare"],
        "grants": ["movements", "read", "submit"],
    }
    assert "Set-Cookie" not in answer.headers


def test_a_body_is_signed_as_it_is_sent(site: Flask, bank: Program) -> None:
    assert bank.send(site.test_client(), "POST", PUSH, {"金额": "12.30"}).json == {"金额": "12.30"}


def test_path_and_query_are_signed_as_they_are_sent(site: Flask, bank: Program) -> None:
    target = "/api/v1/workshop/%E5%B7%A5%20%7E?q=a%2Fb&q=&x=%20"
    assert bank.send(site.test_client(), "GET", target).json == {"rest": "工 ~"}


def test_a_request_is_taken_once(site: Flask, bank: Program) -> None:
    client, headers = site.test_client(), bank.headers("GET", IDENTITY)
    assert client.get(IDENTITY, headers=headers).status_code == 200
    assert refusal(client.get(IDENTITY, headers=headers)) == (401, "signature-replayed")


@pytest.mark.parametrize(
    ("seconds", "kind"), [(-299, ""), (299, ""), (-302, "signature-stale"), (302, "signature-stale")]
)
def test_a_clock_may_be_off_by_five_minutes(site: Flask, bank: Program, seconds: int, kind: str) -> None:
    headers = bank.headers("GET", IDENTITY, at=datetime.now(UTC) + timedelta(seconds=seconds))
    answer = site.test_client().get(IDENTITY, headers=headers)
    assert answer.status_code == 200 if not kind else refusal(answer) == (401, kind)


def other_body(headers: dict[str, str]) -> dict[str, Any]:
    return {"path": PUSH, "method": "POST", "data": b'{"a": 2}', "headers": headers}


TAMPERED: dict[str, tuple[Callable[[dict[str, str]], dict[str, Any]], str]] = {
    "body": (other_body, "signature-invalid"),
    "method": (
        lambda h: {"path": PUSH, "method": "DELETE", "data": b'{"a": 1}', "headers": h},
        "signature-misdirected",
    ),
    "path": (
        lambda h: {"path": f"{PUSH}/", "method": "GET", "data": b'{"a": 1}', "headers": h},
        "signature-misdirected",
    ),
    "query": (
        lambda h: {"path": f"{PUSH}?a=1", "method": "POST", "data": b'{"a": 1}', "headers": h},
        "signature-misdirected",
    ),
    "id": (
        lambda h: {
            "path": PUSH,
            "method": "POST",
            "data": b'{"a": 1}',
            "headers": {**h, "webhook-id": message_id_of("POST", PUSH)},
        },
        "signature-invalid",
    ),
    "timestamp": (
        lambda h: {
            "path": PUSH,
            "method": "POST",
            "data": b'{"a": 1}',
            "headers": {**h, "webhook-timestamp": str(int(h["webhook-timestamp"]) + 1)},
        },
        "signature-invalid",
    ),
}


@pytest.mark.parametrize("what", sorted(TAMPERED))
def test_what_was_signed_is_good_for_nothing_else(site: Flask, bank: Program, what: str) -> None:
    change, kind = TAMPERED[what]
    answer = site.test_client().open(**change(bank.headers("POST", PUSH, '{"a": 1}')), content_type="application/json")
    assert refusal(answer) == (401, kind)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"webhook_key_id": "key_0000000000000000"}, "signature-invalid"),
        ({"webhook_key_id": ""}, "signature-incomplete"),
        ({"webhook_key_id": "密钥".encode().decode("latin-1")}, "signature-incomplete"),
        ({"webhook_id": ""}, "signature-incomplete"),
        ({"webhook_id": "x" * 5000}, "signature-incomplete"),
        ({"webhook_id": "msg_1"}, "signature-misdirected"),
        ({"webhook_timestamp": "now"}, "signature-stale"),
        ({"webhook_timestamp": "-1"}, "signature-stale"),
        ({"webhook_timestamp": "9" * 300}, "signature-stale"),
        ({"webhook_signature": "v1,AAAA"}, "signature-invalid"),
        ({"webhook_signature": "v1,%%%% v1a,AAAA v2,x , ,"}, "signature-invalid"),
        ({"webhook_signature": ""}, "signature-incomplete"),
    ],
)
def test_headers_that_prove_nothing_are_refused(site: Flask, bank: Program, changed: dict[str, str], kind: str) -> None:
    assert refusal(bank.send(site.test_client(), "GET", IDENTITY, **changed)) == (401, kind)


def test_who_neither_signs_nor_signs_in_is_asked_to(site: Flask) -> None:
    answer = site.test_client().get(IDENTITY)
    assert refusal(answer) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Webhook-Signature")


def test_a_client_does_only_what_it_was_granted(site: Flask) -> None:
    reader = program(site, "bank", "reads")
    known = reader.send(site.test_client(), "GET", IDENTITY).json
    assert known is not None and known["duties"] == []
    assert refusal(reader.send(site.test_client(), "POST", PUSH, {})) == (403, "not-granted")


def test_a_new_key_is_good_at_once_and_the_old_one_until_its_end(site: Flask) -> None:
    old = program(site, "bank")
    new = rotated(site, "bank", old, ends_at=clock.now() + timedelta(days=7))
    client = site.test_client()
    assert [each.send(client, "GET", IDENTITY).status_code for each in (old, new)] == [200, 200]
    newest = rotated(site, "bank", new, ends_at=clock.now())
    assert refusal(new.send(client, "GET", IDENTITY)) == (403, "key-ended")
    assert newest.send(client, "GET", IDENTITY).status_code == 200


def test_an_ended_client_is_turned_away(site: Flask) -> None:
    gone = program(site, "bank")
    with work(site, keeper("bank"), clock.today()):
        transitions.perform(MachineClient, gone.client_id, "end", inputs={"reason": "不再使用"})
    assert refusal(gone.send(site.test_client(), "GET", IDENTITY)) == (403, "client-ended")


def test_a_client_lasts_through_its_last_day(site: Flask) -> None:
    today = program(site, "bank", expires_on=clock.today())
    assert today.send(site.test_client(), "GET", IDENTITY).status_code == 200
    tomorrow = clock.now() + timedelta(days=1)
    with clock.frozen_time(tomorrow):
        answer = site.test_client().get(IDENTITY, headers=today.headers("GET", IDENTITY, at=tomorrow.astimezone(UTC)))
    assert refusal(answer) == (403, "client-expired")


def test_the_clients_of_a_suspended_organisation_are_turned_away(site: Flask) -> None:
    office = program(site, "contractor")
    key = ORGANISATION["contractor"]
    try:
        with work(site, administrator(), clock.today()):
            transitions.perform(Organisation, key, "suspend", inputs={"reason": "核查"})
        assert refusal(office.send(site.test_client(), "GET", IDENTITY)) == (403, "organisation-closed")
    finally:
        with work(site, administrator(), clock.today()):
            transitions.perform(Organisation, key, "resume", inputs={"reason": "核查完毕"})


def test_a_client_that_asks_too_often_is_told_when_to_come_back(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    eager = program(site, "bank")
    monkeypatch.setitem(site.config, "API_REQUESTS_A_MINUTE", 2)
    moment = clock.now().replace(second=10)
    with clock.frozen_time(moment):
        answers = [
            site.test_client().get(IDENTITY, headers=eager.headers("GET", IDENTITY, at=moment.astimezone(UTC)))
            for _ in range(3)
        ]
    assert [each.status_code for each in answers[:2]] == [200, 200]
    assert refusal(answers[2]) == (429, "too-many-requests")
    assert answers[2].headers["Retry-After"] == "50"


def test_a_body_that_is_too_large_is_not_read(site: Flask, bank: Program) -> None:
    body = b" " * (50 * 1024 * 1024)
    answer = site.test_client().post(
        PUSH, data=body, headers=bank.headers("POST", PUSH), content_type="application/json"
    )
    assert refusal(answer) == (413, "content-too-large")


def test_a_body_in_pieces_without_a_length_is_not_read(site: Flask, bank: Program) -> None:
    headers = {**bank.headers("POST", PUSH), "Transfer-Encoding": "chunked"}
    answer = site.test_client().post(PUSH, headers=headers, content_type="application/json")
    assert refusal(answer) == (411, "length-required")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "不是有效的 JSON"),
        ("[1]", "应为 JSON 对象"),
        ('{"a": 1, "a": 2}', "“a”出现了两次"),
        ('{"a": NaN}', "不能使用 NaN"),
        ('{"a": 1e999}', "不能使用 1e999"),
        ('{"a": ' + "9" * 5000 + "}", "数字过长"),
        ('{"a": ' + "[" * 20 + "]" * 20 + "}", "嵌套超过 16 层"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "嵌套过深"),
        ('{"a": "\\ud800"}', "不能保存的字符"),
        ('{"\\u0000": 1}', "不能保存的字符"),
        ("{'a': 1}", "第 1 行第 2 列"),
    ],
)
def test_json_is_read_strictly(site: Flask, bank: Program, body: str, detail: str) -> None:
    answer = bank.send(site.test_client(), "POST", PUSH, body)
    assert refusal(answer) == (400, "malformed-json")
    assert answer.json is not None and detail in answer.json["detail"]


def test_a_body_that_is_no_json_is_refused(site: Flask, bank: Program) -> None:
    answer = site.test_client().post(
        PUSH, data=b"a=1", headers=bank.headers("POST", PUSH, "a=1"), content_type="text/csv"
    )
    assert refusal(answer) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/api/nowhere", (404, "not-found")),
        ("PUT", PUSH, (405, "method-not-allowed")),
        ("GET", "/api/v1/workshop/burst", (500, "internal-server-error")),
    ],
)
def test_every_error_below_the_api_is_a_problem(
    site: Flask, bank: Program, method: str, target: str, expected: tuple[int, str]
) -> None:
    answer = bank.send(site.test_client(), method, target)
    assert refusal(answer) == expected
    assert "hunter2" not in answer.text


def test_what_the_record_lacks_is_told_at_its_fields(site: Flask) -> None:
    employer = program(site, "employer")
    answer = employer.send(site.test_client(), "POST", PROJECTS, {"name": ""})
    assert refusal(answer) == (422, "invalid")
    assert answer.json is not None
    assert {each["pointer"] for each in answer.json["errors"]} == {"/name", "/region_code"}
    assert all(each["message"] for each in answer.json["errors"])


def test_what_a_client_did_stands_under_its_name(site: Flask) -> None:
    employer = program(site, "employer")
    given = {"name": "一号工程", "region_code": "460108"}
    made = employer.send(site.test_client(), "POST", PROJECTS, given)
    assert made.status_code == 201 and made.json is not None, made.text
    user_id = look(site, MachineClient, employer.client_id)["user_id"]
    with work(site, keeper("employer"), clock.today()):
        project = transitions.find(Project, made.json["id"])
        told = [(each.actor_id, each.actor_name, each.action) for each in history.of_record(project)]
        assert (told, project.created_by_id) == ([(user_id, "财务系统", "create")], user_id)
