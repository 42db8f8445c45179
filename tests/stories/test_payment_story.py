"""支付信息归集 (手册 2.2.2): the plan whole or refused, agreed by the contractor, paid, received, taken back."""

import re
from datetime import timedelta
from decimal import Decimal

from playwright.sync_api import Locator, expect

from app.core.clock import today
from tests.stories.hands import People, Person, paper
from tests.stories.test_letter_story import CONTRACTOR

PRICE = "5000.000001"


def enter_contract(employer: Person, number: str) -> str:
    """工程 and 合同 with their days, begun a while ago; gives the project's name."""
    project, signed_on = f"海口市江东新区支付故事工程（{number}）", today() - timedelta(days=100)
    employer.menu("工程")
    employer.press("新增")
    employer.fill("工程名称", project)
    employer.fill("施工许可证号", f"460108{signed_on:%Y%m%d}{number[-2:]}01")
    employer.choose_by_typing("工程所属地区", "美兰")
    employer.press("保存")
    expect(employer.heading(project)).to_be_visible()
    employer.press("新增合同")
    employer.pick("施工单位", CONTRACTOR)
    employer.choose("工程合同类型", "施工总承包合同")
    employer.fill("合同编号", number)
    employer.fill("工程项目合同金额(万元)", PRICE)
    employer.fill("签订日期", f"{signed_on}")
    employer.fill("合同开工日期", f"{signed_on + timedelta(days=10)}")
    employer.fill("合同竣工日期", f"{signed_on + timedelta(days=500)}")
    employer.press("保存")
    employer.sees_tag("未经施工单位确认")
    return project


def cell(employer: Person, number: int, column: str) -> Locator:
    """The box in that column of the row of that number."""
    return employer.page.locator("[data-row]").nth(number - 1).locator(f"td[data-column={column}] .box").first


def open_plan(person: Person, number: str) -> None:
    """The plan's page, found by the contract's number."""
    person.page.goto(f"/plans/list/?contract_no={number}")
    person.row(number).get_by_role("link", name="查看").first.click()
    expect(person.page.locator("#nodes")).to_be_visible()


def advance(person: Person) -> Locator:
    """The node of the advance payment, in the table of nodes."""
    return person.page.locator("#nodes tbody tr").filter(has_text="预付款")


def standing_of(person: Person, label: str) -> str:
    """A figure in the head of the plan."""
    figure = person.page.locator(".figures > div").filter(has=person.page.locator("dt", has_text=label))
    return figure.locator("dd").inner_text().split()[0]


def state_plan(employer: Person, number: str) -> None:
    """The employer lists the whole course of payment."""
    employer.menu("支付信息归集")
    employer.press("新增支付计划")
    employer.pick("合同", number)
    employer.sees("施工单位：")
    employer.press("按惯例生成")
    employer.sees(re.compile(r"已按惯例生成 \d+ 个节点"))
    standing = employer.page.locator("[data-sum-standing]")
    expect(standing).to_have_text(re.compile("已平"))


def hand_in(employer: Person) -> None:
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待施工单位确认")


def miss_a_fen(employer: Person) -> None:
    """A fen less is told, not taken; the shares make it good again."""
    standing = employer.page.locator("[data-sum-standing]")
    first = cell(employer, 1, "amount")
    kept = first.input_value()
    first.fill(str(Decimal(kept) - Decimal("0.000001")))
    first.blur()
    expect(standing).to_have_text(re.compile(r"差 0\.01 元"))
    employer.press("提交")
    employer.agree()
    assert employer.problems() == ["各节点金额合计比合同价款差0.01元，请核对后修改"]
    expect(cell(employer, 1, "share")).to_have_value("10.00%")
    employer.press("按比例分配")
    expect(standing).to_have_text(re.compile("已平"))


def test_a_price_is_planned_paid_received_and_taken_back(people: People) -> None:
    employer, contractor = people("employer"), people("contractor")
    number = "支付故事-01"
    project = enter_contract(employer, number)
    state_plan(employer, number)
    miss_a_fen(employer)
    hand_in(employer)

    contractor.page.set_viewport_size({"width": 390, "height": 844})
    contractor.work_on(project, "待施工单位确认")
    expect(contractor.page.locator("#nodes tbody tr").first).to_be_visible()
    contractor.press("同意")
    contractor.agree()
    contractor.sees_tag("施工单位已同意")

    open_plan(employer, number)
    advance(employer).get_by_role("link", name="登记付款").click()
    employer.sees("计划 500.00 万元")
    assert employer.box("付款金额(万元)").input_value() == "500"
    employer.fill("付款日期", f"{today() - timedelta(days=80)}")
    employer.press("登记付款")
    assert employer.problems() == ["请上传支付凭证"]
    employer.upload("支付凭证", paper("回单.pdf"))
    employer.press("登记付款")
    employer.agree()
    employer.sees_tag("已登记")

    open_plan(contractor, number)
    advance(contractor).get_by_role("link", name="归集收款信息").click()
    contractor.fill("收款日期", f"{today() - timedelta(days=79)}")
    contractor.fill("收款金额(万元)", "480")
    contractor.press("确认收款")
    contractor.agree()
    contractor.sees_tag("已确认")
    contractor.sees("尚未上传收款凭证或结算文件")
    contractor.press("补充凭证")
    contractor.upload("补充的收款凭证或结算文件", paper("收款回单.pdf"))
    contractor.press("补充凭证")
    contractor.sees_tag("已确认")
    expect(contractor.page.locator("#findings")).to_have_count(0)

    for person in (employer, contractor):
        open_plan(person, number)
        person.sees("建设单位登记已付 500.00 万元，施工单位确认已收 480.00 万元，相差 20.00 万元")
        assert (standing_of(person, "建设单位已付"), standing_of(person, "已确认收款")) == ("500.00", "480.00")
        expect(person.page.locator("[data-drawn]")).to_have_count(1)
        expect(person.page.locator("#picture tbody tr").filter(has_text="今天")).to_contain_text("480.00")
    contractor.page.set_viewport_size({"width": 1440, "height": 900})

    contractor.page.locator("#entries tbody tr").filter(has_text="收款").get_by_role("link", name="查看").click()
    contractor.press("冲正")
    contractor.fill("冲正原因", "银行退票")
    contractor.press("冲正")
    contractor.sees_tag("已冲正")
    open_plan(employer, number)
    assert standing_of(employer, "已确认收款") == "0.00"
    expect(employer.page.locator("#entries tbody tr").filter(has_text="收款")).to_have_count(2)


def test_one_node_is_postponed_and_a_new_version_waits_for_consent(people: People) -> None:
    employer, contractor = people("employer"), people("contractor")
    number = "支付故事-02"
    project = enter_contract(employer, number)
    state_plan(employer, number)
    hand_in(employer)
    contractor.work_on(project, "待施工单位确认")
    contractor.press("同意")
    contractor.agree()
    contractor.sees_tag("施工单位已同意")

    open_plan(employer, number)
    node = employer.page.locator("#nodes tbody tr").filter(has_text="进度款").last
    planned = node.locator("td.is-date").inner_text().strip()
    node.get_by_role("link", name="申请延期").click()
    employer.fill("延期后日期", planned)
    employer.fill("延期原因", "台风停工")
    employer.upload("依据文件", paper("停工令.pdf"))
    employer.press("提交")
    assert employer.problems() == [f"延期后日期应晚于原计划支付日期{planned}，请修改"]
    later = f"{today() + timedelta(days=480)}"
    employer.fill("延期后日期", later)
    employer.press("提交")
    employer.sees_tag("待施工单位同意")

    contractor.work_on(project, "待施工单位同意")
    contractor.press("同意延期")
    contractor.agree()
    contractor.sees_tag("已同意")
    open_plan(employer, number)
    employer.sees(f"原定 {planned}")

    employer.press("编制新版")
    employer.agree()
    employer.fill("变更原因", "质保金支付条件调整")
    condition = employer.page.locator("[data-row]").last.locator("td[data-column=condition] input")
    condition.fill("缺陷责任期满且无质量争议")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待施工单位确认")
    contractor.work_on(project, "待施工单位确认")
    contractor.press("退回修改")
    contractor.fill("修改意见", "请保留原支付条件")
    contractor.press("退回修改")
    contractor.sees_tag("退回修改")
    employer.work_on(project, "退回修改")
    employer.sees("请保留原支付条件")
    employer.press("撤回")
    employer.fill("原因", "维持原计划")
    employer.press("撤回")
    employer.sees_tag("已撤回")
