"""Roles are generated from what the screens declare; the store is brought in line by one release command."""

from collections.abc import Iterable

from app.core.database import transaction, writing
from models.grammar.appbuilder import AppBuilder, Role
from models.grammar.viewer import ADMIN, COMPANY_ROLES, REGULATOR

EVERYBODY = COMPANY_ROLES | {REGULATOR, ADMIN}
COMPANY_ADMIN = "company_admin"


def sync(appbuilder: AppBuilder) -> None:
    """Write permissions and roles as declared; running it again changes nothing."""
    with writing(), transaction():
        for name in (appbuilder.sm.auth_role_admin, appbuilder.sm.auth_role_public):
            appbuilder.sm.find_role(name) or appbuilder.sm.add_role(name)
        appbuilder.add_permissions(update_perms=True)
        wanted = declared(appbuilder)
        for name in (*sorted(EVERYBODY), COMPANY_ADMIN):
            role = appbuilder.sm.find_role(name) or appbuilder.sm.add_role(name)
            _grant(appbuilder, role, wanted.get(name, set()))


def declared(appbuilder: AppBuilder) -> dict[str, set[tuple[str, str]]]:
    """For each role the (permission, screen) pairs that the screens' declarations give it."""
    wanted: dict[str, set[tuple[str, str]]] = {}
    for view in appbuilder.baseviews:
        for permission, roles in getattr(view, "opens", {}).items():
            for role in roles:
                wanted.setdefault(role, set()).add((f"can_{permission}", view.class_permission_name))
        for role in getattr(view, "menu_roles", frozenset()):
            wanted.setdefault(role, set()).update(("menu_access", name) for name in _menu_names(view))
    return wanted


def _menu_names(view: object) -> Iterable[str]:
    return [name for name in (getattr(view, "menu_label", ""), getattr(view, "menu_category", "")) if name]


def _grant(appbuilder: AppBuilder, role: Role, wanted: set[tuple[str, str]]) -> None:
    held = {(pair.permission.name, pair.view_menu.name): pair for pair in role.permissions}
    for missing in wanted - held.keys():
        pair = appbuilder.sm.add_permission_view_menu(*missing)
        if pair not in role.permissions:
            role.permissions.append(pair)
    for surplus in held.keys() - wanted:
        role.permissions.remove(held[surplus])
