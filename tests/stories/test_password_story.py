"""Who comes back after a long time: the password that has grown old opens nothing but the page of a new one."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from app.core.database import db
from app.people import accounts
from models.grammar.appbuilder import User
from tests.databases import free_port
from tests.installations import Home, close_app, open_app
from tests.servers import SIGN_IN, served
from tests.stories.hands import People

OLD_PASSWORD = "Haikou-2024-lantern"
NEW_PASSWORD = "Wanning-2025-harbour"
TOO_OLD = "密码已超过 90 天未更换，请设置新密码后重新登录"


@pytest.fixture(scope="module")
def home(home: Home) -> Home:
    """The demo's data in a system that is no demo: no password is the published one, each as old as its account."""
    app = open_app(home)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(User.__table__).values(password=accounts.hashed(OLD_PASSWORD)))
    close_app(app)
    return replace(home, is_demo=False)


@pytest.fixture(scope="module")
def live_server(home: Home) -> Iterator[str]:
    """A server that leaves the second factor to everybody: who has to set one up sees nothing else before."""
    port = free_port()
    with served(home, port, RUN_JOBS="0", SECOND_FACTOR="offered"):
        yield f"http://127.0.0.1:{port}"


def test_an_old_password_is_renewed_at_sign_in(newcomer: People) -> None:
    person = newcomer("周国栋")
    person.page.goto(SIGN_IN)
    person.fill("账号", "contractor")
    person.fill("密码", OLD_PASSWORD)
    person.press("登录")
    person.sees(TOO_OLD)

    person.fill("密码", OLD_PASSWORD)
    person.fill("确认密码", OLD_PASSWORD)
    person.press("保存")
    person.sees("新密码不能与原密码相同，请更换")

    person.fill("密码", NEW_PASSWORD)
    person.fill("确认密码", NEW_PASSWORD)
    person.press("保存")
    person.sees("新密码已生效")
    person.press("前往登录")
    person.sign_in("contractor", NEW_PASSWORD)
