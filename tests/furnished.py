"""The demo furnished with two sides that share nothing: made once a worker, and cloned for every module that asks.

To furnish takes as long as hundreds of its tests: sixty steps, and eight letters issued and sealed.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.databases import create_database, drop_database
from tests.installations import Home, close_app, open_app

if TYPE_CHECKING:
    from tests.contract.world import World


@dataclass(frozen=True)
class Furnished:
    """An installation with both sides' rows, and their ids by side mark and name."""

    home: Home
    ids: Mapping[tuple[str, str], int]


@pytest.fixture(scope="session")
def furnished_sqlite(template_sqlite: Home, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    """Both sides on SQLite."""
    folder = tmp_path_factory.mktemp("furnished-sqlite")
    shutil.copytree(template_sqlite.folder, folder, dirs_exist_ok=True)
    return _furnished(Home(folder))


@pytest.fixture(scope="session")
def furnished_postgres(template_postgres: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """Both sides on PostgreSQL."""
    folder = tmp_path_factory.mktemp("furnished-postgres")
    shutil.copytree(template_postgres.folder, folder, dirs_exist_ok=True)
    url = create_database(template_postgres.database_url, template=template_postgres.database_url)
    yield _furnished(Home(folder, url))
    drop_database(url)


@pytest.fixture(scope="module")
def world(app: Flask, database_kind: str, request: pytest.FixtureRequest) -> "World":
    """Two sides that share nothing, on the module's installation."""
    from tests.contract.world import World

    furnished: Furnished = request.getfixturevalue(f"furnished_{database_kind}")
    return World(app, dict(furnished.ids))


def _furnished(home: Home) -> Furnished:
    from tests.contract.programs import register_programs
    from tests.contract.world import furnish

    app = open_app(home)
    world = furnish(app)
    register_programs(world)
    close_app(app)
    return Furnished(home, world.ids)
