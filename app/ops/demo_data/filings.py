"""The guarantors' filings: the six of the manual at its own times, and others in every state (手册 2.1.1).

The manual shows 太平洋保险 with a capital of 0, which a filing refuses: it is mended.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.ops.demo_data.cast import Invention, Party, parties
from app.ops.demo_data.stage import at

_BANK, _INSURER, _COMPANY = "bank", "insurer", "guarantee_company"
_LICENCES = {_BANK: "B0{n:03d}H246010001", _INSURER: "00{n:04d}", _COMPANY: "琼融担许字2024第{n:03d}号"}
_POSITIONS = {_BANK: "副行长", _INSURER: "承保部总经理", _COMPANY: "总经理"}

_FILED = (
    ("guarantor2", _INSURER, "5100", "2024-05-06 09:39:18"),
    ("cpic", _INSURER, "150000", "2024-05-06 09:39:18"),
    ("guarantor", _BANK, "300000", "2024-05-07 10:12:33"),
    ("guarantor3", _COMPANY, "1000", "2024-05-10 15:24:06"),
    ("xinji", _COMPANY, "10000", "2024-05-17 17:19:01"),
    ("runjiang", _COMPANY, "40238.85", "2024-05-27 14:14:08"),
    ("huajin", _INSURER, "20000", "2024-05-31 14:43:02"),
    ("rural-bank", _BANK, "120000", "2024-06-03 09:20:45"),
    ("qiongzhou", _COMPANY, "50000", "2024-06-12 16:05:10"),
    ("nanhai", _INSURER, "80000", "2024-06-20 11:31:52"),
    ("east-line", _COMPANY, "12000", "2024-07-03 10:48:06"),
    ("qiongya", _COMPANY, "8000", "2024-08-01 15:02:39"),
)
_OPEN = (
    ("free-port", _COMPANY, "30000", 2, ()),
    ("rain-forest", _BANK, "60000", 5, ()),
    ("yacheng", _COMPANY, "20000", 9, ("return", "审计报告缺少最近一年度，请补充后重新提交")),
    ("quick", _COMPANY, "500", 21, ("refuse", "净资产不符合融资担保业务的要求")),
)
_LATER = (
    ("east-line", "suspend", 60, "监管检查整改期间，暂停受理新业务"),
    ("qiongya", "cancel", 95, "机构申请退出工程担保业务，已无未到期保函"),
)


@dataclass(frozen=True)
class Filing:
    """One filing: what it says, capital in 万元, and its steps as (transition, moment, reason).

    `signatories` are (name, position, limit for each letter in 万元).
    """

    party: Party
    guarantor_type: str
    capital: Decimal
    licence_no: str
    licence_expires_on: date
    drafted_at: datetime
    steps: tuple[tuple[str, datetime, str], ...]
    signatories: tuple[tuple[str, str, int], ...]

    @property
    def key(self) -> str:
        """The key of its organisation."""
        return self.party.key


def filings(today: date) -> tuple[Filing, ...]:
    """Every filing; those that are still being worked on count back from today."""
    return tuple(_filings(today))


def _filings(today: date) -> Iterator[Filing]:
    for key, type_, capital, filed in _FILED:
        filed_at = datetime.fromisoformat(f"{filed}+08:00")
        later = tuple(
            (step, at(today - timedelta(days=ago), 10, 20), reason)
            for other, step, ago, reason in _LATER
            if other == key
        )
        submitted = ("submit", filed_at - timedelta(days=1), "")
        yield _filing(key, type_, capital=capital, today=today, steps=(submitted, ("file", filed_at, ""), *later))
    for key, type_, capital, ago, answer in _OPEN:
        steps = [("submit", at(today - timedelta(days=ago), 9, 40), "")]
        if answer:
            steps.append((answer[0], at(today - timedelta(days=ago - 2), 14, 15), answer[1]))
        yield _filing(key, type_, capital=capital, today=today, steps=tuple(steps))
    yield _filing("beibu", _INSURER, capital="60000", today=today, steps=(), drafted_on=today - timedelta(days=1))


def _filing(
    key: str,
    type_: str,
    *,
    capital: str,
    today: date,
    steps: tuple[tuple[str, datetime, str], ...],
    drafted_on: date | None = None,
) -> Filing:
    party = next(each for each in parties() if each.key == key)
    invent = Invention(seed=int(party.uscc[2:8]) + len(party.name))
    number = invent.random.randint(1, 999)
    first = steps[0][1] if steps else at(drafted_on or today, 16)
    people = ((invent.person(), _POSITIONS[type_], 60_000), (invent.person(), "业务部负责人", 3_000))
    return Filing(
        party=party,
        guarantor_type=type_,
        capital=Decimal(capital),
        licence_no=_LICENCES[type_].format(n=number),
        licence_expires_on=today.replace(day=1) + timedelta(days=700),
        drafted_at=first - timedelta(days=1),
        steps=steps,
        signatories=people,
    )
