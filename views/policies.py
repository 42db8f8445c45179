"""政策参数: the dated versions of what the law leaves to a date; previewed, then announced, never changed in force."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core.clock import today
from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.words import _
from app.engine import records
from app.ledger import policies
from app.policy import preview, versions
from app.policy.versions import NotPreviewed
from app.web import cells
from app.web.forms import RecordForm
from app.web.pages import Button, Cell, Column, FormPage, Link, Notice, Row, Section, Table
from app.web.sources import told
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.viewer import ADMIN
from models.grammar.workflow import roles
from models.policy import PolicyVersion, labels
from models.rules import sources
from models.rules.problem import Problem
from models.rules.sources import Source
from views import policy_effects
from views.frame import form_page, seen, timeline
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra

KEEPERS = roles(ADMIN)
PREVIEWED = "previewed"
CHANGED_SINCE = "填写内容或已有版本在预览后有变动，请核对下面的预览后再确认保存"
SOURCES = (
    ("figure", "参数", Look.TEXT),
    ("title", "文件名称", Look.TEXT),
    ("dated", "日期", Look.DATE),
    ("clause", "条款", Look.TEXT),
    ("sentence", "原文", Look.TEXT),
)


class PolicyView(RecordView):
    """One version a row, the newest day first."""

    model = PolicyVersion
    route_base = "/policies"
    menu_label = "政策参数"
    menu_category = "系统设置"
    menu_icon = "fa-sliders"
    list_title = "政策参数"
    add_title = "新增政策版本"
    edit_title = "修改政策版本"
    add_label = "新增版本"
    opens: ClassVar = {"list": KEEPERS, "show": KEEPERS, "export": KEEPERS, "add": KEEPERS, "edit": KEEPERS}
    menu_roles = KEEPERS
    exclude_route_methods: ClassVar = {"do", "urge", "bulk", "pick", "explanation", "file"}
    pages_only = frozenset({"add", "edit", "delete"})
    list_columns = (
        "name",
        "from_on",
        "phase",
        "flat_share",
        "reading",
        "backfill_days",
        "confirm_days",
        "basis",
    )
    column_labels: ClassVar = {"phase": "施行情况"}
    column_looks: ClassVar = {"phase": Look.TAG}
    main_column = "name"
    search_boxes = ("name", "from_on")
    form_parts: ClassVar = (
        ("版本信息", ("name", "from_on", "basis", "sources")),
        (
            "最低担保金额",
            ("flat_share", "first_share", "first_up_to", "second_share", "second_up_to", "last_share", "reading"),
        ),
        ("补录", ("backfill_mode", "backfill_cut_off_on", "backfill_days")),
        (
            "期限",
            (
                "underwriting_working_days",
                "confirm_days",
                "amendment_days",
                "overdue_days",
                "overdue_reminder_days",
                "plan_days",
                "labour_days",
                "settlement_window_days",
                "defects_window_days",
                "monthly_due_day",
                "expiry_warning_days",
                "price_rise_share",
            ),
        ),
        (
            "索赔",
            (
                "independent_claim_working_days",
                "dependent_claim_working_days",
                "insurance_decision_days",
                "insurance_refusal_days",
                "insurance_payment_days",
                "insurance_certain_part_days",
                "claim_hold_days",
                "claim_stay_days",
            ),
        ),
        (
            "督办和通报",
            (
                "signing_days",
                "inquiry_days",
                "order_least_days",
                "order_most_days",
                "extension_days",
                "tolerance_days",
                "circular_days",
            ),
        ),
        ("预警等级", tuple(f"grade_a{number}" for number in range(1, 16))),
    )
    show_parts: ClassVar = (("版本信息", ("name", "from_on", "basis")), *form_parts[1:])
    figures = ("from_on", "flat_share", "reading", "backfill_days")

    def default_sort(self, tab: str) -> str:
        """The newest day first."""
        return "-from_on"

    def enrich(self, records: Sequence[PolicyVersion]) -> None:
        """The day on which they are looked at: what is in force offers no change."""
        for version in records:
            version.seen_on = today()  # type: ignore[misc]

    def cell(self, record: Record, name: str) -> Cell:
        """Whether the version is in force, to come, or followed by another."""
        if name != "phase":
            return super().cell(record, name)
        assert isinstance(record, PolicyVersion)
        return _phase(record)

    def start_values(self) -> Mapping[str, Any]:
        """The figures of the latest version; its name, day and reason are to be given."""
        latest = versions.latest()
        names = ["sources", *(name for _title, part in self.form_parts[1:] for name in part)]
        return {name: getattr(latest, name) for name in names} if latest is not None else {}

    def show_extra(self, record: Record) -> Extra:
        """Where it stands, what was done to it, and the way to take it back before its day."""
        assert isinstance(record, PolicyVersion)
        events = (_sources(record), timeline.table(record))
        if record.is_in_force(today()):
            text = _("已施行的版本不能修改；如需调整，请新增施行日期更晚的版本")
            return Extra(sections=events, notices=(Notice(text, "info"),), tags=(_phase(record),))
        sure = _("确定撤回政策版本“%(name)s”吗？", name=record.name)
        withdrawn = self.url("delete", pk=record.id, version=record.version)
        take_back = Link(_("撤回"), withdrawn, tone="danger", post=True, confirm=sure)
        return Extra(sections=events, tools=(take_back,), tags=(_phase(record),))

    @expose("/add", methods=["GET", "POST"])
    @allowed("add")
    def add(self) -> ResponseReturnValue:
        """A new version: filled in, previewed, announced."""
        return self._answer(None)

    @expose("/edit/<int:pk>", methods=["GET", "POST"])
    @allowed("edit")
    def edit(self, pk: int) -> ResponseReturnValue:
        """A version whose day has not come; 409 for every other."""
        record = self.load(pk)
        try:
            versions.must_be_open(record)
        except Lost as lost:
            abort(409, message_of(lost))
        return self._answer(record)

    @expose("/delete/<int:pk>", methods=["POST"])
    @allowed("edit")
    def delete(self, pk: int) -> ResponseReturnValue:
        """Take back a version whose day has not come; 409 for every other."""
        self.load(pk)
        write_from_here()
        try:
            versions.withdraw(pk, version=seen.required())
        except NotFound:
            abort(404)
        except Lost as lost:
            abort(409, message_of(lost))
        flash(_("已撤回"), "success")
        return redirect(self.list_url())

    def _answer(self, record: Record | None) -> ResponseReturnValue:
        key = record.id if record is not None else None
        form = form_page.build(self, record)
        if request.method == "GET":
            return self._page(key, form)
        before = records.saved_before(form_page.token(), self.model) if record is None else None
        if before is not None:
            return redirect(self.url("show", pk=before.record_id))
        found = form.malformed() or versions.problems_of(form.values(), key)
        if found:
            return self._page(key, form, problems=form.show(found)), 422
        if key is not None and seen.version() is None:
            return self._page(key, form, problems=form.show([Problem(seen.STALE)])), 400
        if request.form.get("then") != "save":
            return self._previewed(key, form)
        return self._announce(key, form)

    def _announce(self, key: int | None, form: RecordForm) -> ResponseReturnValue:
        write_from_here()
        try:
            saved = versions.announce(
                form.values(),
                key=key,
                version=seen.version(),
                token=form_page.token(),
                previewed=request.form.get(PREVIEWED, ""),
            )
        except NotPreviewed:
            return self._previewed(key, form, notice=Notice(_(CHANGED_SINCE), "warning")), 422
        except Refused as refused:
            return self._page(key, form, problems=form.show(refused.problems)), 422
        except Lost as lost:
            return self._page(key, form, problems=form.show([Problem(str(lost))])), 409
        flash(_("保存成功"), "success")
        return redirect(self.url("show", pk=saved.id))

    def _previewed(self, key: int | None, form: RecordForm, notice: Notice | None = None) -> str:
        values = form.values()
        effect = preview.of(values, key=key)
        notices = (notice,) if notice is not None else ()
        return self._page(
            key,
            form,
            notices=(*notices, *policy_effects.notices(effect)),
            summary=policy_effects.sections(effect),
            digest=versions.digest(values, key),
        )

    def _page(
        self,
        key: int | None,
        form: RecordForm,
        *,
        problems: tuple[tuple[str, str], ...] = (),
        notices: tuple[Notice, ...] = (),
        summary: tuple[Section, ...] = (),
        digest: str = "",
    ) -> str:
        record = self.load(key) if key is not None else None
        hidden = [(form_page.TOKEN, form_page.token())]
        if record is not None:
            hidden.append((seen.VERSION, seen.told(record)))
        buttons = [Button("then", "preview", _("预览"), "" if digest else "primary")]
        if digest:
            hidden.append((PREVIEWED, digest))
            sure = _("保存后自施行日期起对新办理的业务生效，确定保存吗？")
            buttons.append(Button("then", "save", _("确认保存"), "primary", confirm=sure))
        title = _(self.add_title) if record is None else _(self.edit_title)
        page = FormPage(
            title=title,
            action_url=self.url("add") if key is None else self.url("edit", pk=key),
            sections=form_page.sections(self, form),
            buttons=tuple(buttons),
            close_url=self.list_url() if key is None else self.url("show", pk=key),
            problems=problems,
            hidden=tuple(hidden),
            notices=notices or (Notice(_("填写后请先预览对现有业务的影响，再确认保存"), "info"),),
            summary=summary,
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))


def _sources(version: PolicyVersion) -> Section:
    """What each figure rests on; the words of a text are nobody's to translate."""
    names, held = labels(), sources.read(version.sources, labels())
    columns = tuple(Column(name, _(label), look) for name, label, look in SOURCES)
    rows = tuple(
        Row(name, _(names[name]), tuple(map(Cell, (_(names[name]), *_words_of(held[name])))))
        for name in names
        if name in held
    )
    table = Table(columns, rows, caption=_("各项依据"), empty_text=_("尚未写明依据"))
    return Section(_("各项依据"), anchor="sources", table=table)


def _words_of(source: Source) -> tuple[str, ...]:
    return *told((source.title,)), cells.day(source.dated), source.clause, source.sentence


def _phase(version: PolicyVersion) -> Cell:
    if not version.is_in_force(today()):
        return Cell(_("待施行"), Look.TAG, "blue")
    if policies.on(today()).version == version.name:
        return Cell(_("施行中"), Look.TAG, "green")
    return Cell(_("已被替代"), Look.TAG, "gray")
