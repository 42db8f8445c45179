"""What the steps of a claim bring about: in the claim, in its letter's ledger, in what the letter is updated for."""

from datetime import date
from typing import Any

from models.claims.caps import caps_of, facts_of
from models.claims.clocks import BY_KIND
from models.claims.guards import letter_of
from models.grammar.workflow import FollowUp, Inputs, Moment
from models.letters import ledger, updates
from models.letters.kind import kind_that_counts
from models.rules import amendments, days
from models.rules import claims as rules
from models.rules.claims import NOTHING

OVER = -1
"""What is left of a limit that was over when it was to stand still."""


def submit(claim: Any, inputs: Inputs, at: Moment) -> None:
    """It says of letter and nodes what these say now, holds its amount, and its guarantor's time begins."""
    letter = letter_of(claim, at)
    claim.restate(letter)
    claim.kind = kind_that_counts(letter)
    state_nodes(claim, at)
    claim.received_at = claim.received_at or at.now
    claim.presented_at, claim.complete_at = at.now, at.now
    _run_from(claim, at.today)
    claim.decision = claim.payout = claim.decided_at = claim.agreed_at = claim.prepared_by_id = None
    claim.discrepancies = claim.disposal = claim.remark = None
    claim.held_at = claim.reply_by = claim.stayed_on = claim.sued_on = None
    hold(claim, letter, at)


def state_nodes(claim: Any, at: Moment) -> None:
    """What is due and received of each node, as it stands now; without nodes the amount is what was typed."""
    nodes = facts_of(claim.contract_id, at).owed or ()
    known = {each.origin: each for each in nodes}
    for row in claim.nodes:
        owed = known.get(row.origin)
        if owed is not None:
            row.kind, row.due_on = owed.kind, owed.due_on
            row.due, row.received = owed.due, owed.received + owed.paid_out
    if claim.nodes:
        claim.amount = sum((row.claimed or NOTHING for row in claim.nodes), NOTHING)
        claim.event_on = min((row.due_on for row in claim.nodes if row.due_on), default=claim.event_on)


def hold(claim: Any, letter: Any, at: Moment) -> None:
    """Reserve what it claims, as far as the letter has it."""
    wanted = min(claim.amount or NOTHING, caps_of(claim, letter, at).left) - (claim.held or NOTHING)
    if wanted > 0:
        ledger.post(letter, "reserve", wanted, at, source=claim)
        claim.held = (claim.held or NOTHING) + wanted


def link(claim: Any, inputs: Inputs, at: Moment) -> None:
    """Its guarantor is on file now: it has the whole time from today on."""
    letter = letter_of(claim, at)
    claim.guarantor_id, claim.guarantor_name = letter.guarantor_id, letter.guarantor_name
    _run_from(claim, at.today)


def let_go(claim: Any, at: Moment) -> None:
    """Set free what it still holds."""
    if claim.held:
        ledger.post(letter_of(claim, at), "release", claim.held, at, source=claim)
        claim.held = NOTHING


def _run_from(claim: Any, since_on: date, rest: int | None = None) -> None:
    claim.clock_on, claim.clock_rest = since_on, rest


def stop(claim: Any, at: Moment) -> None:
    """The limit of the decision stands still: what is left of it is kept for when it goes on; OVER if it was over."""
    clock = BY_KIND[claim.kind]
    whole = clock.count(at.policy) if claim.clock_rest is None else claim.clock_rest
    used = days.used(claim.clock_on, at.today, clock.unit, holidays=at.law.calendar())
    claim.clock_rest = max(whole - used, OVER)


def go_on(claim: Any, at: Moment) -> None:
    """It goes on with what was left: standing still makes nothing late, and brings no lost right back."""
    if claim.clock_rest == OVER:
        _run_from(claim, days.day_before(at.today), 0)
    else:
        _run_from(claim, at.today, claim.clock_rest)


def ask_for_papers(claim: Any, inputs: Inputs, at: Moment) -> None:
    """One request that lists everything. A dependent letter's days count from complete papers, an insurer's rest."""
    claim.asked_for_papers_at = at.now
    if claim.kind == rules.INSURANCE:
        stop(claim, at)


def supplement(claim: Any, inputs: Inputs, at: Moment) -> None:
    claim.complete_at = at.now
    if claim.kind == rules.INSURANCE:
        go_on(claim, at)
    else:
        _run_from(claim, at.today)


def decide(claim: Any, inputs: Inputs, at: Moment) -> None:
    """经办 has worked out what is to be paid."""
    claim.prepared_by_id, claim.decided_at = at.viewer.user_id, at.now
    claim.decision = rules.decision_of(claim.payout, claim.amount)


def decide_refusal(claim: Any, inputs: Inputs, at: Moment) -> None:
    """经办 has found that nothing is to be paid."""
    claim.prepared_by_id, claim.decided_at = at.viewer.user_id, at.now
    claim.decision, claim.payout = rules.REFUSED, NOTHING


def rework(claim: Any, inputs: Inputs, at: Moment) -> None:
    claim.decision = claim.payout = claim.decided_at = None


def reconsider(claim: Any, inputs: Inputs, at: Moment) -> None:
    """Less is due than was agreed: it is decided anew, within the same time."""
    rework(claim, inputs, at)
    claim.agreed_at = None


def approve(claim: Any, inputs: Inputs, at: Moment) -> None:
    claim.reviewed_by_id, claim.agreed_at = at.viewer.user_id, at.now


def refuse(claim: Any, inputs: Inputs, at: Moment) -> None:
    """The refusal goes out: what it held is free again."""
    claim.reviewed_by_id, claim.refused_at = at.viewer.user_id, at.now
    let_go(claim, at)


def pay(claim: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    """What is paid leaves the letter for good, the rest of what was held is free again."""
    letter, payout = letter_of(claim, at), claim.payout
    short = payout - (claim.held or NOTHING)
    if short > 0:
        ledger.post(letter, "reserve", short, at, source=claim)
    elif short < 0:
        ledger.post(letter, "release", -short, at, source=claim)
    ledger.post(letter, "pay", payout, at, source=claim)
    claim.held, claim.paid_at = NOTHING, at.now
    for row, share in zip(claim.nodes, rules.spread(payout, [row.claimed for row in claim.nodes]), strict=True):
        row.paid = share
    return updates.asked(letter, amendments.CLAIM, at.today, at)


def confirm(claim: Any, inputs: Inputs, at: Moment) -> None:
    claim.confirmed_at = at.now


def prove(claim: Any, inputs: Inputs, at: Moment) -> None:
    """The contractor is asked anew, with the whole time."""
    claim.paid_at = at.now


def withdraw(claim: Any, inputs: Inputs, at: Moment) -> None:
    let_go(claim, at)


def put_on_hold(claim: Any, inputs: Inputs, at: Moment) -> None:
    claim.held_at = at.now
    stop(claim, at)


def end_hold(claim: Any, inputs: Inputs, at: Moment) -> None:
    """The letter was not extended: the claim is decided like any other."""
    claim.reply_by = None
    go_on(claim, at)


def extended(claim: Any, inputs: Inputs, at: Moment) -> None:
    """The letter was extended instead: the claim counts as withdrawn (URDG 758 第23条e款)."""
    let_go(claim, at)


def stay(claim: Any, inputs: Inputs, at: Moment) -> None:
    """What was agreed stays so; what was only worked out is worked out anew afterwards."""
    stop(claim, at)
    if claim.agreed_at is None:
        rework(claim, inputs, at)


def end_stay(claim: Any, inputs: Inputs, at: Moment) -> None:
    """The limit goes on with its rest; what was agreed is to be paid."""
    claim.stayed_on = claim.sued_on = None
    claim.agreed_at = at.now if claim.agreed_at is not None else None
    go_on(claim, at)


def record_word(claim: Any, inputs: Inputs, at: Moment) -> None:
    """The employer's word is kept beside the claim; it stops nothing."""
    claim.employer_word, claim.employer_said_at = inputs.get("reason"), at.now


def recover(claim: Any, inputs: Inputs, at: Moment) -> None:
    claim.recovered = (claim.recovered or NOTHING) + inputs["recovery"]
    claim.recovery = None
