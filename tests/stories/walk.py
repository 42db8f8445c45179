"""Walking every page that an account can open, by the links that stand on it, and what is wrong with a page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from app.ops.demo_data.cast import ACCOUNTS, parties

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "rules": {"color-contrast": {"enabled": False}},
    "resultTypes": ["violations"],
    "elementRef": False,
}
FAULTS = """const faultsOf = (found) => found.violations.flatMap((each) =>
    each.nodes.map((node) => `${each.id}: ${node.target} ${node.html.slice(0, 160)}`));"""
AXE = f"""options => {{ {FAULTS} return axe.run(document, options).then(faultsOf); }}"""
CONTRAST = f"""async (known) => {{
  {FAULTS}
  const looks = new Map();
  const under = (node) => {{
    if (!node) return '';
    if (!looks.has(node)) {{
      const {{ backgroundColor, backgroundImage, opacity, position }} = getComputedStyle(node);
      const plain = backgroundColor === 'rgba(0, 0, 0, 0)' && backgroundImage === 'none' && opacity === '1';
      const own = plain && position === 'static' ? '' : [backgroundColor, backgroundImage, opacity, position].join();
      looks.set(node, under(node.parentElement) + own);
    }}
    return looks.get(node);
  }};
  const lookOf = (node) => {{
    const {{ color, fontSize, fontWeight, textShadow }} = getComputedStyle(node);
    return [color, fontSize, fontWeight, textShadow, under(node)].join();
  }};
  const written = (node) => node.matches('input, select, textarea')
    || [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
  const seen = new Set(known);
  const fresh = [...document.querySelectorAll('body *')].filter((node) => written(node) && !seen.has(lookOf(node)));
  if (!fresh.length) return {{ faults: [], passed: [] }};
  if (!window.axe) return null;
  const found = await axe.run(fresh, {{
    runOnly: {{ type: 'rule', values: ['color-contrast'] }}, resultTypes: ['violations', 'passes'], elementRef: true,
  }});
  const passed = found.passes.flatMap((each) => each.nodes.map((node) => lookOf(node.element)));
  return {{ faults: faultsOf(found), passed: [...new Set(passed)] }};
}}"""
"""The contrast of letters in colours that have not passed before; null where it needs axe, which is not there."""
SHAPES = """(known) => {
  const seen = new Set(known);
  const named = (node) => !!(node.textContent.trim() || node.title || node.getAttribute('aria-label'));
  const look = /fa-[a-z-]+|blue|cyan|gray|green|orange|purple|red/g;
  const classOf = (node) => (node.getAttribute('class') || '').replace(look, '').trim();
  const own = (node) => [node.tagName, classOf(node), node.getAttribute('role')].join();
  const shape = (node) => [own(node), own(node.parentElement), node.getAttributeNames().sort(), named(node)].join();
  return [...new Set([...document.querySelectorAll('body *')].map(shape))].filter((each) => !seen.has(each));
}"""
"""What axe has not looked at: elements by tag, class and role, their own and their parent's, and whether named."""
DOUBLE = """() => [...document.querySelectorAll('[id]')].map(node => node.id)
    .filter((id, place, all) => all.indexOf(id) !== place).map(id => `id twice: ${id}`)"""
SIDEWAYS = """() => document.documentElement.scrollWidth <= window.innerWidth ? []
    : [...document.querySelectorAll('body *')]
        .filter(node => node.getBoundingClientRect().right > window.innerWidth + 1)
        .slice(0, 5).map(node => node.outerHTML.slice(0, 120))"""
WORDS = """() => [document.body.innerText, document.title,
    ...[...document.querySelectorAll('[placeholder],[title],[aria-label]')].flatMap(node =>
        ['placeholder', 'title', 'aria-label'].map(name => node.getAttribute(name) || ''))].join('\\n')"""
LINKS = """() => [...document.querySelectorAll('a[href]:not([download])')]
    .filter(link => !link.closest('.strip, .pager, th')).map(link => link.href)"""
ENGLISH = re.compile(r"(?<![\w@./#:%-])[A-Za-z]{2,}(?![\w@./#-])")
KNOWN = {
    "PDF",
    "OFD",
    "JPG",
    "JPEG",
    "PNG",
    "DOCX",
    "XLSX",
    "Excel",
    "SHA",
    "MB",
    "KB",
    "QQ",
    "Enter",
    "Alt",
    "Ctrl",
    "Tab",
    "Del",
    "AAA",
    "AA",
    "URDG",
    "English",
}
LEGIBLE: set[str] = set()
SHAPED: set[str] = set()
"""Colours and shapes that axe has found sound, on whichever account's page."""
LEFT_OUT = re.compile(r"/(export|file|pdf|template|faults|language|logout|static)(/|$)|\.json$")


@dataclass
class Walker:
    """One account's browser: it notes what a page says on its console."""

    page: Page
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.said.append(f"throws {error}"))
        self.page.on("console", lambda line: line.type == "error" and self.said.append(f"console: {line.text}"))

    def open(self, url: str) -> int:
        """Open the address at the wide size; the status of the answer."""
        self.said.clear()
        self.page.set_viewport_size(WIDE)
        answer = self.page.goto(url)
        return answer.status if answer else 0

    def faults(self) -> list[str]:
        """What is wrong with the page as it stands, at both widths."""
        found = [*(f"English: {word}" for word in english(self.page)), *self.page.evaluate(DOUBLE)]
        fresh = self.page.evaluate(SHAPES, list(SHAPED))
        for size in (WIDE, NARROW):
            self.page.set_viewport_size(size)
            wrong = [*(self._barriers() if fresh else ()), *self._illegible()]
            wrong += [f"sideways {each}" for each in self.page.evaluate(SIDEWAYS)]
            found += [f"{size['width']} {each}" for each in wrong]
        SHAPED.update(() if found else fresh)
        return found + self.said

    def _barriers(self) -> list[str]:
        self._bring_axe()
        return list(self.page.evaluate(AXE, AXE_OPTIONS))

    def _illegible(self) -> list[str]:
        found = self.page.evaluate(CONTRAST, list(LEGIBLE))
        if found is None:
            self._bring_axe()
            found = self.page.evaluate(CONTRAST, list(LEGIBLE))
        LEGIBLE.update(found["passed"])
        return list(found["faults"])

    def _bring_axe(self) -> None:
        """Half a megabyte of script, which most pages can do without."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)


def english(page: Page) -> list[str]:
    """The English words that a reader of the page would meet, other than the names of accounts."""
    names = {each.username for each in ACCOUNTS} | {each.key for each in parties()}
    return sorted(set(ENGLISH.findall(page.evaluate(WORDS))) - KNOWN - names)


def kind_of(url: str) -> str:
    """Pages of one kind differ by the record that they show and by the rows that were asked for."""
    return re.sub(r"/(\d+|[\w-]{24,})(?=/|$)", "/…", urlsplit(url).path)


def pages_of(walker: Walker, base: str, *, states: bool) -> Iterator[tuple[str, int]]:
    """Every page that can be reached from the workbench, each kind once, and with `states` in each state."""
    waiting: list[tuple[str, str]] = [(f"{base}/", "")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        url, tab = waiting.pop(0)
        key = (kind_of(url), tab)
        if key in seen:
            continue
        seen.add(key)
        status = walker.open(shortest(url))
        if "/list/" not in url or not tab:
            yield url, status
            walker.page.set_viewport_size(WIDE)
        found = [(link, tab_of(link, url, tab)) for link in walker.page.evaluate(LINKS) if is_page(link, base)]
        waiting += [(link, of) for link, of in found if states or not of]


def shortest(url: str) -> str:
    """A list with as few rows as its page size allows: more of them show nothing new, and axe looks at each."""
    if "/list/" not in url or "size=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}size=10"


def is_page(link: str, base: str) -> bool:
    """Whether the link leads to a page of this site."""
    parts = urlsplit(link)
    asked = set(parse_qs(parts.query)) - {"tab", "size"} if "/list/" in parts.path else set()
    return link.startswith(f"{base}/") and not LEFT_OUT.search(parts.path) and not asked


def tab_of(link: str, url: str, tab: str) -> str:
    """The tab of a list, and of the records that were found in it."""
    query: dict[str, Any] = parse_qs(urlsplit(link).query)
    if "/list/" in link:
        return query.get("tab", [""])[0]
    return tab if "/list/" in url and "/show/" in link else ""


def signed_in(browser: Browser, base: str, username: str, password: str) -> Walker:
    """A walker in a session of its own."""
    context = browser.new_context(
        base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai", viewport=WIDE, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto("/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)
    return Walker(page)
