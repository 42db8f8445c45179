"""提示 are rows: kept with the day since which they hold, translated when shown, searched for, cleared when mended."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, text

from app.core.clock import now
from app.core.database import db
from app.core.viewer import as_system
from app.engine import records
from app.ledger import findings
from models.finding import Finding
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.rules import cnaps
from tests.guards.test_statements import asked
from tests.modes.accounts import contract, draft, filed, findings_of, look, on, take
from tests.modes.test_backfill import DAY, STRANGE, submitted

pytestmark = pytest.mark.databases("sqlite", "postgres")
LATE = {"signed_on": date(2025, 3, 11), "deposited_on": date(2025, 3, 11)}
DOUBTFUL = "104641000011"


def late(app: Flask, **changed: Any) -> int:
    """A draft whose agreement is signed after the permit; its id."""
    return draft(app, contract_id=contract(app, permitted_on=date(2025, 3, 10)), **{**LATE, **changed})


def plant(app: Flask, key: int, code: str, *, found_by: str) -> None:
    """Put a finding of that step on the account."""
    with on(app, "employer", DAY):
        db.session.add(Finding(record_type="escrow", record_id=key, code=code, found_by=found_by, since_at=now()))
        db.session.commit()


def rows(app: Flask, key: int) -> list[Finding]:
    """Every finding that the account ever had."""
    with app.app_context(), as_system():
        query = select(Finding).where(Finding.record_type == "escrow", Finding.record_id == key).order_by(Finding.id)
        found = list(db.session.scalars(query))
        db.session.expunge_all()
        db.session.rollback()
    return found


def test_a_finding_holds_since_it_was_first_seen_until_a_full_check_sees_it_no_more(app: Flask) -> None:
    key = late(app, bank_cnaps=DOUBTFUL)
    take(app, key, "submit", day=date(2025, 3, 12))
    first = rows(app, key)
    assert len(first) == 2 and {each.found_by for each in first} == {"submit"}
    [signed] = [each for each in first if each.field == "signed_on"]
    assert signed.code == "协议签订日%(signed)s晚于施工许可日期%(permitted)s，协议应在取得施工许可前签订"
    assert signed.problem.params == {"signed": date(2025, 3, 11), "permitted": date(2025, 3, 10)}
    take(app, key, "return_unsigned", day=date(2025, 3, 13), reason="请核对联行号")
    with on(app, "employer", date(2025, 3, 14)):
        records.save(Escrow, {"bank_cnaps": cnaps.with_check_digit("10464100001")}, key=key)
    take(app, key, "submit", day=date(2025, 3, 14))
    kept, mended = sorted(rows(app, key), key=lambda each: each.cleared_at is not None)
    assert (kept.id, kept.since_at.date(), kept.cleared_at) == (signed.id, date(2025, 3, 12), None)
    assert mended.field == "bank_cnaps" and mended.cleared_at is not None
    assert mended.cleared_at.date() == date(2025, 3, 14)


def test_a_step_that_is_made_again_clears_what_it_found_itself(app: Flask) -> None:
    """审核通过 that was sent back and made again with a longer period leaves no stale finding."""
    key = filed(app)
    plant(app, key, "交存", found_by="submit")
    plant(app, key, "出具", found_by="certify")
    take(app, key, "certify")
    assert findings_of(look(app, Escrow, key)) == "交存"


def test_a_finding_is_said_in_the_language_of_its_reader(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    key = late(app)
    take(app, key, "submit")
    client = client_of("contractor")
    page = client.get(f"/escrows/show/{key}").text
    assert "协议签订日2025-03-11晚于施工许可日期2025-03-10" in page and "提示时间" in page
    client.get("/language/en")
    page = client.get(f"/escrows/show/{key}").text
    client.get("/language/zh")
    assert "2025-03-11" in page and "晚于施工许可日期" not in page


def test_those_who_watch_see_and_find_what_has_findings_and_excel_says_which(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    with_one, without = late(app), filed(app)
    take(app, with_one, "submit")
    numbers = [str(look(app, Escrow, key).application_no) for key in (with_one, without)]
    regulator, employer = client_of("regulator-haikou"), client_of("employer")
    found = [number in regulator.get("/escrows/list/?findings=1&size=100").text for number in numbers]
    assert found == [True, False]
    found = [number in regulator.get("/escrows/list/?findings=0&size=100").text for number in numbers]
    assert found == [False, True]
    assert (
        "1 项" in regulator.get("/escrows/list/?findings=1").text
        and "有提示" not in employer.get("/escrows/list/").text
    )
    assert regulator.get("/escrows/list/?findings=2").status_code == 400
    with regulator.get("/escrows/export/?findings=1") as answer:
        sheet = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    [line] = [row for row in sheet if numbers[0] in row]
    assert "协议签订日2025-03-11晚于施工许可日期2025-03-10" in str(line[sheet[0].index("提示")])


def test_a_list_asks_once_for_the_findings_of_its_page(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    for _each in range(2):
        take(app, late(app), "submit")
    client = client_of("regulator-haikou")
    said = [line for line in asked(app, client, "/escrows/list/?size=100").said if "FROM finding" in line]
    assert len(said) == 1


def test_whoever_may_not_read_the_record_finds_nothing_of_it(app: Flask) -> None:
    key = late(app)
    take(app, key, "submit")
    for username, seen in (("regulator-haikou", True), ("regulator-sanya", False)):
        with on(app, username, DAY):
            found = db.session.scalars(select(Escrow.id).where(findings.having(Escrow, "1"))).all()
            assert (key in found) is seen


def test_a_record_that_goes_takes_its_findings_with_it(app: Flask) -> None:
    key = late(app)
    plant(app, key, "一", found_by="submit")
    with on(app, "employer", DAY):
        records.delete(Escrow, key)
    assert rows(app, key) == []


def test_a_migrated_line_is_a_finding_and_is_cleared_like_one(app: Flask) -> None:
    """What stood as text in a column: one row a line, since the moment of the submission."""
    letter = submitted(app, amount=Decimal(1000), **STRANGE)
    with app.app_context():
        count = db.session.scalar(select(func.count()).select_from(Letter.metadata.tables["guarantee"]))
        db.session.rollback()
        flask_migrate.downgrade(revision="0003")
        with db.engine.begin() as connection:
            line = text("UPDATE guarantee SET warnings = :lines WHERE id = :key")
            connection.execute(line, {"lines": "甲超过100%\n乙\n乙", "key": letter.id})
        flask_migrate.upgrade()
        assert db.session.scalar(select(func.count()).select_from(Letter.metadata.tables["guarantee"])) == count
        db.session.rollback()
    found = look(app, Letter, letter.id)
    assert [each.problem.text for each in found.findings] == ["甲超过100%", "乙"]
    assert {each.since_at for each in found.findings} == {found.submitted_at}
