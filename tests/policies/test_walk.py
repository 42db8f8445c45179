"""The administrator announces a version in a browser, by the words on the screen, and takes it back."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_version_is_filled_in_previewed_announced_and_withdrawn(enter: Callable[[str], Page]) -> None:
    page = enter("admin")
    page.get_by_role("link", name="政策参数", exact=True).click()
    page.get_by_role("link", name="新增版本").click()
    page.get_by_label("版本号").fill("2031-01")
    page.get_by_label("制定依据").fill("省住建厅通知")
    page.get_by_label("最低担保比例(%)").fill("12")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择施行日期")
    page.get_by_role("textbox", name="施行日期").fill("2031-01-01")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("alert")).to_contain_text("请在各项依据中写明最低担保比例调整后的依据")
    words = page.get_by_label("各项依据")
    _flat, *others = words.input_value().splitlines()
    words.fill("\n".join(["最低担保比例 | 省住建厅通知 | 2030-12-01 | 第一条 | 不低于合同价款的12%", *others]))
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("region", name="参数变化表格")).to_contain_text("12.00%")
    expect(page.get_by_text("份合同下次核验时担保将低于最低担保金额")).to_be_visible()
    page.get_by_label("最低担保比例(%)").fill("13")
    save(page)
    expect(page.get_by_text("在预览后有变动")).to_be_visible()
    expect(page.get_by_role("region", name="参数变化表格")).to_contain_text("13.00%")
    save(page)
    expect(page.get_by_text("保存成功")).to_be_visible()
    expect(page.get_by_text("待施行")).to_be_visible()
    page.get_by_role("button", name="撤回").click()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("已撤回")).to_be_visible()
    expect(page.get_by_text("2031-01", exact=True)).to_have_count(0)


def save(page: Page) -> None:
    """Press 确认保存 and agree."""
    page.get_by_role("button", name="确认保存").click()
    page.get_by_role("button", name="确定").click()
