"""手册 2.2.1.2 我的担保-保函: from the application to the verified PDF, by the manual's own labels."""

import re
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from app.core.clock import today
from tests.stories.hands import PDF, People, Person, paper

BANK, BANK_PRODUCT = "海南银行股份有限公司", "银行工程款支付保函"
CONTRACTOR = "上海建工五建集团有限公司"
DETAIL = (
    "保函编号",
    "险种",
    "保单编号",
    "担保开始日期",
    "担保结束日期",
    "保证人",
    "申请人",
    "申请人统一社会信用代码",
    "受益人",
    "受益人统一社会信用代码",
    "保费(元)",
    "保额(万元)",
    "业务办结时间(出单时间)",
)
FILLED = (
    "施工许可证号",
    "工程所属地区",
    "工程详细地址",
    "开工日期",
    "完工日期",
    "建设单位名称",
    "建设单位统一社会信用代码",
    "建设单位负责人姓名",
    "建设单位负责人电话",
    "施工单位名称",
    "施工单位统一社会信用代码",
    "施工单位负责人姓名",
    "施工单位负责人电话",
    "工程合同类型",
    "合同编号",
    "工程项目合同金额(万元)",
)


def start_application(person: Person) -> str:
    """我的担保 → 申请担保 → 保函模式, the guarantor and the project chosen; gives the project's name."""
    person.menu("我的担保")
    person.press("申请担保")
    modes = person.page.get_by_role("dialog", name="请选择支付款担保的模式")
    expect(modes).to_contain_text("业务说明：建设单位选择资金共管方式替代工程款支付担保的")
    modes.get_by_role("link", name=re.compile("^保函模式")).click()
    person.choose("担保类型", BANK_PRODUCT)
    assert person.pick("担保机构", BANK) == BANK
    return person.pick("工程名称", row=CONTRACTOR)


def least(person: Person) -> Decimal:
    """A tenth of the contract's price, in 万元."""
    return Decimal(person.box("工程项目合同金额(万元)").input_value().replace(",", "")) / 10


def fill_application(person: Person) -> str:
    """A whole application, not yet saved; gives the project's name."""
    project = start_application(person)
    person.choose("是否使用财政预算资金", "否")
    person.fill("担保金额(万元)", f"{least(person):f}")
    person.upload("施工合同", paper("施工合同（正本）.pdf"))
    return project


def apply(person: Person) -> str:
    """A submitted application; gives its number."""
    fill_application(person)
    person.press("提交")
    person.agree()
    person.sees_tag("待审核")
    return application_number(person)


def application_number(person: Person) -> str:
    """The number of the application on the open page."""
    return person.fact("申请编号")


def open_letter(person: Person, number: str) -> None:
    """Find the letter or the application by its number, and look at it."""
    person.menu("我的担保")
    person.page.get_by_role("button", name="展开").click()
    person.fill("申请编号" if number.startswith("SQ") else "保函编号", number)
    person.press("查询")
    person.row(number).get_by_role("link", name="查看").click()


def prepare(person: Person, number: str, policy_no: str) -> None:
    """保证人经办 accepts the application."""
    open_letter(person, number)
    person.press("审核通过")
    person.fill("保单编号", policy_no)
    person.fill("担保开始日期", f"{today():%Y年%m月%d日}")
    person.fill("担保结束日期", f"{today() + timedelta(days=1200)}")
    person.fill("保费(元)", "１２，５００．５０")  # noqa: RUF001
    person.choose("保函性质", "独立保函（见索即付）")
    person.pick("签发人")
    person.press("审核通过")
    person.sees_tag("待复核")


def issue(person: Person, number: str) -> str:
    """保证人复核 issues the letter; gives its number."""
    open_letter(person, number)
    person.press("出具保函")
    person.press("出具保函")
    person.agree()
    person.sees_tag("待确认")
    return person.fact("保函编号")


def issued(people: People, policy_no: str) -> str:
    """A letter that waits for its contractor; gives its number."""
    number = apply(people("employer"))
    prepare(people("guarantor"), number, policy_no)
    return issue(people("guarantor-issuer"), number)


def test_an_employer_applies_a_guarantor_issues_a_contractor_confirms(people: People, tmp_path: Path) -> None:
    employer = people("employer")
    project = start_application(employer)
    for label in FILLED:
        assert employer.box(label).input_value(), f"{label} was not filled in"
    employer.choose("是否使用财政预算资金", "否")
    employer.fill("担保金额(万元)", f"{least(employer) - 1:f}")
    employer.sees(re.compile("合同价款 .+万元 × 10% = .+万元"))
    employer.sees(re.compile("低于最低担保金额.+还差1万元，请提高担保金额"))
    employer.fill("担保金额(万元)", f"{least(employer):f}")
    employer.sees("担保金额符合最低担保要求")
    expect(employer.box("担保比例(%)")).to_have_value("10.00%")
    employer.upload("施工合同", paper("施工合同（正本）.pdf"))
    employer.press("保存")
    employer.sees_tag("草稿")
    number = application_number(employer)
    employer.press("编辑")
    expect(employer.box("工程名称")).to_have_value(project)
    employer.sees("施工合同（正本）.pdf")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")

    prepare(people("guarantor"), number, "HNBH-STORY-1")
    letter_no = issue(people("guarantor-issuer"), number)
    assert re.fullmatch(rf"10{today():%y%m%d}\d{{6}}", letter_no)

    contractor = people("contractor")
    contractor.work_on(project, "待确认")
    contractor.sees(letter_no)
    contractor.sees(re.compile(r"办理期限 \d{4}-\d\d-\d\d"))
    contractor.press("确认保函")
    contractor.agree()
    contractor.sees_tag("已生效")

    open_letter(employer, letter_no)
    employer.sees("查看保函详情")
    assert all(employer.fact(label, "保函信息") not in ("", "—") for label in DETAIL)
    assert employer.fact("保费(元)") == "12,500.50" and employer.fact("保单编号") == "HNBH-STORY-1"
    assert employer.fact("申请人") == "海口江东新区基础建设有限公司" and employer.fact("受益人") == CONTRACTOR
    employer.sees("施工合同（正本）.pdf")
    check_paper(employer, tmp_path)


def check_paper(person: Person, folder: Path) -> None:
    """The PDF is signed as a whole; the public page knows it, and only it."""
    file = person.download("下载保函", folder)
    assert "Signature is Valid" in signature(file) and "Total document signed" in signature(file)
    forged = folder / "forged.pdf"
    data = bytearray(file.read_bytes())
    place = data.index(b"/Type")
    data[place + 1] ^= 1
    forged.write_bytes(data)
    assert "Signature is Valid" not in signature(forged)
    with person.public_page() as page:
        check_public_page(page, file, forged)


def signature(file: Path) -> str:
    """What poppler says of the signature."""
    return subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False, timeout=60).stdout


def check_public_page(page: Page, file: Path, forged: Path) -> None:
    """有效 with number and code; the comparison happens in the browser."""
    result = page.get_by_role("region", name="查验结果")
    expect(result).to_contain_text("有效")
    expect(result).not_to_contain_text("12,500.50")
    page.get_by_label("比对文件").set_input_files(file)
    expect(page.get_by_role("status").last).to_contain_text("一致：该文件与系统留存的文件相同")
    page.get_by_label("比对文件").set_input_files(forged)
    expect(page.get_by_role("status").last).to_contain_text("不一致：")
    number = page.get_by_label("保函编号").input_value()
    page.get_by_label("保函编号").fill(f"{number[:8]} {number[8:]}")
    page.get_by_role("button", name="查验").click()
    expect(result).to_contain_text("有效")


def test_a_wrong_code_and_an_unknown_number_answer_alike(people: People) -> None:
    letter_no = issued(people, "HNBH-STORY-2")
    nobody = people("")
    answers = []
    for number, code in ((letter_no, "AAAA-AAAA-AAAA"), ("10991231999999", "AAAA-AAAA-AAAA")):
        nobody.page.goto("/verify/")
        nobody.fill("保函编号", number)
        nobody.fill("验证码", code)
        nobody.press("查验")
        nobody.sees("未查到相符的保函，请核对保函编号和验证码")
        answers.append(nobody.page.locator("main").inner_text())
    assert answers[0] == answers[1]


def test_a_regulator_exports_the_list_to_excel(people: People, tmp_path: Path) -> None:
    regulator = people("regulator")
    regulator.menu("我的担保")
    regulator.page.get_by_role("link", name=re.compile("^已生效")).click()
    file = regulator.download("导出", tmp_path)
    assert re.fullmatch(r"我的担保-\d{12}\.xlsx", file.name)
    sheet = openpyxl.load_workbook(file).active
    assert sheet is not None and sheet.freeze_panes == "B2"
    heads = [cell.value for cell in sheet[1]]
    parties = ["建设单位名称", "施工单位名称", "保证人"]
    assert heads == ["保函编号", "工程名称", *parties, "担保金额(万元)", "状态", "担保期限", "提示"]
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) > 10
    assert all(isinstance(row[5].value, int | float) and isinstance(row[0].value, str) for row in rows)
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("width", [390, 1440])
def test_what_is_missing_is_said_all_at_once_and_what_was_typed_stays(people: People, width: int) -> None:
    employer = people("employer")
    project = start_application(employer)
    employer.page.set_viewport_size({"width": width, "height": 900})
    employer.fill("担保金额(万元)", "一百")
    employer.fill("完工日期", "2020年")
    employer.fill("建设单位负责人电话", "12345")
    employer.upload("其他材料", paper("说明.pdf"))
    employer.upload("其他材料", paper("空.pdf", b""))
    employer.sees("文件“空.pdf”为空，请重新选择文件。")
    employer.press("移除空.pdf")
    employer.box("建设单位负责人电话").press("Enter")
    employer.press("提交")
    said = employer.problems()
    assert "担保金额(万元)格式不正确，应为数字" in said and "请上传施工合同" in said
    assert "完工日期格式不正确，应为 2024-05-15" in said
    employer.page.locator("#problems").get_by_role("link", name="完工日期").click()
    expect(employer.box("完工日期")).to_be_focused()
    employer.fill("担保金额(万元)", f"{least(employer) * 10 + 1:,f}")
    employer.fill("完工日期", "2020-01-01")
    employer.upload("施工合同", paper("合同.exe", b"MZ\x90\x00" + bytes(200)))
    employer.press("提交")
    employer.agree()
    expect(employer.page.locator("#problems")).to_contain_text(re.compile("担保金额.+万元超过合同金额"))
    said = employer.problems()
    assert any("联系电话" in each or "负责人电话" in each for each in said), said
    assert any("合同.exe" in each for each in said), said
    assert employer.box("工程名称").input_value() == project
    assert employer.box("建设单位负责人电话").input_value() == "12345"
    employer.sees("说明.pdf")
    employer.press("关闭")
    employer.agree()


def test_leaving_a_changed_form_asks(people: People) -> None:
    employer = people("employer")
    start_application(employer)
    employer.menu("工程")
    question = employer.page.get_by_role("dialog", name="请确认")
    expect(question).to_contain_text("已填写的内容尚未保存，确定离开吗？")
    employer.press("取消", question)
    assert employer.box("担保机构").input_value() == BANK
    employer.menu("工程")
    employer.agree()
    expect(employer.page.get_by_role("link", name="新增", exact=True)).to_be_visible()


def test_pressing_submit_twice_makes_one_application(people: People) -> None:
    employer = people("employer")
    project = fill_application(employer)
    employer.press("提交")
    yes = employer.page.get_by_role("dialog", name="请确认").get_by_role("button", name="确定")
    yes.dblclick(no_wait_after=True)
    employer.sees_tag("待审核")
    employer.menu("我的担保")
    employer.fill("工程名称", project)
    employer.press("查询")
    today_rows = employer.row(project).filter(has_text=f"SQ{today():%y%m%d}").filter(has_text="待审核")
    expect(today_rows).to_have_count(1)
    employer.page.go_back()
    employer.page.go_back()
    employer.menu("我的担保")
    employer.fill("工程名称", project)
    employer.press("查询")
    expect(today_rows).to_have_count(1)


def test_an_application_is_withdrawn_changed_and_handed_in_again(people: People) -> None:
    employer = people("employer")
    number = apply(employer)
    employer.press("撤回")
    employer.agree()
    employer.sees_tag("已撤回")
    for stranger in (people("guarantor"), people("employer2")):
        stranger.page.goto(employer.page.url)
        stranger.sees("您访问的内容不存在，或者不在您的查看范围内")
    employer.press("编辑")
    employer.fill("工程详细地址", "海口市江东新区文明东路1号")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")
    assert application_number(employer) == number and employer.fact("工程详细地址") == "海口市江东新区文明东路1号"


def test_a_guarantor_returns_an_application_and_gets_it_back(people: People) -> None:
    employer, guarantor = people("employer"), people("guarantor")
    number = apply(employer)
    open_letter(guarantor, number)
    guarantor.press("退回补正")
    guarantor.press("退回补正")
    assert guarantor.problems() == ["请输入原因"]
    guarantor.fill("原因", "合同附件缺少签章页，请补充")
    guarantor.press("退回补正")
    guarantor.sees_tag("退回补正")
    open_letter(employer, number)
    employer.press("编辑")
    employer.sees(f"退回补正（{BANK}）：合同附件缺少签章页，请补充")
    editing = employer.page.url
    employer.upload("施工合同", paper("签章页.pdf", PDF + b"%2"))
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")
    employer.page.goto(editing)
    employer.sees_tag("待审核")
    open_letter(guarantor, number)
    guarantor.sees("签章页.pdf")
    guarantor.press("不通过")
    guarantor.fill("原因", "超出本机构承保范围")
    guarantor.press("不通过")
    guarantor.sees_tag("不通过")


def test_a_contractor_objects_is_answered_and_confirms(people: People) -> None:
    letter_no = issued(people, "HNBH-STORY-3")
    contractor = people("contractor")
    open_letter(contractor, letter_no)
    contractor.press("提出异议")
    contractor.fill("异议内容", "担保金额与合同约定不一致")
    contractor.press("提交异议")
    contractor.sees_tag("有异议")
    title = contractor.page.locator("#show-title").inner_text()
    people("guarantor").work_on(title, "有异议")
    people("guarantor").sees("担保金额与合同约定不一致")
    employer = people("employer")
    open_letter(employer, letter_no)
    employer.press("答复异议")
    employer.sees("提出异议（上海建工五建集团有限公司）：担保金额与合同约定不一致")
    employer.choose("异议处理", "异议不成立")
    employer.fill("答复内容", "金额与合同第8条一致，请核对")
    employer.press("答复异议")
    employer.sees_tag("待确认")
    open_letter(contractor, letter_no)
    contractor.sees("金额与合同第8条一致，请核对")
    contractor.press("确认保函")
    contractor.agree()
    contractor.sees_tag("已生效")


def test_a_page_that_has_grown_old_says_so_and_changes_nothing(people: People) -> None:
    employer, guarantor = people("employer"), people("guarantor")
    number = apply(employer)
    open_letter(guarantor, number)
    guarantor.press("退回补正")
    guarantor.fill("原因", "资料不全")
    employer.press("撤回")
    employer.agree()
    employer.press("编辑")
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")
    guarantor.press("退回补正")
    guarantor.sees("该业务已被他人办理，请刷新")
    employer.page.reload()
    employer.sees_tag("待审核")


def test_whoever_prepared_a_letter_cannot_issue_it(people: People) -> None:
    number = apply(people("employer"))
    guarantor = people("guarantor")
    prepare(guarantor, number, "HNBH-STORY-4")
    expect(guarantor.page.get_by_role("link", name="出具保函")).to_have_count(0)
    issuer = people("guarantor-issuer")
    open_letter(issuer, number)
    expect(issuer.page.get_by_role("link", name="出具保函")).to_be_visible()
