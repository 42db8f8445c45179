"""施工许可证: the regulator's register; permitted projects without cover are found from here."""

from collections.abc import Sequence
from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.cases import circulars
from app.core.database import write_from_here
from app.core.refusals import Lost, NotFound, Refused, message_of
from app.core.viewer import viewer
from app.core.words import _, listed, sentences
from app.cover import permits
from app.imports.rows import Importer
from app.web import listing
from app.web.listing import Search
from app.web.pages import BulkAction, Cell, Link
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.columns import Choices, field_of
from models.grammar.fields import Look
from models.grammar.viewer import REGULATOR
from models.grammar.workflow import roles
from models.permit import Permit
from views import cover_bars
from views.frame.access import allowed
from views.frame.imports import ImportingView

UNCONFIRMED = "合同条款未经施工单位确认"
UNDERPRICED = "登记合同金额低于许可证，按较高金额核算"


class PermitView(ImportingView):
    """One permit a row, entered or imported by the regulator."""

    model = Permit
    route_base = "/permits"
    watches_findings = True
    menu_label = "施工许可证"
    menu_category = "工程与合同"
    menu_icon = "fa-certificate"
    list_title = "施工许可证"
    add_title = "新增施工许可证"
    edit_title = "修改施工许可证"
    opens: ClassVar = {
        "list": roles(REGULATOR),
        "show": roles(REGULATOR),
        "export": roles(REGULATOR),
        "add": roles(REGULATOR),
        "edit": roles(REGULATOR),
    }
    menu_roles = roles(REGULATOR)
    exclude_route_methods: ClassVar = {"do", "urge", "bulk", "pick", "explanation", "file"}
    list_columns = (
        "permit_no",
        "project_name",
        "cover",
        "gap",
        "remarks",
        "contract_price",
        "permitted_on",
        "region_code",
        "employer_name",
        "contractor_name",
    )
    column_labels: ClassVar = {"cover": "担保情况", "remarks": "担保说明"}
    column_looks: ClassVar = {"cover": Look.TAG}
    computed: ClassVar = {"gap": cover_bars.GAP}
    main_column = "project_name"
    search_boxes = (
        "project_name",
        "permit_no",
        "employer_name",
        "contractor_name",
        "region_code",
        Search("cover", "担保情况", permits.covered, cover_bars.CHOICES, is_whole=True),
        "permitted_on",
    )
    form_parts: ClassVar = (
        ("施工许可信息", ("permit_no", "permitted_on", "project_name", "region_code", "address", "contract_price")),
        ("合同金额差异", ("price_note",)),
        ("参建单位", ("employer_name", "employer_uscc", "contractor_name", "contractor_uscc")),
    )
    importer: ClassVar = Importer(
        Permit,
        columns=(
            "permit_no",
            "project_name",
            "region_code",
            "address",
            "employer_name",
            "employer_uscc",
            "contractor_name",
            "contractor_uscc",
            "contract_price",
            "permitted_on",
        ),
        key="permit_no",
        warn_only=frozenset({"employer_uscc", "contractor_uscc"}),
        example={
            "permit_no": "460108202405150101",
            "project_name": "示例：某安置房工程",
            "region_code": "460108",
            "address": "海口市美兰区某路1号",
            "employer_name": "某建设单位",
            "employer_uscc": "91460000MA5TM8HD9J",
            "contractor_name": "某施工单位",
            "contractor_uscc": "91321012608797601X",
            "contract_price": "16130",
            "permitted_on": "2024-05-15",
        },
    )

    def tools(self) -> tuple[Link, ...]:
        """Beside a new permit the files that other systems fetch."""
        return (*super().tools(), Link(_("担保数据文件"), url_for("CoverFileView.index"), icon="fa-file-lines"))

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        """通报: what is picked here lacks cover now; an alert of it may be tolerated or in a case."""
        sure = _("向所选工程中无担保的工程的建设单位发出通报，确定吗？")
        return (BulkAction("circular", _("通报"), self.url("circular"), sure),)

    @expose("/circular", methods=["POST"])
    @allowed("edit")
    def circular(self) -> ResponseReturnValue:
        """One circular to the employers of the picked projects."""
        picked = (each.partition(".")[0] for each in request.form.getlist("key")[: listing.SIZES[-1]])
        keys = {int(each) for each in picked if each.isdecimal() and len(each) < 10}
        if not keys:
            flash(_("请先选择要通报的工程"), "info")
            return redirect(self.list_url())
        write_from_here()
        try:
            sent = circulars.send(keys)
        except NotFound:
            abort(404)
        except (Lost, Refused) as refusal:
            flash(message_of(refusal), "warning")
            return redirect(self.list_url())
        if not sent.told:
            flash(_("所选工程均已有担保或已在通报中，没有发出通报"), "warning")
            return redirect(self.list_url())
        told = _("已发出通报%(no)s，共 %(told)s 个工程", no=sent.circular_no, told=sent.told)
        left = _("另有 %(left)s 个工程已有担保或已在通报中，未再通报", left=sent.left) if sent.left else ""
        flash(sentences(filter(None, (told, left))), "success")
        return redirect(url_for("CircularView.list", circular_no=sent.circular_no))

    def choices(self, name: str) -> Choices | None:
        """The regions that the viewer answers for."""
        if name != "region_code":
            return super().choices(name)
        mine = viewer().regions
        return tuple(choice for choice in field_of(Permit, name).choices if choice[0] in mine)

    def enrich(self, records: Sequence[Permit]) -> None:
        """How far each permit is covered, and what is missing."""
        found = permits.of_permits(records)
        for permit in records:
            of_it = found[permit.id]
            permit.degree, permit.gap = of_it.degree, of_it.gap  # type: ignore[misc]
            said = {UNCONFIRMED: of_it.is_unconfirmed, UNDERPRICED: of_it.is_underpriced}
            permit.remarks = tuple(text for text, holds in said.items() if holds)  # type: ignore[misc]

    def cell(self, record: Record, name: str) -> Cell:
        """Whether the contracts under the permit reach their minimum, and what there is to know of them."""
        assert isinstance(record, Permit)
        if name == "remarks":
            return Cell(listed(_(text) for text in record.remarks))
        return cover_bars.degree_cell(record.degree) if name == "cover" else super().cell(record, name)
