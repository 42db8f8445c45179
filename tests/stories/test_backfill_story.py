"""手册 2.2.1.1 我的担保-补录: a letter that was settled offline, entered from either side, by the manual's labels."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from app.core.clock import today
from models.rules import uscc
from tests.stories.hands import People, Person, paper
from tests.stories.test_letter_story import BANK, BANK_PRODUCT, least, open_letter
from tests.stories.test_newcomers import PASSWORD, admit, describe, make_account, shown_link
from tests.stories.test_terms_story import apply_from_contract, enter_contract

SURETY, SURETY_CODE = "海南青梅融资担保有限公司", uscc.with_check_digit("91460000MA8QMDB05")
SETTLED = date(2024, 6, 20)
NOT_OURS = "补录信息，非本系统出具的保函"


# The contracts that the demo's employer signed first, before SETTLED.
OLD_CONTRACT = "SG-202404"


def start(employer: Person, product: str) -> str:
    """我的担保 → 保函模式 → 补录, the project chosen; gives the project's name."""
    employer.menu("我的担保")
    employer.press("补录")
    expect(employer.page).to_have_title(re.compile("新增工程担保补录业务"))
    employer.choose("担保类型", product)
    return employer.pick("工程名称", OLD_CONTRACT)


def fill_paper(employer: Person, policy_no: str, settled_on: date = SETTLED) -> None:
    """What stands on the paper, and its scan."""
    employer.fill("业务办结时间", f"{settled_on}")
    employer.fill("保单编号", policy_no)
    employer.fill("担保开始日期", f"{settled_on}")
    employer.fill("担保结束日期", f"{today() + timedelta(days=900)}")
    employer.fill("保费(元)", "8,800.50")
    employer.fill("担保金额(万元)", f"{least(employer):f}")
    employer.upload("保函扫描件", paper("保函扫描件.pdf"))


def submit(employer: Person) -> None:
    """提交补录."""
    employer.press("提交补录")
    employer.agree()


def test_an_employer_backfills_a_letter_and_its_guarantor_confirms_it(people: People) -> None:
    employer = people("employer")
    project = start(employer, BANK_PRODUCT)
    employer.press("提交补录")
    for text in ("请选择业务办结时间", "请输入保证人", "请输入保单编号", "请输入保费(元)", "请上传保函扫描件"):
        assert text in employer.problems()
    employer.fill("业务办结时间", f"{today() + timedelta(days=1)}")
    employer.sees("不能晚于今天")
    employer.fill("业务办结时间", "2024-07-01")
    employer.sees(re.compile("线下办理补录，补录期限 2024-07-31，逾期 [0-9]+ 天补录"))
    employer.fill("业务办结时间", "2024-06-30")
    employer.sees("历史补录")
    assert employer.pick("担保机构", BANK) == BANK == employer.box("保证人").input_value()
    fill_paper(employer, "HNBH-OLD-1")
    submit(employer)
    employer.sees_tag("待保证人确认")
    assert employer.fact("保函编号") == "—" and employer.fact("业务办结时间(出单时间)") == f"{SETTLED}"

    bank = people("guarantor")
    bank.work_on(project, "待保证人确认")
    bank.sees("保函扫描件.pdf")
    bank.press("确认补录")
    bank.agree()
    bank.sees_tag("待确认")
    number = bank.fact("保函编号")
    assert re.fullmatch(rf"10{today():%y%m%d}\d{{6}}", number) and bank.fact("保单编号") == "HNBH-OLD-1"

    open_letter(employer, number)
    expect(employer.page.get_by_role("link", name="下载保函")).to_have_count(0)
    with employer.public_page() as page:
        result = page.get_by_role("region", name="查验结果")
        for text in (NOT_OURS, number, "HNBH-OLD-1", BANK, project, f"{SETTLED}"):
            expect(result).to_contain_text(text)
        expect(result).not_to_contain_text("未经保证人确认")
        expect(result).not_to_contain_text("SHA-256")

    start(employer, BANK_PRODUCT)
    employer.pick("担保机构", BANK)
    fill_paper(employer, "HNBH-OLD-1")
    submit(employer)
    employer.sees("保单编号HNBH-OLD-1已用于本机构的另一份保函，请核对")


def test_a_guarantor_records_the_letter_that_it_has_issued_already(people: People) -> None:
    employer, bank, settled_on = people("employer"), people("guarantor"), today() - timedelta(days=40)
    enter_contract(employer, "线下办理合同-001", signed_on=settled_on - timedelta(days=20))
    number = apply_from_contract(employer, "500")
    open_letter(bank, number)
    bank.press("补录已出具保函")
    bank.fill("业务办结时间", f"{settled_on}")
    bank.fill("保单编号", "HNBH-OLD-2")
    bank.fill("担保开始日期", f"{settled_on}")
    bank.fill("担保结束日期", f"{today() + timedelta(days=1200)}")
    bank.fill("保费(元)", "12,500.50")
    bank.choose("保函性质", "独立保函（见索即付）")
    bank.press("补录已出具保函")
    assert bank.problems() == ["请上传保函扫描件"]
    bank.upload("保函扫描件", paper("保函扫描件.pdf"))
    bank.press("补录已出具保函")
    bank.sees_tag("待复核")
    reviewer = people("guarantor-issuer")
    open_letter(reviewer, number)
    reviewer.press("复核补录")
    reviewer.agree()
    reviewer.sees_tag("待确认")
    assert reviewer.fact("补录类型") == "线下办理补录" and int(reviewer.fact("逾期补录天数(天)")) > 0
    letter_no = reviewer.fact("保函编号")
    contractor = people("contractor")
    open_letter(contractor, letter_no)
    contractor.press("确认保函")
    contractor.agree()
    contractor.sees_tag("已生效")
    contractor.sees("保函扫描件.pdf")


def test_a_guarantor_that_is_not_on_file_is_invited_to_its_filing(people: People, newcomer: People) -> None:
    employer = people("employer")
    start(employer, "担保公司工程款支付保函")
    employer.fill("保证人", SURETY)
    employer.fill("保证人统一社会信用代码", SURETY_CODE)
    fill_paper(employer, "QM-1")
    submit(employer)
    employer.sees_tag("未经确认")
    employer.sees(f"保证人{SURETY}尚未备案，本补录未经保证人确认")
    letter = employer.page.url
    with employer.public_page() as page:
        expect(page.get_by_role("region", name="查验结果")).to_contain_text(f"{NOT_OURS}，未经保证人确认")

    employer.press("邀请保证人")
    assert employer.box("单位名称").input_value() == SURETY and employer.box("保证人").is_checked()
    employer.choose_by_typing("所属地区", "龙华")
    employer.press("保存")
    employer.press("生成邀请链接")
    clerk = newcomer("青梅经办")
    clerk.page.goto(shown_link(employer))
    expect(clerk.box("统一社会信用代码")).to_have_value(SURETY_CODE)
    expect(clerk.box("单位名称")).to_have_value(SURETY)
    describe(clerk, SURETY, "保证人")
    make_account(clerk, "qingmei")
    admit(people("regulator-haikou"), SURETY)

    employer.page.goto(letter)
    employer.press("邀请保证人")
    employer.sees("保证人已注册，请将链接发给保证人")
    clerk.page.goto(shown_link(employer))
    clerk.fill("账号", "qingmei")
    clerk.fill("密码", PASSWORD)
    clerk.press("登录")
    expect(clerk.box("机构名称")).to_have_value(SURETY)
    expect(clerk.box("机构统一社会信用代码")).to_have_value(SURETY_CODE)
    expect(clerk.box("机构联系人")).to_have_value("李海")
