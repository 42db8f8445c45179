"""Reading the source as the house's laws see it: modules, their imports, and what they do that few may do."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (("models.rules", 0), ("models", 1), ("app", 2), ("views", 3), ("run", 4))
ROOMS = (
    *("core", "ledger", "files", "engine", "letters", "cover", "plans", "alerts", "cases", "claims"),
    *("people", "portal", "machines", "notices", "webhooks", "policy", "imports", "movements", "web", "ops"),
)
CLOCK_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("func", "now"),
    ("func", "current_timestamp"),
    ("func", "current_date"),
}


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name and its text."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def floor(self) -> int | None:
        """How high it lies; None outside of the house (config, tests, migrations)."""
        return next((level for prefix, level in FLOORS if is_within(self.name, prefix)), None)

    def imports(self) -> Iterator[tuple[str, int]]:
        """(what is imported, line), `from a import b` as a.b, inside functions and for types alone too."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        here = parts[: len(parts) - node.level + (1 if self.is_package else 0)]
        return ".".join([*here, node.module or ""]).rstrip(".")

    def state_writes(self) -> Iterator[int]:
        """Lines that assign a record's state: x.state = …, setattr(x, "state", …), .values(state=…)."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(_is_state(target) for target in targets):
                    yield node.lineno
            elif isinstance(node, ast.Call) and (_sets_state(node) or _updates_state(node)):
                yield node.lineno

    def clock_reads(self) -> Iterator[int]:
        """Lines that ask what time it is."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if (name, node.func.attr) in CLOCK_CALLS:
                    yield node.lineno

    def commits(self) -> Iterator[int]:
        """Lines that end a transaction for good."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "commit":
                yield node.lineno

    def history_writes(self) -> Iterator[int]:
        """Lines that add an entry to the history."""
        for node in ast.walk(self.tree):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr == "append":
                yield from [node.lineno] if getattr(called.value, "id", "") == "history" else []

    def request_uses(self) -> Iterator[int]:
        """Lines that take Flask's request or session proxy."""
        for name, line in self.imports():
            if name in ("flask.request", "flask.session", "flask.globals.request", "flask.globals.session"):
                yield line
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "flask":
                yield from [node.lineno] if node.attr in ("request", "session") else []

    def keepings(self) -> Iterator[int]:
        """Lines in which a screen, that all requests share, keeps something of one of them: `self.x = …`."""
        for made in ast.walk(self.tree):
            if isinstance(made, ast.FunctionDef) and made.name != "__init__":
                yield from (line for node in ast.walk(made) for line in _kept_on_itself(node))


def _kept_on_itself(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        kept = (each for each in targets if isinstance(each, ast.Attribute))
        yield from (node.lineno for each in kept if getattr(each.value, "id", "") == "self")


def _is_state(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple):
        return any(_is_state(part) for part in target.elts)
    return isinstance(target, ast.Attribute) and target.attr == "state"


def _sets_state(call: ast.Call) -> bool:
    named = isinstance(call.func, ast.Name) and call.func.id == "setattr" and len(call.args) == 3
    return named and isinstance(call.args[1], ast.Constant) and call.args[1].value == "state"


def _updates_state(call: ast.Call) -> bool:
    named = isinstance(call.func, ast.Attribute) and call.func.attr == "values"
    return named and any(keyword.arg == "state" for keyword in call.keywords)


def is_within(name: str, package: str) -> bool:
    """Whether the dotted name is the package or lies in it."""
    return name == package or name.startswith(f"{package}.")


def house() -> tuple[Module, ...]:
    """Every module of the product: run, views, app, models."""
    paths = [ROOT / "run.py"]
    for folder in ("views", "app", "models"):
        paths += sorted((ROOT / folder).rglob("*.py"))
    return tuple(_module(path) for path in paths)


def _module(path: Path) -> Module:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return Module(name=name, text=path.read_text(encoding="utf-8"), is_package=is_package)


def upward_imports(modules: Iterable[Module]) -> list[str]:
    """Imports that go up a floor, as `a:line imports b`."""
    found = []
    for module in modules:
        for target, line in module.imports():
            target_floor = Module(name=target, text="").floor
            if module.floor is not None and target_floor is not None and target_floor > module.floor:
                found.append(f"{module.name}:{line} imports {target}")
    return found


def room_of(name: str) -> str:
    """The room of app/ that the dotted name lies in; "" outside of app/."""
    parts = name.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 else ""


def imports_between_rooms(modules: Iterable[Module]) -> Iterator[tuple[str, str, str]]:
    """(room, room that it imports, `a:line imports b`) for every import that crosses rooms of app/."""
    for module in modules:
        here = room_of(module.name)
        for target, line in module.imports():
            there = room_of(target)
            if here and there and here != there:
                yield here, there, f"{module.name}:{line} imports {target}"


def cycle(modules: Iterable[Module]) -> list[str]:
    """The names along one circle of imports, first to first; empty when there is none."""
    by_name = {module.name: module for module in modules}
    graph = {name: _known(module, by_name) for name, module in by_name.items()}
    done: set[str] = set()
    for start in graph:
        found = _walk(start, graph, trail=[], done=done)
        if found:
            return found
    return []


def _known(module: Module, by_name: Mapping[str, Module]) -> set[str]:
    """The modules of the house that this one imports."""
    found = set()
    for target, _ in module.imports():
        nearest = target if target in by_name else target.rpartition(".")[0]
        if nearest in by_name and nearest != module.name and not by_name[nearest].is_package:
            found.add(nearest)
    return found


def _walk(name: str, graph: Mapping[str, set[str]], *, trail: list[str], done: set[str]) -> list[str]:
    if name in trail:
        return [*trail[trail.index(name) :], name]
    if name in done:
        return []
    for target in sorted(graph[name]):
        found = _walk(target, graph, trail=[*trail, name], done=done)
        if found:
            return found
    done.add(name)
    return []
