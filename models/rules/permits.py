"""施工许可证号: two forms are in use, and old ones that follow neither, so a mismatch only warns.

- 18 digits: 6 region, 8 date of registration, 2 serial of the day, 2 category
- 16-SX-3 of the national building-market data standard: the project code (6 region, 6 date YYMMDD,
  2 category, 2 serial), SX for 施工许可, a three-digit serial
"""

import re
from datetime import date, datetime

from models.rules.half_width import without_blanks
from models.rules.problem import Problem
from models.rules.regions import REGIONS

_EIGHTEEN = re.compile(r"(?P<region>[0-9]{6})(?P<day>[0-9]{8})[0-9]{4}")
_SIXTEEN = re.compile(r"(?P<region>[0-9]{6})(?P<day>[0-9]{6})[0-9]{4}-SX-[0-9]{3}")


def normalise(permit_no: str) -> str:
    """The number at half width, in capitals and without blanks: the form that is stored."""
    return without_blanks(permit_no).upper()


def region_code(permit_no: str) -> str | None:
    """The GB/T 2260 code that the number begins with, None where the number has neither form."""
    match = _EIGHTEEN.fullmatch(permit_no) or _SIXTEEN.fullmatch(permit_no)
    return match["region"] if match else None


def dated_on(permit_no: str) -> date | None:
    """The day written into the number, None where there is none or it is no day of the calendar.

    It is the day on which the project was registered, not the day of the permit.
    """
    match = _EIGHTEEN.fullmatch(permit_no) or _SIXTEEN.fullmatch(permit_no)
    if match is None:
        return None
    digits = match["day"] if len(match["day"]) == 8 else f"20{match['day']}"
    try:
        return datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return None


def check(permit_no: str, field: str = "permit_no") -> list[Problem]:
    """Warnings, which do not block, about a number that follows neither form."""
    region = region_code(permit_no)
    if region is None:
        message = (
            "施工许可证号“%(permit_no)s”（%(count)s位）与常用格式不符，"
            "一般为18位数字，或16位项目编码-SX-3位序号，请核对"
        )
        params = {"permit_no": permit_no[:60], "count": len(permit_no)}
        return [Problem(message, field, params, blocking=False)]
    if dated_on(permit_no) is None:
        message = "施工许可证号第7位起的日期“%(day)s”不存在，请核对"
        day = permit_no[6:12] if "-" in permit_no else permit_no[6:14]
        return [Problem(message, field, {"day": day}, blocking=False)]
    if region not in REGIONS:
        message = "施工许可证号前6位“%(region)s”不是海南省的行政区划代码，请核对"
        return [Problem(message, field, {"region": region}, blocking=False)]
    return []
