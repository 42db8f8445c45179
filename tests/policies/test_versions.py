"""A version begins on its day and reaches back to nothing; it is announced once and never changed in force."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.core import clock
from app.core.database import db
from app.core.refusals import Refused
from app.engine import records, transitions
from app.ledger import policies
from app.ledger.scope import UNSCOPED
from app.policy import versions
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.policy import PolicyVersion, columns_of, policy_of
from models.rules import days
from models.rules.holidays import OFFICIAL
from models.rules.policy import POLICIES
from tests.contract.world import EAST, World, at_work, fund_values, save, take
from tests.installations import Home, close_app, open_app
from tests.modes.accounts import look
from tests.policies.versions import DAY, FIRST, application, figures, key_of, names, on, preview, problems, send, typed
from tests.servers import token_in

pytestmark = pytest.mark.databases("sqlite", "postgres")


def test_the_first_release_keeps_the_figures_of_the_law(app: Flask) -> None:
    with app.app_context():
        versions.seed()
        assert policies.versions() == POLICIES
        assert policies.versions()[0].alert_steps == FIRST.alert_steps


def test_the_columns_say_the_whole_policy() -> None:
    changed = {"flat_share": Decimal(12), "reading": "floor", "confirm_days": 3, "expiry_warning_days": "90,7"}
    policy = policy_of(figures(**changed))
    assert (policy.flat_share, policy.reading, policy.confirm_days) == (Decimal(12), "floor", 3)
    assert policy.expiry_warning_days == (90, 7)
    assert columns_of(policy) == {name: value for name, value in figures(**changed).items() if name != "basis"}


def test_a_version_changes_the_minimum_only_from_its_day_on(
    app: Flask, world: World, announced: Callable[..., int]
) -> None:
    announced(flat_share=Decimal(12))
    with clock.frozen_time(on(DAY - timedelta(days=1))):
        take(world, EAST, application(world), "submit")
    with clock.frozen_time(on(DAY)), pytest.raises(Refused, match=r"低于最低担保金额193\.56万元，还差32\.26万元"):
        take(world, EAST, application(world), "submit")


def test_a_record_keeps_the_version_that_it_was_checked_against(
    app: Flask, world: World, announced: Callable[..., int]
) -> None:
    announced(flat_share=Decimal(12), confirm_days=3)
    with clock.frozen_time(on(DAY - timedelta(days=1))):
        key = application(world)
        take(world, EAST, key, "submit")
    with clock.frozen_time(on(DAY)):
        take(world, EAST, key, "prepare")
        take(world, EAST, key, "issue")
    with app.app_context():
        kept = db.session.scalars(select(Letter).where(Letter.id == key).execution_options(**UNSCOPED)).one()
        assert kept.policy_version == "2024-07"
        assert kept.due_on == days.due_on(DAY, 3, holidays=OFFICIAL)


def test_an_agreement_is_filed_by_the_version_that_it_was_submitted_under(
    app: Flask, world: World, announced: Callable[..., int]
) -> None:
    announced(flat_share=Decimal(12))
    contract = look(app, Letter, application(world)).contract_id
    with clock.frozen_time(on(DAY - timedelta(days=1))):
        with at_work(app, EAST.employer):
            papers = ("agreement", "contract", "account")
            key = save(Escrow, fund_values(EAST, contract_id=contract), papers=papers).id
        for step, username in (("submit", EAST.employer), ("sign", EAST.contractor), ("confirm", EAST.bank)):
            with at_work(app, username):
                transitions.perform(Escrow, key, step)
    with clock.frozen_time(on(DAY)), at_work(app, "regulator"):
        transitions.perform(Escrow, key, "file")
    assert look(app, Escrow, key).state == "filed"


def test_a_version_is_announced_after_its_preview(
    app: Flask, admin: FlaskClient, announced: Callable[..., int]
) -> None:
    form = preview(admin, figures(flat_share=Decimal("12.5")))
    answer = send(admin, "save", **form)
    assert answer.status_code == 302, problems(answer)
    try:
        with app.app_context():
            assert policies.on(DAY).flat_share == Decimal("12.5")
            assert policies.on(DAY - timedelta(days=1)) == FIRST
        again = send(admin, "save", **form)
        assert again.headers["Location"] == answer.headers["Location"]
        assert "待施行" in admin.get("/policies/list/").text
    finally:
        withdrawn = send(admin, "", answer.headers["Location"].replace("show", "delete"))
    assert withdrawn.status_code == 302
    assert names(app) == {"2024-07"}


@pytest.mark.parametrize(
    "changed", [{"basis": "另一份通知"}, {"from_on": "2031-01-02"}, {"previewed": "0" * 64}, {"previewed": "预览"}]
)
def test_a_version_is_not_saved_with_other_values_than_its_preview_had(
    app: Flask, admin: FlaskClient, changed: dict[str, str]
) -> None:
    form = preview(admin, figures())
    answer = send(admin, "save", **{**form, **changed})
    assert answer.status_code == 422
    assert "在预览后有变动" in answer.text
    assert names(app) == {"2024-07"}


def test_everything_that_is_wrong_stands_at_its_field_and_nothing_is_lost(app: Flask, admin: FlaskClient) -> None:
    wrong = {
        "name": "2024-07",
        "from_on": "2024-07-01",
        "flat_share": "101",
        "second_up_to": "900",
        "confirm_days": "0",
        "monthly_due_day": "29",
        "expiry_warning_days": "7，30",
        "basis": "",
    }
    sound = {name: text for name, text in wrong.items() if name not in ("flat_share", "expiry_warning_days")}
    unread = send(admin, "preview", **{**typed(figures()), **wrong})
    unsound = send(admin, "preview", **{**typed(figures()), **sound})
    assert unread.status_code == unsound.status_code == 422
    assert [sum(words in each for each in problems(unread)) for words in ("比例应大于0", "由大到小")] == [1, 1]
    assert 'value="7，30"' in unread.text
    for words in (
        "版本号2024-07已使用",
        "已有自2024-07-01起施行的版本",
        "施行日期应晚于今天",
        "第二档上限应大于第一档上限",
        "保函确认期限(日)应大于 0",
        "月报截止日(日)应大于 0 且不超过 28",
        "请输入制定依据",
    ):
        assert words in " ".join(problems(unsound)), words


def test_a_version_in_force_is_neither_edited_nor_withdrawn(app: Flask, admin: FlaskClient) -> None:
    key = key_of(app, "2024-07")
    form = typed(figures(name="2024-07", from_on=FIRST.from_on, flat_share=Decimal(1)))
    assert admin.get(f"/policies/edit/{key}").status_code == 409
    assert send(admin, "preview", f"/policies/edit/{key}", **form).status_code == 409
    assert send(admin, "save", f"/policies/edit/{key}", **form).status_code == 409
    assert send(admin, "", f"/policies/delete/{key}").status_code == 409
    listed = admin.get("/policies/list/").text
    assert f"/policies/show/{key}" in listed
    assert f"/policies/edit/{key}" not in listed + admin.get(f"/policies/show/{key}").text
    with at_work(app, "admin"), pytest.raises(Refused, match="已施行，不能修改"):
        records.save(PolicyVersion, {"from_on": DAY, "flat_share": Decimal(1)}, key=key)
    with app.app_context():
        assert policies.versions() == POLICIES


def test_a_version_to_come_is_edited_after_a_new_preview(
    app: Flask, admin: FlaskClient, announced: Callable[..., int]
) -> None:
    key = announced()
    address = f"/policies/edit/{key}"
    form = preview(admin, figures(confirm_days=7), address)
    assert send(admin, "save", address, **form).status_code == 302
    with app.app_context():
        assert policies.on(DAY).confirm_days == 7
    late = send(admin, "save", address, **{**preview(admin, figures(confirm_days=8), address), "version": "1"})
    assert late.status_code == 409
    with app.app_context():
        assert policies.on(DAY).confirm_days == 7


def test_a_version_to_come_is_neither_edited_nor_withdrawn_by_a_page_that_tells_no_version(
    app: Flask, admin: FlaskClient, announced: Callable[..., int]
) -> None:
    key = announced()
    form = {**preview(admin, figures(confirm_days=9), f"/policies/edit/{key}"), "version": None}
    assert send(admin, "save", f"/policies/edit/{key}", **form).status_code == 400
    assert send(admin, "", f"/policies/delete/{key}", version=None).status_code == 400
    assert key_of(app, figures()["name"]) == key
    assert f"/policies/delete/{key}?version=1" in admin.get(f"/policies/show/{key}").text


def test_of_two_that_are_announced_for_one_day_at_once_one_is_kept(
    app: Flask, client_of: Callable[[str], FlaskClient]
) -> None:
    clients = [client_of("admin"), client_of("admin")]
    forms = [preview(client, figures(name=f"2031-{index}")) for index, client in enumerate(clients)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: send(pair[0], "save", **pair[1]), zip(clients, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert len(names(app)) == 2
    place = next(answer.headers["Location"] for answer in answers if answer.status_code == 302)
    assert send(clients[0], "", place.replace("show", "delete")).status_code == 302


def test_another_worker_notices_a_new_version_at_once(app: Flask, home: Home, announced: Callable[..., int]) -> None:
    other = open_app(home)
    try:
        with other.app_context():
            assert policies.on(DAY) == FIRST
            db.session.rollback()
        announced(flat_share=Decimal(12))
        with other.app_context():
            assert policies.on(DAY).flat_share == Decimal(12)
            db.session.rollback()
    finally:
        close_app(other)


def test_the_versions_are_read_once_a_request(app: Flask, client_of: Callable[[str], FlaskClient]) -> None:
    client = client_of("employer")
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get("/").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sum("FROM policy_version" in statement for statement in said) == 1


@pytest.mark.parametrize("username", ["employer", "guarantor", "regulator"])
def test_nobody_but_the_administrator_opens_the_versions(
    client_of: Callable[[str], FlaskClient], username: str
) -> None:
    client = client_of(username)
    assert {client.get(f"/policies/{page}").status_code for page in ("list/", "show/1", "add", "export/")} == {403}
    assert "/policies/" not in client.get("/").text


def test_a_figure_that_is_changed_says_what_it_now_rests_on(app: Flask, admin: FlaskClient) -> None:
    given = {**figures(), "flat_share": Decimal(12), "confirm_days": 7}
    answer = send(admin, "preview", **typed(given))
    assert answer.status_code == 422
    assert problems(answer) == ["请在各项依据中写明最低担保比例、保函确认期限调整后的依据"]
    assert send(admin, "preview", **typed(figures(flat_share=Decimal(12), confirm_days=7))).status_code == 200


def test_the_words_of_a_figure_are_read_where_it_is_used(
    app: Flask, world: World, admin: FlaskClient, client_of: Callable[[str], FlaskClient]
) -> None:
    """On the version's page, beside a refused amount, with a minimum, and on the page of what waits for its due day."""
    assert "施工单位应当在收到工程款支付保函后 10 日内在本系统进行确认" in admin.get("/policies/show/1").text
    employer, key = client_of(EAST.employer), application(world)
    contract = employer.get(f"/contracts/show/{world.id(EAST, 'contract')}").text
    assert "原则上不低于本办法规定的最低担保金额要求" in contract.split('<details class="sources">')[1]
    token = token_in(employer.get("/").text)
    form = {"csrf_token": token, "amount": "1", "then": "submit", "form_token": "a" * 24}
    kept = look(app, Letter, key)
    form |= {"product": kept.product, "guarantor_id": str(kept.guarantor_id), "contract_id": str(kept.contract_id)}
    refused = employer.post(f"/letters/edit/{key}", data=form)
    assert refused.status_code == 422 and '<details class="sources">' in refused.text
    assert "原则上不低于本办法规定的最低担保金额要求" in refused.text
    explained = employer.post("/letters/explain", data={**form, "amount": "100"}).get_json()
    [total] = [line for line in explained["lines"] if line.get("sources")]
    assert "最低担保金额" in total["text"] and "原则上不低于" in total["sources"][0]
    take(world, EAST, key, "submit")
    assert "系统默认值" in employer.get(f"/letters/show/{key}").text
