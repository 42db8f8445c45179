"""我的担保 → 保函模式: what a letter has beyond every mode — its PDF, its standing, its desks (手册 2.2.1.2)."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _, localized
from app.cover import guarantors
from app.files import uploads
from app.letters import changes, marks, versions
from app.web import cells, exports
from app.web.listing import Search, sought
from app.web.pages import Cell, Column, Fact, Link, Notice, Row, Section, Table
from models.amendments.guards import OUT
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import Choices
from models.grammar.fields import Look
from models.grammar.viewer import BANK, EMPLOYER, GUARANTOR, Viewer
from models.guarantor import Guarantor, Signatory
from models.letter_version import LetterVersion
from models.letters.backfill import SCAN
from models.letters.backfillable import UNACKNOWLEDGED
from models.letters.kind import kind_that_counts, unstated
from models.letters.standing import LABELS, TONES, Standing, stands
from models.letters.underwriting import PRODUCTS
from models.modes.letter import Letter
from models.rules import letters
from models.rules.money import show
from views import amendment_sections, evidence, fiscal, guarantor_invitations, letter_prices, letter_timeline
from views.frame.access import allowed
from views.frame.pickers import Picker
from views.frame.screen import Extra
from views.guarantees import CONTRACT_PICKER, GUARANTOR_PICKER, MENU_LABEL, PARTIES, GuaranteeView, mode_screens

VERSION_NAMES = ("no", "from_at", "amount", "ends_on", "paused_from", "ended_on", "premium")
SHOWN_ALWAYS = ("no", "from_at", "amount", "ends_on", "premium")
STANDINGS = tuple((str(each), LABELS[each]) for each in Standing if each is not Standing.NOT_ISSUED)


def _own_signatories(who: Viewer) -> tuple[ColumnElement[bool], ...]:
    return (Signatory.active.is_(True), Signatory.guarantor.has(Guarantor.organisation_id == who.organisation_id))


SIGNATORY_PICKER = Picker(
    Signatory, columns=("name", "position", "limit"), search=(Signatory.name,), where=_own_signatories
)


def _standing(code: str) -> ColumnElement[bool]:
    """The letters of that standing today, with the narrow index that finds the few there may be."""
    day, standing = today(), Standing(code)
    clause = stands(Letter, standing, day)
    match standing:
        case Standing.NOT_STARTED:
            return clause & sought(Letter, "starts_on", lambda starts_on: starts_on > day)
        case Standing.EXPIRED:
            return clause & sought(Letter, "ends_on", lambda ends_on: ends_on < day)
        case Standing.ENDED:
            return clause & sought(Letter, "ended_on", lambda ended_on: ended_on <= day)
        case Standing.USED_UP:
            return clause & sought(Letter, "paid", lambda paid: paid > 0)
    return clause


class LetterView(GuaranteeView):
    """S6 the application, S7 查看保函详情, the guarantor's desk, the contractor's receipt."""

    model = Letter
    route_base = "/letters"
    menu_label = MENU_LABEL
    menu_roles = PARTIES
    search_boxes = (
        *Letter.screen.search_columns[:8],
        Search("standing", "效力", _standing, STANDINGS),
        *Letter.screen.search_columns[8:],
    )
    pickers: ClassVar[Mapping[str, Picker]] = {
        "contract_id": CONTRACT_PICKER,
        "guarantor_id": GUARANTOR_PICKER,
        "signatory_id": SIGNATORY_PICKER,
    }

    told_parts: ClassVar = {"period": ("starts_on", "ends_on")}

    def concerns(self, who: Viewer) -> bool:
        """A bank has a part in accounts and in no letter, unless it is something else besides."""
        return who.roles != {BANK}

    @expose("/list/")
    @allowed("list")
    def list(self) -> ResponseReturnValue:
        """The list; 我的担保 leads an account without a part in letters to the first mode in which it has one."""
        if self.concerns(viewer()) or request.args:
            return super().list()
        return redirect(next(each for each in mode_screens() if each.concerns(viewer())).url("list"))

    def tools(self) -> tuple[Link, ...]:
        """申请担保 and, for letters that were settled offline, 补录."""
        if not self.may("list"):
            return super().tools()
        add = (Link(_("补录"), url_for("BackfillView.add"), icon="fa-file-pen"),) if self.may("add") else ()
        return (*super().tools(), *add, Link(_("补录记录"), url_for("BackfillView.list"), icon="fa-list-check"))

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: int) -> ResponseReturnValue:
        """A backfilled letter has a form of its own."""
        record = self.load(pk)
        assert isinstance(record, Letter)
        if record.backfilled:
            return redirect(url_for("BackfillView.edit", pk=pk))
        return super().edit(pk)

    def edits(self, record: Record) -> bool:
        """A backfilled letter is changed on the screen of backfills."""
        assert isinstance(record, Letter)
        return not record.backfilled and super().edits(record)

    def cell(self, record: Record, name: str) -> Cell:
        """The period stands on two lines; a confirmed letter that is over says so; a backfill its day."""
        assert isinstance(record, Letter)
        if name == "issued_at" and record.backfilled:
            return Cell(cells.day(record.settled_on), Look.DATE)
        if name == "state" and record.state == "confirmed" and record.standing(today()) is not Standing.IN_FORCE:
            return _standing_cell(record)
        if name == "letter_kind" and record.backfilled and record.letter_no and not record.letter_kind:
            return Cell(_("未载明，按%(kind)s处理", kind=_(letters.KINDS[kind_that_counts(record)])))
        return _period_cell(record) if name == "period" else super().cell(record, name)

    def choices(self, name: str) -> Choices | None:
        """A guarantor is offered the kinds of letters that its type may issue."""
        if name != "letter_kind":
            return None
        filing = guarantors.filing_of(viewer().organisation_id)
        kinds = letters.kinds_for(filing.guarantor_type or "") if filing else tuple(letters.KINDS)
        return tuple((kind, letters.KINDS[kind]) for kind in kinds)

    def start_values(self) -> Mapping[str, Any]:
        """担保类型 starts as S6 prints it."""
        return {**super().start_values(), "product": PRODUCTS[0][0]}

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """The guarantor starts from today and, for an insurance, from its one kind."""
        if name not in ("prepare", "record") or not isinstance(record, Letter):
            return {}
        kind = {"letter_kind": "insurance"} if record.product == "insurance" else {}
        return {"starts_on": today(), **kind} if name == "prepare" else kind

    def show_extra(self, record: Record) -> Extra:
        """Its paper, and the way to its changes."""
        assert isinstance(record, Letter)
        extra, tags = self._papers(record), _resting(record)
        way = Link(_("时间线"), self.url("timeline", pk=record.id), icon="fa-timeline")
        pack = (evidence.link_of(record),) if record.letter_no else ()
        extra = replace(extra, tools=(*extra.tools, way, *pack))
        extra = replace(extra, notices=(*letter_prices.notice(record), *extra.notices))
        extra = replace(extra, tags=(*extra.tags, *tags), sections=(*_money(record), *extra.sections))
        open_ = changes.open_of(record)
        if open_ is not None:
            address = url_for("AmendmentView.show", pk=open_.id)
            text = _("保函的变更 %(no)s 正在办理", no=open_.amendment_no)
            told = Notice(text, "info", address, _("查看担保调整"))
            return replace(extra, notices=(told, *extra.notices))
        if not _may_change(record, viewer()):
            return extra
        change = Link(_("变更"), "#modes", icon="fa-pen-to-square")
        dialog = amendment_sections.kinds_dialog(record)
        return replace(extra, tools=(*extra.tools, change), dialog=dialog)

    def _papers(self, record: Letter) -> Extra:
        """The PDF, its verification page and its code; of a backfilled letter there is no PDF of ours."""
        named = fiscal.notices_of(record)
        if record.backfilled:
            return _of_backfill(record, named)
        if not record.sha256:
            return self._to_be_signed(record, named)
        address = url_for("VerificationView.letter", number=record.letter_no, code=record.verification_code)
        tools = (
            Link(_("下载保函"), self.url("pdf", pk=record.id), icon="fa-file-pdf"),
            Link(_("在线预览"), self.url("pdf", pk=record.id, preview=1), icon="fa-eye", new_tab=True),
            Link(_("公开查验"), address, icon="fa-qrcode", new_tab=True),
            Link(_("打印"), "#print", icon="fa-print"),
        )
        code = Notice(_("验证码：%(code)s", code=marks.grouped(record.verification_code or "")), "info")
        sections = _versions(record)
        return Extra(tools=tools, tags=(_period_tag(record),), notices=(code, *named), sections=sections)

    def _to_be_signed(self, letter: Letter, named: tuple[Notice, ...]) -> Extra:
        if not _has_text_for(letter, viewer()) or letter.reserved_at is None:
            return Extra(notices=named)
        said = _(
            "待签文本已生成，预留保函编号%(no)s；请于%(day)s当日签署并出具",
            no=letter.reserved_no,
            day=cells.day(letter.reserved_at.date()),
        )
        tools = (Link(_("下载待签文本"), self.url("text", pk=letter.id), icon="fa-file-signature"),)
        return Extra(tools=tools, notices=(Notice(said, "info"), *named))

    @expose("/text/<int:pk>")
    @allowed("show")
    def text(self, pk: int) -> ResponseReturnValue:
        """The text that waits for its guarantor's signature; nobody else is given it."""
        letter = self.load(pk)
        assert isinstance(letter, Letter)
        if not _has_text_for(letter, viewer()):
            abort(404)
        return exports.pdf(letter.reserved_sha256 or "", f"{_('待签文本')}{letter.reserved_no}.pdf", preview=False)

    @expose("/pdf/<int:pk>")
    @allowed("show")
    def pdf(self, pk: int) -> ResponseReturnValue:
        """The issued letter as it was stored: what it says now, or the paper of the version that is named."""
        letter = self.load(pk)
        assert isinstance(letter, Letter)
        number = request.args.get("version", "")
        wanted = next((each for each in versions.of_letter(letter) if str(each.no) == number), None)
        sha256 = wanted.sha256 if wanted is not None else None if number else letter.sha256
        if not sha256:
            abort(404)
        name = f"{_('保函')}{letter.letter_no}{f'-{number}' if number else ''}.pdf"
        return exports.pdf(sha256, name, preview=request.args.get("preview") == "1")

    @expose("/invite/<int:pk>")
    @allowed("show")
    def invite(self, pk: int) -> ResponseReturnValue:
        """The way of a guarantor that is not on file to its filing."""
        letter = self.load(pk)
        assert isinstance(letter, Letter)
        return guarantor_invitations.answer(letter)

    @expose("/timeline/<int:pk>")
    @allowed("show")
    def timeline(self, pk: int) -> ResponseReturnValue:
        """Everything that happened to the letter, in its order."""
        letter = self.load(pk)
        assert isinstance(letter, Letter)
        return letter_timeline.show_page(letter, request.args.get("sort", ""))

    @expose("/timeline/<int:pk>/export")
    @allowed("export")
    def timeline_export(self, pk: int) -> ResponseReturnValue:
        """The same as an Excel file."""
        letter = self.load(pk)
        assert isinstance(letter, Letter)
        return letter_timeline.workbook(letter, request.args.get("sort", ""))


def _of_backfill(letter: Letter, named: tuple[Notice, ...]) -> Extra:
    names = ("backfill_kind", "settled_on", "backfilled_at", "late_days", "guarantor_uscc", "acknowledged_at")
    facts = tuple(Fact(cells.label(Letter, name), cells.cell(letter, name)) for name in names)
    sections = (Section(_("补录信息"), anchor="backfill", facts=facts), *_versions(letter))
    tags = [_standing_cell(letter)] if letter.letter_no and letter.state != "unconfirmed" else []
    if letter.is_unacknowledged and letter.letter_no and letter.state != "unconfirmed":
        tags.append(Cell(_(UNACKNOWLEDGED), Look.TAG, "orange"))
    if letter.late_days:
        tags.append(Cell(_("逾期 %(days)s 天补录", days=letter.late_days), Look.TAG, "orange"))
    notices = [*named]
    tools = list(guarantor_invitations.link_of(letter))
    if letter.letter_no:
        address = url_for("VerificationView.letter", number=letter.letter_no, code=letter.verification_code)
        tools.append(Link(_("公开查验"), address, icon="fa-qrcode", new_tab=True))
        notices.append(Notice(_("验证码：%(code)s", code=marks.grouped(letter.verification_code or "")), "info"))
    asked = letter.letter_no and viewer().has(GUARANTOR)
    notices += [Notice(localized(each), "warning") for each in (unstated(letter) if asked else ())]
    if letter.state == "recorded" and not uploads.of_record(letter, category=SCAN):
        notices.append(Notice(_("尚未上传保函扫描件，请补传"), "warning"))
    return Extra(sections=sections, notices=tuple(notices), tools=tuple(tools), tags=tuple(tags))


def _may_change(letter: Letter, who: Viewer) -> bool:
    """Whether this viewer may ask for a change of it."""
    own = who.has(EMPLOYER) and who.organisation_id == letter.employer_id
    return own and letter.state in OUT and letter.standing(today()) is not Standing.ENDED


def _money(letter: Letter) -> tuple[Section, ...]:
    """What claims hold and have taken of it, and what is left, once there is a claim."""
    if not (letter.paid or letter.reserved):
        return ()
    free = (letter.amount or Decimal(0)) - letter.paid - letter.reserved
    amounts = ((_("已赔付(万元)"), letter.paid), (_("索赔占用(万元)"), letter.reserved), (_("可用余额(万元)"), free))
    facts = tuple(Fact(label, Cell(show(amount, "万元"), Look.MONEY)) for label, amount in amounts)
    return (Section(_("担保余额"), anchor="balance", facts=facts),)


def _resting(letter: Letter) -> tuple[Cell, ...]:
    """That it rests, since when."""
    if letter.paused_from is None:
        return ()
    return (Cell(_("自 %(day)s 起暂停", day=cells.day(letter.paused_from)), Look.TAG, "orange"),)


def _has_text_for(letter: Letter, who: Viewer) -> bool:
    """Whether this viewer is to sign the letter, and its text is there."""
    signs = who.has(GUARANTOR) and who.organisation_id == letter.guarantor_id
    return signs and letter.state == "prepared" and letter.reserved_sha256 is not None


def _versions(letter: Letter) -> tuple[Section, ...]:
    """What the letter said from when on, the newest first."""
    found = versions.of_letter(letter)
    names = [name for name in VERSION_NAMES if name in SHOWN_ALWAYS or any(getattr(each, name) for each in found)]
    columns = tuple(Column(name, cells.label(LetterVersion, name)) for name in names)
    rows = tuple(
        Row(str(each.id), localized(each.words), tuple(cells.cell(each, name) for name in names), _ways(letter, each))
        for each in found
    )
    return (Section(_("保函版本"), anchor="versions", table=Table(columns, rows)),) if found else ()


def _ways(letter: Letter, version: LetterVersion) -> tuple[Link, ...]:
    """To the change that made the version, and to its paper."""
    ways = []
    if version.amendment_id is not None:
        ways.append(Link(_("查看变更"), url_for("AmendmentView.show", pk=version.amendment_id)))
    if version.sha256:
        ways.append(Link(_("下载"), url_for("LetterView.pdf", pk=letter.id, version=version.no)))
    return tuple(ways)


def _standing_cell(letter: Letter) -> Cell:
    standing = letter.standing(today())
    return Cell(_(LABELS[standing]), Look.TAG, TONES.get(standing, "gray"))


def _period_tag(letter: Letter) -> Cell:
    """The standing beside the state: of a letter 已生效 that begins later, 未生效 would deny what stands before it."""
    cell = _standing_cell(letter)
    return replace(cell, text=_("未到担保开始日期")) if letter.standing(today()) is Standing.NOT_STARTED else cell


def _period_cell(letter: Letter) -> Cell:
    if letter.starts_on is None or letter.ends_on is None:
        return Cell(look=Look.PERIOD)
    start, end = cells.day(letter.starts_on), cells.day(letter.ends_on)
    return Cell(_("%(start)s 至 %(end)s", start=start, end=end), Look.PERIOD, lines=(start, _("至 %(day)s", day=end)))
