"""What was added to a text after we gave it out to be signed: signatures, time stamps, validation data, no more.

A signed PDF keeps the bytes that were given out and appends revisions to them. Whatever a revision redefines is shown
in place of what stood there, so each is judged by pyHanko's rules for updates, and beyond them by where a signature
may be seen and by what a reader shows as the document's title.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import zip_longest
from typing import Any
from xml.etree import ElementTree

from pyhanko.pdf_utils.generic import DictionaryObject, IndirectObject
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, SuspiciousModification

from models.rules.problem import Problem

UNREADABLE = "文件无法作为 PDF 读取，请确认文件完整后重新上传。"
_NOT_THE_TEXT = "上传的文件不是在本保函的待签文本上签署的，请下载待签文本，不作改动，签署后上传"
_ANOTHER_TEXT = "上传的文件是“%(title)s”，不是本保函的待签文本，请下载本保函的待签文本，签署后上传"
_OTHER = "上传的文件除签名、时间戳和验证信息外还有其他改动，请下载待签文本，不作改动，签署后上传"
_PAGES = "待签文本共%(before)s页，上传的文件共%(after)s页，请下载待签文本，不作改动，签署后上传"
_CONTENT = "上传的文件改动了第%(page)s页的内容，请下载待签文本，不作改动，签署后上传"
_ANNOTATION = "上传的文件在第%(page)s页添加或改动了签名以外的批注，请下载待签文本，不作改动，签署后上传"
_OUTSIDE = "可见签章超出了第%(page)s页的电子签章框，请签在框内，或者使用不可见签名"
_ELSEWHERE = "第%(page)s页不能有可见签章，请签在第%(place)s页的电子签章框内，或者使用不可见签名"
_ACTIVE = "签章域带有动作或图层，请用不带动作的签章域重新签署待签文本"
_FORM = "上传的文件添加了签名以外的表单域，请下载待签文本，不作改动，签署后上传"
_CATALOGUE = "上传的文件改动了附件、脚本、打开动作、图层等文件级内容，请下载待签文本，不作改动，签署后上传"
_TITLE = "上传的文件改动了文件的标题或作者，请下载待签文本，不作改动，签署后上传"

_SLACK = 1.0  # points: programs round a rectangle each in its own way
_ROOT_MAY_CHANGE = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/MarkInfo", "/Version"})
_PAGE_MAY_CHANGE = frozenset({"/Annots", "/Tabs"})
_ACTIONS = ("/A", "/AA", "/OC")
_INFO = ("/Title", "/Author", "/Subject", "/Keywords")
_DUBLIN_CORE = [
    f"{{http://purl.org/dc/elements/1.1/}}{name}" for name in ("title", "creator", "subject", "description")
]


def check(pdf: bytes, text: bytes, *, field: str) -> list[Problem]:
    """What stands against taking this PDF for the text, signed; nothing when only signing was added to it."""
    if not pdf.startswith(text):
        return [_other_text(pdf, text, field)]
    try:
        given, upload = PdfFileReader(BytesIO(text)), PdfFileReader(BytesIO(pdf))
        revision = given.xrefs.total_revisions - 1
        old = upload.get_historical_resolver(revision)
        later = [upload.get_historical_resolver(each) for each in range(revision + 1, upload.xrefs.total_revisions)]
        found = _Difference(old, later).told(field) if later else ()
        return list(dict.fromkeys(found)) or _against_the_rules(old, later, field)
    except Exception:  # a hostile file can make the parser raise anything; whatever it is, the file is refused
        return [Problem(UNREADABLE, field)]


def _against_the_rules(old: HistoricalResolver, later: list[HistoricalResolver], field: str) -> list[Problem]:
    """What else a later revision did to the text: pyHanko knows what updates signing needs, one by one."""
    try:
        for each in later:
            DEFAULT_DIFF_POLICY.apply(old, each)
    except SuspiciousModification:
        return [Problem(_OTHER, field)]
    return []


def _other_text(pdf: bytes, text: bytes, field: str) -> Problem:
    """Of another letter's file its title tells; of our own text, saved anew, that it was changed."""
    title, own = _title_of(pdf), _title_of(text)
    if title and title != own:
        return Problem(_ANOTHER_TEXT, field, {"title": title})
    return Problem(_NOT_THE_TEXT, field)


def _title_of(pdf: bytes) -> str:
    try:
        return str(_at(PdfFileReader(BytesIO(pdf)).trailer_view, "/Info", "/Title") or "")
    except Exception:  # a file that cannot be read has no title
        return ""


class _Difference:
    """What a signed text shows beyond the text."""

    def __init__(self, old: HistoricalResolver, later: list[HistoricalResolver]) -> None:
        self.old, self.new = old, later[-1]
        self.redefined = {ref for each in later for ref in each.explicit_refs_in_revision()}
        self.before, self.after = list(_pages(self.old)), list(_pages(self.new))
        self.place = next(
            (number, _rectangle(widget))
            for number, page in enumerate(self.before, 1)
            for widget in _annotations(page).values()
            if _is_signature(widget)
        )

    def told(self, field: str) -> Iterator[Problem]:
        """Each thing that is more than signing, as a sentence that names it."""
        if len(self.before) != len(self.after):
            yield Problem(_PAGES, field, {"before": len(self.before), "after": len(self.after)})
        for number, (before, after) in enumerate(zip_longest(self.before, self.after), 1):
            if before is not None and after is not None:
                yield from self._of_page(number, before, after, field)
        if _changed(self.old.root, self.new.root, _ROOT_MAY_CHANGE):
            yield Problem(_CATALOGUE, field)
        if any(_at(each.get_object(), "/FT") != "/Sig" for each in self.new.root["/AcroForm"]["/Fields"]):
            yield Problem(_FORM, field)
        if _titles(self.old) != _titles(self.new):
            yield Problem(_TITLE, field)

    def _of_page(self, number: int, before: DictionaryObject, after: DictionaryObject, field: str) -> Iterator[Problem]:
        shown = [before.raw_get(name) for name in ("/Contents", "/Resources") if name in before]
        drawn = {ref for each in shown for ref in self.old.collect_dependencies(each)}
        if drawn & self.redefined or _changed(before, after, _PAGE_MAY_CHANGE):
            yield Problem(_CONTENT, field, {"page": number})
        known = _annotations(before)
        for ref, widget in _annotations(after).items():
            if not _is_signature(widget):
                if ref not in known or ref in self.redefined:
                    yield Problem(_ANNOTATION, field, {"page": number})
            elif any(name in widget for name in _ACTIONS):
                yield Problem(_ACTIVE, field)
            else:
                yield from self._where(number, _rectangle(widget), field)

    def _where(self, number: int, rectangle: tuple[float, ...], field: str) -> Iterator[Problem]:
        """A signature that is seen stands in the place for it: anywhere else it could be drawn over the text."""
        left, bottom, right, top = rectangle
        if left == right or bottom == top:
            return
        page, frame = self.place
        if number != page:
            yield Problem(_ELSEWHERE, field, {"page": number, "place": page})
        elif min(left - frame[0], bottom - frame[1], frame[2] - right, frame[3] - top) < -_SLACK:
            yield Problem(_OUTSIDE, field, {"page": number})


def _pages(resolver: HistoricalResolver) -> Iterator[DictionaryObject]:
    """The leaves of the page tree, in their order."""
    seen: set[Any] = set()
    waiting = [resolver.root.raw_get("/Pages")]
    while waiting:
        raw = waiting.pop(0)
        if raw in seen:
            raise ValueError("a page stands in the tree twice")
        seen.add(raw)
        node = raw.get_object()
        if "/Kids" in node:
            waiting = [*node["/Kids"], *waiting]
        else:
            yield node


def _annotations(page: DictionaryObject) -> dict[Any, DictionaryObject]:
    """The page's annotations by what refers to them; one that stands in the page itself by its place."""
    return {
        each.reference if isinstance(each, IndirectObject) else place: each.get_object()
        for place, each in enumerate(_at(page, "/Annots") or ())
    }


def _is_signature(annotation: DictionaryObject) -> bool:
    kind = _at(annotation, "/FT") or _at(annotation, "/Parent", "/FT")
    return _at(annotation, "/Subtype") == "/Widget" and kind == "/Sig"


def _rectangle(widget: DictionaryObject) -> tuple[float, ...]:
    """Left, bottom, right, top, whichever corners the file names."""
    first, second, third, fourth = (float(each) for each in widget["/Rect"])
    return min(first, third), min(second, fourth), max(first, third), max(second, fourth)


def _changed(before: DictionaryObject, after: DictionaryObject, besides: frozenset[str]) -> bool:
    names = (before.keys() | after.keys()) - besides
    return any(name not in before or name not in after or before.raw_get(name) != after.raw_get(name) for name in names)


def _titles(resolver: HistoricalResolver) -> tuple[list[str], list[str]]:
    """What a reader shows of the document besides its pages: from the information and from the metadata."""
    known = resolver.trailer_view.get_value_as_reference("/Info", optional=True)
    info = [str(_at(resolver.get_object(known), name) or "") if known else "" for name in _INFO]
    metadata = resolver.root.raw_get("/Metadata").get_object() if "/Metadata" in resolver.root else None
    tree = ElementTree.fromstring(metadata.data) if metadata is not None else ()
    named = [each for part in tree for each in part.iter() if each.tag in _DUBLIN_CORE]
    return info, sorted("".join(each.itertext()).strip() for each in named)


def _at(node: DictionaryObject, *names: str) -> Any:
    """What the dictionary holds under these names, one within the other, read through references; None for nothing."""
    found: Any = node
    for name in names:
        if found is None or name not in found:
            return None
        found = found[name]
    return found
