"""The feed of cover by permit says what the register says, to regulators and their programs, and to nobody else."""

import csv
import hashlib
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.core import clock
from app.core.clock import today
from app.core.database import db, transaction, writing
from app.core.viewer import acting_as, as_system
from app.cover import feed, feed_files
from app.engine.deeds import deed
from app.engine.happened import happened
from app.ops import cleanup
from models.cover_file import CoverFile
from models.modes.letter import Letter
from models.permit import Permit
from tests.bare import (
    DAY,
    ELSEWHERE,
    HERE,
    NAMES,
    PERMIT_NO,
    PRICE,
    at,
    contract,
    escrow,
    fiscal,
    letter,
    organisations,
    put,
    regulator,
)
from tests.guards.test_statements import statements
from tests.machines.programs import admit, program

pytestmark = pytest.mark.databases("sqlite", "postgres")
EMPLOYER_CODE = organisations()[0].uscc
UNCOVERED, ABROAD = "460108202503310202", "460203202503310101"
BEGUN, OVER = date(2025, 1, 1), date(2099, 12, 31)


@pytest.fixture(scope="module")
def site(bare: Flask) -> Flask:
    """Three permits: one covered by a letter, an account and budget money, one by nothing, one of another region."""
    admit(bare)
    named = {"employer_name": NAMES["employer"], "employer_uscc": EMPLOYER_CODE, "contractor_name": NAMES["contractor"]}
    put(
        bare,
        Permit(
            permit_no=PERMIT_NO,
            project_name="安置房",
            region_code=HERE,
            permitted_on=DAY,
            contract_price=PRICE,
            **named,
        ),
        Permit(permit_no=UNCOVERED, project_name="=HYPERLINK(1)", region_code=HERE, permitted_on=DAY, **named),
        Permit(permit_no=ABROAD, project_name="CANARY", region_code=ELSEWHERE, permitted_on=DAY, **named),
        letter("confirmed", letter_no="BH1", starts_on=BEGUN, ends_on=OVER, paid=Decimal(13_000), issued_at=at(DAY)),
        letter("draft", letter_no=None, starts_on=BEGUN, ends_on=OVER),
        escrow("filed", amount=Decimal("500000.50"), filed_at=at(DAY), starts_on=BEGUN),
        fiscal("filed", amount=Decimal(100_000), filed_at=at(DAY), approver_name="财政局"),
    )
    return bare


def items(app: Flask, *which: Any) -> list[dict[str, Any]]:
    with app.app_context(), acting_as(regulator(HERE)):
        return feed.of_permits(list(db.session.scalars(select(Permit).where(*which).order_by(Permit.id))))


def json_of(answer: TestResponse) -> Any:
    return answer.json


def test_a_permit_says_each_guarantee_with_what_is_left_of_it_and_its_days(site: Flask) -> None:
    covered, uncovered = items(site)
    assert {name: covered[name] for name in ("permit_no", "price", "degree", "meets_minimum", "gap", "as_of")} == {
        "permit_no": PERMIT_NO,
        "price": "16130000.00",
        "degree": "enough",
        "meets_minimum": True,
        "gap": "0.00",
        "as_of": today().isoformat(),
    }
    [told] = covered["contracts"]
    assert told["guarantees"] == [
        {
            "mode": "letter",
            "number": "BH1",
            "guarantor_name": "担保银行",
            "amount": "1613000.00",
            "amount_left": "1600000.00",
            "since": "2025-01-01",
            "until": "2099-12-31",
        },
        {
            "mode": "escrow",
            "number": told["guarantees"][1]["number"],
            "guarantor_name": "经办银行",
            "amount": "500000.50",
            "amount_left": "500000.50",
            "since": "2025-01-01",
            "until": None,
        },
        {
            "mode": "fiscal",
            "number": told["guarantees"][2]["number"],
            "guarantor_name": "财政局",
            "amount": "100000.00",
            "amount_left": "100000.00",
            "since": "2025-03-12",
            "until": None,
        },
    ]
    assert (told["minimum"], told["covered"], told["cover_share"]) == ("1613000.00", "2200000.50", "13.64")
    assert (uncovered["degree"], uncovered["contracts"], uncovered["meets_minimum"]) == ("none", [], False)


def test_a_page_costs_the_same_statements_however_much_secures_its_permits(site: Flask) -> None:
    with statements(site) as before:
        items(site, Permit.permit_no == PERMIT_NO)
    extra = [put(site, contract(contract_no=f"附加{each}")) for each in range(5)]
    put(site, *(letter("confirmed", contract_id=key, starts_on=BEGUN, ends_on=OVER) for key in extra))
    with statements(site) as after:
        assert len(items(site, Permit.permit_no == PERMIT_NO)[0]["contracts"]) == 6
    assert len(after) == len(before)


def test_a_regulators_program_reads_its_regions_and_no_company_any(site: Flask) -> None:
    visitor = site.test_client()
    answer = program(site, "regulator").send(visitor, "GET", "/api/v1/cover-by-permit")
    assert answer.status_code == 200
    assert [each["permit_no"] for each in json_of(answer)["items"]] == [PERMIT_NO, UNCOVERED]
    assert (json_of(answer)["total"], json_of(answer)["next"]) == (2, None)
    assert "CANARY" not in answer.text
    for role in ("employer", "contractor", "guarantor", "bank"):
        for path in ("", "/files", f"/files/{today()}/{HERE}.csv"):
            refused = program(site, role).send(visitor, "GET", f"/api/v1/cover-by-permit{path}")
            assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert visitor.get("/api/v1/cover-by-permit").status_code == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("page=0", "page"), ("page=x", "page"), ("since=gestern", "since"), ("since=2025-13-01", "since")),
        *(("since=0001-01-01", "since"), ("since=9999-12-31T23:00:00-05:00", "since")),
    ],
)
def test_a_malformed_question_is_said_at_its_field(site: Flask, query: str, field: str) -> None:
    answer = program(site, "regulator").send(site.test_client(), "GET", f"/api/v1/cover-by-permit?{query}")
    assert answer.status_code == 422
    assert [each["field"] for each in json_of(answer)["errors"]] == [field]


def test_since_gives_what_was_recorded_or_began_or_ended_since(site: Flask) -> None:
    asked = program(site, "regulator")

    def since(moment: str) -> list[str]:
        found = asked.send(site.test_client(), "GET", f"/api/v1/cover-by-permit?since={moment}")
        return [each["permit_no"] for each in json_of(found)["items"]]

    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert since(tomorrow) == []
    assert since("2024-12-31") == [PERMIT_NO]  # the letter began after that
    assert since("2025-06-01") == []
    with clock.frozen_time(at(date(2025, 7, 1))), site.app_context(), as_system(), writing(), deed():
        held = db.session.scalars(select(Letter).where(Letter.letter_no == "BH1")).one()
        happened(held, "add_scan", "补充")
    assert since("2025-06-01") == [PERMIT_NO]
    assert since("2025-07-01T12:00:00%2B08:00") == []


def test_the_nightly_files_say_the_same_and_are_kept_for_thirty_days(site: Flask) -> None:
    with site.app_context(), as_system():
        assert feed_files.regulated_regions() == [HERE]
        assert feed_files.write(HERE) == feed_files.write(HERE) == 2
    visitor, asked = site.test_client(), program(site, "regulator")
    listed = json_of(asked.send(visitor, "GET", "/api/v1/cover-by-permit/files"))["items"]
    assert [(each["kind"], each["permit_count"]) for each in listed] == [("csv", 2), ("jsonl", 2)]
    held = {each["kind"]: asked.send(visitor, "GET", each["url"]) for each in listed}
    for each in listed:
        assert hashlib.sha256(held[each["kind"]].data).hexdigest() == each["sha256"]
    assert [json.loads(line) for line in held["jsonl"].text.splitlines()] == items(site)
    rows = list(csv.DictReader(io.StringIO(held["csv"].data.decode("utf-8-sig"))))
    assert [(each["permit_no"], each["mode"], each["amount_left"]) for each in rows][:3] == [
        (PERMIT_NO, "letter", "1600000.00"),
        (PERMIT_NO, "escrow", "500000.50"),
        (PERMIT_NO, "fiscal", "100000.00"),
    ]
    assert (rows[-1]["permit_no"], rows[-1]["project_name"], rows[-1]["mode"]) == (UNCOVERED, "'=HYPERLINK(1)", "")
    for path in (f"{today()}/{ELSEWHERE}.csv", f"{today()}/{HERE}.xml", f"yesterday/{HERE}.csv"):
        assert asked.send(visitor, "GET", f"/api/v1/cover-by-permit/files/{path}").status_code == 404
    with site.app_context(), as_system(), clock.frozen_time(clock.now() + timedelta(days=29)):
        cleanup.clean_up()
        assert len(db.session.scalars(select(CoverFile)).all()) == 2
    month_later = clock.frozen_time(clock.now() + timedelta(days=30))
    with month_later, site.app_context(), as_system(), writing(), transaction():
        assert feed_files.forget_old() == 2
