"""Forms on a phone: what cannot be typed is a line, and a paper can be photographed."""

from playwright.sync_api import Locator, expect

from tests.stories.hands import People, Person, paper

COMPANY = "测试担保公司"


def line_of(person: Person, label: str) -> Locator:
    """The line that stands for a locked box."""
    return person.page.locator(".field.locked", has_text=label).locator(".line-text").first


def begun(contractor: Person) -> None:
    """申请保证执行 on a phone, with a letter chosen."""
    contractor.page.goto(f"/claims/list/?guarantor_name={COMPANY}")
    number = contractor.page.locator("td[data-label=保函编号]").first.inner_text()
    contractor.page.set_viewport_size({"width": 390, "height": 844})
    contractor.page.goto("/claims/add")
    contractor.pick("保函编号", number)
    expect(contractor.box("保单编号")).not_to_have_value("")


def test_a_locked_box_is_a_line_that_shows_all_of_its_text_and_many_lines_fold(people: People) -> None:
    contractor = people("contractor2")
    begun(contractor)
    expect(line_of(contractor, "担保类型")).to_have_text("担保公司工程款支付保函")
    for label in ("保单编号", "担保开始日期", "担保结束日期"):
        expect(line_of(contractor, label)).to_have_text(contractor.box(label).input_value())
    applicant = line_of(contractor, "申请人")
    expect(applicant).to_be_hidden()
    contractor.press("展开其余 6 项")
    expect(contractor.page.get_by_label("保证人", exact=True)).to_be_focused()
    name = contractor.page.get_by_label("申请人", exact=True)
    expect(applicant).to_have_text(name.input_value())
    assert applicant.evaluate("line => line.scrollWidth <= line.clientWidth")
    boxes = contractor.page.locator(".field.locked > .box, .field.locked > .date, .field.locked > .group")
    expect(boxes).not_to_have_count(0)
    assert boxes.evaluate_all("found => Math.max(...found.map((box) => box.getBoundingClientRect().height))") <= 2
    contractor.page.set_viewport_size({"width": 1440, "height": 900})
    expect(applicant).to_be_hidden()
    assert name.evaluate("box => box.getBoundingClientRect().height") == 34


def test_a_photograph_joins_the_files_that_were_chosen(people: People) -> None:
    contractor = people("contractor2")
    begun(contractor)
    label = "1、理赔证明文件"
    contractor.upload(label, paper("过程结算书.pdf"))
    camera = contractor.page.get_by_label(f"拍照 {label}")
    assert camera.get_attribute("capture") == "environment"
    camera.set_input_files([paper("IMG_0001.jpg", b"\xff\xd8\xff\xe0")])
    chosen = contractor.page.locator("ul.files li .name")
    expect(chosen).to_have_text(["过程结算书.pdf", "IMG_0001.jpg"])
    sent = contractor.box(label).evaluate("box => [...box.files].map((file) => file.name)")
    assert sent == ["过程结算书.pdf", "IMG_0001.jpg"]
    assert camera.evaluate("box => [box.name, box.files.length]") == ["", 0]
    contractor.page.set_viewport_size({"width": 1440, "height": 900})
    expect(camera).to_be_hidden()
