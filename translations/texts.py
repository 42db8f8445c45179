"""Finding every text that a reader may meet: what gettext is called with, and what declarations say in Chinese.

Labels, notes and sentences stand in declarations far from the gettext call that shows them, so in Python every Chinese
text counts that is no docstring and no part of an f-string.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir

ROOT = Path(__file__).resolve().parent.parent
CHINESE = re.compile(r"[\u3007\u4e00-\u9fff]")
CALLS = {"_", "gettext", "lazy_gettext", "Problem", "Words"}
METHODS = (
    ("app/ops/demo_data/**.py", "ignore"),
    ("app/ops/demo_portal/**.py", "ignore"),
    ("app/**.py", "translations.texts:in_python"),
    ("models/**.py", "translations.texts:in_python"),
    ("views/**.py", "translations.texts:in_python"),
    ("*.py", "translations.texts:in_python"),
    ("app/web/templates/**.html", "jinja2.ext:babel_extract"),
)
FOLDERS = ("app", "models", "views")

Found = tuple[int, str, str, list[str]]


def texts() -> Catalog:
    """A template of all texts of the system, each with the files that say it."""
    template = Catalog(charset="utf-8", fuzzy=False)
    found = extract_from_dir(ROOT, METHODS, directory_filter=_is_ours)
    for file, _line, message, comments, _context in found:
        template.add(message, locations=[(file, 0)], auto_comments=comments)
    return template


def _is_ours(folder: str) -> bool:
    return Path(folder).relative_to(ROOT).parts[:1][0] in FOLDERS if Path(folder) != ROOT else True


def in_python(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """The texts of a Python file, in the shape that pybabel asks of an extraction method."""
    tree = ast.parse(file.read())
    silent = {id(node) for node in _silent(tree)}
    called = {id(node) for node in _called(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in silent:
            continue
        if id(node) in called or CHINESE.search(node.value):
            yield node.lineno, "_", node.value, []


def _silent(tree: ast.Module) -> Iterator[ast.AST]:
    """Texts that are never looked up: docstrings, and the parts of f-strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from node.values


def _called(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            yield from node.args[:1]
