"""Every screen: which role holds which permission on it, which address asks for which, which rows it leaves out."""

from collections.abc import Iterator
from typing import Any

from app.core.modes import modes
from app.people.permissions import COMPANY_ADMIN
from models.grammar.viewer import ROLE_LABELS, Viewer
from views import registry
from views.frame.base import RecordView
from views.guarantees import GuaranteeView
from views.sign_in import SignInView
from views.workbench import WorkbenchView

HEAD = """\
Which role holds which permission on a screen, and which address asks for which.

menu: the entry of the menu   public: for visitors without an account   only: what narrows the rows that a role may see
"""
ROLES = (*ROLE_LABELS, COMPANY_ADMIN)


def table() -> str:
    """The whole table."""
    lines = [HEAD]
    for view in sorted(every_screen(), key=lambda each: each.__name__):
        lines += [*_of_screen(view), ""]
    return "\n".join(lines)


def every_screen() -> list[type[Any]]:
    """Every screen that the application registers, those of the modes among them."""
    known = {screen.model for screen in registry.SCREENS if issubclass(screen, GuaranteeView)}
    family = [registry.screen_of(mode) for mode in modes() if mode not in known]
    return [*{*registry.SCREENS, *registry.PAGES, *family, SignInView, WorkbenchView}]


def _of_screen(view: type[Any]) -> Iterator[str]:
    over = f" over {view.model.__name__}" if issubclass(view, RecordView) else ""
    yield f"{view.__name__}{over}, {view.route_base or '/'}"
    opens = {**getattr(view, "opens", {}), "menu": getattr(view, "menu_roles", frozenset())}
    held = [name for name, roles in opens.items() if roles]
    for role in ROLES:
        marks = [name for name in held if role in opens[name]]
        if marks:
            yield f"    {role:<14} {' '.join(marks)}{_narrowed(view, role)}"
    addresses = sorted(_addresses(view))
    width = max((len(name) for name, _permission in addresses), default=0)
    yield from (f"    .{name:<{width}} {permission}" for name, permission in addresses)


def _narrowed(view: type[Any], role: str) -> str:
    """What the screen itself leaves of the rows that an account with that role, of organisation 1, may see."""
    if not issubclass(view, RecordView):
        return ""
    clauses = object.__new__(view).rows(Viewer(user_id=1, name="", organisation_id=1, roles=frozenset({role})))
    said = [str(each.compile(compile_kwargs={"literal_binds": True})) for each in clauses]
    return f"   only: {' and '.join(said)}" if said else ""


def _addresses(view: type[Any]) -> Iterator[tuple[str, str]]:
    excluded = getattr(view, "exclude_route_methods", None) or ()
    for name in dir(view):
        method = getattr(view, name)
        if name not in excluded and hasattr(method, "_urls"):
            is_public = name in getattr(view, "public", ())
            yield name, "public" if is_public else getattr(method, "_permission_name", "(nothing)")
