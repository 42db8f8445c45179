"""Many people at the same instant: one number, one letter, one entry, and a sentence for everybody who was slower."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import and_, or_, select, update

from app.core import numbers
from app.core.clock import today
from app.core.database import db, writing
from app.core.refusals import LOST, Lost, Refused
from app.core.viewer import as_system
from app.engine import transitions
from app.engine.deeds import CROSSED, deed
from app.ledger import rows
from app.ledger.scope import UNSCOPED
from app.people import links
from app.people.passwords import RESET_LINK_LASTS
from models.contract import Contract
from models.counter import Counter
from models.guarantee import Guarantee
from models.guarantor import Guarantor
from models.history import HistoryEntry
from models.modes.letter import Letter
from models.rules import letters
from models.terms import ContractTerms
from tests.contract.world import (
    EAST,
    PRICE,
    World,
    at_work,
    contract_values,
    count_of,
    csrf,
    filing_of,
    letter,
    organisation_of,
    save,
)
from tests.modes.accounts import propose

pytestmark = pytest.mark.databases("sqlite", "postgres")
CROWD = 16
Known = Callable[[str], FlaskClient]


def together(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of them at once; gives their answers or what they raised."""
    gate = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return job()
        except Exception as raised:
            return raised

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def issuing(app: Flask, key: int) -> Callable[[], str]:
    def issue() -> str:
        with at_work(app, EAST.issuer):
            return str(transitions.perform(Letter, key, "issue")[0].letter_no)  # type: ignore[attr-defined]

    return issue


def last_number(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(Counter.value).where(Counter.name == numbers.of_day("letter", today()))) or 0


def stored(app: Flask, key: int) -> Letter:
    with app.app_context():
        query = select(Letter).where(Letter.id == key).execution_options(**UNSCOPED)
        found = db.session.scalars(query).one()
        db.session.expunge(found)
        return found


def actions(app: Flask, key: int) -> list[str]:
    with app.app_context():
        mine = (HistoryEntry.record_type == "letter", HistoryEntry.record_id == key)
        return list(db.session.scalars(select(HistoryEntry.action).where(*mine).order_by(HistoryEntry.id)))


def test_one_application_is_issued_once_however_many_issue_it(app: Flask, world: World) -> None:
    key, before = letter(world, EAST, "prepared"), last_number(app)
    answers = together([issuing(app, key)] * CROWD)
    given = [each for each in answers if isinstance(each, str)]
    lost = [str(each) for each in answers if isinstance(each, Lost)]
    assert given == [letters.number(today(), before + 1)]
    assert lost == [LOST] * (CROWD - 1)
    assert actions(app, key).count("issue") == 1
    assert last_number(app) == before + 1
    assert stored(app, key).state == "issued"


def test_many_applications_issued_at_once_have_consecutive_numbers(app: Flask, world: World) -> None:
    keys, before = [letter(world, EAST, "prepared") for _ in range(CROWD)], last_number(app)
    answers = together([issuing(app, key) for key in keys])
    wanted = [letters.number(today(), number) for number in range(before + 1, before + CROWD + 1)]
    assert sorted(map(str, answers)) == wanted
    found = [stored(app, key) for key in keys]
    assert len({each.sha256 for each in found}) == CROWD
    assert len({each.verification_code for each in found}) == CROWD
    assert last_number(app) == before + CROWD


def test_applications_entered_at_once_have_different_numbers(app: Flask, world: World) -> None:
    keys = together([lambda: letter(world, EAST, "draft")] * CROWD)
    numbers = sorted(str(stored(app, key).application_no) for key in keys)
    first = int(numbers[0][-6:])
    assert [int(number[-6:]) for number in numbers] == list(range(first, first + CROWD))


@contextmanager
def broken_key(app: Flask) -> Iterator[None]:
    """Inside, the guarantor's signing key is a file that is none."""
    with app.app_context(), as_system():
        uscc = db.session.get_one(Guarantor, filing_of(EAST.guarantor)).uscc
    key = Path(app.config["KEYS_DIR"]) / f"{uscc}.p12"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_bytes(b"no key at all")
    try:
        yield
    finally:
        key.unlink()


def test_a_letter_whose_signing_fails_leaves_no_gap_no_letter_and_its_old_state(app: Flask, world: World) -> None:
    key, before = letter(world, EAST, "prepared"), last_number(app)
    with broken_key(app):
        failed = together([issuing(app, key)] * 4)
    assert [each for each in failed if not isinstance(each, Exception)] == []
    found = stored(app, key)
    assert (found.state, found.letter_no, found.sha256, found.issued_at) == ("prepared", None, None, None)
    assert "issue" not in actions(app, key)
    assert last_number(app) == before
    assert issuing(app, key)() == letters.number(today(), before + 1)


def test_a_letter_that_its_fonts_cannot_draw_is_refused_with_the_characters(app: Flask, world: World) -> None:
    key, before = letter(world, EAST, "prepared"), last_number(app)
    with app.app_context(), db.engine.begin() as connection:  # as a font that is taken away would leave it
        table = Guarantee.__table__
        connection.execute(update(table).where(table.c.id == key).values(project_name="东密安置房🏗"))
    with pytest.raises(Refused, match="保函字体缺少下列字符，无法出具：🏗"):
        issuing(app, key)()
    assert (stored(app, key).state, last_number(app)) == ("prepared", before)


def application(app: Flask, world: World, **changed: Any) -> dict[str, Any]:
    with app.app_context():
        guarantor = organisation_of(EAST.guarantor)
    return {
        "product": "bank_letter",
        "guarantor_id": guarantor,
        "contract_id": world.id(EAST, "contract"),
        "permit_no": "460108202405150101",
        "uses_fiscal": "0",
        "amount": "161.3",
        "then": "save",
        **changed,
    }


def version_on(client: FlaskClient, key: int) -> str:
    found = re.search(r'name="version" value="(\d+)"', client.get(f"/letters/edit/{key}").text)
    assert found
    return found.group(1)


def test_the_second_of_two_editors_is_told_and_keeps_what_was_typed(
    app: Flask, world: World, client_of: Callable[[str], FlaskClient]
) -> None:
    key = letter(world, EAST, "draft")
    one, two = client_of(EAST.employer), client_of(EAST.employer)
    versions = version_on(one, key), version_on(two, key)
    first, second = (
        client.post(
            f"/letters/edit/{key}",
            data=application(
                app, world, csrf_token=csrf(client), version=version, amount=amount, employer_contact=contact
            ),
        )
        for client, version, amount, contact in (
            (one, versions[0], "170", "先保存的人"),
            (two, versions[1], "180", "后保存的人"),
        )
    )
    assert first.status_code == 302
    assert second.status_code == 422
    assert LOST in second.text
    assert "后保存的人" in second.text and 'value="180"' in second.text
    assert (stored(app, key).amount, stored(app, key).employer_contact) == (1_700_000, "先保存的人")
    again = two.post(
        f"/letters/edit/{key}", data=application(app, world, csrf_token=csrf(two), version=versions[1], amount="180")
    )
    assert again.status_code == 422


def test_of_many_editors_at_once_one_is_kept(app: Flask, world: World, client_of: Callable[[str], FlaskClient]) -> None:
    key = letter(world, EAST, "draft")
    clients = [client_of(EAST.employer) for _ in range(4)]
    version, tokens = version_on(clients[0], key), [csrf(client) for client in clients]
    forms = [
        application(app, world, csrf_token=token, version=version, amount=str(170 + number))
        for number, token in enumerate(tokens)
    ]
    answers = together(
        [
            lambda client=client, form=form: client.post(f"/letters/edit/{key}", data=form).status_code
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert sorted(answers) == [302, 422, 422, 422]
    assert stored(app, key).amount == 10_000 * (170 + answers.index(302))
    assert actions(app, key).count("edit") == 1


def test_a_new_form_sent_many_times_at_once_makes_one_record(
    app: Flask, world: World, client_of: Callable[[str], FlaskClient]
) -> None:
    clients = [client_of(EAST.employer) for _ in range(4)]
    with app.app_context():
        before = count_of(Letter)
    forms = [
        application(app, world, csrf_token=csrf(client), form_token="zusammen-und-zugleich-0123456789")
        for client in clients
    ]
    answers = together(
        [
            lambda client=client, form=form: client.post("/letters/add", data=form)
            for client, form in zip(clients, forms, strict=True)
        ]
    )
    assert [answer.status_code for answer in answers] == [302] * 4
    assert len({answer.headers["Location"] for answer in answers}) == 1
    with app.app_context():
        assert count_of(Letter) == before + 1


def test_sixteen_who_confirm_propose_and_issue_at_once_leave_one_truth_of_a_contract(app: Flask, world: World) -> None:
    with at_work(app, EAST.employer):
        parties = {"project_id": world.id(EAST, "project"), "contractor_id": organisation_of(EAST.contractor)}
        contract_id = int(save(Contract, contract_values(EAST, number="合同九号", **parties)).id)
    waiting = [letter(world, EAST, "prepared", contract_id=contract_id) for _ in range(6)]
    proposal = propose(app, contract_id, day=today(), price=PRICE * 2)

    def confirm() -> str:
        with at_work(app, EAST.contractor):
            return str(transitions.perform(ContractTerms, proposal, "confirm")[0].state)

    def propose_again() -> str:
        return f"proposed {propose(app, contract_id, day=today(), price=PRICE * 3)}"

    jobs = [*(issuing(app, key) for key in waiting), *[confirm] * 5, *[propose_again] * 5]
    answers = together(jobs)
    assert [each for each in answers if not isinstance(each, str | Lost | Refused)] == []
    assert [str(each) for each in answers].count("confirmed") == 1
    with app.app_context():
        versions = _rows(select(ContractTerms).where(ContractTerms.contract_id == contract_id).order_by("no"))
        held, entries = (
            _rows(select(Contract).where(Contract.id == contract_id))[0],
            _rows(_told_of(contract_id, waiting)),
        )
        assert [each.no for each in versions] == list(range(1, len(versions) + 1))
        assert [each.state for each in versions][:2] == ["superseded", "confirmed"]
        assert len(versions) - 2 == sum(str(each).startswith("proposed ") for each in answers) <= 1
        assert (held.price, held.terms_no, held.proposed_no) == (PRICE * 2, 2, 3 if versions[2:] else None)
        changed = [each.action for each in entries].index("contract_terms.confirm")
        issued = {each.record_id for each in entries if each.action == "issue"}
        assert [each.action for each in entries[changed:]].count("issue") == 0
    # What went out stands on the price of its day; the rest waits, and its guarantor is told why.
    assert {key for key in waiting if stored(app, key).state == "issued"} == issued
    assert {stored(app, key).contract_price for key in waiting} == {PRICE}
    for key in set(waiting) - issued:
        with pytest.raises(Refused, match="合同信息在提交后已变更"):
            issuing(app, key)()


def _told_of(contract_id: int, letters: Sequence[int]) -> Any:
    """Entries of the contract and of these letters, in the order in which they were written."""
    of_contract = and_(HistoryEntry.record_type == "contract", HistoryEntry.record_id == contract_id)
    of_letters = and_(HistoryEntry.record_type == "letter", HistoryEntry.record_id.in_(letters))
    return select(HistoryEntry).where(or_(of_contract, of_letters)).order_by(HistoryEntry.id)


def _rows(query: Any) -> Sequence[Any]:
    return db.session.scalars(query.execution_options(**UNSCOPED)).unique().all()


def test_a_link_that_works_once_works_once_for_a_crowd(app: Flask) -> None:
    def redeem() -> Any:
        with app.app_context(), writing():
            found = links.redeem(token, links.RESET)
            db.session.commit()
            return found

    with app.app_context(), writing():
        token = links.issue(links.RESET, {"user_id": 0}, RESET_LINK_LASTS)
        db.session.commit()
    answers = together([redeem] * CROWD)
    assert answers.count({"user_id": 0}) == 1
    assert answers.count(None) == CROWD - 1


@pytest.mark.databases("postgres")
def test_of_two_deeds_that_wait_for_each_other_one_is_done_and_the_other_told(app: Flask, world: World) -> None:
    """SQLite has one writer, so that nobody there waits crosswise."""
    with at_work(app, EAST.employer):
        parties = {"project_id": world.id(EAST, "project"), "contractor_id": organisation_of(EAST.contractor)}
        keys = [int(save(Contract, contract_values(EAST, number=f"合同交错{place}", **parties)).id) for place in (1, 2)]
    both_hold_one = Barrier(2)

    def locking(first: int, second: int) -> Callable[[], str]:
        def lock() -> str:
            with at_work(app, EAST.employer), deed():
                rows.lock("Contract", first)
                both_hold_one.wait()
                rows.lock("Contract", second)
            return "done"

        return lock

    answers = [str(each) for each in together([locking(*keys), locking(*keys[::-1])])]
    assert sorted(answers) == sorted(["done", CROSSED])


def test_who_is_slower_reads_it_on_the_page(app: Flask, world: World, known: Known) -> None:
    key = letter(world, EAST, "prepared")
    client = known(EAST.issuer)
    form = {"csrf_token": csrf(client)}
    assert client.post(f"/letters/do/{key}/issue", data=form).status_code == 302
    late = client.post(f"/letters/do/{key}/issue", data=form, follow_redirects=True)
    assert LOST in late.text
    assert actions(app, key).count("issue") == 1
