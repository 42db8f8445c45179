"""The workbench's to-dos: the first few, and all of them behind 全部."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from app.engine import todos


def test_every_to_do_is_within_reach(client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("employer")
    first = client.get("/").text
    counted = re.search(r'待我处理</span>.*?"figure">(\d+)<', first, re.S)
    assert counted and int(counted.group(1)) > todos.FIRST
    assert len(rows(first)) == todos.FIRST and 'href="/?todos=all#todos"' in first
    every = client.get("/?todos=all").text
    assert len(rows(every)) == int(counted.group(1)) and "todos=all" not in every


def rows(page: str) -> list[str]:
    """The links that take a to-do up."""
    return re.findall(r'aria-label="办理 [^"]+"', page)
