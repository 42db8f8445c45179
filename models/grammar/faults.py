"""What is wrong with a declaration: an id, the line on which the wrong word stands, and the remedy.

Every check of a declaration, of a workflow, a record, a screen, gives faults and refuses them all at once, when the
declaring module is imported or, for screens, when they are registered. `FAULTS` lists what can be wrong.
"""

import ast
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from inspect import signature
from pathlib import Path
from types import MappingProxyType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_MACHINERY = ("<string>", "/dataclasses.py")

_NO_TUPLE = ("{word} is no tuple", "write a tuple, with a comma after a single one: (one,)")
_NOT_CALLED = ("{word!r} cannot be called as {choose}", "give a function that can be called as {choose}")
_TWICE = ("{choose} names {word!r} twice", "name it once")
_SEALED = ("the form has {word!r}, which is sealed", "let a transition ask it, or name it in readonly")
_NOWHERE = ("{choose} has {word!r}, which the screen shows nowhere", "show it, or take it away")
FAULTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "W001": ("a workflow without a state", "declare the state in which a record is born first"),
        "W002": ("{word!r} is declared twice", "give every state and every transition a name of its own"),
        "W003": ("it starts from the state {word!r}, which is not declared", "{choose}"),
        "W004": ("it leads to the state {word!r}, which is not declared", "{choose}"),
        "W005": ("the steps bar names the state {word!r}, which is not declared", "{choose}"),
        "W006": ("no transition leads to the state {word!r}", "lead a transition to it, or remove it"),
        "W007": (
            "the state {word!r} is open to {choose}, but no transition leaves it",
            "declare a transition from it, or, if it is final, no editable_by and no waits_for",
        ),
        "W008": ("{word} is empty, so that nobody can ever make it", "name at least one"),
        "W009": ("{word!r} is no role", "{choose}"),
        "W010": ("{word!r} is no duty", "{choose}"),
        "W011": (
            "it waits for {word!r}, who can neither edit in it nor make a transition from it under its duty",
            "let that role make one, or do not wait for it",
        ),
        "W012": ("{word!r} is no tone", "{choose}"),
        "W013": ("optional names {word!r}, which it neither asks nor attaches", "{choose}"),
        "W014": _NO_TUPLE,
        "W015": ("{word} is no set", "write roles(…) around the names"),
        "W016": ("{word} is no single word", "write one text in quotes"),
        "W017": _NOT_CALLED,
        "W018": ("two states are called {word!r}", "give every state a label of its own"),
        "W019": ("only_if and unless both name {word!r}", "name it in one of them"),
        "W020": _TWICE,
        "W021": (
            "it is made in bulk, but requires {word!r}, which is given in a form",
            "make it one by one, or name {word!r} in optional",
        ),
        "W022": ("{word} without checks_record, so that no papers are asked anyway", "say checks_record=True too"),
        "W023": ("the transition {word!r} is to follow or is undone, which is none of its workflow", "{choose}"),
        "R001": (
            "its workflow begins in {word!r}, but its rows are born in {choose!r}",
            "declare `state` with `default=` the workflow's first state, or put that state first",
        ),
        "R002": ("asks {word!r}, which is no declared column", "{choose}"),
        "R003": ("not_by names {word!r}, which is no column", "{choose}"),
        "R004": ("{word!r} is neither a column nor a property", "{choose}"),
        "R005": ("parties names {word!r}, which is no column", "{choose}"),
        "R006": ("sealed names {word!r}, which is no column", "{choose}"),
        "R007": ("also_required names {word!r}, which is no declared column", "{choose}"),
        "R008": ("its own words are for {word!r}, which is no declared column", "{choose}"),
        "R009": ("attach names {word!r}, which is no category of its attachments", "{choose}"),
        "R010": ("its attachments name the category {word!r} twice", "give every category a name of its own"),
        "R011": ("a clock runs in {word!r}, which is no state of its workflow", "{choose}"),
        "R012": ("a clock counts from {word!r}, which is no column of a day or an instant", "{choose}"),
        "R013": ("a clock takes its length from {word!r}, which is no number of days of a policy", "{choose}"),
        "R014": (
            "a clock counts {word!r} the wrong way",
            "say working=True for figures named _working_days, and for no other",
        ),
        "R015": ("a clock begins on {word!r}, which is no day of a policy", "{choose}"),
        "R016": ("a clock is kept, but there is no column {word!r} to keep it in", "declare due_on, or say kept=False"),
        "R017": ("contractor_sees names {word!r}, which is no state of its workflow", "{choose}"),
        "R018": ("parties names {word!r}, which refers to no organisation", "{choose}"),
        "R019": (
            "{word} has no column for {choose!r}, who acts in its workflow",
            "say which column holds that side's organisation, or let the role do nothing",
        ),
        "R020": ("not_by names {word!r}, which holds nobody's account", "{choose}"),
        "R021": (
            "{word}, but the record requires no papers that could come later",
            "require a category of its attachments, or take {word} away",
        ),
        "R022": ("a category takes files of the kind {word!r}, which is none", "{choose}"),
        "R023": (
            "whether the category {word!r} is required cannot be asked as {choose}",
            "give a function that can be called as {choose}",
        ),
        "R024": _NO_TUPLE,
        "R025": _NOT_CALLED,
        "R026": ("its rows are typed in {word!r}, which is no declared column of theirs", "{choose}"),
        "R027": _TWICE,
        "R028": ("its rows are headed by {word!r}, which is not typed in them", "{choose}"),
        "R029": ("the sum of its rows is of {word!r}, which is no amount that is typed in them", "{choose}"),
        "R030": ("{word} is no number of rows that it may have", "write a number from 1 to {choose}"),
        "R031": ("its rows belong to {word!r}, which is another class", "{choose}"),
        "R032": ("its rows name their record in {word!r}, which is no column of theirs", "{choose}"),
        "R033": (
            "its rows have a column and a category of papers that are both called {word!r}",
            "give the category a name of its own",
        ),
        "S001": ("{word!r} is no column, no alias and no computed column of the screen", "{choose}"),
        "S002": ("an alias stands for {word!r}, which is no declared column", "{choose}"),
        "S003": ("{word!r} is no column that can be filled in", "{choose}"),
        "S004": ("{word!r} is no column", "{choose}"),
        "S005": ("it submits with {word!r}, which is no transition from the first state", "{choose}"),
        "S006": _SEALED,
        "S007": _TWICE,
        "S008": _NOWHERE,
        "S009": _NO_TUPLE,
        "V001": ("{word!r} is no column, no alias and no computed column of the screen", "{choose}"),
        "V002": ("an alias stands for {word!r}, which is no declared column", "{choose}"),
        "V003": ("{word!r} is no column that can be filled in", "{choose}"),
        "V004": ("{word!r} is no column", "{choose}"),
        "V005": ("it submits with {word!r}, which is no transition from the first state", "{choose}"),
        "V006": ("two search boxes are called {word!r}", "give every search box a name of its own"),
        "V007": ("{word!r} is no permission that an open address of the screen asks for", "{choose}"),
        "V008": (
            "an address asks for {word!r}, which is opened to nobody",
            "open it to a role, or exclude the address",
        ),
        "V009": ("{word!r} is no role", "{choose}"),
        "V010": (
            "{word!r} holds {choose} of these permissions only",
            "open the first of them to the role too, or the second not",
        ),
        "V011": (
            "{word!r} may {choose}, but the workflow never lets it edit there",
            "take the permission from the role, or name the role in editable_by of the state",
        ),
        "V012": (
            "{word!r} makes {choose}, but no screen of the record opens both show and do to it",
            "open both to the role on one screen of the record, or take the role from `by`",
        ),
        "V013": (
            "{word!r} edits {choose}, but no screen of the record opens edit to it",
            "open edit to the role on one screen of the record, or take the role from `editable_by`",
        ),
        "V014": _SEALED,
        "V015": _TWICE,
        "V016": _NOWHERE,
        "V017": _NO_TUPLE,
    }
)
"""Every id with what is wrong and the remedy; `word` is the wrong word, `choose` what may stand in its place."""


@dataclass(frozen=True)
class Place:
    """A line of the source; with `attribute` the class statement there and the name that it assigns."""

    file: str
    line: int
    attribute: str = ""

    def __str__(self) -> str:
        path = Path(self.file)
        return f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}:{self.line}"


def made_here() -> Place:
    """Where the declaration under construction is written: the caller of its constructor."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.endswith(_MACHINERY):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)


@dataclass(frozen=True)
class Declared:
    """A declaration that knows where it is written, which takes no part in comparisons."""

    place: Place = field(default_factory=made_here, init=False, repr=False, compare=False)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: `subject` is what is declared, `word` what is wrong in it."""

    id: str
    subject: str
    word: str
    choose: str
    place: Place

    def __str__(self) -> str:
        what, remedy = (text.format(word=self.word, choose=self.choose) for text in FAULTS[self.id])
        return f"{self.place}: {self.id} {self.subject}: {what}\n    remedy: {remedy}"


class Misdeclared(Exception):
    """A declaration that cannot hold; all its faults are told at once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n" + "\n".join(map(str, self.faults)))


def refuse(faults: Iterable[Fault]) -> None:
    """Raise what is wrong; nothing where nothing is."""
    found = tuple(faults)
    if found:
        raise Misdeclared(found)


@dataclass(frozen=True)
class Subject:
    """What is being checked and where it is written, which is looked up when something is wrong."""

    name: str
    places: Callable[[], tuple[Place, ...]]

    def fault(self, id: str, word: str, choose: str = "") -> Fault:
        """A fault of this declaration, on the line where the word stands as far as it can be found."""
        return Fault(id, self.name, word, choose, line_of(word, self.places()))

    def unknown(self, id: str, words: Iterable[str], known: Collection[str]) -> Iterator[Fault]:
        """A fault for every word that is none of the known."""
        for word in words:
            if word not in known:
                yield self.fault(id, word, nearest(word, known))


def twice(words: Iterable[str]) -> Iterator[str]:
    """The words that stand there more than once."""
    found = list(words)
    yield from (word for word in dict.fromkeys(found) if found.count(word) > 1)


def is_called(function: Any, *arguments: str) -> bool:
    """Whether the function can be called with these; of one that does not say what it takes, it is believed."""
    try:
        signature(function).bind(*arguments)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def name_of(function: Any) -> str:
    """What a function is called in a fault."""
    return str(getattr(function, "__name__", function))


def nearest(word: str, known: Collection[str]) -> str:
    """The remedy for a word that is unknown: the one that it resembles, or all there are."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"write one of: {', '.join(sorted(known)) or '(there is none)'}"


def of_class(cls: type, attribute: str) -> tuple[Place, ...]:
    """Where the class, or the one that it has it from, assigns the attribute; else where it begins itself.

    A class that no statement of the source makes stands where the nearest of its bases does.
    """
    owners = (each for each in cls.__mro__ if attribute in each.__dict__)
    found = [*(_statement(each, attribute) for each in owners), *(_statement(each, "") for each in cls.__mro__)]
    return tuple(place for place in found if place is not None)[:1]


def _statement(cls: type, attribute: str) -> Place | None:
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    for node in ast.walk(_tree(file)) if file else ():
        if isinstance(node, ast.ClassDef) and node.name == cls.__name__:
            return Place(str(file), node.lineno, attribute)
    return None


def line_of(word: str, places: tuple[Place, ...]) -> Place:
    """The line on which the word stands in the first of these declarations that has it; else the first itself.

    What stands nowhere in quotes may be what the first itself names: an argument, an attribute, a function.
    """
    for place in places:
        for inner in _within(place):
            if isinstance(inner, ast.Constant) and inner.value == word:
                return Place(place.file, inner.lineno)
    for place in places[:1]:
        for inner in _within(place):
            if word in (getattr(inner, name, None) for name in ("id", "arg", "attr")):
                return Place(place.file, getattr(inner, "lineno", place.line))
    return _whole(places[0]) if places else Place("?", 0)


def _whole(place: Place) -> Place:
    """The line of the declaration itself: of the assignment where the place is one of a class."""
    first = next(iter(_nodes(place)), None) if place.attribute else None
    return Place(place.file, getattr(first, "lineno", place.line))


def _within(place: Place) -> Iterator[ast.AST]:
    yield from (inner for node in _nodes(place) for inner in ast.walk(node))


def _nodes(place: Place) -> Iterator[ast.AST]:
    for node in ast.walk(_tree(place.file)):
        if getattr(node, "lineno", 0) != place.line:
            continue
        if not place.attribute:
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (each for each in node.body if place.attribute in _assigned(each))


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


@lru_cache(maxsize=32)
def _tree(file: str) -> ast.AST:
    try:
        return ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return ast.Module(body=[], type_ignores=[])
