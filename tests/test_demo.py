"""What the demo promises a visitor, on a database that the release command has filled."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select
from werkzeug.security import check_password_hash

from app.core.clock import today
from app.core.database import db
from app.core.viewer import acting_as, as_system
from app.cover import funds
from app.engine import todos
from app.files import uploads
from app.ledger import findings, history
from app.letters import issue
from app.letters.inspection import inspect as inspect_pdf
from app.ops import demo
from app.people import accounts, hands
from app.people.security import viewer_of
from models.account import Account
from models.attachment import Attachment
from models.contract import Contract
from models.funds.report import REPORT, FundReport
from models.funds.states import COUNTING
from models.grammar.appbuilder import User
from models.grammar.viewer import ADMINISTER, PREPARE, REVIEW, Viewer
from models.guarantor import FILING, Guarantor, Signatory
from models.modes.escrow import Escrow
from models.modes.fiscal import FISCAL, Fiscal
from models.modes.letter import LETTER, Letter
from models.modes.presale import Presale
from models.organisation import Organisation
from models.permit import Permit
from models.project import Project
from models.rules import months, permits, phones, uscc
from models.rules.letters import kinds_for

pytestmark = pytest.mark.databases("sqlite", "postgres")

WITHOUT_TASKS = {"admin", "guarantor-admin", "guarantor2-admin"}
ORGANISATIONS = {
    "employer": "海口江东新区基础建设有限公司",
    "contractor": "上海建工五建集团有限公司",
    "guarantor": "海南银行股份有限公司",
    "guarantor2": "人保",
    "guarantor3": "测试担保公司",
    "regulator": "海南省住房和城乡建设厅",
}


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Iterator[None]:
    with app.app_context(), as_system():
        yield


def every(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(select(model)).unique())


def findings_of(row: Any) -> str:
    return "\n".join(each.problem.text for each in findings.of_record(row))


def viewer_named(username: str) -> Viewer:
    found = viewer_of(db.session.scalars(select(Account.user_id).where(Account.username == username)).one())
    assert found is not None
    return found


def letter_numbered(letter_no: str) -> Letter:
    return db.session.scalars(select(Letter).where(Letter.letter_no == letter_no)).one()


@pytest.mark.parametrize("account", demo.ACCOUNTS, ids=lambda account: account.username)
def test_a_demo_account_may_sign_in_and_works_for_its_organisation(account: Any) -> None:
    user = db.session.scalars(select(User).where(User.username == account.username)).one()
    assert user.active and check_password_hash(user.password, demo.PASSWORD)
    found = viewer_named(account.username)
    assert found.organisation_name == account.label.partition("：")[2]
    assert found.organisation_name == ORGANISATIONS.get(account.username, found.organisation_name)
    assert {role.name for role in user.roles} >= found.roles


def test_no_person_of_a_guarantor_both_prepares_and_reviews() -> None:
    for name in ("guarantor", "guarantor2", "guarantor3"):
        preparer, reviewer = viewer_named(name), viewer_named(f"{name}-issuer")
        assert preparer.organisation_id == reviewer.organisation_id
        assert PREPARE in preparer.duties and REVIEW not in preparer.duties
        assert REVIEW in reviewer.duties and PREPARE not in reviewer.duties
        assert viewer_named(f"{name}-admin").duties == {ADMINISTER}


def test_nobody_who_administers_prepares_or_reviews() -> None:
    with as_system():
        keepers = db.session.scalars(select(Account).where(Account.administers)).all()
    assert len(keepers) > len(demo.ACCOUNTS)
    assert {each.username for each in keepers if each.prepares or each.reviews} == set()


def test_no_hand_but_their_own_is_on_the_accounts_that_are_shown() -> None:
    for account in demo.ACCOUNTS:
        user_id = viewer_named(account.username).user_id
        assert hands.hands_of(user_id) == {user_id}


@pytest.mark.parametrize("account", demo.ACCOUNTS, ids=lambda account: account.username)
def test_every_demo_account_that_has_tasks_at_all_finds_some(account: Any) -> None:
    with acting_as(viewer_named(account.username)):
        waiting = todos.count()
    assert (waiting > 0) == (account.username not in WITHOUT_TASKS)


def test_no_account_but_the_shown_ones_has_the_demo_password() -> None:
    shown = {account.username for account in demo.ACCOUNTS}
    hashes = {user.username: user.password for user in every(User)}
    known = {hashes[name] for name in shown}
    assert len(known) == 1
    assert not known & {password for name, password in hashes.items() if name not in shown}


def test_organisations_are_many_with_valid_codes_and_two_wait_for_admission() -> None:
    found = every(Organisation)
    assert len(found) >= 60
    assert [row.name for row in found if not uscc.is_valid(row.uscc)] == []
    assert [row.phone for row in found if row.phone and phones.check(row.phone)] == []
    assert Counter(row.state for row in found)["pending"] == 2


def test_works_are_many_mostly_the_first_employers_and_named_apart() -> None:
    projects, contracts = every(Project), every(Contract)
    employer = viewer_named("employer").organisation_id
    assert len(projects) >= 200 and len(contracts) >= 200
    assert len({row.name for row in projects}) == len(projects)
    assert len({row.permit_no for row in projects}) == len(projects)
    assert [row.permit_no for row in projects if permits.check(row.permit_no)] == []
    assert sum(row.employer_id == employer for row in projects) > len(projects) / 2
    assert {"海口市江东新区安置房项目（二期）", "三亚崖州湾科技城标准厂房工程", "儋州市第二人民医院门诊综合楼"} <= {
        row.name for row in projects
    }


def test_the_register_knows_permits_with_and_without_cover() -> None:
    permit_nos = {row.permit_no for row in every(Permit)}
    today_ = today()
    covered = {row.permit_no for row in every(Letter) if row.standing(today_) == "in_force"}
    assert len(permit_nos) >= 40
    assert permit_nos & covered and permit_nos - covered
    assert permit_nos - {row.permit_no for row in every(Project)}


def test_filings_stand_in_every_state_and_the_manuals_six_at_its_times() -> None:
    found = every(Guarantor)
    assert {row.state for row in found} == {state.name for state in FILING.states}
    times = {row.name: f"{row.filed_at:%Y-%m-%d %H:%M:%S}" for row in found if row.filed_at}
    assert (
        times.items()
        >= {
            "人保": "2024-05-06 09:39:18",
            "太平洋保险": "2024-05-06 09:39:18",
            "海南新基建设工程有限公司": "2024-05-17 17:19:01",
            "江苏润江建设集团有限公司": "2024-05-27 14:14:08",
            "测试担保公司": "2024-05-10 15:24:06",
            "海南华金钢结构有限公司": "2024-05-31 14:43:02",
        }.items()
    )


def test_letters_stand_in_every_state_over_many_months_regions_and_guarantors() -> None:
    found = every(Letter)
    issued = [row for row in found if row.letter_no]
    assert len(found) >= 30
    assert {row.state for row in found} == {state.name for state in LETTER.states}
    assert len({f"{row.issued_at:%Y-%m}" for row in issued}) >= 10
    assert len({row.region_code for row in found}) >= 10
    assert len({row.guarantor_id for row in issued}) >= 6


def test_letters_have_run_out_run_run_out_soon_and_begin_later() -> None:
    day = today()
    issued = [row for row in every(Letter) if row.letter_no]
    standings = Counter(row.standing(day) for row in issued)
    soon = [row for row in issued if row.standing(day) == "in_force" and row.ends_on <= day + timedelta(days=30)]
    assert min(standings[word] for word in ("expired", "in_force", "not_started")) >= 2
    assert len(soon) >= 3


def test_the_first_employer_sees_at_least_eight_letters_in_force() -> None:
    day = today()
    with acting_as(viewer_named("employer")):
        assert sum(row.standing(day) == "in_force" for row in every(Letter)) >= 8


@pytest.mark.parametrize(
    ("letter_no", "facts"),
    [
        ("10240515000288", ("NO.4560218", "2024-05-15", "2024-05-31", 10_000_000, "测试担保公司")),
        ("10240520000127", ("x123-00000000002", "2024-05-20", "2025-05-20", 16_130_000, "测试担保公司")),
    ],
)
def test_the_manuals_letter_says_what_the_manual_prints(letter_no: str, facts: tuple[Any, ...]) -> None:
    letter = letter_numbered(letter_no)
    assert (letter.policy_no, f"{letter.starts_on}", f"{letter.ends_on}", letter.amount, letter.guarantor_name) == facts


def test_the_manuals_letters_have_its_premium_its_time_and_its_parties() -> None:
    first, second = letter_numbered("10240515000288"), letter_numbered("10240520000127")
    assert first.premium == 1000 and f"{first.issued_at:%Y-%m-%d %H:%M:%S}" == "2024-05-15 13:52:26"
    assert (second.employer_name, second.contractor_name) == (ORGANISATIONS["employer"], ORGANISATIONS["contractor"])


def test_a_letter_is_of_a_kind_and_an_amount_that_its_guarantor_may_issue() -> None:
    filings = {row.organisation_id: row for row in every(Guarantor)}
    limits = {row.id: row.limit for row in every(Signatory)}
    issued = [row for row in every(Letter) if row.letter_no and not row.backfilled]
    assert [
        row.letter_no
        for row in issued
        if row.letter_kind not in kinds_for(filings[row.guarantor_id].guarantor_type)
        or row.amount > limits[row.signatory_id]
        or row.issued_at < filings[row.guarantor_id].filed_at
    ] == []


def test_every_issued_letter_is_stored_with_a_valid_signature_over_the_whole_of_it(app: Flask) -> None:
    trusted = issue.trusted(Path(app.config["KEYS_DIR"]))
    issued = [row for row in every(Letter) if row.letter_no and not row.backfilled]
    reports = {row.letter_no: inspect_pdf(issue.store().read(row.sha256), trusted) for row in issued}
    assert {number: report.problems for number, report in reports.items() if not report.valid or not report.whole} == {}
    assert [row.letter_no for row in issued if reports[row.letter_no].signer_name != row.guarantor_name] == []


def test_budget_money_stands_in_every_state_and_one_was_approved_after_its_permit() -> None:
    found = every(Fiscal)
    assert {row.state for row in found} == {state.name for state in FISCAL.states} - {"withdrawn"}
    assert any("晚于施工许可日期" in findings_of(row) for row in found if row.state == "filed")
    assert [row.state for row in found if row.follows_id and row.follows.state not in ("filed", "superseded")] == []


def test_accounts_stand_in_every_state_and_some_are_late_short_or_signed_anew() -> None:
    escrows, presales = every(Escrow), every(Presale)
    assert {row.state for row in escrows} == {state.name for state in Escrow.workflow.states}
    assert len(presales) >= 3 and "filed" in {row.state for row in presales}
    states = funds.calendar([*escrows, *presales])
    assert any(each.timing == "late" for row in escrows for each in states[row.id].values())
    assert [row.id for row in escrows if funds.shortfall(row)]
    renewed = [row for row in escrows if row.follows_id and row.state == "filed"]
    assert renewed and all(row.follows.state == "superseded" for row in renewed)
    assert any("晚于施工许可日期" in findings_of(row) for row in escrows)


def test_reports_stand_in_every_state_and_each_opens_with_the_last_closing() -> None:
    found = every(FundReport)
    assert {row.state for row in found} == {state.name for state in REPORT.states}
    closings = {
        (row.account_id, row.month): row.closing
        for row in sorted(found, key=lambda row: row.revision)
        if row.state in COUNTING
    }
    before = {(row.account_id, months.after(row.month, -1)): row.opening for row in found if row.state in COUNTING}
    assert [key for key, opening in before.items() if closings.get(key, opening) != opening] == []
    assert len(found) > 40 and max(row.revision for row in found) > 1


@pytest.mark.parametrize("username", ["employer", "contractor", "bank", "regulator", "regulator-haikou"])
def test_whoever_is_a_side_of_an_account_has_something_to_see(username: str) -> None:
    with acting_as(viewer_named(username)):
        assert len(every(Escrow)) >= 5 and every(Presale) and every(FundReport)


def test_every_paper_is_stored_and_every_letter_past_its_draft_has_its_contract() -> None:
    found = every(Attachment)
    assert [row.name for row in found if not issue.store().exists(row.sha256)] == []
    assert [row.name for row in found if row.record_id is None] == []
    bare = [
        row.id
        for row in every(Letter)
        if row.state != "draft" and not uploads.of_record(row, category="scan" if row.backfilled else "contract")
    ]
    assert bare == []


def test_backfills_of_both_kinds_are_confirmed_waiting_late_and_unconfirmed() -> None:
    found = [row for row in every(Letter) if row.backfilled]
    assert len(found) >= 6 and {row.backfill_kind for row in found} == {"history", "offline"}
    assert {"recorded", "unconfirmed", "confirmed"} <= {row.state for row in found}
    assert any(row.late_days for row in found) and any(row.is_unacknowledged and row.letter_no for row in found)
    assert [row.id for row in found if row.sha256] == []


SEEDED = ("policy_version", "calendar_year")


def test_the_history_is_whole_and_in_the_order_of_time() -> None:
    assert history.verify() == ""
    played = select(history.HistoryEntry.at).where(history.HistoryEntry.record_type.not_in(SEEDED))
    times = list(db.session.scalars(played.order_by(history.HistoryEntry.id)))
    assert len(times) > 1000 and times == sorted(times)


def test_loading_again_changes_nothing() -> None:
    before = row_counts()
    demo.load()
    assert row_counts() == before


def test_a_demo_that_is_cut_short_leaves_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = row_counts()

    class PowerCut(RuntimeError):
        pass

    def cut(*_arguments: object) -> None:
        raise PowerCut

    with pytest.raises(PowerCut), demo.writing(), demo.all_or_nothing():
        accounts.create(accounts.platform(), username="late", name="迟到")
        db.session.commit()
        cut()
    assert row_counts() == before


def row_counts() -> dict[str, int]:
    db.session.rollback()
    tables = [
        db.metadata.tables[name] for name in sorted(inspect(db.engine).get_table_names()) if name in db.metadata.tables
    ]
    return {table.name: db.session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
