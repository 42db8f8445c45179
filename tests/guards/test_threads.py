"""Two people search the same list at the same instant, thousands of switches a second: nobody sees the other's."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.contract.world import EAST, SOUTH, Side, World

THREADS, ROUNDS = 16, 3


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads change places every few microseconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


def test_nobody_reads_the_search_or_the_rows_of_somebody_else(
    world: World, hurried: None, client_of: Callable[[str], FlaskClient]
) -> None:
    sides = [(EAST, SOUTH), (SOUTH, EAST)] * (THREADS // 2)
    clients = [client_of(own.employer) for own, _other in sides]
    gate = Barrier(THREADS)

    def search(number: int) -> list[str]:
        (own, other), faults = sides[number], []
        gate.wait()
        for turn in range(ROUNDS):
            faults += faults_of(clients[number], own, other, typed=f"{own.mark}工{number}·{turn}")
        return faults

    with ThreadPoolExecutor(THREADS) as pool:
        found = [fault for faults in pool.map(search, range(THREADS)) for fault in faults]
    assert found == []


def faults_of(client: FlaskClient, own: Side, other: Side, *, typed: str) -> Iterator[str]:
    """What is wrong with the answers to a search that finds rows and to one that finds none."""
    rows = client.get(f"/letters/list/?project_name={quote(own.mark)}").text
    none = client.get(f"/letters/list/?project_name={quote(typed)}").text
    if f"{own.mark}工程" not in rows:
        yield f"{typed}: the own rows are missing"
    if f'value="{typed}"' not in none:
        yield f"{typed}: the own search is missing"
    if f"{own.mark}工程" in none:
        yield f"{typed}: rows of another search"
    if other.mark in rows + none:
        yield f"{typed}: something of {other.employer}"
