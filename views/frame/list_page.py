"""The list page of a record view: search card, tabs, tools, table, pager; and the same rows for Excel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement

from app.core.viewer import viewer
from app.core.words import _, localized, localized_terms
from app.ledger import calendars, findings
from app.web import cells, exports, listing
from app.web.listing import Asked, BadArgument, Search
from app.web.pages import BulkAction, Cell, Column, Link, ListPage, Pager, Row, SearchBox, Tab
from models.grammar.base import Record
from models.grammar.columns import Field, declares, field_of
from models.grammar.fields import Look
from views.frame.screen import FINDINGS, OWN_LABELS, Screen

INSTANT_ROWS = 5_000
"""A list of more rows takes so long to write that nobody should wait for the answer."""

TOO_MANY = "一次最多导出 %(count)s 条，请用查询条件缩小范围"
TOO_DEEP = "只能翻看前 %(count)s 条，请用查询条件缩小范围"
WRONG = "查询条件“%(name)s”不正确，请重置后再试"
ARGUMENTS = {"tab": "状态", "sort": "排序", "page": "页码", "size": "每页条数"}


def show(view: Screen) -> ResponseReturnValue:
    """Render the list that the query arguments ask for."""
    asked = ask(view)
    try:
        rows, total = page_of(view, asked)
    except BadArgument:
        abort(400, _(TOO_DEEP, count=listing.DEEPEST_ROW))
    page = ListPage(
        title=_(view.list_title),
        columns=_columns(view, asked),
        rows=tuple(_row(view, each) for each in rows),
        pager=_pager(view, asked, total),
        reset_url=view.url("list"),
        filtered=asked.filtered,
        first_number=(asked.page - 1) * asked.size + 1,
        tabs=_tabs(view, asked),
        boxes=_boxes(view, asked),
        tools=view.tools(),
        bulk=_bulk(view),
        modes=view.modes(),
        notices=view.list_notices(),
        export_url=view.url("export", **_arguments(asked, page=1)) if view.may("export") else "",
        is_long=total > INSTANT_ROWS,
        empty_text=_("没有符合条件的记录，请调整查询条件") if asked.filtered or asked.tab else _(view.empty_text),
        hidden=tuple((name, text) for name, text in (("tab", asked.tab), ("size", str(asked.size))) if text),
    )
    return render_template(
        "record/list.html", page=page, view=view, page_title=page.title, crumbs=view.crumbs(), **view.list_context()
    )


def page_of(view: Screen, asked: Asked) -> tuple[list[Record], int]:
    """The rows of the asked page with what it shows of them, and how many the search finds, as far as is counted."""
    extra = _clauses(view, asked)
    rows = listing.page_of(view.model, asked, extra)
    _look_up(view, rows)
    return rows, listing.total_of(view.model, asked, rows, extra)


def ask(view: Screen) -> Asked:
    """The checked query arguments; 400 for what no link of ours makes."""
    try:
        return understood(view)
    except BadArgument as bad:
        abort(400, _(WRONG, name=argument_label(view, str(bad))))


def understood(view: Screen) -> Asked:
    """The checked query arguments; BadArgument names the first that is wrong."""
    sortable = sorted_by(view)
    asked = listing.ask(view.model, request.args, boxes=view.boxes(), sortable=sortable, tabs=list(view.tabs()))
    return asked if asked.sort else replace(asked, order=view.default_sort(asked.tab))


def sorted_by(view: Screen) -> list[str]:
    """The columns by which the list can be sorted."""
    return [name for name in view.shown_columns() if view.may_sort(name)]


def argument_label(view: Screen, name: str) -> str:
    """What a query argument is called on the page."""
    if name in ARGUMENTS:
        return _(ARGUMENTS[name])
    own = {each.name: _(each.label) for each in view.boxes() if isinstance(each, Search)}
    return own.get(name) or view.label(name.removesuffix("_from").removesuffix("_to"))


def export(view: Screen) -> ResponseReturnValue:
    """The asked list as an Excel file: its columns, and all its rows typed and in order."""
    try:
        keys = found(view)
    except BadArgument:
        flash(_(TOO_MANY, count=f"{listing.MOST_EXPORTED:,}"), "warning")
        return redirect(view.url("list", **_arguments(ask(view))))
    return exports.answer(view.list_title, sheet(view, keys))


def found(view: Screen) -> list[int]:
    """The ids of all rows that the query arguments ask for, in order; BadArgument when they are too many."""
    asked = ask(view)
    return listing.keys_of(view.model, asked, _clauses(view, asked))


def sheet(view: Screen, keys: list[int], *, title: str = "", names: Sequence[str] = ()) -> exports.Sheet:
    """These rows as a sheet, read while it is written: the list's columns, or those that are named."""
    shown = tuple(names or (*view.shown_columns(), *view.export_columns))
    columns = tuple(_export_column(view, name) for name in shown)
    return exports.Sheet(title=title or _(view.list_title), columns=columns, rows=_values(view, keys, shown))


def _values(view: Screen, keys: list[int], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for chunk in listing.chunks_of(view.model, keys):
        _look_up(view, chunk)
        for record in chunk:
            yield tuple(_export_value(view, record, name) for name in names)


def _look_up(view: Screen, rows: Sequence[Record]) -> None:
    view.enrich(rows)
    if FINDINGS in view.shown_columns():
        findings.look_up(rows)


def _declared(view: Screen, name: str) -> Field | None:
    return field_of(view.model, name) if declares(view.model, name) else view.computed.get(name)


def _export_column(view: Screen, name: str) -> exports.SheetColumn:
    declared = _declared(view, name)
    if declared is None:
        return exports.SheetColumn(view.label(name))
    kind = declared.kind
    return exports.SheetColumn(localized(declared.head), kind.width or exports.WIDTH, kind.excel_format(declared))


def _export_value(view: Screen, record: Record, name: str) -> Any:
    declared = _declared(view, name)
    if declared is None or not declared.kind.is_measure:
        return view.cell(record, name).text
    value = view.value(record, name)
    if value is None:
        return None
    if declared.kind.is_counted and calendars.is_estimated(value):
        return cells.due(value)
    return declared.kind.excel(value, declared)


def _clauses(view: Screen, asked: Asked) -> tuple[ColumnElement[bool], ...]:
    narrowed = view.rows(viewer())
    if not asked.tab:
        first = view.first_tab()[1]
        return narrowed if first is None else (*narrowed, first)
    if asked.sort and view.model.workflow is not None:
        return (*narrowed, listing.sought(view.model, "state", lambda state: state == asked.tab))
    return (*narrowed, view.tabs()[asked.tab][1])


def _columns(view: Screen, asked: Asked) -> tuple[Column, ...]:
    columns = []
    for name in view.shown_columns():
        sortable = view.may_sort(name)
        now = "asc" if asked.sort == name else "desc" if asked.sort == f"-{name}" else ""
        url = view.url("list", **_arguments(asked, sort=f"-{name}" if now == "asc" else name, page=1))
        declared = _declared(view, name)
        look = declared.kind.look if declared is not None else Look.TAG if name in OWN_LABELS else Look.TEXT
        columns.append(
            Column(
                name,
                view.label(name),
                look=view.column_looks.get(name, look),
                sort_url=url if sortable else "",
                sorted=now,
            )
        )
    return tuple(columns)


def _row(view: Screen, record: Record) -> Row:
    shown = tuple(_listed(view, record, name) for name in view.shown_columns())
    heading = view.cell(record, view.main_column).text if view.main_column else record.title
    return Row(key=f"{record.id}.{record.version}", heading=heading, cells=shown, links=_links(view, record))


def _listed(view: Screen, record: Record, name: str) -> Cell:
    """A cell in its row, on as many lines as its kind sets it."""
    shown = view.listed(record, name)
    lines = field_of(view.model, name).kind.lines(shown.text) if declares(view.model, name) else ()
    return replace(shown, lines=lines) if lines else shown


def _links(view: Screen, record: Record) -> tuple[Link, ...]:
    links = [Link(_("查看"), view.url("show", pk=record.id))] if view.may("show") else []
    if view.form_parts and view.may("edit") and record.editable(viewer()):
        links.append(Link(_("编辑"), view.url("edit", pk=record.id)))
        if record.deletable(viewer()):
            links.append(
                Link(
                    _("删除"),
                    view.url("delete", pk=record.id, version=record.version),
                    tone="danger",
                    post=True,
                    confirm=_("确定删除%(noun)s“%(title)s”吗？删除后不能恢复", noun=_(record.noun), title=record.title),
                )
            )
    return (*links, *view.row_links(record))


def _tabs(view: Screen, asked: Asked) -> tuple[Tab, ...]:
    declared = view.tabs()
    if not declared:
        return ()
    label, first = view.first_tab()
    clauses = {name: clause for name, (_label, clause) in declared.items()} | ({} if first is None else {"": first})
    counts = listing.tab_counts(view.model, clauses, view.rows(viewer()))
    count = "" if first is None else capped(counts[""], listing.TAB_CAP)
    tabs = [Tab(_(label), view.url("list", **_arguments(asked, tab="", page=1)), count=count, active=not asked.tab)]
    for name, (label, _clause) in declared.items():
        if counts[name] or name == asked.tab:
            tabs.append(
                Tab(
                    _(label),
                    view.url("list", **_arguments(asked, tab=name, page=1)),
                    count=capped(counts[name], listing.TAB_CAP),
                    active=asked.tab == name,
                )
            )
    return tuple(tabs)


def capped(number: int, cap: int) -> str:
    """12, or 1000+ where counting stopped."""
    return f"{cap}+" if number > cap else str(number)


def _boxes(view: Screen, asked: Asked) -> tuple[SearchBox, ...]:
    boxes = []
    for each in view.boxes():
        if isinstance(each, Search):
            boxes.append(
                SearchBox(
                    each.name,
                    _(each.label),
                    asked.texts.get(each.name, ""),
                    choices=_translated(each.choices),
                    placeholder=_("请输入%(label)s", label=_(each.label)),
                )
            )
            continue
        declared = field_of(view.model, each)
        ranged = declared.kind.range_box
        boxes.append(
            SearchBox(
                each,
                view.label(each),
                asked.texts.get(f"{each}_from" if ranged else each, ""),
                asked.texts.get(f"{each}_to", ""),
                range=ranged,
                choices=_translated(declared.options),
                placeholder=_("请输入%(label)s", label=_(declared.label)),
            )
        )
    return tuple(boxes)


def _translated(choices: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((value, localized_terms(label)) for value, label in choices)


def _bulk(view: Screen) -> tuple[BulkAction, ...]:
    workflow = view.model.workflow
    if workflow is None or not view.may("do"):
        return view.bulk_actions()
    steps = (
        BulkAction(
            each.name,
            _(each.label),
            view.url("bulk", name=each.name),
            _("确定对所选记录办理“%(label)s”吗？", label=_(each.label)),
        )
        for each in workflow.transitions
        if each.bulk and each.by & viewer().roles and (not each.duty or each.duty in viewer().duties_today)
    )
    return (*view.bulk_actions(), *steps)


def _pager(view: Screen, asked: Asked, total: int) -> Pager:
    last = max(1, -(-min(total, listing.DEEPEST_ROW) // asked.size))

    def url(page: int) -> str:
        return view.url("list", **_arguments(asked, page=page))

    shown = capped(total, listing.COUNT_CAP) if total > listing.COUNT_CAP else f"{total:,}"
    return Pager(
        total=total,
        total_text=_("共 %(count)s 条", count=shown),
        page=asked.page,
        size=asked.size,
        pages=tuple(
            (str(page) if page else "…", url(page) if page else "", page == asked.page)
            for page in _window(asked.page, last)
        ),
        sizes=tuple(
            (
                _("%(size)s 条/页", size=size),
                view.url("list", **_arguments(asked, size=size, page=1)),
                size == asked.size,
            )
            for size in listing.SIZES
        ),
        prev_url=url(asked.page - 1) if asked.page > 1 else "",
        next_url=url(asked.page + 1) if asked.page < last else "",
    )


def _window(page: int, last: int) -> list[int]:
    near = {1, last, *range(max(1, page - 2), min(last, page + 2) + 1)}
    shown: list[int] = []
    for each in sorted(near):
        if shown and each - shown[-1] > 1:
            shown.append(0)
        shown.append(each)
    return shown


def _arguments(asked: Asked, **changed: Any) -> dict[str, Any]:
    kept: dict[str, Any] = {**asked.texts, "tab": asked.tab, "sort": asked.sort, "page": asked.page, "size": asked.size}
    kept.update(changed)
    defaults: Mapping[str, Any] = {"page": 1, "size": 20}
    return {name: value for name, value in kept.items() if value and defaults.get(name) != value}
