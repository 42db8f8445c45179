"""What the platform's administrator does with organisations, and what nobody else can."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from models.rules import uscc
from tests.people.browse import PASSWORD, said, send, shown_link, sign_in
from tests.servers import DEMO_PASSWORD

Clients = Callable[[str], FlaskClient]
Ids = Callable[[str], int]
EMPLOYER2 = "三亚崖城科技产业投资有限公司"
CONTRACTOR = {
    "uscc": "9131011513230855XK",
    "name": "上海建工五建集团有限公司",
    "region_code": "460100",
    "address": "海南省海口市龙华区滨海大道115号",
    "legal_representative": "测试",
    "contact": "测试",
    "phone": "19011111112",
}


def test_suspension_closes_every_account_and_resumption_opens_them(
    client: FlaskClient, client_of: Clients, account_id: Ids
) -> None:
    admin, member = client_of("admin"), client_of("employer2")
    page = admin.get("/organisations/list/", query_string={"name": EMPLOYER2}).text
    key = page.split("/organisations/show/")[1].split('"')[0]
    assert "请输入原因" in said(send(admin, f"/organisations/do/{key}/suspend"))
    assert send(admin, f"/organisations/do/{key}/suspend", {"reason": "整改"}).status_code == 302
    assert member.get("/").status_code == 302
    closed = sign_in(client, "employer2", DEMO_PASSWORD)
    assert (closed.status_code, said(closed)) == (403, ["贵单位已被停用，请联系平台管理员"])
    assert send(admin, f"/organisations/do/{key}/resume", {"reason": "整改完成"}).status_code == 302
    assert sign_in(client, "employer2", DEMO_PASSWORD).status_code == 302


def test_a_role_more_opens_its_screens_and_a_role_less_closes_them(
    client: FlaskClient, client_of: Clients, organisation_id: Ids
) -> None:
    admin, member = client_of("admin"), client_of("contractor")
    address = f"/organisations/edit/{organisation_id(CONTRACTOR['uscc'])}"
    assert member.get("/filings/list/").status_code == 403
    assert send(admin, address, {**CONTRACTOR, "role_names": ["contractor", "guarantor"]}).status_code == 302
    assert member.get("/").status_code == 302
    assert sign_in(client, "contractor", DEMO_PASSWORD).status_code == 302
    assert client.get("/filings/list/").status_code == 200
    assert send(admin, address, {**CONTRACTOR, "role_names": ["contractor"]}).status_code == 302
    assert client.get("/").status_code == 302


def test_an_admitted_organisation_keeps_its_description(client_of: Clients, organisation_id: Ids) -> None:
    address = f"/organisations/edit/{organisation_id(CONTRACTOR['uscc'])}"
    answer = send(client_of("admin"), address, {**CONTRACTOR, "phone": "", "role_names": ["contractor"]})
    assert (answer.status_code, "请输入联系电话" in said(answer)) == (422, True)


def test_the_platforms_own_role_can_be_neither_given_nor_lost(client_of: Clients, organisation_id: Ids) -> None:
    admin = client_of("admin")
    address = f"/organisations/edit/{organisation_id(CONTRACTOR['uscc'])}"
    assert send(admin, address, {**CONTRACTOR, "role_names": ["contractor", "admin"]}).status_code == 422
    own = organisation_id("12460000MB1A00000H")
    form = {
        "uscc": "12460000MB1A00000H",
        "name": "平台运营单位",
        "region_code": "460000",
        "address": "海口",
        "legal_representative": "王",
        "contact": "王",
        "phone": "13800138000",
        "role_names": ["employer"],
    }
    send(admin, f"/organisations/edit/{own}", form)
    assert client_of("admin").get("/roles/").status_code == 200


@pytest.mark.parametrize("username", ["employer", "guarantor", "regulator", "bank"])
def test_only_the_platforms_administrator_suspends(client_of: Clients, organisation_id: Ids, username: str) -> None:
    client, key = client_of(username), organisation_id("91460000MA5TPGXG3G")
    send(client, f"/organisations/do/{key}/suspend", {"reason": "试"})
    assert client_of("employer").get("/").status_code == 200


def test_a_new_office_is_entered_by_the_administrator_and_a_company_is_not(
    client: FlaskClient, client_of: Clients, organisation_id: Ids
) -> None:
    admin = client_of("admin")
    office, company = uscc.with_check_digit("11460400MB8000011"), uscc.with_check_digit("91460000MA8800012")
    for code, name, role in ((office, "琼海市住房和城乡建设局", "regulator"), (company, "琼海某公司", "employer")):
        form = {
            "form_token": f"form-token-of-{code}",
            "uscc": code,
            "name": name,
            "region_code": "469002",
            "role_names": [role],
        }
        assert send(admin, "/organisations/add", form).status_code == 302
    answer = send(admin, f"/organisations/do/{organisation_id(company)}/enter", {"reason": "省厅来函"})
    assert answer.status_code == 422 and "该单位不是主管部门" in said(answer)[0]
    key = organisation_id(office)
    assert send(admin, f"/organisations/do/{key}/enter", {"reason": "省厅来函"}).status_code == 302
    form = {"username": "qionghai", "name": "王琼", "prepares": "y"}
    link = shown_link(send(admin, f"/accounts/add?organisation={key}", form))
    send(client, link, {"password": PASSWORD, "password_again": PASSWORD}, page="/login/")
    assert sign_in(client, "qionghai", PASSWORD).status_code == 302
    assert "琼海市住房和城乡建设局" in client.get("/").text


def test_the_table_of_roles_is_the_administrators_alone_and_says_what_is_declared(client_of: Clients) -> None:
    page = client_of("admin").get("/roles/").text
    for words in ("我的担保", "单位管理员", "主管部门", "查看、新增、编辑"):
        assert words in page
    assert client_of("regulator").get("/roles/").status_code == 403
