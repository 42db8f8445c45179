"""补录 from both sides: two kinds, a clock, a guarantor that may not be on file, and a paper that is not ours."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.refusals import Lost, Refused
from app.core.viewer import as_system
from app.cover import reckoning
from app.engine import records, transitions
from app.ledger import history, policies
from app.ledger.scope import ScopeBroken
from app.letters import verification
from models.contract import Contract
from models.guarantor import Guarantor
from models.modes.letter import Letter
from models.organisation import Organisation
from models.rules import uscc
from models.rules.cover import Cover
from tests.contract.world import organisation_of, save
from tests.modes.accounts import contract, findings_of, hang, look, on, refusal
from tests.rules.wide import wide

pytestmark = pytest.mark.databases("sqlite", "postgres")
DAY = date(2026, 3, 10)
OLD = date(2024, 5, 15)
MINIMUM = Decimal("1613000.00")
UNFILED = uscc.with_check_digit("91460100MA5T0WAND")
STRANGE = {"guarantor_id": None, "guarantor_name": "未备案担保公司", "guarantor_uscc": UNFILED}
ACTORS = {
    "submit_backfill": "employer",
    "withdraw_backfill": "employer",
    "add_scan": "employer",
    "submit": "employer",
    "acknowledge": "guarantor",
    "return_backfill": "guarantor",
    "record": "guarantor",
    "approve_record": "guarantor-issuer",
    "rework_record": "guarantor-issuer",
    "vouch": "guarantor",
    "state_kind": "guarantor",
    "confirm": "contractor",
    "object": "contractor",
}
_numbers = iter(range(1, 1000))


def values(contract_id: int, **changed: Any) -> dict[str, Any]:
    """A sound backfill of `employer` with `guarantor`, settled before the cut-off day; in its account's context."""
    return {
        "backfilled": True,
        "settled_on": OLD,
        "product": "bank_letter",
        "guarantor_id": organisation_of("guarantor"),
        "permit_no": db.session.get_one(Contract, contract_id).permit_no,
        "policy_no": f"补录-{next(_numbers):04d}",
        "starts_on": OLD,
        "ends_on": date(2027, 5, 31),
        "premium": Decimal(1000),
        "amount": MINIMUM,
        "uses_fiscal": False,
        "contract_id": contract_id,
        **changed,
    }


def draft(app: Flask, *, scan: bool = True, day: date = DAY, **changed: Any) -> int:
    """A saved backfill; its id."""
    contract_id = changed.pop("contract_id", None) or contract(app)
    with on(app, "employer", day):
        key = int(save(Letter, values(contract_id, **changed), papers=("scan",) if scan else ()).id)
    return key


def take(app: Flask, key: int, *steps: str, day: date = DAY, **inputs: Any) -> None:
    for step in steps:
        with on(app, ACTORS[step], day):
            transitions.perform(Letter, key, step, inputs=inputs)


def submitted(app: Flask, *, day: date = DAY, **changed: Any) -> Letter:
    key = draft(app, day=day, **changed)
    take(app, key, "submit_backfill", day=day)
    return look(app, Letter, key)


def against(app: Flask, *, day: date = DAY, **changed: Any) -> dict[str, str]:
    """What stands against submitting such a backfill, by field."""
    key = draft(app, day=day, **changed)
    with pytest.raises(Refused) as info:
        take(app, key, "submit_backfill", day=day)
    assert look(app, Letter, key).state == "draft"
    return refusal(info)


def covered(app: Flask, contract_id: int, day: date = DAY) -> Decimal:
    with on(app, "regulator", day):
        return reckoning.of_contract(contract_id)


def test_history_waits_for_its_guarantor_and_then_for_the_contractor(app: Flask) -> None:
    letter = submitted(app)
    assert (letter.state, letter.backfill_kind, letter.late_days, letter.letter_no) == ("recorded", "history", 0, None)
    assert covered(app, letter.contract_id) == 0
    take(app, letter.id, "acknowledge")
    letter = look(app, Letter, letter.id)
    assert (letter.state, letter.sha256, letter.acknowledged_at is not None) == ("issued", None, True)
    assert letter.letter_no.startswith("10260310") and letter.issued_at.date() == OLD
    assert covered(app, letter.contract_id) == MINIMUM
    take(app, letter.id, "confirm")
    assert look(app, Letter, letter.id).state == "confirmed"


def test_a_backfill_and_an_application_are_submitted_each_in_its_own_way(app: Flask) -> None:
    key = draft(app)
    with on(app, "employer", DAY), pytest.raises(Lost):
        transitions.perform(Letter, key, "submit")


@pytest.mark.parametrize(
    ("settled_on", "day", "late"),
    [
        (date(2024, 7, 1), date(2024, 7, 31), 0),
        (date(2024, 7, 1), date(2024, 8, 1), 1),
        (date(2026, 1, 5), date(2026, 3, 10), 34),
    ],
)
def test_what_was_settled_offline_has_thirty_days_and_lateness_is_kept(
    app: Flask, settled_on: date, day: date, late: int
) -> None:
    letter = submitted(app, settled_on=settled_on, day=day)
    assert (letter.backfill_kind, letter.late_days) == ("offline", late)
    assert (f"逾期{late}天补录" in findings_of(letter)) is (late > 0)


def test_mending_what_was_returned_makes_nobody_late(app: Flask) -> None:
    letter = submitted(app, settled_on=date(2026, 3, 1))
    take(app, letter.id, "return_backfill", reason="扫描件不清晰")
    assert look(app, Letter, letter.id).policy_key is None
    take(app, letter.id, "submit_backfill", day=date(2026, 6, 1))
    again = look(app, Letter, letter.id)
    assert (again.state, again.late_days, again.backfilled_at.date()) == ("recorded", 0, DAY)


@pytest.mark.parametrize("step", ["withdraw_backfill", "return_backfill"])
def test_what_was_handed_in_before_it_was_settled_has_not_been_backfilled_by_that(app: Flask, step: str) -> None:
    key = submitted(app, settled_on=date(2026, 3, 1)).id
    take(app, key, step, reason="另一份保函")
    with on(app, "employer", date(2026, 6, 1)):
        records.save(Letter, {"settled_on": date(2026, 4, 1)}, key=key)
    take(app, key, "submit_backfill", day=date(2026, 6, 1))
    again = look(app, Letter, key)
    assert (again.late_days, again.backfilled_at.date()) == (26, date(2026, 6, 1))
    assert "逾期26天补录" in findings_of(again)


def test_what_its_employer_takes_back_is_no_longer_backfilled(app: Flask) -> None:
    key = submitted(app, settled_on=date(2026, 3, 1)).id
    take(app, key, "withdraw_backfill")
    take(app, key, "submit_backfill", day=date(2026, 6, 1))
    assert look(app, Letter, key).late_days == 62


@pytest.mark.parametrize(
    ("changed", "field", "text"),
    [
        ({"settled_on": date(2026, 3, 11)}, "settled_on", "不能晚于今天"),
        ({"settled_on": date(2025, 6, 2), "ends_on": date(2025, 6, 1)}, "settled_on", "不能晚于担保结束日期"),
        ({"settled_on": None}, "settled_on", "请选择业务办结时间"),
        ({"policy_no": None}, "policy_no", "请输入保单编号"),
        ({"premium": Decimal(99_999_999)}, "premium", "保费超过担保金额"),
        ({"ends_on": OLD}, "ends_on", "应晚于担保开始日期"),
        ({"letter_kind": "insurance"}, "letter_kind", "保函性质不能是保证保险"),
        ({"product": "insurance"}, "guarantor_name", "不能办理"),
        ({"guarantor_id": None}, "guarantor_uscc", "请选择保证人"),
        ({**STRANGE, "guarantor_name": None}, "guarantor_name", "请输入保证人名称"),
        ({"guarantor_name": "别的银行"}, "guarantor_name", "与填写的名称不一致"),
        ({**STRANGE, "guarantor_name": "测试担保公司"}, "guarantor_uscc", "测试担保公司已备案"),
        ({"amount": Decimal("16130000.01")}, "amount", "超过合同金额"),
        ({"permit_no": "460108202503310901"}, "permit_no", "施工许可证号为"),
        ({"scan": False}, "scan", "请上传保函扫描件"),
    ],
)
def test_what_is_missing_or_wrong_is_refused_at_its_field(
    app: Flask, changed: dict[str, Any], field: str, text: str
) -> None:
    assert text in against(app, **changed)[field]


def test_a_number_of_the_same_guarantor_is_taken_once(app: Flask) -> None:
    first = submitted(app)
    assert "已用于" in against(app, policy_no=first.policy_no)["policy_no"]
    assert submitted(app, policy_no=first.policy_no, **STRANGE).state == "unconfirmed"
    take(app, first.id, "withdraw_backfill")
    assert submitted(app, policy_no=first.policy_no).state == "recorded"


def test_a_number_is_the_same_however_it_is_typed(app: Flask) -> None:
    submitted(app, policy_no="NO.4560218甲")
    for typed in ("no.4560218甲", "NO. 4560218甲", wide("NO.4560218甲")):
        assert "已用于" in against(app, policy_no=typed)["policy_no"]


def found_of(app: Flask, letter: Letter) -> Cover:
    with on(app, "regulator", DAY):
        return reckoning.cover(db.session.get_one(Contract, letter.contract_id))


def test_a_letter_that_only_its_employer_tells_of_is_kept_and_covers_nothing(app: Flask, client_of: Any) -> None:
    letter = submitted(app, **STRANGE)
    assert (letter.state, letter.guarantor_id, letter.acknowledged_at) == ("unconfirmed", None, None)
    assert letter.letter_no and "未经保证人确认" in findings_of(letter)
    found = found_of(app, letter)
    assert (found.parts, found.total, found.degree) == ((), 0, "none")
    assert [part.amount for part in found.unconfirmed] == [MINIMUM]
    page = client_of("regulator-haikou").get(f"/contracts/show/{letter.contract_id}").text
    assert f"另有 161.30 万元未经确认，不计入担保：{letter.letter_no}" in page and "无担保" in page


@pytest.mark.parametrize("by", ["contractor", "regulator-haikou"])
def test_it_covers_once_contractor_or_regulator_has_said_so_too(app: Flask, client_of: Any, by: str) -> None:
    letter = submitted(app, **STRANGE)
    with client_of(by).get("/?todos=all") as answer:
        assert letter.project_name in answer.text
    with on(app, by, DAY):
        if by == "contractor":
            transitions.perform(Letter, letter.id, "confirm")
        else:
            transitions.perform(Letter, letter.id, "attest", inputs={"reason": "已核对保函原件"})
    assert [(part.amount, part.note) for part in found_of(app, letter).parts] == [(MINIMUM, "未经保证人确认")]
    assert look(app, Letter, letter.id).state == ("confirmed" if by == "contractor" else "issued")


def test_an_answer_of_its_employer_alone_gives_it_no_cover(app: Flask) -> None:
    letter = submitted(app, **STRANGE)
    take(app, letter.id, "object", reason="未收到该保函")
    with on(app, "employer", DAY):
        with pytest.raises(Lost):
            transitions.perform(Letter, letter.id, "answer", inputs={"reason": "已邮寄"})
        transitions.perform(Letter, letter.id, "answer_unconfirmed", inputs={"reason": "已邮寄"})
    assert look(app, Letter, letter.id).state == "unconfirmed"
    assert found_of(app, letter).total == 0


def test_a_letter_settled_before_its_contract_was_signed_is_refused(app: Flask) -> None:
    contract_id = contract(app)
    with on(app, "employer", DAY):
        records.save(Contract, {"signed_on": date(2024, 5, 16)}, key=contract_id)
    found = against(app, contract_id=contract_id)
    assert found == {"settled_on": "业务办结时间2024-05-15早于合同签订日期2024-05-16，请核对"}


@pytest.mark.parametrize("party", ["employer", "contractor"])
def test_a_party_of_the_contract_is_no_guarantor_under_its_mere_code_either(app: Flask, party: str) -> None:
    with app.app_context(), as_system():
        found = db.session.get_one(Organisation, organisation_of(party))
        named = {"guarantor_id": None, "guarantor_name": found.name, "guarantor_uscc": found.uscc}
        db.session.rollback()
    assert against(app, **named)["guarantor_id"] == "担保机构不能是本合同的建设单位或施工单位，请重新选择"


def test_whenever_it_was_settled_what_its_guarantor_cannot_confirm_yet_waits_beside_the_sum(app: Flask) -> None:
    with app.app_context(), as_system():
        query = select(Guarantor.id, Guarantor.name, Guarantor.uscc, Guarantor.guarantor_type)
        row = db.session.execute(query.where(Guarantor.state == "submitted")).first()
        db.session.rollback()
    assert row is not None
    product = {"insurer": "insurance", "bank": "bank_letter", "guarantee_company": "company_letter"}[row[3]]
    given = {"guarantor_id": None, "guarantor_name": row[1], "guarantor_uscc": row[2], "product": product}
    offline, history = submitted(app, settled_on=date(2026, 3, 2), **given), submitted(app, **given)
    for each, kind in ((offline, "offline"), (history, "history")):
        assert (each.state, each.guarantor_id, each.backfill_kind) == ("unconfirmed", None, kind)
        assert "请邀请其备案后确认，或由施工单位、主管部门确认" in findings_of(each)
        assert [part.amount for part in found_of(app, each).unconfirmed] == [MINIMUM]
    with on(app, "regulator", DAY):
        transitions.perform(Guarantor, row[0], "file")
    for each in (offline, history):
        linked = look(app, Letter, each.id)
        assert linked.guarantor_id and (linked.state, linked.acknowledged_at) == ("unconfirmed", None)


def test_an_imported_letter_is_not_confirmed_before_its_scan_is_there(app: Flask) -> None:
    key = draft(app, scan=False)
    with on(app, "employer", DAY), as_system():
        transitions.perform(Letter, key, "hand_in")
    with pytest.raises(Refused, match="请上传保函扫描件"):
        take(app, key, "acknowledge")
    assert look(app, Letter, key).state == "recorded"
    hang(app, key, "scan", mode=Letter)
    take(app, key, "add_scan")
    take(app, key, "acknowledge")
    assert look(app, Letter, key).state == "issued"


def test_a_letter_that_is_over_needs_no_contractor(app: Flask) -> None:
    letter = submitted(app, ends_on=date(2024, 12, 31))
    take(app, letter.id, "acknowledge")
    letter = look(app, Letter, letter.id)
    assert (letter.state, letter.due_on, letter.standing(DAY)) == ("confirmed", None, "expired")
    assert covered(app, letter.contract_id) == 0


def test_a_letter_below_the_minimum_is_kept_with_a_warning(app: Flask) -> None:
    letter = submitted(app, amount=MINIMUM - 1)
    assert letter.state == "recorded" and "最低担保金额" in findings_of(letter)


def test_the_guarantor_records_the_letter_that_it_has_issued_already(app: Flask) -> None:
    contract_id = contract(app)
    given = {
        "policy_no": "线下-1",
        "settled_on": date(2026, 3, 5),
        "starts_on": date(2026, 3, 5),
        "ends_on": date(2031, 6, 30),
        "premium": Decimal(8000),
        "letter_kind": "independent",
    }
    with on(app, "employer", DAY):
        known = values(contract_id)
        application = {name: known[name] for name in known if name not in {*given, "backfilled"}}
        key = int(save(Letter, application, papers=("contract",)).id)
    take(app, key, "submit")
    with pytest.raises(Refused) as info:
        take(app, key, "record", **given)
    assert refusal(info) == {"scan": "请上传保函扫描件"}
    hang(app, key, "scan", mode=Letter, by="guarantor")
    take(app, key, "record", **given)
    letter = look(app, Letter, key)
    assert (letter.state, letter.letter_no, covered(app, contract_id)) == ("prepared", None, 0)
    take(app, key, "rework_record", reason="保单编号有误")
    letter = look(app, Letter, key)
    assert (letter.state, letter.backfilled, letter.settled_on) == ("submitted", False, None)
    take(app, key, "record", **given)
    take(app, key, "approve_record")
    letter = look(app, Letter, key)
    assert (letter.state, letter.backfilled, letter.backfill_kind) == ("issued", True, "offline")
    assert letter.letter_no and letter.acknowledged_at and letter.sha256 is None
    assert covered(app, contract_id) == MINIMUM
    take(app, key, "confirm")


def test_terms_are_typed_until_the_submission_and_sealed_after_it(app: Flask) -> None:
    key = draft(app)
    with on(app, "employer", DAY):
        db.session.get_one(Letter, key).premium = Decimal(2000)
        db.session.commit()
    take(app, key, "submit_backfill")
    with on(app, "employer", DAY):
        db.session.get_one(Letter, key).premium = Decimal(3000)
        with pytest.raises(ScopeBroken):
            db.session.flush()


@pytest.mark.parametrize("changed", [{}, STRANGE])
def test_the_public_learns_that_the_paper_is_not_ours(app: Flask, client: Any, changed: dict[str, Any]) -> None:
    letter = submitted(app, **changed)
    if not changed:
        take(app, letter.id, "acknowledge")
        letter = look(app, Letter, letter.id)
    with app.app_context():
        found = verification.look_up(letter.letter_no, letter.verification_code, DAY)
    assert found is not None and found.sha256 == ""
    page = client.get(f"/verify/{letter.letter_no}?code={letter.verification_code}")
    assert page.status_code == 200 and "补录信息，非本系统出具的保函" in page.text and letter.policy_no in page.text
    assert ("未经保证人确认" in page.text) is bool(changed)


def test_there_is_no_pdf_of_ours(app: Flask, client_of: Any) -> None:
    letter = submitted(app)
    take(app, letter.id, "acknowledge")
    employer = client_of("employer")
    assert employer.get(f"/letters/pdf/{letter.id}").status_code == 404
    page = employer.get(f"/letters/show/{letter.id}").text
    assert "下载保函" not in page and "补录信息" in page and "保函扫描件" in page


def test_the_form_is_the_manuals_and_an_edit_leads_to_it(app: Flask, client_of: Any) -> None:
    employer = client_of("employer")
    page = employer.get("/backfills/add").text
    for label in ("业务办结时间", "担保类型", "保单编号", "担保开始日期", "担保结束日期", "保费(元)", "保函扫描件"):
        assert label in page
    assert "新增工程担保补录业务" in page and "提交补录" in page and "邀请保证人" in page
    assert "/backfills/add" in employer.get("/letters/list/").text
    key = draft(app)
    answer = employer.get(f"/letters/edit/{key}")
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"/backfills/edit/{key}")
    assert employer.get(f"/backfills/edit/{key}").status_code == 200


def test_an_invitation_leads_to_where_its_guarantor_stands(app: Flask, client_of: Any) -> None:
    with app.app_context(), as_system():
        builder = db.session.get_one(Organisation, organisation_of("contractor2"))
        registered = {"guarantor_name": builder.name, "guarantor_uscc": builder.uscc}
        db.session.rollback()
    employer, guarantor = client_of("employer"), client_of("guarantor")
    unknown, known = submitted(app, **STRANGE), submitted(app, **{**STRANGE, **registered})
    answer = employer.get(f"/letters/invite/{unknown.id}")
    assert answer.headers["Location"].startswith("/organisations/add?") and UNFILED in answer.headers["Location"]
    answer = employer.get(f"/letters/invite/{known.id}", follow_redirects=True)
    assert answer.request.path == f"/letters/show/{known.id}" and "尚无保证人角色" in answer.text
    assert client_of("employer2").get(f"/letters/invite/{unknown.id}").status_code == 404
    assert guarantor.get(f"/letters/invite/{unknown.id}").status_code in (403, 404)
    assert guarantor.get("/filings/own").headers["Location"].startswith("/filings/show/")


def test_the_history_of_a_backfill_is_whole(app: Flask) -> None:
    letter = submitted(app, **STRANGE)
    with app.app_context(), as_system():
        actions = [event.action for event in history.of_record(db.session.get_one(Letter, letter.id))]
        assert actions == ["accept", "submit_backfill", "create"]
        assert history.verify() == ""
        db.session.rollback()


@pytest.mark.parametrize(
    ("mode", "history_is_taken", "offline_is_taken"),
    [
        ("before", True, False),
        ("on_or_after", False, True),
    ],
)
def test_the_policys_switch_is_obeyed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, mode: Any, history_is_taken: bool, offline_is_taken: bool
) -> None:
    with app.app_context():
        narrowed = tuple(replace(each, backfill_mode=mode) for each in policies.versions())
    monkeypatch.setattr(policies, "versions", lambda: narrowed)
    for settled_on, taken in ((OLD, history_is_taken), (date(2026, 3, 2), offline_is_taken)):
        if taken:
            assert submitted(app, settled_on=settled_on).state == "recorded"
        else:
            assert "settled_on" in against(app, settled_on=settled_on)
