"""The time limits of a claim, by the kind of its letter; how many days each has is a value of the dated policy.

A limit that stood still, for papers that were missing or a court's stay, goes on with what was left of it.
"""

from datetime import date
from typing import Any

from models.grammar.workflow import Clock, Limits
from models.rules import claims as rules

# URDG 758 第20条a款: 5 个营业日内审单.
PAPERS = Clock(
    "claim_papers", "独立保函审单", "clock_on", "independent_claim_working_days", working=True, rest="clock_rest"
)
# 依保函约定; 未约定时 15 个工作日, 自收到完整材料起.
EXAMINATION = Clock(
    "claim_examination", "非独立保函核定", "clock_on", "dependent_claim_working_days", working=True, rest="clock_rest"
)
# 保险法 第23条: 30 日内核定, 自初次收到起; 补充材料的期间扣除 (保险法解释(二) 第15条).
DECISION = Clock("claim_decision", "保险核定", "clock_on", "insurance_decision_days", rest="clock_rest")
# 保险法 第24条: 核定不属于保险责任的, 3 日内发出拒赔通知.
REFUSAL = Clock("claim_refusal", "发出拒赔通知", "decided_at", "insurance_refusal_days")
# 保险法 第23条: 达成协议后 10 日内赔付.
PAYMENT = Clock("claim_payment", "支付赔款", "agreed_at", "insurance_payment_days")
# 保险法 第25条: 60 日内先予支付可以确定的数额.
CERTAIN_PART = Clock("claim_certain_part", "先予支付可以确定的数额", "received_at", "insurance_certain_part_days")
# As many days as for a letter (手册 2.2.2, R-11).
CONFIRMATION = Clock("claim_confirmation", "施工单位确认到账", "paid_at", "confirm_days")
# 独立保函规定 第16条第2款; URDG 758 第23条: until the day that a person has set.
REPLY = Clock("claim_reply", "答复展期或赔付", "held_at", "claim_hold_days", until="reply_by")

BY_KIND = {rules.INDEPENDENT: PAPERS, rules.DEPENDENT: EXAMINATION, rules.INSURANCE: DECISION}
"""The limit under which a guarantor decides."""

DECIDING, AGREED = ("submitted", "decided"), ("agreed", "unreceived")

BY_STATE = (
    *((state, clock) for clock in BY_KIND.values() for state in (*DECIDING, *AGREED)),
    ("decided", REFUSAL),
    *((state, PAYMENT) for state in AGREED),
    *((state, CERTAIN_PART) for state in (*DECIDING, *AGREED)),
)
"""Every limit that may run in a state of the guarantor's, whatever the kind of the letter."""


def limits_of(claim: Any) -> Limits:
    """What runs in the claim's state, each with the day of the event that it counts from."""
    state, found = claim.state, []
    if claim.guarantor_id is None:  # it cannot answer here: its time begins when it is on file
        return ()
    if state in DECIDING or (state in AGREED and claim.kind == rules.DEPENDENT):
        found.append((BY_KIND[claim.kind], claim.clock_on))
    if claim.kind == rules.INSURANCE:
        found += _of_insurance(claim)
    if state == "paid":
        found.append((CONFIRMATION, claim.paid_at.date()))
    if state == "on_hold":
        found.append((REPLY, claim.held_at.date()))
    return tuple(found)


def awaited_under(clock: Clock, state: str) -> str:
    """What the guarantor has to do next under that limit; its own name where it is no limit of the decision."""
    if clock not in BY_KIND.values():
        return clock.label
    return {"decided": "复核", **dict.fromkeys(AGREED, "赔付")}.get(state, clock.label)


def figures_of(claim: Any) -> tuple[str, ...]:
    """The figures of the policy that its limits count; only 独立 is put off by URDG 758 第23条."""
    running = (clock for clock, _since in limits_of(claim) if clock is not REPLY or claim.kind == rules.INDEPENDENT)
    return tuple(dict.fromkeys(clock.days for clock in running))


def _of_insurance(claim: Any) -> list[tuple[Clock, date]]:
    found = []
    if claim.state == "decided" and claim.decision == rules.REFUSED:
        found.append((REFUSAL, claim.decided_at.date()))
    if claim.state in AGREED:
        found.append((PAYMENT, claim.agreed_at.date()))
    if claim.state in (*DECIDING, *AGREED):
        found.append((CERTAIN_PART, claim.received_at.date()))
    return found
