"""单位: the organisations of the platform; registrations are admitted here."""

from typing import Any, ClassVar

from app.listing import Search
from models.organisation import Organisation, OrganisationRole
from models.viewer import ADMIN, COMPANY_ROLES, EMPLOYER, REGULATOR, ROLE_LABELS
from models.workflow import roles
from views.base import RecordView

READERS = COMPANY_ROLES | roles(REGULATOR, ADMIN)


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
    opens: ClassVar = {"list": READERS, "show": READERS, "export": roles(REGULATOR, ADMIN), "do": READERS,
                       "add": roles(EMPLOYER, ADMIN), "edit": roles(EMPLOYER, ADMIN)}
    menu_roles = READERS
    exclude_route_methods: ClassVar = {"pick", "explanation"}
    list_columns = ("name", "uscc", "role_label", "region_code", "contact", "phone", "state")
    column_labels: ClassVar = {"role_label": "角色"}
    main_column = "name"
    search_boxes = ("name", "uscc", Search("role", "角色", _holds, tuple(ROLE_LABELS.items())), "region_code")
    form_parts: ClassVar = (
        ("单位信息", ("uscc", "name", "region_code", "address", "legal_representative", "credit_grade")),
        ("联系信息", ("contact", "phone")),
    )
    show_parts: ClassVar = (("单位信息", (*form_parts[0][1], "role_label")), form_parts[1])
