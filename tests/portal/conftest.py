"""A gate for each module: an empty installation, and a portal of the dialect that the module names."""

from collections.abc import Iterator

import pytest

from tests.installations import Home
from tests.portal.gate import Gate, opened


@pytest.fixture(scope="module")
def entrance(bare_home: Home, request: pytest.FixtureRequest) -> Iterator[Gate]:
    with opened(bare_home, request.module.DIALECT) as found:
        yield found


@pytest.fixture
def gate(entrance: Gate) -> Gate:
    """The gate, whose portal tells the truth."""
    entrance.reset()
    return entrance
