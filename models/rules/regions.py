"""The regions of Hainan (GB/T 2260) and the parks that regulate as well.

A park has no national code. Ours is the first four digits of its parent, the letter P and a digit: codes
of GB/T 2260 have digits only, so none of today or tomorrow can clash with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PROVINCE = "460000"


@dataclass(frozen=True)
class Region:
    """A province, city, county, district or park; `parent` is the code of the region it lies in."""

    code: str
    name: str
    parent: str | None


_TABLE = (
    Region(PROVINCE, "海南省", None),
    Region("460100", "海口市", PROVINCE),
    Region("460105", "秀英区", "460100"),
    Region("460106", "龙华区", "460100"),
    Region("460107", "琼山区", "460100"),
    Region("460108", "美兰区", "460100"),
    Region("4601P1", "江东新区", "460100"),
    Region("460200", "三亚市", PROVINCE),
    Region("460202", "海棠区", "460200"),
    Region("460203", "吉阳区", "460200"),
    Region("460204", "天涯区", "460200"),
    Region("460205", "崖州区", "460200"),
    Region("4602P1", "崖州湾科技城", "460200"),
    Region("460300", "三沙市", PROVINCE),
    Region("460302", "西沙区", "460300"),
    Region("460303", "南沙区", "460300"),
    Region("460400", "儋州市", PROVINCE),
    Region("4604P1", "洋浦经济开发区", "460400"),
    Region("469001", "五指山市", PROVINCE),
    Region("469002", "琼海市", PROVINCE),
    Region("4690P1", "博鳌乐城国际医疗旅游先行区", "469002"),
    Region("469005", "文昌市", PROVINCE),
    Region("469006", "万宁市", PROVINCE),
    Region("469007", "东方市", PROVINCE),
    Region("469021", "定安县", PROVINCE),
    Region("469022", "屯昌县", PROVINCE),
    Region("469023", "澄迈县", PROVINCE),
    Region("469024", "临高县", PROVINCE),
    Region("469025", "白沙黎族自治县", PROVINCE),
    Region("469026", "昌江黎族自治县", PROVINCE),
    Region("469027", "乐东黎族自治县", PROVINCE),
    Region("469028", "陵水黎族自治县", PROVINCE),
    Region("469029", "保亭黎族苗族自治县", PROVINCE),
    Region("469030", "琼中黎族苗族自治县", PROVINCE),
)

REGIONS: Mapping[str, Region] = MappingProxyType({region.code: region for region in _TABLE})
"""Every region by its code, each after its parent, in the order that pickers show."""


def name(code: str) -> str:
    """The region's own name; a code that is not in the table is shown as it is."""
    return REGIONS[code].name if code in REGIONS else code


def path(code: str) -> tuple[str, ...]:
    """The names from the province down, e.g. 海南省, 海口市, 龙华区; empty for an unknown code."""
    names: tuple[str, ...] = ()
    region = REGIONS.get(code)
    while region is not None:
        names = (region.name, *names)
        region = REGIONS[region.parent] if region.parent else None
    return names


def full_name(code: str) -> str:
    """The path in one word, e.g. 海南省海口市龙华区; an unknown code is shown as it is."""
    return "".join(path(code)) or code


def within(code: str) -> frozenset[str]:
    """The codes of the region and all that lies in it, which its regulator sees; none if unknown."""
    if code not in REGIONS:
        return frozenset()
    below = (within(region.code) for region in _TABLE if region.parent == code)
    return frozenset({code}).union(*below)


def choices(*, with_province: bool = False) -> list[tuple[str, str]]:
    """Codes and labels for a picker, each district and park after its city, e.g. 海口市 / 龙华区."""
    labels = [(code, " / ".join(path(code)[1:])) for code in REGIONS if code != PROVINCE]
    return [(PROVINCE, name(PROVINCE)), *labels] if with_province else labels
