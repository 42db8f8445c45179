"""索赔办理: the guarantor's claims by their clock, and the page on which each is worked (手册 2.2.4)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ColumnElement

from app.claims import owed
from app.claims.owed import Standing
from app.core.clock import today
from app.core.viewer import viewer
from app.core.words import _
from app.files import uploads
from app.web import cells
from app.web.pages import Cell, Column, Figure, FileItem, Row, Section, Table
from models.attachment import Attachment
from models.claim import Claim
from models.claims.caps import OPEN
from models.grammar.base import Record
from models.grammar.columns import TEXT, Field
from models.grammar.fields import Look
from models.grammar.viewer import GUARANTOR, PREPARE
from models.grammar.workflow import roles
from models.rules import claims as rules
from models.rules.money import show
from views import claim_again, claim_clock, letter_facts
from views import claim_sections as sections
from views.claims import ClaimView
from views.frame import show_page
from views.frame.screen import Extra, Part

DESK = roles(GUARANTOR)
DECIDED = ("decision", "payout", "remark", "disposal", "decided_at")
UNDER_WAY = (*OPEN, "paid", "unreceived")
ENDED = ("received", "refused", "extended", "withdrawn")
NEXT = {
    "submitted": "审查并作出决定",
    "decided": "另一名人员复核",
    "agreed": "付款并上传回单",
    "unreceived": "核实并补充付款凭证",
    "incomplete": "待施工单位补充材料",
    "on_hold": "待答复展期或赔付",
    "stayed": "待法院裁判",
    "paid": "待施工单位确认到账",
    "refused": "已发出拒赔通知",
    "received": "可登记追偿",
    "extended": "已展期，索赔视为撤回",
    "withdrawn": "施工单位已撤回",
}
PRESENTED, SAID = ("proof", "more"), "employer_paper"


class ClaimDeskView(ClaimView):
    """One claim a row, the one with the least time first."""

    route_base = "/claim-desk"
    menu_label = "索赔办理"
    menu_roles = DESK
    list_title = "索赔办理"
    empty_text = "没有需要办理的索赔"
    opens: ClassVar = {"list": DESK, "show": DESK, "export": DESK, "do": DESK}
    exclude_route_methods: ClassVar = {"add", "edit", "delete", "explanation", "suggestion", "preview", "pick", "bulk"}
    places_papers = True
    figures = ("amount",)
    list_columns: Sequence[str] = (
        "project_name",
        "kind",
        "state",
        "next",
        "due_on",
        "amount",
        "contractor_id",
        "claim_no",
        "letter_no",
        "received_at",
    )
    also_shown: ClassVar = (*ClaimView.also_shown, *DECIDED)
    computed: ClassVar[Mapping[str, Field]] = {"next": Field("下一步", TEXT)}

    def first_tab(self) -> tuple[str, ColumnElement[bool] | None]:
        """What is not ended yet."""
        return "在办", Claim.state.in_(UNDER_WAY)

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """By whose turn it is, and what has ended."""
        return {
            "examine": ("待审查", Claim.state == "submitted"),
            "review": ("待复核", Claim.state == "decided"),
            "pay": ("待付款", Claim.state.in_(("agreed", "unreceived"))),
            "others": ("待对方", Claim.state.in_(("incomplete", "on_hold", "paid"))),
            "stayed": ("中止支付", Claim.state == "stayed"),
            "late": ("已逾期", Claim.state.in_(UNDER_WAY) & (Claim.due_on < today())),
            "ended": ("已办结", Claim.state.in_(ENDED)),
        }

    def default_sort(self, tab: str) -> str:
        """The least time left first; what has ended, the newest."""
        return "" if tab == "ended" else "ends_by"

    def value(self, record: Record, name: str) -> Any:
        """What is to be done next, and by whom."""
        assert isinstance(record, Claim)
        return self._next(record) if name == "next" else super().value(record, name)

    def _next(self, claim: Claim) -> str:
        if claim.state == "stayed" and claim.sued_on is None:
            return _("未起诉的 %(day)s 后恢复", day=cells.day(claim_clock.stay_ends_on(claim)))
        if claim.has_lost_the_right(today()):
            return _("已丧失拒付权，按索赔金额办理赔付")
        return _(NEXT.get(claim.state, ""))

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """For its review, what 经办 has decided comes first."""
        decided = ("经办决定", DECIDED)
        return (*((decided,) if record.state == "decided" else ()), *super().parts_of(record))

    def asked_about(self, record: Record) -> tuple[Section, ...]:
        """The letter, the clock, the papers, what is due and what the employer says: what one decides by."""
        assert isinstance(record, Claim)
        found = owed.of_letter(record.letter, record)
        return (
            *super().asked_about(record),
            *sections.lead(record),
            self._papers(record),
            *sections.beside(record, found),
        )

    def bars(self, record: Record, name: str) -> bool:
        """A right that is lost is shown as barred."""
        assert isinstance(record, Claim)
        return name in ("decide_refusal", "refuse") and record.has_lost_the_right(today())

    def show_extra(self, record: Record) -> Extra:
        """The clock and the papers first, then what is due, the employer's word, what the letter has left."""
        assert isinstance(record, Claim)
        found = owed.of_letter(record.letter, record)
        return Extra(
            lead=(*sections.lead(record), self._papers(record), *self._beside(record, found)),
            sections=self._others(record),
            tools=self.ways(record),
            figures=tuple(_figures(record, found)),
            notices=claim_again.notices(record, may_claim=False),
            tags=(letter_facts.tag(record.letter),),
            bar_note=_bar_note(record),
        )

    def _papers(self, claim: Claim) -> Section:
        """What was presented, and what was found of it, one by one."""
        files = self._files(claim, *PRESENTED)
        found = claim.found_discrepancies
        note = _("收到 %(files)s 件，不符 %(found)s 处", files=len(files), found=len(found))
        if claim.disposal and claim.decision == rules.REFUSED:
            note += _("；单据处置：%(disposal)s", disposal=cells.cell(claim, "disposal").text)
        return Section(_("单据与不符点"), anchor="papers", note=note, table=_table(claim), files=files)

    def _beside(self, claim: Claim, found: Standing) -> tuple[Section, ...]:
        """With the employer's word its papers."""
        return tuple(self._with_papers(claim, each) for each in sections.beside(claim, found))

    def _with_papers(self, claim: Claim, section: Section) -> Section:
        return replace(section, files=self._files(claim, SAID)) if section.anchor == "word" else section

    def _others(self, claim: Claim) -> tuple[Section, ...]:
        """What the steps have brought: court, refusal, voucher."""
        shown = {*PRESENTED, SAID}
        files = self._files(claim, *(each.name for each in Claim.attachments if each.name not in shown))
        return (Section(_("办理文件"), anchor="files", files=files),) if files else ()

    def _files(self, claim: Claim, *names: str) -> tuple[FileItem, ...]:
        labels = {each.name: _(each.label) for each in Claim.attachments}
        held: list[Attachment] = [each for each in uploads.of_record(claim) if each.category in names]
        return tuple(show_page.file_item(self, claim, each, category=labels[each.category]) for each in held)


def _figures(claim: Claim, found: Standing) -> Iterator[Figure]:
    """What the letter has left, what is due, who is to be paid, and on which account."""
    unit = _("万元")
    yield Figure(_("保函余额"), show((claim.letter.amount or Decimal(0)) - claim.letter.paid, "万元"), unit)
    if found.due is not None:
        yield Figure(_("应付未付"), show(found.due, "万元"), unit)
    if claim.payout is not None and claim.decision != rules.REFUSED:
        yield Figure(cells.label(Claim, "payout").split("(")[0], show(claim.payout, "万元"), unit)
    yield Figure(_("受益人"), claim.contractor_name or "")
    yield Figure(_("收款账户"), _("尾号 %(digits)s", digits=(claim.payee_account or "")[-4:]))


def _table(claim: Claim) -> Table | None:
    found = claim.found_discrepancies
    if not found:
        return None
    columns = (Column("found", _("不符点")), Column("use", _("能否拒付"), Look.TAG))
    use = (
        Cell(_("拒付依据"), Look.TAG, "red") if claim.decision == rules.REFUSED else Cell(_("仅留存"), Look.TAG, "gray")
    )
    rows = tuple(Row(str(place), each, (Cell(each), use)) for place, each in enumerate(found, start=1))
    return Table(columns, rows, caption=_("不符点"))


def _bar_note(claim: Claim) -> str:
    """Why a button is barred."""
    may = PREPARE in viewer().duties_today or claim.state == "decided"
    if not claim.has_lost_the_right(today()) or not may:
        return ""
    return _("拒付期限 %(day)s 已过，“不予赔付”不可用", day=cells.day(claim.papers_by))
