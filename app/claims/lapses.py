"""What ends by the clock: 展期或赔付 without an answer, a court's stay without a suit (独立保函规定 第16条第2款)."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from app.core.clock import today
from app.core.database import db, writing
from app.core.refusals import Lost, Refused
from app.core.viewer import as_system
from app.engine import transitions
from app.engine.jobs import job
from app.engine.running import Running
from app.ledger import policies
from models.claim import Claim

LAPSED_AT = 1  # the day has just begun: who comes to work finds the clock going on


def let_lapse() -> int:
    """Go on with every claim whose reply day is over; gives their number."""
    return _each(("let_lapse",), Claim.state == "on_hold", Claim.reply_by < today())


def let_go_on() -> int:
    """End every stay for which no suit was brought in time; gives their number."""
    last = today() - timedelta(days=policies.on(today()).claim_stay_days)
    return _each(("let_go_on", "let_pay"), Claim.state == "stayed", Claim.sued_on.is_(None), Claim.stayed_on < last)


def _each(steps: Sequence[str], *clauses: ColumnElement[bool]) -> int:
    """Take the first of the steps that each offers, as far as nobody has taken another one meanwhile."""
    done = 0
    with as_system():
        for key in list(db.session.scalars(select(Claim.id).where(*clauses).order_by(Claim.id))):
            for step in steps:
                with suppress(Lost, Refused):
                    transitions.perform(Claim, key, step)
                    done += 1
                    break
    return done


@job("claim_lapses", "核对索赔期限", apart=True, daily_at=LAPSED_AT)
def _lapse_daily(running: Running) -> None:
    with writing():
        lapsed, gone_on = let_lapse(), let_go_on()
    with running.completing(lapsed=lapsed, gone_on=gone_on):
        pass
