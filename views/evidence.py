"""导出证据包: the case of a claim, or of a letter, as one ZIP that a court can read and check offline."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from app.claims import matters
from app.claims.matters import Matter
from app.core.database import write_from_here
from app.core.refusals import NotFound, Refused, message_of
from app.core.words import _
from app.engine import transitions
from app.engine.jobs import job
from app.engine.running import Running
from app.files import packs, uploads
from app.files.packs import BadPack, Source, Stored, Text
from app.files.store import safe_name
from app.letters import dossier, issue
from app.web import downloads
from app.web.pages import Link
from models.attachment import Attachment
from models.claim import Claim
from models.grammar.appbuilder import BaseView, expose
from models.grammar.base import Record
from models.grammar.rows import rows_in
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from models.grammar.workflow import roles
from models.modes.letter import Letter
from models.rules.problem import Problem
from views import evidence_texts as texts
from views import letter_timeline
from views.frame import later, readers, show_page
from views.frame.access import allowed

SUBJECTS: dict[str, type[Record]] = {"claim": Claim, "letter": Letter}
LARGEST = 300 << 20
"""How many bytes of files a pack may hold together."""

TITLE = "证据包"


@dataclass
class Case:
    """What goes into one pack: its members by name, and of each file whose record carries it what is said of it."""

    matter: Matter
    subject: Record
    members: dict[str, Source] = field(default_factory=dict)
    files: list[tuple[str, str, str]] = field(default_factory=list)
    size: int = 0

    @property
    def records(self) -> Iterator[Record]:
        """Everything that has a page on which the viewer may read it: the subject, the letter, what they rest on."""
        own = [self.subject, *(each for each in self.matter.records if each is not self.subject)]
        found = (*own, *matters.basis_of(self.matter.letter), *matters.alerts_of(self.matter))
        return (each for each in found if readers.screen_of(each) is not None)


class EvidenceView(BaseView):
    """Ask for the pack of a claim or of a letter."""

    route_base = "/evidence"
    opens: ClassVar = {"ask": roles(EMPLOYER, CONTRACTOR, GUARANTOR, REGULATOR)}

    @expose("/claim/<int:pk>", methods=["POST"])
    @allowed("ask")
    def claim(self, pk: int) -> ResponseReturnValue:
        """That of a claim."""
        return _ask("claim", pk)

    @expose("/letter/<int:pk>", methods=["POST"])
    @allowed("ask")
    def letter(self, pk: int) -> ResponseReturnValue:
        """That of a letter with all of its claims."""
        return _ask("letter", pk)


def _ask(subject: str, pk: int) -> ResponseReturnValue:
    """Ask for it, and lead to the page where it can be fetched."""
    try:
        record = transitions.find(SUBJECTS[subject], pk)
    except NotFound:
        abort(404)
    asked = {"subject": subject, "key": record.id, "number": texts.number_of(record)}
    write_from_here()
    try:
        downloads.ask(TITLE, {**asked, "locale": str(get_locale() or "")}, kind=downloads.PACK)
    except Refused as refused:
        flash(message_of(refused), "warning")
    else:
        flash(_("正在后台生成证据包，可以离开本页，完成后在此下载"), "success")
    return redirect(url_for(later.PAGE))


def link_of(record: Record) -> Link:
    """The button that asks for the pack of this claim or letter."""
    subject = next(name for name, model in SUBJECTS.items() if isinstance(record, model))
    url = url_for(f"EvidenceView.{subject}", pk=record.id)
    return Link(_("导出证据包"), url, icon="fa-box-archive", post=True)


@job(downloads.PACK, "生成证据包", as_asker=True, apart=True)
def _pack(running: Running) -> None:
    with later.asked_again(running):
        try:
            record = transitions.find(SUBJECTS[running.arguments["subject"]], running.arguments["key"])
            case = gather(record)
        except NotFound:
            raise Refused([Problem("您已不能查看该业务，未生成证据包")]) from None
        with tempfile.TemporaryFile() as target:
            try:
                write(case, target)
            except BadPack as bad:
                raise Refused([Problem("附件已损坏，未生成证据包：%(fault)s", params={"fault": str(bad)})]) from bad
            name = f"{_(TITLE)}-{texts.number_of(record)}"
            running.at(len(case.members), len(case.members))
            downloads.keep_file(running, target, name=name, kind="zip", count=len(case.members))


def gather(record: Record) -> Case:
    """The members of its pack, as far as the viewer may see what they tell; Refused where they are too large."""
    matter = matters.of_claim(record) if isinstance(record, Claim) else matters.of_letter(_letter(record))
    case = Case(matter, record)
    shown = list(case.records)
    for each in shown:
        _add_papers(case, each)
    _add_letters(case)
    for each in shown:
        case.members[f"{_('记录')}/{texts.name_of(each)}.json"] = _json(texts.content_of(each))
    moments, notices = letter_timeline.of_matter(matter), texts.notices_of(shown)
    case.members[f"{_('记录')}/{_('办理历史')}.json"] = _json(texts.history_of(shown))
    case.members[f"{_('记录')}/{_('通知')}.json"] = _json(notices)
    said = texts.dossier_of(record, shown, moments=moments, notices=notices, files=case.files)
    case.members[f"{_('卷宗')}.pdf"] = Text(dossier.render(said, folder=current_app.config["LETTER_FONTS"]))
    return case


def write(case: Case, target: Any) -> str:
    """Write its pack; the sha256 of the manifest."""
    return packs.write(case.members, {"record": texts.number_of(case.subject), "title": case.subject.title}, target)


def _letter(record: Record) -> Letter:
    assert isinstance(record, Letter)
    return record


def _add_papers(case: Case, record: Record) -> None:
    """The files of the record and of its rows, as its page shows them."""
    labels = {each.name: each.label for each in getattr(record, "attachments", ())}
    for name, found in show_page.row_files(record).items():
        labels |= {each.name: each.label for each in rows_in(type(record))[name].model.attachments}
        _add_files(case, record, found, labels)
    _add_files(case, record, uploads.of_record(record), labels)


def _add_files(case: Case, record: Record, found: list[Attachment], labels: dict[str, str]) -> None:
    for each in found:
        label = _(labels.get(each.category, each.category))
        name = f"{_('附件')}/{texts.name_of(record)}/{each.id:06d}-{safe_name(f'{label}-{each.name}')}"
        _add(case, name, each.sha256, each.size)


def _add_letters(case: Case) -> None:
    letter = case.matter.letter
    for each in matters.versions_of(letter):
        if each.sha256:
            name = f"{_('保函')}/{letter.letter_no}-{each.no}.pdf"
            _add(case, name, each.sha256, issue.store().path(each.sha256).stat().st_size)


def _add(case: Case, name: str, sha256: str, size: int) -> None:
    case.size += size
    if case.size > LARGEST:
        message = "附件合计超过 %(most)s MB，不能生成证据包，请逐项下载"
        raise Refused([Problem(message, params={"most": LARGEST >> 20})])
    case.members[name] = Stored(issue.store().path(sha256), sha256)
    case.files.append((name, show_page.size_text(size), sha256))


def _json(content: Any) -> Text:
    return Text(json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n")
