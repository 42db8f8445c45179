"""Rows of a record, past every screen: saved, moved and removed with it, seen with it, told of in its history."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.core.database import db
from app.core.refusals import LOST, Lost, Refused
from app.engine import records, transitions
from app.files import uploads
from app.ledger import history
from app.ledger.scope import ScopeBroken
from models.attachment import Attachment
from models.grammar.rows import GivenRow
from models.grammar.viewer import EMPLOYER, GUARANTOR
from models.modes.letter import Letter
from models.parts import NamedPart
from tests.bare import MINIMUM, attachment, letter, look, person, put, stranger, work
from views.frame import timeline

AUTHOR = person(EMPLOYER)
HALF = MINIMUM / 2
SOON = date(2025, 5, 1)
NEXT_DAY = date(2025, 3, 13)  # whose application numbers nobody has put there


def given(amount: Any, mode: str = "escrow", by_on: date | None = SOON, **more: Any) -> GivenRow:
    """One part as a form brings it."""
    return GivenRow({"mode": mode, "amount": amount, "by_on": by_on}, **more)


def save(app: Flask, key: int | None, rows: Sequence[GivenRow], **more: Any) -> int:
    """The letter saved with these parts by its author; its id."""
    with work(app, AUTHOR, NEXT_DAY):
        made: dict[str, Any] = {} if key is not None else {"product": "bank_letter"}
        return int(records.save(Letter, {**made, "to_follow": rows}, key=key, **more)[0].id)


def parts_of(app: Flask, key: int) -> list[tuple[int, str | None, Decimal | None]]:
    """The kept parts of the letter, in their order."""
    with app.app_context():
        query = select(NamedPart.id, NamedPart.mode, NamedPart.amount).where(NamedPart.guarantee_id == key)
        return [tuple(each) for each in db.session.connection().execute(query.order_by(NamedPart.place))]


def told(app: Flask, key: int) -> list[str]:
    """What a person reads in the record's approval record, newest first."""
    with work(app, AUTHOR):
        record = transitions.find(Letter, key)
        return [event.comment for event in timeline.of_record(record, history.of_record(record))[1:]]


def test_rows_are_kept_in_their_order_and_keep_their_id_when_they_are_moved_or_changed(bare: Flask) -> None:
    key = save(bare, None, [given(Decimal(1)), given(Decimal(2), "presale"), given(Decimal(3), "fiscal")])
    (first, *_), (second, *_), (third, *_) = parts_of(bare, key)
    save(bare, key, [given(Decimal(30), "fiscal", id=third), given(Decimal(1), id=first), given(Decimal(4), "letter")])
    found = parts_of(bare, key)
    assert [each[1:] for each in found] == [("fiscal", 30), ("escrow", 1), ("letter", 4)]
    assert [each[0] for each in found[:2]] == [third, first]
    assert second not in {each[0] for each in found}


def test_the_history_tells_in_which_row_what_was_changed(bare: Flask) -> None:
    key = save(bare, None, [given(Decimal(10_000)), given(Decimal(20_000), "presale")])
    (first, *_), (second, *_) = parts_of(bare, key)
    save(
        bare,
        key,
        [given(Decimal(30_000), id=first), given(Decimal(20_000), "presale", id=second), given(None, "fiscal")],
    )
    save(bare, key, [given(Decimal(20_000), "presale", id=second), given(Decimal(30_000), id=first)])
    newest, before, made = told(bare, key)
    assert before == "第 1 行金额(万元)：1.00 → 3.00；新增第 3 行：政府财政投资、2025-05-01"
    assert newest == "删除第 3 行：政府财政投资、2025-05-01；调整了后续担保各行的次序"
    assert made == ""
    with work(bare, AUTHOR):
        entry = history.of_record(transitions.find(Letter, key))[0]
        assert [row["amount"] for row in json.loads(entry.changes)["to_follow"][1]] == ["20000.00", "30000.00"]


def test_a_change_in_a_row_alone_is_a_new_version_of_the_record(bare: Flask) -> None:
    key = save(bare, None, [given(Decimal(1))])
    seen = look(bare, Letter, key)["version"]
    [(row, *_)] = parts_of(bare, key)
    save(bare, key, [given(Decimal(2), id=row)], version=seen)
    assert look(bare, Letter, key)["version"] == seen + 1
    with pytest.raises(Lost, match=LOST):
        save(bare, key, [given(Decimal(3), id=row)], version=seen)
    assert [each[2] for each in parts_of(bare, key)] == [2]
    save(bare, key, [given(Decimal(2), id=row)])
    assert look(bare, Letter, key)["version"] == seen + 1, "nothing has changed"


def test_a_row_of_another_record_cannot_be_taken_over(bare: Flask) -> None:
    theirs = put(bare, letter("draft", employer_id=6))
    put(bare, NamedPart(guarantee_id=theirs, mode="escrow", amount=Decimal(7), place=0))
    [(stolen, *_)] = parts_of(bare, theirs)
    key = save(bare, None, [given(Decimal(1), id=stolen)])
    assert parts_of(bare, theirs) == [(stolen, "escrow", Decimal(7))]
    assert [each[0] != stolen for each in parts_of(bare, key)] == [True]


def test_rows_are_seen_by_whoever_sees_their_record_and_changed_by_nobody_else(bare: Flask) -> None:
    key = put(bare, letter("draft"))
    row = put(bare, NamedPart(guarantee_id=key, mode="escrow", amount=Decimal(7), place=0))
    query = select(func.count()).select_from(NamedPart).where(NamedPart.id == row)
    for who, seen in ((AUTHOR, 1), (person(GUARANTOR), 0), (stranger(), 0)):
        with work(bare, who):
            assert db.session.scalar(query) == seen, who.name
    with work(bare, stranger()):
        db.session.add(NamedPart(guarantee_id=key, mode="fiscal", place=1))
        with pytest.raises(ScopeBroken):
            db.session.flush()
    with work(bare, AUTHOR), pytest.raises(ScopeBroken):
        db.session.execute(delete(NamedPart).where(NamedPart.id == row))
    assert parts_of(bare, key) == [(row, "escrow", Decimal(7))]


def test_what_a_row_lacks_is_asked_at_its_own_column_when_the_record_is_handed_in(bare: Flask) -> None:
    with work(bare, AUTHOR, NEXT_DAY):
        parts = [given(HALF), given(None, "presale"), given(HALF, "", None)]
        with pytest.raises(Refused) as refused:
            records.save(Letter, {"product": "bank_letter", "to_follow": parts}, then="submit")
    found = {problem.field: problem.text for problem in refused.value.problems if problem.field.startswith("to_follow")}
    assert found == {
        "to_follow.1.amount": "请输入金额(万元)",
        "to_follow.2.mode": "请选择担保方式",
        "to_follow.2.by_on": "请选择办理期限",
    }


def test_files_hang_on_their_row_and_go_with_it(bare: Flask) -> None:
    token = "an-open-form-with-rows-0001"
    for key in ("n1", "n2"):
        hangs_on = {"form_token": uploads.row_token(token, "to_follow", key), "name": f"{key}.pdf"}
        put(bare, attachment("named_part", None, category="paper", **hangs_on))
    letter_id = save(bare, None, [given(Decimal(1), key="n2"), given(Decimal(2), key="n1")], token=token)
    (first, *_), (second, *_) = parts_of(bare, letter_id)
    assert files_of(bare, first, second) == {first: "n2.pdf", second: "n1.pdf"}
    save(bare, letter_id, [given(Decimal(2), id=second)])
    assert files_of(bare, first, second) == {second: "n1.pdf"}
    with work(bare, AUTHOR):
        records.delete(Letter, letter_id)
    assert (parts_of(bare, letter_id), files_of(bare, first, second)) == ([], {})


def files_of(app: Flask, *rows: int) -> dict[int | None, str]:
    """The name of the file that hangs on each of the rows."""
    with app.app_context():
        query = select(Attachment.record_id, Attachment.name)
        query = query.where(Attachment.record_type == "named_part", Attachment.record_id.in_(rows))
        return {row: name for row, name in db.session.execute(query)}
