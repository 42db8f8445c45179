"""What comes back late: nothing that arrives later changes what a person has put in meanwhile."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import APIResponse, Locator, Page, Request, Route, expect

from app.core.clock import today
from tests.stories.hands import People, Person
from tests.stories.test_escrow_story import late_month

EXPLAIN, SESSION, FONTS = "**/reports/explain", "**/profile/password", "**/*.woff2"
AFTER_ALL = "() => fetch('/healthz').then(answer => answer.text())"
"""What the page asks and reads after everything that has arrived before."""
SLOW_READING = """
    const read = Blob.prototype.arrayBuffer;
    const waiting = {};
    Blob.prototype.arrayBuffer = function () {
        return new Promise((go) => { waiting[this.name] = () => go(read.call(this)); });
    };
    window.readNow = (name) => name in waiting && (waiting[name](), true);
"""
"""Files are read when the test says so."""


@dataclass
class Held:
    """An answer that the server has given and that has not reached the page."""

    page: Page
    request: Request = field(init=False)
    route: Route = field(init=False)
    answer: APIResponse = field(init=False)

    def arrives(self) -> None:
        """Let it through and wait until the page has read it, unless the page no longer waits for it."""
        if self.request.failure is None:
            with self.page.expect_event("requestfinished", lambda each: each == self.request):
                self.route.fulfill(response=self.answer)
        self.page.evaluate(AFTER_ALL)


@contextmanager
def holding(page: Page, url: str) -> Iterator[Held]:
    """What is done within makes the page ask at this address: this one answer is held back."""
    held, caught = Held(page), list[Route]()
    page.route(url, lambda route: caught.append(route), times=1)
    with page.expect_request(url) as asked:
        yield held
    page.evaluate("null")
    held.request, held.route = asked.value, caught[0]
    held.answer = held.route.fetch()


def stop_the_clock(page: Page) -> None:
    """From here on the timers of the page wait for the test."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)


def report_form(people: People) -> Person:
    """The employer at the form of a late month, whose timers wait for the test."""
    employer = people("employer")
    employer.page.clock.install()
    late_month(employer)
    stop_the_clock(employer.page)
    return employer


def tell_paid_in(person: Person) -> Held:
    """Type 本期存入 and leave the box: the explanation is on its way."""
    with holding(person.page, EXPLAIN) as held:
        person.fill("本期存入(元)", "10,000")
        person.page.clock.run_for(300)
    return held


def open_picker(person: Person) -> tuple[Locator, Locator, str]:
    """选择工程名称, the timers waiting for the test: the dialog, its rows, and what only some of them say."""
    person.page.clock.install()
    person.page.goto("/letters/add")
    person.page.get_by_role("button", name="选择工程名称", exact=True).click()
    dialog = person.page.get_by_role("dialog", name="选择工程名称")
    rows = dialog.locator("tbody").get_by_role("row")
    expect(rows).to_have_count(20)
    stop_the_clock(person.page)
    name = rows.nth(3).get_by_role("cell").nth(1).inner_text()
    assert rows.filter(has_not_text=name).count()
    return dialog, rows, name


@contextmanager
def still_loading(page: Page, url: str) -> Iterator[None]:
    """Inside, the page is there and its scripts have run, but a font is still on its way; at the end it has come."""
    caught: list[Route] = []
    page.route(FONTS, lambda route: caught.append(route))
    with page.expect_request(FONTS):
        page.goto(url, wait_until="domcontentloaded")
    yield
    page.route(FONTS, lambda route: route.continue_())
    for each in caught:
        each.continue_()
    page.wait_for_load_state("load")
    page.evaluate(AFTER_ALL)


def question(page: Page) -> Locator:
    """The page's own question."""
    return page.get_by_role("dialog", name="请确认")


def test_an_explanation_of_what_the_form_was_is_dropped_and_what_it_is_now_is_explained(people: People) -> None:
    employer = report_form(people)
    late, month = tell_paid_in(employer), f"{today():%Y-%m}"
    employer.fill("报送月份", month)
    late.arrives()
    expect(employer.box("报送月份")).to_have_value(month)
    employer.page.clock.run_for(300)
    employer.sees("之间的月份")
    expect(employer.box("报送月份")).to_have_value(month)


def test_a_month_chosen_in_the_calendar_meanwhile_stays(people: People) -> None:
    employer = report_form(people)
    late, month = tell_paid_in(employer), employer.box("报送月份").input_value()
    other = f"{month[:5]}{'02' if month.endswith('01') else '01'}"
    employer.page.get_by_role("button", name="选择报送月份").click()
    employer.page.get_by_role("button", name=other, exact=True).click()
    late.arrives()
    expect(employer.box("报送月份")).to_have_value(other)


def test_a_form_that_is_still_being_typed_in_is_asked_about_anew(people: People) -> None:
    employer = report_form(people)
    late = tell_paid_in(employer)
    employer.box("本期支出(元)").press_sequentially("25.55")
    with employer.page.expect_request(EXPLAIN) as anew:
        late.arrives()
    assert "25.55" in (anew.value.post_data or "")
    employer.sees("本期存入 - 本期支出 = ")
    expect(employer.box("本期支出(元)")).to_have_value("25.55")


def test_what_a_person_typed_stays_though_the_server_cannot_read_it_and_an_emptied_box_is_filled(
    people: People,
) -> None:
    employer = report_form(people)
    month = employer.box("报送月份").input_value()
    for typed, stands in (("上个月", "上个月"), ("", month)):
        with holding(employer.page, EXPLAIN) as answer:
            employer.fill("报送月份", typed)
            employer.page.clock.run_for(300)
        answer.arrives()
        expect(employer.box("报送月份")).to_have_value(stands)


def test_what_the_server_refused_to_read_stays_while_the_rest_is_put_right(people: People) -> None:
    employer = report_form(people)
    employer.fill("报送月份", "上个月")
    employer.press("保存")
    expect(employer.box("报送月份")).to_have_attribute("aria-invalid", "true")
    tell_paid_in(employer).arrives()
    expect(employer.box("报送月份")).to_have_value("上个月")


def test_a_read_only_box_is_filled_in_even_where_the_person_stands_in_it(people: People) -> None:
    employer = people("employer")
    employer.page.goto("/letters/add")
    employer.pick("工程名称")
    employer.box("担保金额(万元)").fill("1")
    employer.box("担保金额(万元)").press("Tab")
    expect(employer.box("担保比例(%)")).to_be_focused()
    expect(employer.box("担保比例(%)")).to_have_value(re.compile(r"^\d+\.\d\d%$"))


def test_the_rows_of_an_older_keyword_do_not_come_under_a_newer_one(people: People) -> None:
    employer = people("employer")
    dialog, rows, name = open_picker(employer)
    keyword = dialog.get_by_label("关键字")
    with holding(employer.page, "**/pick/contract_id?q=*") as older:
        keyword.fill("查无此项")
        employer.page.clock.run_for(300)
    keyword.fill(name)
    older.arrives()
    expect(dialog).not_to_contain_text("没有符合条件的记录")
    employer.page.clock.run_for(300)
    expect(rows.filter(has_not_text=name)).to_have_count(0)
    expect(rows.first).to_contain_text(name)


def test_a_row_that_was_ticked_before_its_list_was_searched_stays_ticked(people: People) -> None:
    employer = people("employer")
    dialog, rows, name = open_picker(employer)
    with holding(employer.page, "**/pick/contract_id?q=*") as late:
        dialog.get_by_label("关键字").fill(name)
        employer.page.clock.run_for(300)
    rows.filter(has_text=name).first.get_by_role("radio").check()
    late.arrives()
    expect(rows.filter(has_not_text=name)).to_have_count(0)
    expect(rows.first.get_by_role("radio")).to_be_checked()
    employer.press("确定", dialog)
    expect(employer.box("工程名称")).to_have_value(name)


def test_a_word_typed_into_a_long_list_while_the_page_loads_stays(people: People) -> None:
    employer = people("employer")
    with still_loading(employer.page, "/projects/add"):
        employer.box("工程所属地区").click()
        employer.box("工程所属地区").press_sequentially("龙华")
    expect(employer.box("工程所属地区")).to_have_value("龙华")
    employer.page.get_by_role("listbox", name="工程所属地区").get_by_role("option").first.click()
    expect(employer.box("工程所属地区")).to_have_value(re.compile("^.+龙华区$"))


def test_leaving_asks_for_what_was_typed_while_the_page_was_loading(people: People) -> None:
    employer = people("employer")
    with still_loading(employer.page, "/projects/add"):
        employer.fill("工程名称", "木棉湾安置房一期")
    employer.press("关闭")
    expect(question(employer.page)).to_contain_text("尚未保存")


def test_an_older_renewal_of_the_session_does_not_put_back_its_token(people: People) -> None:
    employer = people("employer")
    page = employer.page
    page.clock.install()
    page.goto("/letters/add")
    token = page.locator("#record-form [name=csrf_token]")
    page.clock.fast_forward("11:00")
    with holding(page, SESSION) as older:
        employer.fill("担保金额(万元)", "100")
    page.context.clear_cookies()
    other = page.context.new_page()
    Person(other).sign_in("employer")
    other.close()
    page.clock.fast_forward("11:00")
    before = token.input_value()
    employer.fill("工程详细地址", "木棉湾路1号")
    expect(token).not_to_have_value(before)
    older.arrives()
    employer.press("保存")
    employer.sees("保存成功")


def test_a_press_counts_for_the_form_as_it_stood(people: People) -> None:
    employer = people("employer")
    page = employer.page
    page.clock.install()
    page.goto("/letters/add")
    employer.fill("担保金额(万元)", "100")
    page.clock.fast_forward("06:00")
    with holding(page, SESSION) as late:
        employer.press("保存")
    employer.box("工程详细地址").press_sequentially("木棉湾路")
    late.arrives()
    expect(question(page)).to_contain_text("内容有改动")
    employer.press("取消", question(page))
    employer.fill("工程详细地址", "木棉湾路2号")
    employer.press("保存")
    employer.sees("保存成功")
    assert employer.fact("工程详细地址") == "木棉湾路2号"


def test_a_question_that_comes_late_waits_until_the_one_before_is_answered(people: People) -> None:
    employer = people("employer")
    page = employer.page
    page.clock.install()
    page.goto("/letters/add")
    employer.fill("担保金额(万元)", "100")
    page.clock.fast_forward("30:00")
    page.context.clear_cookies()
    with holding(page, SESSION) as late:
        employer.press("保存")
    employer.press("关闭")
    late.arrives()
    expect(question(page)).to_contain_text("确定离开吗")
    employer.press("取消", question(page))
    expect(question(page)).to_contain_text("登录已失效")


def test_a_file_read_late_is_not_told_of_the_file_chosen_after_it(people: People, tmp_path: Path) -> None:
    employer = people("employer")
    employer.page.context.add_init_script(SLOW_READING)
    employer.menu("我的担保")
    employer.page.get_by_role("link", name=re.compile("^已生效")).click()
    employer.page.get_by_role("link", name="查看").first.click()
    genuine, forged = employer.download("下载保函", tmp_path), tmp_path / "forged.pdf"
    forged.write_bytes(genuine.read_bytes() + b"\n")
    with employer.public_page() as page:
        for file in (genuine, forged):
            page.get_by_label("比对文件").set_input_files(file)
        page.wait_for_function("readNow", arg=forged.name)
        expect(page.locator("[data-compared]")).to_contain_text("不一致：")
        page.wait_for_function("readNow", arg=genuine.name)
        page.evaluate(AFTER_ALL)
        expect(page.locator("[data-compared]")).to_contain_text("不一致：")
