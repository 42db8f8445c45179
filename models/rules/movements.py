"""账户流水: in which order an account's movements came, and where a balance does not follow from the last one (R-05).

Banks send movements in any order, and several of one instant: what was on the account before and after each tells
which came first. Amounts are whole fen.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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

FIRST_YEAR = 2000
AHEAD = timedelta(minutes=5)
"""How far a bank's clock may be before ours."""


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

    doubled: tuple[str, ...] = ()
    """The references of movements that several others correct; the one taken last stands."""

    circular: tuple[str, ...] = ()
    """The references of movements that correct each other, so that none of them stands."""

    @property
    def paid_in(self) -> int:
        """What came in altogether."""
        return sum(each.amount for each in self.lines if each.amount > 0)

    @property
    def paid_out(self) -> int:
        """What went out altogether."""
        return -sum(each.amount for each in self.lines if each.amount < 0)


def statement(found: Iterable[Line], *, opening: int | None = None, since: datetime | None = None) -> Statement:
    """What the movements come to, or those of them that were booked `since`.

    `opening` is what lay there before the first of these, where that is known.
    """
    every = list(found)
    known = {each.reference for each in every}
    corrections = sorted((each for each in every if each.corrects and _is_in(each, since)), key=lambda each: each.id)
    count = Counter(each.corrects for each in corrections)
    lines = in_order((each for each in standing(every) if _is_in(each, since)), opening=opening)
    return Statement(
        tuple(lines),
        tuple(breaks(lines, opening=opening)),
        unknown=tuple(sorted(count.keys() - known)),
        doubled=tuple(sorted(each for each in count if count[each] > 1)),
        circular=tuple(sorted(_in_circles({each.reference: each.corrects for each in corrections}))),
    )


def _is_in(line: Line, since: datetime | None) -> bool:
    return since is None or line.booked_at >= since


def standing(every: Collection[Line]) -> list[Line]:
    """Those whose place no other one has taken; of several corrections of one the last that was taken stands."""
    corrections = sorted((each for each in every if each.corrects), key=lambda each: each.id)
    last = {each.corrects: each.reference for each in corrections}
    named = {each.reference: each.corrects for each in corrections}
    beaten: dict[str, bool] = {"": False}
    for each in corrections:
        way, at = [], each.reference
        while at not in beaten:
            beaten[at] = False
            way.append(at)
            at = named.get(at, "")
        for reference in reversed(way):
            above = named.get(reference, "")
            beaten[reference] = bool(above) and (last[above] != reference or beaten.get(above, False))
    return [each for each in every if each.reference not in last and not beaten.get(each.reference, False)]


def _in_circles(corrected_by: Mapping[str, str]) -> set[str]:
    """The references from which one comes back to them, where each leads to what it corrects."""
    found: set[str] = set()
    done: set[str] = set()
    for start in corrected_by:
        way: dict[str, int] = {}
        at = start
        while at in corrected_by and at not in way and at not in done:
            way[at] = len(way)
            at = corrected_by[at]
        found |= {each for each, place in way.items() if at in way and place >= way[at]}
        done.update(way)
    return found


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
    return said + [
        Problem(message, "balance", {"no": each}, blocking=False)
        for message, references in (
            (
                "有更正流水指向流水%(no)s，但该笔尚未上传，请补传；更正流水号填错的，请以新的流水号重新更正",
                found.unknown,
            ),
            ("流水%(no)s有多笔更正，按最后上传的一笔计入，请核对", found.doubled),
            ("流水%(no)s与其他流水互相更正，均未计入，请以新的流水号重新上传", found.circular),
        )
        for each in references[:MOST_TOLD]
    ]


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
    *, amount: int | None, booked_at: datetime | None, now: datetime, reference: str, corrects: str
) -> list[Problem]:
    """What is wrong with a movement beyond its single values; `amount` in fen."""
    found = []
    if amount == 0:
        found.append(Problem("金额应大于 0 元，方向由“收支方向”表示", "amount"))
    if booked_at is not None and booked_at > now + AHEAD:
        message = "入账时间%(at)s晚于现在，请核对"
        found.append(Problem(message, "booked_at", {"at": f"{booked_at:%Y-%m-%d %H:%M:%S}"}))
    if booked_at is not None and booked_at.year < FIRST_YEAR:
        message = "入账时间%(at)s早于 %(first)s 年，请核对"
        found.append(Problem(message, "booked_at", {"at": booked_at.date().isoformat(), "first": FIRST_YEAR}))
    if corrects and corrects == reference:
        found.append(Problem("更正流水不能更正自己，请填写被更正的银行流水号", "corrects"))
    return found


def check_corrections(given: Mapping[int, tuple[str, str]], known: Mapping[str, str]) -> list[tuple[int, Problem]]:
    """What is wrong with corrections of one account, each with the place of its row.

    `given` has reference and what it corrects by place, `known` what each correction that is there already corrects:
    a movement is corrected once, and no movement in the end by itself.
    """
    found = []
    named = dict(known)
    by = {corrected: reference for reference, corrected in known.items()}
    for place, (reference, corrects) in sorted(given.items()):
        if known.get(reference) == corrects:  # sent once more
            continue
        if by.get(corrects, reference) != reference:
            message = "流水%(no)s已由流水%(by)s更正，如仍有误请更正流水%(by)s"
            found.append((place, Problem(message, "corrects", {"no": corrects, "by": by[corrects]})))
            continue
        named[reference], by[corrects] = corrects, reference
        if _in_circles({each: named[each] for each in _way(reference, named)}):
            message = "流水%(no)s最终由本笔流水更正，不能互相更正，请以新的流水号上传"
            found.append((place, Problem(message, "corrects", {"no": corrects})))
            del named[reference], by[corrects]
    return found


def _way(start: str, named: Mapping[str, str]) -> dict[str, None]:
    """The corrections that one comes through from this one."""
    way: dict[str, None] = {}
    while start in named and start not in way:
        way[start] = None
        start = named[start]
    return way


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
    beginnings = _Beginnings(together, left)
    found: list[Line] = []
    while len(found) < len(together):
        if held is None or not left.get(held):
            held = beginnings.next()
        walked = _walk(left, held)
        beginnings.forget(walked)
        found += walked
        held = walked[-1].balance
    return found


class _Beginnings:
    """Where the walks through movements of one instant begin.

    The balances that more of them begin with than lead to, in the order of the movements; when there is none any more,
    the balance of the first movement that is left.
    """

    def __init__(self, together: Sequence[Line], left: Mapping[int, Sequence[Line]]) -> None:
        self._left = left
        self._excess = Counter(each.before for each in together)
        self._excess.subtract(each.balance for each in together)
        self._starts = deque(dict.fromkeys(each.before for each in together if self._excess[each.before] > 0))
        self._others = deque(each.before for each in together)

    def forget(self, walked: Iterable[Line]) -> None:
        """These have their place."""
        for each in walked:
            self._excess[each.before] -= 1
            self._excess[each.balance] += 1

    def next(self) -> int:
        """The next one; there are movements left."""
        while self._starts:
            if self._excess[self._starts[0]] > 0:
                return self._starts[0]
            self._starts.popleft()
        while not self._left.get(self._others[0]):
            self._others.popleft()
        return self._others[0]


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
