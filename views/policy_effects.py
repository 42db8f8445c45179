"""What a preview of a policy version says on its form: the values beside the old ones, then records one by one."""

from app.core.words import _
from app.policy.preview import CAP, SHOWN, Covered, Due, Preview
from app.web import cells
from app.web.pages import Cell, Column, Notice, Row, Section, Table
from models.grammar.fields import Look
from models.rules import money

WAN = "万元"
NEXT_CHECK = "合同按最近一次核验时的版本核算，新版本自下次提交担保业务或确认合同条款起适用"


def notices(preview: Preview) -> tuple[Notice, ...]:
    """The counts, and how far was looked."""
    text = _(
        "预览：与版本%(base)s相比，%(falling)s 份合同下次核验时担保将低于最低担保金额，%(rising)s 份将重新达到，"
        "%(late)s 件补录将逾期，%(moved)s 件在办业务的期限不同",
        base=preview.base.version,
        falling=len(preview.falling),
        rising=len(preview.rising),
        late=len(preview.late),
        moved=len(preview.moved),
    )
    tone = "warning" if preview.falling or preview.late else "info"
    found = [Notice(text, tone)]
    if preview.is_capped:
        capped = _("业务较多，每类最多统计最近的 %(count)s 条，实际数量更多", count=f"{CAP:,}")
        found.append(Notice(capped, "warning"))
    return tuple(found)


def sections(preview: Preview) -> tuple[Section, ...]:
    """One card for each kind of effect; a kind without one says so."""
    return (
        _values(preview),
        _contracts(_("担保将低于最低担保金额的合同"), "falling", preview.falling, note=_(NEXT_CHECK)),
        _contracts(_("担保将重新达到最低担保金额的合同"), "rising", preview.rising, note=_(NEXT_CHECK)),
        _dues(_("将逾期的补录"), "late", preview.late),
        _dues(
            _("期限不同的在办业务"),
            "moved",
            preview.moved,
            note=_("已开始计算的办理期限不变，新期限适用于施行日起开始的环节；此处列出同一业务按两个版本计算的期限"),
        ),
    )


def _values(preview: Preview) -> Section:
    columns = (
        Column("label", _("参数")),
        Column("before", _("版本%(name)s", name=preview.base.version), Look.CODE),
        Column("after", _("新版本"), Look.CODE),
    )
    rows = tuple(
        Row(str(index), each.label, (Cell(each.label), Cell(each.before, Look.CODE), Cell(each.after, Look.CODE)))
        for index, each in enumerate(preview.changed)
    )
    return Section(_("参数变化"), anchor="changed", table=Table(columns, rows))


def _contracts(title: str, anchor: str, found: tuple[Covered, ...], *, note: str) -> Section:
    if not found:
        return Section(title, anchor=anchor, note=_("无"))
    columns = (
        Column("contract_no", _("合同编号"), Look.CODE),
        Column("project_name", _("工程名称")),
        *(
            Column(name, _("%(label)s(%(unit)s)", label=label, unit=_(WAN)), Look.MONEY)
            for name, label in (
                ("cover", _("现有担保")),
                ("before", _("现最低担保金额")),
                ("after", _("下次核验最低担保金额")),
            )
        ),
    )
    rows = tuple(
        Row(
            str(index),
            each.project_name,
            (
                Cell(each.contract_no, Look.CODE),
                Cell(each.project_name),
                *(Cell(money.show(amount, WAN), Look.MONEY) for amount in (each.cover, each.before, each.after)),
            ),
        )
        for index, each in enumerate(found[:SHOWN])
    )
    return Section(title, anchor=anchor, table=Table(columns, rows), note=f"{_counted(len(found))} {note}")


def _dues(title: str, anchor: str, found: tuple[Due, ...], note: str = "") -> Section:
    if not found:
        return Section(title, anchor=anchor, note=_("无"))
    columns = (
        Column("number", _("申请编号"), Look.CODE),
        Column("project_name", _("工程名称")),
        Column("clock", _("环节")),
        Column("before", _("原期限"), Look.DATE),
        Column("after", _("新期限"), Look.DATE),
    )
    rows = tuple(
        Row(
            str(index),
            each.project_name,
            (
                Cell(each.number, Look.CODE),
                Cell(each.project_name),
                Cell(_(each.clock.label)),
                Cell(cells.due(each.before), Look.DATE),
                Cell(cells.due(each.after), Look.DATE),
            ),
        )
        for index, each in enumerate(found[:SHOWN])
    )
    text = " ".join(filter(None, (_counted(len(found)), note)))
    return Section(title, anchor=anchor, table=Table(columns, rows), note=text)


def _counted(count: int) -> str:
    if count <= SHOWN:
        return _("共 %(count)s 条", count=count)
    return _("共 %(count)s 条，以下为前 %(shown)s 条", count=count, shown=SHOWN)
