"""A company that nobody knew registers, is admitted by its regulator, and signs in."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.rules import uscc
from tests.people.browse import NEW_PASSWORD, PASSWORD, paper, said, send, shown_link, sign_in

pytestmark = pytest.mark.databases("sqlite", "postgres")
Clients = Callable[[str], FlaskClient]
Ids = Callable[[str], int]
WAITS = "贵单位的注册正在等待主管部门准入，准入后即可登录"
REFUSED = "贵单位的注册未获准入，请按主管部门的意见更正后重新注册，或联系平台管理员"


def code(number: int) -> str:
    return uscc.with_check_digit(f"91460000MA8{number:06d}")


def sheet(number: int, **more: Any) -> dict[str, Any]:
    """A complete registration of company so-and-so, in Haikou unless said otherwise."""
    return {
        "form_token": f"form-token-of-the-test-{number:04d}",
        "uscc": code(number),
        "name": f"海南椰风{number}号建设有限公司",
        "region_code": "460106",
        "address": "海口市龙华区国贸路1号",
        "legal_representative": "王椰风",
        "role_names": ["employer"],
        "contact": "李海",
        "phone": "13800138000",
        "username": f"yefeng{number}",
        "password": PASSWORD,
        "password_again": PASSWORD,
        "authorisation": paper(),
        **more,
    }


def register(client: FlaskClient, form: dict[str, Any], address: str = "/register") -> TestResponse:
    return send(client, address, form, page="/login/")


def test_a_new_company_registers_is_admitted_and_signs_in(
    client: FlaskClient, client_of: Clients, organisation_id: Ids
) -> None:
    assert "注册已提交" in register(client, sheet(1)).text
    waiting = sign_in(client, "yefeng1", PASSWORD)
    assert (waiting.status_code, said(waiting)) == (403, [WAITS])
    key = organisation_id(code(1))
    desk = client_of("regulator-haikou")
    page = desk.get(f"/organisations/show/{key}").text
    assert "授权书.pdf" in page and "准入" in page
    assert send(desk, f"/organisations/do/{key}/admit").status_code == 302
    assert sign_in(client, "yefeng1", PASSWORD).location == "/"
    assert "海南椰风1号建设有限公司" in client.get("/").text
    assert client.get("/accounts/list/").status_code == 200


def test_the_state_of_a_registration_is_told_only_after_the_right_password(client: FlaskClient) -> None:
    register(client, sheet(2))
    wrong = sign_in(client, "yefeng2", "Hainan#2024y")
    assert (wrong.status_code, said(wrong)) == (401, ["账号或密码不正确，请核对后重试"])


def test_all_problems_are_shown_at_once_and_everything_typed_is_kept(client: FlaskClient) -> None:
    form = sheet(
        3,
        uscc="91460000MA5TM8HD9I",
        address="",
        role_names=[],
        phone="123",
        password="short",
        password_again="short",
        username="employer",
    )
    answer = register(client, form)
    shown = " ".join(said(answer))
    for words in (
        "统一社会信用代码",
        "请输入注册地址",
        "请选择单位角色",
        "联系电话“123”不正确",
        "账号employer已被使用",
        "密码长度应不少于10个字符",
    ):
        assert words in shown
    assert answer.status_code == 422
    for kept in ("海南椰风3号建设有限公司", "王椰风", "李海", "授权书.pdf", 'value="460106" selected'):
        assert kept in answer.text
    assert PASSWORD not in answer.text
    mended = sheet(3)
    del mended["authorisation"]
    assert "注册已提交" in register(client, mended).text


def test_a_code_with_a_swapped_letter_is_refused_with_a_suggestion(client: FlaskClient) -> None:
    right = code(5)
    swapped = right[:2] + right[2:].replace("0", "O", 1)
    assert f"是否为 {right}？" in " ".join(said(register(client, sheet(5, uscc=swapped))))


def test_the_authorisation_is_required_and_looked_into(client: FlaskClient) -> None:
    without = sheet(6)
    del without["authorisation"]
    assert said(register(client, without))[0] == "请上传授权书"
    fake = sheet(6, authorisation=(io.BytesIO(b"MZ\x90\x00 a program"), "授权书.pdf"))
    answer = register(client, fake)
    assert answer.status_code == 422 and "授权书.pdf" in " ".join(said(answer))


def test_a_registered_code_is_answered_politely_without_a_name(client: FlaskClient) -> None:
    answer = register(client, sheet(7, uscc="91460000MA5TPGXG3G"))
    assert "该统一社会信用代码已登记" in said(answer)[0]
    assert "江东新区基础建设" not in answer.text


@pytest.mark.parametrize("role", ["regulator", "admin", "public"])
def test_nobody_registers_as_an_office(client: FlaskClient, role: str) -> None:
    answer = register(client, sheet(8, role_names=[role]))
    assert answer.status_code == 422


def test_sending_the_same_form_twice_registers_once(client: FlaskClient, organisation_id: Ids) -> None:
    assert "注册已提交" in register(client, sheet(9)).text
    assert "注册已提交" in register(client, sheet(9)).text
    assert organisation_id(code(9))


def test_a_regulator_of_another_city_cannot_admit(
    client: FlaskClient, client_of: Clients, organisation_id: Ids
) -> None:
    register(client, sheet(10, region_code="460203"))
    key = organisation_id(code(10))
    other = client_of("regulator-haikou")
    assert other.get(f"/organisations/show/{key}").status_code == 404
    assert send(other, f"/organisations/do/{key}/admit").status_code == 404
    assert sign_in(client, "yefeng10", PASSWORD).status_code == 403


def test_a_refused_company_registers_again_and_its_first_account_stays_closed(
    client: FlaskClient, client_of: Clients, organisation_id: Ids
) -> None:
    register(client, sheet(11))
    key, desk = organisation_id(code(11)), client_of("regulator")
    assert send(desk, f"/organisations/do/{key}/refuse", {"reason": "授权书未加盖公章"}).status_code == 302
    assert said(sign_in(client, "yefeng11", PASSWORD)) == [REFUSED]
    again = sheet(11, form_token="another-form-token-0011", password=NEW_PASSWORD, password_again=NEW_PASSWORD)
    answer = register(client, again)
    assert "注册已提交" in answer.text, said(answer)
    assert organisation_id(code(11)) == key
    assert send(desk, f"/organisations/do/{key}/admit").status_code == 302
    assert sign_in(client, "yefeng11", PASSWORD).status_code == 401
    assert sign_in(client, "yefeng11", NEW_PASSWORD).status_code == 302


def test_an_employer_invites_a_guarantor_that_is_not_on_file(
    client: FlaskClient, client_of: Clients, organisation_id: Ids
) -> None:
    employer = client_of("employer")
    named = {
        "form_token": "form-token-of-an-invitation",
        "uscc": code(12),
        "name": "海南椰信融资担保有限公司",
        "region_code": "460106",
        "role_names": ["guarantor"],
    }
    assert send(employer, "/organisations/add", named).status_code == 302
    key = organisation_id(code(12))
    link = shown_link(send(employer, f"/organisations/invite/{key}"))
    assert client_of("employer2").get(f"/organisations/show/{key}").status_code == 404
    page = client.get(link).text
    assert "海南椰信融资担保有限公司" in page and f'value="{code(12)}"' in page
    assert re.search(r'value="guarantor" checked', page)
    form = sheet(12, uscc=code(13), role_names=["guarantor"], name="海南椰信融资担保有限公司")
    assert "注册已提交" in register(client, form, link).text
    assert organisation_id(code(12)) == key
    assert client.get(link).status_code == 410
    assert send(client_of("regulator"), f"/organisations/do/{key}/admit").status_code == 302
    assert sign_in(client, "yefeng12", PASSWORD).status_code == 302
    assert client.get("/filings/add").status_code == 200


def test_a_new_invitation_ends_the_earlier_one(client: FlaskClient, client_of: Clients, organisation_id: Ids) -> None:
    employer = client_of("employer")
    named = {
        "form_token": "form-token-of-invitation-2",
        "uscc": code(14),
        "name": "海南椰林建设有限公司",
        "region_code": "460106",
        "role_names": ["contractor"],
    }
    send(employer, "/organisations/add", named)
    address = f"/organisations/invite/{organisation_id(code(14))}"
    first, second = shown_link(send(employer, address)), shown_link(send(employer, address))
    assert (client.get(first).status_code, client.get(second).status_code) == (410, 200)


def test_an_employer_cannot_name_an_office_or_leave_out_the_roles(client_of: Clients) -> None:
    employer = client_of("employer")
    named = {"uscc": code(15), "name": "某市住房和城乡建设局", "region_code": "460100"}
    without = send(employer, "/organisations/add", {**named, "form_token": "form-token-of-invitation-3"})
    office = {**named, "form_token": "form-token-of-invitation-4", "role_names": ["regulator"]}
    assert "请选择单位角色" in said(without)
    assert send(employer, "/organisations/add", office).status_code == 422
