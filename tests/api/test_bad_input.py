"""What a program sends wrongly: a sentence at each place in the body, and nothing kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import process_time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from models.contract import Contract
from models.modes.letter import Letter
from models.project import Project
from tests.api.callers import ByProgram, json_of, said
from tests.bare import CONTRACT, ORGANISATION, PROJECT

HUGE = "9" * 400
AT_ONCE = 4


@pytest.fixture(scope="module")
def employer(machine: Callable[..., ByProgram]) -> ByProgram:
    return machine("employer")


def counts(app: Flask) -> tuple[int, ...]:
    with app.app_context(), db.engine.connect() as connection:
        tables = (model.__table__ for model in (Project, Contract, Letter))
        return tuple(connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables)


PROJECT_FIELDS = {"name": "工程", "region_code": "460108"}


@pytest.mark.parametrize(
    ("resource", "fields", "expected"),
    [
        ("projects", {"name": 5}, {"name": "工程名称应为文本"}),
        ("projects", {"name": ["工程"]}, {"name": "工程名称应为文本"}),
        ("projects", {"name": None}, {"name": "请输入工程名称"}),
        ("projects", {"colour": "red"}, {"colour": "没有名为“colour”的字段，请对照接口文档"}),
        ("projects", {"employer_id": 2}, {"employer_id": "没有名为“employer_id”的字段，请对照接口文档"}),
        ("projects", {"id": "7"}, {"id": "没有名为“id”的字段，请对照接口文档"}),
        (
            "projects",
            {"region_code": "999999"},
            {"region_code": "工程所属地区“999999”不是可选项，可用的代码见接口文档"},
        ),
        ("projects", {"start_on": "2026/1/2"}, {"start_on": "开工日期格式不正确，应为 2024-05-15"}),
        ("projects", {"start_on": "2026-02-30"}, {"start_on": "开工日期格式不正确，应为 2024-05-15"}),
        ("projects", {"start_on": 20260102}, {"start_on": "开工日期格式不正确，应为 2024-05-15"}),
        (
            "letters",
            {"amount": 1613000.0, "guarantor_id": "3", "uses_fiscal": "true"},
            {
                "amount": '担保金额应为以元为单位的十进制文本，最多两位小数，如 "1613000.00"',
                "guarantor_id": "担保机构应为所选业务的 id（整数）",
                "uses_fiscal": "是否使用财政预算资金应为 true 或 false",
            },
        ),
        (
            "letters",
            {"amount": "1613000.001"},
            {"amount": '担保金额应为以元为单位的十进制文本，最多两位小数，如 "1613000.00"'},
        ),
        ("letters", {"amount": "1e5"}, {"amount": '担保金额应为以元为单位的十进制文本，最多两位小数，如 "1613000.00"'}),
        ("letters", {"amount": "-1"}, {"amount": "金额不能为负数，请核对“-1”"}),
        ("letters", {"contract_price": "1.00"}, {"contract_price": "工程项目合同金额由系统填写，请不要提交"}),
        ("letters", {"guarantor_id": 2**31}, {"guarantor_id": "担保机构应为所选业务的 id（整数）"}),
        ("letters", {"guarantor_id": True}, {"guarantor_id": "担保机构应为所选业务的 id（整数）"}),
        ("letters", {"to_follow": {}}, {"to_follow": "后续担保应为数组，每行一个 JSON 对象"}),
        ("letters", {"to_follow": [5]}, {"to_follow/0": "每行应为一个 JSON 对象，id 为已有行的 id"}),
        ("letters", {"to_follow": [{"x": 1}]}, {"to_follow/0/x": "没有名为“x”的字段，请对照接口文档"}),
    ],
)
def test_each_wrong_field_is_told_at_its_place_and_nothing_is_kept(
    site: Flask, employer: ByProgram, resource: str, fields: dict[str, Any], expected: dict[str, str]
) -> None:
    given = {**PROJECT_FIELDS, **fields} if resource == "projects" else {"contract_id": CONTRACT, **fields}
    before = counts(site)
    answer = employer.ask("POST", f"/{resource}", {"fields": given})
    assert answer.status_code == 422, answer.text
    assert said(answer) == {f"/fields/{place}": message for place, message in expected.items()}
    assert counts(site) == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"fields": []}, {"/fields": "fields应为JSON 对象"}),
        ({"fields": {}, "submit": 1, "state": "issued"}, {"/state": "没有名为“state”的字段，请对照接口文档"}),
        ({"fields": {}, "files_token": "short"}, {"/files_token": "files_token 应为上传文件时得到的令牌"}),
    ],
)
def test_the_frame_of_a_body_is_strict_too(employer: ByProgram, body: dict[str, Any], expected: dict[str, str]) -> None:
    answer = employer.ask("POST", "/letters", body)
    assert answer.status_code == 422
    assert expected.items() <= said(answer).items()


@pytest.mark.parametrize(
    "given",
    ["[]", '{"fields": {}, "fields": {}}', '{"fields": NaN}', "{", '"text"', r'{"\ud800": 1, "\ud800": 2}'],
)
def test_what_is_no_object_of_json_is_refused(employer: ByProgram, given: str) -> None:
    assert employer.ask("POST", "/projects", given).status_code == 400


def test_a_name_that_stands_twice_among_many_is_found_in_one_pass(employer: ByProgram) -> None:
    names = ",".join(f'"{each:05x}":0' for each in range(30_000))
    began = process_time()
    answer = employer.ask("POST", "/projects", f'{{{names},"0752f":0}}')
    assert (answer.status_code, "“0752f”出现了两次" in answer.text) == (400, True)
    assert process_time() - began < 5  # each name looked for among all would take more than ten times as long


@pytest.mark.parametrize(
    ("frame", "more"), [("{%s}", 19_901), ('{"fields":{"name":"工程","region_code":"460108",%s}}', 19_900)]
)
def test_of_very_many_problems_the_first_are_told_and_how_many_more(employer: ByProgram, frame: str, more: int) -> None:
    names = ",".join(f'"{each:05x}":0' for each in range(20_000))
    answer = employer.ask("POST", "/projects", frame % names)
    errors = json_of(answer, 422)["errors"]
    assert len(errors) == 101 and len(answer.data) < 50_000
    assert errors[-1]["message"] == f"另有 {more} 处有误，未一一列出；请先改正以上各处"


def test_a_token_of_files_makes_one_record_of_one_content(site: Flask, employer: ByProgram) -> None:
    token = json_of(employer.upload("letters", "contract"), 201)["files_token"]
    body = {"fields": {"contract_id": CONTRACT}, "files_token": token}
    made = json_of(employer.ask("POST", "/letters", body), 201)
    assert json_of(employer.ask("POST", "/letters", body))["id"] == made["id"]
    before = counts(site)
    for resource, fields in (("letters", {"contract_id": CONTRACT, "amount": "1.00"}), ("projects", PROJECT_FIELDS)):
        again = employer.ask("POST", f"/{resource}", {"fields": fields, "files_token": token})
        assert (again.status_code, "令牌已用于另一次提交" in said(again)[""]) == (422, True)
    assert counts(site) == before


def test_one_token_sent_by_many_at_once_makes_one_record_that_all_are_told(site: Flask, employer: ByProgram) -> None:
    token = json_of(employer.upload("letters", "contract"), 201)["files_token"]
    body, before = {"fields": {"contract_id": CONTRACT}, "files_token": token}, counts(site)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        senders = [replace(employer, client=site.test_client()) for _ in range(AT_ONCE)]
        answers = list(pool.map(lambda each: each.ask("POST", "/letters", body), senders))
    assert sorted(each.status_code for each in answers) == [200] * (AT_ONCE - 1) + [201]
    assert len({each.json["id"] for each in answers if each.json is not None}) == 1
    assert [after - earlier for after, earlier in zip(counts(site), before, strict=True)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=red", "colour"),
        ("size=7", "size"),
        ("page=0", "page"),
        ("page=-1", "page"),
        (f"page={HUGE}", "page"),
        ("sort=password", "sort"),
        ("tab=nowhere", "tab"),
        ("amount_from=1613.0000001", "amount_from"),
        ("amount_from=abc", "amount_from"),
    ],
)
def test_a_list_names_the_argument_that_is_wrong(employer: ByProgram, query: str, name: str) -> None:
    answer = employer.ask("GET", f"/letters?{query}")
    assert answer.status_code == 400
    assert set(said(answer)) == {f"/{name}"}


def test_a_list_is_searched_in_yuan(employer: ByProgram) -> None:
    made = json_of(employer.ask("POST", "/letters", {"fields": {"contract_id": CONTRACT, "amount": "1234567.89"}}), 201)

    def found(query: str) -> list[int]:
        return [each["id"] for each in json_of(employer.ask("GET", f"/letters?{query}"))["items"]]

    assert made["id"] in found("amount_from=1234567.89&amount_to=1234567.89")
    assert made["id"] not in found("amount_from=1234567.90")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_days_there_are_break_no_list(employer: ByProgram, day: str) -> None:
    described = json_of(employer.ask("GET", "/openapi.json"))["paths"]
    asked = {
        f"{path}?{each['name']}={day}"
        for path, operations in described.items()
        for each in operations.get("get", {}).get("parameters", ())
        if "{" not in path and each.get("in") == "query" and each["name"].endswith(("_from", "_to", "since", "month"))
    }
    assert len(asked) > 40
    found = {each: employer.ask("GET", each).status_code for each in sorted(asked)}
    assert {each: status for each, status in found.items() if status >= 500} == {}


def test_a_clash_is_told_at_the_field_that_clashes(employer: ByProgram) -> None:
    fields = {
        "project_id": PROJECT,
        "contractor_id": ORGANISATION["contractor"],
        "contract_type": "construction",
        "contract_no": "接口合同",
        "price": "16130000.00",
    }
    for key in ("clash-key-1", "clash-key-2"):
        answer = employer.ask("POST", "/contracts", {"fields": fields}, Idempotency_Key=key)
    assert answer.status_code == 422
    assert set(said(answer)) == {"/fields/contract_no"}


@pytest.mark.parametrize(
    "path", ["/letters/999999", f"/letters/{HUGE}", "/nothing", "/letters/1/nothing", "/letters/x"]
)
def test_what_there_is_not_is_404(employer: ByProgram, path: str) -> None:
    assert employer.ask("GET", path).status_code in (404, 405)


def test_an_unknown_category_is_told_with_those_that_there_are(employer: ByProgram) -> None:
    answer = employer.upload("projects", "virus")
    assert answer.status_code in (403, 422)
    wrong = employer.upload("letters", "virus")
    assert wrong.status_code == 422
    assert said(wrong)["/category"].startswith("没有名为“virus”的附件类别，可用的有：")
