"""Requests made up from the description of the API: each is answered as described, none with an error of ours.

`make hostile` sends more than a run of all tests has time for (EXAMPLES=20 for each operation, and as many malformed).
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import content_type_conformance, not_a_server_error, response_schema_conformance
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import status_code_conformance

from models.grammar.viewer import EMPLOYER, GUARANTOR
from tests.api.callers import ROOT, ByPerson, json_of
from tests.bare import escrow, fiscal, letter, put
from tests.databases import free_port
from tests.installations import Home
from tests.servers import served

EXAMPLES = int(os.environ.get("EXAMPLES") or 0)
STRIDE = 1 if EXAMPLES else 11
"""Of how many operations one is struck where no number of examples is asked for."""

SEED = 20261201
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass(frozen=True)
class Target:
    """A server, who asks it, and what it says of itself."""

    address: str
    person: ByPerson
    described: dict[str, Any]
    statuses: Counter[int] = field(default_factory=Counter)

    def strike(self, case: Case) -> None:
        """Send the request as this person, and hold the answer against the description."""
        cookies = {each.key: each.value for each in (self.person.client._cookies or {}).values()}
        headers = {"X-CSRFToken": self.person.token}
        answer = case.call(base_url=self.address + ROOT, headers=headers, cookies=cookies)
        self.statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)


@pytest.fixture(scope="module", params=[EMPLOYER, GUARANTOR])
def target(
    request: pytest.FixtureRequest, site: Flask, human: Callable[..., ByPerson], bare_home: Home
) -> Iterator[Target]:
    """A real server over the empty application, with a few records in it."""
    role: str = request.param
    put(site, letter("draft"), letter("submitted"), escrow("draft"), fiscal("draft"))
    person, port = human(role), free_port()
    described = json_of(person.ask("GET", "/openapi.json"))
    del described["security"], described["components"]["securitySchemes"]  # else keys and cookies are made up, too
    with served(bare_home, port, RUN_JOBS="0", API_REQUESTS_A_MINUTE="1000000"):
        yield Target(f"http://127.0.0.1:{port}", person, described)


def test_every_operation_answers_what_is_made_up_as_it_is_described(target: Target) -> None:
    schema = schemathesis.openapi.from_dict(target.described)
    found: dict[str, str] = {}
    for result in islice(schema.get_all_operations(), 0, None, STRIDE):
        assert isinstance(result, Ok)
        operation = result.ok()
        for mode in MODES if _takes_anything(operation) else (GenerationMode.POSITIVE,):
            try:
                _strike(target, operation, mode)
            except (Exception, FailureGroup) as fault:
                found[f"{operation.label} {mode.value}"] = str(fault)[:800]
    assert found == {}
    assert {401, 429} & target.statuses.keys() == set(), "whoever asks has to come in"
    assert {200, 404, 422} <= target.statuses.keys()


def _takes_anything(operation: APIOperation) -> bool:
    """Whether anything can be sent that is malformed: an address without arguments can only be asked for."""
    return any(True for _parameter in operation.iter_parameters()) or bool(list(operation.body))


def _strike(target: Target, operation: APIOperation, mode: GenerationMode) -> None:
    """Send some requests of that mode; what is no well-formed request of the operation cannot be made of every one."""
    known = {"id": 1} if mode is GenerationMode.POSITIVE and "{id}" in operation.path else None

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES or 1,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=known))
    def struck(case: Case) -> None:
        target.strike(case)

    struck()
