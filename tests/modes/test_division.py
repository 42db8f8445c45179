"""余额分配: one account number secures one contract, unless its agreements divide the balance alike."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.database import db
from app.core.refusals import Refused
from app.core.viewer import as_system
from app.cover import reckoning
from app.engine import records, transitions
from app.ledger import history
from models.contract import Contract
from models.funds.division import BalancePart
from models.funds.fund import Fund
from models.grammar.rows import GivenRow
from models.grammar.viewer import EMPLOYER
from models.guarantee import Guarantee
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from models.rules import division
from tests.bare import (
    CONTRACT,
    DAY,
    ELSEWHERE,
    HERE,
    MINIMUM,
    ORGANISATION,
    contract,
    escrow,
    look,
    person,
    presale,
    project,
    put,
    regulator,
    work,
)
from tests.modes import accounts

FEN = Decimal("0.01")
AUTHOR = person(EMPLOYER)
_numbers = iter(range(1, 1000))


def another(app: Flask, **changed: Any) -> int:
    """Another contract of the same employer; its id."""
    return put(app, contract(contract_no=f"合同{next(_numbers)}", project_id=put(app, project()), **changed))


def parts(*amounts: tuple[int, Decimal]) -> list[BalancePart]:
    """The rows of a division."""
    return [BalancePart(contract_id=key, amount=amount, place=at) for at, (key, amount) in enumerate(amounts)]


def says(app: Flask, key: int, step: str = "submit", who: Any = AUTHOR, model: type[Fund] = Escrow) -> dict[str, str]:
    """What stands against the step because of the account, by field; nothing changes."""
    with work(app, who):
        record = transitions.find(model, key)
        assert record.workflow is not None
        found = transitions.problems_of(record, record.workflow.transition(step), {}, transitions.moment())
        ours = ("account_no", "division", "amount")
        return {each.field: each.text for each in found if each.field.startswith(ours) and each.blocking}


def cover_of(app: Flask, contract_id: int) -> Decimal:
    """What covers the contract, as the database adds it up."""
    with app.app_context(), as_system():
        return reckoning.of_contract(contract_id)


def test_an_account_that_secures_one_contract_is_refused_for_another(bare: Flask) -> None:
    number = "6217000000000101"
    first = put(bare, escrow("filed", account_no=number))
    for made, model in ((escrow, Escrow), (presale, Presale)):
        second = put(bare, made("draft", account_no=number, contract_id=another(bare)))
        found = says(bare, second, model=model)["account_no"]
        assert f"开户号{number}已用于协议{look(bare, Escrow, first)['application_no']}" in found
    waiting = put(bare, escrow("agreed", account_no=number, contract_id=another(bare)))
    assert "account_no" in says(bare, waiting, "file", regulator(HERE))
    same = put(bare, escrow("draft", account_no=number))
    assert "account_no" in says(bare, same), "the same money twice for one contract"


def test_what_has_ended_or_is_a_draft_or_is_followed_leaves_the_account_free(bare: Flask) -> None:
    number = "6217000000000102"
    for state in ("draft", "withdrawn", "returned", "released", "superseded"):
        put(bare, escrow(state, account_no=number))
    old = put(bare, escrow("filed", account_no=number))
    new = put(bare, escrow("draft", account_no=number, follows_id=old))
    assert says(bare, new) == {}


def test_agreements_that_divide_the_balance_alike_share_the_account(bare: Flask) -> None:
    number, one, other = "6217000000000103", another(bare), another(bare)
    divided = ((one, MINIMUM), (other, MINIMUM))
    deposit = {"account_no": number, "amount": MINIMUM * 2}
    first = put(bare, escrow("filed", contract_id=one, division=parts(*divided), **deposit))
    alike = put(bare, escrow("draft", contract_id=other, division=parts(*divided), **deposit))
    assert says(bare, alike) == {}
    for otherwise in ((), divided[::-1], ((one, MINIMUM), (other, MINIMUM - FEN))):
        key = put(bare, escrow("draft", contract_id=other, division=parts(*otherwise), **deposit))
        assert "account_no" in says(bare, key)
    assert first


def test_a_division_names_each_contract_once_its_own_too_and_no_more_than_there_is(bare: Flask) -> None:
    other = another(bare)
    cases = (
        (parts((other, MINIMUM)), "division", "余额分配应包含本协议所担保的合同"),
        (parts((CONTRACT, MINIMUM), (other, FEN)), "division", "余额分配合计161.300001万元超过账户资金161.3万元"),
        (parts((CONTRACT, MINIMUM), (CONTRACT, FEN)), "division.1.contract_id", "已填写，请合并为一行"),
        (parts((CONTRACT, MINIMUM), (other, Decimal(0))), "division.1.amount", "分得金额应大于 0"),
    )
    for rows, field, message in cases:
        key = put(bare, escrow("draft", account_no=f"62170000000002{next(_numbers):02d}", division=rows))
        assert message in says(bare, key)[field]


def test_of_a_division_nothing_is_said_of_a_deposit_that_is_not_typed_yet(bare: Flask) -> None:
    rows = parts((CONTRACT, MINIMUM), (another(bare), Decimal(0)))
    key = put(bare, escrow("draft", amount=None, account_no=f"62170000000003{next(_numbers):02d}", division=rows))
    assert says(bare, key) == {"amount": "请输入存入金额(万元)", "division.1.amount": "分得金额应大于 0，请修改"}


def test_only_ones_own_part_counts_towards_the_minimum(bare: Flask) -> None:
    own, other = another(bare), another(bare)
    with work(bare, AUTHOR, date(2025, 3, 20)):
        given = [
            GivenRow({"contract_id": own, "amount": MINIMUM - FEN}),
            GivenRow({"contract_id": other, "amount": FEN}),
        ]
        values = {"contract_id": own, "amount": MINIMUM, "account_no": "6217000000000301", "division": given}
        with pytest.raises(Refused) as refused:
            records.save(Escrow, values, then="submit")
    found = {problem.field: problem.text for problem in refused.value.problems}
    assert "担保金额161.299999万元低于最低担保金额161.3万元" in found["amount"]


def test_a_contract_of_another_employer_cannot_be_put_into_a_division(bare: Flask) -> None:
    theirs = another(bare, employer_id=ORGANISATION["stranger"])
    with work(bare, AUTHOR, date(2025, 3, 21)), pytest.raises(Refused) as refused:
        records.save(Escrow, {"contract_id": CONTRACT, "division": [GivenRow({"contract_id": theirs, "amount": FEN})]})
    assert {problem.field: problem.text for problem in refused.value.problems} == {
        "division.0.contract_id": "请选择本单位的合同"
    }


@pytest.mark.parametrize(
    ("money", "gives"),
    [
        ("300", ("100", "50", "150")),
        ("200", ("100", "50", "50")),
        ("120.01", ("100", "20.01", "0")),
        ("0", ("0", "0", "0")),
    ],
)
def test_each_has_its_part_or_what_those_before_it_leave(money: str, gives: Iterable[str]) -> None:
    divided = [(1, Decimal(100)), (2, Decimal(50)), (3, Decimal(150))]
    found = []
    for own in (1, 2, 3):
        part, before = division.own_part(divided, own)
        found.append(division.part_of(Decimal(money), part=part, before=before))
    assert found == [Decimal(each) for each in gives]


def test_the_database_and_the_program_divide_alike_and_never_more_than_there_is(bare: Flask) -> None:
    chance, contracts = Random(8), [another(bare) for _ in range(5)]
    for turn in range(12):
        amounts = [Decimal(chance.randrange(1, 10 ** chance.randrange(3, 13))) / 100 for _ in contracts]
        total = sum(amounts)
        balance = (total * chance.randrange(0, 13) / 10).quantize(FEN)
        divided = list(zip(contracts, amounts, strict=True))
        made = []
        for own in contracts:
            part, before = division.own_part(divided, own)
            more = {"divided_amount": part, "divided_before": before, "amount": total, "balance": balance}
            number = {"account_no": f"62170000{turn:06d}", "contract_id": own}
            made.append(put(bare, escrow("filed", division=parts(*divided), **more, **number)))
        by_database = [cover_of(bare, own) for own in contracts]
        assert by_database == [shown(bare, key) for key in made]
        assert sum(by_database) == min(balance, total)
        end(bare, made)


def shown(app: Flask, key: int) -> Decimal:
    """What the agreement gives, as the program reckons it and as the contract's page lists it."""
    with work(app, AUTHOR, DAY), as_system():
        fund = db.session.scalars(select(Fund).where(Fund.id == key)).one()
        found = fund.own_part(fund.money)
        [part] = reckoning.cover(db.session.get_one(Contract, fund.contract_id)).parts
        assert (part.amount, part.note) == (found, "按余额分配计入")
        return found


def end(app: Flask, keys: Iterable[int]) -> None:
    table = Fund.metadata.tables["guarantee"]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id.in_(keys)).values(state="released"))


def shared(app: Flask, *days: date, **changed: Any) -> list[tuple[int, int]]:
    """Two contracts, each with an agreement on one divided account that is filed on its day; the ids of both."""
    pair = [accounts.contract(app), accounts.contract(app)]
    number, found = f"62170000000005{next(_numbers):02d}", []
    for key, day in zip(pair, days or (accounts.FILED_ON,) * 2, strict=True):
        given = [GivenRow({"contract_id": each, "amount": MINIMUM}) for each in pair]
        values = {"contract_id": key, "account_no": number, "amount": MINIMUM * 2, "division": given, **changed}
        found.append((key, accounts.filed(app, day=day, **values)))
    return found


def confirmed(
    app: Flask, account: int, month: str, paid_in: Decimal | int, paid_out: Decimal | int, **more: Any
) -> int:
    """A report of the account for that month which the bank has confirmed; its id."""
    key = accounts.report(app, account, month, str(paid_in), str(paid_out), **more)
    accounts.decide(app, key, "confirm")
    return key


def balances(app: Flask, pairs: Iterable[tuple[int, int]]) -> list[tuple[Decimal | None, str | None]]:
    """What each agreement holds as the balance, and of which month."""
    found = [accounts.look(app, Escrow, account) for _contract, account in pairs]
    return [(each.balance, each.balance_month) for each in found]


@pytest.mark.databases("sqlite", "postgres")
def test_a_balance_that_the_bank_confirms_under_one_agreement_counts_in_every_agreement_on_the_account(
    app: Flask,
) -> None:
    pairs = (one, first), (other, second) = shared(app)
    confirmed(app, first, "2025-03", 0, MINIMUM)
    assert balances(app, pairs) == [(MINIMUM, "2025-03")] * 2
    assert [cover_of(app, key) for key in (one, other)] == [MINIMUM, Decimal(0)]
    with work(app, person(EMPLOYER)), as_system():
        told = history.of_record(db.session.get_one(Escrow, second))[0]
        assert told.action == "account_report.confirm"
        assert '"balance_month": [null, "2025-03"]' in told.changes


def test_the_newest_month_of_an_account_counts_and_in_one_month_the_lowest_balance(app: Flask) -> None:
    pairs = (_one, first), (_other, second) = shared(app)
    confirmed(app, first, "2025-03", 0, 10)
    confirmed(app, first, "2025-04", 0, 10)
    confirmed(app, second, "2025-03", 0, MINIMUM)
    assert balances(app, pairs) == [(MINIMUM, "2025-03")] * 2, "who said more of a month says nothing of the next"
    confirmed(app, second, "2025-04", 0, 5)
    assert balances(app, pairs) == [(MINIMUM - 5, "2025-04")] * 2
    confirmed(app, first, "2025-04", 0, 30, correction="漏记手续费")
    assert balances(app, pairs) == [(MINIMUM - 5, "2025-04")] * 2, "the higher of two words covers nothing"


def test_a_corrected_month_takes_the_balance_back_in_every_agreement_on_the_account(app: Flask) -> None:
    pairs = (_one, first), _second = shared(app)
    confirmed(app, first, "2025-03", 0, 10)
    confirmed(app, first, "2025-04", 0, 0)
    confirmed(app, first, "2025-03", 0, MINIMUM, correction="漏记支出")
    assert balances(app, pairs) == [(MINIMUM, "2025-03")] * 2


@pytest.mark.parametrize(("deposited_on", "counts"), [(date(2025, 3, 10), "balance"), (date(2025, 4, 1), "deposit")])
def test_an_agreement_that_joins_an_account_takes_its_balance_unless_its_deposit_is_newer(
    app: Flask, deposited_on: date, counts: str
) -> None:
    one, other = accounts.contract(app), accounts.contract(app)
    given = [{"contract_id": key, "amount": MINIMUM} for key in (one, other)]
    values: dict[str, Any] = {"account_no": f"62170000000006{next(_numbers):02d}", "amount": MINIMUM * 3}
    first = accounts.filed(app, contract_id=one, division=[GivenRow(each) for each in given], **values)
    values |= {"deposited_on": deposited_on, "signed_on": deposited_on}
    second = accounts.draft(app, contract_id=other, division=[GivenRow(each) for each in given], **values)
    confirmed(app, first, "2025-03", 0, MINIMUM)
    accounts.take(app, second, "submit", "sign", "confirm", "file", day=date(2025, 4, 20))
    found = (MINIMUM * 2, "2025-03") if counts == "balance" else (None, None)
    assert balances(app, [(other, second)]) == [found]


@pytest.mark.parametrize(
    "written",
    ["6217 0000 9876 54", "6217-0000-9876-54", "\uff16\uff12170000987654", "6217\u20140000\u200b9876\u201354"],
)
def test_a_number_is_one_however_its_blanks_and_dashes_are_typed(app: Flask, written: str) -> None:
    assert accounts.look(app, Escrow, accounts.draft(app, account_no=written)).account_no == "62170000987654"


@pytest.mark.parametrize("written", ["账号62170000987654", "62170000987654.", "6217·0000·9876·54", "-", "6217/54"])
def test_a_number_of_other_signs_than_letters_and_digits_is_refused_at_its_field(app: Flask, written: str) -> None:
    with pytest.raises(Refused) as refused:
        accounts.filed(app, account_no=written)
    assert set(accounts.refusal(refused)) == {"account_no"}


def test_a_draft_whose_number_was_kept_before_with_other_signs_is_not_handed_in(bare: Flask) -> None:
    key = put(bare, escrow("draft", account_no="账号62170000987654"))
    assert "只能包含数字和字母" in says(bare, key)["account_no"]


def divided(app: Flask) -> tuple[int, int]:
    """Two filed agreements on an account of three times the minimum, which is divided so that each contract has it."""
    keys = [another(app, policy_version="2024-07") for _ in range(2)]
    given = {"account_no": f"62170000004{next(_numbers):04d}", "amount": MINIMUM * 3, "balance": MINIMUM * 3}
    rows = tuple((key, MINIMUM) for key in keys)
    first, second = (put(app, escrow("filed", contract_id=key, **in_parts(rows, key), **given)) for key in keys)
    return first, second


def in_parts(rows: Sequence[tuple[int, Decimal]], own: int) -> dict[str, Any]:
    """What an agreement for that contract says of the division."""
    amount, before = division.own_part(rows, own)
    return {"division": parts(*rows), "divided_amount": amount, "divided_before": before}


def anew(app: Flask, old: tuple[int, int], states: tuple[str, str], *amounts: Decimal) -> tuple[int, int]:
    """The agreements that follow those two and divide the balance so, in these states; their ids."""
    held = [look(app, Escrow, key) for key in old]
    given = {"account_no": held[0]["account_no"], "amount": MINIMUM * 3, "finish_on": date(2030, 1, 1)}
    rows = tuple((each["contract_id"], amount) for each, amount in zip(held, amounts, strict=True))
    first, second = (
        put(app, escrow(state, **_of(app, each), follows_id=each["id"], **in_parts(rows, each["contract_id"]), **given))
        for each, state in zip(held, states, strict=True)
    )
    return first, second


def _of(app: Flask, account: dict[str, Any]) -> dict[str, Any]:
    """The contract of that agreement, as one that follows it copies it."""
    key = account["contract_id"]
    return {"contract_id": key, "contract_no": look(app, Contract, key)["contract_no"]}


def states(app: Flask, *keys: int) -> list[str]:
    """The states of these agreements."""
    return [look(app, Escrow, key)["state"] for key in keys]


def test_a_balance_is_divided_anew_by_agreements_that_follow_all_of_them(bare: Flask) -> None:
    old = divided(bare)
    new = anew(bare, old, ("draft", "draft"), MINIMUM, MINIMUM * 2)
    assert [says(bare, key) for key in new] == [{}, {}]
    new = anew(bare, divided(bare), ("draft", "withdrawn"), MINIMUM, MINIMUM * 2)
    assert [says(bare, key) for key in new] == [{}, {}]


def test_one_agreement_alone_does_not_divide_a_balance_anew(bare: Flask) -> None:
    old = divided(bare)
    first, second = (look(bare, Escrow, key) for key in old)
    rows = ((first["contract_id"], MINIMUM), (second["contract_id"], MINIMUM * 2))
    given = {"account_no": first["account_no"], "amount": MINIMUM * 3, "division": parts(*rows)}
    alone = put(bare, escrow("draft", contract_id=first["contract_id"], follows_id=old[0], **given))
    assert f"已用于协议{second['application_no']}" in says(bare, alone)["account_no"]


def test_who_files_one_of_them_files_them_all_and_ends_what_they_follow(bare: Flask) -> None:
    old = divided(bare)
    new = anew(bare, old, ("agreed", "agreed"), MINIMUM, MINIMUM * 2)
    with work(bare, regulator(HERE)):
        transitions.perform(Escrow, new[0], "file")
    assert states(bare, *new, *old) == ["filed", "filed", "superseded", "superseded"]
    covered = [cover_of(bare, look(bare, Escrow, key)["contract_id"]) for key in new]
    assert covered == [MINIMUM, MINIMUM * 2]
    with bare.app_context(), as_system():
        [filed, *_rest] = history.of_record(db.session.get_one(Escrow, new[1]))
        name = db.session.get_one(Escrow, new[0]).application_no
        assert (filed.action, filed.comment) == ("file_along", f"余额重新分配，与协议 {name} 一并备案")
        db.session.rollback()


@pytest.mark.parametrize(
    ("ready", "amounts", "message"),
    [
        (
            "signed",
            (MINIMUM, MINIMUM * 2),
            "余额重新分配须各份协议一并备案，协议%s尚未经施工单位和经办银行确认，请待其确认后备案",
        ),
        ("agreed", (MINIMUM * 2, MINIMUM - FEN), "一并备案的协议%s：担保金额161.299999万元低于最低担保金额161.3万元"),
    ],
)
def test_one_that_cannot_be_filed_holds_up_all_that_divide_the_balance_with_it(
    bare: Flask, ready: str, amounts: tuple[Decimal, Decimal], message: str
) -> None:
    old = divided(bare)
    new = anew(bare, old, ("agreed", ready), *amounts)
    before = [look(bare, Escrow, key) for key in (*old, *new)]
    with work(bare, regulator(HERE)), pytest.raises(Refused) as refused:
        transitions.perform(Escrow, new[0], "file")
    [problem] = refused.value.problems
    assert problem.text.startswith(message % look(bare, Escrow, new[1])["application_no"])
    assert [look(bare, Escrow, key) for key in (*old, *new)] == before


@pytest.mark.parametrize(
    ("model", "changed"),
    [(Escrow, {"region_code": ELSEWHERE}), (Presale, {"office_id": ORGANISATION["stranger"]})],
)
def test_nobody_files_along_what_is_another_offices_to_file(
    bare: Flask, model: type[Fund], changed: dict[str, Any]
) -> None:
    old = divided(bare)
    new = anew(bare, old, ("agreed", "agreed"), MINIMUM, MINIMUM * 2)
    held = look(bare, Escrow, new[1])
    with bare.app_context(), as_system():
        theirs = {name: held[name] for name in ("account_no", "amount", "contract_id", "contract_no", "follows_id")}
        rows = tuple((each.contract_id, each.amount) for each in db.session.get_one(Escrow, new[1]).division)
        db.session.rollback()
    _change(bare, new[1], state="released")
    make = escrow if model is Escrow else presale
    other = put(bare, make("agreed", **{**theirs, **in_parts(rows, theirs["contract_id"]), **changed}))
    before = [look(bare, Escrow, key) for key in (*old, new[0])] + [look(bare, model, other)]
    with work(bare, regulator(HERE)), pytest.raises(Refused) as refused:
        transitions.perform(Escrow, new[0], "file")
    assert [each.text for each in refused.value.problems] == [
        "余额重新分配须各份协议一并备案，其中有由其他主管部门备案的协议，请由对各份协议都有备案权限的主管部门备案"
    ]
    assert [look(bare, Escrow, key) for key in (*old, new[0])] + [look(bare, model, other)] == before


def _change(app: Flask, key: int, **values: Any) -> None:
    """Set these columns of an agreement past the door."""
    with app.app_context(), Session(db.engine) as session:
        session.execute(update(Guarantee).where(Guarantee.id == key).values(**values))
        session.commit()
