"""The demo's supervised accounts: agreements over every state, and what was reported of them month by month."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from app.cover import funds, successors
from app.ledger import calendars
from app.ops.demo_data.cast import parties
from app.ops.demo_data.stage import Agenda, Stage, at, perform, save
from app.ops.demo_data.work import Work
from app.ops.demo_data.works import Drawing
from models.funds.fund import COPIED, Fund
from models.funds.report import FundReport
from models.funds.workflow import PROOF_PAPERS
from models.grammar.rows import GivenRow
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from models.rules import cnaps, months

MODES: Mapping[str, type[Fund]] = {"escrow": Escrow, "presale": Presale}
_SIGNED = ("submit", "sign", "confirm", "file")
_PATHS: Mapping[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": _SIGNED[:1],
    "signed": _SIGNED[:2],
    "agreed": _SIGNED[:3],
    "filed": _SIGNED,
    "withdrawn": ("submit", "withdraw"),
    "returned": ("submit", "sign", "return_unconfirmed"),
    "cleared": (*_SIGNED, "certify"),
    "released": (*_SIGNED, "certify", "release"),
    "resuming": (*_SIGNED, "resign"),
    "resumed": (*_SIGNED, "resign", "sign", "confirm", "file"),
}
_ACTORS = {
    "sign": "contractor",
    "certify": "contractor",
    "confirm": "bank",
    "return_unconfirmed": "bank",
    "file": "office",
}
_STEP_DAYS = {"submit": 0, "withdraw": 1, "sign": 1, "confirm": 2, "return_unconfirmed": 1, "file": 3, "release": 2}
_STEP_HOURS = {
    "submit": 11,
    "withdraw": 15,
    "sign": 14,
    "confirm": 15,
    "return_unconfirmed": 16,
    "file": 17,
    "certify": 10,
    "release": 16,
    "resign": 9,
}
_FILED_AFTER = timedelta(days=6)
_ENDED_AGO = {"cleared": 9, "resuming": 3}
_PAPERS = ("agreement", "contract", "account")
_REASON = "开户证明的账户名与协议不一致，请更正后重新提交"
_OBJECTION = "本月存入金额与账户流水不符，请核对后更正"
_CORRECTION = "存入金额误将退回款计入，按银行对账单更正"
_CNAPS = {"bank": "31364100001", "bank-02": "32064200002"}

# mode employer contractor bank path, price and deposit in 万元, days between agreement and permit (below 0: before
# it), days since the first save or, once filed, months since the filing; then of each month what came in / went out
# in 万元: * a draft, ! waits for the bank, ? objected, ~ objected and corrected, ^ confirmed and corrected again. A
# line with + divides the balance of one account with the line before it
_TABLE = """
escrow employer contractor bank draft 6800 700 -3 1
escrow employer contractor bank submitted 4200 420 -3 3
escrow employer contractor2 bank submitted 3600 400 -2 2
escrow employer contractor bank signed 7500 760 -4 5
escrow employer contractor2 bank agreed 9800 1000 -3 9
escrow employer contractor bank agreed 12600 680 5 8
escrow employer contractor bank returned 2600 260 -2 7
escrow employer contractor2 bank withdrawn 3100 310 -2 6
escrow employer contractor bank filed 5200 700 -3 8 0/0 20/60 0/30 15/42.5 0/20 0/18.36
escrow employer contractor bank filed 16130 1800 -2 5 0/50 0/0 30/60.5 0/45~ 0/26
escrow employer contractor2 bank filed 8600 900 -3 6 0/20 0/35.2 0/28 0/0 0/12.6 0/0
escrow employer contractor bank filed 3900 450 -3 4 0/10 0/8 5/12! 0/6!
escrow employer contractor2 bank filed 4700 500 -3 5 0/6 0/4 0/9.5 0/7?
escrow employer contractor bank filed 5600 600 -3 4 0/5 0/8 0/12^ 0/2
escrow employer contractor bank cleared 2900 300 -3 4 0/0 0/2 0/4 0/3
escrow employer contractor2 bank released 2400 250 -4 5 0/0 0/1 0/2
escrow employer contractor bank resumed 6100 620 -3 6 0/0 0/5 0/4 0/0 0/3.5 0/2
escrow employer contractor bank resuming 3300 340 -3 4 0/0 0/2 0/4*
escrow employer2 contractor2 bank-02 filed 4400 460 -3 4 0/0 0/6 0/8 0/5
escrow employer2 contractor2 bank agreed 5300 530 -3 7
presale employer contractor bank filed 15200 1600 20 4 300/120 260/180.5 0/90 100/60
presale employer2 contractor bank agreed 8800 900 15 6
presale employer contractor2 bank submitted 7600 800 12 3
escrow employer contractor bank filed 3000 760 -3 1 0/8
+escrow employer contractor2 bank filed 4200 760 -3 1 0/8
"""
_RESUMED_AGO, _RELEASED_AGO = 3, 2
_HOMES = ("海口市江东新区江畔雅居商品住宅", "三亚崖州湾科技城海湾花园商品住宅", "海口市江东新区桂林洋书香名邸商品住宅")


@dataclass
class Agreement:
    """One agreement and what becomes of it; `key` is the id of the newest, `former` of the one that it replaced.

    Amounts in 元; `months` are (month, in, out, mark); those `sharing` one account divide its balance.
    """

    mode: type[Fund]
    bank: str
    path: str
    work: Work
    deposit: Decimal
    signed_on: date
    saved_on: date
    resumed_in: str
    months: tuple[tuple[str, Decimal, Decimal, str], ...]
    number: int
    sharing: list["Agreement"] = field(default_factory=list, repr=False)
    key: int = field(default=0)
    former: int = field(default=0)

    @property
    def office(self) -> str:
        """Who files it."""
        return "regulator-haikou" if self.work.region_code.startswith("4601") else "regulator"

    def actor(self, step: str) -> str:
        """Whose step it is."""
        side = _ACTORS.get(step, "employer")
        return str(getattr(self, side)) if side in ("bank", "office") else str(getattr(self.work, side))

    def account_of(self, month: str) -> int:
        """The agreement under which the month is reported."""
        return self.former if self.former and month < self.resumed_in else self.key


def agreements(drawing: Drawing, *, today: date) -> list[Agreement]:
    """Every account of the demo."""
    homes = iter(_HOMES)
    found: list[Agreement] = []
    for number, line in enumerate(_TABLE.strip().splitlines(), start=1):
        found.append(_fund(drawing, line.removeprefix("+").split(), today, number, homes))
        if line.startswith("+"):
            found[-2].sharing = found[-1].sharing = found[-2:]
    return found


def _fund(drawing: Drawing, words: list[str], today: date, number: int, homes: Iterator[str]) -> Agreement:
    mode, employer, contractor, bank, path, price, deposit, offset, ago, *moves = words
    filed_in = months.after(months.of_day(today), -int(ago))
    if "file" in _PATHS[path]:
        saved_on = _working(months.last_day(filed_in).replace(day=9 + number % 9)) - _FILED_AFTER
    else:
        saved_on = today - timedelta(days=int(ago))
    work = drawing.work(employer, contractor, signed_on=saved_on - timedelta(days=40), wan=int(price))
    if mode == "presale":
        work = replace(work, name=next(homes), kind="building", permit_no=f"{work.permit_no[:16]}01")
    work.agreed = _yuan(deposit) * 10 < work.price
    return Agreement(
        MODES[mode],
        bank,
        path,
        work,
        _yuan(deposit),
        work.permitted_on + timedelta(days=int(offset)),
        saved_on,
        months.after(months.of_day(today), -_RESUMED_AGO) if path == "resumed" else "",
        tuple(_month(months.after(filed_in, place), move) for place, move in enumerate(moves)),
        number,
    )


def _month(month: str, move: str) -> tuple[str, Decimal, Decimal, str]:
    mark = move[-1] if move[-1] in "*!?~^" else ""
    paid_in, paid_out = move.removesuffix(mark).split("/")
    return month, _yuan(paid_in), _yuan(paid_out), mark


def plan(agenda: Agenda, stage: Stage, planned: list[Agreement], *, today: date) -> None:
    """Put the agreements and their reports on the agenda, as far as their days have come."""
    for fund in planned:
        agenda.add(at(fund.saved_on, 10, fund.number), partial(_save, stage, fund))
        for step, moment in _moments(fund, today):
            agenda.add(moment, partial(_take, stage, fund, step, moment.date()))
        for month, paid_in, paid_out, mark in fund.months:
            reporting = _reporting(stage, fund, month, (paid_in, paid_out), mark)
            for moment, action in zip(_report_moments(month, fund.number), reporting, strict=False):
                if moment.date() < today:
                    agenda.add(moment, action)


def _moments(fund: Agreement, today: date) -> Iterator[tuple[str, datetime]]:
    day = fund.saved_on
    for step in _PATHS[fund.path]:
        if step == "resign" and fund.resumed_in:
            day = months.last_day(fund.resumed_in).replace(day=9)
        elif step == "certify" and fund.path == "released":
            day = months.last_day(months.after(months.of_day(today), -_RELEASED_AGO)).replace(day=16)
        elif step in ("certify", "resign"):
            day = today - timedelta(days=_ENDED_AGO[fund.path])
        else:
            day += timedelta(days=_STEP_DAYS[step])
        yield step, at(day, _STEP_HOURS[step], fund.number)


def _save(stage: Stage, fund: Agreement) -> None:
    work, named = fund.work, {party.key: party for party in parties()}
    employer, contractor, bank = named[work.employer], named[work.contractor], named[fund.bank]
    _contact, phone, _manager, manager_phone = work.people
    office = (
        {
            "office_id": stage.organisations[fund.office],
            "office_contact": named[fund.office].contact,
            "office_phone": named[fund.office].phone,
        }
        if fund.mode is Presale
        else {}
    )
    with stage.acting(work.employer):
        fund.key = save(
            fund.mode,
            {
                "contract_id": work.contract_id,
                "permit_no": work.permit_no,
                "address": work.address,
                "start_on": work.start_on,
                "finish_on": work.finish_on,
                "employer_grade": employer.credit_grade,
                "employer_legal_representative": employer.legal_representative,
                "employer_phone": phone,
                "contractor_grade": contractor.credit_grade,
                "contractor_legal_representative": contractor.legal_representative,
                "contractor_phone": manager_phone,
                "bank_id": stage.organisations[fund.bank],
                "bank_cnaps": cnaps.with_check_digit(_CNAPS[fund.bank]),
                "bank_phone": bank.phone,
                "premium_rate": Decimal("0.8"),
                "account_name": employer.name,
                **_account(fund),
                "ends_on": work.finish_on + timedelta(days=180),
                **office,
                **_deposit(fund, fund.signed_on),
            },
            papers=_PAPERS,
        ).id


def _account(fund: Agreement) -> dict[str, Any]:
    """Its number and, where several contracts share it, the minimum of each as its part."""
    first = fund.sharing[0] if fund.sharing else fund
    parts = [GivenRow({"contract_id": each.work.contract_id, "amount": each.work.price / 10}) for each in fund.sharing]
    return {"account_no": f"89890102{first.work.permitted_on:%y%m}{first.number:06d}", "division": parts}


def _deposit(fund: Agreement, signed_on: date) -> dict[str, Any]:
    return {"amount": fund.deposit, "signed_on": signed_on, "deposited_on": signed_on, "starts_on": signed_on}


def _take(stage: Stage, fund: Agreement, step: str, day: date) -> None:
    with stage.acting(fund.actor(step)):
        if step == "resign":
            who = stage.viewer(fund.work.employer)
            draft = successors.draft_after(fund.mode, fund.key, COPIED, who=who)
            fund.former, fund.key = fund.key, draft.id
            save(fund.mode, _deposit(fund, day), key=draft.id, papers=_PAPERS, then="submit")
        elif step == "release":
            perform(fund.mode, fund.key, step, papers=tuple(paper.name for paper in PROOF_PAPERS))
        elif step.startswith("return"):
            perform(fund.mode, fund.key, step, reason=_REASON)
        else:
            perform(fund.mode, fund.key, step)


def _report_moments(month: str, number: int) -> tuple[datetime, ...]:
    """When the month is reported, when the bank answers, and when it is corrected and answered once more."""
    first = _working(months.last_day(month) + timedelta(days=3 + number % 3))
    second, third = _working(first + timedelta(days=1)), _working(first + timedelta(days=4))
    return (at(first, 9, number), at(second, 14, number), at(third, 9, number), at(third, 15, number))


def _reporting(
    stage: Stage, fund: Agreement, month: str, right: tuple[Decimal, Decimal], mark: str
) -> tuple[Callable[[], None], ...]:
    """What is done with a month, one deed after the other; the report that is corrected says too much came in."""
    wrong = (right[0] + 12_000, right[1])
    report, answer = partial(_report, stage, fund, month), partial(_answer, stage, fund, month)
    confirm, objection = partial(answer, "confirm"), partial(answer, "object", reason=_OBJECTION)
    ways = {
        "": (partial(report, right), confirm),
        "*": (partial(report, right, then=""),),
        "!": (partial(report, right),),
        "?": (partial(report, wrong), objection),
        "~": (partial(report, wrong), objection, partial(report, right, correction=_CORRECTION), confirm),
        "^": (partial(report, wrong), confirm, partial(report, right, correction=_CORRECTION)),
    }
    return ways[mark]


def _report(
    stage: Stage,
    fund: Agreement,
    month: str,
    moved: tuple[Decimal, Decimal],
    *,
    then: str = "submit",
    correction: str = "",
) -> None:
    account, (paid_in, paid_out) = fund.account_of(month), moved
    with stage.acting(fund.work.employer):
        opening = funds.opening_of(account, month) or Decimal(0)
        save(
            FundReport,
            {
                "account_id": account,
                "month": month,
                "paid_in": paid_in,
                "paid_out": paid_out,
                "closing": opening + paid_in - paid_out,
                "correction": correction or None,
            },
            papers=("statement",),
            then=then,
        )


def _answer(stage: Stage, fund: Agreement, month: str, step: str, **inputs: Any) -> None:
    with stage.acting(fund.bank):
        account = funds.find(fund.account_of(month))
        reports = funds.reports_of(account) if account is not None else []
        waiting = next(each for each in reports if (each.month, each.state) == (month, "submitted"))
        perform(FundReport, waiting.id, step, **inputs)


def _yuan(wan: str) -> Decimal:
    return Decimal(wan) * 10_000


def _working(day: date) -> date:
    while not calendars.current().is_working_day(day):
        day += timedelta(days=1)
    return day
