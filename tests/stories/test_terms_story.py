"""From the contract to its letter, from both sides: what the parties have said is what the cover is reckoned from."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from app.core.clock import today
from tests.stories.hands import People, Person, paper
from tests.stories.test_letter_story import BANK, BANK_PRODUCT, CONTRACTOR, application_number, issue, prepare

CONTRACT_NO = "合同条款故事-001"


def enter_contract(employer: Person, number: str, *, signed_on: date) -> str:
    """工程 and 合同, as an employer enters them; gives the project's name."""
    project = f"海口市江东新区故事工程（{number}）"
    employer.menu("工程")
    employer.press("新增")
    employer.fill("工程名称", project)
    employer.fill("施工许可证号", f"460108{signed_on:%Y%m%d}{sum(map(ord, number)) % 90 + 10}01")
    employer.choose_by_typing("工程所属地区", "美兰")
    employer.press("保存")
    expect(employer.heading(project)).to_be_visible()
    employer.press("新增合同")
    employer.pick("施工单位", CONTRACTOR)
    employer.choose("工程合同类型", "施工总承包合同")
    employer.fill("合同编号", number)
    employer.fill("工程项目合同金额(万元)", "5000")
    employer.fill("签订日期", f"{signed_on}")
    employer.press("保存")
    employer.sees_tag("未经施工单位确认")
    employer.sees(re.compile(r"最低担保金额\s*500\.00"))
    return project


def apply_from_contract(employer: Person, wan: str) -> str:
    """保函模式 from the contract's page, at the demo's bank; gives the application's number."""
    employer.press("申请担保")
    modes = employer.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile("^保函模式")).click()
    employer.choose("担保类型", BANK_PRODUCT)
    assert employer.pick("担保机构", BANK) == BANK
    employer.choose("是否使用财政预算资金", "否")
    employer.fill("担保金额(万元)", wan)
    employer.sees("担保金额符合最低担保要求")
    employer.upload("施工合同", paper("施工合同.pdf"))
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")
    return application_number(employer)


def find_contract(person: Person) -> None:
    """The contract's page, found by its number."""
    person.menu("合同")
    person.fill("合同编号", CONTRACT_NO)
    person.press("查询")
    person.row(CONTRACT_NO).get_by_role("link", name="查看").click()


def test_both_parties_say_the_terms_before_a_letter_is_measured_by_them(people: People) -> None:
    employer, contractor = people("employer"), people("contractor")
    project = enter_contract(employer, CONTRACT_NO, signed_on=today() - timedelta(days=30))

    contractor.work_on(project, "待施工单位确认")
    contractor.press("确认合同条款")
    contractor.agree()
    contractor.sees_tag("已确认")

    find_contract(employer)
    employer.sees_tag("施工单位已确认")
    employer.press("编辑")
    expect(employer.box("工程项目合同金额(万元)")).not_to_be_editable()
    employer.press("关闭")
    employer.press("提出合同变更")
    employer.choose("双方协商一致采用超额累进", "是")
    employer.press("提交")
    assert {"请输入变更原因", "请上传依据文件"} <= set(employer.problems())
    employer.fill("变更原因", "双方协商一致采用超额累进方式计算最低担保金额")
    employer.upload("依据文件", paper("补充协议.pdf"))
    employer.press("提交")
    employer.sees_tag("待施工单位确认")
    find_contract(employer)
    employer.sees("第 2 版待施工单位确认")
    employer.sees(re.compile(r"最低担保金额\s*500\.00"))

    contractor.page.set_viewport_size({"width": 390, "height": 844})
    contractor.page.goto("/?todos=all")
    contractor.row(project).first.get_by_role("link").last.click()
    contractor.sees("由 500.00 万元变为 300.00 万元")
    contractor.press("确认合同条款")
    contractor.agree()
    contractor.sees_tag("已确认")
    contractor.page.set_viewport_size({"width": 1440, "height": 900})

    find_contract(employer)
    employer.sees(re.compile(r"最低担保金额\s*300\.00"))
    number = apply_from_contract(employer, "300")

    prepare(people("guarantor"), number, "HNBH-TERMS-1")
    letter_no = issue(people("guarantor-issuer"), number)
    assert re.fullmatch(rf"10{today():%y%m%d}\d{{6}}", letter_no)
    find_contract(contractor)
    contractor.sees(f"保函 {letter_no}")
    contractor.sees("已足额担保")


def test_an_objection_reaches_the_employer_with_its_words(people: People) -> None:
    employer, contractor = people("employer"), people("contractor")
    project = enter_contract(employer, "合同条款故事-002", signed_on=today() - timedelta(days=30))
    contractor.work_on(project, "待施工单位确认")
    contractor.press("确认合同条款")
    contractor.agree()
    contractor.sees_tag("已确认")
    employer.press("提出合同变更")
    employer.fill("工程项目合同金额(万元)", "5200")
    employer.fill("变更原因", "工程量增加")
    employer.upload("依据文件", paper("签证单.pdf"))
    employer.press("提交")
    employer.sees_tag("待施工单位确认")
    contractor.work_on(project, "待施工单位确认")
    contractor.press("有异议")
    contractor.fill("异议内容", "金额应为 5,180 万元")
    contractor.press("提交异议")
    contractor.sees_tag("有异议")
    employer.work_on(project, "有异议")
    employer.sees("金额应为 5,180 万元")
    employer.press("撤回")
    employer.agree()
    employer.sees_tag("已撤回")
