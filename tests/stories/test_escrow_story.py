"""手册 2.2.1.3 共管资金, 使用预售资金 and their 月报: signed by every side, reported month by month, released."""

import re
from decimal import Decimal

from playwright.sync_api import Locator, expect

from app.core.clock import today
from models.rules import cnaps
from tests.stories.hands import People, Person, paper

BANK, CONTRACTOR, OFFICE = "海南椰岛商业银行股份有限公司", "上海建工五建集团有限公司", "海口市住房和城乡建设局"
FILLED = {
    "工程信息": ("施工许可证号", "工程所属地区", "工程详细地址", "合同开工日期", "合同竣工日期"),
    "建设单位信息": ("建设单位名称", "建设单位统一社会信用代码", "建设单位信用等级", "法定代表人姓名", "联系电话"),
    "施工单位信息": ("施工单位名称", "施工单位统一社会信用代码", "施工单位信用等级", "法定代表人姓名", "联系电话"),
    "经办银行信息": ("经办银行统一社会信用代码", "联系电话"),
}
UNSTARRED = ("担保合同附件",)
PAPERS = {
    "共管资金": ("担保资金协议", "担保合同附件", "资金共管账户开户证明"),
    "使用预售资金": ("预售资金监管四方协议", "担保合同附件", "预售资金监管账户开户证明"),
}
MONEY = {"共管资金": "共管资金", "使用预售资金": "预售资金"}


def part(person: Person, title: str) -> Locator:
    """The card of this heading."""
    return person.page.locator("section.card").filter(has=person.heading(title))


def start(person: Person, mode: str) -> None:
    """我的担保 → 申请担保 → the mode; project and bank chosen, which fill in what is known."""
    person.menu("我的担保")
    person.press("申请担保")
    modes = person.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile(f"^{mode}")).click()
    person.pick("项目名称", row=CONTRACTOR)
    assert person.pick("经办银行名称", BANK) == BANK
    for title, labels in FILLED.items():
        for label in labels:
            box = part(person, title).get_by_label(re.compile(rf"^\*?{label}$")).first
            assert box.input_value(), f"{title} {label} was not filled in"


def test_a_label_that_stands_twice_is_told_with_its_section(people: People) -> None:
    employer = people("employer")
    employer.page.goto("/escrows/add")
    twice = {f"{side}信息：请输入法定代表人姓名" for side in ("建设单位", "施工单位")}
    employer.press("提交")
    assert twice < set(employer.problems()) and "请选择项目名称" in employer.problems()
    for side in ("建设单位", "施工单位"):
        part(employer, f"{side}信息").get_by_label(re.compile("联系电话$")).fill("12")
    employer.press("保存")
    for side in ("建设单位", "施工单位"):
        expect(employer.page.locator("#problems")).to_contain_text(re.compile(f"{side}信息：联系电话"))


def fill_account(person: Person, mode: str, number: str, *, short_by: int = 0) -> None:
    """The account with its deposit, a tenth of the price or less; in 万元."""
    price = Decimal(person.box("工程担保合同金额(万元)").input_value().replace(",", ""))
    person.fill("经办银行联行号", cnaps.with_check_digit("31364100001"))
    person.fill("担保费率比例(%)", "0.8")
    person.fill("账户名", "海口江东新区基础建设有限公司")
    person.fill("开户号", number)
    fill_deposit(person, mode, f"{price / 10 - short_by:f}")


def fill_deposit(person: Person, mode: str, amount: str) -> None:
    """The money and the days of the agreement."""
    person.fill("存入金额(万元)", amount)
    for label in (f"{MONEY[mode]}存入时间", "协议签订日", "担保生效日期"):
        person.fill(label, f"{today()}")


def upload_papers(person: Person, mode: str) -> None:
    """The three papers that the agreement asks for."""
    for label in PAPERS[mode]:
        person.upload(label, paper(f"{label}.pdf"))


def submit(person: Person) -> str:
    """Hand the application in; gives its number."""
    person.press("提交")
    person.agree()
    person.sees_tag("待施工单位签署")
    return person.fact("申请编号")


def open_account(person: Person, mode: str, state: str, number: str) -> None:
    """我的担保 → the mode's tab → the state's tab → the agreement."""
    person.menu("我的担保")
    person.page.get_by_role("link", name=mode, exact=True).first.click()
    person.page.get_by_role("link", name=re.compile(f"^{state}")).click()
    person.row(number).get_by_role("link", name="查看").click()


def sign_all(people: People, mode: str, number: str, office: str) -> None:
    """Contractor and bank sign, the office files."""
    for name, state, button, after in (
        ("contractor", "待施工单位签署", "签署", "待银行确认"),
        ("bank", "待银行确认", "确认", "待备案"),
        (office, "待备案", "备案", "已备案"),
    ):
        person = people(name)
        open_account(person, mode, state, number)
        person.press(button)
        person.agree()
        person.sees_tag(after)


def test_an_escrow_agreement_is_applied_for_signed_by_three_sides_and_filed(people: People) -> None:
    employer = people("employer")
    start(employer, "共管资金")
    expect(employer.box("担保类型").locator("option:checked")).to_have_text("资金共管")
    fill_account(employer, "共管资金", "8989 0102 7700 0001", short_by=1)
    employer.sees(re.compile("低于最低担保金额.+还差1万元"))
    employer.press("提交")
    assert employer.problems() == [f"请上传{label}" for label in PAPERS["共管资金"] if label not in UNSTARRED]
    upload_papers(employer, "共管资金")
    employer.press("提交")
    employer.agree()
    expect(employer.page.locator("#problems")).to_contain_text("低于最低担保金额")
    fill_account(employer, "共管资金", "8989 0102 7700 0001")
    expect(employer.box("担保比例(%)")).to_have_value("10.00%")
    number = submit(employer)

    sign_all(people, "共管资金", number, "regulator")
    employer.page.reload()
    employer.sees_tag("已备案")
    employer.sees("查看共管资金详情")
    assert employer.fact("开户号") == "8989010277000001" and employer.fact("担保比例(%)") == "10.00%"
    assert employer.fact("首个报送月份") == f"{today():%Y-%m}"
    employer.sees("备案当月结束后开始报送")
    employer.sees("资金共管账户开户证明.pdf")


def test_presale_money_is_secured_by_four_parties(people: People) -> None:
    employer = people("employer")
    start(employer, "使用预售资金")
    fill_account(employer, "使用预售资金", "8989010277000002")
    upload_papers(employer, "使用预售资金")
    employer.press("提交")
    assert employer.problems() == ["请选择预售资金监管机构"]
    employer.pick("预售资金监管机构", OFFICE)
    number = submit(employer)
    sign_all(people, "使用预售资金", number, "regulator-haikou")
    employer.page.reload()
    employer.sees_tag("已备案")
    assert employer.fact("预售资金监管机构") == OFFICE


def late_month(person: Person) -> str:
    """共管资金及使用预售资金 → 有逾期 → the oldest account's late month; gives its number."""
    person.menu("共管资金及使用预售资金")
    person.page.get_by_role("button", name="展开").click()
    person.choose("报送情况", "有逾期")
    person.press("查询")
    row = person.row("逾期").last
    found = re.search(r"\d{18}", row.inner_text())
    assert found is not None
    row.get_by_role("link", name="逾期").first.click()
    return found[0]


def test_a_late_month_is_reported_from_the_calendar_and_confirmed_by_the_bank(people: People) -> None:
    employer = people("employer")
    account_no = late_month(employer)
    month = employer.box("报送月份").input_value()
    opening = Decimal(employer.box("期初余额(元)").input_value())
    employer.fill("本期存入(元)", "10,000")
    employer.fill("本期支出(元)", "25,000.55")
    right = opening - Decimal("15000.55")
    employer.sees(f"期初余额 + 本期存入 - 本期支出 = {right:,.2f} 元")
    employer.fill("期末余额(元)", f"{right + Decimal('0.01'):f}")
    employer.press("提交")
    assert employer.problems() == ["请上传银行对账单"]
    employer.upload("银行对账单", paper("对账单.pdf"))
    employer.fill("报送月份", f"{today():%Y-%m}")
    employer.press("提交")
    employer.agree()
    expect(employer.page.locator("#problems")).to_contain_text("之间的月份")
    employer.fill("报送月份", month)
    employer.press("提交")
    employer.agree()
    expect(employer.page.locator("#problems")).to_contain_text(f"期末余额应为{right:,.2f}元")
    expect(employer.box("期末余额(元)")).to_have_attribute("aria-invalid", "true")
    employer.fill("期末余额(元)", f"{right:,.2f}")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待银行确认")
    employer.sees(re.compile(r"应于\d{4}-\d\d-\d\d前报送，逾期\d+天"))

    bank = people("bank")
    bank.menu("账户月报")
    bank.page.get_by_role("link", name=re.compile("^待银行确认")).click()
    bank.row(account_no).filter(has_text=month).get_by_role("link", name="查看").click()
    assert bank.fact("期末余额(元)", "月报信息") == f"{right:,.2f}"
    bank.press("确认")
    bank.agree()
    bank.sees_tag("已确认")

    regulator = people("regulator")
    regulator.menu("共管资金及使用预售资金")
    row = regulator.row(account_no)
    expect(row).to_contain_text(f"{right:,.2f}")
    row.get_by_role("link", name="查看").click()
    expect(regulator.page.get_by_role("row", name=re.compile(rf"^\d+ {month} 已报"))).to_be_visible()


def some_account(person: Person, *, place: int) -> str:
    """One of the contractor's agreements in force; gives its number."""
    person.menu("我的担保")
    person.page.get_by_role("link", name="共管资金", exact=True).first.click()
    person.page.get_by_role("link", name=re.compile("^已备案")).click()
    row = person.row(CONTRACTOR).nth(place)
    number = row.inner_text().split()[1]
    row.get_by_role("link", name="查看").click()
    return number


def test_an_agreement_is_released_with_three_proofs_and_not_with_two(people: People) -> None:
    employer, contractor = people("employer"), people("contractor")
    number = some_account(employer, place=-1)
    employer.press("解除")
    employer.press("解除")
    assert employer.problems() == ["请上传工程结算完成证明", "请上传工程款结清证明材料"]
    for label in ("工程结算完成证明", "工程款结清证明材料"):
        employer.upload(label, paper(f"{label}.pdf"))
    employer.press("解除")
    assert employer.problems() == ["施工单位尚未在系统中出具工程款结清证明，不能解除"]
    open_account(contractor, "共管资金", "已备案", number)
    contractor.press("出具结清证明")
    contractor.agree()
    contractor.sees_tag("待解除")
    employer.press("解除")
    employer.sees("该业务已被他人办理，请刷新")
    employer.press("解除")
    for label in ("工程结算完成证明", "工程款结清证明材料"):
        employer.upload(label, paper(f"{label}.pdf"))
    employer.press("解除")
    employer.sees_tag("已解除")
    employer.sees("工程款结清证明材料.pdf")
    expect(employer.page.get_by_role("button", name="复工重签")).to_have_count(0)


def test_an_agreement_is_signed_anew_before_work_resumes(people: People) -> None:
    employer = people("employer")
    old = some_account(employer, place=2)
    url = employer.page.url
    employer.press("复工重签")
    employer.agree()
    employer.sees(f"本协议由原协议 {old} 复工重签，备案后原协议终止")
    assert employer.box("开户号").input_value()
    price = Decimal(employer.box("工程担保合同金额(万元)").input_value().replace(",", ""))
    fill_deposit(employer, "共管资金", f"{price / 10:f}")
    upload_papers(employer, "共管资金")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待施工单位签署")
    employer.press("查看原协议")
    employer.sees_tag("已备案")
    assert employer.page.url == url
    expect(employer.page.get_by_role("button", name="复工重签")).to_have_count(0)
    employer.press("查看新协议")
    employer.sees_tag("待施工单位签署")
