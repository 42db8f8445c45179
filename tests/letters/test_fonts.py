"""A name that the letters' fonts cannot show: told at once, refused before it would fail, drawn with a further font."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pylopdf_fonts_zh_cn import sans_path

from app.core.database import db
from app.core.refusals import Refused
from app.engine import records, transitions
from app.letters import issue
from app.letters.fonts import fonts
from app.letters.glyphs import characters
from app.letters.pdf import MissingGlyphs, render
from config import Config
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, SYSTEM
from models.guarantor import Signatory
from models.modes.letter import Letter
from models.organisation import Organisation
from models.project import Project
from models.rules import uscc
from tests.bare import HERE, PROJECT, attachment, letter, look, person, put, work
from tests.letters import tiny_font
from tests.letters.samples import letter as text
from tests.letters.samples import needs_poppler
from tests.letters.test_letters import words
from tests.modes.test_letter import PREPARER, REVIEWER, prepared, terms

RARE = "𠮷"  # U+20BB7, of level 3 of GB 18030-2022
NAME = f"海南{RARE}祥建设有限公司"
REMEDY = "请联系平台运营人员为保函添加字体（LETTER_FONTS）"


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A folder of fonts of which one has the character."""
    tiny_font.write(tmp_path / "level3.ttf", RARE)
    return str(tmp_path)


@pytest.fixture
def added(bare: Flask, folder: str) -> Iterator[Flask]:
    """The application with that folder."""
    bare.config["LETTER_FONTS"] = folder
    yield bare
    bare.config["LETTER_FONTS"] = ""


def told(app: Flask, who: Any, model: Any, values: dict[str, Any], *, key: int | None = None) -> list[str]:
    """What saving says of these values; they are kept."""
    with work(app, who):
        record, found = records.save(model, values, key=key)
        assert all(getattr(record, name) == value for name, value in values.items())
        return [each.text for each in found if "LETTER_FONTS" in each.text]


def said(label: str) -> list[str]:
    return [f"保函无法显示{label}中的字符{RARE}，{REMEDY}"]


def company(name: str) -> dict[str, Any]:
    given = {"address": "海口市", "legal_representative": "陈海峰", "contact": "陈海峰", "phone": "13807660000"}
    code = uscc.with_check_digit(f"91460108MA5T9{len(name):04d}")
    return {"uscc": code, "name": name, "region_code": HERE, "role_names": frozenset({CONTRACTOR}), **given}


def test_a_legal_name_that_letters_cannot_show_is_told_at_registration_and_kept(bare: Flask) -> None:
    assert told(bare, SYSTEM, Organisation, company(NAME)) == said("单位名称")
    assert told(bare, SYSTEM, Organisation, company("海南吉祥建设公司")) == []


def test_it_is_told_of_project_contract_and_signatory_too(bare: Flask) -> None:
    employer = person(EMPLOYER)
    assert told(bare, employer, Project, {"name": f"{RARE}祥园", "region_code": HERE}) == said("工程名称")
    party = put(bare, Organisation(**{**company(NAME + "二"), "state": "admitted"}))
    given = {"project_id": PROJECT, "contract_type": "construction", "price": 100}
    contract = {**given, "contractor_id": party, "contract_no": f"{RARE}-1"}
    assert told(bare, employer, Contract, contract) == [*said("合同编号"), *said("单位名称")]
    person_ = {"name": f"陈{RARE}", "position": "行长", "limit": 100}
    assert told(bare, person(GUARANTOR), Signatory, person_) == said("姓名")


def is_refused(app: Flask, key: int, step: str, who: Any, inputs: dict[str, Any], field: str, label: str) -> None:
    before = look(app, Letter, key)
    with work(app, who), pytest.raises(Refused) as refusal:
        transitions.perform(Letter, key, step, inputs=inputs)
    found = [(each.text, each.field) for each in refusal.value.problems]
    assert found == [(f"保函无法显示{label}中的字符{RARE}，{REMEDY}后再办理", field)]
    assert look(app, Letter, key) == before


def test_an_application_that_letters_cannot_show_is_not_handed_in(bare: Flask, folder: str) -> None:
    key = put(bare, letter("draft", contractor_name=NAME))
    put(bare, attachment("letter", key))
    is_refused(bare, key, "submit", person(EMPLOYER), {}, "contractor_name", "施工单位名称")
    bare.config["LETTER_FONTS"] = folder
    try:
        with work(bare, person(EMPLOYER)):
            transitions.perform(Letter, key, "submit")
    finally:
        bare.config["LETTER_FONTS"] = ""
    assert look(bare, Letter, key)["state"] == "submitted"


def test_an_underwriter_brings_nothing_that_letters_cannot_show(bare: Flask) -> None:
    key = put(bare, letter("submitted"))
    rare = terms(policy_no=f"{RARE}一号")
    is_refused(bare, key, "prepare", PREPARER, rare, "policy_no", "保单编号")
    signs = put(bare, Signatory(guarantor_id=1, name=f"陈{RARE}", position="行长", limit=900_000_000))
    inputs = terms(policy_no="字一号", signatory_id=signs)
    is_refused(bare, key, "prepare", PREPARER, inputs, "signatory_id", "签发人")


@needs_poppler
def test_with_a_further_font_the_letter_is_issued_and_shows_the_name(added: Flask) -> None:
    key = prepared(added)
    _name_contractor(added, key)
    with work(added, REVIEWER):
        transitions.perform(Letter, key, "issue")
        pdf = issue.store().read(look(added, Letter, key)["sha256"])
    assert NAME in words(pdf)


def _name_contractor(app: Flask, key: int) -> None:
    table = Letter.__table__.metadata.tables["guarantee"]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id == key).values(contractor_name=NAME))


def test_without_it_the_issue_says_what_to_do(bare: Flask) -> None:
    key = prepared(bare)
    _name_contractor(bare, key)
    before = look(bare, Letter, key)
    with work(bare, REVIEWER), pytest.raises(Refused) as refusal:
        transitions.perform(Letter, key, "issue")
    message = f"保函字体缺少下列字符，无法出具：{RARE}。请联系平台运营人员添加字体（LETTER_FONTS）后再出具"
    assert [each.text for each in refusal.value.problems] == [message]
    assert look(bare, Letter, key) == before


def test_our_fonts_are_asked_first(folder: str) -> None:
    with pytest.raises(MissingGlyphs):
        render(text(beneficiary_name=NAME))
    assert render(text(beneficiary_name=NAME), folder=folder).startswith(b"%PDF-")
    assert fonts(folder).further == ("Tiny Level Three",)
    assert fonts(folder).drawable - fonts().drawable == {RARE}
    assert render(text(), folder=folder) == render(text())


def test_a_character_map_of_either_format_is_read(folder: str) -> None:
    assert characters(Path(folder) / "level3.ttf") == {RARE}
    dejavu = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if dejavu.exists():
        assert {"A", "é", "Ж"} <= characters(dejavu)
    assert "海" in characters(sans_path())


def test_a_folder_of_fonts_that_is_none_stops_the_start(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    with pytest.raises(NotADirectoryError, match="LETTER_FONTS names no folder"):
        Config({"GUARANTEE_DATA": str(tmp_path), "LETTER_FONTS": absent})
    assert str(tmp_path) == Config({"GUARANTEE_DATA": str(tmp_path), "LETTER_FONTS": str(tmp_path)}).LETTER_FONTS
    assert Config({"GUARANTEE_DATA": str(tmp_path)}).LETTER_FONTS == ""
