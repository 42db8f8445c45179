"""The empty application with its organisations admitted, and who calls its API."""

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import Client

from app.people import permissions
from tests.api.callers import ByPerson, ByProgram, person_of
from tests.machines.programs import admit, program


@pytest.fixture(scope="module")
def site(bare: Flask) -> Flask:
    """The empty application; each organisation has its role, and each role its rights."""
    admit(bare)
    with bare.app_context():
        permissions.sync(bare.extensions["appbuilder"])
    return bare


@pytest.fixture(scope="module")
def caller(site: Flask) -> Callable[[], Client]:
    """Gives a client of whoever calls next: into the application, or where the module says over HTTP."""
    return site.test_client


@pytest.fixture(scope="module")
def machine(site: Flask, caller: Callable[[], Client]) -> Callable[..., ByProgram]:
    """Gives a program of that role's organisation; without grants it may read and submit."""

    def registered(role: str, *grants: str) -> ByProgram:
        return ByProgram(caller(), program(site, role, *grants))

    return registered


@pytest.fixture(scope="module")
def human(site: Flask, caller: Callable[[], Client]) -> Callable[..., ByPerson]:
    """Gives a signed-in person of that role's organisation."""

    def signed_in(role: str, **duties: bool) -> ByPerson:
        return person_of(site, caller(), role, **duties)

    return signed_in
