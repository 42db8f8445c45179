"""放假安排 of one year as the administrator types it from the State Council's announcement: lines of days and ranges.

A line is 2027-02-05, 2027-02-05 至 2027-02-11 or 2月5日至2月11日, with or without the name of the holiday before it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.words import Listed, Words
from models.rules.written_days import read_day

FIRST_YEAR, LAST_YEAR = 2000, 2199
SATURDAY = 5
NAMED = 20
LONGEST_NAME = 20
_DAY = timedelta(days=1)
_BESIDE = re.compile(  # (周五) 放假 调休 上班 共7天
    r"\([^()]*\)|\u653e\u5047|\u8c03\u4f11|\u4e0a\u73ed|\u5171[0-9]{1,2}\u5929"
)
_MONTH_AND_DAY = re.compile(r"([0-9]{1,2})\u6708([0-9]{1,2})\u65e5?")  # 月 日
_DAY_OF_MONTH = re.compile(r"([0-9]{1,2})\u65e5")
_NAME = re.compile(r"([^0-9:\u3001,;]+):?(?=[0-9])")
_BETWEEN = re.compile(r"\u81f3|\u5230|~|\u2014+|\u2013")  # 至 到 and dashes
_PARTS = re.compile(r"[\n;,\u3001]")


@dataclass(frozen=True)
class Days:
    """What one box says: its days with the name of their holiday, and what stands against it."""

    named: Mapping[date, str]
    problems: tuple[Problem, ...]


def read(text: str, year: int, field: str) -> Days:
    """The days of the text, all of which lie in that year; what is unreadable, reversed or outside is named."""
    named: dict[date, str] = {}
    unread, reversed_, outside = [], [], []
    for no, part, name in _parts(text):
        told = Words("第%(no)s行“%(text)s”", {"no": no, "text": part[:30]})
        try:
            first, last = _range(part, year)
        except ValueError:
            unread.append(told)
            continue
        if last < first:
            reversed_.append(told)
        elif (first.year, last.year) != (year, year):
            outside.append(told)
        else:
            named |= dict.fromkeys(_span(first, last), name)
    return Days(named, tuple(_against(field, year, unread, reversed_, outside)))


def written(named: Mapping[date, str]) -> str:
    """The days as lines of ranges, the earliest first; what `read` reads back."""
    lines: list[tuple[str, date, date]] = []
    for day, name in sorted(named.items()):
        if lines and lines[-1][0] == name and lines[-1][2] + _DAY == day:
            lines[-1] = (name, lines[-1][1], day)
        else:
            lines.append((name, day, day))
    return "\n".join(_line(*line) for line in lines)


def check(rest: Iterable[date], work: Iterable[date], *, rest_field: str, work_field: str) -> list[Problem]:
    """What stands against these days together: a year has free ones, and only a free weekend can be worked."""
    free, worked = set(rest), set(work)
    found = [] if free else [Problem("请填写放假日期", rest_field)]
    both = sorted(free & worked)
    if both:
        found.append(Problem("%(days)s不能既放假又上班，请核对", work_field, {"days": _named(both)}))
    plain = sorted(day for day in worked - free if day.weekday() < SATURDAY)
    if plain:
        message = "%(days)s是周一至周五，本来就是工作日，请从调休上班日期中删除"
        found.append(Problem(message, work_field, {"days": _named(plain)}))
    return found


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """Each day or range of the text with its line from 1 and the name before it, which holds until the line's end."""
    for no, line in enumerate(_plain(text).split("\n"), start=1):
        name = ""
        for part in filter(None, _PARTS.split(line)):
            found = _NAME.match(part)
            name = found[1][:LONGEST_NAME] if found else name
            yield no, (part[found.end() :] if found else part), name


def _plain(text: str) -> str:
    """At half width, without blanks and without the words that an announcement puts around its days."""
    lines = (without_blanks(line) for line in text.replace("；", ";").split("\n"))
    return "\n".join(_BESIDE.sub("", line).rstrip("。.;,") for line in lines)


def _range(text: str, year: int) -> tuple[date, date]:
    first_text, *rest = _BETWEEN.split(text)
    first = _day(first_text, year)
    if not rest:
        return first, first
    (last_text,) = rest  # more than one 至 is no range: ValueError
    of_month = _DAY_OF_MONTH.fullmatch(last_text)
    return first, first.replace(day=int(of_month[1])) if of_month else _day(last_text, year)


def _day(text: str, year: int) -> date:
    short = _MONTH_AND_DAY.fullmatch(text)
    return date(year, int(short[1]), int(short[2])) if short else read_day(text)


def _span(first: date, last: date) -> Iterator[date]:
    return (first + index * _DAY for index in range((last - first).days + 1))


def _against(
    field: str, year: int, unread: list[Words], reversed_: list[Words], outside: list[Words]
) -> Iterator[Problem]:
    if unread:
        message = "无法识别%(parts)s，每行请填写一个日期或起止日期，例如 %(year)s-02-05 至 %(year)s-02-11"
        yield Problem(message, field, {"parts": _named(unread), "year": year})
    if reversed_:
        yield Problem("%(parts)s的截止日期早于开始日期，请修改", field, {"parts": _named(reversed_)})
    if outside:
        message = "%(parts)s不在%(year)s年内，跨年的日期请填入其所在年份"
        yield Problem(message, field, {"parts": _named(outside), "year": year})


def _named(found: list[Words] | list[date]) -> Listed:
    more = ("…",) if len(found) > NAMED else ()
    return Listed((*found[:NAMED], *more))


def _line(name: str, first: date, last: date) -> str:
    days = f"{first}" if first == last else f"{first} 至 {last}"
    return f"{name} {days}" if name else days
