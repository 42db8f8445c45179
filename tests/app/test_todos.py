"""The workbench's to-dos: the first few, and all of them behind 全部."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.clock import today
from app.core.database import db
from app.engine import todos
from models.funds.report import FundReport
from models.guarantee import Guarantee
from models.modes.letter import Letter
from tests.contract.world import at_work


def test_every_to_do_is_within_reach(client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("employer")
    first = client.get("/").text
    counted = re.search(r'待我处理</span>.*?"figure">(\d+)<', first, re.S)
    assert counted and int(counted.group(1)) > todos.FIRST
    assert len(rows(first)) == todos.FIRST and 'href="/?todos=all#todos"' in first
    every = client.get("/?todos=all").text
    assert len(rows(every)) == int(counted.group(1)) and "todos=all" not in every


def rows(page: str) -> list[str]:
    """The links that take up a record which waits; an account that lacks money waits for a payment, not for a step."""
    return re.findall(r'aria-label="办理 (?!补足账户资金)[^"]+"', page)


def due_letters(app: Flask, username: str) -> list[int]:
    """The letters that this account has to answer, in order: the newest are late or due, all else has no day."""
    with at_work(app, username) as who:
        others = [each.record for each in todos.waiting(todos.CAP) if not isinstance(each.record, Letter)]
        for record in others:
            rest = type(record).__table__
            db.session.execute(update(rest).where(rest.c.id == record.id).values(due_on=None))
        keys = [*db.session.scalars(select(Letter.id).where(todos.clause(Letter, who)).order_by(Letter.id))]
        assert len(keys) >= 4
        days: dict[int, date | None] = dict.fromkeys(keys)
        days.update({keys[-1]: today() - timedelta(30), keys[-2]: today() + timedelta(1), keys[-3]: today()})
        for key, day in days.items():
            table = Guarantee.__table__
            db.session.execute(update(table).where(table.c.id == key).values(due_on=day))
        db.session.commit()
    return [keys[-1], keys[-3], keys[-2]]


def test_what_is_late_comes_first_then_what_is_due_soonest_then_the_newest(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    wanted = due_letters(app, "guarantor")
    with at_work(app, "guarantor"):
        assert [each.record.id for each in todos.waiting(2)] == wanted[:2]
        every = todos.waiting(todos.CAP)
        assert [each.record.id for each in every[:3]] == wanted
        rest = [each.record.created_at for each in every[3:]]
        assert rest and rest == sorted(rest, reverse=True)
    page = client_of("guarantor").get("/").text
    late = re.findall(r"已逾期 \d+ 个工作日", page)
    assert len(late) == 1
    assert page.index(late[0]) < page.index(f"{today()} 前办理") < page.index(f"{today() + timedelta(1)} 前办理")


def test_the_figure_of_unconfirmed_letters_says_whose_turn_it_is(client_of: Callable[[str], FlaskClient]) -> None:
    note = re.compile(r"待确认保函</span>.*?class=\"remark\">([^<]+)<", re.S)
    said = {}
    for name in ("contractor", "employer", "guarantor", "regulator"):
        found = note.search(client_of(name).get("/").text)
        assert found
        said[name] = re.sub(r"\d+", "n", found.group(1))
    theirs = "由施工单位在 n 日内确认"
    assert said == {
        "contractor": "请在收到保函后 n 日内确认",
        **dict.fromkeys(("employer", "guarantor", "regulator"), theirs),
    }


def test_the_day_by_which_a_month_is_reported_binds_its_employer_and_not_the_bank_that_confirms(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    table = FundReport.__table__
    for username, state, is_bound in (("bank", "submitted", False), ("employer", "objected", True)):
        with at_work(app, username):
            key = db.session.scalars(select(FundReport.id).where(FundReport.state == state)).first()
            db.session.execute(update(table).where(table.c.id == key).values(due_on=today() - timedelta(77)))
            db.session.commit()
        assert ("逾期 77 天" in client_of(username).get("/?todos=all").text) is is_bound
        shown = client_of(username).get(f"/reports/show/{key}").text
        assert (f"办理期限 {today() - timedelta(77)}" in shown) is is_bound
