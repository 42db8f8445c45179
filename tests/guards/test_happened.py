"""One event for every change: what a deed changes tells of it in its own history, naming deed and person."""

import json
import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.database import db, transaction, writing
from app.core.refusals import Refused
from app.core.viewer import as_system, viewer
from app.engine import happened, records, transitions
from app.engine.clashes import clash_of
from app.engine.deeds import deed
from app.ledger import history, rows
from app.ledger.scope import ScopeBroken, open_door
from app.ops import cleanup
from models.event import OutboxEvent
from models.funds.fund import Fund
from models.funds.report import REPORT, FundReport
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.history import HistoryEntry
from models.permit import Permit
from models.project import Project
from models.rules.problem import Problem
from models.rules.words import Words
from tests.contract.world import at_work, save
from tests.modes.accounts import MINIMUM, decide, filed, on, report

pytestmark = pytest.mark.databases("sqlite", "postgres")


REQUIRED = ("permit_no", "project_name", "region_code", "employer_name", "contractor_name", "permitted_on")


def entries(app: Flask, model: type[Record], key: int) -> list[HistoryEntry]:
    """The history of a record, newest first."""
    with app.app_context(), as_system():
        return history.of_record(transitions.find(model, key))


def events_of(app: Flask, deed_id: int | None) -> list[tuple[str, int, int]]:
    """Type, record and entry of every outbox row that names this deed."""
    with app.app_context():
        query = select(OutboxEvent).where(OutboxEvent.deed_id == deed_id).order_by(OutboxEvent.id)
        return [(each.type, each.record_id, each.entry_id) for each in db.session.scalars(query)]


def confirmed_month(app: Flask) -> tuple[int, int]:
    """An account with its first month confirmed by the bank: the account's id and the report's."""
    account = filed(app)
    first = report(app, account, "2025-03", "0.02", "0.01")
    decide(app, first, "confirm")
    return account, first


def test_an_account_tells_how_its_balance_came_about(app: Flask) -> None:
    account, first = confirmed_month(app)
    told, own = entries(app, Fund, account)[0], entries(app, FundReport, first)[0]
    closing = str(MINIMUM + Decimal("0.01"))
    assert (told.action, told.label, told.actor_name) == ("account_report.confirm", "确认", own.actor_name)
    assert json.loads(told.changes) == {"balance": [None, closing], "balance_month": [None, "2025-03"]}
    assert (own.action, own.deed_id, told.deed_id) == ("confirm", own.id, own.id)


def test_the_accounts_page_says_it_in_words(app: Flask, client_of: Any) -> None:
    account, _first = confirmed_month(app)
    page = client_of("employer").get(f"/escrows/show/{account}").text
    assert "<b>月报：确认</b>" in page
    assert "账户余额(元)：— → 1,613,000.01" in page and "最近确认月报：— → 2025-03" in page


def test_report_account_and_outbox_name_the_same_deed(app: Flask) -> None:
    account, first = confirmed_month(app)
    own, told = entries(app, FundReport, first)[0], entries(app, Fund, account)[0]
    assert events_of(app, own.id) == [
        ("account_report.confirm", first, own.id),
        (f"{told.record_type}.changed", account, told.id),
    ]


def test_what_follows_is_the_systems_because_of_the_person(app: Flask) -> None:
    account, first = confirmed_month(app)
    with on(app, "bank", date(2025, 4, 9)):
        banker = viewer()
    again = report(app, account, "2025-03", "5", "0", correction="漏记一笔存入", day=date(2026, 1, 6))
    decide(app, again, "confirm", day=date(2026, 1, 7))
    replaced = entries(app, FundReport, first)[0]
    assert (replaced.action, replaced.actor_name) == ("replace", "系统")
    assert (replaced.behind_id, replaced.behind_name) == (banker.user_id, banker.name)
    assert replaced.deed_id not in (None, replaced.id)
    assert [kind for kind, *_ in events_of(app, replaced.deed_id)] == [
        "account_report.confirm",
        f"{entries(app, Fund, account)[0].record_type}.changed",
        "account_report.replace",
    ]


def test_the_chain_is_whole_with_entries_that_name_their_deed(app: Flask) -> None:
    confirmed_month(app)
    with app.app_context(), as_system():
        assert history.verify() == ""


def test_a_refused_deed_tells_of_nothing(app: Flask) -> None:
    account = filed(app)
    before = entries(app, Fund, account)
    with pytest.raises(Refused, match="期末余额"):
        report(app, account, "2025-03", "0", str(MINIMUM + 1))
    assert len(entries(app, Fund, account)) == len(before)


def test_an_effect_may_not_touch_a_sealed_column_of_a_record_that_it_did_not_name(app: Flask) -> None:
    one, other = filed(app), filed(app)
    with app.app_context(), as_system(), writing(), open_door(transitions.find(Fund, one)):
        stranger: Any = transitions.find(Fund, other)
        stranger.balance = Decimal(1)
        with pytest.raises(ScopeBroken, match="balance changes only by a transition"):
            db.session.flush()
        db.session.rollback()
        named = rows.lock("Fund", other)
        named.balance = Decimal(1)
        db.session.flush()
        db.session.rollback()


def test_outside_of_a_deed_locking_opens_nothing(app: Flask) -> None:
    key = filed(app)
    with app.app_context(), as_system(), writing():
        rows.lock("Fund", key).balance = Decimal(1)
        with pytest.raises(ScopeBroken, match="balance changes only by a transition"):
            db.session.flush()
        db.session.rollback()


def test_a_taken_value_is_named_with_its_field(app: Flask) -> None:
    with at_work(app, "regulator"):
        taken = db.session.scalars(select(Permit).limit(1)).one()
        twin = {name: getattr(taken, name) for name in REQUIRED}
        with pytest.raises(Refused) as refused, writing(), deed():
            db.session.add(Permit(**twin, created_at=clock.now()))
            db.session.flush()
        (problem,) = refused.value.problems
        assert (problem.field, problem.text) == (
            "permit_no",
            f"施工许可证号“{twin['permit_no']}”已被使用，请核对后更换",
        )
        assert db.session.scalar(select(func.count()).where(Permit.permit_no == twin["permit_no"])) == 1


def test_a_month_that_two_report_at_once_is_named_and_not_its_version(app: Flask) -> None:
    _account, first = confirmed_month(app)
    with app.app_context(), as_system():
        found = transitions.find(FundReport, first)
        columns = [each.key for each in FundReport.__mapper__.columns if each.key not in ("id", "version", "state")]
        twin = FundReport(**{name: getattr(found, name) for name in columns})
        with pytest.raises(Refused) as refused, writing(), deed():
            db.session.add(twin)
            db.session.flush()
    (problem,) = refused.value.problems
    assert (problem.field, problem.text) == ("month", "报送月份“2025-03”已被使用，请核对后更换")


def test_a_contract_whose_money_two_file_at_once_is_named_by_its_label() -> None:
    given = sqlite3.IntegrityError("UNIQUE constraint failed: fiscal.filed_for_id")
    found = clash_of(IntegrityError("UPDATE fiscal SET filed_for_id=? WHERE id = ?", (7, 1), given))
    assert found is not None and (found.field, found.value) == ("contract_id", None)
    assert str(found.label.message if isinstance(found.label, Words) else found.label) == "项目名称"


def test_a_deed_reads_the_clock_once(app: Flask) -> None:
    with app.app_context(), as_system(), happened.one_deed():
        first = clock.now()
        while datetime.now(SHANGHAI) == first:
            pass
        assert clock.now() == first


def test_an_edit_tells_what_it_changed_and_nothing_else(app: Flask) -> None:
    with at_work(app, "employer"):
        made = save(Project, {"name": "记事工程", "region_code": "460108"})
        key = made.id
        records.save(Project, {"name": "记事工程二期", "region_code": "460108"}, key=key, version=made.version)
    last = entries(app, Project, key)[0]
    assert (last.action, json.loads(last.changes)) == ("edit", {"name": ["记事工程", "记事工程二期"]})


def test_what_the_outbox_tells_is_forgotten_after_a_week_and_the_history_is_not(app: Flask) -> None:
    confirmed_month(app)
    with app.app_context(), as_system():
        entries_before = db.session.scalar(select(func.count()).select_from(HistoryEntry))
        newest = db.session.scalar(select(func.max(OutboxEvent.at)))
        with clock.frozen_time(newest + timedelta(days=7, seconds=1)):
            assert cleanup.clean_up().events > 0
        assert db.session.scalar(select(func.count()).select_from(OutboxEvent)) == 0
        assert db.session.scalar(select(func.count()).select_from(HistoryEntry)) == entries_before


def test_an_entry_of_before_is_still_whole_and_one_cannot_be_made_to_look_like_it(app: Flask) -> None:
    with app.app_context(), as_system():
        entry = db.session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc()).limit(1)).one()
        db.session.expunge(entry)
        kept = entry.hash
        assert history.seal(entry) == kept
        entry.deed_id = None
        assert history.seal(entry) != kept


def test_what_is_undone_leaves_no_trace(app: Flask) -> None:
    with app.app_context(), writing():
        with transaction() as work:
            db.session.execute(text("INSERT INTO counter (name, value) VALUES ('undone', 1)"))
            work.undo()
        assert db.session.execute(text("SELECT count(*) FROM counter WHERE name = 'undone'")).scalar_one() == 0


def test_a_warning_of_what_follows_reaches_the_person(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    account, _first = confirmed_month(app)
    again = report(app, account, "2025-03", "5", "0", correction="漏记一笔存入", day=date(2026, 1, 6))
    warning = Problem("被取代的版本已报送主管部门", blocking=False)
    warned = [
        replace(each, guards=(lambda *_: [warning],)) if each.name == "replace" else each for each in REPORT.transitions
    ]
    monkeypatch.setattr(FundReport, "workflow", replace(REPORT, transitions=tuple(warned)))
    with on(app, "bank", date(2026, 1, 7)):
        _done, warnings = transitions.perform(FundReport, again, "confirm")
    assert warning in warnings
