"""Who did not exist yesterday: a company that files its first application, a guarantor that issues its first letter."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from app.core.clock import today
from models.rules import uscc
from tests.stories.hands import People, Person, paper

PASSWORD = "Qiongzhou-77-bridge"
EMPLOYER, EMPLOYER_CODE = "海南木棉湾置业有限公司", uscc.with_check_digit("91460000MA8MMWY01")
BUILDER, BUILDER_CODE = "海南红树林建筑工程有限公司", uscc.with_check_digit("91460000MA8HHLJY2")
SURETY, SURETY_CODE = "海南木兰融资担保有限公司", uscc.with_check_digit("91460000MA8MLDB03")


def describe(person: Person, name: str, role: str) -> None:
    """What every company says of itself when it registers."""
    person.fill("单位名称", name)
    person.choose_by_typing("所属地区", "龙华")
    person.fill("注册地址", "海口市龙华区国贸路1号")
    person.fill("法定代表人姓名", "王椰风")
    person.box(role).check()
    person.fill("联系人", "李海")
    person.fill("联系电话", "13800138000")
    person.upload("授权书", paper("授权书.pdf"))


def make_account(person: Person, username: str) -> None:
    """The first account of a new company."""
    person.fill("账号", username)
    person.fill("密码", PASSWORD)
    person.fill("确认密码", PASSWORD)
    person.press("提交注册")
    person.sees("注册已提交")
    person.press("前往登录")


def register(person: Person, name: str, code: str, *, role: str, username: str) -> None:
    """From the sign-in page to 注册已提交."""
    person.page.goto("/login/")
    person.press("保证人注册" if role == "保证人" else "企业注册")
    person.fill("统一社会信用代码", code)
    describe(person, name, role)
    make_account(person, username)


def admit(regulator: Person, name: str) -> None:
    """主管部门 admits the company from its workbench."""
    regulator.work_on(name, "待准入")
    regulator.sees("授权书.pdf")
    regulator.press("准入")
    regulator.agree()
    regulator.sees_tag("已准入")


def shown_link(person: Person) -> str:
    """The one-time link on the page."""
    address = person.fact("链接")
    return address[address.index("/", len("https://")) :]


def test_a_new_company_gets_to_its_first_application(people: People, newcomer: People) -> None:
    employer = newcomer("木棉湾")
    register(employer, EMPLOYER, EMPLOYER_CODE, role="建设单位", username="mumian")
    employer.fill("账号", "mumian")
    employer.fill("密码", PASSWORD)
    employer.press("登录")
    employer.sees("贵单位的注册正在等待主管部门准入，准入后即可登录")
    regulator = people("regulator-haikou")
    admit(regulator, EMPLOYER)
    employer.sign_in("mumian", PASSWORD)

    employer.page.goto("/letters/add")
    employer.sees("贵单位尚未登记合同，请先登记工程和合同，再申请担保")
    add_project(employer)
    builder = newcomer("红树林")
    builder.page.goto(invite_builder(employer))
    describe(builder, BUILDER, "施工单位")
    make_account(builder, "hongshulin")
    admit(regulator, BUILDER)
    builder.sign_in("hongshulin", PASSWORD)

    add_contract(employer)
    employer.press("申请担保")
    modes = employer.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile("^保函模式")).click()
    expect(employer.box("工程名称")).to_have_value(re.compile("木棉湾安置房"))
    assert employer.box("施工单位名称").input_value() == BUILDER
    employer.choose("担保类型", "银行工程款支付保函")
    employer.pick("担保机构", "海南银行")
    employer.fill("担保金额(万元)", "100")
    employer.sees("担保金额符合最低担保要求")
    employer.upload("施工合同", paper("施工合同.pdf"))
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")


def add_project(employer: Person) -> None:
    """工程 → 新增."""
    employer.menu("工程")
    employer.press("新增")
    employer.fill("工程名称", "木棉湾安置房一期")
    employer.fill("施工许可证号", "460100202607010101")
    employer.fill("施工许可日期", "2026-07-01")
    employer.choose_by_typing("工程所属地区", "龙华")
    employer.fill("工程详细地址", "海口市龙华区木棉湾路1号")
    employer.fill("开工日期", "2026-07-10")
    employer.fill("完工日期", "2028-07-10")
    employer.press("保存")
    employer.sees("保存成功")


def invite_builder(employer: Person) -> str:
    """新增合同 → 登记并邀请单位 → 生成邀请链接; gives the link."""
    employer.press("新增合同")
    employer.press("登记并邀请单位")
    employer.fill("统一社会信用代码", BUILDER_CODE)
    employer.fill("单位名称", BUILDER)
    employer.choose_by_typing("所属地区", "龙华")
    employer.box("施工单位").check()
    employer.press("保存")
    employer.press("生成邀请链接")
    employer.sees("链接只在本页显示一次")
    return shown_link(employer)


def add_contract(employer: Person) -> None:
    """合同 → 新增, with the invited builder."""
    employer.menu("合同")
    employer.press("新增")
    employer.pick("工程名称", "木棉湾")
    employer.pick("施工单位", "红树林")
    employer.choose("工程合同类型", "施工总承包合同")
    employer.fill("合同编号", "MMW-2026-01")
    employer.fill("工程项目合同金额(万元)", "1000")
    employer.fill("签订日期", "2026-06-20")
    employer.press("保存")
    employer.sees("保存成功")


def test_a_new_guarantor_files_itself_and_issues_its_first_letter(people: People, newcomer: People) -> None:
    keeper = newcomer("木兰管理员")
    register(keeper, SURETY, SURETY_CODE, role="保证人", username="mulan")
    admit(people("regulator-haikou"), SURETY)
    keeper.sign_in("mulan", PASSWORD)
    file_itself(keeper)
    publish(people("regulator-haikou"))
    clerk, checker = newcomer("木兰经办"), newcomer("木兰复核")
    open_account(clerk, invite(keeper, "mulan-jingban", "符经办", "经办"))
    open_account(checker, invite(keeper, "mulan-fuhe", "林复核", "复核"))

    number = apply_to_it(people("employer"))
    clerk.sign_in("mulan-jingban", PASSWORD)
    take_up(clerk, number)
    checker.sign_in("mulan-fuhe", PASSWORD)
    issue(checker, number)
    checker.sees("经办与复核账号都可能由李海掌握")
    vouch(people("regulator"), "林复核")
    checker.sign_in("mulan-fuhe", PASSWORD)
    issue(checker, number)
    checker.sees_tag("待确认")
    assert re.fullmatch(r"10\d{12}", checker.fact("保函编号")) and checker.fact("保证人") == SURETY


def open_account(person: Person, link: str) -> None:
    """What the invited person does with the link."""
    person.page.goto(link)
    person.fill("密码", PASSWORD)
    person.fill("确认密码", PASSWORD)
    person.press("启用账号")
    person.sees("已启用")


def issue(checker: Person, number: str) -> None:
    """复核 → 出具保函."""
    open_application(checker, number)
    checker.press("出具保函")
    checker.press("出具保函")
    checker.agree()


def vouch(regulator: Person, name: str) -> None:
    """主管部门 vouches for the holder of an account: 账号 → 核验人员."""
    regulator.menu("账号")
    regulator.fill("姓名", name)
    regulator.press("查询")
    regulator.row(name).get_by_role("link", name="查看").click()
    regulator.sees("尚未核验人员：该账号也可能由李海掌握")
    regulator.press("核验人员")
    regulator.fill("核验方式", "当面核对身份证件和授权书")
    regulator.press("核验人员")
    regulator.sees("当面核对身份证件和授权书")


def file_itself(clerk: Person) -> None:
    """保证人备案: the form, a signatory, the attachments, 提交."""
    clerk.menu("保证人备案")
    clerk.press("申请备案")
    expect(clerk.box("机构名称")).to_have_value(SURETY)
    clerk.choose("机构类型", "担保公司")
    clerk.fill("注册资本(万元)", "20000")
    clerk.fill("净资产(万元)", "18000")
    clerk.fill("注册地址", "海口市龙华区国贸路1号")
    clerk.fill("许可证编号", "琼金监2026-18")
    clerk.fill("许可证有效期至", f"{today() + timedelta(days=900)}")
    clerk.fill("机构联系人", "李海")
    clerk.fill("机构联系电话", "13800138000")
    clerk.fill("索赔受理地址", "海口市龙华区国贸路1号")
    clerk.upload("营业执照及经营许可证", paper("营业执照.pdf"))
    clerk.upload("签发人授权书", paper("签发人授权书.pdf"))
    clerk.press("保存")
    clerk.sees_tag("草稿")
    clerk.press("登记签发人")
    clerk.fill("姓名", "符明兰")
    clerk.fill("职务", "总经理")
    clerk.fill("单笔签发限额(万元)", "5000")
    clerk.press("保存")
    clerk.menu("保证人备案")
    clerk.row(SURETY).get_by_role("link", name="查看").click()
    clerk.press("提交")
    clerk.agree()
    clerk.sees_tag("待审核")


def publish(regulator: Person) -> None:
    """主管部门 files the guarantor; it stands in the public list."""
    regulator.work_on(SURETY, "待审核")
    regulator.sees("符明兰")
    regulator.press("审核通过")
    regulator.agree()
    regulator.sees_tag("已备案")
    regulator.menu("建档保证人公示")
    expect(regulator.row(SURETY)).to_contain_text("担保公司")


def invite(keeper: Person, username: str, name: str, duty: str) -> str:
    """账号 → 邀请成员: another person for this duty; gives the link."""
    keeper.menu("账号")
    keeper.press("邀请成员")
    keeper.fill("账号", username)
    keeper.fill("姓名", name)
    for each in ("经办", "复核"):
        keeper.box(each).set_checked(each == duty)
    keeper.press("生成邀请链接")
    return shown_link(keeper)


def apply_to_it(employer: Person) -> str:
    """An employer picks the new guarantor; gives the application's number."""
    employer.menu("我的担保")
    employer.press("申请担保")
    modes = employer.page.get_by_role("dialog", name="请选择支付款担保的模式")
    modes.get_by_role("link", name=re.compile("^保函模式")).click()
    employer.choose("担保类型", "担保公司工程款支付保函")
    employer.pick("担保机构", "木兰")
    employer.pick("工程名称")
    price = float(employer.box("工程项目合同金额(万元)").input_value().replace(",", ""))
    employer.fill("担保金额(万元)", f"{price / 10:.6f}")
    employer.upload("施工合同", paper("施工合同.pdf"))
    employer.press("提交")
    employer.agree()
    employer.sees_tag("待审核")
    return employer.fact("申请编号")


def open_application(person: Person, number: str) -> None:
    """The first line of 我的担保."""
    person.menu("我的担保")
    person.row(number).get_by_role("link", name="查看").click()


def take_up(clerk: Person, number: str) -> None:
    """经办 prepares the letter."""
    open_application(clerk, number)
    clerk.press("审核通过")
    clerk.fill("保单编号", "ML-2026-001")
    clerk.fill("担保结束日期", f"{today() + timedelta(days=1200)}")
    clerk.fill("保费(元)", "30000")
    clerk.choose("保函性质", "非独立保函")
    clerk.pick("签发人")
    clerk.press("审核通过")
    clerk.sees_tag("待复核")
