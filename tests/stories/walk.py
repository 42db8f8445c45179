"""Walking every page that an account can open, by the links that stand on it, and what is wrong with a page."""

import json
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
BARRIERS = f"""options => {{ {FAULTS} return axe.run(document, options).then(faultsOf); }}"""
LOOKS = """
  const nodes = [...document.querySelectorAll('body *')];
  const kept = (of) => { const known = new Map(); return (node) => {
    if (!known.has(node)) known.set(node, of(node));
    return known.get(node);
  }; };
  const under = kept((node) => {
    const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(node);
    const plain = backgroundColor === 'rgba(0, 0, 0, 0)' && backgroundImage === 'none' && opacity === '1';
    const own = plain && position === 'static' ? '' : [backgroundColor, backgroundImage, opacity, position].join();
    return (node.parentElement ? under(node.parentElement) : '') + own;
  });
  const lookOf = kept((node) => {
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(node);
    return [color, fontSize, fontWeight, textShadow, under(node)].join();
  });
  const icon = /fa-[a-z-]+|blue|cyan|gray|green|orange|purple|red/g;
  const own = kept((node) =>
    [node.tagName, (node.getAttribute('class') || '').replace(icon, '').trim(), node.getAttribute('role')].join());
  const path = kept((node) => (node.parentElement ? path(node.parentElement) : '') + own(node) + ';');
  const textOf = (node) => [...node.childNodes]
    .map((child) => child.nodeType === Node.TEXT_NODE ? child.data.trim() : '').join('');
  const spot = (node) => {
    const { right, bottom } = node.getBoundingClientRect();
    const shown = node.checkVisibility({ visibilityProperty: true }) && right > 0 && bottom > 0;
    return shown ? [window.innerWidth, Math.round(right), Math.round(bottom)].join() : '';
  };
  const place = (node) => [!!spot(node), textOf(node).length > 1, lookOf(node), path(node),
    node.getAttributeNames()].join();
  const written = nodes.filter((node) => textOf(node) || node.matches('input, select, textarea'));
"""
"""How letters look, at what place of a page they stand, and on which spot; '' where they are not shown."""
READING = f"""() => {{
  {LOOKS}
  const named = (node) => !!(node.textContent.trim() || node.title || node.getAttribute('aria-label'));
  const shape = (node) => [own(node), own(node.parentElement), node.getAttributeNames().sort(), named(node)].join();
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  return JSON.stringify({{
    shapes: [...new Set(nodes.map(shape))],
    letters: written.map((node) => [lookOf(node), place(node), spot(node)]),
    words: [document.body.innerText, document.title,
      ...[...document.querySelectorAll('[placeholder],[title],[aria-label]')].flatMap((node) =>
        ['placeholder', 'title', 'aria-label'].map((name) => node.getAttribute(name) || ''))].join('\\n'),
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    sideways: document.documentElement.scrollWidth <= window.innerWidth ? []
      : nodes.filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1)
        .slice(0, 5).map((node) => node.outerHTML.slice(0, 120)),
  }});
}}"""
CONTRAST = f"""async (places) => {{
  {FAULTS}
  {LOOKS}
  const asked = new Set(places);
  const fresh = written.filter((node) => asked.has(spot(node) + place(node)));
  const found = await axe.run(fresh, {{
    runOnly: {{ type: 'rule', values: ['color-contrast'] }}, resultTypes: ['violations', 'passes', 'incomplete'],
    elementRef: true,
  }});
  const nodesOf = (results) => results.flatMap((each) => each.nodes);
  const reason = (node) => node.any[0]?.data?.messageKey;
  const passed = nodesOf(found.passes).filter((node) => reason(node) !== 'hidden').map((node) => node.element);
  const told = new Set([...nodesOf(found.violations).map((node) => node.element), ...passed].map(place));
  const wherever = ['bgGradient', 'bgImage', 'shortTextContent', 'nonBmp'];
  const unclear = new Set(nodesOf(found.incomplete)
    .filter((node) => wherever.includes(reason(node))).map((node) => node.element));
  return {{
    faults: faultsOf(found),
    passed: passed.map(lookOf),
    untold: fresh.filter((node) => !told.has(place(node)))
      .map((node) => (unclear.has(node) ? '' : spot(node)) + place(node)),
  }};
}}"""
"""The contrast of the letters on these spots: faults, looks that pass, places or spots of which axe says nothing."""
LINKS = """async (url) => {
  const page = url ? new DOMParser().parseFromString(await (await fetch(url)).text(), 'text/html') : document;
  return [...page.querySelectorAll('a[href]:not([download])')].filter((link) => !link.closest('.strip, .pager, th'))
    .map((link) => new URL(link.getAttribute('href'), url || location.href).href);
}"""
"""The links of this page, or of the one at an address."""
ENGLISH = re.compile(r"(?<![\w@./#:%-])[A-Za-z]{2,}(?![\w@./#-])")
KNOWN = {
    "PDF",
    "OFD",
    "JPG",
    "JPEG",
    "PNG",
    "DOCX",
    "XLSX",
    "CSV",
    "XML",
    "Excel",
    "SHA",
    "ISO",
    "TOTP",
    "Google",
    "Microsoft",
    "Authenticator",
    "FreeOTP",
    "https",
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
KEY = re.compile(r"(?:[A-Z2-7]{4}\s){3,}[A-Z2-7]{4}")
"""A key as people type it into their phone is no word."""

FOR_PROGRAMMERS = "/api/"
"""The pages that are written for who writes programs."""

LEGIBLE: set[str] = set()
UNTOLD: set[str] = set()
SHAPED: set[str] = set()
"""Colours that axe has found sound, places whose letters it says nothing of, and shapes without a barrier."""
LEFT_OUT = re.compile(r"/(export|workbook|file|pdf|template|faults|language|logout|static)(/|$)|\.json$")


@dataclass
class Walker:
    """One account's browser: it notes what a page says on its console."""

    page: Page
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.said.append(f"throws {error}"))
        self.page.on("console", lambda line: line.type == "error" and self.said.append(f"console: {line.text}"))

    def open(self, url: str) -> int:
        """Open the address at the width that the last page was left at; the status of the answer."""
        self.said.clear()
        answer = self.page.goto(url)
        return answer.status if answer else 0

    def faults(self) -> list[str]:
        """What is wrong with the page as it stands, and at the other width."""
        found, shapes = [], set()
        for size in (WIDE, NARROW) if self.page.viewport_size == WIDE else (NARROW, WIDE):
            self.page.set_viewport_size(size)
            read = json.loads(self.page.evaluate(READING))
            fresh = set(read["shapes"]) - SHAPED
            wrong = [*(self._barriers() if fresh else ()), *self._illegible(read["letters"])]
            words = "" if urlsplit(self.page.url).path.startswith(FOR_PROGRAMMERS) else read["words"]
            wrong += [f"English: {word}" for word in english(words)]
            wrong += [f"id twice: {each}" for each in read["twice"]]
            wrong += [f"sideways {each}" for each in read["sideways"]]
            found += [f"{size['width']} {each}" for each in wrong]
            shapes |= fresh
        SHAPED.update(() if found else shapes)
        return found + self.said

    def _barriers(self) -> list[str]:
        self._bring_axe()
        return list(self.page.evaluate(BARRIERS, AXE_OPTIONS))

    def _illegible(self, letters: list[tuple[str, str, str]]) -> list[str]:
        fresh = {
            spot + place
            for look, place, spot in letters
            if look not in LEGIBLE and place not in UNTOLD and spot + place not in UNTOLD
        }
        if not fresh:
            return []
        self._bring_axe()
        found = self.page.evaluate(CONTRAST, list(fresh))
        LEGIBLE.update(found["passed"])
        UNTOLD.update(found["untold"])
        return list(found["faults"])

    def _bring_axe(self) -> None:
        """Half a megabyte of script, which most pages can do without."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)


def english(text: str) -> list[str]:
    """The English words that a reader of this text would meet, other than the names of accounts."""
    names = {each.username for each in ACCOUNTS} | {each.key for each in parties()}
    return sorted(set(ENGLISH.findall(KEY.sub("", text))) - KNOWN - names)


def kind_of(url: str) -> str:
    """Pages of one kind differ by the record or resource that they show and by the rows that were asked for."""
    return re.sub(r"/(\d+|[\w-]{24,}|(?<=/api/resources/)[\w-]+)(?=/|$)", "/…", urlsplit(url).path)


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
        if "/list/" in url and tab:
            links = walker.page.evaluate(LINKS, shortest(url))
        else:
            status = walker.open(shortest(url))
            links = walker.page.evaluate(LINKS)
            yield url, status
        found = [(link, tab_of(link, url, tab)) for link in links if is_page(link, base)]
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
