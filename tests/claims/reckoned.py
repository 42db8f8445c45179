"""What ought to come of claims and changes on the letters of one contract: plain Python, amounts in 分.

Written by hand from 手册 2.2.3 and 2.2.4, and without any of the product's own code. A step that may not be taken is
answered by a part of the sentence that refuses it, one that is not offered by LOST; what is taken changes the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOST, UNSEEN = "LOST", "NOT FOUND"
CLAIM_BY: Mapping[str, frozenset[str]] = {
    "contractor": frozenset({"submit", "supplement", "present_again", "withdraw", "confirm", "deny"}),
    "employer": frozenset({"say"}),
    "reviewer": frozenset({"approve", "refuse", "rework", "reconsider"}),
    "system": frozenset({"let_lapse", "let_go_on", "let_pay", "extend", "link"}),
}
CHANGE_BY: Mapping[str, frozenset[str]] = {
    "contractor": frozenset({"consent", "certify", "object", "revoke"}),
    "employer": frozenset({"submit", "withdraw"}),
    "reviewer": frozenset({"issue", "reserve", "rework"}),
    "system": frozenset({"pass_on"}),
}
"""Who takes the step; who is not named here is the guarantor's 经办."""

OFFERED_CLAIM: Mapping[str, tuple[tuple[str, ...], str]] = {
    "submit": (("draft", "withdrawn"), "submitted"),
    "supplement": (("incomplete",), "submitted"),
    "present_again": (("refused",), "submitted"),
    "withdraw": (("submitted", "incomplete", "decided", "on_hold", "stayed"), "withdrawn"),
    "confirm": (("paid",), "received"),
    "deny": (("paid",), "unreceived"),
    "ask_for_papers": (("submitted",), "incomplete"),
    "decide": (("submitted",), "decided"),
    "decide_refusal": (("submitted",), "decided"),
    "approve": (("decided",), "agreed"),
    "refuse": (("decided",), "refused"),
    "rework": (("decided",), "submitted"),
    "pay": (("agreed",), "paid"),
    "reconsider": (("agreed",), "submitted"),
    "prove_payment": (("unreceived",), "paid"),
    "hold": (("submitted",), "on_hold"),
    "end_hold": (("on_hold",), "submitted"),
    "stay": (("submitted", "decided", "agreed"), "stayed"),
    "record_suit": (("stayed",), "stayed"),
    "end_stay": (("stayed",), "submitted"),
    "resume_payment": (("stayed",), "agreed"),
    "recover": (("paid", "received"), ""),
    "say": (("submitted", "incomplete", "decided", "on_hold", "agreed", "stayed"), ""),
    "let_lapse": (("on_hold",), "submitted"),
    "let_go_on": (("stayed",), "submitted"),
    "let_pay": (("stayed",), "agreed"),
    "extend": (("submitted", "incomplete", "decided", "on_hold"), "extended"),
    "link": (("submitted", "incomplete", "decided", "on_hold"), ""),
}
CLAIM_STATES = (
    *("draft", "submitted", "incomplete", "decided", "agreed", "paid", "unreceived", "received"),
    *("refused", "on_hold", "stayed", "extended", "withdrawn"),
)
OFFERED_CHANGE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "submit": (("draft", "returned", "objected", "withdrawn"), "proposed"),
    "pass_on": (("proposed",), "submitted"),
    "consent": (("proposed",), "submitted"),
    "certify": (("proposed",), "submitted"),
    "object": (("proposed",), "objected"),
    "revoke": (("submitted", "prepared"), "proposed"),
    "withdraw": (("proposed", "submitted", "returned", "objected"), "withdrawn"),
    "prepare": (("submitted",), "prepared"),
    "prepare_pause": (("submitted",), "prepared"),
    "return": (("submitted",), "returned"),
    "refuse": (("submitted",), "refused"),
    "issue": (("prepared",), "issued"),
    "reserve": (("prepared",), ""),
    "rework": (("prepared",), "submitted"),
}
CHANGE_STATES = (
    *("draft", "proposed", "submitted", "prepared", "issued"),
    *("returned", "objected", "refused", "withdrawn"),
)
UNDECIDED = ("submitted", "incomplete", "decided", "on_hold")
ASKED_IN = 1_018
"""To which day 展期或赔付 asks for: 2028-06-30, counted from 2025-09-16."""

HOLDING = ("submitted", "incomplete", "decided", "agreed", "on_hold", "stayed")
PAID = ("paid", "unreceived", "received")
STANDING_CHANGE = ("proposed", "submitted", "prepared", "returned", "objected")
NEEDING_CONSENT = ("reduce", "pause", "end", "reword")


@dataclass
class Letter:
    """One letter; `ends_in` is how many days from today its period ends."""

    key: int
    kind: str
    amount: int
    ends_in: int
    reserved: int = 0
    paid: int = 0
    version: int = 1
    is_ended: bool = False
    is_paused: bool = False
    moved: int = 0

    @property
    def free(self) -> int:
        return self.amount - self.paid - self.reserved

    @property
    def is_bound(self) -> bool:
        """Whether what is due bounds a claim on it."""
        return self.kind != "independent"


@dataclass
class Claim:
    """One claim; without rows `amount` is what is stated."""

    key: int
    letter: Letter
    amount: int
    rows: dict[str, int] = field(default_factory=dict)
    asks_extension: bool = False
    state: str = "draft"
    held: int = 0
    payout: int | None = None
    refuses: bool = False
    was_asked: bool = False
    was_agreed: bool = False
    was_sued: bool = False
    recovered: int = 0
    paid_on: dict[str, int] = field(default_factory=dict)
    was_handed_in: bool = False

    @property
    def may_be_extended(self) -> bool:
        """Whether an extension of its letter may answer it."""
        return self.asks_extension and self.state in UNDECIDED


@dataclass
class Change:
    """One 担保调整; days count from today."""

    key: int
    letter: Letter
    kind: str
    cause: str
    amount: int | None = None
    ends_in: int | None = None
    effective_in: int | None = None
    until_in: int | None = None
    state: str = "draft"
    is_consented: bool = False
    moves_end: bool = False
    was_handed_in: bool = False

    @property
    def may_move_end(self) -> bool:
        return self.kind == "resume" or (self.kind == "pause" and self.until_in is not None)

    @property
    def needs_consent(self) -> bool:
        return self.kind in NEEDING_CONSENT

    @property
    def is_settlement(self) -> bool:
        return (self.kind, self.cause) == ("end", "settled")


@dataclass
class Site:
    """A contract with its letters: `due` is what is due of each node, None where no plan is carried out."""

    due: dict[str, int] | None
    letters: list[Letter] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    received: dict[str, int] = field(default_factory=dict)

    def owed(self) -> int | None:
        """What is due and unpaid."""
        if self.due is None:
            return None
        payouts = sum(each.payout or 0 for each in self.claims if each.state in PAID)
        received = sum(amount for node, amount in self.received.items() if node in self.due)
        return max(sum(self.due.values()) - received - payouts, 0)

    def missing(self, node: str) -> int:
        """What is due and unpaid of one node."""
        paid = sum(each.paid_on.get(node, 0) for each in self.claims if each.state in PAID)
        return max((self.due or {}).get(node, 0) - self.received.get(node, 0) - paid, 0)

    def others(self, claim: Claim) -> list[Claim]:
        """The other claims that hold their nodes."""
        return [each for each in self.claims if each is not claim and each.state in HOLDING]

    def claim_steps(self, claim: Claim) -> list[str]:
        """What is offered to whoever may take it."""
        return [name for name in OFFERED_CLAIM if _offers_claim(claim, name)]

    def change_steps(self, change: Change) -> list[str]:
        """What is offered to whoever may take it."""
        return [name for name in OFFERED_CHANGE if _offers_change(change, name)]

    def take_claim(self, claim: Claim, name: str, said: Mapping[str, Any]) -> str:
        """Take this step of the claim; "" where it is taken, else what refuses it."""
        if not claim.was_handed_in and by(CLAIM_BY, name) not in ("contractor", "system"):
            return UNSEEN
        if not _offers_claim(claim, name):
            return LOST
        refusal = self._against_claim(claim, name, said)
        if refusal:
            return refusal
        self._follow_claim(claim, name, said)
        claim.state = OFFERED_CLAIM[name][1] or claim.state
        return ""

    def _against_claim(self, claim: Claim, name: str, said: Mapping[str, Any]) -> str:
        if name in ("submit", "present_again"):
            return self._against_handing_in(claim)
        if name in ("decide", "approve", "pay"):
            return self._against_payout(claim, name, said)
        if name == "reconsider" and not self._is_above_what_is_owed(claim, claim.payout or 0):
            return "不能重新核定"
        if name == "recover" and said["recovery"] + claim.recovered > (claim.payout or 0):
            return "超过赔付金额"
        return ""

    def _against_handing_in(self, claim: Claim) -> str:
        letter, owed = claim.letter, self.owed()
        if letter.is_ended and letter.kind != "insurance":
            return "届满，不能再索赔"
        if letter.free == 0:
            return "已全部由其他索赔占用" if letter.reserved else "已全部赔付"
        for node, amount in claim.rows.items():
            if node not in (self.due or {}):
                return "该节点尚未到期，或为质保金，不能索赔"
            if any(node in each.rows for each in self.others(claim)):
                return "同一节点不能重复索赔"
            if letter.is_bound and amount > self.missing(node):
                return "超过该节点未收金额"
        if letter.is_bound and claim.amount > letter.free:
            return "超过保函可用余额"
        elsewhere = sum(each.amount for each in self.others(claim))
        if letter.is_bound and owed is not None and claim.amount > max(owed - elsewhere, 0):
            return "超过应付未付且未在其他索赔中的"
        return ""

    def _against_payout(self, claim: Claim, name: str, said: Mapping[str, Any]) -> str:
        payout = said["payout"] if name == "decide" else claim.payout or 0
        if payout > claim.amount:
            return "超过索赔金额"
        if payout > claim.letter.free + claim.held:
            return "超过保函余额"
        if self._is_above_what_is_owed(claim, payout):
            return "超过应付未付的"
        if name == "decide" and payout < claim.amount and not said["remark"]:
            return "请在备注说明中写明理由"
        return ""

    def _is_above_what_is_owed(self, claim: Claim, payout: int) -> bool:
        owed = self.owed()
        return claim.letter.is_bound and owed is not None and payout > owed

    def _follow_claim(self, claim: Claim, name: str, said: Mapping[str, Any]) -> None:
        if name in ("submit", "present_again"):
            claim.payout, claim.refuses, claim.was_agreed, claim.was_handed_in = None, False, False, True
            claim.held = min(claim.amount, claim.letter.free)
            claim.letter.reserved += claim.held
        elif name in ("withdraw", "refuse", "extend"):
            claim.letter.reserved -= claim.held
            claim.held = 0
            claim.was_sued = claim.was_sued and name != "withdraw"
        elif name == "pay":
            self._pay(claim)
        elif name == "decide":
            claim.payout, claim.refuses = said["payout"], False
        elif name == "decide_refusal":
            claim.payout, claim.refuses = 0, True
        elif name in ("rework", "reconsider") or (name == "stay" and not claim.was_agreed):
            claim.payout, claim.refuses, claim.was_agreed = None, False, False
        elif name == "ask_for_papers":
            claim.was_asked = True
        elif name == "approve":
            claim.was_agreed = True
        elif name == "record_suit":
            claim.was_sued = True
        elif name in ("end_stay", "resume_payment", "let_go_on", "let_pay"):
            claim.was_sued = False
        elif name == "recover":
            claim.recovered += said["recovery"]

    def _pay(self, claim: Claim) -> None:
        letter, rest = claim.letter, claim.payout or 0
        letter.reserved -= claim.held
        letter.paid += rest
        claim.held = 0
        for node, amount in claim.rows.items():
            claim.paid_on[node] = min(amount, rest)
            rest -= claim.paid_on[node]

    def take_change(self, change: Change, name: str, said: Mapping[str, Any]) -> str:
        """Take this step of the change; "" where it is taken, else what refuses it."""
        if not change.was_handed_in and by(CHANGE_BY, name) not in ("employer", "system"):
            return UNSEEN
        if not _offers_change(change, name):
            return LOST
        if name in ("submit", "prepare", "prepare_pause", "reserve", "issue"):
            refusal = self._against_change(change, name, said)
            if refusal:
                return refusal
        change.state = OFFERED_CHANGE[name][1] or change.state
        if name == "submit":
            change.is_consented, change.was_handed_in = False, True
            change.state = "proposed" if change.needs_consent else "submitted"
        elif name in ("consent", "certify"):
            change.is_consented = True
        elif name in ("revoke", "return", "withdraw"):
            change.is_consented = False
        elif name == "prepare_pause":
            change.moves_end = said["moves_end"]
        elif name == "issue":
            self._issue(change)
        return ""

    def _against_change(self, change: Change, name: str, said: Mapping[str, Any]) -> str:
        letter = change.letter
        if letter.is_ended:
            return "终止，不能再变更"
        if change.kind == "lapse" and letter.paid < letter.amount:
            return "不能办理失效"
        if change.kind == "pause" and letter.is_paused:
            return "不能重复暂停"
        if change.kind == "resume" and not letter.is_paused:
            return "该保函没有暂停，不需要恢复"
        others = (each for each in self.changes if each.letter is letter and each is not change)
        if name == "submit" and any(each.state in STANDING_CHANGE for each in others):
            return "请待其办结或撤回后再提交"
        for each in self.claims:
            stands = each.letter is letter and each.state in HOLDING
            if stands and (change.kind != "extend" or not each.may_be_extended):
                return "请待其办结后再变更"
        unsound = _unsound(change, letter)
        if unsound:
            return unsound
        return "施工单位尚未同意" if name != "submit" and change.needs_consent and not change.is_consented else ""

    def _issue(self, change: Change) -> None:
        letter, kind = change.letter, change.kind
        letter.version += 1
        if kind in ("raise", "reduce"):
            letter.amount = change.amount or letter.amount
        elif kind == "extend":
            letter.ends_in = change.ends_in or letter.ends_in
        elif kind in ("end", "lapse"):
            letter.is_ended = True
        elif kind == "pause":
            days = (change.until_in or 0) - (change.effective_in or 0) + 1
            letter.is_paused, letter.moved = True, days if change.moves_end else 0
            letter.ends_in += letter.moved
        elif kind == "resume":
            letter.ends_in += max((change.effective_in or 0) - letter.moved, 0) if change.moves_end else 0
            letter.is_paused, letter.moved = False, 0
        for each in self.claims:
            is_asked = kind == "extend" and each.letter is letter and each.may_be_extended
            if is_asked and letter.ends_in >= ASKED_IN:
                self.take_claim(each, "extend", {})


def by(sides: Mapping[str, frozenset[str]], name: str) -> str:
    """Who takes the step."""
    return next((side for side, names in sides.items() if name in names), "clerk")


def _offers_claim(claim: Claim, name: str) -> bool:
    if claim.state not in OFFERED_CLAIM[name][0]:
        return False
    conditions = {
        "present_again": claim.letter.kind == "independent",
        "ask_for_papers": claim.letter.kind != "independent" and not claim.was_asked,
        "approve": not claim.refuses,
        "refuse": claim.refuses,
        "hold": claim.asks_extension,
        "extend": claim.asks_extension,
        "record_suit": not claim.was_sued,
        "end_stay": not claim.was_agreed,
        "let_go_on": not claim.was_agreed,
        "resume_payment": claim.was_agreed,
        "let_pay": claim.was_agreed,
    }
    return conditions.get(name, True)


def _offers_change(change: Change, name: str) -> bool:
    if change.state not in OFFERED_CHANGE[name][0]:
        return False
    conditions = {
        "consent": not change.is_settlement,
        "certify": change.is_settlement,
        "revoke": change.needs_consent,
        "prepare": not change.may_move_end,
        "prepare_pause": change.may_move_end,
    }
    return conditions.get(name, True)


def _unsound(change: Change, letter: Letter) -> str:
    wanted = change.amount or 0
    if change.kind == "raise" and wanted <= letter.amount:
        return "应大于现行的"
    if change.kind == "reduce" and wanted >= letter.amount:
        return "应小于现行的"
    if change.kind == "reduce" and wanted < letter.paid + letter.reserved:
        return "之和，不能办理"
    if change.kind == "resume" and (change.effective_in or 0) > 0:
        return "不能晚于今天"
    if change.kind == "extend" and (change.ends_in or 0) <= letter.ends_in:
        return "应晚于现行的"
    return ""
