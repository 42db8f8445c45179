"""The base of every screen over records: it reads, writes and performs what the screen declares, alike for all."""

from collections.abc import Sequence

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _, localized
from app.engine import records, transitions, urging
from app.ledger import findings
from app.web import exports
from app.web.forms import RecordForm
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.faults import refuse
from models.rules.problem import Problem
from views.frame import asides, bulk, checks, codes, form_page, later, list_page, seen, show_page
from views.frame.access import allowed
from views.frame.screen import Screen


class RecordView(Screen):
    """The addresses of one screen over one record class: list, detail, form, transitions, files and export."""

    def __init__(self) -> None:
        refuse(checks.faults_of(self))
        super().__init__()

    # reading

    @expose("/list/")
    @allowed("list")
    def list(self) -> ResponseReturnValue:
        """The list page."""
        return list_page.show(self)

    @expose("/export/", methods=["GET", "POST"])
    @allowed("export")
    def export(self) -> ResponseReturnValue:
        """The list as an Excel file, with the same search, order and columns; posted, a worker writes it."""
        return later.ask_for(self) if request.method == "POST" else list_page.export(self)

    @expose("/show/<int:pk>")
    @allowed("show")
    def show(self, pk: int) -> ResponseReturnValue:
        """The detail page."""
        return show_page.show(self, self.load(pk))

    @expose("/file/<int:pk>/<int:file_id>")
    @allowed("show")
    def file(self, pk: int, file_id: int) -> ResponseReturnValue:
        """One attached file, as a download or, with ?preview=1, in the browser."""
        attachment = show_page.file_of(self.load(pk), file_id)
        if attachment is None:
            abort(404)
        return exports.attachment(attachment, preview=request.args.get("preview") == "1")

    @expose("/pick/<field>")
    @allowed("list")
    def pick(self, field: str) -> ResponseReturnValue:
        """The rows of a picker, as JSON: those that a keyword is in, or the one that a word names."""
        picker = self.pickers.get(field)
        if picker is None:
            abort(404)
        if "named" in request.args:
            return jsonify(picker.named(request.args["named"]))
        return jsonify(picker.answer(request.args.get("q", "")))

    @expose("/explain", methods=["POST"])
    @allowed("add")
    def explanation(self) -> ResponseReturnValue:
        """What follows from the values typed so far, as JSON."""
        values = form_page.typed(self)
        aside = asides.html_of(self, values)
        beside = {"aside": aside} if aside else {}
        return jsonify({**self.explain(values), "targets": form_page.targets(self, values), **beside})

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
        try:
            self.remove(pk, version=seen.required())
            flash(_("已删除"), "success")
        except NotFound:
            abort(404)
        except Lost as lost:
            flash(message_of(lost), "warning")
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

    @expose("/urge/<int:pk>", methods=["POST"])
    @allowed("show")
    def urge(self, pk: int) -> ResponseReturnValue:
        """Urge whoever the record waits for."""
        self.load(pk)
        write_from_here()
        try:
            urging.urge(self.model, pk)
            flash(_("已催办"), "success")
        except NotFound:
            abort(404)
        except (Lost, Refused) as refusal:
            flash(message_of(refusal), "warning")
        return redirect(self._after(pk))

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

    # what pages and programs do alike: NotFound, Lost or Refused where it is not done

    def save(
        self, key: int | None, form: RecordForm, *, token: str, malformed: Sequence[Problem]
    ) -> tuple[Record, Sequence[Problem]]:
        """Keep what the form of a new (None) or an existing record says; gives it with the warnings."""
        write_from_here()
        return records.save(
            self.model,
            {**form.values(), **(self.given() if key is None else {})},
            key=key,
            version=seen.version(),
            token=token,
            removed=form_page.removed(),
            papers=[each.name for each in self.papers()],
            malformed=malformed,
            then=form_page.wanted(self),
            also=self.also,
        )

    def perform(
        self, key: int, name: str, form: RecordForm, *, token: str, version: int | None, malformed: Sequence[Problem]
    ) -> tuple[Record, Sequence[Problem]]:
        """Make one step with what its form says; gives the record with the warnings."""
        write_from_here()
        return transitions.perform(
            self.model,
            key,
            name,
            inputs=form.values(),
            version=version,
            found=malformed,
            prepare=lambda each: records.attach(
                each,
                token=token,
                removed=form_page.removed(),
                only=transitions.papers_of(each, form_page.transition_of(each, name)),
            ),
        )

    def remove(self, key: int, *, version: int) -> None:
        """Delete a record."""
        write_from_here()
        records.delete(self.model, key, version=version)

    def _save(self, record: Record | None) -> ResponseReturnValue:
        form = form_page.build(self, record)
        token = form_page.token()
        before = records.saved_before(token, self.model) if record is None else None
        if before is not None:
            return redirect(self.url("show", pk=before.record_id))
        key = record.id if record is not None else None
        malformed = [*form.malformed(), *form_page.stage(self, form, token)]
        if form_page.is_refreshed():
            return form_page.refresh(self, record, form)
        if record is not None and seen.version() is None:
            return form_page.again(self, key, form, [Problem(seen.STALE)], status=400)
        try:
            saved, warnings = self.save(key, form, token=token, malformed=malformed)
        except NotFound:
            abort(404)
        except Refused as refused:
            twin = records.saved_before(token, self.model) if record is None else None
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
        key, transition = record.id, form_page.transition_of(record, name)
        is_offered = form_page.is_offered(record, transition)
        has_form = any(True for _box in form) and is_offered
        version = seen.version() if has_form else seen.required()
        if version is None:
            return form_page.ask_again(self, key, name, form, [Problem(seen.STALE)], status=400)
        malformed += codes.take(form, transition) if is_offered else []
        try:
            done, warnings = self.perform(key, name, form, token=token, version=version, malformed=malformed)
        except NotFound:
            abort(404)
        except Refused as refused:
            return form_page.ask_again(self, key, name, form, refused.problems)
        except Lost as lost:
            flash(message_of(lost), "warning")
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
        standing = {each.problem.text for each in findings.of_record(record)} if warnings else set()
        for text in dict.fromkeys(localized(problem) for problem in warnings if problem.text not in standing):
            flash(text, "warning")
