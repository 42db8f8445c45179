"""A block from Excel in rows that choose a contract: what fits is found by its name, what does not is told."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.stories.hands import People, Person
from tests.stories.test_rows_story import PASTE, cell

CONTRACT, AMOUNT, ROW_CONTRACT = "合同", "分得金额(万元)", "division.contract_id"


def contracts(person: Person) -> dict[str, str]:
    """The contracts that a row may choose: project's name by 合同编号."""
    rows = person.page.request.get(f"/escrows/pick/{ROW_CONTRACT}").json()["rows"]
    return {row["cells"][3]: row["label"] for row in rows}


def told(page: Page) -> Locator:
    """What is said over the rows."""
    return page.locator("[data-rows=division] [data-rows-said]")


def paste(page: Page, label: str, text: str) -> None:
    """Ctrl+V in the first row's box of that column."""
    cell(page, 1, label).focus()
    page.evaluate(PASTE, text)


def amounts(page: Page) -> list[str]:
    """The amounts that stand in the rows."""
    return [box.input_value() for box in page.locator("[data-rows=division] td[data-column=amount] .box").all()]


@pytest.fixture
def employer(people: People) -> Person:
    """A person at the form of an agreement whose balance is divided."""
    person = people("employer")
    person.page.goto("/escrows/add")
    return person


def test_a_pasted_contract_is_found_by_its_number_or_its_name_and_kept(employer: Person) -> None:
    page, own = employer.page, contracts(employer)
    (first, name), (second, other), *_rest = own.items()
    unique = [label for label in own.values() if [*own.values()].count(label) == 1][-1]
    paste(page, CONTRACT, f"合同编号\t分得金额\n{first}\t100\n{second}\t50\n{unique}\t25\n")
    expect(told(page).locator(".note.success")).to_contain_text("已粘贴 3 行。")
    assert [cell(page, row, CONTRACT).input_value() for row in (1, 2, 3)] == [name, other, unique]
    assert amounts(page) == ["100", "50", "25"]
    page.get_by_role("button", name="撤销粘贴").click()
    assert [cell(page, 1, CONTRACT).input_value(), *amounts(page)] == ["", ""]
    paste(page, CONTRACT, second)
    expect(cell(page, 1, CONTRACT)).to_have_value(other)
    page.get_by_role("button", name="保存", exact=True).click()
    employer.sees_tag("草稿")
    expect(page.get_by_role("region", name="余额分配表格").locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("region", name="余额分配表格")).to_contain_text(second)


def test_what_a_paste_could_not_take_is_told_at_its_field_and_over_the_rows(employer: Person) -> None:
    page, (number, *_rest) = employer.page, contracts(employer)
    paste(page, CONTRACT, f"{number}\t100\t备注一\nXX-404\t50\n")
    note = told(page).locator(".note.warning")
    expect(note).to_contain_text("已粘贴 2 行。有 2 处未能填入")
    assert note.locator("li").all_inner_texts() == [
        "第 1 行：“备注一”超出表格的最后一列，未填入",
        "第 2 行：合同“XX-404”不是可选项，请选择",
    ]
    expect(told(page).locator(".note.success")).to_have_count(0)
    field = page.locator("[data-rows=division] tr").nth(2).locator("td[data-column=contract_id]")
    expect(field).to_contain_text("合同“XX-404”不是可选项，请选择")
    assert cell(page, 2, CONTRACT).input_value() == ""
    assert amounts(page) == ["100", "50"]
    page.locator("[data-rows=division]").get_by_role("button", name="选择合同").nth(1).click()
    dialog = page.get_by_role("dialog", name="选择合同")
    dialog.get_by_role("row").filter(has_text=number).get_by_role("radio").check()
    employer.press("确定", dialog)
    expect(field.locator(".field-error")).to_have_count(0)


def test_a_lookup_that_fails_is_told_and_leaves_no_green(employer: Person) -> None:
    page = employer.page
    page.route(re.compile(r"named="), lambda route: route.fulfill(status=404))
    paste(page, CONTRACT, "XX-1\t100")
    expect(told(page).locator(".note.warning")).to_contain_text("第 1 行：合同“XX-1”查找失败，请重新粘贴或选择")
