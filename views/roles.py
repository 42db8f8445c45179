"""角色权限: which role may open which screen, read from the screens' own declarations."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask import render_template
from flask.typing import ResponseReturnValue

from app.core.words import _, listed
from app.people import permissions
from app.people.permissions import COMPANY_ADMIN
from models.grammar.appbuilder import BaseView, expose
from models.grammar.viewer import ADMIN, ROLE_LABELS
from models.grammar.workflow import roles
from views.frame.access import allowed

WORDS = {
    "list": "查看",
    "show": "查看",
    "index": "查看",
    "matrix": "查看",
    "add": "新增",
    "edit": "编辑",
    "do": "办理",
    "export": "导出",
}
ROLES = {**ROLE_LABELS, COMPANY_ADMIN: "单位管理员"}


class RoleView(BaseView):
    """A table to be read: rights are declared in the program and brought into the store at release."""

    route_base = "/roles"
    default_view = "matrix"
    menu_label = "角色权限"
    menu_category = "单位与账号"
    menu_icon = "fa-user-shield"
    opens: ClassVar = {"matrix": roles(ADMIN)}
    menu_roles = roles(ADMIN)

    @expose("/")
    @allowed("matrix")
    def matrix(self) -> ResponseReturnValue:
        """Screens by menu group, and for each role the words of what it may do there."""
        title = _("角色权限")
        page = {
            "title": title,
            "notices": (),
            "roles": tuple(_(label) for label in ROLES.values()),
            "note": _("权限由各功能声明，发布时写入，不能在此修改；单位的角色决定其账号可用的功能"),
            "groups": self._groups(),
        }
        return render_template("roles.html", page=page, page_title=title, crumbs=())

    def _groups(self) -> tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]:
        declared = permissions.declared(self.appbuilder)
        groups: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for view in self.appbuilder.baseviews:
            label = getattr(view, "matrix_label", "") or getattr(view, "menu_label", "")
            if label and getattr(view, "opens", None):
                row = tuple(_may(declared.get(role, set()), view) for role in ROLES)
                groups.setdefault(_(getattr(view, "menu_category", "")), []).append((_(label), row))
        return tuple((label, tuple(rows)) for label, rows in groups.items())


def _may(held: Iterable[tuple[str, str]], view: Any) -> str:
    names = {permission.removeprefix("can_") for permission, screen in held if screen == view.class_permission_name}
    return listed(dict.fromkeys(_(word) for name, word in WORDS.items() if name in names))
