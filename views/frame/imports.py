"""A screen that takes records in from a workbook: template, upload, dry run, confirmation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from app.core import progress
from app.core.database import write_from_here
from app.core.refusals import Refused, message_of
from app.core.words import _, listed, localized, sentences
from app.imports import books, runs, sheet_cells
from app.imports.reader import MAX_ROWS
from app.imports.rows import BAD, EXAMPLE, NEW, READING, SAME, DryRun, Importer, ImportRow
from app.imports.runs import CHECKING, RECORDING, WRITING, Done
from app.people import sessions
from app.web import forms
from app.web.forms import RecordForm
from app.web.pages import (
    Button,
    Cell,
    Column,
    Figure,
    FormPage,
    FormSection,
    Link,
    Notice,
    Progress,
    Row,
    Table,
)
from models.grammar.appbuilder import expose
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.rules.problem import Problem
from views.frame import form_page
from views.frame.access import allowed
from views.frame.base import RecordView

SHOWN_ROWS = 1_000
SHOWN_COLUMNS = 3
OUTCOMES = {
    NEW: ("可导入", "green"),
    SAME: ("已登记，跳过", "gray"),
    BAD: ("有错误", "red"),
    EXAMPLE: ("示例，跳过", "gray"),
}
PHASES = {
    READING: ("正在读取文件…", "正在读取 %(done)s / %(total)s 行"),
    CHECKING: ("正在核对…", "正在核对 %(done)s / %(total)s 行"),
    WRITING: ("正在写入…", "正在写入 %(done)s / %(total)s 行"),
    RECORDING: ("正在登记办理记录…", "正在登记办理记录 %(done)s / %(total)s 行"),
}
GONE = "上传的文件已过期或不存在，请重新上传"


@dataclass(frozen=True)
class ImportPage:
    """What a workbook would bring: its figures, its rows with their errors, and the way on."""

    title: str
    figures: tuple[Figure, ...]
    notices: tuple[Notice, ...]
    buttons: tuple[Link, ...]
    close_url: str
    table: Table | None = None
    progress: Progress | None = None


class ImportingView(RecordView):
    """A record view with 导入 and 下载模板 beside 新增; `importer` says which columns come from where."""

    importer: ClassVar[Importer]
    tried_columns: ClassVar[tuple[str, ...]] = ()
    """What the dry run shows of a row; the first columns that every row needs, where nothing is said."""

    def tools(self) -> tuple[Link, ...]:
        """新增, 导入 and 下载模板."""
        if not self.may("add"):
            return super().tools()
        return (
            *super().tools(),
            Link(_("导入"), self.url("upload"), icon="fa-file-import"),
            Link(_("下载模板"), self.url("template"), icon="fa-file-excel"),
        )

    @expose("/import/template")
    @allowed("add")
    def template(self) -> ResponseReturnValue:
        """The workbook to fill in."""
        return books.template(self.for_viewer())

    @expose("/import/", methods=["GET", "POST"])
    @allowed("add")
    def upload(self) -> ResponseReturnValue:
        """The page to upload a workbook, and its taking in for the dry run."""
        if request.method == "GET":
            return self._ask_for_file(())
        file = self.importer.file
        given = request.files.get(file.name)
        if given is None or not given.filename:
            return self._ask_for_file([Problem(_("请上传%(name)s", name=_(file.label)), file.name)]), 422
        write_from_here()
        token = form_page.token()
        token, found = runs.keep(self.for_viewer(), token, filename=given.filename, data=given.read())
        if found:
            return self._ask_for_file(found), 422
        return redirect(self.url("dry_run", token=token))

    @expose("/import/<token>")
    @allowed("add")
    def dry_run(self, token: str) -> ResponseReturnValue:
        """What the uploaded workbook would bring; nothing is written yet."""
        found = self.tried(token)
        if found is None:
            return self._gone()
        page = self._page(found, token)
        return render_template("record/import.html", page=page, page_title=page.title, crumbs=self.crumbs(page.title))

    @expose("/import/<token>/confirm", methods=["POST"])
    @allowed("add")
    def confirm(self, token: str) -> ResponseReturnValue:
        """Write what the dry run showed, all of it or nothing; once, however often it is sent."""
        try:
            done = self.carried_out(token)
        except Refused as refused:
            flash(message_of(refused), "danger")
            return redirect(self.url("dry_run", token=token))
        if done is None:
            return self._gone()
        if done.before:
            flash(_("该文件此前已导入 %(count)s 条，未重复导入", count=f"{done.count:,}"), "info")
        else:
            flash(_("导入成功，共导入 %(count)s 条", count=f"{done.count:,}"), "success")
        return redirect(self.list_url())

    @expose("/import/<token>/progress")
    @allowed("add")
    def progress(self, token: str) -> ResponseReturnValue:
        """How far the check or the confirmation of the workbook is, as JSON; nothing while none is running."""
        sessions.leave_unseen(session)
        step = progress.of(token)
        if step is None:
            return jsonify({})
        bare, counted = PHASES[step.phase]
        words = _(counted, done=f"{step.done:,}", total=f"{step.total:,}") if step.total else _(bare)
        return jsonify(phase=step.phase, done=step.done, total=step.total, words=words)

    @expose("/import/<token>/faults")
    @allowed("add")
    def faults(self, token: str) -> ResponseReturnValue:
        """The uploaded rows as a workbook, with what is wrong with each."""
        found = self.tried(token)
        if found is None:
            return self._gone()
        if found.faults:
            abort(404)
        return books.with_faults(found)

    def for_viewer(self) -> Importer:
        """The importer with the closed lists that depend on the viewer."""
        given = {name: self.choices(name) for name in self.importer.columns}
        return replace(self.importer, choices={name: each for name, each in given.items() if each is not None})

    def tried(self, token: str) -> DryRun | None:
        """What the uploaded file would bring; None when the viewer holds none of that token."""
        return runs.dry_run(self.for_viewer(), token)

    def carried_out(self, token: str) -> Done | None:
        """What the confirmation of the file has brought; None when the viewer holds none of that token."""
        return runs.carry_out(self.for_viewer(), token)

    def _gone(self) -> ResponseReturnValue:
        flash(_(GONE), "warning")
        return redirect(self.url("upload"))

    def import_title(self) -> str:
        """What the pages of the import are called."""
        return _("导入%(noun)s", noun=_(self.model.noun))

    def _ask_for_file(self, problems: Any) -> str:
        form: RecordForm = forms.form_class(self.model, (), categories=(self.importer.file,))()
        box = form[self.importer.file.name]
        box.multiple = False
        title, token = self.import_title(), form_page.token()
        note = _(
            "请先下载模板，按表头批注填写后上传；检查无误并确认后才会写入，一次最多 %(count)s 行", count=f"{MAX_ROWS:,}"
        )
        page = FormPage(
            title=title,
            action_url=self.url("upload"),
            sections=(FormSection(_("上传文件"), "upload", (box,)),),
            buttons=(Button("then", "check", _("上传并检查"), "primary"),),
            close_url=self.list_url(),
            problems=form.show(problems),
            hidden=((form_page.TOKEN, token),),
            notices=(Notice(note, "info", self.url("template"), _("下载模板")), *_of_rows(self.importer)),
            multipart=True,
            progress=Progress(self.url("progress", token=token), self.url("upload")),
        )
        return render_template("record/form.html", page=page, form=form, page_title=title, crumbs=self.crumbs(title))

    def _page(self, found: DryRun, token: str) -> ImportPage:
        return ImportPage(
            title=self.import_title(),
            figures=_figures(found) if not found.faults else (),
            notices=_notices(found),
            buttons=self._buttons(found, token),
            close_url=self.list_url(),
            table=_table(found, self.tried_columns) if found.rows else None,
            progress=Progress(self.url("progress", token=token), self.url("confirm", token=token)),
        )

    def _buttons(self, found: DryRun, token: str) -> tuple[Link, ...]:
        again = Link(_("重新上传"), self.url("upload"), tone="" if found.rows else "primary")
        if found.may_be_confirmed:
            sure = _("确定导入这 %(count)s 条%(noun)s吗？", count=f"{found.records:,}", noun=_(self.model.noun))
            go = Link(_("确认导入"), self.url("confirm", token=token), tone="primary", post=True, confirm=sure)
            return (go, again)
        if found.fault_count:
            return (Link(_("下载错误文件"), self.url("faults", token=token), icon="fa-download", tone="primary"), again)
        return (again,)


def _of_rows(importer: Importer) -> tuple[Notice, ...]:
    """What the lines of the workbook are where each of them is only a part of a record."""
    if importer.of_rows is None:
        return ()
    text = _(
        "每行填写一个%(row)s，%(label)s相同的各行合为一份%(noun)s（最多 %(most)s 行）；导入后为草稿，请逐份核对后提交",
        row=_(importer.of_rows.noun),
        label=_(importer.declared(importer.key).label),
        noun=_(importer.model.noun),
        most=importer.of_rows.most,
    )
    return (Notice(text, "info"),)


def _figures(found: DryRun) -> tuple[Figure, ...]:
    counts: Mapping[str, tuple[int, str]] = {
        _("共"): (len(found.rows) - found.count(EXAMPLE), _("行")),
        _("可导入"): (found.count(NEW), _("行")),
        **({_(found.importer.model.noun): (found.records, _("份"))} if found.importer.rows else {}),
        _("已登记，跳过"): (found.count(SAME), _("行")),
        _("错误"): (found.fault_count, _("处")),
    }
    return tuple(Figure(label, f"{number:,}", unit) for label, (number, unit) in counts.items())


def _notices(found: DryRun) -> tuple[Notice, ...]:
    notices = [Notice(text, "danger") for text in found.faults]
    if found.fault_count:
        counts = {
            "total": f"{len(found.rows) - found.count(EXAMPLE):,}",
            "fresh": f"{found.count(NEW):,}",
            "faults": f"{found.fault_count:,}",
        }
        text = _(
            "共 %(total)s 行，可导入 %(fresh)s 行，错误 %(faults)s 处；有错误时整份文件都不写入，请改正后重新上传",
            **counts,
        )
        notices.append(Notice(text, "danger"))
    elif found.may_be_confirmed:
        text = _("文件“%(name)s”检查通过，点击“确认导入”后写入", name=found.name)
        notices.append(Notice(text, "success"))
    elif not found.faults:
        notices.append(Notice(_("没有需要导入的数据"), "info"))
    if found.ignored:
        notices.append(Notice(_("以下列不在模板中，已忽略：%(heads)s", heads=listed(found.ignored)[:300]), "warning"))
    return tuple(notices)


def _table(found: DryRun, wanted: Sequence[str] = ()) -> Table:
    """The rows in the file's order; of a long file the faulty ones come first, then those with something to say."""
    rows = found.rows
    note = ""
    if len(rows) > SHOWN_ROWS:
        rows = tuple(sorted(rows, key=lambda row: (not row.faults, not row.problems)))[:SHOWN_ROWS]
        note = _("仅显示 %(count)s 行，有错误或提示的行在前", count=f"{SHOWN_ROWS:,}")
    names = [name for name in wanted if name in {each.name for each in found.heads.values()}] or _shown_names(found)
    told_of = {
        _("错误"): [books.sentences(found.importer, row.faults) for row in rows],
        _("提示"): [books.sentences(found.importer, row.hints) for row in rows],
    }
    told_of = {label: column for label, column in told_of.items() if any(column)}
    columns = (
        Column("number", _("行号"), Look.CODE),
        *(_column(found.importer, name) for name in names),
        Column("outcome", _("结果"), Look.TAG),
        *(Column(label, label) for label in told_of),
    )
    lines = zip(*told_of.values(), strict=True) if told_of else ((),) * len(rows)
    shown = (_row(found, row, names, line) for row, line in zip(rows, lines, strict=True))
    return Table(columns, tuple(shown), caption=note)


def _column(importer: Importer, name: str) -> Column:
    declared, named = importer.declared(name), importer.references.get(name)
    kind = field_of(named.target, named.names[0]).kind if named else declared.kind
    return Column(name, localized(declared.words), kind.look if kind.is_words else Look.TEXT)


def _shown_names(found: DryRun) -> list[str]:
    """The key, then the first columns of the workbook, those that no row does without before the others."""
    importer, given = found.importer, {head.name for head in found.heads.values()}
    ranked = sorted(importer.columns, key=lambda name: (name != importer.key, not importer.requires(name)))
    return [name for name in ranked if name in given][:SHOWN_COLUMNS]


def _row(found: DryRun, row: ImportRow, names: list[str], lines: Iterable[Sequence[str]]) -> Row:
    texts = {
        head.name: sheet_cells.shown(row.cells[index]) for index, head in found.heads.items() if index < len(row.cells)
    }
    label, tone = OUTCOMES[row.outcome]
    cells = (
        Cell(str(row.number), Look.CODE),
        *(Cell(texts.get(name, "")) for name in names),
        Cell(_(label), Look.TAG, tone),
        *(Cell(sentences(texts)) for texts in lines),
    )
    return Row(str(row.number), "", cells)
