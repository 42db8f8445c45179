"""A company's administrator looks after its own company's accounts and nothing else."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.people.browse import NEW_PASSWORD, PASSWORD, said, send, shown_link, sign_in

pytestmark = pytest.mark.databases("sqlite", "postgres")
Clients = Callable[[str], FlaskClient]
Ids = Callable[[str], int]


def invite(client: FlaskClient, username: str, **more: str) -> str:
    """Invite a colleague; the path of the link."""
    form = {"username": username, "name": "邢丽娟", "phone": "13800138001", "prepares": "y", **more}
    return shown_link(send(client, "/accounts/add", form))


def accept(client: FlaskClient, link: str, password: str = PASSWORD) -> int:
    answer = send(client, link, {"password": password, "password_again": password}, page="/login/")
    return answer.status_code


@pytest.mark.parametrize("address", ["show/{0}", "edit/{0}", "handover/{0}", "do/{0}/deactivate"])
def test_another_companys_account_answers_like_an_absent_one(client_of: Clients, account_id: Ids, address: str) -> None:
    client = client_of("employer")
    theirs, absent = (client.get(f"/accounts/{address.format(key)}") for key in (account_id("employer2"), 999_999))
    assert (theirs.status_code, absent.status_code) == (404, 404)


@pytest.mark.parametrize("address", ["edit/{0}", "handover/{0}", "do/{0}/deactivate", "link/{0}"])
def test_nothing_can_be_done_to_another_companys_account(client_of: Clients, account_id: Ids, address: str) -> None:
    client, key = client_of("employer"), account_id("contractor")
    form = {"name": "占用", "administers": "y", "reason": "试", "receiver": str(account_id("employer"))}
    assert send(client, f"/accounts/{address.format(key)}", form).status_code == 404
    assert client_of("contractor").get("/profile/").status_code == 200


def test_the_list_holds_the_companys_own_accounts_only(client_of: Clients) -> None:
    page = client_of("guarantor-admin").get("/accounts/list/").text
    assert "吴启明" in page and "郑慧敏" not in page and "陈海峰" not in page


def test_somebody_without_the_duty_does_not_see_accounts(client_of: Clients, account_id: Ids) -> None:
    client = client_of("guarantor-issuer")
    assert client.get("/accounts/list/").status_code == 403
    own = account_id("guarantor-issuer")
    assert send(client, f"/accounts/edit/{own}", {"name": "吴启明", "administers": "y"}).status_code == 403


def test_an_administrator_cannot_promote_himself(client_of: Clients, account_id: Ids) -> None:
    client, own = client_of("guarantor-admin"), account_id("guarantor-admin")
    promoted = send(client, f"/accounts/edit/{own}", {"name": "冯雪梅", "reviews": "y"})
    assert promoted.status_code == 422
    assert said(promoted) == ["不能修改本人的岗位，请由本单位另一名管理员或平台管理员修改"]
    renamed = send(client, f"/accounts/edit/{own}", {"name": "冯雪", "administers": "y"})
    assert renamed.status_code == 302
    assert "冯雪" in client.get("/profile/").text


@pytest.mark.parametrize("duty", ["prepares", "reviews"])
def test_who_administers_holds_no_other_duty(client_of: Clients, account_id: Ids, duty: str) -> None:
    keeper, words = client_of("guarantor-admin"), ["单位管理员不能兼任经办或复核，请另设账号，或取消单位管理员"]
    form = {"username": "liangkeng", "name": "梁肩挑", "administers": "y", duty: "y"}
    invited = send(keeper, "/accounts/add", form)
    assert (invited.status_code, said(invited)) == (422, words)
    assert "liangkeng" not in keeper.get("/accounts/list/").text
    edited = send(keeper, f"/accounts/edit/{account_id('guarantor')}", form)
    assert (edited.status_code, said(edited)) == (422, words)
    assert client_of("guarantor").get("/accounts/list/").status_code == 403


def test_a_regulator_sees_an_account_but_looks_after_its_own_alone(client_of: Clients, account_id: Ids) -> None:
    regulator, key = client_of("regulator"), account_id("guarantor-issuer")
    page = regulator.get(f"/accounts/show/{key}")
    assert page.status_code == 200 and f"/accounts/do/{key}/verify" not in page.text, "its holder is known"
    for address in (f"link/{key}", f"handover/{key}", f"edit/{key}", f"do/{key}/deactivate"):
        assert f"/accounts/{address}" not in page.text
        answer = send(regulator, f"/accounts/{address}", {"name": "占用", "reason": "试", "reviews": "y"})
        assert answer.status_code in (302, 404, 409), address
    colleague = client_of("guarantor-issuer").get("/profile/")
    assert colleague.status_code == 200 and "吴启明" in colleague.text
    assert client_of("regulator-haikou").get(f"/accounts/show/{key}").status_code == 403


def test_vouching_for_a_holder_ends_the_links_and_sessions_of_the_account(
    client: FlaskClient, client_of: Clients, account_id: Ids
) -> None:
    keeper, colleague = client_of("guarantor2-admin"), client_of("guarantor2")
    key = account_id("guarantor2")
    link = shown_link(send(keeper, f"/accounts/link/{key}"))
    assert "尚未核验人员：该账号也可能由蔡俊杰掌握" in keeper.get(f"/accounts/show/{key}").text
    own = send(keeper, f"/accounts/do/{key}/verify", {"reason": "是同事"})
    assert "不能由您核验" in own.text and client.get(link).status_code == 200
    regulator = client_of("regulator")
    assert f"/accounts/do/{key}/verify" in regulator.get(f"/accounts/show/{key}").text
    vouched = send(regulator, f"/accounts/do/{key}/verify", {"reason": "当面核对身份证件"})
    assert vouched.status_code == 302
    assert (client.get(link).status_code, colleague.get("/profile/").status_code) == (410, 302)
    page = keeper.get(f"/accounts/show/{key}").text
    assert "尚未核验人员" not in page and "当面核对身份证件" in page


def test_an_administrator_cannot_deactivate_himself(client_of: Clients, account_id: Ids) -> None:
    client, own = client_of("bank"), account_id("bank")
    send(client, f"/accounts/do/{own}/deactivate", {"reason": "离职"})
    assert client.get("/profile/").status_code == 200


def test_an_invited_colleague_sets_a_password_once_and_works(client: FlaskClient, client_of: Clients) -> None:
    link = invite(client_of("employer"), "xinglijuan")
    assert "邢丽娟" in client.get(link).text
    assert sign_in(client, "xinglijuan", PASSWORD).status_code == 401
    assert accept(client, link, "short") == 422
    assert accept(client, link) == 200
    assert accept(client, link, NEW_PASSWORD) == 410
    assert sign_in(client, "xinglijuan", PASSWORD).status_code == 302
    assert client.get("/projects/list/").status_code == 200
    assert client.get("/accounts/list/").status_code == 403


def test_a_second_link_ends_the_first(client: FlaskClient, client_of: Clients, account_id: Ids) -> None:
    keeper = client_of("employer")
    first = invite(keeper, "fuhaiyan")
    second = shown_link(send(keeper, f"/accounts/link/{account_id('fuhaiyan')}"))
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)


def test_the_invitation_of_a_deactivated_account_is_over(
    client: FlaskClient, client_of: Clients, account_id: Ids
) -> None:
    keeper = client_of("employer")
    link = invite(keeper, "hanxueqin")
    send(keeper, f"/accounts/do/{account_id('hanxueqin')}/deactivate", {"reason": "不再入职"})
    assert client.get(link).status_code == 410


def test_a_name_in_use_and_a_missing_name_are_said_together(client_of: Clients) -> None:
    answer = send(client_of("employer"), "/accounts/add", {"username": "Guarantor", "name": "", "phone": "12"})
    assert answer.status_code == 422
    shown = " ".join(said(answer))
    assert "账号Guarantor已被使用" in shown.replace("guarantor", "Guarantor")
    assert "请输入姓名" in shown and "联系电话“12”不正确" in shown


def test_an_administrator_of_a_company_invites_for_no_other(client_of: Clients, organisation_id: Ids) -> None:
    other = organisation_id("9131011513230855XK")
    form = {"username": "intruder", "name": "外人", "prepares": "y"}
    answer = send(client_of("employer"), f"/accounts/add?organisation={other}", form)
    assert "上海建工" not in answer.text
    assert "上海建工" not in client_of("employer").get("/accounts/list/").text
    assert "外人" not in client_of("contractor").get("/accounts/list/").text


def test_deactivation_ends_the_sessions_and_activation_opens_the_door_again(
    client: FlaskClient, client_of: Clients, account_id: Ids
) -> None:
    keeper, colleague = client_of("guarantor2-admin"), client_of("guarantor2-issuer")
    key = account_id("guarantor2-issuer")
    assert "请输入原因" in said(send(keeper, f"/accounts/do/{key}/deactivate"))
    assert send(keeper, f"/accounts/do/{key}/deactivate", {"reason": "离岗"}).status_code == 302
    assert colleague.get("/profile/").status_code == 302
    closed = sign_in(client, "guarantor2-issuer", "Guarantee#2024")
    assert (closed.status_code, said(closed)) == (403, ["账号已停用，请联系本单位管理员恢复启用"])
    assert send(keeper, f"/accounts/do/{key}/activate").status_code == 302
    assert sign_in(client, "guarantor2-issuer", "Guarantee#2024").status_code == 302


def test_a_change_of_duties_ends_the_sessions_and_holds_from_the_next(
    client: FlaskClient, client_of: Clients, account_id: Ids
) -> None:
    keeper, colleague = client_of("guarantor3-admin"), client_of("guarantor3-issuer")
    form = {"name": "韩思远", "administers": "y"}
    assert send(keeper, f"/accounts/edit/{account_id('guarantor3-issuer')}", form).status_code == 302
    assert colleague.get("/profile/").status_code == 302
    sign_in(client, "guarantor3-issuer", "Guarantee#2024")
    assert client.get("/accounts/list/").status_code == 200


def test_a_new_name_alone_leaves_the_sessions_open(client_of: Clients, account_id: Ids) -> None:
    keeper = client_of("contractor")
    accept(client_of("contractor").application.test_client(), invite(keeper, "qiwenbin"))
    colleague = client_of("qiwenbin", PASSWORD)  # type: ignore[call-arg]
    send(keeper, f"/accounts/edit/{account_id('qiwenbin')}", {"name": "齐文斌", "prepares": "y"})
    assert "齐文斌" in colleague.get("/profile/").text


def test_the_platforms_administrator_looks_after_every_company_but_does_no_business(
    client: FlaskClient, client_of: Clients, account_id: Ids, organisation_id: Ids
) -> None:
    admin = client_of("admin")
    assert admin.get(f"/accounts/show/{account_id('employer2')}").status_code == 200
    own = organisation_id("9131011513230855XK")
    form = {"username": "guangming", "name": "光明", "administers": "y"}
    link = shown_link(send(admin, f"/accounts/add?organisation={own}", form))
    accept(client, link)
    sign_in(client, "guangming", PASSWORD)
    assert "上海建工五建集团有限公司" in client.get("/").text
    for address in ("/projects/list/", "/letters/list/", "/contracts/list/"):
        assert admin.get(address).status_code == 403


def test_the_platforms_administrator_finds_the_accounts_of_a_company(client_of: Clients) -> None:
    admin = client_of("admin")
    found = admin.get("/accounts/list/", query_string={"organisation": "椰岛商业银行"}).text
    assert "海南椰岛商业银行股份有限公司" in found and "海南银行股份有限公司" not in found
    assert "没有符合条件的记录" in admin.get("/accounts/list/", query_string={"organisation": "%"}).text
