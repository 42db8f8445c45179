"""月报核对: the sums of a report beside the movements of its month, and these line by line beside a statement."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from flask import render_template

from app.core.words import _
from app.imports.rows import DryRun
from app.movements import files, reading
from app.web import cells, forms
from app.web.forms import RecordForm
from app.web.pages import Button, Cell, Column, FormPage, FormSection, Link, Notice, Row, Section, Table
from models.funds.fund import Fund
from models.funds.reconciliation import NAMES, comparable, is_covered
from models.funds.report import FundReport
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.movements.movement import AccountMovement
from models.rules import matching
from models.rules.matching import NO_BALANCE, OUTCOMES, Pair
from models.rules.money import from_fen, show, to_fen
from models.rules.movements import DIRECTIONS, IN, OUT, Line
from models.rules.problem import Problem
from views.frame import form_page

TONES = {
    matching.MATCHED: "green",
    matching.ONLY_HERE: "orange",
    matching.ONLY_THERE: "orange",
    matching.DIFFERING: "red",
}
HEADS = (
    ("booked_at", "入账时间", Look.DATE),
    ("reference", "银行流水号", Look.CODE),
    ("direction", "收支方向", Look.TEXT),
    ("amount", "流水金额(元)", Look.MONEY),
    ("stated", "对账单金额(元)", Look.MONEY),
    ("balance", "流水余额(元)", Look.MONEY),
    ("stated_balance", "对账单余额(元)", Look.MONEY),
    ("outcome", "核对结果", Look.TAG),
)
SHOWN = 1_000


def page(
    report: FundReport,
    *,
    title: str,
    action_url: str,
    close_url: str,
    crumbs: tuple[Link, ...],
    compared: DryRun | None = None,
    problems: Sequence[Problem] = (),
) -> str:
    """The page with its form for a statement; what the statement says is compared and nowhere kept."""
    account = report.account
    assert account is not None and report.month is not None
    moved = reading.of_month(account, report.month, opening=report.opening)
    there = list(_stated(compared, account, report.month)) if compared is not None else None
    form: RecordForm = forms.form_class(FundReport, (), categories=(files.STATEMENT,))()
    box = form[files.STATEMENT.name]
    box.multiple = False
    shown = FormPage(
        title=title,
        action_url=action_url,
        sections=(FormSection(_("与对账单逐笔核对"), "upload", (box,)),),
        buttons=(Button("then", "check", _("上传并核对"), "primary"),),
        close_url=close_url,
        problems=form.show(problems),
        hidden=((form_page.TOKEN, form_page.token()),),
        notices=tuple(_notices(report, account, compared)),
        lead=(_sums(report, account), _lines(moved, there)),
        multipart=True,
    )
    return render_template("record/form.html", page=shown, form=form, page_title=title, crumbs=crumbs)


def difference_lines(report: FundReport, account: Fund, month: str) -> Iterator[Mapping[str, str]]:
    """What of the typed sums is not what the movements come to, for the form while one types."""
    moved = reading.sums_of(account, month, opening=report.opening)
    for name in comparable(account, month, opening=report.opening, moved=moved):
        said, told = getattr(report, name), getattr(moved, name)
        if said is not None and told is not None and said != told:
            params = {"moved": show(told, "元"), "missing": show(said - told, "元")}
            text = _("账户流水为 %(moved)s 元，相差 %(missing)s 元", **params)
            yield {"for": name, "text": text, "tone": "warning"}


def moved_values(account: Fund, month: str, *, opening: Decimal | None) -> Mapping[str, Decimal]:
    """What a report of the month that begins with `opening` is filled with, as the movements come to; 元."""
    moved = reading.sums_of(account, month, opening=opening)
    names = comparable(account, month, opening=opening, moved=moved)
    found = {name: getattr(moved, name) for name in names}
    return {name: amount for name, amount in found.items() if amount is not None}


def _notices(report: FundReport, account: Fund, compared: DryRun | None) -> Iterator[Notice]:
    if not is_covered(account, report.month):
        yield Notice(_("经办银行尚未上传该月的账户流水"), "warning")
    yield Notice(_("上传的对账单只用于核对，不计入账户流水，也不保存核对结果"), "info")
    if compared is None:
        return
    yield from (Notice(text, "danger") for text in compared.faults)
    if compared.fault_count:
        text = _("对账单中有 %(count)s 处无法读取，所在行未参加核对", count=compared.fault_count)
        yield Notice(text, "warning")


def _sums(report: FundReport, account: Fund) -> Section:
    moved = reading.sums_of(account, report.month or "", opening=report.opening)
    told = comparable(account, report.month, opening=report.opening, moved=moved)
    shown = {name: getattr(moved, name) for name in (("opening", *told) if told == NAMES else told)}
    rows = tuple(_sum_row(report, name, shown.get(name)) for name in ("opening", *NAMES))
    heads = (("label", "项目", Look.TEXT), ("said", "月报(元)", Look.MONEY), ("moved", "账户流水(元)", Look.MONEY))
    columns = tuple(Column(name, _(label), look) for name, label, look in (*heads, ("outcome", "核对结果", Look.TAG)))
    return Section(_("月报与账户流水"), anchor="sums", table=Table(columns, rows, numbered=False))


def _sum_row(report: FundReport, name: str, moved: Decimal | None) -> Row:
    said, label = getattr(report, name), _(field_of(FundReport, name).label)
    outcome = Cell()
    if said is not None and moved is not None:
        differs = _("相差 %(missing)s", missing=show(said - moved, "元"))
        outcome = Cell(differs, Look.TAG, "red") if said != moved else Cell(_("一致"), Look.TAG, "green")
    amounts = (Cell("" if each is None else show(each, "元"), Look.MONEY) for each in (said, moved))
    return Row(name, label, (Cell(label), *amounts, outcome))


def _lines(moved: Sequence[AccountMovement], there: Sequence[Line] | None) -> Section:
    here = [each.line for each in moved]
    pairs = matching.matched(here, there) if there is not None else [Pair(each, None) for each in here]
    counts = {outcome: sum(each.outcome == outcome for each in pairs) for outcome in OUTCOMES}
    said = _("共 %(count)s 笔", count=len(pairs))
    if there is not None:
        said = " · ".join(f"{_(OUTCOMES[outcome])} {count}" for outcome, count in counts.items())
        pairs.sort(key=lambda each: each.outcome == matching.MATCHED)
    columns = tuple(Column(name, _(label), look) for name, label, look in HEADS)
    rows = tuple(_row(place, each, is_compared=there is not None) for place, each in enumerate(pairs[:SHOWN]))
    table = Table(columns, rows, caption=said, empty_text=_("该月没有账户流水"))
    return Section(_("逐笔核对"), anchor="lines", table=table)


def _row(place: int, pair: Pair, *, is_compared: bool) -> Row:
    one = pair.here or pair.there
    assert one is not None
    outcome = Cell(_(OUTCOMES[pair.outcome]), Look.TAG, TONES[pair.outcome]) if is_compared else Cell()
    shown = (
        Cell(cells.instant(one.booked_at), Look.DATE),
        Cell(one.reference, Look.CODE),
        Cell(_(DIRECTIONS[IN if one.amount > 0 else OUT])),
        _amount(abs(pair.here.amount) if pair.here else None),
        _amount(abs(pair.there.amount) if pair.there else None),
        _amount(pair.here.balance if pair.here else None),
        _amount(pair.there.balance if pair.there else None),
        outcome,
    )
    return Row(str(place), one.reference, shown)


def _amount(fen: int | None) -> Cell:
    return Cell("" if fen in (None, NO_BALANCE) else show(from_fen(fen or 0), "元"), Look.MONEY)


def _stated(found: DryRun, account: Fund, month: str) -> Iterator[Line]:
    """The statement's lines of the account and the month."""
    for place, row in enumerate(files.lines(found)):
        at = row["booked_at"]
        is_own = row["account_no"] in (None, account.account_no)
        if not is_own or at is None or row["amount"] is None or f"{at:%Y-%m}" != month:
            continue
        fen = to_fen(row["amount"])
        balance = row["balance_after"]
        yield Line(
            id=place,
            reference=row["reference"] or f"#{place}",
            amount=fen if row["direction"] == IN else -fen,
            balance=to_fen(balance) if balance is not None else NO_BALANCE,
            booked_at=at,
        )
