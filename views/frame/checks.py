"""Whether a screen's declarations name what there is, and let in whom its record's workflow needs.

Asked when a screen is made, and of all screens together when they are registered; `models.grammar.faults` lists what
can be wrong.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from app.people.permissions import COMPANY_ADMIN
from models.grammar.faults import Fault, Place, Subject, of_class, twice
from models.grammar.record_checks import (
    are_listed,
    declared_in,
    properties_of,
    shown_nowhere,
    typed_though_sealed,
)
from models.grammar.rows import rows_in
from models.grammar.viewer import ADMIN, ADMINISTER, COMPANY_ROLES, PUBLIC, REGULATOR, ROLE_LABELS
from models.grammar.workflow_checks import subject_of

ROLES = frozenset({*ROLE_LABELS, COMPANY_ADMIN})
STEWARDED = COMPANY_ROLES | {REGULATOR, ADMIN}
"""The roles of the organisations whose administrators hold COMPANY_ADMIN."""

NEEDS = (("list", "export"), ("list", "add"), ("show", "do"), ("show", "edit"))
"""Of two permissions that a screen has, whoever holds the second holds the first."""

TUPLES = ("list_columns", "search_boxes", "form_parts", "show_parts", "figures", "number", "sortable")
"""What names columns one after the other, or parts of them."""


def faults_of(view: Any) -> list[Fault]:
    """Everything that is wrong with one screen over a record.

    What it names is looked at once all names are where they can be read.
    """
    shapes = [_subject(view, name).fault("V017", name) for name in TUPLES if not are_listed(getattr(view, name) or ())]
    return shapes or [*_shown(view), *_typed(view), *_again(view), *_opened(view)]


def faults_between(views: Iterable[Any]) -> Iterator[Fault]:
    """What all screens together lack: everybody whom a workflow names has a screen to do it on."""
    by_model = sorted(views, key=lambda view: view.model.__name__)
    for _name, screens in groupby(by_model, key=lambda view: view.model.__name__):
        same = list(screens)
        if same[0].model.workflow is not None:
            yield from _unheard(same[0].model.workflow, same)


def _subject(view: Any, name: str) -> Subject:
    """What the screen says under that name; what a mode's view has from the mode is written there."""
    return Subject(f"{type(view).__name__}.{name}", lambda: _places(view, name))


def _places(view: Any, name: str) -> tuple[Place, ...]:
    own = of_class(type(view), name)
    if name in vars(view) and hasattr(view.model, "screen"):
        return (view.model.screen.place, *of_class(view.model, "screen"), *own)
    return own


def _shown(view: Any) -> Iterator[Fault]:
    mapper = view.model.__mapper__
    declared, columns = declared_in(mapper), frozenset(mapper.columns.keys())
    shown = declared | {*view.aliases, *view.column_labels, *view.computed, "state"}
    for name in ("list_columns", "export_columns", "figures"):
        yield from _subject(view, name).unknown("V001", _names(getattr(view, name)), shown)
    in_full = shown | rows_in(view.model).keys()
    yield from _subject(view, "show_parts").unknown("V001", _names(view.show_parts), in_full)
    yield from _subject(view, "main_column").unknown("V001", [view.main_column] if view.main_column else [], shown)
    yield from _subject(view, "column_looks").unknown("V001", view.column_looks, shown)
    aliased = (column for _label, column in view.aliases.values())
    yield from _subject(view, "aliases").unknown("V002", aliased, declared)
    for name in ("number", "sortable"):
        yield from _subject(view, name).unknown("V004", getattr(view, name) or (), columns)
    yield from _boxes(view, declared)


def _boxes(view: Any, declared: frozenset[str]) -> Iterator[Fault]:
    part = _subject(view, "search_boxes")
    yield from part.unknown("V003", (each for each in view.search_boxes if isinstance(each, str)), declared)
    for name in twice(_searched(view)):
        yield part.fault("V006", name)


def _again(view: Any) -> Iterator[Fault]:
    """Names that are known, but stand where they do nothing, or too often."""
    for name in typed_though_sealed(view.model, view.readonly, _names(view.form_parts)):
        yield _subject(view, "form_parts").fault("V014", name)
    for place in ("form_parts", "list_columns"):
        for name in twice(_names(getattr(view, place))):
            yield _subject(view, place).fault("V015", name, place)
    # A screen without list_columns reckons the columns of its list for who looks.
    if view.list_columns:
        shown = {*view.list_columns, *_names(view.show_parts), *view.figures, view.main_column, *_searched(view)}
        for place, name in shown_nowhere(view, shown):
            yield _subject(view, place).fault("V016", name, place)


def _searched(view: Any) -> Iterator[str]:
    yield from (each if isinstance(each, str) else each.name for each in view.search_boxes)


def _typed(view: Any) -> Iterator[Fault]:
    mapper, workflow = view.model.__mapper__, view.model.workflow
    declared = declared_in(mapper)
    typed = declared | properties_of(view.model, settable=True) | rows_in(view.model).keys()
    yield from _subject(view, "form_parts").unknown("V003", _names(view.form_parts), typed)
    yield from _subject(view, "readonly").unknown("V004", sorted(view.readonly), mapper.columns.keys())
    part = _subject(view, "pickers")
    yield from part.unknown("V003", view.pickers, declared | frozenset(_in_rows(view.model)))
    for picker in view.pickers.values():
        own = frozenset(picker.model.__mapper__.columns.keys()) | properties_of(picker.model)
        yield from part.unknown("V004", (*picker.columns, picker.key), own)
    importer = getattr(view, "importer", None)
    if importer is not None:
        names = (*importer.columns, importer.key, *importer.references, *importer.example)
        subject = _subject(view, "importer")
        yield from subject.unknown("V003", [importer.rows] if importer.rows else (), rows_in(view.model).keys())
        of_rows = rows_in(view.model).get(importer.rows)
        yield from subject.unknown("V003", names, declared | frozenset(of_rows.columns if of_rows else ()))
    begun = [each.name for each in workflow.transitions if workflow.initial in each.from_] if workflow else ()
    # A mode says with what it submits whether it has a form or not; without a workflow nothing is ever submitted.
    if view.submit_with and workflow is not None:
        yield from _subject(view, "submit_with").unknown("V005", [view.submit_with], begun)


def _in_rows(model: Any) -> Iterator[str]:
    """The columns of the record's rows, as a picker names them."""
    yield from (f"{name}.{column}" for name, declared in rows_in(model).items() for column in declared.columns)


def _opened(view: Any) -> Iterator[Fault]:
    part, asked = _subject(view, "opens"), _asked(view)
    yield from part.unknown("V007", view.opens, asked)
    for permission in sorted(asked - view.opens.keys()):
        yield part.fault("V008", permission)
    for permission, roles in view.opens.items():
        yield from part.unknown("V009", sorted(roles), ROLES)
        if not roles:
            yield part.fault("V008", permission)
    yield from _subject(view, "menu_roles").unknown("V009", sorted(view.menu_roles), ROLES)
    for needed, given in NEEDS:
        if needed in asked:
            for role in sorted(view.opens.get(given, frozenset()) - view.opens.get(needed, frozenset())):
                yield part.fault("V010", role, f"{given!r}, not {needed!r},")
    for role in sorted(view.menu_roles - view.opens.get("list", frozenset())):
        yield _subject(view, "menu_roles").fault("V010", role, "the menu, not 'list',")
    if view.model.workflow is not None:
        yield from _idle(view, part)


def _idle(view: Any, part: Subject) -> Iterator[Fault]:
    """Roles that may open a form of a record that its workflow never lets them edit.

    A record without drafts is never edited: who may make one is a party of its workflow.
    """
    states = view.model.workflow.states
    opened = (("edit", states),) if view.model.complete_at_save else (("add", states[:1]), ("edit", states))
    for permission, open_ in opened:
        editors = _let_in({role for state in open_ for role in state.editable_by}, steward=True)
        for role in sorted(view.opens.get(permission, frozenset()) - editors):
            yield part.fault("V011", role, permission)


def _unheard(workflow: Any, views: list[Any]) -> Iterator[Fault]:
    for each in workflow.transitions:
        doers = [view.opens.get("do", frozenset()) & view.opens.get("show", frozenset()) for view in views]
        heard = _let_in(frozenset().union(*doers), steward=each.duty == ADMINISTER)
        for role in sorted(each.by - heard - {PUBLIC}):
            yield subject_of(workflow, "transition", each).fault("V012", role, repr(each.name))
    heard = _let_in(frozenset().union(*(view.opens.get("edit", frozenset()) for view in views)), steward=True)
    for state in workflow.states:
        for role in sorted(state.editable_by - heard - {PUBLIC}):
            yield subject_of(workflow, "state", state).fault("V013", role, repr(state.name))


def _let_in(roles: Iterable[str], *, steward: bool) -> frozenset[str]:
    """The roles, an administrator of a company standing for its roles and they for it."""
    found = frozenset(roles)
    if steward and COMPANY_ADMIN in found:
        found |= STEWARDED
    return found | {COMPANY_ADMIN} if steward and found & COMPANY_ROLES else found


def _asked(view: Any) -> frozenset[str]:
    """The permissions that the open addresses of the screen ask for."""
    methods = (getattr(type(view), name) for name in dir(type(view)) if name not in view.exclude_route_methods)
    exposed = (each for each in methods if hasattr(each, "_urls") and hasattr(each, "_permission_name"))
    return frozenset(each._permission_name for each in exposed)


def _names(parts: Iterable[Any]) -> Iterator[str]:
    """The names in a list of names or of (title, names)."""
    for each in parts:
        yield from (each,) if isinstance(each, str) else each[1]
