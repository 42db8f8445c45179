"""The settings of sign-on: off without any, and refused with a remedy where one is missing or unsafe."""

from typing import Any

import pytest

from app.portal import settings
from app.portal.mapping import at
from config import Config

OIDC = {
    "SIGN_ON": "oidc",
    "SIGN_ON_CLIENT_ID": "us",
    "SIGN_ON_CLIENT_SECRET": "secret",
    "SIGN_ON_ISSUER": "https://portal.example",
}
TICKET = {
    "SIGN_ON": "ticket",
    "SIGN_ON_CLIENT_ID": "us",
    "SIGN_ON_CLIENT_SECRET": "secret",
    "SIGN_ON_PAGE": "https://portal.example/sso?type=2",
    "SIGN_ON_TOKEN": "https://portal.example/token",
    "SIGN_ON_PERSON": "https://portal.example/person",
}


def read(given: dict[str, str], **more: Any) -> settings.Settings:
    return settings.read(given, **{"port": 8080, "base_url": "https://us.example", "demo": False, **more})


def test_without_settings_sign_on_is_off() -> None:
    assert not read({}).is_on and read({}).origins == ()


@pytest.mark.parametrize(
    ("given", "changed", "says"),
    [
        (OIDC, {"SIGN_ON": "saml"}, "use oidc, ticket, demo"),
        (OIDC, {"SIGN_ON_CLIENT_ID": ""}, "needs SIGN_ON_CLIENT_ID"),
        (OIDC, {"SIGN_ON_CLIENT_SECRET": " "}, "needs SIGN_ON_CLIENT_SECRET"),
        (OIDC, {"SIGN_ON_ISSUER": ""}, "needs SIGN_ON_ISSUER"),
        (OIDC, {"SIGN_ON_ISSUER": "http://portal.example"}, "SIGN_ON_ISSUER is http://portal.example: use https"),
        (OIDC, {"SIGN_ON_ISSUER": "https://a@portal.example"}, "use https"),
        (OIDC, {"SIGN_ON_SIGN_OUT": "ftp://portal.example"}, "use https"),
        (OIDC, {"SIGN_ON_SCOPES": "profile"}, "without openid"),
        (OIDC, {"SIGN_ON_CLIENT_AUTHENTICATION": "none"}, "use one of client_secret_basic"),
        (OIDC, {"SIGN_ON_FIELDS": "sub"}, "write name=value"),
        (OIDC, {"SIGN_ON_FIELDS": "age=a"}, "with one of subject"),
        (OIDC, {"SIGN_ON_ROLES": "=employer"}, "as in 1=employer"),
        (TICKET, {"SIGN_ON_PAGE": ""}, "needs SIGN_ON_PAGE"),
        (TICKET, {"SIGN_ON_TOKEN": "http://10.0.0.1/token"}, "SIGN_ON_TOKEN is http://10.0.0.1/token: use https"),
        ({"SIGN_ON": "demo"}, {}, "DEMO=1 alone"),
    ],
)
def test_what_is_missing_or_unsafe_stops_the_start_with_a_remedy(
    given: dict[str, str], changed: dict[str, str], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        read({**given, **changed})


def test_people_come_back_over_tls_alone() -> None:
    with pytest.raises(ValueError, match="needs https"):
        read(OIDC, base_url="http://us.example")
    assert read(OIDC, base_url="http://127.0.0.1:8080").is_on


def test_names_and_places_are_settings() -> None:
    found = read({**TICKET, "SIGN_ON_FIELDS": "subject=result.uid, uscc = code", "SIGN_ON_SUCCESS": "head.status=0"})
    assert (found.fields["subject"], found.fields["uscc"], found.fields["name"]) == (
        "result.uid",
        "code",
        "data.userName",
    )
    assert found.success == ("head.status", "0") and found.origins == ("https://portal.example",)


def test_the_secret_is_not_shown_with_the_settings() -> None:
    assert "secret'" not in repr(read(OIDC))


def test_the_demos_portal_lies_on_the_next_port_of_this_machine(tmp_path: Any) -> None:
    given = {"GUARANTEE_DATA": str(tmp_path), "PORT": "9000", "SIGN_ON": "demo", "SIGN_ON_DIALECT": "ticket"}
    assert Config(given).SIGN_ON.page == "http://127.0.0.1:9001/ticket/sign-in"


@pytest.mark.parametrize(
    ("path", "found"),
    [("a.b", 1), ("a.c.1.d", "x"), ("a.c.9", None), ("a.c.x", None), ("a.b.c", None), ("z", None), ("a.c.-1", None)],
)
def test_a_field_lies_where_its_path_says(path: str, found: object) -> None:
    assert at({"a": {"b": 1, "c": [0, {"d": "x"}]}}, path) == found
