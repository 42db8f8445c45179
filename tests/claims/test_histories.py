"""Random histories of letters, changes, claims and receipts, and every step in every state, beside a plain model.

`make histories` walks more and longer ones than a run of all tests has time for (HISTORIES=300 STEPS=40).
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from models.amendments.workflow import AMENDMENT
from models.claims.workflow import CLAIM
from tests.claims import reckoned
from tests.claims.histories import DUE, Walk, without_papers
from tests.claims.reckoned import CHANGE_STATES, CLAIM_STATES, LOST, OFFERED_CHANGE, OFFERED_CLAIM, UNSEEN

pytestmark = pytest.mark.databases("sqlite", "postgres")

HISTORIES = int(os.environ.get("HISTORIES") or 20)
STEPS = int(os.environ.get("STEPS") or 20)
KINDS = ("dependent", "insurance", "independent")
NODES = ("1", "2", "3", "4")
"""Two that are due, one that is not yet, and the retention."""

CHANGES = (
    *(("raise", "price"), ("reduce", "price"), ("extend", "delay"), ("pause", "stoppage"), ("resume", "resumption")),
    *(("end", "settled"), ("end", "early_end"), ("lapse", "claim"), ("reword", "other")),
)


@pytest.fixture(scope="module")
def site(bare: Flask) -> Iterator[Flask]:
    """The application without a paper."""
    with without_papers(bare) as made:
        yield made


def around(*bounds: int) -> st.SearchStrategy[int]:
    """Amounts at, next to and between these bounds, in 分; none below one."""
    near = {max(each + more, 1) for each in bounds for more in (-1, 0, 1)}
    return st.one_of(st.sampled_from(sorted(near)), st.integers(1, max(near)))


def one_of(data: st.DataObject, records: Sequence[Any]) -> Any:
    """Any of them, by its place: what is said of a failure stays short."""
    return records[data.draw(st.integers(0, len(records) - 1))]


class Histories(RuleBasedStateMachine):
    """One contract with two letters; each rule is one thing that somebody does or tries."""

    def __init__(self, app: Flask, hit: Counter[tuple[str, str, str]]) -> None:
        super().__init__()
        self.app, self.hit = app, hit

    @initialize(
        is_planned=st.sampled_from((True, True, True, False)),
        kinds=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)),
        amounts=st.tuples(around(DUE["1"] // 2), around(DUE["1"], DUE["2"])),
    )
    def begin(self, is_planned: bool, kinds: tuple[str, str], amounts: tuple[int, int]) -> None:
        self.walk = Walk(self.app, self.hit, is_planned=is_planned)
        for kind, amount in zip(kinds, amounts, strict=True):
            self.walk.letter(kind, amount)

    @rule(data=st.data(), asks=st.booleans(), place=st.integers(0, 1))
    def claims(self, data: st.DataObject, asks: bool, place: int) -> None:
        """A claim is written and, mostly, handed in."""
        site, letter = self.walk.site, self.walk.site.letters[place]
        nodes = data.draw(st.lists(st.sampled_from((*NODES[:2], *NODES)), unique=True, min_size=1, max_size=2))
        bounds = [letter.free, *(() if site.due is None else (site.owed() or 1,))]
        if site.due is None:
            made = self.walk.claim(letter, {}, data.draw(around(*bounds)), asks_extension=asks)
        else:
            rows = {node: data.draw(around(site.missing(node), *bounds)) for node in nodes}
            made = self.walk.claim(letter, rows, asks_extension=asks)
        if data.draw(st.integers(0, 3)):
            self.walk.step(made, "submit")

    @precondition(lambda self: self.walk.site.claims)
    @rule(data=st.data())
    def goes_on(self, data: st.DataObject) -> None:
        """Somebody takes a step that a claim offers."""
        self._step_claim(data, is_offered=True)

    @precondition(lambda self: self.walk.site.claims)
    @rule(data=st.data())
    def goes_on_again(self, data: st.DataObject) -> None:
        self._step_claim(data, is_offered=True)

    @precondition(lambda self: self.walk.site.claims)
    @rule(data=st.data())
    def is_tried(self, data: st.DataObject) -> None:
        """Somebody tries any step of a claim at all."""
        self._step_claim(data, is_offered=False)

    @precondition(lambda self: self.walk.site.claims)
    @rule(data=st.data(), name=st.sampled_from(sorted(OFFERED_CLAIM)))
    def is_meddled_with(self, data: st.DataObject, name: str) -> None:
        self.walk.stranger_tries(one_of(data, self.walk.site.claims), name)

    def _step_claim(self, data: st.DataObject, *, is_offered: bool) -> None:
        site = self.walk.site
        claim = one_of(data, site.claims)
        names = site.claim_steps(claim) if is_offered else sorted(OFFERED_CLAIM)
        if not names:
            return
        name, said = data.draw(st.sampled_from(names)), dict[str, Any]()
        if name == "decide":
            payout = data.draw(around(claim.amount, claim.held, site.owed() or 1))
            said = {"payout": payout, "remark": data.draw(st.sampled_from(("", "证明不足")))}
        if name == "recover":
            said = {"recovery": data.draw(around(claim.payout or 1))}
        self.walk.step(claim, name, **said)

    @rule(data=st.data(), place=st.integers(0, 1), change=st.sampled_from(CHANGES))
    def changes(self, data: st.DataObject, place: int, change: tuple[str, str]) -> None:
        """A change is written and, mostly, handed in."""
        letter = self.walk.site.letters[place]
        made = self.walk.change(letter, *change, **said_of(change[0], letter, data))
        if data.draw(st.integers(0, 3)):
            self.walk.step(made, "submit")

    @precondition(lambda self: self.walk.site.changes)
    @rule(data=st.data(), is_offered=st.sampled_from((True, True, True, False)), moves=st.booleans())
    def is_changed(self, data: st.DataObject, is_offered: bool, moves: bool) -> None:
        """Somebody takes or tries a step of a change."""
        site = self.walk.site
        change = one_of(data, site.changes)
        names = site.change_steps(change) if is_offered else sorted(OFFERED_CHANGE)
        if names:
            self.walk.step(change, data.draw(st.sampled_from(names)), moves_end=moves)

    @precondition(lambda self: self.walk.site.changes)
    @rule(data=st.data(), name=st.sampled_from(sorted(OFFERED_CHANGE)))
    def change_is_meddled_with(self, data: st.DataObject, name: str) -> None:
        self.walk.stranger_tries(one_of(data, self.walk.site.changes), name)

    @precondition(lambda self: self.walk.site.due is not None)
    @rule(data=st.data(), node=st.sampled_from(NODES[:3]))
    def is_received(self, data: st.DataObject, node: str) -> None:
        """The contractor confirms a receipt, of more than the node even."""
        self.walk.receive(node, data.draw(around(self.walk.site.missing(node))))
        self.walk.agrees(self.walk.rows())


def said_of(kind: str, letter: reckoned.Letter, data: st.DataObject) -> dict[str, Any]:
    """What a change of that kind states."""
    if kind in ("raise", "reduce"):
        return {"amount": data.draw(around(letter.amount, letter.paid + letter.reserved, letter.amount * 2))}
    if kind == "extend":
        return {"ends_in": letter.ends_in + data.draw(st.integers(-1, 400))}
    if kind == "pause":
        return {"effective_in": 0, **({"until_in": 30} if data.draw(st.booleans()) else {})}
    if kind == "resume":
        return {"effective_in": data.draw(st.integers(1, 60))}
    return {"effective_in": 0} if kind in ("end", "lapse") else {}


def test_over_any_history_letters_claims_and_changes_stand_as_the_model_has_them(site: Flask) -> None:
    hit: Counter[tuple[str, str, str]] = Counter()
    run_machine(
        partial(Histories, site, hit),  # type: ignore[arg-type]  # it may be any factory
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink) if HISTORIES > 20 else (Phase.generate,),
        ),
    )
    print(f"{HISTORIES} histories, {hit.total()} steps, {len(hit)} pairs of state and step hit")
    for command, said in (("verify-ledger", "each agrees with its ledger"), ("verify-history", "the history is whole")):
        done = site.test_cli_runner().invoke(args=[command])
        assert said in done.output and done.exit_code == 0, done.output


CLAIM_SITUATIONS: tuple[tuple[str, str, bool, tuple[str, ...]], ...] = (
    *(("draft", "dependent", False, ()), ("submitted", "dependent", False, ("submit",))),
    ("submitted, extension asked", "dependent", True, ("submit",)),
    ("submitted, papers asked", "insurance", False, ("submit", "ask_for_papers", "supplement")),
    ("submitted, of an independent letter", "independent", False, ("submit",)),
    ("incomplete", "dependent", False, ("submit", "ask_for_papers")),
    ("decided to be paid", "dependent", False, ("submit", "decide")),
    ("decided to be refused", "dependent", False, ("submit", "decide_refusal")),
    ("agreed", "dependent", False, ("submit", "decide", "approve")),
    ("paid", "dependent", False, ("submit", "decide", "approve", "pay")),
    ("unreceived", "dependent", False, ("submit", "decide", "approve", "pay", "deny")),
    ("received", "dependent", False, ("submit", "decide", "approve", "pay", "confirm")),
    ("refused", "dependent", False, ("submit", "decide_refusal", "refuse")),
    ("refused, of an independent letter", "independent", False, ("submit", "decide_refusal", "refuse")),
    ("on_hold", "dependent", True, ("submit", "hold")),
    ("stayed", "dependent", False, ("submit", "stay")),
    ("stayed and sued", "dependent", False, ("submit", "stay", "record_suit")),
    ("stayed after agreement", "dependent", False, ("submit", "decide", "approve", "stay")),
    ("extended", "dependent", True, ("submit", "hold", "extend")),
    ("withdrawn", "dependent", False, ("submit", "withdraw")),
)
CHANGE_SITUATIONS: tuple[tuple[str, tuple[str, str], tuple[str, ...]], ...] = (
    *(("draft", ("raise", "price"), ()), ("proposed", ("reword", "other"), ("submit",))),
    ("proposed, with the price paid", ("end", "settled"), ("submit",)),
    *(("submitted", ("raise", "price"), ("submit",)), ("consented", ("reword", "other"), ("submit", "consent"))),
    ("passed on without consent", ("reword", "other"), ("submit", "pass_on")),
    ("submitted, end may move", ("pause", "stoppage"), ("submit", "consent")),
    ("prepared", ("raise", "price"), ("submit", "prepare")),
    ("prepared with consent", ("pause", "stoppage"), ("submit", "consent", "prepare_pause")),
    ("issued", ("raise", "price"), ("submit", "prepare", "issue")),
    ("returned", ("raise", "price"), ("submit", "return")),
    ("objected", ("reword", "other"), ("submit", "object")),
    ("refused", ("raise", "price"), ("submit", "refuse")),
    ("withdrawn", ("raise", "price"), ("submit", "withdraw")),
)
SAID = {"payout": 60_000_000, "remark": "其余部分证明不足", "recovery": 1, "moves_end": True}
STATED: Mapping[str, Mapping[str, Any]] = {
    "raise": {"amount": 200_000_000},
    "pause": {"effective_in": 0, "until_in": 30},
    "end": {"effective_in": 0},
}


def claim_in(walk: Walk, kind: str, asks: bool, path: Sequence[str]) -> reckoned.Claim:
    """A claim of 700,000 on a letter of its own that has gone this way."""
    made = walk.claim(walk.letter(kind, 161_300_000), {}, 70_000_000, asks_extension=asks)
    for name in path:
        assert walk.step(made, name, **SAID) == "", name
    return made


def change_in(walk: Walk, change: tuple[str, str], path: Sequence[str]) -> reckoned.Change:
    """A change of a letter of its own that has gone this way."""
    made = walk.change(walk.letter("dependent", 161_300_000), *change, **STATED.get(change[0], {}))
    for name in path:
        assert walk.step(made, name, **SAID) == "", name
    return made


def test_every_step_of_a_claim_is_tried_in_every_state(site: Flask) -> None:
    hit: Counter[tuple[str, str, str]] = Counter()
    for situation, kind, asks, path in CLAIM_SITUATIONS:
        walk = Walk(site, hit, is_planned=False)
        made = claim_in(walk, kind, asks, path)
        offered = walk.site.claim_steps(made)
        for name in sorted(OFFERED_CLAIM.keys() - set(offered)):
            assert walk.step(made, name, **SAID) in (LOST, UNSEEN), (situation, name)
        for place, name in enumerate(offered):
            each = claim_in(walk, kind, asks, path) if place else made
            refused = walk.step(each, name, **SAID)
            assert (refused == "") == (name != "reconsider"), (situation, name, refused)
    assert {each for each in hit if each[0] == "claim"} == {
        ("claim", state, name) for state in CLAIM_STATES for name in OFFERED_CLAIM
    }
    assert set(CLAIM_STATES) == {each.name for each in CLAIM.states}
    assert set(OFFERED_CLAIM) == {each.name for each in CLAIM.transitions}
    print(f"{hit.total()} steps, {len(hit)} pairs of state and step hit")


def test_every_step_of_a_change_is_tried_in_every_state(site: Flask) -> None:
    hit: Counter[tuple[str, str, str]] = Counter()
    for situation, change, path in CHANGE_SITUATIONS:
        walk = Walk(site, hit, is_planned=False)
        made = change_in(walk, change, path)
        offered = walk.site.change_steps(made)
        for name in sorted(OFFERED_CHANGE.keys() - set(offered)):
            assert walk.step(made, name, **SAID) in (LOST, UNSEEN), (situation, name)
        for place, name in enumerate(offered):
            each = change_in(walk, change, path) if place else made
            refused = walk.step(each, name, **SAID)
            assert (refused == "") == (situation != "passed on without consent" or name not in ("prepare",)), name
    assert {each for each in hit if each[0] == "change"} == {
        ("change", state, name) for state in CHANGE_STATES for name in OFFERED_CHANGE
    }
    assert set(CHANGE_STATES) == {each.name for each in AMENDMENT.states}
    assert set(OFFERED_CHANGE) == {each.name for each in AMENDMENT.transitions}
    print(f"{hit.total()} steps, {len(hit)} pairs of state and step hit")
