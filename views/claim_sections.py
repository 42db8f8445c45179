"""What the page of a claim shows beside its own fields: the clock, what is due, the caps, the employer's word."""

from decimal import Decimal

from app.claims import owed
from app.claims.owed import Standing
from app.core.viewer import viewer
from app.core.words import _
from app.web import cells
from app.web.pages import Cell, Fact, Section
from models.claim import Claim
from models.claims.caps import OPEN
from models.claims.workflow import EDITABLE
from models.rules import claims as rules
from models.rules.money import show
from views import claim_clock, claim_result


def lead(claim: Claim) -> tuple[Section, ...]:
    """What stands before the claim's own parts: the clock."""
    clock = claim_clock.of_claim(claim)
    return (clock,) if clock is not None else ()


def beside(claim: Claim, found: Standing) -> tuple[Section, ...]:
    """What the guarantor decides by: what is due and unpaid, the employer's word, what the letter has left."""
    if claim.state in EDITABLE:
        return ()
    return (_due(claim, found), *_word(claim), _money(claim))


def _word(claim: Claim) -> tuple[Section, ...]:
    """What the employer says to it: it stops nothing."""
    if not claim.employer_word:
        return ()
    said = _("%(when)s 提交，供审查参考，不影响审查期限", when=cells.minute(claim.employer_said_at))
    facts = (Fact(cells.label(Claim, "employer_word"), Cell(claim.employer_word), wide=True),)
    return (Section(_("建设单位意见"), anchor="word", facts=facts, note=said),)


def _due(claim: Claim, found: Standing) -> Section:
    """What is due and unpaid, worked out; for an independent letter a difference is told and stops nothing."""
    if found.due is None:
        return Section(_("应付未付"), anchor="due", note=_("合同没有正在执行的支付计划，金额为施工单位陈述"))
    facts = [
        Fact(_("应付未付"), Cell(_worked_out(claim, found)), wide=True),
        Fact(_("本次索赔(万元)"), Cell(_wan(claim.amount))),
        Fact(_("其他在途索赔(万元)"), Cell(_wan(found.caps.elsewhere))),
    ]
    said = owed.paid_by_word(found)
    if said > 0:
        text = _("%(amount)s 万元，施工单位未确认收款", amount=_wan(said))
        facts.append(Fact(_("建设单位另登记已付"), Cell(text), wide=True))
    return Section(_("应付未付"), anchor="due", facts=tuple(facts), note=_difference(claim, found))


def _worked_out(claim: Claim, found: Standing) -> str:
    """Due without retention, less received, less paid out by guarantors."""
    nodes = [each.owed for each in found.nodes]
    return _(
        "到期应付 %(due)s - 已确认收款 %(received)s - 已赔付 %(paid)s = %(owed)s 万元（不含质保金）",
        due=_wan(sum((each.due for each in nodes), Decimal(0))),
        received=_wan(sum((each.received for each in nodes), Decimal(0))),
        paid=_wan(found.facts.payouts),
        owed=_wan(found.due),
    )


def _difference(claim: Claim, found: Standing) -> str:
    """What an independent letter is claimed for beyond what is due."""
    over = (claim.amount or Decimal(0)) - (found.caps.unclaimed or Decimal(0))
    if over <= 0 or claim.kind != rules.INDEPENDENT or claim.state not in OPEN:
        return ""
    return _("索赔金额超过应付未付 %(over)s 万元；独立保函只审单据，差额仅提示", over=_wan(over))


def _money(claim: Claim) -> Section:
    """What the letter is for, holds for others and for this claim, and has paid; what is left after it."""
    letter = claim.letter
    amount, going = letter.amount or Decimal(0), _going(claim)
    others = letter.reserved - (claim.held or Decimal(0))
    facts = (
        Fact(_("担保金额(万元)"), Cell(_wan(amount))),
        Fact(_("已赔付(万元)"), Cell(_wan(letter.paid))),
        Fact(_("本次占用(万元)"), Cell(_wan(claim.held))),
        Fact(_("其他索赔占用(万元)"), Cell(_wan(others))),
        Fact(_("本次赔付后余额(万元)") if going else _("余额(万元)"), Cell(_wan(amount - letter.paid - going))),
    )
    return Section(_("金额占用"), anchor="ledger", facts=facts)


def _going(claim: Claim) -> Decimal:
    """What this claim will still take of its letter."""
    if claim.state not in OPEN:
        return Decimal(0)
    is_open = claim.payout is None or claim_result.is_hidden(claim, "payout", viewer())
    return claim.held if is_open else claim.payout or Decimal(0)


def _wan(amount: Decimal | None) -> str:
    return show(amount or Decimal(0), "万元")
