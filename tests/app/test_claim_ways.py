"""The two screens of a claim, and what its pages and the pages of a change name before anything is asked."""

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, select

from app.core.database import db
from app.core.viewer import as_system
from models.amendment import Amendment
from models.claim import Claim
from models.modes.letter import Letter
from models.plans.plan import PaymentPlan
from tests.app.test_evidence import made, members
from tests.contract.world import organisation_of

Known = Callable[[str], FlaskClient]
DESK = "guarantor"


def one(app: Flask, *clauses: ColumnElement[bool]) -> Claim:
    """The first claim of which this holds, whoever may see it, as it is read outside."""
    with app.app_context(), as_system():
        found = db.session.scalars(select(Claim).where(*clauses).order_by(Claim.id)).unique().first()
        assert found is not None
        db.session.expunge_all()
        return found


@pytest.fixture(scope="module")
def claim(app: Flask) -> Claim:
    """A claim of the demo's contractor that its bank examines."""
    return one(app, Claim.guarantor_id == organisation_in(app, DESK), Claim.state == "submitted")


def organisation_in(app: Flask, username: str) -> int:
    with app.app_context(), as_system():
        found = organisation_of(username)
        db.session.rollback()
    return found


def parts(page: str) -> list[str]:
    """The headings of its cards, in their order."""
    return re.findall(r'<div class="card-head"><h2[^>]*>([^<]+)</h2>', page)


def test_a_guarantor_that_follows_a_link_to_a_claim_comes_to_its_desk(
    app: Flask, client_of: Known, claim: Claim
) -> None:
    client = client_of(DESK)
    for path, to in (
        ("/claims/list/", "/claim-desk/list/"),
        (f"/claims/list/?claim_no={claim.claim_no}", f"/claim-desk/list/?claim_no={claim.claim_no}"),
        (f"/claims/show/{claim.id}", f"/claim-desk/show/{claim.id}"),
        (f"/claims/pdf/{claim.id}?preview=1", f"/claim-desk/pdf/{claim.id}?preview=1"),
        (f"/claims/do/{claim.id}/decide", f"/claim-desk/do/{claim.id}/decide"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, to)
        assert client.get(to).status_code == 200


def test_of_a_claim_that_it_does_not_see_it_learns_nothing(app: Flask, client_of: Known, claim: Claim) -> None:
    others = one(app, Claim.guarantor_id != organisation_in(app, DESK))
    client = client_of(DESK)
    for key in (others.id, 987_654_321):
        assert client.get(f"/claims/show/{key}").status_code == 404
    assert client.get("/claims/add").status_code == 403
    assert client_of("guarantor2").get(f"/claims/show/{claim.id}").status_code == 404
    assert client_of("admin").get(f"/claims/show/{claim.id}").status_code == 403


@pytest.mark.parametrize("username", ["contractor", "employer", "regulator"])
def test_the_others_come_from_the_desk_to_the_claim_as_they_see_it(
    client_of: Known, claim: Claim, username: str
) -> None:
    client = client_of(username)
    answer = client.get(f"/claim-desk/show/{claim.id}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/claims/show/{claim.id}")
    assert client.get("/claim-desk/list/").headers["Location"] == "/claims/list/"
    step = client.get(f"/claim-desk/do/{claim.id}/decide", follow_redirects=True)
    assert step.status_code in (403, 404) or step.request.path == f"/claims/show/{claim.id}"


def test_the_desk_names_the_letter_and_leads_to_its_story(client_of: Known, claim: Claim) -> None:
    client = client_of(DESK)
    page = client.get(f"/claim-desk/show/{claim.id}").text
    assert f'href="/letters/timeline/{claim.letter_id}"' in page
    assert f"保函 {claim.letter_no}，现行第" in page
    step = client.get(f"/claim-desk/do/{claim.id}/decide").text
    assert parts(step)[0] == "保函"
    assert parts(step).index("单据与不符点") < parts(step).index("同意赔付并提交复核")
    facts = step[: step.index("同意赔付并提交复核</h2>")]
    for said in (claim.letter_no or "", claim.project_name, "余额(万元)"):
        assert said in facts


def test_a_change_is_compared_before_the_guarantor_is_asked(app: Flask, client_of: Known) -> None:
    with app.app_context(), as_system():
        query = select(Amendment.id, Amendment.letter_no, Amendment.letter_id).where(
            Amendment.state == "submitted", Amendment.guarantor_id == organisation_of(DESK)
        )
        key, number, letter_id = db.session.execute(query).first() or (0, "", 0)
        db.session.rollback()
    client = client_of(DESK)
    assert f'href="/letters/timeline/{letter_id}"' in client.get(f"/amendments/show/{key}").text
    step = client.get(f"/amendments/do/{key}/prepare").text
    assert parts(step)[:2] == ["保函", "新旧对照"]
    assert parts(step).index("新旧对照") < parts(step).index("同意并提交复核")
    assert str(number) in step[: step.index("新旧对照</h2>")]


def test_the_pack_of_a_letter_holds_project_contract_and_plan(app: Flask, client_of: Known) -> None:
    with app.app_context(), as_system():
        query = (
            select(Claim.letter_id, PaymentPlan.id)
            .join(PaymentPlan, PaymentPlan.contract_id == Claim.contract_id)
            .where(Claim.contractor_id == organisation_of("contractor"), Claim.nodes.any(), PaymentPlan.runs)
        )
        letter_id, plan_id = db.session.execute(query).first() or (0, 0)
        letter, plan = db.session.get_one(Letter, letter_id), db.session.get_one(PaymentPlan, plan_id)
        project, contract_no, known = letter.project_name, letter.contract_no, len(plan.nodes)
        db.session.rollback()
    held = members(made(app, client_of("contractor"), f"/evidence/letter/{letter_id}"))
    said = json.loads(held[f"记录/保函-{letter_id}.json"])["fields"]
    assert (said["project_name"], said["contract_no"]) == (project, contract_no)
    assert "contract_id" not in said and "settled_on" not in said
    nodes = json.loads(held[f"记录/支付计划-{plan_id}.json"])["rows"]["nodes"]
    assert len(nodes) == known > 0
    assert all(each["kind"] and each["planned_on"] and each["amount"] for each in nodes)
    claims = [json.loads(data) for name, data in held.items() if name.startswith("记录/代偿索赔-")]
    assert {"kind", "due_on", "due", "received", "claimed", "paid"} <= set(claims[0]["rows"]["nodes"][0])
