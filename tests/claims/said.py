"""What contractor, guarantor and employer say of a claim: each sentence of theirs is one line in a test."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from flask import Flask

from app.engine import records, transitions
from models.claim import Claim
from models.grammar.base import Record
from models.grammar.columns import SHANGHAI
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, PREPARE, REVIEW, Viewer
from models.letter_version import LetterVersion
from models.letters.ledger import LedgerEntry
from models.modes.letter import Letter
from tests import bare
from tests.bare import person, put, work
from tests.plans.said import staged

CLERK, REVIEWER = 301, 302
START, END = date(2024, 6, 1), date(2027, 12, 31)
_numbers = count(1)


def in_force(app: Flask, contract_id: int, *, kind: str = "dependent", amount: str = "1306500", **changed: Any) -> int:
    """A letter of that kind in force on the contract, with its version and its opened ledger."""
    number = next(_numbers)
    product = {"insurance": "insurance", "independent": "bank_letter"}.get(kind, "company_letter")
    issued_at = datetime.combine(START, time(9), tzinfo=SHANGHAI)
    given = {
        "contract_id": contract_id,
        "letter_kind": kind,
        "product": product,
        "amount": Decimal(amount),
        "letter_no": f"10240601{number:06d}",
        "policy_no": f"BD-{number:04d}",
        "premium": Decimal(9_678),
        "starts_on": START,
        "ends_on": END,
        "issued_at": issued_at,
        "confirmed_at": issued_at,
        "verification_code": "ABCD2345EFGH",
        "signatory_id": bare.SIGNATORY,
        **changed,
    }
    key = put(app, bare.letter("confirmed", **given))
    said = {name: given[name] for name in ("amount", "starts_on", "ends_on", "premium")}
    put(app, LetterVersion(letter_id=key, no=1, from_at=issued_at, **said))
    opened = {"kind": "open", "debit": "promised", "credit": "free", "amount": Decimal(amount), "at": issued_at}
    put(app, LedgerEntry(letter_id=key, source_type="letter", source_id=key, **opened))
    return key


def clerk() -> Viewer:
    """经办 of the guarantor."""
    return person(GUARANTOR, PREPARE, user_id=CLERK)


def reviewer() -> Viewer:
    """复核 of the guarantor."""
    return person(GUARANTOR, REVIEW, user_id=REVIEWER)


def claimed(*rows: tuple[str, str]) -> list[GivenRow]:
    """Rows of node and amount."""
    return [GivenRow({"origin": origin, "claimed": Decimal(amount)}) for origin, amount in rows]


def claim(
    app: Flask,
    letter_id: int,
    *rows: tuple[str, str],
    day: date,
    then: str = "submit",
    proof: bool = True,
    token: str = "",
    **more: Any,
) -> int:
    """The contractor claims on these nodes; handed in unless `then` is empty."""
    values = {
        "letter_id": letter_id,
        "claimant_name": "周国栋",
        "claimant_phone": "13900000217",
        "demand": "payment",
        "is_labour": False,
        "payee_name": "上海建工五建集团有限公司",
        "payee_bank": "建设银行海口支行",
        "payee_account": "46001002537050000617",
        "nodes": claimed(*rows),
        "cause": "建设单位未按合同约定支付工程款",
        **more,
    }
    token = token or secrets.token_urlsafe(24)
    with work(app, person(CONTRACTOR), day):
        if proof:
            staged(token, Claim, ("proof",))
        return records.save(Claim, values, then=then, token=token)[0].id


def step(
    app: Flask,
    key: int,
    name: str,
    *,
    by: Viewer,
    day: date,
    papers: Sequence[str] = (),
    model: type[Record] = Claim,
    **inputs: Any,
) -> list[str]:
    """One step with its papers; the warnings that it left."""
    token = secrets.token_urlsafe(24)
    with work(app, by, day):
        staged(token, model, tuple(papers))
        prepare = (lambda each: records.attach(each, token=token, only=tuple(papers))) if papers else None
        done = transitions.perform(model, key, name, inputs=inputs, prepare=prepare)
    return [each.text for each in done[1]]


def decide(app: Flask, key: int, payout: str, *, day: date, remark: str = "") -> None:
    """经办 decides to pay, 复核 approves."""
    step(app, key, "decide", by=clerk(), day=day, payout=Decimal(payout), remark=remark)
    step(app, key, "approve", by=reviewer(), day=day)


def pay(app: Flask, key: int, *, day: date) -> None:
    """The guarantor has paid, with its voucher."""
    step(app, key, "pay", by=clerk(), day=day, papers=("voucher",))


def look(app: Flask, model: type[Record], key: int) -> dict[str, Any]:
    """What its row holds now."""
    return bare.look(app, model, key)


def left(app: Flask, letter_id: int) -> tuple[Decimal, Decimal, Decimal]:
    """What the letter's row says of its amount, what of it is reserved, and what is paid."""
    row = bare.look(app, Letter, letter_id)
    return row["amount"], row["reserved"], row["paid"]


def employer() -> Viewer:
    """The letter's applicant."""
    return person(EMPLOYER)
