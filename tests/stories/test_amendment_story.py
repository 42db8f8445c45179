"""手册 2.2.3 申请担保调整: a letter is changed by all of its sides, and the newest one is the one that counts."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from app.core.clock import today
from tests.stories.hands import People, Person, paper
from tests.stories.test_letter_story import issued, open_letter, signature

PAUSED_DAYS = 60
WAITING = "停车楼工程"
"""The demo's work with a raised price that waits for its contractor."""


@contextmanager
def on_a_phone(person: Person) -> Iterator[None]:
    """Inside, the page is as wide as a phone, and nothing stands beside it."""
    person.page.set_viewport_size({"width": 390, "height": 844})
    yield
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    person.page.set_viewport_size({"width": 1440, "height": 900})


def start_change(employer: Person, letter_no: str, kind: str, cause: str) -> None:
    """我的担保 → 变更 → 变更类型."""
    open_letter(employer, letter_no)
    employer.press("变更")
    kinds = employer.page.get_by_role("dialog", name="请选择变更类型")
    expect(kinds).to_contain_text("应在 10 日内更新保函信息")
    kinds.get_by_role("link", name=re.compile(f"^{kind}")).click()
    expect(employer.box("保函编号")).to_have_value(letter_no)
    employer.choose("变更原因", cause)
    employer.upload("依据文件", paper(f"{cause}依据.pdf"))


def submit(employer: Person) -> None:
    """提交, and 确定."""
    employer.press("提交")
    employer.agree()


def open_change(person: Person, number: str) -> None:
    """The change, found by its number."""
    person.menu("申请担保调整")
    person.fill("调整编号", number)
    person.press("查询")
    person.row(number).get_by_role("link", name="查看").click()


def prepare(guarantor: Person, number: str, **chosen: str) -> None:
    """保证人经办: 同意并提交复核."""
    open_change(guarantor, number)
    guarantor.press("同意并提交复核")
    for label, text in chosen.items():
        guarantor.choose(label, text)
    guarantor.pick("签发人")
    guarantor.press("同意并提交复核")
    guarantor.sees_tag("待复核")


def give_out(reviewer: Person, number: str) -> None:
    """保证人复核: 出具变更函."""
    open_change(reviewer, number)
    reviewer.press("出具变更函")
    reviewer.press("出具变更函")
    reviewer.agree()
    reviewer.sees_tag("已变更")


def number_of(person: Person) -> str:
    """The number of the change on the open page."""
    return person.page.locator(".show-number b").inner_text()


def line_of(person: Person, label: str) -> list[str]:
    """One line of 新旧对照: old, new, difference."""
    line = person.page.locator("table.diff").get_by_role("row").filter(has_text=re.compile(f"^\\s*{label}"))
    return [each.strip() for each in line.get_by_role("cell").all_inner_texts()][-3:]


def test_a_letter_rests_while_its_site_stands_still(people: People, tmp_path: Path) -> None:
    employer, guarantor, reviewer = people("employer"), people("guarantor"), people("guarantor-issuer")
    letter_no = issued(people, "HNBH-AMEND-1")
    ends_on = today() + timedelta(days=1200)
    moved = ends_on + timedelta(days=PAUSED_DAYS)

    start_change(employer, letter_no, "暂停", "停工")
    second_tab = employer.page.context.new_page()
    second_tab.goto(employer.page.url)
    employer.fill("暂停截止日期", f"{today() + timedelta(days=PAUSED_DAYS - 1)}")
    submit(employer)
    employer.sees_tag("待施工单位同意")
    employer.sees("停止计算的期限")
    employer.sees("施工单位申请代偿索赔；已受理索赔的办理期限")
    employer.sees(f"同意的顺延 {PAUSED_DAYS} 天至 {moved}，不同意的仍为 {ends_on}")
    number = number_of(employer)
    assert re.fullmatch(rf"BG{today():%Y%m%d}\d{{6}}", number)

    crossing = Person(second_tab)
    crossing.choose("变更原因", "停工")
    crossing.fill("情况说明", "第二个页面填写的说明")
    crossing.upload("依据文件", paper("停工令.pdf"))
    submit(crossing)
    assert crossing.problems() == [f"该保函的变更{number}正在办理，请待其办结或撤回后再提交"]
    expect(crossing.box("情况说明")).to_have_value("第二个页面填写的说明")
    crossing.sees("停工令.pdf")
    second_tab.close()

    open_change(guarantor, number)
    expect(guarantor.page.get_by_role("button", name="同意并提交复核", exact=True)).to_be_disabled()
    expect(guarantor.page.get_by_role("group", name="操作")).to_contain_text("待施工单位同意")
    agree_on_a_phone(people("contractor"), number)
    prepare(guarantor, number, 结束日期顺延="是")
    give_out(reviewer, number)
    assert line_of(reviewer, "担保结束日期") == [f"{ends_on}", f"{moved}", f"+{PAUSED_DAYS} 天"]
    check_paper(reviewer, number, letter_no, tmp_path)

    open_letter(employer, letter_no)
    employer.sees(f"自 {today()} 起暂停")
    assert employer.fact("担保结束日期", "保函信息") == f"{moved}"
    check_verification(employer, tmp_path / f"变更函{number}.pdf", tmp_path)


def agree_on_a_phone(contractor: Person, number: str) -> None:
    """施工单位: 同意."""
    with on_a_phone(contractor):
        contractor.page.goto("/amendments/list/?tab=proposed")
        contractor.row(number).get_by_role("link", name="查看").click()
        contractor.sees("施工单位尚未同意")
        contractor.press("同意")
        contractor.press("同意")
        contractor.sees_tag("待保证人办理")
        assert contractor.fact("意见", "施工单位同意") == "同意变更"


def check_paper(person: Person, number: str, letter_no: str, folder: Path) -> None:
    """The 变更函 is signed as a whole and says what the letter said and says."""
    file = person.download("下载变更函", folder)
    assert file.name == f"变更函{number}.pdf"
    assert "Total document signed" in signature(file)
    said = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    assert letter_no in said and number in said and "变更前" in said and "变更后" in said
    assert "第 2 版" in said and "同意上述变更" in said


def check_verification(employer: Person, newest: Path, folder: Path) -> None:
    """公开查验: the terms that count, and which paper is superseded."""
    first = employer.page.locator("#versions").get_by_role("row").last
    with employer.page.expect_download() as coming:
        first.get_by_role("link", name="下载").click()
    older = folder / "第1版.pdf"
    coming.value.save_as(older)
    with employer.public_page() as page:
        result = page.get_by_role("region", name="查验结果")
        expect(result).to_contain_text("第 2 版，此前各版本的文件已被取代")
        expect(result).to_contain_text("暂停期间受益人仍可索赔")
        page.get_by_label("比对文件").set_input_files(newest)
        expect(page.get_by_role("status").last).to_contain_text("一致：该文件与系统留存的文件相同")
        page.get_by_label("比对文件").set_input_files(older)
        expect(page.get_by_role("status").last).to_contain_text("已被取代")


def test_a_letter_ends_on_the_certificate_of_its_contractor(people: People) -> None:
    contractor, guarantor, reviewer = people("contractor"), people("guarantor3"), people("guarantor3-issuer")
    contractor.page.goto("/amendments/list/?tab=proposed")
    contractor.row("结清").first.get_by_role("link", name="查看").click()
    number, letter_no = number_of(contractor), contractor.fact("保函编号")
    certify(contractor)
    contractor.press("撤销同意")
    contractor.fill("原因", "尚有余款")
    contractor.press("撤销同意")
    contractor.sees_tag("待施工单位同意")
    certify(contractor, refused="请上传新的工程款结清证明，此前已提交的不能代替")
    prepare(guarantor, number)
    give_out(reviewer, number)
    open_change(contractor, number)
    expect(contractor.page.locator("main").get_by_role("link", name="撤销同意")).to_have_count(0)
    contractor.press("查看保函")
    contractor.sees(letter_no)
    contractor.sees("已终止")


def certify(contractor: Person, *, refused: str = "请上传工程款结清证明") -> None:
    """施工单位: 出具结清证明, with its paper, after it was refused without."""
    contractor.press("出具结清证明")
    contractor.press("出具结清证明")
    assert contractor.problems() == [refused]
    contractor.upload("工程款结清证明", paper("工程款结清证明.pdf"))
    contractor.press("出具结清证明")
    contractor.sees_tag("待保证人办理")


def test_a_raised_price_leads_to_the_change_that_it_needs(people: People) -> None:
    employer, contractor = people("employer"), people("contractor")
    contractor.page.goto("/terms/list/?tab=proposed")
    contractor.row(WAITING).first.get_by_role("link", name="查看").click()
    contractor.sees("须取得保证人书面同意")
    contractor.press("确认合同条款")
    contractor.agree()
    contractor.sees_tag("已确认")
    contractor.sees("未经保证人书面同意")

    employer.page.goto(contractor.page.url)
    employer.press("申请增额")
    expect(employer.box("变更类型")).to_have_value("raise")
    expect(employer.box("变更原因")).to_have_value("price")
    letter_no = employer.box("保函编号").input_value()
    open_letter(employer, letter_no)
    employer.sees("保证人对加重的部分不承担保证责任（民法典第六百九十五条）")
    employer.press("申请增额")
    employer.fill("变更后担保金额(万元)", "1")
    employer.upload("依据文件", paper("补充协议.pdf"))
    submit(employer)
    assert any("应大于现行的" in each for each in employer.problems())
    employer.fill("变更后担保金额(万元)", "300")
    submit(employer)
    employer.sees_tag("待保证人办理")
    number = number_of(employer)
    prepare(people("guarantor"), number)
    give_out(people("guarantor-issuer"), number)
    open_letter(employer, letter_no)
    assert employer.fact("保额(万元)", "保函信息") == "300.00"
    expect(employer.page.locator("body")).not_to_contain_text("不承担保证责任")
