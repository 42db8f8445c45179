"""后续担保: half a letter and half an account can be begun with either; what is announced covers nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.refusals import Refused
from app.core.viewer import as_system
from app.cover import announced, reckoning
from app.engine import transitions
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE
from models.modes.escrow import Escrow
from models.modes.letter import Letter
from models.modes.presale import Presale
from models.parts import NamedPart
from models.rules import announced as rule
from models.rules import minimum
from models.rules.announced import Announced
from models.rules.cover import Cover
from models.rules.policy import POLICIES
from tests.bare import (
    CONTRACT,
    DAY,
    HERE,
    MINIMUM,
    PRICE,
    SIGNATORY,
    attachment,
    escrow,
    findings,
    letter,
    look,
    person,
    presale,
    put,
    regulator,
    work,
)
from views import cover_bars

HALF, FEN = MINIMUM / 2, Decimal("0.01")
FOLLOWS = "后续担保补足：共管资金 80.65万元（2025-05-01 前办理）"
SOON = date(2025, 5, 1)
AUTHOR = person(EMPLOYER)
PREPARER = person(GUARANTOR, PREPARE, user_id=31)


def part(amount: Decimal = HALF, by_on: date | None = SOON, mode: str = "escrow") -> NamedPart:
    """One part that is to follow."""
    return NamedPart(mode=mode, amount=amount, by_on=by_on, place=0)


def half_a_letter(app: Flask, state: str = "draft", parts: Sequence[NamedPart] = (), **changed: Any) -> int:
    """A letter of half the minimum with these parts; its id."""
    key = put(app, letter(state, amount=HALF, to_follow=list(parts), **changed))
    put(app, attachment("letter", key))
    return key


def says(app: Flask, model: type[Record], key: int, step: str, who: Any = AUTHOR, **inputs: Any) -> dict[str, str]:
    """What stands against the step, by field; nothing changes."""
    with work(app, who):
        record = transitions.find(model, key)
        assert record.workflow is not None
        found = transitions.problems_of(record, record.workflow.transition(step), inputs, transitions.moment())
        return {problem.field: f"{'' if problem.blocking else '提示：'}{problem.text}" for problem in found}


def test_half_a_letter_that_names_the_other_half_is_warned_and_kept(bare: Flask) -> None:
    alone = half_a_letter(bare)
    with work(bare, AUTHOR), pytest.raises(Refused, match=r"还差80\.65万元"):
        transitions.perform(Letter, alone, "submit")
    key = half_a_letter(bare, parts=[part()])
    with work(bare, AUTHOR):
        _record, warnings = transitions.perform(Letter, key, "submit")
    assert [problem.text for problem in warnings if FOLLOWS in problem.text]
    assert look(bare, Letter, key)["state"] == "submitted"
    assert any(FOLLOWS in each for each in findings(bare, Letter, key))


def test_an_account_may_be_begun_first_as_well(bare: Flask) -> None:
    for model, made, mode in ((Escrow, escrow, "letter"), (Presale, presale, "letter")):
        alone = put(bare, made("draft", amount=HALF))
        assert "还差80.65万元" in says(bare, model, alone, "submit")["amount"]
        key = put(bare, made("draft", amount=HALF, to_follow=[part(mode=mode)]))
        assert says(bare, model, key, "submit")["amount"].startswith("提示：担保金额80.65万元")


def test_parts_that_do_not_close_the_gap_are_not_enough(bare: Flask) -> None:
    key = half_a_letter(bare, parts=[part(HALF - FEN)])
    assert (
        "加上后续担保80.649999万元，低于最低担保金额161.3万元，还差0.000001万元"
        in says(bare, Letter, key, "submit")["amount"]
    )
    key = half_a_letter(bare, parts=[part(HALF - FEN), part(FEN, mode="presale")])
    assert says(bare, Letter, key, "submit")["amount"].startswith("提示：")


def test_a_part_of_nothing_or_for_a_day_that_is_over_or_after_the_works_is_refused_at_its_row(bare: Flask) -> None:
    yesterday, works = DAY - timedelta(days=1), date(2025, 12, 31)
    parts = [part(Decimal(0)), part(by_on=yesterday), part(by_on=works), part(by_on=works + timedelta(days=1))]
    for place, each in enumerate(parts):
        each.place = place
    key = half_a_letter(bare, parts=parts, finish_on=works)
    found = {field: text for field, text in says(bare, Letter, key, "submit").items() if field.startswith("to_follow")}
    assert found == {
        "to_follow.0.amount": "金额应大于 0，请填写后续担保的金额",
        "to_follow.1.by_on": "办理期限2025-03-11已过，请填写今天或以后的日期",
        "to_follow.3.by_on": "办理期限2026-01-01晚于完工日期2025-12-31，请填写完工前的日期",
    }


def test_whoever_decides_is_warned_while_the_parts_are_in_time_and_refused_when_their_day_is_over(bare: Flask) -> None:
    terms = {"starts_on": DAY, "ends_on": date(2031, 6, 30), "signatory_id": SIGNATORY, "letter_kind": "independent"}
    for by_on, said in (
        (DAY, "提示：担保金额80.65万元低于最低担保金额161.3万元"),
        (DAY - timedelta(days=1), "担保金额80.65万元低于最低担保金额161.3万元"),
    ):
        key = half_a_letter(bare, "submitted", [part(by_on=by_on)])
        assert says(bare, Letter, key, "prepare", PREPARER, **terms)["amount"].startswith(said)
        account = put(bare, escrow("agreed", amount=HALF, to_follow=[part(by_on=by_on, mode="letter")]))
        assert says(bare, Escrow, account, "file", regulator(HERE))["amount"].startswith(said)


def test_what_is_announced_covers_nothing_and_is_named_on_the_contract(bare: Flask) -> None:
    in_force = {"starts_on": DAY, "ends_on": date(2031, 6, 30), "letter_no": "10250312009999"}
    half_a_letter(bare, "confirmed", [part()], **in_force)
    half_a_letter(bare, parts=[part(Decimal(1))])
    with work(bare, person(CONTRACTOR)), as_system():
        cover = reckoning.cover(db.session.get_one(Contract, CONTRACT))
        assert (cover.total, cover.gap, cover.degree) == (HALF, HALF, "short")
        assert announced.of_contract(CONTRACT) == (Announced("escrow", HALF, SOON),)
        assert lines_of(replace(cover, parts=()))[0] == "待补充：共管资金 80.65万元（2025-05-01 前办理）"


def test_of_the_parts_only_those_in_time_and_said_in_full_can_be_waited_for() -> None:
    whole = Announced("escrow", HALF, DAY)
    lacking = [Announced(None, HALF, DAY), Announced("escrow", None, DAY), Announced("escrow", HALF, None)]
    late = Announced("letter", HALF, DAY - timedelta(days=1))
    assert rule.in_time([whole, *lacking, late], DAY) == (whole,)
    found = minimum.check_cover(HALF, PRICE, policy=POLICIES[-1], agreed=False, to_follow=[whole])
    assert [problem.blocking for problem in found] == [False]
    assert minimum.check_cover(MINIMUM, PRICE, policy=POLICIES[-1], agreed=False, to_follow=[whole]) == []


def test_what_is_handed_in_is_shown_with_its_state_until_it_counts(bare: Flask) -> None:
    keys = [put(bare, escrow(state, amount=HALF)) for state in ("draft", "submitted", "agreed")]
    for who, seen in ((AUTHOR, keys[1:]), (person(CONTRACTOR), keys[1:]), (PREPARER, [])):
        with work(bare, who):
            assert sorted({each.id for each in announced.under_way(CONTRACT)} & {*keys}) == seen
    with work(bare, AUTHOR):
        lacking = replace(reckoning.cover(db.session.get_one(Contract, CONTRACT)), parts=())
        words = {
            f"办理中，尚不计入：共管资金 {each.application_no or ''}，80.65万元（{state}）"
            for key, state in zip(keys[1:], ("待施工单位签署", "待备案"), strict=True)
            for each in [db.session.get_one(Escrow, key)]
        }
        assert len(words) == 2 and words <= {*lines_of(lacking)}
        assert not words & {*lines_of(replace(lacking, minimum=Decimal(0)))}


def lines_of(cover: Cover) -> tuple[str, ...]:
    """What the contract's page says below the bar of this cover."""
    return cover_bars.of_contract(db.session.get_one(Contract, CONTRACT), cover).bars[0].lines
