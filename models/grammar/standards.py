"""Fields that follow a national standard (domain.md section 6): said once, used wherever they stand."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import MappedColumn

from models.grammar.columns import CODE, PHONE, field
from models.rules import permits, phones, regions, uscc


def uscc_field(label: str, **more: Any) -> MappedColumn[Any]:
    """统一社会信用代码, GB 32100-2015."""
    return field(String(18), label, kind=CODE, checks=(uscc.check,), normalise=uscc.normalise, **more)


def phone_field(label: str, **more: Any) -> MappedColumn[Any]:
    """A mobile number or a landline with its area code."""
    return field(String(20), label, kind=PHONE, checks=(phones.check,), normalise=phones.normalise, **more)


def region_field(label: str, *, with_province: bool = False, **more: Any) -> MappedColumn[Any]:
    """A region of Hainan, GB/T 2260, or one of its parks."""
    return field(String(6), label, choices=tuple(regions.choices(with_province=with_province)), **more)


def permit_field(label: str, **more: Any) -> MappedColumn[Any]:
    """施工许可证号: a number of neither known form warns, it does not block."""
    return field(String(40), label, kind=CODE, checks=(permits.check,), normalise=permits.normalise, **more)
