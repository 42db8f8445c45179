"""The clock card of a claim: how long its guarantor still has, by the kind of the letter, and what is lost after it."""

from datetime import date, timedelta

from app.core.clock import today
from app.core.words import _, sentences
from app.ledger import calendars, policies
from app.web import cells
from app.web.drawn import DayMark
from app.web.pages import Section
from models.claim import Claim
from models.claims.clocks import BY_KIND, DECIDING
from models.rules import claims as rules
from models.rules import days

LATE, NEAR, STILL = "late", "near", "still"
NEAR_DAYS = 3
MOST_MARKS = 8
CLAUSES = {
    rules.INDEPENDENT: (
        "独立保函：自收到单据次日起 5 个工作日内一次性通知全部不符点，逾期不得再以单据不符拒付（URDG 758 第24条）"
    ),
    rules.DEPENDENT: "非独立保函：自收到完整材料次日起在期限内完成核定，应予代偿的在该期限内代为支付",
    rules.INSURANCE: (
        "保证保险：自初次收到索赔请求和有关材料起 30 日内核定，通知补充材料的期间扣除（保险法 第二十三条）"
    ),
}
PAYING = ("agreed", "unreceived")


def of_claim(claim: Claim) -> Section | None:
    """The card; None once the guarantor has paid or refused, and while the claim is its contractor's."""
    if claim.kind is None:
        return None
    if claim.state in ("incomplete", "stayed", "on_hold"):
        return Section(_("期限已暂停"), anchor="clock", note=sentences(_standing_still(claim)), tone=STILL)
    if claim.state not in (*DECIDING, *PAYING):
        return None
    if claim.due_on is None:
        return Section(_("办理期限"), anchor="clock", note=_without_a_day(claim), tone=STILL)
    title, tone = _lost(claim) or _left(claim)
    return Section(title, anchor="clock", note=sentences(_said(claim)), tone=tone, days=_marks(claim))


def _without_a_day(claim: Claim) -> str:
    """Why no limit runs: nobody is there to whom it could, or what is agreed is paid at once."""
    if claim.state in PAYING:
        return _("赔付已复核通过，应即时支付")
    return _("保证人尚未备案，期限自其备案起计算。")


def _lost(claim: Claim) -> tuple[str, str] | None:
    """What is over."""
    assert claim.due_on is not None and claim.kind is not None
    if claim.has_lost_the_right(today()):
        return _("已丧失拒付权"), LATE
    late = cells.overrun(claim.due_on, BY_KIND[claim.kind].unit)
    return (late, LATE) if claim.due_on < today() else None


def _left(claim: Claim) -> tuple[str, str]:
    """How many days or working days are left after today."""
    assert claim.due_on is not None and claim.kind is not None
    clock = BY_KIND[claim.kind]
    left = days.used(today(), claim.due_on, clock.unit, holidays=calendars.current())
    tone = NEAR if claim.kind == rules.INDEPENDENT or left <= NEAR_DAYS else ""
    if claim.state in DECIDING and claim.kind == rules.INDEPENDENT:
        return (_("再过 %(left)s 个工作日将丧失拒付权", left=left) if left else _("今天之后将丧失拒付权")), tone
    if not left:
        return _("今天到期"), tone
    return (_("还剩 %(left)s 个工作日", left=left) if clock.working else _("还剩 %(left)s 天", left=left)), tone


def _said(claim: Claim) -> list[str]:
    """The law, the day, and what else runs beside it."""
    assert claim.kind is not None
    said = [_(CLAUSES[claim.kind]) + ""]
    if claim.has_lost_the_right(today()):
        params = {"day": cells.due(claim.due_on)}
        return [*said, _("期限 %(day)s 已过，尚未发出拒付通知，不得再以不符点拒付；已发现的不符点仅作留存", **params)]
    return [*said, _("期限 %(day)s", day=cells.due(claim.due_on)), *_of_insurance(claim)]


def _of_insurance(claim: Claim) -> list[str]:
    """What an insurer has to do besides (保险法 第23条至第25条)."""
    if claim.kind != rules.INSURANCE:
        return []
    if claim.state == "decided" and claim.decision == rules.REFUSED:
        return [_("核定不属于保险责任的，自作出核定之日起 3 日内发出拒赔通知书（保险法 第二十四条）")]
    if claim.state in PAYING:
        return [_("达成赔付协议后 10 日内支付赔款（保险法 第二十三条）")]
    return [_("自收到索赔请求和有关材料之日起 60 日内不能确定赔付数额的，先予支付可以确定的数额（保险法 第二十五条）")]


def _standing_still(claim: Claim) -> list[str]:
    """Why it stands still, until when, and what is left of it."""
    if claim.state == "incomplete":
        said = [_("已通知补充材料，待施工单位补充")]
        if claim.kind == rules.DEPENDENT:
            return [*said, _("自收到完整材料次日起重新计算")]
    elif claim.state == "on_hold":
        said = [_("展期或赔付：答复日期 %(day)s，当日未展期的，次日恢复办理", day=cells.day(claim.reply_by))]
    elif claim.sued_on is not None:
        said = [_("人民法院裁定中止支付，已于 %(day)s 起诉，待裁判或解除", day=cells.day(claim.sued_on))]
    else:
        said = [_("人民法院裁定中止支付；至 %(day)s 未起诉的，次日恢复办理", day=cells.day(stay_ends_on(claim)))]
    return [*said, *_rest(claim)]


def _rest(claim: Claim) -> list[str]:
    rest = claim.clock_rest
    if rest is None or claim.kind is None:
        return []
    if rest < 0:
        return [_("暂停前期限已过")]
    if BY_KIND[claim.kind].working:
        return [_("恢复后还剩 %(left)s 个工作日", left=rest)]
    return [_("恢复后还剩 %(left)s 天", left=rest)]


def stay_ends_on(claim: Claim) -> date | None:
    """The last day of a court's stay for which no suit is brought."""
    if claim.stayed_on is None:
        return None
    return claim.stayed_on + timedelta(days=policies.on(claim.stayed_on).claim_stay_days)


def last_reply_on(claim: Claim) -> date | None:
    """The last working day on which 展期或赔付 may still be answered; None where none is left."""
    assert claim.presented_at is not None
    calendar = calendars.current()
    day = claim.presented_at.date() + timedelta(days=policies.on(today()).claim_hold_days)
    while not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return day if day > today() else None


def _marks(claim: Claim) -> tuple[DayMark, ...]:
    """The days of a short limit, one by one, and today where it is over."""
    assert claim.kind is not None and claim.due_on is not None
    if claim.clock_on is None or not BY_KIND[claim.kind].working or claim.state not in DECIDING:
        return ()
    calendar, counted = calendars.current(), []
    for place in range(1, (claim.due_on - claim.clock_on).days + 1):
        day = claim.clock_on + timedelta(days=place)
        if calendar.is_working_day(day):
            counted.append(day)
    if len(counted) >= MOST_MARKS:
        return ()
    marks = [_mark(claim.clock_on, _("收到"))]
    marks += [_mark(day, str(place)) for place, day in enumerate(counted[:-1], start=1)]
    marks += [_mark(day, _("%(count)s 期满", count=len(counted))) for day in counted[-1:]]
    return (*marks, DayMark(f"{today():%m-%d}", _("今天"), "over")) if today() > claim.due_on else tuple(marks)


def _mark(day: date, note: str) -> DayMark:
    if day == today():
        return DayMark(f"{day:%m-%d}", note if note == _("收到") else _("%(note)s 今天", note=note), "today")
    return DayMark(f"{day:%m-%d}", note, "past" if day < today() else "left")
