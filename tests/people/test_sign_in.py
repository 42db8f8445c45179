"""The door: one answer for strangers, no way out to other sites, no sign-out by a mere link."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.people.browse import said, send, sign_in
from tests.servers import DEMO_PASSWORD, SIGN_IN

Clients = Callable[[str], FlaskClient]


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(client: FlaskClient) -> None:
    unknown, wrong = sign_in(client, "nobody-here", "x"), sign_in(client, "employer2", "x")
    assert (unknown.status_code, said(unknown)) == (wrong.status_code, said(wrong))
    assert (wrong.status_code, said(wrong)) == (401, ["账号或密码不正确，请核对后重试"])


def test_a_form_without_a_password_asks_for_it(client: FlaskClient) -> None:
    answer = sign_in(client, "employer", "")
    assert (answer.status_code, said(answer)) == (422, ["请输入账号和密码"])
    assert 'value="employer"' in answer.text


def test_the_fifth_wrong_password_closes_the_account_for_a_while(client: FlaskClient) -> None:
    for _ in range(5):
        assert sign_in(client, "contractor2", "x").status_code == 401
    answer = sign_in(client, "contractor2", DEMO_PASSWORD)
    assert answer.status_code == 429
    assert said(answer) == ["登录失败次数过多，请 15 分钟后再试，或点击“忘记密码”"]
    assert 890 <= int(answer.headers["Retry-After"]) <= 901


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/login/",
        "/logout/",
        "evil",
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    answer = sign_in(client, "employer", DEMO_PASSWORD, next=target)
    assert (answer.status_code, answer.location) == (302, "/")


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    asked = client.get("/accounts/list/?size=10")
    assert asked.location.startswith("/login/?next=")
    answer = sign_in(client, "employer", DEMO_PASSWORD, next="/accounts/list/?size=10")
    assert answer.location == "/accounts/list/?size=10"


def test_a_mere_link_does_not_sign_out_but_a_button_does(client_of: Clients) -> None:
    client = client_of("bank")
    client.get("/logout/")
    assert client.get("/profile/").status_code == 200
    assert send(client, "/logout/").location == SIGN_IN
    assert client.get("/profile/").status_code == 302


def test_the_profile_shows_ones_own_account_and_the_latest_sign_in(client_of: Clients) -> None:
    page = client_of("guarantor-issuer").get("/profile/").text
    assert "吴启明" in page and "复核" in page and "登录成功" in page


def test_the_sign_in_page_leads_to_registration_and_verification(client: FlaskClient) -> None:
    page = client.get(SIGN_IN).text
    for address in ("/register", "/register?role=guarantor", "/verify/", "/password/forgot"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
