"""政府财政投资: a share of the price out of the budget, filed by the regulator, changed only by what follows it."""

import threading
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update

from app.core.database import db, read_from_here, writing
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import as_system
from app.cover import reckoning, successors
from app.engine import records
from app.ledger.scope import UNSCOPED
from models.contract import Contract
from models.grammar.columns import declares
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.permit import Permit
from models.project import Project
from tests.contract.world import at_work, csrf, organisation_of, save
from tests.modes.accounts import FILED_ON, PRICE, agree, contract, findings_of, look, on, refusal
from tests.modes.budgets import APPROVED_ON, NAMES, change, draft, filed, take

pytestmark = pytest.mark.databases("sqlite", "postgres")
BUDGET = Decimal("12904000.00")
COLUMNS = ["建设单位", "建设单位负责人", "施工单位", "施工单位负责人", "工程名称", "是否备案", "批准单位", "批准时间"]
LABELS = (
    "项目名称",
    "施工许可证号",
    "工程所属地区",
    "工程详细地址",
    "合同开工日期",
    "合同竣工日期",
    "建设单位名称",
    "建设单位统一社会信用代码",
    "建设单位信用等级",
    "建设单位负责人姓名",
    "建设单位负责人电话",
    "施工单位名称",
    "施工单位统一社会信用代码",
    "施工单位信用等级",
    "施工单位负责人姓名",
    "施工单位负责人电话",
    "工程合同类型",
    "合同编号",
    "工程担保合同金额(万元)",
    "政府财政投资比例(%)",
    "财政预算资金(万元)",
    "批准单位",
    "批准时间",
    "附件",
)


def covered(app: Flask, contract_id: int) -> Decimal:
    with on(app, "regulator", FILED_ON):
        return reckoning.of_contract(contract_id)


def test_the_record_walks_from_draft_to_filed_and_covers_only_then(app: Flask) -> None:
    contract_id = contract(app)
    key = draft(app, contract_id=contract_id)
    assert (look(app, Fiscal, key).amount, look(app, Fiscal, key).share) == (BUDGET, Decimal("80.00"))
    take(app, key, "submit")
    take(app, key, "return", reason="请补充批复文件")
    assert look(app, Fiscal, key).state == "returned"
    take(app, key, "submit")
    assert covered(app, contract_id) == 0
    take(app, key, "file")
    found = look(app, Fiscal, key)
    assert (found.state, found.approver_name, found.filed_for_id) == ("filed", "海口市住房和城乡建设局", contract_id)
    assert found.filed_at is not None and found.policy_version
    assert covered(app, contract_id) == BUDGET


def test_the_regulator_may_correct_approver_and_day_when_it_files(app: Flask) -> None:
    key = draft(app)
    take(app, key, "submit")
    with on(app, "regulator-haikou", FILED_ON):
        province = organisation_of("regulator")
    take(app, key, "file", approver_id=province, approved_on=date(2025, 2, 2))
    found = look(app, Fiscal, key)
    assert (found.approver_name, found.approved_on) == ("海南省住房和城乡建设厅", date(2025, 2, 2))


def test_a_refusal_and_a_return_need_a_reason_and_a_refused_record_is_closed(app: Flask) -> None:
    key = draft(app)
    take(app, key, "submit")
    for step in ("return", "refuse"):
        with pytest.raises(Refused) as refused:
            take(app, key, step)
        assert refusal(refused) == {"reason": "请输入原因"}
    take(app, key, "refuse", reason="非财政投资项目")
    assert look(app, Fiscal, key).state == "refused"
    with pytest.raises(Lost):
        take(app, key, "submit")


@pytest.mark.parametrize(
    ("step", "stranger"), [("file", "employer"), ("file", "contractor"), ("withdraw", "contractor")]
)
def test_no_side_does_the_step_of_another(app: Flask, step: str, stranger: str) -> None:
    key = draft(app)
    take(app, key, "submit")
    with pytest.raises(Lost):
        take(app, key, step, by=stranger, approver_id=1, approved_on=APPROVED_ON)
    assert look(app, Fiscal, key).state == "submitted"


def test_strangers_find_no_record_and_nobody_else_a_draft(app: Flask, client_of: Any) -> None:
    key = draft(app)
    readers = {name: client_of(name) for name in ("contractor", "regulator-haikou", "employer2", "contractor2")}
    assert [each.get(f"/fiscal/show/{key}").status_code for each in readers.values()] == [404, 404, 404, 404]
    take(app, key, "submit")
    assert [each.get(f"/fiscal/show/{key}").status_code for each in readers.values()] == [200, 200, 404, 404]
    with pytest.raises(NotFound):
        take(app, key, "withdraw", by="employer2")
    assert client_of("guarantor").get("/fiscal/list/").status_code == 403


def test_the_regulator_of_another_region_cannot_file(app: Flask) -> None:
    key = draft(app)
    take(app, key, "submit")
    with app.app_context(), as_system(), writing():
        db.session.rollback()
        table = Fiscal.metadata.tables["guarantee"]
        db.session.execute(update(table).where(table.c.id == key).values(region_code="460203"))
        db.session.commit()
        read_from_here()
    with pytest.raises(NotFound):
        take(app, key, "file", approver_id=1, approved_on=APPROVED_ON)


@pytest.mark.parametrize(
    ("price", "share", "amount"),
    [
        ("16130000.01", "100", "16130000.01"),
        ("16130000.01", "10", "1613000.01"),
        ("0.05", "10", "0.01"),
        ("16130000.00", "33.33", "5376129.00"),
    ],
)
def test_the_budget_is_price_times_share_up_to_the_fen(app: Flask, price: str, share: str, amount: str) -> None:
    key = draft(app, contract_id=contract(app, price=Decimal(price)), share=Decimal(share))
    assert look(app, Fiscal, key).amount == Decimal(amount)


def test_what_the_browser_sends_as_budget_does_not_count(app: Flask) -> None:
    key = draft(app, amount=Decimal(1))
    assert look(app, Fiscal, key).amount == BUDGET


def test_everything_that_is_missing_is_said_at_once(app: Flask) -> None:
    contract_id = contract(app)
    with on(app, "employer", FILED_ON):
        key = int(save(Fiscal, {"contract_id": contract_id}).id)
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert {"permit_no", "share", "approver_id", "approved_on"} <= set(refusal(refused))
    assert refusal(refused)["share"] == "请输入政府财政投资比例(%)"


@pytest.mark.parametrize(("approved_on", "warned"), [(date(2025, 3, 10), False), (date(2025, 3, 11), True)])
def test_an_approval_after_the_permit_is_kept_with_a_warning(app: Flask, approved_on: date, warned: bool) -> None:
    key = draft(app, contract_id=contract(app, permitted_on=date(2025, 3, 10)), approved_on=approved_on)
    take(app, key, "submit")
    assert ("晚于施工许可日期2025-03-10" in findings_of(look(app, Fiscal, key))) is warned
    take(app, key, "file")
    assert ("晚于施工许可日期2025-03-10" in findings_of(look(app, Fiscal, key))) is warned


def test_the_day_of_the_register_goes_before_what_the_project_says(app: Flask) -> None:
    number = "460108202501010199"
    with at_work(app, "regulator"):
        save(
            Permit,
            {
                "permit_no": number,
                "project_name": "江东工程",
                "region_code": "460108",
                "employer_name": "甲",
                "contractor_name": "乙",
                "permitted_on": date(2025, 1, 1),
            },
        )
    contract_id = contract(app)
    with at_work(app, "employer"):
        project = db.session.get_one(Contract, contract_id).project_id
        records.save(Project, {"permit_no": number}, key=project)
    key = draft(app, contract_id=contract_id)
    take(app, key, "submit")
    assert "晚于施工许可日期2025-01-01" in findings_of(look(app, Fiscal, key))


def test_an_approval_lies_in_the_past(app: Flask) -> None:
    key = draft(app, approved_on=date(2025, 3, 13))
    with pytest.raises(Refused) as refused:
        take(app, key, "submit", day=date(2025, 3, 12))
    assert refusal(refused) == {"approved_on": "批准时间2025-03-13不能晚于今天，请修改"}
    take(app, key, "submit", day=date(2025, 3, 13))


def test_a_record_without_its_paper_is_not_handed_in(app: Flask) -> None:
    key = draft(app, papers=())
    with pytest.raises(Refused) as refused:
        take(app, key, "submit")
    assert refusal(refused) == {"proof": "请上传附件"} and look(app, Fiscal, key).state == "draft"


def test_a_contract_with_a_filed_record_takes_no_second_one(app: Flask) -> None:
    contract_id = contract(app)
    first, second = filed(app, contract_id=contract_id), draft(app, contract_id=contract_id)
    with pytest.raises(Refused) as refused:
        take(app, second, "submit")
    assert look(app, Fiscal, first).application_no in refusal(refused)["contract_id"]
    assert covered(app, contract_id) == BUDGET


def test_two_records_of_one_contract_filed_at_once_lead_to_one(app: Flask) -> None:
    contract_id = contract(app)
    keys = [draft(app, contract_id=contract_id) for _each in range(2)]
    for key in keys:
        take(app, key, "submit")
    start, ends = threading.Barrier(2), []

    def file(key: int) -> None:
        start.wait()
        try:
            take(app, key, "file")
            ends.append("filed")
        except (Lost, Refused) as refusal:
            ends.append(type(refusal).__name__)

    threads = [threading.Thread(target=file, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("filed") == 1 and len(ends) == 2
    assert sorted(look(app, Fiscal, key).state for key in keys) == ["filed", "submitted"]
    assert covered(app, contract_id) == BUDGET


def test_a_filed_record_changes_only_through_what_follows_it(app: Flask) -> None:
    contract_id = contract(app)
    old = filed(app, contract_id=contract_id)
    with at_work(app, "employer"), pytest.raises(Lost):
        records.save(Fiscal, {"share": Decimal(50)}, key=old)
    new = change(app, old)
    before, after = look(app, Fiscal, old), look(app, Fiscal, new)
    assert after.follows_id == old and after.state == "draft"
    columns = [name for name in NAMES if declares(Fiscal, name)]
    assert [getattr(after, name) for name in columns] == [getattr(before, name) for name in columns]
    with on(app, "employer", FILED_ON):
        records.save(Fiscal, {"share": Decimal("62.50")}, key=new)
    take(app, new, "submit")
    assert covered(app, contract_id) == BUDGET
    take(app, new, "file")
    assert (look(app, Fiscal, old).state, look(app, Fiscal, new).state) == ("superseded", "filed")
    assert covered(app, contract_id) == Decimal("10081250.00")


def test_two_clicks_on_change_lead_to_one_draft(app: Flask) -> None:
    old = filed(app)
    assert change(app, old) == change(app, old)


def test_a_refused_change_leaves_the_filed_record_and_another_may_follow(app: Flask) -> None:
    contract_id = contract(app)
    old = filed(app, contract_id=contract_id)
    first = change(app, old)
    take(app, first, "submit")
    take(app, first, "refuse", reason="批复不符")
    assert covered(app, contract_id) == BUDGET
    second = change(app, old)
    assert second != first
    take(app, second, "submit", "file")
    with pytest.raises(Lost):
        change(app, old)
    third = change(app, second)
    take(app, third, "submit", "file")
    states = [look(app, Fiscal, key).state for key in (old, first, second, third)]
    assert states == ["superseded", "refused", "superseded", "filed"]


def test_only_the_employer_changes_and_only_what_is_filed(app: Flask) -> None:
    filed_one, submitted = filed(app), draft(app)
    take(app, submitted, "submit")
    for by in ("contractor", "regulator-haikou"):
        with pytest.raises(Lost):
            change(app, filed_one, by=by)
    with pytest.raises(NotFound):
        change(app, filed_one, by="employer2")
    with pytest.raises(Lost):
        change(app, submitted)


def test_a_change_stays_with_its_contract(app: Flask) -> None:
    new, other = change(app, filed(app)), contract(app)
    with on(app, "employer", FILED_ON), pytest.raises(Refused) as refused:
        records.save(Fiscal, {"contract_id": other}, key=new, then="submit")
    assert "变更业务不能更换项目" in refusal(refused)["contract_id"]


def test_nobody_makes_a_record_follow_another_by_hand(app: Flask) -> None:
    old, mine = filed(app), draft(app)
    with on(app, "employer", FILED_ON), pytest.raises(Exception, match="follows_id changes only by a transition"):
        records.save(Fiscal, {"follows_id": old}, key=mine)


def test_the_button_opens_the_draft_and_both_records_name_each_other(app: Flask, client_of: Any) -> None:
    old = filed(app)
    client = client_of("employer")
    assert "/fiscal/change/" in client.get(f"/fiscal/show/{old}").text
    answer = client.post(f"/fiscal/change/{old}", data={"csrf_token": csrf(client)})
    with app.app_context(), as_system():
        new = successors.follower(db.session.get_one(Fiscal, old))
        assert new is not None and answer.headers["Location"] == f"/fiscal/edit/{new.id}"
        numbers = (db.session.get_one(Fiscal, old).application_no, new.application_no)
        db.session.rollback()
    assert f"本业务变更备案记录 {numbers[0]}" in client.get(answer.headers["Location"]).text
    assert f"变更业务 {numbers[1]} 正在办理" in client.get(f"/fiscal/show/{old}").text
    assert "/fiscal/change/" not in client_of("contractor").get(f"/fiscal/show/{old}").text


def _sheet(client: FlaskClient) -> list[list[Any]]:
    with client.get("/fiscal/export/") as answer:
        return CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()


def test_list_and_export_have_the_ten_columns_of_the_manual_and_no_others(app: Flask, client_of: Any) -> None:
    filed(app)
    page = client_of("employer").get("/fiscal/list/").text
    head = page[page.index("<thead") : page.index("</thead>")]
    places = [head.index(f">{label}") for label in ("序号", *COLUMNS, "操作")]
    assert places == sorted(places) and head.count("<th ") == 10
    rows = _sheet(client_of("employer"))
    header = next(row for row in rows if "是否备案" in row)
    assert [cell for cell in header if cell] in (COLUMNS, ["序号", *COLUMNS])


def test_the_five_filters_find_what_they_say(app: Flask, client_of: Any) -> None:
    key, other = filed(app, approved_on=date(2024, 8, 13)), draft(app, approved_on=date(2024, 8, 14))
    client = client_of("employer")

    def found(query: str) -> set[int]:
        page = client.get(f"/fiscal/list/?size=100&{query}").text
        return {each for each in (key, other) if f"/fiscal/show/{each}" in page}

    assert found("") == {key, other}
    assert found("filed=1") == {key} and found("filed=0") == {other}
    assert found("approved_on_from=2024-08-13&approved_on_to=2024-08-13") == {key}
    assert found("approved_on_from=2024-08-14&approved_on_to=2024-08-14") == {other}
    assert found("approved_on_from=2024-08-15&approved_on_to=2024-08-31") == set()
    name = look(app, Fiscal, key).project_name
    assert found(f"project_name={name}") == {key}
    assert found("employer_name=江东新区&contractor_name=上海建工") == {key, other}
    assert found("contractor_name=没有这家") == set()
    assert client.get("/fiscal/list/?filed=2").status_code == 400


def test_the_form_says_what_the_manual_prints(app: Flask, client_of: Any) -> None:
    page = client_of("employer").get("/fiscal/add").text
    missing = [label for label in LABELS if f">{label}<" not in page and f'data-label="{label}"' not in page]
    assert missing == []
    for button in ("保存", "提交", "关闭"):
        assert f">{button}<" in page


def test_a_malformed_share_is_told_at_its_box_and_nothing_is_lost(app: Flask, client_of: Any) -> None:
    client = client_of("employer")
    typed = {"contract_id": str(contract(app)), "share": "120", "approved_on": "2025-02-30", "employer_contact": "陈某"}
    answer = client.post("/fiscal/add", data={**typed, "csrf_token": csrf(client), "then": "save"})
    assert answer.status_code == 422
    assert "比例应大于0且不超过100%" in answer.text and "批准时间格式不正确" in answer.text
    assert 'value="120"' in answer.text and 'value="陈某"' in answer.text


def test_the_server_explains_budget_and_gap_while_one_types(app: Flask, client_of: Any) -> None:
    client = client_of("employer")
    token = csrf(client)

    def told(share: str) -> Any:
        form = {"contract_id": str(contract_id), "share": share, "csrf_token": token}
        return client.post("/fiscal/explain", data=form).json

    contract_id = contract(app)
    assert told("80%")["fields"] == {"amount": "1290.4"}
    assert [line["tone"] for line in told("10")["lines"]] == ["info", "info", "success"]
    short = told("9.99")["lines"]
    assert short[-1]["tone"] == "warning" and "还差 0.1613 万元" in short[-1]["text"]
    assert len(told("100")["lines"]) == 2
    assert told("abc") == {"fields": {"amount": ""}, "lines": [], "targets": {}}


def test_a_letter_with_budget_money_leads_to_the_record_of_its_contract(app: Flask, client_of: Any) -> None:
    contract_id = contract(app)
    with on(app, "employer", FILED_ON):
        letter = int(save(Letter, {"contract_id": contract_id, "uses_fiscal": True}).id)
    client = client_of("employer")
    page = client.get(f"/letters/show/{letter}").text
    assert f"/fiscal/add?contract_id={contract_id}" in page and "尚未归集政府财政投资证明材料" in page
    form = client.get(f"/fiscal/add?contract_id={contract_id}").text
    assert f'name="contract_id" value="{contract_id}"' in form and 'value="1613"' in form
    key = filed(app, contract_id=contract_id)
    page = client.get(f"/letters/show/{letter}").text
    assert f"/fiscal/show/{key}" in page and "/fiscal/add?contract_id" not in page


def test_a_change_of_price_is_taken_over_by_the_change_of_the_record(app: Flask) -> None:
    contract_id = contract(app)
    old = filed(app, contract_id=contract_id)
    agree(app, contract_id, price=PRICE + Decimal("0.01"))
    assert look(app, Fiscal, old).amount == BUDGET
    assert look(app, Fiscal, change(app, old)).amount == Decimal("12904000.01")


def test_a_state_and_its_wall_agree(app: Flask) -> None:
    with app.app_context(), as_system():
        states = select(Fiscal.id).where((Fiscal.state == "filed") != Fiscal.filed_for_id.is_not(None))
        astray = db.session.scalars(states.execution_options(**UNSCOPED)).all()
        count = db.session.scalar(select(func.count()).select_from(Fiscal))
        db.session.rollback()
    assert astray == [] and count
