"""证据包: a worker gathers what the asker may see of a claim or a letter, and anybody can check it without us."""

import json
import secrets
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.database import db, writing
from app.core.viewer import acting_as, as_system
from app.engine import records
from app.files import packs
from app.people.security import viewer_of
from models.claim import Claim
from models.letters.standing import ISSUED
from models.modes.letter import Letter
from models.plans.plan import PaymentPlan
from tests.app.test_downloads import last, let_work
from tests.contract.world import csrf, organisation_of
from tests.notices.told import user_id
from tests.plans.said import staged

Known = Callable[[str], FlaskClient]
STATED = {
    "claimant_name": "周国栋",
    "claimant_phone": "13900000217",
    "demand": "payment",
    "is_labour": False,
    "payee_name": "上海建工五建集团有限公司",
    "payee_bank": "建设银行海口支行",
    "payee_account": "46001002537050000617",
    "nodes": [],
    "amount": Decimal(1000),
    "cause": "建设单位未按合同约定支付工程款",
}


@pytest.fixture(scope="module")
def letter_id(app: Flask) -> int:
    """A letter of the demo's bank for its contractor that runs on, on a contract without a plan."""
    planned = select(PaymentPlan.contract_id)
    with app.app_context(), as_system():
        query = select(Letter.id).where(
            Letter.contractor_id == organisation_of("contractor"),
            Letter.guarantor_id == organisation_of("guarantor"),
            Letter.employer_id == organisation_of("employer"),
            Letter.state.in_(ISSUED),
            Letter.letter_kind == "independent",
            Letter.contract_id.not_in(planned),
        )
        found = db.session.scalars(query.order_by(Letter.ends_on.desc()).limit(1)).one()
        db.session.rollback()
        return found


@pytest.fixture(scope="module")
def claim_id(app: Flask, letter_id: int) -> int:
    """A claim on it, with its proof."""
    key = user_id(app, "contractor")
    with app.app_context(), writing():
        who = viewer_of(key)
        assert who is not None
    with app.app_context(), writing(), acting_as(who):
        token = staged(secrets.token_urlsafe(24), Claim, ("proof",))
        letter = db.session.get_one(Letter, letter_id)
        values = {**STATED, "letter_id": letter_id, "event_on": letter.starts_on or date.today()}
        return records.save(Claim, values, then="submit", token=token)[0].id


def made(app: Flask, client: FlaskClient, path: str) -> bytes:
    """The pack, asked for by its button, made by a worker and fetched by whoever asked."""
    answer = client.post(path, data={"csrf_token": csrf(client)}, follow_redirects=True)
    assert "正在后台生成证据包" in answer.text
    let_work(app)
    found = last(app)
    assert (found.state, found.error) == ("completed", "")
    return bytes(client.get(f"/downloads/{found.id}").data)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checked(app: Flask, tmp_path: Path, data: bytes) -> tuple[int, str]:
    """What the command says of it."""
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    result = app.test_cli_runner().invoke(args=["verify-pack", str(path)])
    return result.exit_code, result.output


def test_the_case_of_a_claim_is_whole_and_checked_offline(
    app: Flask, client_of: Known, claim_id: int, letter_id: int, tmp_path: Path
) -> None:
    client = client_of("contractor")
    page = client.get(f"/claims/show/{claim_id}").text
    assert f'data-post="/evidence/claim/{claim_id}"' in page and "导出证据包" in page
    data = made(app, client, f"/evidence/claim/{claim_id}")
    held = members(data)
    said: dict[str, Any] = json.loads(held[f"记录/代偿索赔-{claim_id}.json"])
    assert (said["fields"]["amount"], said["fields"]["cause"]) == ("1000.00", STATED["cause"])
    assert [each["category"] for each in said["files"]] == ["proof"]
    assert f"记录/保函-{letter_id}.json" in held and held["卷宗.pdf"].startswith(b"%PDF-")
    assert [name for name in held if name.startswith("保函/")] and [name for name in held if name.startswith("附件/")]
    assert {"submit"} <= {each["action"] for each in json.loads(held["记录/办理历史.json"])}
    code, words = checked(app, tmp_path, data)
    assert code == 0 and words.startswith("the pack is whole")
    assert f"共 {len(held) - 2} 个文件" in client.get("/downloads/").text


def test_what_was_changed_is_named_and_the_command_fails(
    app: Flask, client_of: Known, letter_id: int, tmp_path: Path
) -> None:
    data = made(app, client_of("employer"), f"/evidence/letter/{letter_id}")
    proof = next(name for name in members(data) if name.startswith("附件/"))
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, held in members(data).items():
            archive.writestr(name, b"forged" if name == proof else held)
    assert checked(app, tmp_path, target.getvalue()) == (1, f"{proof} has been changed\n")
    assert checked(app, tmp_path, b"no zip")[0] == 1


def test_the_same_case_gives_the_same_bytes(app: Flask, client_of: Known, claim_id: int) -> None:
    first = made(app, client_of("guarantor"), f"/evidence/claim/{claim_id}")
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM job")
    assert made(app, client_of("guarantor"), f"/evidence/claim/{claim_id}") == first


def test_it_holds_no_more_than_its_asker_may_see(app: Flask, client_of: Known, claim_id: int, letter_id: int) -> None:
    of_contractor = members(made(app, client_of("contractor"), f"/evidence/letter/{letter_id}"))
    of_guarantor = members(made(app, client_of("guarantor"), f"/evidence/letter/{letter_id}"))
    done = lambda held: {  # noqa: E731
        each["action"] for each in json.loads(held["记录/办理历史.json"]) if each["record_type"] == "letter"
    }
    assert {"submit", "prepare"} <= done(of_guarantor)
    assert not {"submit", "prepare"} & done(of_contractor)
    assert [name for name in of_contractor if name.startswith("记录/合同-")]
    assert not [name for name in of_guarantor if name.startswith("记录/合同-")]


def test_who_does_not_see_the_case_asks_for_none(app: Flask, client_of: Known, claim_id: int, letter_id: int) -> None:
    for username in ("contractor2", "employer2", "guarantor2"):
        client = client_of(username)
        for path in (f"/evidence/claim/{claim_id}", f"/evidence/letter/{letter_id}"):
            assert client.post(path, data={"csrf_token": csrf(client)}).status_code == 404
    client = client_of("admin")
    assert client.post(f"/evidence/claim/{claim_id}", data={"csrf_token": csrf(client)}).status_code == 403
    assert client_of("employer").post("/evidence/contract/1", data={}).status_code in (400, 404)


def test_the_timeline_is_reached_from_the_letter_filtered_and_exported(
    app: Flask, client_of: Known, claim_id: int, letter_id: int
) -> None:
    client = client_of("employer")
    assert f'href="/letters/timeline/{letter_id}"' in client.get(f"/letters/show/{letter_id}").text
    page = client.get(f"/letters/timeline/{letter_id}?sort=claim").text
    assert f'href="/claims/show/{claim_id}"' in page and "出具保函" not in page
    assert client_of("employer2").get(f"/letters/timeline/{letter_id}").status_code == 404
    answer = client.get(f"/letters/timeline/{letter_id}/export")
    assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert packs.MANIFEST not in members(answer.data)
