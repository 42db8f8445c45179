"""手册 2.2.4 申请代偿索赔: from 申请保证执行 to 理赔结果, for a letter of each kind, by the manual's own labels."""

import re
from decimal import Decimal

from playwright.sync_api import expect

from tests.stories.hands import People, Person, paper

COMPANY, BANK, INSURER = "测试担保公司", "海南银行股份有限公司", "人保"
CONTRACTOR = "海南椰城建工集团有限公司"
FILLED = (
    "担保类型",
    "保单编号",
    "担保开始日期",
    "担保结束日期",
    "保证人",
    "申请人",
    "申请人统一信息代码",
    "受益人",
    "受益人统一信用代码",
    "保额(万元)",
)
RESULT = ("理赔结果", "赔付金额(万元)", "备注说明")


def letter_of(contractor: Person, guarantor: str) -> str:
    """A letter of this guarantor on which the demo's contractor claims node by node; one node is left."""
    contractor.page.goto(f"/claims/list/?guarantor_name={guarantor}")
    return contractor.page.locator("td[data-label=保函编号]").first.inner_text()


def begin(contractor: Person, letter_no: str) -> None:
    """申请保证执行, the letter chosen: 保函信息 and the unpaid node are filled in."""
    contractor.menu("申请代偿索赔")
    contractor.press("申请保证执行")
    contractor.pick("保函编号", letter_no)
    expect(contractor.box("保单编号")).not_to_have_value("")


def fill(contractor: Person) -> Decimal:
    """申请理赔信息 and its proof; gives 索赔金额 in 万元."""
    contractor.fill("申请理赔人联系电话", "13900000217")
    contractor.fill("开户银行", "建设银行海口支行")
    contractor.fill("收款账号", "46001002537050000617")
    contractor.upload("1、理赔证明文件", paper("过程结算书.pdf"), paper("催款函及送达回执.pdf"))
    return Decimal(contractor.box("索赔金额(万元)").input_value().replace(",", ""))


def hand_in(contractor: Person) -> str:
    """提交; gives 索赔编号."""
    contractor.press("提交")
    contractor.agree()
    contractor.sees_tag("审查中")
    return contractor.page.locator(".show-number b").inner_text()


def open_claim(person: Person, number: str) -> None:
    """Find the claim by its number, and look at it."""
    has_desk = person.page.locator('a[href="/claim-desk/list/"]').count()
    person.page.goto(f"/{'claim-desk' if has_desk else 'claims'}/list/?claim_no={number}")
    person.row(number).get_by_role("link", name="查看").click()
    expect(person.page.locator(".show-number b")).to_have_text(number)


def agree_to_pay(clerk: Person, reviewer: Person, number: str, payout: Decimal, remark: str = "") -> None:
    """经办 decides, 复核 approves, 经办 pays."""
    open_claim(clerk, number)
    clerk.press("同意赔付并提交复核")
    clerk.fill("赔付金额(万元)", f"{payout:f}")
    clerk.fill("备注说明", remark)
    clerk.press("同意赔付并提交复核")
    clerk.sees_tag("待复核")
    open_claim(reviewer, number)
    reviewer.press("复核通过")
    reviewer.agree()
    reviewer.sees_tag("待赔付")
    open_claim(clerk, number)
    clerk.press("登记赔付")
    clerk.upload("银行付款回单", paper("银行付款回单.pdf"))
    clerk.press("登记赔付")
    clerk.sees_tag("待确认到账")


def test_a_contractor_claims_on_a_dependent_letter_and_reads_its_result(people: People) -> None:
    contractor = people("contractor2")
    begin(contractor, letter_of(contractor, COMPANY))
    for label in FILLED:
        assert contractor.box(label).input_value(), f"{label} was not filled in"
    assert contractor.box("受益人").input_value() == CONTRACTOR
    assert contractor.box("收款户名").input_value() == CONTRACTOR
    expect(contractor.box("理赔原因")).to_have_value(re.compile("^建设单位未按合同约定支付工程款。.+尚欠.+万元"))
    aside = contractor.page.locator("[data-aside]")
    expect(aside).to_contain_text("未上传理赔证明文件")
    contractor.press("提交")
    contractor.agree()
    told = contractor.problems()
    assert "请上传理赔证明文件" in told
    assert "请输入申请理赔人联系电话" in told
    assert contractor.box("保单编号").input_value()
    claimed = fill(contractor)
    expect(aside).to_contain_text("理赔证明文件已上传")
    expect(aside.locator(".tag")).to_have_count(0)
    most = contractor.page.locator(".cap-result b")
    expect(most).to_have_text(re.compile(rf"^{claimed:,f}0*$"))
    with contractor.page.expect_popup() as opened:
        contractor.press("预览索赔书")
    opened.value.close()
    number = hand_in(contractor)
    agree_to_pay(people("guarantor3"), people("guarantor3-issuer"), number, Decimal(50), "按结算金额赔付")
    read_the_result(contractor, number, claimed)


def read_the_result(contractor: Person, number: str, claimed: Decimal) -> None:
    """S14 on a phone: the result first, then what was asked; the money has come."""
    contractor.page.set_viewport_size({"width": 390, "height": 844})
    open_claim(contractor, number)
    expect(contractor.page.locator(".show-main h2").first).to_have_text("理赔结果")
    assert [contractor.fact(label, "理赔结果") for label in RESULT] == ["部分通过", "50.00", "按结算金额赔付"]
    assert contractor.fact("申请理赔人姓名") == "符志强"
    assert Decimal(contractor.fact("索赔金额(万元)").replace(",", "")) == claimed
    contractor.sees("银行付款回单.pdf")
    contractor.press("确认到账")
    contractor.agree()
    contractor.sees_tag("已赔付")
    assert contractor.page.evaluate("document.documentElement.scrollWidth") == 390
    contractor.press("返回")
    expect(contractor.heading("申请代偿数据（保证执行）")).to_be_attached()
    contractor.page.set_viewport_size({"width": 1440, "height": 900})


def test_papers_of_an_independent_letter_are_refused_mended_and_paid(people: People) -> None:
    contractor, clerk, reviewer = people("contractor"), people("guarantor"), people("guarantor-issuer")
    begin(contractor, letter_of(contractor, BANK))
    claimed = fill(contractor)
    number = hand_in(contractor)
    open_claim(clerk, number)
    clerk.press("不予赔付")
    clerk.fill("不符点或理由", "违约声明未签字")
    clerk.choose("单据处置", "留存")
    clerk.press("不予赔付")
    clerk.sees_tag("待复核")
    open_claim(contractor, number)
    expect(contractor.heading("理赔结果")).to_have_count(0)
    open_claim(reviewer, number)
    reviewer.press("复核并发出拒赔通知")
    reviewer.agree()
    reviewer.sees_tag("不予赔付")
    open_claim(contractor, number)
    assert contractor.fact("理赔结果", "理赔结果") == "不予赔付"
    contractor.sees("违约声明未签字")
    contractor.press("更正后重新提交")
    contractor.press("更正后重新提交")
    assert contractor.problems() == ["请上传补充材料"]
    contractor.upload("补充材料", paper("违约声明（已签字）.pdf"))
    contractor.press("更正后重新提交")
    contractor.sees_tag("审查中")
    agree_to_pay(clerk, reviewer, number, claimed)
    open_claim(contractor, number)
    assert contractor.fact("理赔结果", "理赔结果") == "通过"
    contractor.press("确认到账")
    contractor.agree()
    contractor.sees_tag("已赔付")


def test_an_insurer_asks_for_papers_once_and_proves_its_payment(people: People) -> None:
    contractor, clerk, reviewer = people("contractor"), people("guarantor2"), people("guarantor2-issuer")
    begin(contractor, letter_of(contractor, INSURER))
    fill(contractor)
    number = hand_in(contractor)
    open_claim(clerk, number)
    clerk.press("通知补充材料")
    clerk.fill("需要补充的全部材料", "请补充付款申请送达记录")
    clerk.press("通知补充材料")
    clerk.sees_tag("待补充材料")
    open_claim(contractor, number)
    contractor.sees("请补充付款申请送达记录")
    contractor.press("补充材料")
    contractor.upload("补充材料", paper("付款申请送达记录.pdf"))
    contractor.press("补充材料")
    contractor.sees_tag("审查中")
    agree_to_pay(clerk, reviewer, number, Decimal(10), "可以确定的数额先予支付")
    open_claim(contractor, number)
    contractor.press("未到账")
    contractor.page.get_by_label(re.compile("原因|说明|理由")).first.fill("账户尚未收到款项")
    contractor.press("未到账")
    contractor.sees_tag("未到账")
    open_claim(clerk, number)
    clerk.press("补充付款凭证")
    clerk.upload("银行付款回单", paper("回单.pdf"))
    clerk.fill("付款情况说明", "已重新汇出，回单见附件")
    clerk.press("补充付款凭证")
    clerk.sees_tag("待确认到账")
    open_claim(contractor, number)
    contractor.press("确认到账")
    contractor.agree()
    contractor.sees_tag("已赔付")
    assert contractor.fact("赔付金额(万元)", "理赔结果") == "10.00"
