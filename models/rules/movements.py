"""账户流水: in which order an account's movements came, and where a balance does not follow from the last one (R-05).

Banks send movements in any order, and several of one instant: what was on the account before and after each tells
which came first. Amounts are whole fen.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from types import MappingProxyType

from models.rules.money import from_fen, show
from models.rules.problem import Problem
from models.rules.words import Words

IN, OUT = "in", "out"
DIRECTIONS: Mapping[str, str] = MappingProxyType({IN: "存入", OUT: "支出"})
REVERSAL = "reversal"
PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "deposit": "资金存入",
        "progress_payment": "工程进度款",
        "wages": "农民工工资",
        "settlement": "结算款",
        "refund": "退回",
        "interest": "利息",
        "fee": "手续费",
        "transfer": "划转",
        REVERSAL: "冲正",
        "other": "其他",
    }
)
"""What money moves for; 冲正 is the bank's own taking back of a movement that it booked wrongly."""

MOST_TOLD = 10
"""So many places are told one by one."""


@dataclass(frozen=True)
class Line:
    """One movement: `amount` in fen, below 0 what was paid out, `balance` in fen after it.

    `corrects` is the reference of the movement that was told wrongly and whose place this one takes.
    """

    id: int
    reference: str
    amount: int
    balance: int
    booked_at: datetime
    purpose: str = "other"
    corrects: str = ""

    @property
    def before(self) -> int:
        """What lay on the account before it."""
        return self.balance - self.amount


@dataclass(frozen=True)
class Break:
    """A movement that does not begin with what the one before it left, in fen.

    `is_wrong_balance`: the movements around it follow from each other, so that its own balance was told wrongly.
    """

    line: Line
    held: int
    is_wrong_balance: bool = False

    @property
    def missing(self) -> int:
        """What must have moved between the two."""
        return self.line.before - self.held


@dataclass(frozen=True)
class Statement:
    """An account's movements that count, in their order, and what does not hold of them."""

    lines: tuple[Line, ...]
    breaks: tuple[Break, ...] = ()
    unknown: tuple[str, ...] = ()
    """The references of movements that are corrected and have not come yet."""

    @property
    def paid_in(self) -> int:
        """What came in altogether."""
        return sum(each.amount for each in self.lines if each.amount > 0)

    @property
    def paid_out(self) -> int:
        """What went out altogether."""
        return -sum(each.amount for each in self.lines if each.amount < 0)


def statement(found: Iterable[Line], *, opening: int | None = None) -> Statement:
    """What the movements come to; `opening` is what lay there before the first of them, where that is known."""
    every = list(found)
    known, corrected = {each.reference for each in every}, {each.corrects for each in every if each.corrects}
    lines = in_order([each for each in every if each.reference not in corrected], opening=opening)
    return Statement(tuple(lines), tuple(breaks(lines, opening=opening)), tuple(sorted(corrected - known)))


def in_order(lines: Iterable[Line], *, opening: int | None = None) -> list[Line]:
    """The movements by their instant; those of one instant so that each begins with what the one before it left."""
    found: list[Line] = []
    held = opening
    by_time = sorted(lines, key=lambda each: (each.booked_at, each.id))
    for _instant, together in groupby(by_time, key=lambda each: each.booked_at):
        found += _chained(list(together), held)
        held = found[-1].balance
    return found


def breaks(lines: Sequence[Line], *, opening: int | None = None) -> list[Break]:
    """Where the order breaks; two breaks that make up for each other are one wrong balance between them."""
    found: list[Break] = []
    held, last = opening, -2
    for place, line in enumerate(lines):
        if held is not None and line.before != held:
            now = Break(line, held)
            if place == last + 1 and found[-1].missing == -now.missing:
                found[-1] = Break(found[-1].line, found[-1].held, is_wrong_balance=True)
            else:
                found.append(now)
                last = place
        held = line.balance
    return found


def told(found: Statement) -> list[Problem]:
    """What does not hold of the movements, with place and amount: warnings for the agreement."""
    said = [_told(each) for each in found.breaks[:MOST_TOLD]]
    if len(found.breaks) > MOST_TOLD:
        params = {"count": len(found.breaks) - MOST_TOLD}
        said.append(Problem("账户流水另有%(count)s处不连续，请逐笔核对", "balance", params, blocking=False))
    message = "流水%(no)s是更正，被更正的流水尚未上传，请补传"
    return [*said, *(Problem(message, "balance", {"no": each}, blocking=False) for each in found.unknown[:MOST_TOLD])]


def misused(lines: Iterable[Line], allowed: Iterable[str]) -> list[Problem]:
    """Payments out for what the agreement does not allow, each with its amount: warnings for the agreement."""
    good = {*allowed, REVERSAL}
    bad = [each for each in lines if each.amount < 0 and each.purpose not in good]
    message = "流水%(no)s（%(day)s）支出%(amount)s元，用途“%(purpose)s”不在协议约定的用途之内，请核实"
    said = [
        Problem(
            message,
            "balance",
            {
                "no": each.reference,
                "day": each.booked_at.date(),
                "amount": _yuan(-each.amount),
                "purpose": Words(PURPOSES.get(each.purpose, each.purpose)),
            },
            blocking=False,
        )
        for each in bad[-MOST_TOLD:]
    ]
    if len(bad) <= MOST_TOLD:
        return said
    params = {"count": len(bad) - MOST_TOLD}
    return [*said, Problem("此前另有%(count)s笔支出的用途不在协议约定之内", "balance", params, blocking=False)]


def check(
    *, amount: int | None, booked_at: datetime | None, today: date, reference: str, corrects: str
) -> list[Problem]:
    """What is wrong with a movement beyond its single values; `amount` in fen."""
    found = []
    if amount == 0:
        found.append(Problem("金额应大于 0 元，方向由“收支方向”表示", "amount"))
    if booked_at is not None and booked_at.date() > today:
        message = "入账时间%(day)s晚于今天，请核对"
        found.append(Problem(message, "booked_at", {"day": booked_at.date()}))
    if corrects and corrects == reference:
        found.append(Problem("更正流水不能更正自己，请填写被更正的银行流水号", "corrects"))
    return found


def read_purposes(text: str) -> tuple[str, ...]:
    """The codes of the purposes that the text names by their labels, parted by 、; KeyError at an unknown one."""
    codes = {label: code for code, label in PURPOSES.items()}
    return tuple(codes[each] for each in _named(text))


def normalise_purposes(text: str) -> str:
    """The named purposes, each once, parted by 、."""
    return "、".join(dict.fromkeys(_named(text)))


def check_purposes(text: str, field: str = "purposes") -> list[Problem]:
    """What is wrong with purposes that somebody typed."""
    known = Words("、".join(PURPOSES.values()))
    unknown = [each for each in _named(text) if each not in PURPOSES.values()]
    message = "用途“%(given)s”不在用途目录中，请从中选填：%(known)s"
    return [Problem(message, field, {"given": each[:40], "known": known}) for each in unknown[:1]]


def _named(text: str) -> list[str]:
    for sign in ",，;；/ 　\n":
        text = text.replace(sign, "、")
    return [each for each in text.split("、") if each]


def _told(found: Break) -> Problem:
    place = {"no": found.line.reference, "at": f"{found.line.booked_at:%Y-%m-%d %H:%M:%S}"}
    if found.is_wrong_balance:
        message = "流水%(no)s（%(at)s）的余额%(balance)s元有误：按前后流水应为%(right)s元，请更正该笔流水"
        right = found.held + found.line.amount
        shown = {"balance": _yuan(found.line.balance), "right": _yuan(right)}
        return Problem(message, "balance", {**place, **shown}, blocking=False)
    message = (
        "账户流水在%(no)s（%(at)s）之前不连续：此前余额%(held)s元，该笔入账前余额%(before)s元，"
        "相差%(missing)s元，请补传缺少的流水或更正"
    )
    shown = {"held": _yuan(found.held), "before": _yuan(found.line.before), "missing": _yuan(found.missing)}
    return Problem(message, "balance", {**place, **shown}, blocking=False)


def _yuan(fen: int) -> str:
    return show(from_fen(fen), "元")


def _chained(together: list[Line], held: int | None) -> list[Line]:
    """Movements of one instant, each after the one whose balance it begins with, as far as that can be."""
    if len(together) == 1:
        return together
    left: dict[int, list[Line]] = defaultdict(list)
    for each in reversed(together):
        left[each.before].append(each)
    found: list[Line] = []
    while len(found) < len(together):
        if held is None or not left.get(held):
            held = _beginning(left)
        found += _walk(left, held)
        held = found[-1].balance
    return found


def _beginning(left: Mapping[int, Sequence[Line]]) -> int:
    """The balance that more movements begin with than lead to; else that of the first movement."""
    arriving = Counter(each.balance for lines in left.values() for each in lines)
    first = sorted((lines[-1].id, held) for held, lines in left.items() if lines)
    return next((held for _id, held in first if len(left[held]) > arriving[held]), first[0][1])


def _walk(left: dict[int, list[Line]], held: int) -> list[Line]:
    """All that can be reached from this balance, as one walk that uses each movement once (Hierholzer)."""
    trail: list[tuple[int, Line | None]] = [(held, None)]
    walked: list[Line] = []
    while trail:
        at, line = trail[-1]
        if left.get(at):
            after = left[at].pop()
            trail.append((after.balance, after))
            continue
        trail.pop()
        if line is not None:
            walked.append(line)
    return walked[::-1]
