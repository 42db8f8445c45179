"""Files and their records: the kinds that a category takes, whose files are whose, and no row before its file."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from app.core.database import db
from app.engine import records
from app.files import uploads
from app.ops.demo_data.papers import paper
from models.attachment import Attachment
from models.grammar.viewer import EMPLOYER
from models.guarantor import Guarantor
from models.modes.letter import Letter
from models.organisation import Organisation
from tests.bare import attachment, letter, person, put, stored_at_each_commit, stranger, work

AUTHOR = person(EMPLOYER)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(32)
TOKEN = "offenes-formular-0123456789abcdef"


def workbook() -> bytes:
    target = BytesIO()
    Workbook().save(target)
    return target.getvalue()


FILES = {"pdf": paper("施工合同"), "png": PNG, "xlsx": workbook()}


def stage(model: Any, category: str, kind: str) -> list[str]:
    """What is said to a file of that kind in that category."""
    found = next(each for each in model.attachments if each.name == category)
    name = {"record_type": model.__tablename__, "filename": f"文件.{kind}"}
    return [each.text for each in uploads.stage(token=TOKEN, category=found, data=FILES[kind], **name)]


def staged_kinds(app: Flask) -> list[str]:
    with work(app, AUTHOR):
        return sorted(each.kind for each in uploads.staged(TOKEN))


@pytest.mark.parametrize(
    ("model", "category", "taken", "refused", "kinds"),
    [
        (Letter, "signed_letter", "pdf", ("png", "xlsx"), "PDF"),
        (Letter, "scan", "png", ("xlsx",), "PDF、JPG、PNG、OFD"),
        (Organisation, "authorisation", "png", ("xlsx",), "PDF、JPG、PNG"),
        (Guarantor, "report", "xlsx", (), ""),
    ],
    ids=["signed letter", "scan", "authorisation", "report"],
)
def test_a_category_takes_its_own_kinds_of_files_alone(
    bare: Flask, model: Any, category: str, taken: str, refused: tuple[str, ...], kinds: str
) -> None:
    before = staged_kinds(bare)
    for kind in refused:
        with work(bare, AUTHOR):
            assert stage(model, category, kind) == [f"文件“文件.{kind}”类型不支持，请上传 {kinds} 文件。"]
    assert staged_kinds(bare) == before
    with work(bare, AUTHOR):
        assert stage(model, category, taken) == []
    assert staged_kinds(bare) == sorted([*before, taken])


def test_a_record_has_the_files_of_its_own_kind_and_id_alone(bare: Flask) -> None:
    key, other = put(bare, letter("draft")), put(bare, letter("draft"))
    own = put(bare, attachment("letter", key))
    put(bare, attachment("letter", other))
    put(bare, attachment("guarantor", key))
    with work(bare, AUTHOR):
        found = [each.id for each in uploads.of_record(db.session.get_one(Letter, key))]
    assert found == [own]


def test_a_form_takes_off_and_hangs_up_its_own_files_alone(bare: Flask) -> None:
    key, other = put(bare, letter("draft")), put(bare, letter("draft"))
    own, foreign, filed = (
        put(bare, attachment("letter", key)),
        put(bare, attachment("letter", other)),
        put(bare, attachment("guarantor", key)),
    )
    form = {"form_token": "anderes-formular-0123456789abcdef"}
    mine, strangers = (
        put(bare, attachment("letter", None, **form, uploaded_by_id=user_id))
        for user_id in (AUTHOR.user_id, stranger().user_id)
    )
    removed = (own, foreign, filed)
    with work(bare, AUTHOR):
        records.save(Letter, {"address": "改"}, key=key, token=form["form_token"], removed=removed)
    with work(bare, AUTHOR):
        left = dict(db.session.execute(select(Attachment.id, Attachment.record_id)).all())
    wanted = {own: "gone", foreign: other, filed: key, mine: key, strangers: None}
    assert {each: left.get(each, "gone") for each in wanted} == wanted


def test_an_upload_is_stored_before_the_row_that_names_it_is_committed(bare: Flask) -> None:
    with stored_at_each_commit(bare) as seen, work(bare, AUTHOR):
        FILES["pdf"] = paper("另一份合同")
        assert stage(Letter, "contract", "pdf") == []
        sha256 = uploads.staged(TOKEN)[-1].sha256
    assert seen and all(sha256 in files for files in seen)
