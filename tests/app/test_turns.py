"""What pages say of whose turn it is, of what holds meanwhile, and of what one judges by."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.database import db
from app.files import uploads
from app.ledger.scope import UNSCOPED
from models.account import Account
from models.contract import Contract
from models.modes.letter import Letter
from models.project import Project
from models.terms import ContractTerms
from tests.contract.world import at_work, csrf, organisation_of
from views.holidays import YEARS_AHEAD

Known = Callable[[str], FlaskClient]


def found(app: Flask, model: Any, *clauses: Any) -> list[int]:
    """The ids of such records, whoever may see them."""
    with app.app_context():
        return [*db.session.scalars(select(model.id).where(*clauses).order_by(model.id), execution_options=UNSCOPED)]


def words(client: FlaskClient, path: str) -> str:
    """What a page says, without its tags."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def test_a_first_version_that_nobody_has_confirmed_is_not_called_the_one_in_force(app: Flask, client_of: Known) -> None:
    with app.app_context():
        own = organisation_of("contractor")
    key = found(
        app, ContractTerms, ContractTerms.state == "proposed", ContractTerms.no == 1, ContractTerms.contractor_id == own
    )[0]
    page = words(client_of("contractor"), f"/terms/show/{key}")
    assert (
        "本合同尚无经施工单位确认的条款；确认前，列表、担保核算暂按建设单位填报的第 1 版，并标注未经施工单位确认"
        in page
    )
    assert "暂用，未经施工单位确认" in page
    assert "现行" not in page.split("历次版本")[1].split("操作记录")[0] and "仍按第" not in page


def test_an_objection_is_sent_by_its_name_and_says_whose_answer_is_awaited(app: Flask, client_of: Known) -> None:
    with app.app_context():
        own = organisation_of("contractor")
    key = found(
        app, ContractTerms, ContractTerms.state == "proposed", ContractTerms.no == 1, ContractTerms.contractor_id == own
    )[0]
    contractor = client_of("contractor")
    form = contractor.get(f"/terms/do/{key}/object").text
    assert re.search(r'<button[^>]*type="submit"[^>]*>\s*提交异议\s*</button>', form)
    given = {"csrf_token": csrf(contractor), "reason": "价款与合同不一致"}
    assert contractor.post(f"/terms/do/{key}/object", data=given).status_code == 302
    for name in ("contractor", "regulator"):
        assert "施工单位有异议，待建设单位答复" in words(client_of(name), f"/terms/show/{key}")


def test_whoever_verifies_a_backfill_sees_its_scan_before_the_question(app: Flask, client_of: Known) -> None:
    key = found(app, Letter, Letter.state == "unconfirmed")[0]
    with at_work(app, "regulator"):
        letter = db.session.get_one(Letter, key)
        (scan,) = uploads.of_record(letter, category="scan")
        name, file = scan.name, f"/letters/file/{key}/{scan.id}"
    page = client_of("regulator").get(f"/letters/do/{key}/attest").text
    assert 0 < page.index(name) < page.index('name="reason"')
    assert file in page


def test_a_holder_who_is_known_is_not_to_be_vouched_for_again(app: Flask, client_of: Known) -> None:
    admin, seen = client_of("admin"), set()
    for key in found(app, Account, Account.state == "active"):
        page = admin.get(f"/accounts/show/{key}").text
        is_asked = f"/accounts/do/{key}/verify" in page
        assert is_asked <= ("尚未核验人员" in page)
        seen.add(is_asked)
    assert False in seen
    assert "不能兼任经办或复核" in words(client_of("guarantor-admin"), "/accounts/add")


def test_a_project_without_a_permit_is_told_at_the_field_with_the_way_to_it(app: Flask, client_of: Known) -> None:
    with at_work(app, "employer") as who:
        contract = db.session.scalars(select(Contract).where(Contract.employer_id == who.organisation_id)).first()
        assert contract is not None
        table, key, project = Project.__table__, contract.id, contract.project_id
        kept = contract.project.permit_no
        db.session.execute(update(table).where(table.c.id == project).values(permit_no=None))
        db.session.commit()
    employer = client_of("employer")
    sent = {"csrf_token": csrf(employer), "contract_id": str(key)}
    lines = [
        each for each in employer.post("/letters/explain", data=sent).get_json()["lines"] if each["for"] == "permit_no"
    ]
    assert [each["url"] for each in lines] == [f"/projects/edit/{project}"]
    assert "尚未登记施工许可证号，请先编辑工程填写" in lines[0]["text"]
    start = employer.get(f"/letters/add?contract_id={key}").text
    assert re.search(rf'<a href="/projects/edit/{project}" target="_blank" rel="noopener">编辑工程</a>', start)
    with at_work(app, "employer"):
        db.session.execute(update(table).where(table.c.id == project).values(permit_no=kept))
        db.session.commit()
    assert f"/projects/edit/{project}" not in employer.get(f"/letters/add?contract_id={key}").text


def test_the_calendar_says_which_years_to_come_are_estimates(client_of: Known) -> None:
    told = re.search(
        r"([\d、]+) 年的放假安排尚未发布，其间的办理期限按周末估算，标注“预计”",
        words(client_of("admin"), "/holidays/list/"),
    )
    assert told and 0 < len(told[1].split("、")) <= YEARS_AHEAD + 1


def test_a_form_begins_with_what_follows_from_the_contract_that_its_link_names(app: Flask, client_of: Known) -> None:
    with app.app_context():
        own = organisation_of("employer")
    key, employer = found(app, Contract, Contract.employer_id == own)[0], client_of("employer")
    sent = {"csrf_token": csrf(employer), "contract_id": str(key)}
    lines = [each["text"] for each in employer.post("/letters/explain", data=sent).get_json()["lines"]]
    assert any(each.startswith("最低担保金额") for each in lines)
    for form in ("letters", "escrows", "backfills"):
        page = words(employer, f"/{form}/add?contract_id={key}")
        assert all(page.count(each) == 1 for each in lines), form
    assert not any(each in words(employer, "/letters/add") for each in lines)


def test_a_page_says_on_top_whose_step_is_awaited_until_when(app: Flask, client_of: Known) -> None:
    with app.app_context():
        own = organisation_of("contractor")
        letters = {"submitted": "待保证人受理", "issued": "待施工单位确认"}
        days = {
            key: (what, db.session.get_one(Letter, key, execution_options=UNSCOPED).due_on)
            for state, what in letters.items()
            for key in found(app, Letter, Letter.state == state, Letter.backfilled.is_(False))
        }
        late = select(ContractTerms).where(ContractTerms.state == "proposed", ContractTerms.contractor_id == own)
        terms = db.session.scalars(late.order_by(ContractTerms.due_on), execution_options=UNSCOPED).first()
        assert terms is not None and terms.due_on is not None
        key, due = terms.id, terms.due_on
    assert {what for what, _day in days.values()} == set(letters.values())
    for letter, (what, day) in days.items():
        assert f"{what}，期限 {day}" in words(client_of("regulator"), f"/letters/show/{letter}")
    told = re.search(
        rf"待施工单位确认合同条款，期限 {due}，已逾期 (\d+) 天", words(client_of("contractor"), f"/terms/show/{key}")
    )
    assert told and int(told[1]) > 0


def test_a_contract_says_that_a_change_of_it_is_objected_to(app: Flask, client_of: Known) -> None:
    key = found(app, ContractTerms, ContractTerms.state == "proposed", ContractTerms.no > 1)[0]
    with at_work(app, "admin"):
        terms = db.session.get_one(ContractTerms, key, execution_options=UNSCOPED)
        number, contract, contractor = terms.no, terms.contract_id, terms.contractor_id
        assert contractor == organisation_of("contractor")
    client = client_of("contractor")
    sent = {"csrf_token": csrf(client), "reason": "价款与补充协议不一致"}
    assert client.post(f"/terms/do/{key}/object", data=sent).status_code == 302
    for name in ("contractor", "employer"):
        page = words(client_of(name), f"/contracts/show/{contract}")
        assert f"施工单位对第 {number} 版条款有异议，待建设单位答复或提出合同变更" in page
