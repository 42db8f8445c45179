"""单位: the organisations of the platform; registrations are admitted here."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.core.viewer import viewer
from app.core.words import _, localized_terms
from app.ledger import loading
from app.people import accounts, registration
from app.web.listing import Search
from app.web.pages import Cell, Fact, Link, Notice, Section
from models.grammar.appbuilder import expose
from models.grammar.base import Record
from models.grammar.viewer import ADMIN, COMPANY_ROLES, EMPLOYER, REGULATOR, ROLE_LABELS
from models.grammar.workflow import roles
from models.organisation import Organisation, OrganisationRole
from views import one_time_link
from views.frame.access import allowed
from views.frame.base import RecordView
from views.frame.screen import Extra
from views.registration import role_box

READERS = COMPANY_ROLES | roles(REGULATOR, ADMIN)
NAMERS = roles(EMPLOYER, ADMIN)
LINK_NOTE = "对方打开链接即可填写注册资料并上传授权书，经主管部门准入后登录办理业务；保证人登录后填报保证人备案资料"


def _holds(role: str) -> Any:
    return Organisation.held_roles.any(OrganisationRole.role == role)


class OrganisationView(RecordView):
    """One organisation and its roles."""

    model = Organisation
    route_base = "/organisations"
    menu_label = "单位"
    menu_category = "单位与账号"
    menu_icon = "fa-sitemap"
    list_title = "单位"
    add_title = "登记并邀请单位"
    edit_title = "修改单位"
    add_label = "登记并邀请单位"
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": roles(REGULATOR, ADMIN),
        "do": READERS,
        "add": NAMERS,
        "edit": NAMERS,
    }
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"pick", "explanation"}
    list_columns = ("name", "uscc", "role_label", "region_code", "contact", "phone", "state")
    column_labels: ClassVar = {"role_label": "单位角色"}
    main_column = "name"
    search_boxes = ("name", "uscc", Search("role", "单位角色", _holds, tuple(ROLE_LABELS.items())), "region_code")
    form_parts: ClassVar = (
        (
            "单位信息",
            ("uscc", "name", "region_code", "address", "legal_representative", "credit_grade", "role_names"),
        ),
        ("联系信息", ("contact", "phone")),
    )
    show_parts: ClassVar = (("单位信息", (*form_parts[0][1][:-1], "role_label")), form_parts[1])

    @expose("/invite/<int:pk>", methods=["GET", "POST"])
    @allowed("add")
    def invite(self, pk: int) -> ResponseReturnValue:
        """A one-time link with which the named organisation registers itself."""
        record = self.load(pk)
        assert isinstance(record, Organisation)
        if request.method == "GET":
            return redirect(self.url("show", pk=pk))
        if not _is_invitable(record):
            abort(409, _("该单位已提交注册，无需再次邀请"))
        name, token = record.name, registration.invite(record)
        return one_time_link.show(
            kind=_("邀请链接"),
            title=name,
            path=url_for("RegistrationView.invited", token=token),
            lasts=registration.LINK_LASTS,
            back=self.url("show", pk=pk),
            crumbs=self.crumbs(_("邀请链接")),
            note=_(LINK_NOTE),
        )

    def extra_boxes(self) -> Mapping[str, Any]:
        """The roles; offices of the regulator are entered by the platform's administrator alone."""
        return {"role_names": role_box(COMPANY_ROLES | {REGULATOR} if viewer().has(ADMIN) else COMPANY_ROLES)}

    def cell(self, record: Record, name: str) -> Cell:
        """The roles are named in the reader's language."""
        assert isinstance(record, Organisation)
        return Cell(localized_terms(record.role_label)) if name == "role_label" else super().cell(record, name)

    def enrich(self, records: Sequence[Organisation]) -> None:
        """The roles of the page's organisations."""
        loading.fill(records, Organisation.held_roles)

    def start_values(self) -> Mapping[str, Any]:
        """Who is to be invited may be named by the link."""
        given = {name: request.args.get(name, "")[:120] for name in ("name", "uscc")}
        role = request.args.get("role", "")
        return {**given, "role_names": [role] if role in COMPANY_ROLES else []}

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """What follows from naming an organisation."""
        return () if record is not None else (Notice(_("保存后可在详情页生成邀请链接，由对方自行完成注册"), "info"),)

    def show_extra(self, record: Record) -> Extra:
        """How many people work for it, and the ways to bring them in."""
        assert isinstance(record, Organisation)
        tools = []
        if self.may("add") and _is_invitable(record):
            tools.append(Link(_("生成邀请链接"), self.url("invite", pk=record.id), icon="fa-link", post=True))
        if viewer().has(ADMIN) and record.state == "admitted":
            tools.append(Link(_("邀请成员"), url_for("AccountView.add", organisation=record.id), icon="fa-user-plus"))
        return Extra(sections=_people(record), tools=tuple(tools))


def _is_invitable(organisation: Organisation) -> bool:
    """Whether this viewer may invite it now: whoever named it, as long as it has not registered."""
    return organisation.state == "named" and organisation.editable(viewer())


def _people(organisation: Organisation) -> tuple[Section, ...]:
    if organisation.state == "named":
        return ()
    counts = accounts.counts_of(organisation)
    facts = (
        Fact(_("启用账号数"), Cell(str(counts.get("active", 0)))),
        Fact(_("待激活账号数"), Cell(str(counts.get("invited", 0)))),
        Fact(_("停用账号数"), Cell(str(counts.get("inactive", 0)))),
    )
    return (Section(_("账号"), anchor="accounts", facts=facts),)
