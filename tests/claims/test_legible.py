"""What the fonts of papers cannot show is told at its field when it is saved, not when the paper is to be printed."""

import subprocess
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.claims import demand
from app.core.database import db
from app.core.refusals import Refused
from app.engine import records
from app.ledger.scope import UNSCOPED
from models.amendment import Amendment
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from tests.bare import person, work
from tests.claims.said import claim, in_force
from tests.plans.said import agreed, contract

pytestmark = pytest.mark.databases("sqlite")

DAY = date(2025, 9, 16)


@pytest.fixture
def letter_id(bare: Flask) -> int:
    """A letter on a contract with its plan."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    return in_force(bare, contract_id, amount="1613000")


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        query = select(func.count()).select_from(model).execution_options(**UNSCOPED)
        return int(db.session.scalar(query) or 0)


@pytest.mark.parametrize("then", ["", "submit"])
@pytest.mark.parametrize(("field", "label"), [("cause", "理赔原因"), ("notice_address", "理赔通知地址")])
def test_words_that_the_demand_cannot_show_are_refused_at_their_field(
    bare: Flask, letter_id: int, then: str, field: str, label: str
) -> None:
    before = count(bare, Claim)
    with pytest.raises(Refused) as info:
        claim(bare, letter_id, ("1", "700000"), day=DAY, then=then, **{field: "建设单位未付款😀"})
    said = {each.field: each.text for each in info.value.problems}
    assert said == {field: f"{label}中的字符😀无法在PDF上显示，请改用其他文字"}
    assert count(bare, Claim) == before


def test_a_name_is_what_it_is_and_is_told_of(bare: Flask, letter_id: int) -> None:
    key = claim(bare, letter_id, ("1", "700000"), day=DAY, then="")
    with work(bare, person(CONTRACTOR), DAY):
        warnings = records.save(Claim, {"payee_name": "上海𠮷祥建工"}, key=key)[1]
    assert [(each.field, each.text) for each in warnings] == [
        ("payee_name", "收款户名中的字符𠮷无法在PDF上显示，请联系平台运营人员添加字体（LETTER_FONTS）")
    ]


def test_a_cause_of_two_lines_is_printed(bare: Flask, letter_id: int) -> None:
    key = claim(bare, letter_id, ("1", "700000"), day=DAY, cause="一、进度款到期未付\n二、经催告仍未付")
    with work(bare, person(CONTRACTOR), DAY):
        made = demand.of_claim(db.session.get_one(Claim, key))
    words = subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True)
    lines = [line.strip() for line in words.stdout.decode().splitlines()]
    assert any(line.endswith("一、进度款到期未付") for line in lines)
    assert any("二、经催告仍未付" in line and "一、" not in line for line in lines)


def test_new_wording_that_the_paper_cannot_show_is_refused(bare: Flask, letter_id: int) -> None:
    before = count(bare, Amendment)
    values = {"letter_id": letter_id, "kind": "reword", "cause": "other", "event_on": DAY, "wording": "改为😀"}
    with work(bare, person(EMPLOYER), DAY), pytest.raises(Refused) as info:
        records.save(Amendment, values)
    assert {each.field: each.text for each in info.value.problems} == {
        "wording": "变更内容中的字符😀无法在PDF上显示，请改用其他文字"
    }
    assert count(bare, Amendment) == before
