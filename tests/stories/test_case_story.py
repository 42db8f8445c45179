"""督办和通报: an alert is given out, investigated, ordered to be mended, answered on a phone and closed."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from app.core.clock import today
from tests.stories.hands import People, Person, paper

PHONE = {"width": 390, "height": 844}
OFFICE = "许丽华"
COMPANY_WORD = "海口江东新区"


def give_out(office: Person) -> str:
    """The first alert of the company that nobody has is given to the officer; gives the number of its case."""
    office.page.goto(f"/alerts/list/?company={COMPANY_WORD}&handling=free")
    office.page.locator("tbody tr").first.get_by_role("link", name="派发").click()
    office.press("派发")
    assert office.problems() == ["请选择经办人"]
    office.pick("经办人", OFFICE)
    office.fill("派发说明", "内部：请于本周内核查")
    office.press("派发")
    office.sees_tag("待签收")
    return office.page.locator(".show-number b").inner_text()


def investigate(office: Person) -> None:
    """签收, 核查, 责令改正."""
    office.press("签收")
    office.agree()
    office.sees_tag("调查中")
    office.press("填写核查情况")
    office.fill("核查情况", "内部：经核查属实")
    office.press("填写核查情况")
    office.sees_tag("已查明")
    office.press("责令改正")
    office.fill("改正要求", "请于期限前办理足额担保")
    office.fill("改正期限", f"{today() + timedelta(days=1)}")
    office.press("送达")
    assert re.match(r"改正期限应在.*之间，请修改", office.problems()[0])
    office.fill("改正期限", f"{today() + timedelta(days=20)}")
    office.press("送达")
    office.sees_tag("待答复")
    office.sees("《保障农民工工资支付条例》 第五十七条")


def answer(company: Person, number: str) -> None:
    """The company finds the order on its phone and answers with a paper."""
    company.page.set_viewport_size(PHONE)
    company.page.goto(f"/orders/list/?case_no={number}")
    company.page.get_by_role("link", name="查看").first.click()
    company.sees("请于期限前办理足额担保")
    expect(company.page.locator("body")).not_to_contain_text("内部：")
    company.press("答复")
    company.fill("答复内容", "担保正在办理，附受理回执")
    company.press("提交答复")
    assert company.problems() == ["请上传答复材料"]
    company.upload("答复材料", paper("受理回执.pdf"))
    company.press("提交答复")
    company.sees_tag("待核查答复")
    assert company.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def close(office: Person, number: str) -> None:
    """While the cause stands the case is closed with reason and end alone; the alert is tolerated then."""
    office.page.goto(f"/cases/list/?case_no={number}")
    office.page.get_by_role("link", name="查看").first.click()
    office.sees("担保正在办理，附受理回执")
    office.sees("结案只能按“容忍”办理")
    office.press("结案")
    office.press("结案")
    assert office.problems() == [
        "仍有 1 项预警未消除，结案即为容忍，请填写容忍理由",
        "仍有 1 项预警未消除，结案即为容忍，请填写容忍截止日",
    ]
    until = today() + timedelta(days=30)
    office.fill("容忍理由", "担保已受理")
    office.fill("容忍截止日", f"{until}")
    office.press("结案")
    office.sees_tag("已结案")
    office.sees(f"容忍至 {until}")
    office.page.locator(".fact").get_by_role("link").first.click()
    office.sees(f"容忍至 {until}")
    expect(office.page.locator("main").get_by_role("link", name="派发")).to_have_count(0)


def test_an_alert_becomes_a_case_is_answered_on_a_phone_and_closed_as_tolerated(people: People) -> None:
    office, company = people("regulator-haikou"), people("employer")
    number = give_out(office)
    investigate(office)
    answer(company, number)
    close(office, number)


def test_two_alerts_of_two_projects_make_no_case_and_it_says_why(people: People) -> None:
    office = people("regulator-haikou")
    office.page.goto("/alerts/list/?handling=free")
    for row in (0, 1):
        office.page.locator("[data-pick]").nth(row).check()
    office.press("合并为一案")
    office.sees(re.compile("不能合并为一案，请"))
    office.page.goto("/alerts/list/?handling=free")
    for row in (0, 1):
        office.page.locator("[data-pick]").nth(row).check()
    office.press("派发")
    office.sees("所选预警 2 项")
    office.pick("经办人", OFFICE)
    office.press("派发")
    office.sees("已派发 2 件，未派发 0 件")


def test_a_circular_tells_the_employers_of_projects_without_cover(people: People) -> None:
    office = people("regulator-haikou")
    office.page.goto("/permits/list/?cover=none&size=100")
    office.page.locator("[data-pick-all]").check()
    office.press("通报")
    office.agree()
    office.sees(re.compile(r"已发出通报TB\d+，共 \d+ 个工程"))
    office.page.locator("tbody tr").first.get_by_role("link", name="查看").click()
    office.sees_tag("待答复")
    office.page.goto("/circulars/list/")
    office.press("公开名单")
    expect(office.heading("未落实工程款支付担保工程名单").first).to_be_visible()
    expect(office.page.locator("#list tbody tr").first).to_contain_text(re.compile("待答复|已答复"))
