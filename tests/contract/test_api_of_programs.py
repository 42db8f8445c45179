"""The reading operations of the API × a program of each role: it is shown what its organisation sees, and no more."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core.clock import today
from app.machines import clients
from models.grammar.viewer import ADMINISTER, Viewer
from tests.api.callers import ByProgram, json_of
from tests.bare import work
from tests.contract.api_walk import ApiWalk
from tests.contract.sight import Person, Sight
from tests.contract.world import World
from tests.machines.programs import Program

OF_ORGANISATIONS = ("employer", "contractor", "guarantor", "bank", "regulator-haikou", "regulator")
"""People of the demo whose organisations have a program."""

Programs = Callable[[str], ByProgram]


@pytest.fixture(scope="module")
def sight(app: Flask, world: World) -> Sight:
    app.config["API_REQUESTS_A_MINUTE"] = 1_000_000
    return Sight(app)


@pytest.fixture(scope="module")
def program(app: Flask, sight: Sight) -> Programs:
    """Gives a reading program of this person's organisation."""

    def made(username: str) -> ByProgram:
        who = sight.person(username)
        duties = frozenset({ADMINISTER})
        keeper = Viewer(0, "管理员", who.organisation_id, roles=who.roles, duties=duties, is_company_admin=True)
        asked = {"name": "对账系统", "purpose": "读取", "reads": True, "expires_on": today() + timedelta(days=30)}
        with work(app, keeper, today()):
            client, key, secret = clients.register(asked)
            return ByProgram(app.test_client(), Program(client.id, key.id, secret))

    return made


@pytest.mark.parametrize("username", OF_ORGANISATIONS)
def test_a_program_reads_what_its_organisation_sees(app: Flask, sight: Sight, program: Programs, username: str) -> None:
    caller, who = program(username), _of_program(sight.person(username))
    described: Mapping[str, Any] = json_of(caller.ask("GET", "/openapi.json"))
    assert list(ApiWalk(app, sight, described, caller, who).leaks("list", "options", "show")) == []


def _of_program(who: Person) -> Person:
    """The same organisation with nobody behind it: nothing is its own because somebody made it."""
    return replace(who, user_id=0, keeps=False)
