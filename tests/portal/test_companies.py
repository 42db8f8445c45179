"""Which companies a person may enter after sign-on, and what waits for whom: on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.database import db
from app.core.refusals import NotFound, Refused
from app.engine import todos, transitions
from app.portal import joining
from models.account import Account
from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from tests.bare import NAMES, ORGANISATION, work
from tests.clients import another_tab
from tests.people.test_registration import register, sheet
from tests.portal.gate import ALONE, LOST, NEW, OFFICER, ONE, STRANGE_USCC, TWO, USCC, Gate, named
from tests.servers import token_in

DIALECT = "ticket"
PASSWORD = "Korrekt#2024"

pytestmark = pytest.mark.databases("sqlite", "postgres")


def boss(role: str) -> Viewer:
    """The administrator of the organisation of that role."""
    duties = frozenset({"administer"})
    return Viewer(0, "管理员", ORGANISATION[role], roles=frozenset({role}), duties=duties, is_company_admin=True)


def whose(client: FlaskClient) -> str:
    """The organisation in which the browser is at work, by its 个人信息; "" for a visitor."""
    page = client.get("/profile/")
    found = [name for name in NAMES.values() if f"<small>{name}" in page.text]
    return found[0] if page.status_code == 200 and found else ""


def decide(gate: Gate, account_id: int, name: str, role: str, **inputs: Any) -> None:
    with work(gate.app, boss(role)):
        transitions.perform(Account, account_id, name, inputs=inputs)


def test_a_person_of_two_companies_chooses_one_or_its_role_and_changes_within_one_session(gate: Gate) -> None:
    gate.enrol(TWO, EMPLOYER, CONTRACTOR)
    client = gate.client()
    assert gate.come(client, TWO, "/sign-on?next=/letters/list/").headers["Location"] == "/sign-on/companies"
    first, second = (gate.account(TWO, role)[0] for role in (EMPLOYER, CONTRACTOR))
    assert gate.post(client, f"/sign-on/enter/{first}").headers["Location"] == "/letters/list/"
    assert whose(client) == NAMES[EMPLOYER]
    cookie, form = client._cookies.copy(), token_in(client.get("/profile/password").text)
    assert gate.post(client, f"/sign-on/enter/{second}").headers["Location"] == "/"
    assert whose(client) == NAMES[CONTRACTOR]
    left = gate.client()
    for each in cookie.values():
        left.set_cookie(each.key, each.value)
    assert whose(left) == ""
    stale = client.post("/profile/password", data={"csrf_token": form, "old_password": "x"})
    assert (stale.status_code, "页面已过期" in stale.text) == (400, True)
    page = client.get("/profile/").text
    assert f"切换到{NAMES[EMPLOYER]}" in page and f"切换到{NAMES[CONTRACTOR]}" not in page
    chosen = gate.client()
    assert gate.come(chosen, TWO, "/sign-on?role=contractor").headers["Location"] == "/"
    assert whose(chosen) == NAMES[CONTRACTOR]
    page = chosen.get("/sign-on/companies").text
    first, second = page.index(USCC[CONTRACTOR]), page.index(USCC[EMPLOYER])
    assert first < page.index("您选择的角色") < second


def test_of_two_that_come_back_at_once_by_one_way_one_comes_in(gate: Gate) -> None:
    client = gate.client()
    back = gate.way_back(client, ALONE)
    tabs = [another_tab(client) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda tab: tab.get(back).status_code, tabs))
    assert statuses == [302, 400, 400, 400]


def test_who_comes_for_the_first_time_twice_at_once_is_one_person(gate: Gate) -> None:
    gate.site._citizens["twin"] = type(gate.site._citizens[NEW])("twin", "双胞", "", named(BANK))
    clients = [gate.client() for _ in range(4)]
    ways = [gate.way_back(client, "twin") for client in clients]
    with ThreadPoolExecutor(4) as pool:
        assert (
            list(pool.map(lambda each: each[0].get(each[1]).status_code, zip(clients, ways, strict=True))) == [302] * 4
        )
        asked = list(pool.map(lambda client: gate.post(client, f"/sign-on/ask/{USCC[BANK]}").status_code, clients))
    assert asked == [302] * 4 and gate.account("twin", BANK)[1] == "requested"
    assert [subject for _issuer, subject in gate.state()["persons"]].count("twin") == 1


def test_another_persons_account_is_not_there(gate: Gate) -> None:
    client = gate.client()
    gate.come(client, TWO)
    gate.local("somebody", EMPLOYER, PASSWORD)
    other = _ids(gate, "somebody")[0]
    before = gate.state()
    for key in (other, 0, 10**12):
        assert gate.post(client, f"/sign-on/enter/{key}").status_code == 404
    for uscc in (USCC[BANK], "x", "91460108MA5T00000X"):
        assert gate.post(client, f"/sign-on/ask/{uscc}").status_code == 404
        assert gate.post(client, f"/sign-on/code/{uscc}").status_code == 404
    assert gate.state() == before


def test_who_never_signed_on_has_no_such_pages(gate: Gate) -> None:
    visitor = gate.client()
    assert visitor.get("/sign-on/companies").headers["Location"].endswith("/login/")
    assert visitor.get("/sign-on/link").status_code == 404
    token = token_in(visitor.get("/login/").text)
    for address in ("enter/1", f"ask/{USCC[EMPLOYER]}", "link"):
        assert visitor.post(f"/sign-on/{address}", data={"csrf_token": token}).status_code == 404


def test_joining_waits_for_the_administrator_and_gives_what_that_one_chooses(gate: Gate) -> None:
    client = gate.client()
    assert gate.come(client, NEW).headers["Location"] == "/sign-on/companies"
    offered = client.get("/sign-on/companies").text
    assert "申请加入" in offered and "进入后可在右上角切换" not in offered
    gate.post(client, f"/sign-on/ask/{USCC[GUARANTOR]}")
    key, state = gate.account(NEW, GUARANTOR)
    assert state == "requested" and "等待该单位管理员确认" in client.get("/sign-on/companies").text
    assert gate.come(gate.client(), NEW).headers["Location"] == "/sign-on/companies"
    twice = gate.post(client, f"/sign-on/ask/{USCC[GUARANTOR]}")
    assert (twice.status_code, gate.account(NEW, GUARANTOR)) == (302, (key, "requested"))
    with work(gate.app, boss(GUARANTOR)):
        assert [each.record.id for each in todos.waiting()] == [key]
    for stranger in (boss(EMPLOYER), Viewer(0, "经办", ORGANISATION[GUARANTOR], roles=frozenset({GUARANTOR}))):
        with work(gate.app, stranger):
            assert todos.waiting() == []
    with pytest.raises(Refused, match="单位管理员不能兼任"):
        decide(gate, key, "agree", GUARANTOR, prepares=True, reviews=False, administers=True)
    assert gate.account(NEW, GUARANTOR) == (key, "requested")
    decide(gate, key, "agree", GUARANTOR, prepares=True, reviews=False, administers=False)
    assert gate.come(client, NEW).headers["Location"] == "/"
    assert whose(client) == NAMES[GUARANTOR]
    profile = client.get("/profile/").text
    assert "您通过政务服务网登录，没有密码" in profile and "修改密码" not in profile
    assert client.get("/profile/password").headers["Location"] == "/profile/"


def test_whom_the_administrator_declines_is_told_why_and_may_ask_again(gate: Gate) -> None:
    gate.site._citizens["declined"] = type(gate.site._citizens[NEW])("declined", "吴某", "", named(BANK))
    client = gate.client()
    gate.come(client, "declined")
    gate.post(client, f"/sign-on/ask/{USCC[BANK]}")
    key, _state = gate.account("declined", BANK)
    decide(gate, key, "decline", BANK, reason="不是本单位人员")
    page = client.get("/sign-on/companies").text
    assert "不是本单位人员" in page and "申请加入" in page
    gate.post(client, f"/sign-on/ask/{USCC[BANK]}")
    assert gate.account("declined", BANK) == (key, "requested")


def test_whom_the_portal_no_longer_names_is_out_at_the_next_sign_on_and_asks_anew(gate: Gate) -> None:
    citizen = gate.site._citizens[ONE]
    gate.enrol(ONE, EMPLOYER)
    gate.local("untouched", EMPLOYER, PASSWORD)
    client = gate.client()
    assert gate.come(client, ONE).headers["Location"] == "/" and whose(client) == NAMES[EMPLOYER]
    gate.site._citizens[ONE] = type(citizen)(ONE, citizen.name, "")
    try:
        gate.come(gate.client(), ONE)
        assert whose(client) == ""
        assert gate.account(ONE, EMPLOYER)[1] == "withdrawn"
    finally:
        gate.site._citizens[ONE] = citizen
    with gate.app.app_context(), db.engine.connect() as connection:
        kept = connection.scalar(text("SELECT state FROM account WHERE username = 'untouched'"))
        told = connection.execute(
            text("SELECT action, actor_name FROM history_entry WHERE record_type = 'account' ORDER BY id DESC LIMIT 1")
        ).one()
    assert kept == "active" and tuple(told) == ("withdraw", "系统")
    assert gate.come(client, ONE).headers["Location"] == "/sign-on/companies"
    assert "现已重新列出" in client.get("/sign-on/companies").text
    gate.post(client, f"/sign-on/ask/{USCC[EMPLOYER]}")
    assert gate.account(ONE, EMPLOYER)[1] == "requested"


def test_a_person_without_a_company_is_told_what_to_do(gate: Gate) -> None:
    client = gate.client()
    gate.come(client, ALONE)
    page = client.get("/sign-on/companies").text
    assert "没有返回您可以代表的单位" in page and "使用账号登录" in page


def test_an_unknown_company_is_registered_by_who_came_and_the_account_is_theirs(gate: Gate) -> None:
    client = gate.client()
    gate.come(client, LOST, "/sign-on?role=contractor")
    page = client.get("/sign-on/companies").text
    assert f"/register?uscc={STRANGE_USCC}" in page and "role=employer" in page
    form = client.get(f"/register?uscc={STRANGE_USCC}&name=新港湾公司&role=employer").text
    assert f'value="{STRANGE_USCC}"' in form and 'value="新港湾公司"' in form
    before = gate.state()["persons"]
    assert "注册已提交" in register(client, sheet(71, uscc=STRANGE_USCC, name="新港湾公司")).text
    assert gate.state()["persons"] == before
    with gate.app.app_context(), db.engine.connect() as connection:
        query = text(
            "SELECT a.username, p.subject FROM account a JOIN portal_person p ON p.id = a.portal_person_id "
            "JOIN organisation o ON o.id = a.organisation_id WHERE o.uscc = :uscc"
        )
        assert tuple(connection.execute(query, {"uscc": STRANGE_USCC}).one()) == ("yefeng71", LOST)
    assert gate.come(client, LOST).headers["Location"] == "/sign-on/companies"
    assert "贵单位的注册正在等待主管部门准入" in client.get("/sign-on/companies").text


def test_a_company_that_the_portal_did_not_name_is_registered_for_nobody(gate: Gate) -> None:
    client = gate.client()
    gate.come(client, LOST)
    assert "注册已提交" in register(client, sheet(72)).text
    with gate.app.app_context(), db.engine.connect() as connection:
        query = text("SELECT portal_person_id FROM account WHERE username = 'yefeng72'")
        assert connection.execute(query).one()[0] is None


def test_an_offices_administrator_links_an_account_by_the_code_of_its_person(gate: Gate) -> None:
    client = gate.client()
    gate.come(client, OFFICER)
    shown = gate.post(client, f"/sign-on/code/{USCC[REGULATOR]}").text
    code = re.search(r"关联码 ([\w-]{43})，", shown)
    assert code is not None
    gate.local("linked-officer", REGULATOR, PASSWORD)
    gate.local("other-office", BANK, PASSWORD)
    keys = _ids(gate, "linked-officer", "other-office")
    for viewer, key, given, says in (
        (boss(BANK), keys[1], code[1], "不属于本单位"),
        (boss(REGULATOR), keys[0], "x" * 43, "关联码不正确"),
        (boss(REGULATOR), keys[0], "", "关联码不正确"),
    ):
        with work(gate.app, viewer), pytest.raises(Refused, match=says):
            joining.link_by_code(key, given)
    with work(gate.app, boss(EMPLOYER)), pytest.raises(NotFound):
        joining.link_by_code(keys[0], code[1])
    with work(gate.app, boss(REGULATOR)):
        joining.link_by_code(keys[0], f" {code[1]} ")
    assert gate.account(OFFICER, REGULATOR) == (keys[0], "active")
    with work(gate.app, boss(REGULATOR)), pytest.raises(Refused, match="关联码不正确"):
        joining.link_by_code(keys[0], code[1])
    assert gate.come(gate.client(), OFFICER).headers["Location"] == "/"
    decide(gate, keys[0], "unlink", REGULATOR)
    assert gate.come(gate.client(), OFFICER).headers["Location"] == "/sign-on/companies"


def _ids(gate: Gate, *usernames: str) -> list[int]:
    query = text("SELECT id FROM account WHERE username = :name")
    with gate.app.app_context(), db.engine.connect() as connection:
        return [connection.execute(query, {"name": each}).scalar_one() for each in usernames]


def test_an_office_is_never_entered_by_asking(gate: Gate) -> None:
    client = gate.client()
    gate.come(client, OFFICER)
    page = client.get("/sign-on/companies").text
    assert "申请加入</button>" not in page and "生成关联码" in page
    before = gate.state()
    gate.post(client, f"/sign-on/ask/{USCC[REGULATOR]}")
    assert gate.state() == before
    gate.local("officer-local", REGULATOR, PASSWORD)
    refused = gate.post(client, "/sign-on/link", username="officer-local", password=PASSWORD)
    assert (refused.status_code, "须由该单位管理员关联" in refused.text) == (422, True)
    assert gate.account(OFFICER, REGULATOR) == (0, "")


def test_a_password_links_an_account_once_and_only_where_the_portal_names_its_company(gate: Gate) -> None:
    gate.site._citizens["linker"] = type(gate.site._citizens[NEW])("linker", "林某", "", named(CONTRACTOR))
    gate.local("linkable", CONTRACTOR, PASSWORD)
    gate.local("elsewhere", BANK, PASSWORD)
    gate.local("second", CONTRACTOR, PASSWORD)
    client = gate.client()
    gate.come(client, "linker")
    gate.post(client, f"/sign-on/ask/{USCC[CONTRACTOR]}")
    tries = (
        ("", "", 422, "请输入账号"),
        ("linkable", "wrong", 401, "账号或密码不正确"),
        ("nobody", PASSWORD, 401, "账号或密码不正确"),
        ("elsewhere", PASSWORD, 422, "没有将您列为该账号所属单位的人员"),
    )
    before = gate.state()
    for username, password, status, says in tries:
        answer = gate.post(client, "/sign-on/link", username=username, password=password)
        assert (answer.status_code, says in answer.text) == (status, True), answer.text
        assert username in answer.text and gate.state() == before
    assert gate.post(client, "/sign-on/link", username="linkable", password=PASSWORD).status_code == 302
    assert gate.account("linker", CONTRACTOR)[1] == "active"
    again = gate.post(client, "/sign-on/link", username="second", password=PASSWORD)
    assert (again.status_code, "您在该单位已有关联的账号linkable" in again.text) == (422, True)
    other = gate.client()
    gate.come(other, TWO)
    taken = gate.post(other, "/sign-on/link", username="linkable", password=PASSWORD)
    assert (taken.status_code, "已与另一人的统一身份关联" in taken.text) == (422, True)


def test_guesses_at_a_password_lock_the_account_there_too(gate: Gate) -> None:
    gate.local("guessed", CONTRACTOR, PASSWORD)
    client = gate.client()
    gate.come(client, TWO)
    for _ in range(5):
        assert gate.post(client, "/sign-on/link", username="guessed", password="wrong").status_code == 401
    locked = gate.post(client, "/sign-on/link", username="guessed", password=PASSWORD)
    assert (locked.status_code, "登录失败次数过多" in locked.text) == (429, True)


def test_sign_out_ends_our_session_and_goes_on_to_the_portals(gate: Gate) -> None:
    gate.enrol(TWO)
    client = gate.client()
    gate.come(client, TWO)
    page = client.get("/sign-on/companies")
    out = client.post("/logout/", data={"csrf_token": token_in(page.text)})
    assert out.headers["Location"] == f"{gate.provider.address}/sign-out?redirect=http%3A%2F%2Flocalhost%2Flogin%2F"
    assert client.get("/sign-on/companies").headers["Location"].endswith("/login/")
    assert gate.provider.address in out.headers["Content-Security-Policy"].partition("form-action")[2]
