"""The form with rows: named parts by keyboard alone, pasted from Excel, and on a phone (ui.md part G)."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.stories.hands import People, Person, paper
from tests.stories.test_fiscal_story import open_uncovered_contract
from tests.stories.walk import NARROW

PASTE = """text => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  const given = { clipboardData: data, bubbles: true, cancelable: true };
  document.activeElement.dispatchEvent(new ClipboardEvent('paste', given));
}"""
MODE, AMOUNT, BY_ON = "担保方式", "金额(万元)", "办理期限"
DAY = "2027-03-01"


def open_application(person: Person) -> str:
    """The application for a letter on a contract without cover, filled in but for its amount; the contract's page."""
    open_uncovered_contract(person)
    contract = person.page.url
    person.press("申请担保")
    modes = person.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile("^保函模式")).click()
    person.choose("担保类型", "银行工程款支付保函")
    person.pick("担保机构", "银行")
    person.fill("完工日期", "2029-12-31")
    person.upload("施工合同", paper("施工合同.pdf"))
    return contract


def cell(page: Page, row: int, label: str) -> Locator:
    """The box of that column in that row."""
    return page.get_by_label(re.compile(rf"^第 {row} 行 \*?{re.escape(label)}$")).and_(page.locator("input, select"))


def amounts(page: Page) -> list[str]:
    """The amounts that stand in the rows, from the first to the last."""
    return [box.input_value() for box in page.locator("[data-rows=to_follow] td[data-column=amount] .box").all()]


def sum_of(page: Page) -> Locator:
    """The running total in the bar."""
    return page.locator("[data-sum=to_follow]")


def test_parts_are_named_by_keyboard_alone(people: People) -> None:
    employer = people("employer")
    contract = open_application(employer)
    page, keys = employer.page, employer.page.keyboard
    employer.fill("担保金额(万元)", "1")
    expect(sum_of(page)).to_contain_text("差")
    gap = str(sum_of(page).get_attribute("data-target"))
    cell(page, 1, MODE).focus()
    for key in ("ArrowDown", "ArrowDown", "Tab", "9", "Enter"):
        keys.press(key)
    expect(cell(page, 2, MODE)).to_be_focused()
    keys.press("Control+Delete")
    cell(page, 1, AMOUNT).focus()
    keys.press("Control+A")
    for text in ("30", "20", "10.000001"):
        keys.type(text)
        keys.press("Enter")
    assert amounts(page) == ["30", "20", "10.000001", ""]
    expect(sum_of(page)).to_contain_text("60.000001")
    keys.type("4")
    keys.press("Alt+ArrowUp")
    keys.press("Alt+ArrowUp")
    assert amounts(page) == ["30", "4", "20", "10.000001"]
    expect(cell(page, 2, AMOUNT)).to_be_focused()
    keys.press("Control+Delete")
    expect(page.get_by_role("status").filter(has_text="已删除第 2 行")).to_be_visible()
    assert amounts(page) == ["30", "20", "10.000001"]
    page.get_by_role("button", name="撤销", exact=True).focus()
    keys.press("Enter")
    assert amounts(page) == ["30", "4", "20", "10.000001"]
    expect(cell(page, 2, MODE).or_(cell(page, 2, AMOUNT)).and_(page.locator(":focus"))).to_have_count(1)
    for _row in range(3):
        cell(page, 2, AMOUNT).focus()
        keys.press("Control+Delete")
    cell(page, 1, AMOUNT).focus()
    keys.press("Control+A")
    keys.type(f"{float(gap) - 0.000001:.6f}")
    keys.press("Tab")
    expect(sum_of(page)).to_contain_text("差 0.01 元")
    keys.type("2020-01-01")
    page.get_by_role("button", name="提交", exact=True).press("Enter")
    employer.agree()
    employer.sees("提交失败，请检查以下内容")
    employer.sees("第 1 行：办理期限2020-01-01已过，请填写今天或以后的日期")
    page.locator("#problems").get_by_role("link", name=re.compile("^第 1 行：办理期限")).press("Enter")
    expect(cell(page, 1, BY_ON)).to_be_focused()
    keys.press("Control+A")
    keys.type(DAY)
    cell(page, 1, AMOUNT).focus()
    keys.press("Control+A")
    keys.type(gap)
    expect(sum_of(page)).to_contain_text("已达到")
    page.get_by_role("button", name="提交", exact=True).press("Enter")
    employer.agree()
    employer.sees_tag("待审核")
    employer.sees(f"由后续担保补足：共管资金 {float(gap):,.6f}".rstrip("0").rstrip("."))
    expect(page.get_by_role("region", name="后续担保表格").get_by_role("cell", name=DAY)).to_be_visible()
    page.goto(contract)
    employer.sees("无担保")


def test_a_block_from_excel_fills_the_rows_and_can_be_taken_back(people: People) -> None:
    employer = people("employer")
    open_application(employer)
    page = employer.page
    cell(page, 1, AMOUNT).fill("7")
    cell(page, 1, MODE).focus()
    page.evaluate(
        PASTE, f"担保方式\t金额\t办理期限\r\n共管资金\t1,613.00\t{DAY}\r\n不是可选项\t20\t2027/4/1\r\n保函\t30\t\r\n"
    )
    told = page.locator("[data-rows=to_follow] .note.warning")
    expect(told).to_contain_text("已粘贴 3 行。有 1 处未能填入，请按下列提示补填：")
    expect(told.locator("li")).to_have_text("第 2 行：担保方式“不是可选项”不是可选项，请选择")
    expect(page.locator("[data-rows=to_follow] td.is-select .field-error")).to_have_count(1)
    assert amounts(page) == ["1,613.00", "20", "30"]
    assert [cell(page, row, MODE).input_value() for row in (1, 2, 3)] == ["escrow", "", "letter"]
    expect(cell(page, 1, MODE)).to_be_focused()
    page.get_by_role("button", name="撤销粘贴").click()
    assert amounts(page) == ["7"]
    page.evaluate(PASTE, "\n".join(["保函\t1"] * 25))
    expect(told).to_contain_text("已粘贴 20 行。")
    expect(told).to_contain_text("超出 20 行的 5 行未粘贴。")
    page.get_by_role("button", name="添加后续担保").click()
    employer.sees("最多填写 20 行，不能再添加，请合并后填写。")
    page.get_by_role("button", name="保存", exact=True).click()
    employer.sees_tag("草稿")
    expect(page.get_by_role("region", name="后续担保表格").locator("tbody tr")).to_have_count(20)


def test_everything_that_is_wrong_in_the_rows_is_told_at_once(people: People) -> None:
    employer = people("employer")
    open_application(employer)
    page = employer.page
    employer.fill("担保金额(万元)", "1")
    cell(page, 1, AMOUNT).fill("20万")
    cell(page, 1, BY_ON).fill("2020-01-01")
    page.get_by_role("button", name="添加后续担保").click()
    cell(page, 2, MODE).select_option("共管资金")
    cell(page, 2, AMOUNT).fill("5")
    employer.press("提交")
    employer.agree()
    expect(page.locator("#problems")).to_be_visible()
    told = employer.problems()
    assert {
        "第 1 行：请选择担保方式",
        "第 1 行：金额以万元为单位，请只填写数字：“20万”应填20",
        "第 1 行：办理期限2020-01-01已过，请填写今天或以后的日期",
        "第 2 行：请选择办理期限",
    } <= set(told)
    assert any("在“拟分项提供的担保”中填写后续担保补足差额" in line and "还差" in line for line in told)


def test_on_a_phone_rows_are_cards_of_which_one_is_open(people: People) -> None:
    employer = people("employer")
    open_application(employer)
    page = employer.page
    page.set_viewport_size(NARROW)
    cell(page, 1, MODE).select_option("共管资金")
    cell(page, 1, AMOUNT).fill("八十")
    page.get_by_role("button", name="添加后续担保").click()
    expect(cell(page, 2, MODE)).to_be_focused()
    expect(cell(page, 1, AMOUNT)).to_be_hidden()
    expect(page.locator("[data-row-open]").first).to_contain_text("1 共管资金")
    cell(page, 2, AMOUNT).fill("20")
    page.locator("[data-row=n1] input[type=file]:not([capture])").set_input_files(paper("承诺函.pdf"))
    page.get_by_role("button", name="保存", exact=True).click()
    employer.sees("提交失败，请检查以下内容")
    expect(cell(page, 1, AMOUNT)).to_have_value("八十")
    page.locator("[data-row-open]").nth(1).click()
    expect(cell(page, 1, AMOUNT)).to_be_hidden()
    expect(page.locator("[data-row-open]").first).to_contain_text("不是有效的金额")
    expect(page.locator("[data-row=n1]")).to_contain_text("承诺函.pdf")
    page.locator("#problems").get_by_role("link").first.click()
    expect(cell(page, 1, AMOUNT)).to_be_focused()
    cell(page, 1, AMOUNT).fill("80")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="保存", exact=True).click()
    employer.sees_tag("草稿")
    employer.sees("承诺函.pdf")
