"""Days as people write them: 2024-05-15, 2024/5/15, 2024.5.15, 2024年5月15日, at full or half width."""

import re
from datetime import date

from models.rules.half_width import without_blanks

_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]|\u5e74([0-9]{1,2})\u6708)([0-9]{1,2})\u65e5?")  # 年 月 日


def is_written(text: str) -> bool:
    """Whether the text has the form of a day, be there such a day or not."""
    return _DAY.fullmatch(without_blanks(text)) is not None


def read_day(text: str) -> date:
    """The day that the text names; ValueError where it is no day."""
    match = _DAY.fullmatch(without_blanks(text))
    if match is None:
        raise ValueError(text)
    year, number, named, day = match.groups()
    return date(int(year), int(number or named), int(day))
