"""The demo's account movements: one account with a month of them, one from which the bank has left one out."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import as_system
from app.engine.deeds import deed
from app.ledger.scope import UNSCOPED
from app.movements import booking, taking
from app.ops.demo_data.stage import Agenda, Stage, at
from models.funds.fund import Fund
from models.grammar.columns import SHANGHAI
from models.rules import months

BANK = "bank"
PUSHED_AT = 20
NINE = time(9)
MISSING = 3
"""Which movement of the second account the bank has left out, counted from 0."""

# share of the days of the period, amount in 元 (below 0 paid out), purpose, whose account, summary
_TABLE = """
0 300000.00 deposit 海口江东新区基础建设有限公司 补足共管资金
15 -86500.00 wages 农民工工资专户 农民工工资代发
30 -52000.00 progress_payment 上海建工五建集团有限公司 工程进度款
45 -36.50 fee 海南椰岛商业银行股份有限公司 账户管理费
60 -41800.00 wages 农民工工资专户 农民工工资代发
75 1268.42 interest 海南椰岛商业银行股份有限公司 活期结息
90 -20000.00 transfer 海口江东新区基础建设有限公司 往来款
"""


def plan(agenda: Agenda, stage: Stage, *, day: date) -> None:
    """On the evening before that day the bank pushes what has moved since the last month that it confirmed."""
    agenda.add(at(day - timedelta(days=1), PUSHED_AT), lambda: _push(stage))


def _push(stage: Stage) -> None:
    accounts = _accounts(stage)
    for account, missing in zip(accounts, (None, MISSING), strict=False):
        rows = [row for place, row in enumerate(_rows(account)) if place != missing]
        with stage.acting(BANK):
            taking.take(rows)
        with as_system(), deed():
            booking.book(account.bank_id or 0, account.account_no or "")


def _accounts(stage: Stage) -> Sequence[Fund]:
    """Two accounts of the bank, each with one agreement that has a confirmed month and days after it."""
    filed = (Fund.state == "filed", Fund.bank_id == stage.organisations[BANK], Fund.divided_amount.is_(None))
    query = select(Fund).where(*filed, Fund.balance_month < months.of_day(today())).order_by(Fund.id.desc())
    return list(db.session.scalars(query.limit(2).execution_options(**UNSCOPED)).unique())


def _rows(account: Fund) -> Iterator[dict[str, str]]:
    """The movements of the table, spread over the days since the last confirmed month, up to this hour."""
    first = datetime.combine(months.last_day(account.balance_month or "") + timedelta(days=1), NINE, SHANGHAI)
    last = datetime.combine(today(), NINE, SHANGHAI)
    held = account.money
    for number, line in enumerate(_TABLE.split("\n")[1:-1]):
        share, amount, purpose, name, summary = line.split()
        held += Decimal(amount)
        booked_at = first + (last - first) * int(share) / 100
        yield {
            "account_no": account.account_no or "",
            "reference": f"{booked_at:%Y%m%d}{account.id:06d}{number:02d}",
            "direction": "out" if amount.startswith("-") else "in",
            "amount": amount.removeprefix("-"),
            "balance_after": f"{held:.2f}",
            "booked_at": booked_at.replace(microsecond=0).isoformat(),
            "valued_on": f"{booked_at:%Y-%m-%d}",
            "purpose": purpose,
            "counterparty_name": name,
            "summary": summary,
        }
