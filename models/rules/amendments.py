"""担保调整: what a change does to a letter, whose word it needs, and what stands against it (手册 2.2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from models.rules import events
from models.rules.money import spoken
from models.rules.problem import Problem

EXTEND, RAISE, REDUCE, PAUSE, RESUME, END, LAPSE, REWORD = (
    *("extend", "raise", "reduce", "pause", "resume", "end", "lapse", "reword"),
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        EXTEND: "延长",
        RAISE: "增额",
        REDUCE: "减额",
        PAUSE: "暂停",
        RESUME: "恢复",
        END: "终止",
        LAPSE: "失效",
        REWORD: "文本变更",
    }
)
CLAIM, STOPPAGE, RESUMPTION, DELAY, PRICE, EARLY_END, SETTLED, EXPIRY, OTHER = (
    *("claim", "stoppage", "resumption", "delay", "price", "early_end", "settled", "expiry", "other"),
)
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        CLAIM: "代偿索赔",
        STOPPAGE: "停工",
        RESUMPTION: "复工",
        DELAY: "工期延长",
        PRICE: "合同价款变更",
        EARLY_END: "提前终止",
        SETTLED: "结清",
        EXPIRY: "担保到期",
        OTHER: "其他",
    }
)
OF_THE_LETTER = frozenset({CLAIM, EXPIRY})
"""What can only have happened while the letter secured something; all else since its contract began."""

KINDS_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        CLAIM: frozenset({RAISE, EXTEND, END, LAPSE, REWORD}),
        STOPPAGE: frozenset({PAUSE, EXTEND, END}),
        RESUMPTION: frozenset({RESUME, EXTEND}),
        DELAY: frozenset({EXTEND}),
        PRICE: frozenset({RAISE, REDUCE, REWORD}),
        EARLY_END: frozenset({END}),
        SETTLED: frozenset({END}),
        EXPIRY: frozenset({LAPSE, EXTEND}),
        OTHER: frozenset(KINDS),
    }
)
"""What may follow from each cause (手册 2.2.3: 代偿索赔、停工、工期延长 → 失效、终止、暂停、延长)."""

CONSENTED = frozenset({REDUCE, PAUSE, END, REWORD})
"""What takes something from the beneficiary binds it only with its word (URDG 758 第11条; silence is no consent)."""

ENDING = frozenset({END, LAPSE})
"""After these nothing is secured any more."""

ANSWERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        CLAIM: frozenset({RAISE, *ENDING}),
        STOPPAGE: frozenset({PAUSE, EXTEND, *ENDING}),
        RESUMPTION: frozenset({RESUME, *ENDING}),
        EXPIRY: frozenset({EXTEND, *ENDING}),
    }
)
"""What a letter is to be updated for (R-14), and which changes do so, whatever their own cause."""

ANSWERS_ITS_OWN: Mapping[str, frozenset[str]] = MappingProxyType({CLAIM: frozenset({EXTEND})})
"""Which do so besides where they are brought for that very cause (手册 2.2.3: 出现代偿索赔发生担保有效期延长的)."""

AMOUNT, ENDS_ON, EFFECTIVE_ON, UNTIL_ON, WORDING = "new_amount", "new_ends_on", "effective_on", "until_on", "wording"
ASKED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        EXTEND: (ENDS_ON,),
        RAISE: (AMOUNT,),
        REDUCE: (AMOUNT,),
        PAUSE: (EFFECTIVE_ON,),
        RESUME: (EFFECTIVE_ON,),
        END: (EFFECTIVE_ON,),
        LAPSE: (EFFECTIVE_ON,),
        REWORD: (WORDING,),
    }
)
"""What each kind has to state; what it does not state stays as it is."""

STATED: Mapping[str, tuple[str, ...]] = MappingProxyType({**ASKED, PAUSE: (EFFECTIVE_ON, UNTIL_ON)})
"""What each kind may state."""

CHANGED = (AMOUNT, ENDS_ON, EFFECTIVE_ON, UNTIL_ON, WORDING)


@dataclass(frozen=True)
class Said:
    """What a letter says: its amount, what of that is paid out and reserved, in 元, its period, since when it rests.

    `since` is the day on which its contract was signed or begun, None while its signing is unknown.
    """

    amount: Decimal
    paid: Decimal
    reserved: Decimal
    starts_on: date
    ends_on: date
    paused_from: date | None = None
    since: date | None = None

    @property
    def is_used_up(self) -> bool:
        """Whether all of it is paid out."""
        return self.paid >= self.amount

    @property
    def bound(self) -> Decimal:
        """What is paid out or held for claims: less than this it cannot be for."""
        return self.paid + self.reserved


@dataclass(frozen=True)
class Change:
    """What is to be changed: one of KINDS with what it states, on whose day, and why."""

    kind: str
    event_on: date
    cause: str = OTHER
    new_amount: Decimal | None = None
    new_ends_on: date | None = None
    effective_on: date | None = None
    until_on: date | None = None


def needs_consent(kind: str | None) -> bool:
    """Whether the beneficiary has to agree."""
    return kind in CONSENTED


def answers(kind: str, cause: str, *, asked_for: str) -> bool:
    """Whether a change of this kind, for this cause, is the update that the letter is asked for."""
    kinds = ANSWERS.get(asked_for)
    if kinds is None:
        return cause == asked_for
    return kind in kinds or (cause == asked_for and kind in ANSWERS_ITS_OWN.get(cause, ()))


def check(change: Change, said: Said, *, today: date) -> list[Problem]:
    """What stands against this change of what the letter says, whoever brings it."""
    found = []
    if change.event_on > today:
        found.append(Problem("发生日期%(day)s不能晚于今天，请修改", "event_on", {"day": change.event_on}))
    found += _check_event(change, said)
    if change.kind in (RAISE, REDUCE):
        return [*found, *_check_amount(change, said)]
    if change.kind == EXTEND:
        return [*found, *_check_end(change, said, today)]
    return [*found, *_check_days(change, said, today)]


def _check_event(change: Change, said: Said) -> list[Problem]:
    """It happened under the contract; what comes of the letter itself, in the time of the letter."""
    if change.cause in OF_THE_LETTER and change.event_on < said.starts_on:
        params = {"day": change.event_on, "start": said.starts_on}
        return [Problem("发生日期%(day)s早于担保开始日期%(start)s，请修改", "event_on", params)]
    return events.check(change.event_on, since=said.since, label="发生日期", field="event_on")


def _check_amount(change: Change, said: Said) -> list[Problem]:
    wanted = change.new_amount
    if wanted is None:
        return []
    params = {"new": spoken(wanted, "万元"), "old": spoken(said.amount, "万元")}
    if change.kind == RAISE and wanted <= said.amount:
        return [Problem("增额后担保金额%(new)s万元应大于现行的%(old)s万元，请修改", AMOUNT, params)]
    if change.kind == RAISE:
        return []
    if wanted >= said.amount:
        return [Problem("减额后担保金额%(new)s万元应小于现行的%(old)s万元，请修改", AMOUNT, params)]
    if wanted < said.bound:
        message = "减额后担保金额%(new)s万元低于已赔付%(paid)s万元与索赔占用%(reserved)s万元之和，不能办理"
        more = {"paid": spoken(said.paid, "万元"), "reserved": spoken(said.reserved, "万元")}
        return [Problem(message, AMOUNT, {**params, **more})]
    return []


def _check_end(change: Change, said: Said, today: date) -> list[Problem]:
    wanted = change.new_ends_on
    if wanted is None:
        return []
    params = {"new": wanted, "old": said.ends_on}
    if wanted < today:
        return [Problem("变更后担保结束日期%(new)s已过，请修改", ENDS_ON, params)]
    if wanted <= said.ends_on:
        return [Problem("变更后担保结束日期%(new)s应晚于现行的%(old)s，请修改", ENDS_ON, params)]
    return []


def _check_days(change: Change, said: Said, today: date) -> list[Problem]:
    day = change.effective_on
    if day is None:
        return []
    params = {"day": day, "event": change.event_on}
    if day < change.event_on:
        return [Problem("生效日期%(day)s不能早于发生日期%(event)s，请修改", EFFECTIVE_ON, params)]
    if change.kind in (RESUME, LAPSE) and day > today:
        return [Problem("生效日期%(day)s不能晚于今天，请在当日或之后办理", EFFECTIVE_ON, params)]
    if change.kind == LAPSE and not said.is_used_up and day <= said.ends_on < today:
        message = "失效日期%(day)s应在担保结束日期%(end)s之后，请修改"
        return [Problem(message, EFFECTIVE_ON, {**params, "end": said.ends_on})]
    if change.kind in (PAUSE, END) and not said.starts_on <= day <= said.ends_on:
        message = "生效日期%(day)s应在担保期限%(start)s至%(end)s之内，请修改"
        return [Problem(message, EFFECTIVE_ON, {**params, "start": said.starts_on, "end": said.ends_on})]
    if change.kind == RESUME and said.paused_from is not None and day <= said.paused_from:
        message = "恢复日期%(day)s应晚于暂停日期%(paused)s，请修改"
        return [Problem(message, EFFECTIVE_ON, {**params, "paused": said.paused_from})]
    if change.kind == PAUSE and change.until_on is not None and change.until_on < day:
        return [
            Problem(
                "暂停截止日期%(until)s不能早于暂停日期%(day)s，请修改", UNTIL_ON, {**params, "until": change.until_on}
            )
        ]
    return []


def paused_days(first: date, last: date) -> int:
    """The days of a pause, both ends counted: 2026-03-01 to 08-31 are 184."""
    return (last - first).days + 1


def moved_end(ends_on: date, days: int) -> date:
    """The end of a letter that its guarantor moves by the days of a pause."""
    return ends_on + timedelta(days=days)


def number(day: date, serial: int) -> str:
    """调整编号: BG + YYYYMMDD + the six-digit serial."""
    return f"BG{day:%Y%m%d}{serial:06d}"
