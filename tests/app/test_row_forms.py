"""A form with rows at its addresses: errors at the row's box, nothing typed is lost, files by row, bounds."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.viewer import as_system
from app.ledger.scope import UNSCOPED
from app.ops.demo_data.papers import paper
from models.attachment import Attachment
from models.contract import Contract
from models.funds.division import BalancePart
from models.modes.letter import Letter
from models.parts import NamedPart
from tests.contract.world import csrf, organisation_of

Known = Callable[[str], FlaskClient]
NAME = "to_follow"
PICK = "/escrows/pick/division.contract_id"
TOKEN = "form-with-rows-{:04d}-0123456789"
_tokens = iter(range(1, 1000))


def rows(*typed: Mapping[str, Any], keys: Sequence[str] = ()) -> dict[str, Any]:
    """What a browser sends of these rows, which are new unless `keys` name them."""
    named = list(keys) or [f"n{number}" for number in range(len(typed))]
    boxes = {
        f"{NAME}-{key}-{column}": value
        for key, row in zip(named, typed, strict=True)
        for column, value in {"mode": "", "amount": "", "by_on": "", **row}.items()
    }
    return {NAME: ["", *named], **boxes}


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    given = {"csrf_token": csrf(client), "form_token": TOKEN.format(next(_tokens)), **form}
    return client.post(path, data=given, content_type="multipart/form-data")


def saved(app: Flask, answer: TestResponse) -> tuple[int, list[tuple[str | None, str]]]:
    """The id of the letter that was saved, and mode and amount of its parts in their order."""
    assert answer.status_code == 302, problems(answer)
    found = re.search(r"/show/(\d+)", answer.headers["Location"])
    assert found
    return int(found.group(1)), kept(app, int(found.group(1)))


def kept(app: Flask, key: int) -> list[tuple[str | None, str]]:
    with app.app_context(), as_system():
        query = select(NamedPart).where(NamedPart.guarantee_id == key).order_by(NamedPart.place)
        return [(row.mode, f"{row.amount}") for row in db.session.scalars(query)]


def problems(answer: TestResponse) -> dict[str, str]:
    """The lines of the card of problems, by the box that they lead to."""
    found = re.findall(r'<li data-for="([^"]*)">(?:<a[^>]*>)?([^<]*)', answer.text)
    return {box: unescape(text) for box, text in found}


def value_of(answer: TestResponse, name: str) -> str:
    """What stands in the box of that name."""
    found = re.search(rf'value="([^"]*)" id="{re.escape(name)}"', answer.text)
    return unescape(found.group(1)) if found else ""


@pytest.fixture
def employer(client_of: Known) -> FlaskClient:
    return client_of("employer")


ESCROW = {"mode": "escrow", "amount": "80.65", "by_on": "2099-05-01"}
PRESALE = {"mode": "presale", "amount": "20", "by_on": "2099/6/1"}


def test_rows_are_saved_in_the_order_in_which_they_are_sent(app: Flask, employer: FlaskClient) -> None:
    key, found = saved(app, send(employer, "/letters/add", **rows(ESCROW, {}, PRESALE)))
    assert found == [("escrow", "806500.00"), ("presale", "200000.00")], "an empty row is no row"
    page = employer.get(f"/letters/edit/{key}").text
    keys = re.findall(rf'name="{NAME}" value="(r\d+)"', page)
    assert len(keys) == 2
    changed = rows(PRESALE, {"mode": "fiscal", "amount": "5"}, ESCROW, keys=[keys[1], "n1", keys[0]])
    key, found = saved(app, send(employer, f"/letters/edit/{key}", **changed))
    assert found == [("presale", "200000.00"), ("fiscal", "50000.00"), ("escrow", "806500.00")]
    key, found = saved(app, send(employer, f"/letters/edit/{key}", **rows({}, ESCROW, keys=[keys[1], keys[0]])))
    assert found == [("escrow", "806500.00")], "a row that is emptied goes, and so does one that is not sent"


def test_a_form_that_sends_no_rows_leaves_them_as_they_are(app: Flask, employer: FlaskClient) -> None:
    key, found = saved(app, send(employer, "/letters/add", **rows(ESCROW)))
    assert saved(app, send(employer, f"/letters/edit/{key}", address="海秀路")) == (key, found)
    assert saved(app, send(employer, f"/letters/edit/{key}", **rows())) == (key, [])


def test_what_cannot_be_read_is_said_at_its_row_and_everything_typed_stays(app: Flask, employer: FlaskClient) -> None:
    typed = rows(
        ESCROW, {"mode": "nonsense", "amount": "<b>八十</b>", "by_on": "2099-13-45"}, {"amount": "1e5"}, PRESALE
    )
    answer = send(employer, "/letters/add", **typed)
    assert answer.status_code == 422
    assert problems(answer) == {
        "to_follow-n1-mode": "第 2 行：请选择担保方式",
        "to_follow-n1-amount": "第 2 行：“<b>八十</b>”不是有效的金额，请只填写数字（万元），例如 1613 或 1,613.00",
        "to_follow-n1-by_on": "第 2 行：办理期限格式不正确，应为 2024-05-15",
        "to_follow-n2-amount": "第 3 行：“1e5”不是有效的金额，请只填写数字（万元），例如 1613 或 1,613.00",
    }
    for name, value in typed.items():
        if name.endswith(("-amount", "-by_on")):
            assert value_of(answer, name) == value, name
    assert re.findall(rf'name="{NAME}" value="(n\d+)"', answer.text) == ["n0", "n1", "n2", "n3"]


def test_what_is_missing_or_out_of_bounds_is_said_at_its_row_when_it_is_handed_in(
    app: Flask, employer: FlaskClient
) -> None:
    typed = rows({**ESCROW, "amount": "0"}, {"amount": "20"}, {**PRESALE, "by_on": "2001-01-01"})
    found = problems(send(employer, "/letters/add", then="submit", **typed))
    assert {box: text for box, text in found.items() if box.startswith(NAME)} == {
        "to_follow-n1-mode": "第 2 行：请选择担保方式",
        "to_follow-n1-by_on": "第 2 行：请选择办理期限",
        "to_follow-n0-amount": "第 1 行：金额应大于 0，请填写后续担保的金额",
        "to_follow-n2-by_on": "第 3 行：办理期限2001-01-01已过，请填写今天或以后的日期",
    }
    assert next(box for box in found if box.startswith(NAME)).startswith("to_follow-n0"), "in the order of the rows"


def test_a_page_that_is_stale_keeps_the_rows_that_were_typed(app: Flask, employer: FlaskClient) -> None:
    key, found = saved(app, send(employer, "/letters/add", **rows(ESCROW)))
    with app.app_context(), as_system():
        version = db.session.get_one(Letter, key).version
    saved(app, send(employer, f"/letters/edit/{key}", version=version, **rows(ESCROW, PRESALE)))
    answer = send(employer, f"/letters/edit/{key}", version=version, **rows({**ESCROW, "amount": "77.7"}))
    assert answer.status_code == 422
    assert "已被他人" in answer.text
    assert value_of(answer, "to_follow-n0-amount") == "77.7"
    assert len(kept(app, key)) == len(found) + 1


def test_more_rows_than_there_may_be_are_told_and_cost_no_more(app: Flask, employer: FlaskClient) -> None:
    typed = rows(*[{"amount": "1"}] * 900)
    many = calls(lambda: send(employer, "/letters/add", **typed))
    answer = send(employer, "/letters/add", **typed)
    assert problems(answer)[NAME] == "后续担保最多填写 20 行，现有 900 行，超出的行未保留，请合并或分次填写"
    assert answer.text.count('data-row="n') == 20
    assert many < 10 * calls(lambda: send(employer, "/letters/add", **rows(*[{"amount": "x"}] * 20)))


def calls(ask: Callable[[], object]) -> int:
    """How many functions it calls: what it costs, whatever else the machine does."""
    found = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return found


def test_garbage_in_the_place_of_keys_is_nothing(app: Flask, employer: FlaskClient) -> None:
    garbage = ["", "n0", "n0", "r0", "r99999999999", "../etc", "__key__", "n" * 500, "\x00", "r1' or 1=1"]
    typed = rows(ESCROW) | {NAME: garbage, f"{NAME}-__key__-amount": "9"}
    _key, found = saved(app, send(employer, "/letters/add", **typed))
    assert found == [("escrow", "806500.00")]


def test_a_file_hangs_on_its_row_survives_an_error_and_is_given_out_to_who_sees_the_record(
    app: Flask, employer: FlaskClient, client_of: Known
) -> None:
    token, file = TOKEN.format(9999), (BytesIO(paper("承诺函")), "承诺函.pdf")
    wrong = rows(ESCROW, {"amount": "nothing"})
    answer = send(employer, "/letters/add", **wrong, form_token=token, **{f"{NAME}-n1-paper": file})
    assert answer.text.count("承诺函.pdf") > 0
    right = rows(ESCROW, {"mode": "presale"}) | {f"{NAME}-n1-kept": "y"}
    key, found = saved(app, send(employer, "/letters/add", **right, form_token=token))
    assert [mode for mode, _amount in found] == ["escrow", "presale"]
    with app.app_context(), as_system():
        row = db.session.scalars(select(NamedPart).where(NamedPart.guarantee_id == key, NamedPart.place == 1)).one()
        [hung] = db.session.scalars(
            select(Attachment).where(Attachment.record_type == "named_part", Attachment.record_id == row.id)
        )
    assert "第 2 行证明材料" in employer.get(f"/letters/show/{key}").text
    assert employer.get(f"/letters/file/{key}/{hung.id}").data == paper("承诺函")
    assert client_of("employer2").get(f"/letters/file/{key}/{hung.id}").status_code == 404
    bad = {f"{NAME}-n1-paper": (BytesIO(b"MZ"), "病毒.exe")}
    answer = send(employer, "/letters/add", **rows(ESCROW, PRESALE), **bad)
    assert problems(answer)["to_follow-n1-paper"].startswith("第 2 行：")


def test_a_contract_of_another_company_in_a_row_is_refused_like_one_that_is_not_there(
    app: Flask, employer: FlaskClient
) -> None:
    with app.app_context():
        query = select(Contract.id).where(Contract.employer_id != organisation_of("employer"))
        theirs = db.session.scalars(query.limit(1), execution_options=UNSCOPED).one()
    said = set()
    for key in (theirs, 987_654_321):
        boxes = {"division": ["", "n0"], "division-n0-contract_id": str(key), "division-n0-amount": "1"}
        answer = send(employer, "/escrows/add", **boxes)
        assert answer.status_code == 422
        said.add(problems(answer)["division-n0-contract_id"])
    assert said == {"第 1 行：所选合同不存在或不在您的业务范围内，请重新选择"}
    assert employer.get(PICK).get_json()["rows"]


def test_a_word_names_the_contract_of_that_number_or_title_and_none_of_another_company(
    app: Flask, employer: FlaskClient, client_of: Known
) -> None:
    def named(word: str, who: FlaskClient = employer) -> list[str]:
        return [row["key"] for row in who.get(PICK, query_string={"named": word}).get_json()["rows"]]

    rows = employer.get(PICK).get_json()["rows"]
    key, label, number = rows[0]["key"], rows[0]["label"], rows[0]["cells"][3]
    assert label == f"{rows[0]['cells'][0]} · {number}"
    assert named(f" {number} ") == named(label) == [key]
    assert key in named(rows[0]["cells"][0])
    assert named(number[:-1]) == named("") == named("\x00") == []
    assert named(number, client_of("employer2")) == []
    assert employer.get("/escrows/pick/bank_id?named=x").get_json() == {"rows": []}


def test_a_page_shows_the_rows_of_one_kind_where_there_are_none_of_another(app: Flask, employer: FlaskClient) -> None:
    with app.app_context():
        query = select(BalancePart.fund_id).limit(1)
        shared = db.session.scalars(query, execution_options=UNSCOPED).one()
    page = employer.get(f"/escrows/show/{shared}").text
    assert "余额分配" in page
    assert "拟分项提供的担保" not in page


def test_what_the_sum_has_to_reach_is_said_with_the_explanation(app: Flask, employer: FlaskClient) -> None:
    with app.app_context():
        query = select(Contract).where(Contract.employer_id == organisation_of("employer"))
        contract = db.session.scalars(query.order_by(Contract.id.desc()), execution_options=UNSCOPED).unique().first()
        assert contract is not None
        typed = {"contract_id": str(contract.id), "amount": "1"}
    answer = send(employer, "/letters/explain", **typed, **rows(ESCROW)).get_json()
    assert float(answer["targets"]["to_follow"]) > 0
    assert send(employer, "/letters/explain", **rows(ESCROW)).get_json()["targets"] == {}
