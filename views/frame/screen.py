"""What a screen declares, and what it may compute: the pages of the frame ask it, the nouns' screens answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from flask import url_for
from sqlalchemy import ColumnElement

from app.core.viewer import viewer
from app.core.words import _, localized, translated
from app.engine import transitions
from app.ledger import findings
from app.web import cells, listing
from app.web.asides import Aside
from app.web.listing import Search
from app.web.pages import BulkAction, Cell, Figure, Link, Notice, Section, Tab
from models.attachment import Category
from models.grammar.appbuilder import BaseView
from models.grammar.base import Record
from models.grammar.columns import Choices, Field, declares, field_of
from models.grammar.fields import Look
from models.grammar.kinds.yes_no import ANSWERS
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.grammar.workflow import Transition
from views.frame.pickers import Picker

Part = tuple[str, tuple[str, ...]]

FINDINGS = "findings"
PARTIES = {EMPLOYER: "employer_id", CONTRACTOR: "contractor_id"}
"""The columns of a contract's two parties."""

OWN_LABELS = {"state": "状态", FINDINGS: "提示"}
"""The columns that no record declares."""


@dataclass(frozen=True)
class Extra:
    """What a screen adds to the detail page of a record; `lead` stands before the declared parts.

    `dialog` is what a dialog that one of the tools opens has to show; `wide` gives the sections the whole width.
    `withheld` are buttons that cannot be pressed yet; `bar_note` stands beside them and says why.
    """

    lead: tuple[Section, ...] = ()
    sections: tuple[Section, ...] = ()
    notices: tuple[Notice, ...] = ()
    tools: tuple[Link, ...] = ()
    tags: tuple[Cell, ...] = ()
    figures: tuple[Figure, ...] = ()
    wide: bool = False
    withheld: tuple[Link, ...] = ()
    bar_note: str = ""
    dialog: Mapping[str, Any] = field(default_factory=dict)


class Screen(BaseView):
    """One screen over one record class, as far as its pages ask it; `views.frame.base` gives it its addresses.

    `opens` gives for each permission (list, show, add, edit, do, export) the roles that hold it. Fields are named
    by column; `form_parts` and `show_parts` are (title, names). `own_names` gives, by role, the column that would say
    the viewer's own name on every line of the list. The export holds `export_columns` beyond the list's.
    `computed` declares columns of the list that are looked up beside the record. `suggests` gives, by the name of the
    form's rows, the word of the button that fills them from the screen's own address `suggestion`. On what is chosen
    in a box that `refreshes` the form the lists of other boxes rest: it is drawn anew with all that was typed, and
    nothing is saved. `previews` is the word of the button that opens, at the screen's own address `preview`, what
    would come of the form as it is typed.
    `rows` narrows the scope for this screen alone. With `watches_findings` regulators and
    guarantors see in the list which records have 提示, and may search for them. One that `places_papers` sets the
    record's files where they belong itself. What is done on its `pages_only` (add, edit, delete) no program does.
    `also_shown` names what the pages of some records show besides.
    Programs read a column that no record declares as `told_as` declares it, of one that puts several together its
    `told_parts`, and in lists `also_told`.
    """

    model: ClassVar[type[Record]]
    opens: ClassVar[Mapping[str, frozenset[str]]] = {}
    menu_roles: ClassVar[frozenset[str]] = frozenset()
    menu_label: ClassVar[str] = ""
    menu_category: ClassVar[str] = ""
    menu_icon: ClassVar[str] = ""
    list_title: str = ""
    empty_text: ClassVar[str] = "暂无数据"
    add_title: str = ""
    edit_title: str = ""
    show_kind: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    list_columns: Sequence[str] = ()
    export_columns: ClassVar[Sequence[str]] = ()
    sortable: ClassVar[Sequence[str] | None] = None
    main_column: ClassVar[str] = ""
    search_boxes: Sequence[str | Search] = ()
    form_parts: ClassVar[tuple[Part, ...]] = ()
    show_parts: ClassVar[tuple[Part, ...]] = ()
    also_shown: ClassVar[tuple[str, ...]] = ()
    readonly: ClassVar[frozenset[str]] = frozenset()
    pickers: ClassVar[Mapping[str, Picker]] = {}
    submit_with: ClassVar[str] = ""
    figures: ClassVar[tuple[str, ...]] = ()
    number: ClassVar[tuple[str, ...]] = ()
    add_label: ClassVar[str] = "新增"
    save_label: ClassVar[str] = "保存"
    aliases: ClassVar[Mapping[str, tuple[str, str]]] = {}
    column_labels: ClassVar[Mapping[str, str]] = {}
    column_looks: ClassVar[Mapping[str, Look]] = {}
    computed: ClassVar[Mapping[str, Field]] = {}
    also_told: tuple[str, ...] = ()
    told_as: ClassVar[Mapping[str, Field]] = {}
    told_parts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    own_names: ClassVar[Mapping[str, str]] = {}
    explains: ClassVar[bool] = False
    refreshes: ClassVar[frozenset[str]] = frozenset()
    suggests: ClassVar[Mapping[str, str]] = {}
    previews: ClassVar[str] = ""
    exclude_route_methods: ClassVar[set[str]] = set()
    pages_only: ClassVar[frozenset[str]] = frozenset()

    watches_findings: ClassVar[bool] = False
    places_papers: ClassVar[bool] = False
    events_title: ClassVar[str] = "审批记录"
    papers_title: ClassVar[str] = "业务附件"

    # declarations that a screen may compute

    def rows(self, who: Viewer) -> tuple[ColumnElement[bool], ...]:
        """What this screen shows of the viewer's rows."""
        return ()

    def tabs(self) -> Mapping[str, tuple[str, ColumnElement[bool]]]:
        """The tabs by state: key → (label, clause)."""
        if self.model.workflow is None:
            return {}
        return {state.name: (state.label, self.model.state == state.name) for state in self.model.workflow.states}

    def first_tab(self) -> tuple[str, ColumnElement[bool] | None]:
        """What the list shows while no tab is chosen: its word, and which rows; None: all of them."""
        return "全部", None

    def may(self, permission: str) -> bool:
        """Whether the viewer's role holds the permission on this screen; a machine has no account with roles."""
        who = viewer()
        if who.machine is not None:
            return who.has(*self.opens.get(permission, ()))
        return bool(self.appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name))

    def columns(self) -> Sequence[str]:
        """The columns of the list and of its export, which may depend on who looks."""
        who = viewer()
        hidden = {self.own_names.get(role) for role in who.roles} if len(who.roles) == 1 else set()
        return tuple(name for name in self.list_columns if name not in hidden)

    def shown_columns(self) -> Sequence[str]:
        """The columns with 提示 behind them, for those who watch over the records."""
        return (*self.columns(), FINDINGS) if self._is_watched() else self.columns()

    def boxes(self) -> Sequence[str | Search]:
        """The search boxes, with 有提示 for those who watch over the records."""
        if not self._is_watched():
            return self.search_boxes
        return (*self.search_boxes, Search(FINDINGS, "有提示", partial(findings.having, self.model), ANSWERS))

    def _is_watched(self) -> bool:
        return self.watches_findings and viewer().has(REGULATOR, GUARANTOR)

    def may_sort(self, name: str) -> bool:
        """Whether the list may be sorted by the column; a screen over many rows names its indexed ones."""
        return listing.is_sortable(self.model, name) if self.sortable is None else name in self.sortable

    def default_sort(self, tab: str) -> str:
        """The order of a list that nobody sorted: newest first, unless the tab asks for columns, parted by commas."""
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

    def list_notices(self) -> tuple[Notice, ...]:
        """Lines over the list."""
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
        if name in OWN_LABELS:
            return _(OWN_LABELS[name])
        if name in self.aliases:
            own, column = self.aliases[name]
            return localized(replace(field_of(self.model, column), label=own).words)
        if declares(self.model, name):
            return localized(field_of(self.model, name).words)
        if name in self.computed:
            return localized(self.computed[name].words)
        return _(self.column_labels.get(name, name))

    def cell(self, record: Record, name: str) -> Cell:
        """What stands in a column of this record; computed columns are a screen's own."""
        if self.hides(record, name):
            return Cell()
        if name in self.computed:
            return cells.of_value(self.computed[name], self.value(record, name))
        if name == FINDINGS:
            return cells.findings(record)
        column = self.aliases[name][1] if name in self.aliases else name
        masked = declares(self.model, column) and field_of(self.model, column).masked
        return cells.cell(record, column, mask=masked)

    def hides(self, record: Record, name: str) -> bool:
        """Whether the viewer, who reads the record, does not read this field of it."""
        return False

    def listed(self, record: Record, name: str) -> Cell:
        """The same in its row of the list, where a screen may set more beneath it."""
        return self.cell(record, name)

    def value(self, record: Record, name: str) -> Any:
        """What a column of `computed` holds for this record, typed as its declaration says."""
        return getattr(record, name)

    def told_value(self, record: Record, name: str) -> Any:
        """What a column of `told_as` holds for this record, typed as its declaration says."""
        return getattr(record, name)

    def told_columns(self) -> Sequence[str]:
        """The columns of the list that programs read."""
        return (*self.shown_columns(), *self.also_told)

    def choices(self, name: str) -> Choices | None:
        """A closed list that depends on the viewer; None for the column's own."""
        return None

    def extra_boxes(self) -> Mapping[str, Any]:
        """Boxes of the form, named in `form_parts`, that are no column of the record."""
        return {}

    def asked_about(self, record: Record) -> tuple[Section, ...]:
        """What a step's form shows of the record before its boxes: what one decides by."""
        return ()

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
        """The attachment categories of the form."""
        return self.model.own_papers()

    def offers(self, record: Record, name: str) -> bool:
        """Whether the page offers this step, which the workflow allows: not where it would say nothing new."""
        return True

    def bars(self, record: Record, name: str) -> bool:
        """Whether the page shows a step that it does not offer, as one that is barred; its bar says why."""
        return False

    def tone_of(self, record: Record, transition: Transition) -> str:
        """How the button of a step looks; one of them is primary."""
        return transition.tone

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        """Buttons on picked rows that lead to a page of their own, beside the bulk steps of the workflow."""
        return ()

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """Lines over the form."""
        return ()

    def also(self, record: Any) -> None:
        """What stands or falls with the saving of this record; done in the same deed."""

    def show_extra(self, record: Record) -> Extra:
        """Sections, notices and links of the detail page beyond the declared fields."""
        return Extra()

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the server computes while one types: {"fields": …, "lines": …}."""
        return {}

    def form_aside(self, values: Mapping[str, Any], record: Record | None) -> Aside | None:
        """What stands beside the form with these values typed so far; None where there is nothing to say."""
        return None

    def refreshed(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the form is drawn anew with, by the name of its box; what is not named stays as it was typed."""
        return {}

    def edits(self, record: Record) -> bool:
        """Whether the viewer may change the record now, in the form of this screen."""
        return bool(self.form_parts) and self.may("edit") and record.editable(viewer())

    def form_parts_of(self, record: Record | None) -> tuple[Part, ...]:
        """The parts of the form of this record, or of a new one."""
        return self.form_parts

    def parts_of(self, record: Record) -> tuple[Part, ...]:
        """The parts of the record's detail page."""
        return self.show_parts or self.form_parts

    def targets(self, values: Mapping[str, Any]) -> Mapping[str, Decimal]:
        """What the sums of the form's rows have to reach, by the name of the rows; `values` are typed so far."""
        return {}

    def start_values(self) -> Mapping[str, Any]:
        """What a new form is filled with."""
        return {}

    def own_number(self, record: Record) -> str:
        """Its number, where no other record may have the same."""
        columns = self.model.__mapper__.columns
        own = (getattr(record, name) for name in self.number if columns[name].unique)
        return next((str(each) for each in own if each), "")

    def called(self, record: Record) -> str:
        """What tells the record from others of its kind: its own number, or its title."""
        return self.own_number(record) or translated(record.title)

    # addresses

    def url(self, method: str, **values: Any) -> str:
        """The address of one of this screen's methods."""
        return url_for(f"{self.endpoint}.{method}", **values)

    @classmethod
    def address(cls, method: str, **values: Any) -> str:
        """The address of one of the methods, for links from other screens."""
        return url_for(f"{cls.__name__}.{method}", **values)

    def list_url(self) -> str:
        """The list, without any filter."""
        return self.url("list")

    def pick_url(self, name: str) -> str:
        """The address of the rows that the field's picker offers."""
        return self.url("pick", field=name)

    def elsewhere(self, method: str, values: Mapping[str, Any]) -> str:
        """The address at which somebody to whom this screen is closed is shown the same; empty where there is none."""
        return ""

    def found(self, pk: int) -> Record:
        """The record within the viewer's scope and this screen's rows; NotFound for everything else."""
        return transitions.find(self.model, pk, rows=self.rows(viewer()))
