"""担保调整: the table by hand, kind by kind."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from models.rules import amendments as rules
from models.rules.amendments import Change, Said

LETTER = Said(
    amount=Decimal(1_613_000),
    paid=Decimal(500_000),
    reserved=Decimal(0),
    starts_on=date(2025, 1, 1),
    ends_on=date(2027, 12, 31),
)
TODAY = date(2026, 3, 10)
EVENT = date(2026, 3, 1)


def problems(change: Change, said: Said = LETTER, today: date = TODAY) -> list[tuple[str, str]]:
    return [(each.field, each.text) for each in rules.check(change, said, today=today)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("1000000", []),
        ("500000", []),
        ("499999.99", [("new_amount", "减额后担保金额49.999999万元低于已赔付50万元与索赔占用0万元之和，不能办理")]),
        ("1613000", [("new_amount", "减额后担保金额161.3万元应小于现行的161.3万元，请修改")]),
    ],
)
def test_a_reduction_never_falls_below_what_was_paid(wanted: str, found: list[tuple[str, str]]):
    """M1."""
    assert problems(Change("reduce", EVENT, new_amount=Decimal(wanted))) == found


def test_nor_below_what_is_held_for_claims():
    held = replace(LETTER, reserved=Decimal(300_000))
    assert problems(Change("reduce", EVENT, new_amount=Decimal(800_000)), held) == []
    text = "减额后担保金额79.999999万元低于已赔付50万元与索赔占用30万元之和，不能办理"
    assert problems(Change("reduce", EVENT, new_amount=Decimal("799999.99")), held) == [("new_amount", text)]


def test_an_increase_is_one():
    assert problems(Change("raise", EVENT, new_amount=Decimal("1613000.01"))) == []
    text = "增额后担保金额161.3万元应大于现行的161.3万元，请修改"
    assert problems(Change("raise", EVENT, new_amount=Decimal(1_613_000))) == [("new_amount", text)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (date(2028, 1, 1), []),
        (date(2027, 12, 31), ["变更后担保结束日期2027-12-31应晚于现行的2027-12-31，请修改"]),
        (date(2026, 3, 9), ["变更后担保结束日期2026-03-09已过，请修改"]),
    ],
)
def test_an_extension_ends_later_and_not_in_the_past(wanted: date, found: list[str]):
    assert [text for _field, text in problems(Change("extend", EVENT, new_ends_on=wanted))] == found


def test_the_end_may_be_moved_to_today_and_not_to_yesterday():
    """M5."""
    ending = replace(LETTER, ends_on=date(2026, 3, 8))
    assert problems(Change("extend", EVENT, new_ends_on=TODAY), ending) == []
    assert problems(Change("extend", EVENT, new_ends_on=date(2026, 3, 9)), ending) != []


def test_an_end_may_take_effect_on_the_day_of_its_event_and_not_before():
    """M5."""
    yesterday = date(2026, 3, 9)
    assert problems(Change("end", yesterday, effective_on=yesterday)) == []
    text = "生效日期2026-03-08不能早于发生日期2026-03-09，请修改"
    assert problems(Change("end", yesterday, effective_on=date(2026, 3, 8))) == [("effective_on", text)]


def test_nothing_follows_from_what_has_not_happened():
    text = "发生日期2026-03-11不能晚于今天，请修改"
    assert problems(Change("reword", date(2026, 3, 11))) == [("event_on", text)]


def test_a_pause_moves_the_end_by_its_days_where_the_guarantor_agrees():
    """M3."""
    days = rules.paused_days(date(2026, 3, 1), date(2026, 8, 31))
    assert days == 184
    assert rules.moved_end(date(2027, 12, 31), days) == date(2028, 7, 2)


def test_it_goes_on_after_it_has_rested():
    resting = replace(LETTER, paused_from=EVENT)
    assert problems(Change("resume", EVENT, effective_on=date(2026, 3, 2)), resting) == []
    text = "恢复日期2026-03-01应晚于暂停日期2026-03-01，请修改"
    assert problems(Change("resume", EVENT, effective_on=EVENT), resting) == [("effective_on", text)]


@pytest.mark.parametrize(
    ("kind", "asks"),
    [
        ("extend", False),
        ("raise", False),
        ("resume", False),
        ("lapse", False),
        ("reduce", True),
        ("pause", True),
        ("end", True),
        ("reword", True),
    ],
)
def test_what_takes_from_the_beneficiary_needs_its_word(kind: str, asks: bool):
    """URDG 758 第11条: an extension and an increase need none."""
    assert rules.needs_consent(kind) is asks


def test_each_kind_follows_from_some_cause_and_says_what_it_changes():
    assert set(rules.KINDS) == set(rules.ASKED) == set().union(*rules.KINDS_OF.values())
    assert set(rules.CAUSES) == set(rules.KINDS_OF)


def test_its_number_is_of_its_day():
    assert rules.number(date(2025, 10, 11), 8) == "BG20251011000008"


@pytest.mark.parametrize(
    ("cause", "event_on", "found"),
    [
        ("delay", date(2024, 5, 8), []),
        ("delay", date(2024, 5, 7), ["发生日期2024-05-07早于合同签订或开工日期2024-05-08，请修改"]),
        ("stoppage", date(1949, 10, 1), ["发生日期1949-10-01早于合同签订或开工日期2024-05-08，请修改"]),
        ("claim", date(2025, 1, 1), []),
        ("claim", date(2024, 12, 31), ["发生日期2024-12-31早于担保开始日期2025-01-01，请修改"]),
        ("expiry", date(2024, 12, 31), ["发生日期2024-12-31早于担保开始日期2025-01-01，请修改"]),
    ],
)
def test_an_event_lies_in_the_time_of_the_contract_or_of_the_letter(cause: str, event_on: date, found: list[str]):
    change = Change("extend", event_on, cause=cause, new_ends_on=date(2028, 12, 31))
    said = replace(LETTER, since=date(2024, 5, 8))
    assert problems(change, said) == [("event_on", text) for text in found]


@pytest.mark.parametrize(
    ("asked_for", "kinds"),
    [
        ("claim", "raise end lapse"),
        ("stoppage", "extend pause end lapse"),
        ("resumption", "resume end lapse"),
        ("expiry", "extend end lapse"),
    ],
)
def test_what_a_letter_is_to_be_updated_for_is_answered_by_these_changes_and_no_others(asked_for: str, kinds: str):
    """R-14: whatever the change itself was brought for."""
    every = ("extend", "raise", "reduce", "pause", "resume", "end", "lapse", "reword")
    assert " ".join(each for each in every if rules.answers(each, "other", asked_for=asked_for)) == kinds


@pytest.mark.parametrize(
    ("kind", "asked_for"),
    [("reword", "claim"), ("extend", "resumption"), ("raise", "stoppage")],
)
def test_that_it_is_brought_for_that_very_cause_makes_no_change_an_answer(kind: str, asked_for: str):
    """A payout is not made good by other words, nor does a letter that rests go on by being extended."""
    assert not rules.answers(kind, asked_for, asked_for=asked_for)


def test_a_payout_is_answered_by_an_extension_that_is_brought_for_it():
    """手册 2.2.3 names 延长 among what may follow from 代偿索赔."""
    assert rules.answers("extend", "claim", asked_for="claim")
    assert not rules.answers("extend", "delay", asked_for="claim")


def test_what_no_kinds_are_named_for_is_answered_by_what_is_brought_for_it():
    assert rules.answers("extend", "delay", asked_for="delay")
    assert not rules.answers("extend", "other", asked_for="delay")
