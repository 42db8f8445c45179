"""The empty application with its organisations admitted, and the workshop."""

import pytest
from flask import Flask

from tests.machines.programs import admit
from tests.machines.workshop import open_workshop


@pytest.fixture(scope="module")
def site(bare: Flask) -> Flask:
    """The empty application with its organisations admitted, and the workshop."""
    open_workshop(bare)
    admit(bare)
    return bare
