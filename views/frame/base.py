"""The base of every screen: a concrete view is declarations; this walks them, the same way for all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder.baseviews import BaseCRUDView, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import ColumnElement

from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, told
from app.core.viewer import viewer
from app.core.words import _, said
from app.engine import records, transitions
from app.files import uploads
from app.web import cells, exports, listing
from app.web.listing import Search
from app.web.pages import Cell, Link, Notice, Tab
from models.attachment import Category
from models.grammar.base import Record
from models.grammar.columns import Choices, Field, declares, field_of
from models.grammar.faults import refuse
from models.grammar.viewer import Viewer
from models.rules.problem import Problem
from views.frame import bulk, checks, form_page, list_page, show_page
from views.frame.access import allowed
from views.frame.pickers import Picker

Part = tuple[str, tuple[str, ...]]


class RecordView(BaseCRUDView):
    """One screen over one record class: list, search, detail, form, transitions, files and export.

    `opens` gives for each permission (list, show, add, edit, do, export) the roles that hold it. Fields are named
    by column; `form_parts` and `show_parts` are (title, names). `computed` declares columns of the list that are looked
    up beside the record. `rows` narrows the scope for this screen alone.
    """

    model: ClassVar[type[Record]]
    opens: ClassVar[Mapping[str, frozenset[str]]] = {}
    menu_roles: ClassVar[frozenset[str]] = frozenset()
    menu_label: ClassVar[str] = ""
    menu_category: ClassVar[str] = ""
    menu_icon: ClassVar[str] = ""
    list_title: str = ""
    add_title: str = ""
    show_kind: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    list_columns: Sequence[str] = ()
    sortable: ClassVar[Sequence[str] | None] = None
    main_column: ClassVar[str] = ""
    search_boxes: ClassVar[Sequence[str | Search]] = ()
    form_parts: ClassVar[tuple[Part, ...]] = ()
    show_parts: ClassVar[tuple[Part, ...]] = ()
    readonly: ClassVar[frozenset[str]] = frozenset()
    pickers: ClassVar[Mapping[str, Picker]] = {}
    submit_with: ClassVar[str] = ""
    figures: ClassVar[tuple[str, ...]] = ()
    number: ClassVar[tuple[str, ...]] = ()
    add_label: ClassVar[str] = "新增"
    aliases: ClassVar[Mapping[str, tuple[str, str]]] = {}
    column_labels: ClassVar[Mapping[str, str]] = {}
    column_kinds: ClassVar[Mapping[str, str]] = {}
    computed: ClassVar[Mapping[str, Field]] = {}
    explains: ClassVar[bool] = False
    exclude_route_methods: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        refuse(checks.faults_of(self))
        self.datamodel = SQLAInterface(self.model)
        super().__init__()

    def _init_forms(self) -> None:
        """Forms are made by `app.web.forms` from the columns' declarations."""

    # declarations that a screen may compute

    def rows(self, who: Viewer) -> tuple[ColumnElement[bool], ...]:
        """What this screen shows of the viewer's rows."""
        return ()

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """The tabs by state: key → (label, clause)."""
        if self.model.workflow is None:
            return {}
        return {
            state.name: (state.label, self.model.state == state.name)  # type: ignore[attr-defined]
            for state in self.model.workflow.states
        }

    def may(self, permission: str) -> bool:
        """Whether the viewer's role holds the permission on this screen."""
        return bool(self.appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name))

    def columns(self) -> Sequence[str]:
        """The columns of the list and of its export, which may depend on who looks."""
        return self.list_columns

    def may_sort(self, name: str) -> bool:
        """Whether the list may be sorted by the column; a screen over many rows names its indexed ones."""
        return listing.is_sortable(self.model, name) if self.sortable is None else name in self.sortable

    def default_sort(self, tab: str) -> str:
        """The order of a list that nobody sorted: newest first, unless the tab asks for another."""
        return ""

    def tools(self) -> tuple[Link, ...]:
        """The buttons over the list, left side."""
        if not self.form_parts or not self.may("add"):
            return ()
        return (Link(_(self.add_label), self.url("add"), icon="fa-plus", tone="primary"),)

    def enrich(self, records: Sequence[Any]) -> None:
        """Look up what the page needs of other tables, once for all its rows."""

    def row_links(self, record: Record) -> tuple[Link, ...]:
        """Links of one row beyond 查看, 编辑 and 删除."""
        return ()

    def modes(self) -> tuple[Tab, ...]:
        """The tabs that lead to this screen's sisters."""
        return ()

    def list_context(self) -> dict[str, Any]:
        """What the list's template needs beyond the page."""
        return {}

    def crumbs(self, last: str = "") -> tuple[Link, ...]:
        """The way to this page."""
        way = [Link(_(self.menu_category), "")] if self.menu_category else []
        way.append(Link(_(self.list_title), self.url("list")))
        return (*way, Link(last, "")) if last else tuple(way)

    def label(self, name: str) -> str:
        """The label of a field with its unit, or of a computed column."""
        if name == "state":
            return _("状态")
        if name in self.aliases:
            own, column = self.aliases[name]
            return said(replace(field_of(self.model, column), label=own).words)
        if declares(self.model, name):
            return said(field_of(self.model, name).words)
        if name in self.computed:
            return said(self.computed[name].words)
        return _(self.column_labels.get(name, name))

    def cell(self, record: Record, name: str) -> Cell:
        """What stands in a column of this record; computed columns are a screen's own."""
        if name in self.computed:
            return cells.of_value(self.computed[name], self.value(record, name))
        return list_page.default_cell(self, record, self.aliases[name][1] if name in self.aliases else name)

    def value(self, record: Record, name: str) -> Any:
        """What a column of `computed` holds for this record, typed as its declaration says."""
        return getattr(record, name)

    def choices(self, name: str) -> Choices | None:
        """A closed list that depends on the viewer; None for the column's own."""
        return None

    def extra_boxes(self) -> Mapping[str, Any]:
        """Boxes of the form, named in `form_parts`, that are no column of the record."""
        return {}

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """What the form of a transition is filled with."""
        return {}

    def given(self) -> Mapping[str, Any]:
        """What every new record of this screen is, besides what is typed."""
        return {}

    def requires(self, name: str) -> bool:
        """Whether the form marks the field as one that has to be filled in."""
        return self.model.requires(name)

    def papers(self) -> Sequence[Category]:
        """The attachment categories that the record's author fills."""
        return form_page.edit_categories(self.model)

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """Lines over the form."""
        return ()

    def show_extra(self, record: Record) -> show_page.Extra:
        """Sections, notices and links of the detail page beyond the declared fields."""
        return show_page.Extra()

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the server computes while one types: {"fields": …, "lines": …}."""
        return {}

    def start_values(self) -> Mapping[str, Any]:
        """What a new form is filled with."""
        return {}

    # addresses

    def url(self, method: str, **values: Any) -> str:
        """The address of one of this screen's methods."""
        return url_for(f"{self.endpoint}.{method}", **values)

    @classmethod
    def address(cls, method: str, **values: Any) -> str:
        """The address of one of the methods, for links from other screens."""
        return url_for(f"{cls.__name__}.{method}", **values)

    def list_url(self) -> str:
        """The list that this person came from, with its filters, or the bare list."""
        return self.url("list")

    # reading

    @expose("/list/")
    @allowed("list")
    def list(self) -> ResponseReturnValue:
        """The list page."""
        return list_page.show(self)

    @expose("/export/")
    @allowed("export")
    def export(self) -> ResponseReturnValue:
        """The list as an Excel file, with the same search, order and columns."""
        return list_page.export(self)

    @expose("/show/<int:pk>")
    @allowed("show")
    def show(self, pk: int) -> ResponseReturnValue:
        """The detail page."""
        return show_page.show(self, self.load(pk))

    @expose("/file/<int:pk>/<int:file_id>")
    @allowed("show")
    def file(self, pk: int, file_id: int) -> ResponseReturnValue:
        """One attached file, as a download or, with ?preview=1, in the browser."""
        record = self.load(pk)
        for attachment in uploads.of_record(record):
            if attachment.id == file_id:
                return exports.attachment(attachment, preview=request.args.get("preview") == "1")
        abort(404)

    @expose("/pick/<field>")
    @allowed("list")
    def pick(self, field: str) -> ResponseReturnValue:
        """The rows of a picker, as JSON."""
        picker = self.pickers.get(field)
        if picker is None:
            abort(404)
        return jsonify(picker.answer(request.args.get("q", "")))

    @expose("/explain", methods=["POST"])
    @allowed("add")
    def explanation(self) -> ResponseReturnValue:
        """What follows from the values typed so far, as JSON."""
        return jsonify(self.explain(form_page.typed(self)))

    # writing

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """A new record."""
        if request.method == "GET":
            return form_page.show(self, None)
        return self._save(None)

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: int) -> ResponseReturnValue:
        """An existing record, as long as its state leaves it open to this person; else the record as it stands."""
        record = self.load(pk)
        if not record.editable(viewer()):
            if request.method == "GET":
                return redirect(self._after(pk))
            abort(409, _("当前状态不能修改，请返回列表查看最新状态"))
        if request.method == "GET":
            return form_page.show(self, record)
        return self._save(record)

    @expose("/delete/<int:pk>", methods=["POST"])
    @allowed("edit")
    def delete(self, pk: int) -> ResponseReturnValue:
        """Delete a record that never left its author's hands."""
        self.load(pk)
        write_from_here()
        try:
            records.delete(self.model, pk)
            flash(_("已删除"), "success")
        except NotFound:
            abort(404)
        except Lost as lost:
            flash(told(lost), "warning")
        return redirect(self.list_url())

    @expose("/do/<int:pk>/<name>", methods=["GET", "POST"])
    @allowed("do")
    def do(self, pk: int, name: str) -> ResponseReturnValue:
        """One transition: its form, or the deed."""
        record = self.load(pk)
        form_page.transition_of(record, name)
        if request.method == "GET":
            return form_page.ask(self, record, name)
        return self._perform(record, name)

    @expose("/bulk/<name>", methods=["POST"])
    @allowed("do")
    def bulk(self, name: str) -> ResponseReturnValue:
        """One transition on all picked rows."""
        return bulk.perform(self, name)

    # load, check, do

    def load(self, pk: int) -> Record:
        """The record within the viewer's scope and this screen's rows; 404 for everything else."""
        try:
            return self.found(pk)
        except NotFound:
            abort(404)

    def found(self, pk: int) -> Record:
        """The record within the viewer's scope and this screen's rows; NotFound for everything else."""
        return transitions.find(self.model, pk, rows=self.rows(viewer()))

    def _save(self, record: Record | None) -> ResponseReturnValue:
        form = form_page.build(self, record)
        token = form_page.token()
        before = records.saved_before(token) if record is None else None
        if before is not None:
            return redirect(self.url("show", pk=before.record_id))
        key = record.id if record is not None else None
        malformed = [*form.malformed(), *form_page.stage(self, form, token)]
        write_from_here()
        try:
            saved, warnings = records.save(
                self.model,
                {**form.values(), **(self.given() if record is None else {})},
                key=key,
                version=form_page.version(),
                token=token,
                removed=form_page.removed(),
                papers=[each.name for each in self.papers()],
                malformed=malformed,
                then=form_page.wanted(self),
            )
        except NotFound:
            abort(404)
        except Refused as refused:
            twin = records.saved_before(token) if record is None else None
            if twin is not None:
                return redirect(self.url("show", pk=twin.record_id))
            return form_page.again(self, key, form, refused.problems)
        except Lost as lost:
            return form_page.again(self, key, form, [Problem(str(lost))])
        self._say(saved, warnings)
        flash(_("提交成功") if form_page.wanted(self) else _("保存成功"), "success")
        return redirect(self.url("show", pk=saved.id))

    def _perform(self, record: Record, name: str) -> ResponseReturnValue:
        form = form_page.build_asked(self, record, name)
        token = form_page.token()
        malformed = [*form.malformed(), *form_page.stage(self, form, token)]
        key = record.id
        write_from_here()
        try:
            done, warnings = transitions.perform(
                self.model,
                key,
                name,
                inputs=form.values(),
                version=form_page.version(),
                found=malformed,
                prepare=lambda each: uploads.bind(
                    each, token=token, removed=form_page.removed(), only=form_page.transition_of(each, name).attach
                ),
            )
        except NotFound:
            abort(404)
        except Refused as refused:
            return form_page.ask_again(self, key, name, form, refused.problems)
        except Lost as lost:
            flash(told(lost), "warning")
            return redirect(self._after(key))
        self._say(done, warnings)
        flash(_("办理成功"), "success")
        return redirect(self._after(key))

    def _after(self, key: int) -> str:
        try:
            self.found(key)
        except NotFound:
            return self.list_url()
        return self.url("show", pk=key)

    def _say(self, record: Record, warnings: Sequence[Problem]) -> None:
        """Flash the warnings, save those that stand on the record's own page."""
        standing = getattr(record, "warnings", "").split("\n")
        for text in dict.fromkeys(said(problem) for problem in warnings if problem.text not in standing):
            flash(text, "warning")
