"""The laws of the house, held by reading the source."""

import ast
import sys

import pytest

from tests.floors import ROOMS, ROOT, Module, cycle, house, imports_between_rooms, is_within, room_of, upward_imports

RULES_MAY_IMPORT = {"stdnum", "chinese_calendar", "pyotp"}
APPBUILDER = "models.grammar.appbuilder"
REQUEST_HOOKS = {"app.web.headers", "app.web.errors", "app.web.shell"}
LONGEST_FILE = 400
LONGEST_TEST = 450
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "tools", "stuff"}

MODULES = house()


def test_the_house_has_all_its_floors() -> None:
    assert {module.floor for module in MODULES} == {0, 1, 2, 3, 4}


def test_an_import_goes_down_or_stays_level() -> None:
    assert upward_imports(MODULES) == []


def test_app_is_its_rooms_and_nothing_else() -> None:
    assert {room_of(module.name) for module in MODULES} == {"", *ROOMS}
    assert {module.name for module in MODULES if module.is_package and module.floor == 2} >= {
        f"app.{room}" for room in ROOMS
    }
    assert [
        module.name for module in MODULES if module.floor == 2 and not module.is_package and module.name.count(".") < 2
    ] == []


def test_a_room_imports_only_rooms_below_it() -> None:
    order = {room: height for height, room in enumerate(ROOMS)}
    upward = [line for here, there, line in imports_between_rooms(MODULES) if order[there] > order[here]]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert cycle(MODULES) == []


def test_rules_import_the_standard_library_and_small_value_libraries_only() -> None:
    foreign = [
        f"{module.name}:{line} imports {target}"
        for module in MODULES
        if is_within(module.name, "models.rules")
        for target, line in module.imports()
        if not is_within(target, "models.rules")
        and target.split(".")[0] not in sys.stdlib_module_names | RULES_MAY_IMPORT
    ]
    assert foreign == []


def test_flask_appbuilder_is_imported_in_one_file() -> None:
    beside = [
        Module(name=".".join(path.relative_to(ROOT).with_suffix("").parts), text=path.read_text(encoding="utf-8"))
        for folder in ("tests", "bench", "migrations", "translations")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    takers = {
        module.name
        for module in (*MODULES, *beside)
        for target, _line in module.imports()
        if is_within(target, "flask_appbuilder")
    }
    assert takers == {APPBUILDER}


def test_what_things_are_takes_the_tables_of_flask_appbuilder_and_no_screen() -> None:
    taken = {
        target.rpartition(".")[2]
        for module in MODULES
        if module.floor == 1
        for target, _line in module.imports()
        if is_within(target, APPBUILDER)
    }
    assert taken <= {"Model", "User", "Role"}


def test_a_state_is_assigned_in_one_file() -> None:
    assert _lines("state_writes", allowed={"app.engine.transitions"}) == []


def test_the_clock_is_read_in_one_file() -> None:
    assert _lines("clock_reads", allowed={"app.core.clock"}) == []


def test_a_transaction_ends_in_one_file() -> None:
    assert _lines("commits", allowed={"app.core.database"}) == []


def test_history_is_written_in_one_file() -> None:
    assert _lines("history_writes", allowed={"app.engine.happened"}) == []


def test_only_screens_and_the_named_hooks_know_the_request() -> None:
    screens = {module.name for module in MODULES if module.floor == 3}
    assert _lines("request_uses", allowed=screens | REQUEST_HOOKS) == []


def test_no_screen_keeps_anything_of_a_request() -> None:
    others = {module.name for module in MODULES if module.floor != 3}
    assert _lines("keepings", allowed=others) == []


def test_package_files_hold_a_docstring_at_most() -> None:
    full = [
        module.name
        for module in MODULES
        if module.is_package
        for node in module.tree.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert full == []


def test_no_file_is_too_long_to_read() -> None:
    tests = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}
    assert [module.name for module in MODULES if module.text.count("\n") > LONGEST_FILE] == []
    assert [name for name, text in tests.items() if text.count("\n") > LONGEST_TEST] == []


def test_every_module_says_what_it_is() -> None:
    assert [module.name for module in MODULES if not ast.get_docstring(module.tree)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [module.name for module in MODULES if module.name.rpartition(".")[2] in VAGUE_NAMES] == []


@pytest.mark.parametrize(
    ("finder", "line"),
    [
        ("state_writes", "record.state = 'paid'"),
        ("state_writes", "setattr(record, 'state', 'paid')"),
        ("state_writes", "update(table).values(state='paid')"),
        ("state_writes", "a.state, b = 1, 2"),
        ("clock_reads", "datetime.now()"),
        ("clock_reads", "datetime.date.today()"),
        ("clock_reads", "func.now()"),
        ("commits", "db.session.commit()"),
        ("history_writes", "history.append(record)"),
        ("request_uses", "from flask import request"),
        ("request_uses", "flask.session['x']"),
        ("keepings", "def enrich(self, records): self._seen = records"),
    ],
)
def test_the_reader_sees_what_it_must_see(finder: str, line: str) -> None:
    assert list(getattr(Module(name="models.x", text=line), finder)()) == [1]


def test_the_reader_sees_imports_that_go_up_and_around() -> None:
    low = Module(name="models.low", text="def later():\n    from app import high")
    high = Module(name="app.high", text="from models.low import later")
    assert upward_imports([low, high]) == ["models.low:2 imports app.high"]
    assert cycle([low, high]) == ["models.low", "app.high", "models.low"]


def test_an_import_for_types_alone_closes_a_circle_and_may_not_go_up_either() -> None:
    low = Module(name="models.low", text="if TYPE_CHECKING:\n    from app import high")
    high = Module(name="app.high", text="from models import low")
    assert cycle([low, high]) == ["models.low", "app.high", "models.low"]
    assert upward_imports([low, high]) == ["models.low:2 imports app.high"]


def _lines(finder: str, *, allowed: set[str]) -> list[str]:
    return [
        f"{module.name}:{line}"
        for module in MODULES
        if module.name not in allowed
        for line in getattr(module, finder)()
    ]
