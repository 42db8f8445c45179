"""手册 2.2.1.4 我的担保-政府财政投资, and the cover of a contract that it closes, by the manual's labels."""

import re
from pathlib import Path

import openpyxl
from playwright.sync_api import expect

from tests.stories.hands import People, Person, paper

COLUMNS = [
    "序号",
    "建设单位",
    "建设单位负责人",
    "施工单位",
    "施工单位负责人",
    "工程名称",
    "是否备案",
    "批准单位",
    "批准时间",
    "操作",
]
OFFICE = "海口市住房和城乡建设局"


def open_uncovered_contract(person: Person) -> str:
    """合同 → 担保情况 = 无担保 → the first; gives its number."""
    person.menu("合同")
    person.page.get_by_role("button", name="展开").click()
    person.choose("担保情况", "无担保")
    person.press("查询")
    person.page.locator("tbody").get_by_role("link", name="查看").first.click()
    return person.fact("合同编号")


def open_record(person: Person, project: str, filed: str) -> None:
    """我的担保 → 政府财政投资, found by the manual's filters."""
    open_list(person)
    person.fill("工程名称", project)
    person.page.get_by_role("button", name="展开").click()
    person.choose("是否备案", filed)
    person.press("查询")
    person.row(project).first.get_by_role("link", name="查看").click()


def open_list(person: Person) -> None:
    """我的担保 → 政府财政投资."""
    person.menu("我的担保")
    person.page.get_by_role("navigation", name="担保模式").get_by_role("link", name="政府财政投资").click()


def shows(person: Person, summary: str) -> None:
    """The bar of the contract's cover says so."""
    expect(person.page.get_by_role("img", name=re.compile(summary))).to_be_visible()


def file(regulator: Person, project: str) -> None:
    """The regulator files what was handed in."""
    regulator.work_on(project, "待备案")
    regulator.press("备案")
    assert regulator.box("批准单位").input_value() == OFFICE
    regulator.press("备案")
    regulator.sees_tag("已备案")


def test_budget_money_is_filed_changed_and_counts_as_cover(people: People) -> None:
    employer = people("employer")
    contract_no = open_uncovered_contract(employer)
    project, contract = employer.fact("工程名称"), employer.page.url
    shows(employer, "担保合计 0.00 万元.+还差")
    employer.sees(re.compile("再办理不少于.+万元的保函、共管资金或使用预售资金，或增加不低于合同金额10%的政府财政投资"))
    employer.press("申请担保")
    modes = employer.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile("^政府财政投资")).click()
    expect(employer.box("项目名称")).to_have_value(re.compile(re.escape(project)))
    assert employer.box("合同编号").input_value() == contract_no
    employer.fill("政府财政投资比例(%)", "101")
    employer.pick("批准单位", OFFICE)
    employer.fill("批准时间", "2024-05-06")
    employer.press("提交")
    assert employer.problems() == ["请上传附件"]
    employer.upload("附件", paper("财政预算批复.pdf"))
    employer.press("提交")
    employer.agree()
    employer.sees("提交失败，请检查以下内容")
    employer.fill("政府财政投资比例(%)", "80")
    employer.sees(re.compile("合同金额 .+ 万元 × 80.00% = 财政预算资金 .+ 万元"))
    price = float(employer.box("工程担保合同金额(万元)").input_value().replace(",", ""))
    expect(employer.box("财政预算资金(万元)")).to_have_value(re.compile(rf"^{price * 0.8:g}$"))
    employer.press("保存")
    employer.sees_tag("草稿")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待备案")
    employer.sees("本业务备案后计入该合同的担保，目前未计入")
    regulator = people("regulator-haikou")
    file(regulator, project)
    employer.page.goto(contract)
    shows(employer, "达到最低担保金额")

    open_record(employer, project, "是")
    expect(employer.page.get_by_role("link", name="编辑", exact=True)).to_have_count(0)
    employer.press("变更")
    employer.agree()
    employer.sees("备案后原记录失效")
    employer.fill("政府财政投资比例(%)", "5")
    employer.sees("须以其他担保模式补足")
    employer.upload("附件", paper("调整批复.pdf"))
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待备案")
    file(regulator, project)
    open_record(employer, project, "否")
    employer.sees_tag("已变更")
    employer.sees("本记录已由变更业务")
    employer.page.goto(contract)
    shows(employer, "还差")
    employer.sees("担保不足")


def test_the_list_has_the_manuals_columns_and_filters(people: People) -> None:
    regulator = people("regulator-haikou")
    open_list(regulator)
    expect(regulator.page.locator("thead th")).to_have_text([*COLUMNS[:-1], "提示", COLUMNS[-1]])
    employer = people("employer")
    open_list(employer)
    expect(employer.page.locator("thead th")).to_have_text(COLUMNS)
    row = employer.page.locator("tbody tr").filter(has_text=re.compile(r"\s是\s")).first.locator("td").all_inner_texts()
    found = dict(zip(COLUMNS, row, strict=True))
    employer.page.get_by_role("button", name="展开").click()
    for label, column in (("建设单位名称", "建设单位"), ("施工单位名称", "施工单位"), ("工程名称", "工程名称")):
        employer.fill(label, found[column])
    employer.choose("是否备案", "是")
    employer.fill("批准时间起", found["批准时间"])
    employer.fill("批准时间止", found["批准时间"])
    employer.press("查询")
    expect(employer.page.get_by_role("cell", name="否", exact=True)).to_have_count(0)
    expect(employer.row(found["工程名称"]).first).to_contain_text(found["批准时间"])
    employer.choose("是否备案", "否")
    employer.press("查询")
    expect(employer.page.get_by_role("cell", name="是", exact=True)).to_have_count(0)


def test_whoever_uses_budget_money_is_led_to_its_record(people: People) -> None:
    employer = people("employer")
    contract_no = open_uncovered_contract(employer)
    employer.press("申请担保")
    modes = employer.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile("^保函模式")).click()
    employer.choose("是否使用财政预算资金", "是")
    employer.press("保存")
    employer.sees("本合同使用财政预算资金，尚未归集政府财政投资证明材料")
    employer.press("新增政府财政投资")
    expect(employer.page).to_have_title(re.compile("新增工程担保政府财政投资业务"))
    assert employer.box("合同编号").input_value() == contract_no


def test_a_regulator_finds_and_exports_permitted_projects_without_cover(people: People, tmp_path: Path) -> None:
    regulator = people("regulator")
    regulator.page.get_by_role("link", name=re.compile("^未足额担保工程")).click()
    regulator.choose("担保情况", "无担保")
    regulator.press("查询")
    count = int(re.findall(r"共 (\d+) 条", regulator.page.locator("main").inner_text())[0])
    book = openpyxl.load_workbook(regulator.download("导出", tmp_path)).active
    assert book is not None
    heads, *rows = [[cell for cell in row] for row in book.iter_rows(values_only=True)]
    place, gap = heads.index("担保情况"), heads.index("担保缺口(万元)")
    assert len(rows) == count > 0
    assert all(row[place] == "无担保" and row[gap] for row in rows)
