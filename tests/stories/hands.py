"""What a person's hands do in the browser: everything is found by the label that the person reads."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.servers import DEMO_PASSWORD, SIGN_IN

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def paper(name: str, data: bytes = PDF) -> FilePayload:
    """A file to upload."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


@dataclass
class Person:
    """One person at a browser of their own."""

    page: Page

    def sign_in(self, username: str, password: str = DEMO_PASSWORD) -> "Person":
        """Come in by the front door."""
        self.page.goto(SIGN_IN)
        self.fill("账号", username)
        self.fill("密码", password)
        self.press("登录")
        expect(self.heading(re.compile("好，"))).to_be_visible()
        return self

    def menu(self, name: str) -> None:
        """Follow the menu."""
        self.page.get_by_role("navigation", name="主菜单").get_by_role("link", name=name, exact=True).click()

    def press(self, name: str, within: Locator | None = None) -> None:
        """Press the button, or follow the link, of this name; a page that follows is there as a whole."""
        place = within or self.page.locator("main, .bare-side, .wide-bare").first
        button = place.get_by_role("button", name=name, exact=True)
        link = place.get_by_role("link", name=name, exact=True).and_(self.page.locator(":not(nav a)"))
        button.or_(link).first.click()
        self.page.wait_for_load_state("domcontentloaded")

    def agree(self) -> None:
        """Say 确定 to the question that the page asks."""
        self.press("确定", self.page.get_by_role("dialog", name="请确认"))

    def box(self, label: str) -> Locator:
        """The box with this label; the manual's star before it is not part of its name."""
        named = self.page.get_by_label(re.compile(rf"^\*?{re.escape(label)}( 点我上传)?$"))
        return named.and_(self.page.locator("input, select, textarea"))

    def fill(self, label: str, text: str) -> None:
        """Type into the box, and leave it."""
        self.box(label).fill(text)
        self.box(label).blur()

    def choose(self, label: str, text: str) -> None:
        """Choose from the list."""
        self.box(label).select_option(text)

    def choose_by_typing(self, label: str, text: str) -> None:
        """Type into a long list and take the first option that is left."""
        self.box(label).click()
        self.box(label).press_sequentially(text)
        self.page.get_by_role("listbox", name=label).get_by_role("option").first.click()

    def upload(self, label: str, *files: FilePayload) -> None:
        """Choose files for the upload of this label."""
        self.box(label).set_input_files(list(files))

    def pick(self, label: str, keyword: str = "", row: str = "") -> str:
        """Press 选择, search, choose the first row (that says so), 确定; gives what the box shows then."""
        self.page.get_by_role("button", name=f"选择{label}", exact=True).click()
        dialog = self.page.get_by_role("dialog", name=f"选择{label}")
        if keyword:
            with self.page.expect_response(re.compile(r"/pick/.+\?q=.")):
                dialog.get_by_label("关键字").fill(keyword)
        dialog.locator("tbody").get_by_role("row").filter(has_text=row or keyword).first.get_by_role("radio").check()
        self.press("确定", dialog)
        return self.box(label).input_value()

    def heading(self, name: str | re.Pattern[str]) -> Locator:
        """The page's heading."""
        return self.page.get_by_role("heading", name=name)

    def row(self, text: str) -> Locator:
        """The row of a table in which this stands."""
        return self.page.get_by_role("row").filter(has_text=text)

    def work_on(self, title: str, state: str) -> None:
        """Go to the workbench and take up the to-do of this title in this state."""
        self.page.goto("/?todos=all")
        self.row(title).filter(has_text=state).first.get_by_role("link").last.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The page says so."""
        expect(self.page.locator("body")).to_contain_text(text)

    def sees_tag(self, word: str) -> None:
        """The record's state is called so."""
        expect(self.page.locator(".show-number .tag").first).to_have_text(word)

    def fact(self, label: str, within: str = "") -> str:
        """What stands beside this label on a detail page."""
        place = self.page.locator("section.card").filter(has=self.heading(within)) if within else self.page
        term = place.locator(".fact").filter(has=self.page.locator("dt", has_text=re.compile(rf"^{re.escape(label)}$")))
        told = term.locator("dd").first
        copied = told.locator("[data-copied]")
        return (copied if copied.count() else told).inner_text()

    @contextmanager
    def public_page(self) -> Iterator[Page]:
        """What 公开查验 opens; closed again, since the page behind it draws but one frame a second."""
        with self.page.expect_popup() as opened:
            self.press("公开查验")
        yield opened.value
        opened.value.close()

    def problems(self) -> list[str]:
        """What the card over the form lists; waits for the card."""
        told = self.page.locator("#problems li")
        told.first.wait_for()
        return told.all_inner_texts()

    def download(self, name: str, folder: Path) -> Path:
        """Press what downloads; the file under its own name."""
        with self.page.expect_download() as coming:
            self.press(name)
        file = folder / coming.value.suggested_filename
        coming.value.save_as(file)
        return file


People = Callable[[str], Person]
