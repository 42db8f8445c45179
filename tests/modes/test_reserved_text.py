"""领取待签文本: what the guarantor signs itself is the text that it was given, today's, with its number and code."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import LOST, Lost, Refused
from app.engine import records, transitions
from app.files import uploads
from app.letters import issue
from app.letters.inspection import inspect
from app.letters.verification import look_up
from app.ops import cleanup
from models.grammar.viewer import EMPLOYER, GUARANTOR, REVIEW, SYSTEM
from models.guarantor import Guarantor
from models.letter_version import LetterVersion
from models.letters.issuing import SIGNED
from models.modes.letter import Letter
from tests.bare import DAY, FILING, MINIMUM, NAMES, look, person, stranger, work
from tests.letters.authority import LEVELS, Authority
from tests.modes.test_letter import PREPARER, REVIEWER, prepared, terms

TOKEN = "aufbewahrt-zum-unterschreiben-0001"
NOT_THE_TEXT = "上传的文件不是在本保函的待签文本上签署的，请下载待签文本，不作改动，签署后上传"


@pytest.fixture(scope="module")
def authority(bare: Flask) -> Iterator[Authority]:
    """An authority that this installation trusts."""
    made = Authority()
    file = Path(bare.config["KEYS_DIR"]) / "authority.crt"
    file.write_bytes(made.root.public_bytes(serialization.Encoding.PEM))
    yield made
    file.unlink()


def reserve(app: Flask, key: int, day: Any = DAY) -> dict[str, Any]:
    """Fetch the text; the letter's row then."""
    with work(app, REVIEWER, day):
        transitions.perform(Letter, key, "reserve")
    return look(app, Letter, key)


def text_of(app: Flask, key: int) -> bytes:
    with app.app_context():
        return issue.store().read(look(app, Letter, key)["reserved_sha256"])


def hand_in(app: Flask, key: int, pdf: bytes, day: Any = DAY) -> None:
    """Issue the letter with this upload."""
    category = next(each for each in Letter.attachments if each.name == SIGNED)
    with work(app, REVIEWER, day):
        given = {"token": TOKEN, "record_type": "letter", "category": category, "filename": "签章.pdf"}
        assert uploads.stage(**given, data=pdf) == []
        transitions.perform(Letter, key, "issue", prepare=partial(records.attach, token=TOKEN))


def is_refused(app: Flask, key: int, pdf: bytes, message: str, day: Any = DAY) -> None:
    before = look(app, Letter, key)
    with pytest.raises(Refused) as refusal:
        hand_in(app, key, pdf, day)
    assert [(each.text, each.field) for each in refusal.value.problems] == [(message, SIGNED)]
    assert look(app, Letter, key) == before


@pytest.mark.parametrize("level", LEVELS)
def test_what_was_signed_on_the_text_is_issued_with_the_texts_number_code_and_time(
    bare: Flask, authority: Authority, level: str
) -> None:
    key = prepared(bare)
    reserved = reserve(bare, key)
    signed = authority.sign(text_of(bare, key), holder=NAMES[GUARANTOR], level=level)
    hand_in(bare, key, signed)
    issued = look(bare, Letter, key)
    assert issued["state"] == "issued"
    for name in ("no", "code", "at"):
        assert (
            issued[{"no": "letter_no", "code": "verification_code", "at": "issued_at"}[name]]
            == (reserved[f"reserved_{name}"])
        )
    with bare.app_context():
        assert issue.store().read(issued["sha256"]) == signed


def test_another_letters_file_signed_once_more_is_not_issued(bare: Flask, authority: Authority) -> None:
    key, other = prepared(bare), prepared(bare)
    reserve(bare, key)
    number = reserve(bare, other)["reserved_no"]
    signed = authority.sign(text_of(bare, other), holder=NAMES[GUARANTOR])
    hand_in(bare, other, signed)
    again = authority.sign(signed, holder=NAMES[GUARANTOR], field="Second")
    message = f"上传的文件是“工程款支付保函 {number}”，不是本保函的待签文本，请下载本保函的待签文本，签署后上传"
    is_refused(bare, key, again, message)


def test_nine_times_the_amount_is_not_issued(bare: Flask, authority: Authority) -> None:
    key = prepared(bare)
    reserve(bare, key)
    with work(bare, REVIEWER):
        letter, filing = db.session.get_one(Letter, key), db.session.get_one(Guarantor, FILING)
        said = replace(issue.letter_text(letter, filing), amount=MINIMUM * 9)
        sheet = issue.typeset(said)
    more = issue.with_field(sheet.pdf, sheet.seal)
    is_refused(bare, key, authority.sign(more, holder=NAMES[GUARANTOR]), NOT_THE_TEXT)


def test_an_upload_before_the_text_was_fetched_is_refused(bare: Flask, authority: Authority) -> None:
    key, other = prepared(bare), prepared(bare)
    reserve(bare, other)
    signed = authority.sign(text_of(bare, other), holder=NAMES[GUARANTOR])
    is_refused(bare, key, signed, "请先领取待签文本，在该文本上签署后上传")


def test_a_text_of_yesterday_is_fetched_anew_and_keeps_its_number(bare: Flask, authority: Authority) -> None:
    key = prepared(bare)
    first, tomorrow = reserve(bare, key), DAY + timedelta(days=1)
    old = authority.sign(text_of(bare, key), holder=NAMES[GUARANTOR])
    before = look(bare, Letter, key)
    message = "待签文本于2025-03-12生成，与出具日期不一致，请重新领取待签文本"
    with work(bare, REVIEWER, tomorrow), pytest.raises(Refused) as refusal:
        transitions.perform(Letter, key, "issue")
    assert [each.text for each in refusal.value.problems] == [message]
    assert look(bare, Letter, key) == before
    second = reserve(bare, key, tomorrow)
    assert second["reserved_no"] == first["reserved_no"]
    assert second["reserved_code"] != first["reserved_code"]
    is_refused(bare, key, old, NOT_THE_TEXT, tomorrow)
    hand_in(bare, key, authority.sign(text_of(bare, key), holder=NAMES[GUARANTOR]), tomorrow)
    assert look(bare, Letter, key)["letter_no"] == first["reserved_no"]


def test_what_goes_back_voids_the_text_and_keeps_the_number_for_the_letter(bare: Flask) -> None:
    key = prepared(bare)
    number = reserve(bare, key)["reserved_no"]
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "rework", inputs={"reason": "保费有误"})
    row = look(bare, Letter, key)
    assert [row[f"reserved_{name}"] for name in ("no", "code", "at", "sha256")] == [number, None, None, None]
    with work(bare, PREPARER):
        transitions.perform(Letter, key, "prepare", inputs=terms(policy_no=f"改{key}"))
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "issue")
    assert look(bare, Letter, key)["letter_no"] == number


def test_without_an_upload_our_own_signer_signs_the_very_text(bare: Flask) -> None:
    key = prepared(bare)
    number = reserve(bare, key)["reserved_no"]
    text = text_of(bare, key)
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "issue")
        signed = issue.store().read(look(bare, Letter, key)["sha256"])
        roots = issue.trusted(Path(bare.config["KEYS_DIR"]))
    assert signed.startswith(text) and inspect(signed, roots).valid
    assert look(bare, Letter, key)["letter_no"] == number


def test_a_text_that_no_longer_says_what_the_record_says_is_fetched_anew(bare: Flask) -> None:
    key = prepared(bare)
    reserve(bare, key)
    _set_phone(bare, "0898-00000000")
    try:
        with work(bare, REVIEWER), pytest.raises(Refused) as refusal:
            transitions.perform(Letter, key, "issue")
    finally:
        _set_phone(bare, None)
    message = "待签文本生成后保函内容已变更，请重新领取待签文本，签署后出具"
    assert [each.text for each in refusal.value.problems] == [message]
    assert look(bare, Letter, key)["state"] == "prepared"


def _set_phone(app: Flask, phone: str | None) -> None:
    table = Guarantor.__table__
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id == FILING).values(phone=phone))


def test_numbers_stay_without_gaps_however_often_a_text_is_fetched(bare: Flask) -> None:
    day = DAY + timedelta(days=40)
    first, second = prepared(bare), prepared(bare)
    for _ in range(3):
        reserve(bare, first, day)
    with work(bare, REVIEWER, day):
        transitions.perform(Letter, second, "issue")
    assert look(bare, Letter, first)["reserved_no"] == "10250421000001"
    assert look(bare, Letter, second)["letter_no"] == "10250421000002"


def test_a_text_is_kept_until_its_letter_is_out(bare: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    key = prepared(bare)
    sha256 = reserve(bare, key)["reserved_sha256"]
    monkeypatch.setattr(cleanup, "LONGEST_TRANSACTION_SECONDS", -1)
    with work(bare, SYSTEM):
        cleanup.clean_up()
        assert issue.store().exists(sha256)
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "issue")
    with work(bare, SYSTEM):
        cleanup.clean_up()
        assert not issue.store().exists(sha256)
        assert issue.store().exists(look(bare, Letter, key)["sha256"])


def test_only_the_reviewer_of_its_guarantor_fetches_the_text(bare: Flask) -> None:
    key = prepared(bare)
    for who in (PREPARER, person(EMPLOYER), person(GUARANTOR, REVIEW, user_id=PREPARER.user_id)):
        with work(bare, who), pytest.raises(Lost, match=LOST):
            transitions.perform(Letter, key, "reserve")
    with work(bare, stranger()), pytest.raises(LookupError):
        transitions.perform(Letter, key, "reserve")
    assert look(bare, Letter, key)["reserved_no"] is None


def test_a_reserved_number_and_code_open_nothing_to_the_public(bare: Flask) -> None:
    row = reserve(bare, prepared(bare))
    with work(bare, SYSTEM):
        assert look_up(row["reserved_no"], row["reserved_code"], DAY) is None


def test_a_letter_that_is_issued_has_its_version_one(bare: Flask) -> None:
    key = prepared(bare)
    with work(bare, REVIEWER):
        transitions.perform(Letter, key, "issue")
    issued = look(bare, Letter, key)
    with work(bare, person(EMPLOYER)):
        [version] = db.session.scalars(select(LetterVersion).where(LetterVersion.letter_id == key))
        held = {name: getattr(version, name) for name in ("no", "from_at", "amount", "starts_on", "ends_on", "sha256")}
    assert held == {"no": 1, "from_at": issued["issued_at"]} | {
        name: issued[name] for name in ("amount", "starts_on", "ends_on", "sha256")
    }
    with work(bare, stranger()):
        assert db.session.scalars(select(LetterVersion).where(LetterVersion.letter_id == key)).all() == []
