"""A contract whose letters, claims and changes go through steps, beside the model of what ought to come of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.core.database import db
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import as_system
from app.engine import records, transitions
from app.engine.transitions import SERVICES
from models.amendment import Amendment
from models.claim import Claim
from models.grammar.base import Record
from models.grammar.rows import GivenRow
from models.grammar.viewer import CONTRACTOR, EMPLOYER, Viewer
from models.letters.issuing import SIGNED
from models.plans.receipt import Receipt
from tests.bare import SIGNATORY, person, stranger, work
from tests.claims import reckoned
from tests.claims.reckoned import CHANGE_BY, CLAIM_BY, LOST, UNSEEN, Site, by
from tests.claims.said import END, clerk, in_force, reviewer
from tests.plans import said as plans

DAY = date(2025, 9, 16)
DUE = {"1": 161_300_000, "2": 1_129_100_000}
"""What of the plan is due on the day, without retention, in 分."""

OTHER_COVER = "80000000"
"""Of a letter beside those that change, so that no change falls below the minimum."""

SEEN = {
    "guarantee": "SELECT * FROM guarantee WHERE contract_id = :contract ORDER BY id",
    "letter": "SELECT letter.* FROM letter JOIN guarantee USING (id) WHERE contract_id = :contract ORDER BY letter.id",
    "entries": "SELECT letter_ledger.* FROM letter_ledger JOIN guarantee ON guarantee.id = letter_id "
    "WHERE contract_id = :contract ORDER BY letter_ledger.id",
    "claim": "SELECT * FROM claim WHERE contract_id = :contract ORDER BY id",
    "node": "SELECT claim_node.* FROM claim_node JOIN claim ON claim.id = claim_id "
    "WHERE contract_id = :contract ORDER BY claim_node.id",
    "amendment": "SELECT * FROM amendment WHERE contract_id = :contract ORDER BY id",
    "receipt": "SELECT * FROM receipt WHERE contract_id = :contract ORDER BY id",
    "history": "SELECT count(*) AS entries FROM history_entry",
}


_numbers = count()


class Papers:
    """Every paper is there, and none is drawn: what the steps do is looked at here, not what hangs on them."""

    def document(self, name: str, record: Any) -> str:
        return "0" * 64

    def verification_code(self) -> str:
        return "ABCD2345EFGH"

    def undrawable(self, written: str) -> tuple[str, ...]:
        return ()

    def count(self, record: Any, category: str) -> int:
        return int(category != SIGNED)

    def ids(self, record: Any, category: str) -> frozenset[int]:
        """A new one each time that it is asked."""
        return frozenset() if category == SIGNED else frozenset({next(_numbers)})

    def repeated(self, record: Any) -> Sequence[tuple[str, int]]:
        return ()


@contextmanager
def without_papers(app: Flask) -> Iterator[Flask]:
    """The application, inside, asks for no paper and draws none."""
    kept = app.extensions[SERVICES]
    app.extensions[SERVICES] = replace(kept, papers=Papers())
    yield app
    app.extensions[SERVICES] = kept


def yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100


def day(count: int) -> date:
    """So many days from today."""
    return DAY + timedelta(days=count)


@dataclass
class Walk:
    """One contract: each step is taken of the application and of the model, and both must answer the same."""

    app: Flask
    hit: Counter[tuple[str, str, str]]
    is_planned: bool = True
    contract_id: int = 0
    site: Site = field(default_factory=lambda: Site(None))
    seen: dict[str, list[dict[str, Any]]] | None = None

    def __post_init__(self) -> None:
        self.contract_id = plans.contract(self.app)
        if self.is_planned:
            plans.agreed(self.app, self.contract_id)
            self.site = Site(dict(DUE))
        in_force(self.app, self.contract_id, amount=OTHER_COVER)

    def letter(self, kind: str, fen: int) -> reckoned.Letter:
        self.seen = None
        key = in_force(self.app, self.contract_id, kind=kind, amount=str(yuan(fen)))
        self.site.letters.append(reckoned.Letter(key, kind, fen, (END - DAY).days))
        return self.site.letters[-1]

    def claim(
        self, letter: reckoned.Letter, rows: Mapping[str, int], stated: int = 0, *, asks_extension: bool = False
    ) -> reckoned.Claim:
        """A draft."""
        values = {
            "letter_id": letter.key,
            "claimant_name": "周国栋",
            "claimant_phone": "13900000217",
            "demand": "extend_or_pay" if asks_extension else "payment",
            "asked_ends_on": day(reckoned.ASKED_IN) if asks_extension else None,
            "is_labour": False,
            "payee_name": "上海建工五建集团有限公司",
            "payee_bank": "建设银行海口支行",
            "payee_account": "46001002537050000617",
            "nodes": [GivenRow({"origin": node, "claimed": yuan(fen)}) for node, fen in rows.items()],
            "amount": yuan(sum(rows.values()) or stated),
            "event_on": DAY,
            "cause": "建设单位未按合同约定支付工程款",
        }
        key = self._draft(Claim, values, CONTRACTOR)
        made = reckoned.Claim(key, letter, sum(rows.values()) or stated, dict(rows), asks_extension)
        self.site.claims.append(made)
        return made

    def change(self, letter: reckoned.Letter, kind: str, cause: str, **said: Any) -> reckoned.Change:
        """A draft; `amount` is in 分, days count from today."""
        made = reckoned.Change(0, letter, kind, cause, **said)
        values = {"letter_id": letter.key, "kind": kind, "cause": cause, "event_on": DAY, "wording": "改为工程所在地"}
        values |= {"new_amount": yuan(made.amount)} if made.amount else {}
        days = {"new_ends_on": made.ends_in, "effective_on": made.effective_in, "until_on": made.until_in}
        values |= {name: day(count) for name, count in days.items() if count is not None}
        made.key = self._draft(Amendment, values, EMPLOYER)
        self.site.changes.append(made)
        return made

    def _draft(self, model: type[Record], values: Mapping[str, Any], role: str) -> int:
        self.seen = None
        with work(self.app, person(role), DAY):
            return records.save(model, values)[0].id

    def receive(self, node: str, fen: int) -> None:
        """The contractor confirms that it has received so much."""
        self.seen = None
        values = {"contract_id": self.contract_id, "origin": node, "amount": yuan(fen), "moved_on": DAY}
        with work(self.app, person(CONTRACTOR), DAY):
            records.save(Receipt, {**values, "word": "progress"}, then="enter")
        self.site.received[node] = self.site.received.get(node, 0) + fen

    def step(self, record: reckoned.Claim | reckoned.Change, name: str, **said: Any) -> str:
        """Take it of both; gives what refused it, "" where it was taken."""
        is_claim = isinstance(record, reckoned.Claim)
        self.hit["claim" if is_claim else "change", record.state, name] += 1
        before = self.seen or self.rows()
        if isinstance(record, reckoned.Claim):
            answer = self._perform(Claim, record.key, name, _claim_inputs(said), _viewer(by(CLAIM_BY, name)))
            wanted = self.site.take_claim(record, name, said)
        else:
            answer = self._perform(Amendment, record.key, name, _change_inputs(said), _viewer(by(CHANGE_BY, name)))
            wanted = self.site.take_change(record, name, said)
        assert answer == wanted or (wanted and wanted in answer), (name, record, answer, wanted)
        after = self.rows()
        assert not wanted or after == before, (name, record)
        self.agrees(after)
        self.seen = after
        return wanted

    def stranger_tries(self, record: reckoned.Claim | reckoned.Change, name: str) -> None:
        """Whoever has no part in it finds nothing, and changes nothing."""
        before, model = self.rows(), Claim if isinstance(record, reckoned.Claim) else Amendment
        said = {"payout": 1, "remark": "", "recovery": 1, "moves_end": False}
        answer = self._perform(model, record.key, name, {**_claim_inputs(said), **_change_inputs(said)}, stranger())
        assert answer == UNSEEN, (name, record, answer)
        assert self.rows() == before

    def _perform(self, model: type[Record], key: int, name: str, inputs: Mapping[str, Any], by: Viewer | None) -> str:
        try:
            with work(self.app, by or person(EMPLOYER), DAY):
                if by is not None:
                    transitions.perform(model, key, name, inputs=inputs)
                    return ""
                with as_system():
                    transitions.perform(model, key, name, inputs=inputs)
        except Lost:
            return LOST
        except NotFound:
            return UNSEEN
        except Refused as refused:
            return "\n".join(each.text for each in refused.problems if each.blocking)
        return ""

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """All that the database holds of the contract; amounts in 分."""
        with self.app.app_context(), db.engine.connect() as connection:
            found = {
                name: [dict(row) for row in connection.execute(text(query), {"contract": self.contract_id}).mappings()]
                for name, query in SEEN.items()
            }
            connection.rollback()
        return found

    def agrees(self, rows: Mapping[str, list[dict[str, Any]]]) -> None:
        """The ledger balances, the letters follow it, and all stands as the model has it."""
        guarantees = {each["id"]: each for each in rows["guarantee"]}
        letters = {each["id"]: each for each in rows["letter"]}
        for each in self.site.letters:
            _balances([entry for entry in rows["entries"] if entry["letter_id"] == each.key], guarantees[each.key])
            row, more = guarantees[each.key], letters[each.key]
            assert (row["amount"], row["reserved"], row["paid"]) == (each.amount, each.reserved, each.paid), each
            assert str(more["ends_on"]) == str(day(each.ends_in)), each
            assert more["version_no"] == each.version, each
            assert (more["ended_on"] is not None, more["paused_from"] is not None) == (each.is_ended, each.is_paused)
        claims = {each["id"]: each for each in rows["claim"]}
        for claim in self.site.claims:
            row = claims[claim.key]
            assert (row["state"], row["held"]) == (claim.state, claim.held), claim
            assert row["payout"] == claim.payout, claim
            paid = {each["origin"]: each["paid"] or 0 for each in rows["node"] if each["claim_id"] == claim.key}
            assert {node: fen for node, fen in paid.items() if fen} == {k: v for k, v in claim.paid_on.items() if v}
        changes = {each["id"]: each["state"] for each in rows["amendment"]}
        assert [changes[each.key] for each in self.site.changes] == [each.state for each in self.site.changes]
        self._never_more_than_is_due()

    def _never_more_than_is_due(self) -> None:
        paid = sum(each.paid for each in self.site.letters if each.is_bound)
        if self.site.due is not None:
            assert paid <= sum(self.site.due.values())


def _balances(entries: Sequence[Mapping[str, Any]], letter: Mapping[str, Any]) -> None:
    sums = dict.fromkeys(("promised", "free", "reserved", "paid"), 0)
    for each in entries:
        sums[each["debit"]] -= each["amount"]
        sums[each["credit"]] += each["amount"]
        left = sums["free"] + sums["reserved"]
        assert 0 <= sums["reserved"] <= left <= -sums["promised"], each
        assert sum(sums.values()) == 0
    assert (-sums["promised"], sums["reserved"], sums["paid"]) == (letter["amount"], letter["reserved"], letter["paid"])


def _viewer(side: str) -> Viewer | None:
    """Who that is; None is the system."""
    people = {"contractor": person(CONTRACTOR), "employer": person(EMPLOYER), "reviewer": reviewer(), "clerk": clerk()}
    return people.get(side)


def _claim_inputs(said: Mapping[str, Any]) -> dict[str, Any]:
    """What the forms of the steps ask; a step takes of it what is its own."""
    amounts = {name: yuan(said[name]) for name in ("payout", "recovery") if name in said}
    days = {"reply_by": day(10), "stayed_on": DAY, "sued_on": DAY}
    words = {"reason": "情况如附件", "discrepancies": "签章不符", "disposal": "keep", "remark": said.get("remark", "")}
    return {**amounts, **days, **words}


def _change_inputs(said: Mapping[str, Any]) -> dict[str, Any]:
    given = {"fee": Decimal(0), "signatory_id": SIGNATORY, "remark": "", "reason": "情况如附件"}
    return {**given, "moves_end": said.get("moves_end", False)}
