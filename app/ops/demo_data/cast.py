"""Who plays in the demo: organisations with valid codes, and the accounts that a visitor may sign in with.

Names, codes, addresses and telephones of the manual are kept; codes and numbers that it prints invalid are
mended. All other companies and persons are invented.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from models.grammar.viewer import BANK, CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from models.rules import uscc

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SURNAMES = "陈林王吴符李黄张郑周许梁何邢冯韩曾云蔡谢"
_GIVEN = (
    "海峰 志强 文昌 丽华 建国 少波 秀英 启明 雪梅 国栋 晓燕 德胜 慧敏 "
    "俊杰 春梅 永强 思远 家豪 静怡 振宇 明珠 学文 雅婷 伟平 椰青 向阳"
)


@dataclass(frozen=True)
class DemoAccount:
    """One account that is shown at the start; `key` names its organisation."""

    username: str
    key: str
    label: str
    name: str
    prepares: bool | None = None
    reviews: bool = False
    administers: bool = False


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("employer", "employer", "建设单位：海口江东新区基础建设有限公司", "陈海峰", administers=True),
    DemoAccount("employer2", "employer2", "建设单位：三亚崖城科技产业投资有限公司", "林晓燕", administers=True),
    DemoAccount("contractor", "contractor", "施工单位：上海建工五建集团有限公司", "周国栋", administers=True),
    DemoAccount("contractor2", "contractor2", "施工单位：海南椰城建工集团有限公司", "符志强", administers=True),
    DemoAccount("guarantor", "guarantor", "保证人（经办）：海南银行股份有限公司", "黄雅婷"),
    DemoAccount(
        "guarantor-issuer", "guarantor", "保证人（复核）：海南银行股份有限公司", "吴启明", prepares=False, reviews=True
    ),
    DemoAccount("guarantor-admin", "guarantor", "保证人（管理员）：海南银行股份有限公司", "冯雪梅", administers=True),
    DemoAccount("guarantor2", "guarantor2", "保证人（经办）：人保", "联系人2"),
    DemoAccount("guarantor2-issuer", "guarantor2", "保证人（复核）：人保", "郑慧敏", prepares=False, reviews=True),
    DemoAccount("guarantor2-admin", "guarantor2", "保证人（管理员）：人保", "蔡俊杰", administers=True),
    DemoAccount("guarantor3", "guarantor3", "保证人（经办）：测试担保公司", "联系人2"),
    DemoAccount(
        "guarantor3-issuer", "guarantor3", "保证人（复核）：测试担保公司", "韩思远", prepares=False, reviews=True
    ),
    DemoAccount("guarantor3-admin", "guarantor3", "保证人（管理员）：测试担保公司", "曾永强", administers=True),
    DemoAccount("bank", "bank", "经办银行：海南椰岛商业银行股份有限公司", "梁静怡", administers=True),
    DemoAccount("regulator", "regulator", "主管部门：海南省住房和城乡建设厅", "王振宇", administers=True),
    DemoAccount("regulator-haikou", "regulator-haikou", "主管部门：海口市住房和城乡建设局", "许丽华"),
    DemoAccount("admin", "admin", "系统管理员：平台运营单位", "曾学文", administers=True),
)


@dataclass(frozen=True)
class Party:
    """One organisation of the demo; an `admitted` one can sign in, the others wait for admission."""

    key: str
    name: str
    uscc: str
    region_code: str
    roles: tuple[str, ...]
    address: str
    legal_representative: str
    contact: str
    phone: str
    credit_grade: str
    admitted: bool = True


_MANUAL = (
    (
        "employer",
        "海口江东新区基础建设有限公司",
        "91460000MA5TPGXG3G",
        "4601P1",
        (EMPLOYER,),
        "海南省海口市江东新区江东大道200号",
        "陈海峰",
        "19011110001",
    ),
    (
        "contractor",
        "上海建工五建集团有限公司",
        "9131011513230855XK",
        "460100",
        (CONTRACTOR,),
        "海南省海口市龙华区滨海大道115号",
        "测试",
        "19011111112",
    ),
    (
        "guarantor2",
        "人保",
        "91110108765016311A",
        "460100",
        (GUARANTOR,),
        "北京市密云区巨各庄镇政府208室-1036(四合创业园)",
        "联系人2",
        "15199990002",
    ),
    (
        "cpic",
        "太平洋保险",
        "91110108765016301F",
        "460106",
        (GUARANTOR,),
        "海南省海口市龙华区国贸大道48号",
        "联系人",
        "15199990000",
    ),
    (
        "xinji",
        "海南新基建设工程有限公司",
        "91460000730055113E",
        "460106",
        (GUARANTOR, CONTRACTOR),
        "海口市龙华区金贸中路1号半山花苑海天阁3268",
        "联系人",
        "19011122222",
    ),
    (
        "runjiang",
        "江苏润江建设集团有限公司",
        "91321012608797601X",
        "460100",
        (GUARANTOR, CONTRACTOR),
        "扬州市江都区引江路11号",
        "联系人",
        "15122222223",
    ),
    (
        "guarantor3",
        "测试担保公司",
        "91460000MA5TM8HD9J",
        "460106",
        (GUARANTOR,),
        "海南省海口市龙华区海北路西苑楼盘2幢1单元501室",
        "联系人2",
        "19022221112",
    ),
    (
        "huajin",
        "海南华金钢结构有限公司",
        "91460300713000518M",
        "4604P1",
        (GUARANTOR,),
        "海南省洋浦经济开发区新福州工业园",
        "测试3",
        "19012344323",
    ),
)

_OFFICES = (
    ("regulator", "海南省住房和城乡建设厅", "460000", "海南省海口市美兰区海府路59号"),
    ("regulator-haikou", "海口市住房和城乡建设局", "460100", "海南省海口市秀英区长滨路1号"),
    ("regulator-sanya", "三亚市住房和城乡建设局", "460200", "海南省三亚市吉阳区新风街256号"),
    ("regulator-danzhou", "儋州市住房和城乡建设局", "460400", "海南省儋州市那大镇中兴大街39号"),
)

_EMPLOYERS = """
4602P1 三亚崖城科技产业投资有限公司
460100 海口滨江新城投资开发有限公司
460107 海口琼山旧城改造建设有限公司
460105 海口长流置业有限公司
460108 海口美兰空港城市建设有限公司
460202 三亚海棠湾文旅开发有限公司
460203 三亚吉阳城市更新有限公司
460204 三亚天涯保障住房建设有限公司
460400 儋州西部城市建设投资有限公司
4604P1 洋浦临港产业发展有限公司
469002 琼海万泉河城乡建设有限公司
4690P1 博鳌乐城医疗产业开发有限公司
469005 文昌航天城基础设施建设有限公司
469006 万宁石梅湾旅游开发有限公司
469007 东方临港新城投资有限公司
469021 定安塔岭新区开发建设有限公司
469023 澄迈老城科技新城建设有限公司
469024 临高金牌港开发建设有限公司
469028 陵水黎安教育园区建设有限公司
469001 五指山雨林旅游建设有限公司
469026 昌江棋子湾开发建设有限公司
"""

_CONTRACTORS = """
460106 海南椰城建工集团有限公司
460108 海口海甸建筑工程有限公司
460107 海南琼岛第一建筑工程有限公司
460203 三亚南滨建设工程有限公司
460204 海南鹿回头建设集团有限公司
460400 儋州东坡建筑工程有限公司
469002 海南万泉建设工程有限公司
469005 文昌铜鼓岭建筑工程有限公司
469006 万宁东山岭建设工程有限公司
469001 海南五指山路桥工程有限公司
469023 澄迈福山市政工程有限公司
469026 海南昌化江水利水电工程有限公司
469007 东方八所港湾工程有限公司
460100 海南南渡江市政建设有限公司
460105 海南火山岩土工程有限公司
4604P1 海南蓝洋钢构工程有限公司
460106 海口骑楼装饰工程有限公司
469002 海南博鳌机电安装工程有限公司
469028 陵水新村建筑工程有限公司
460108 海南三角梅园林工程有限公司
460204 海南天涯交通建设集团有限公司
469006 海南牛路岭建设工程有限公司
469024 临高角建筑工程有限公司
460105 海南椰风幕墙工程有限公司
469021 定安南丽湖建筑工程有限公司
"""

_GUARANTORS = (
    ("guarantor", "海南银行股份有限公司", "460108", (GUARANTOR, BANK)),
    ("rural-bank", "海南椰风农村商业银行股份有限公司", "460106", (GUARANTOR, BANK)),
    ("qiongzhou", "琼州融资担保有限公司", "460107", (GUARANTOR,)),
    ("nanhai", "南海岛财产保险股份有限公司", "460100", (GUARANTOR,)),
    ("free-port", "海南自贸湾融资担保有限公司", "460108", (GUARANTOR,)),
    ("yacheng", "三亚崖城融资担保有限公司", "460205", (GUARANTOR,)),
    ("quick", "海南速诺工程担保有限公司", "460105", (GUARANTOR,)),
    ("east-line", "海南东线工程担保有限公司", "469006", (GUARANTOR,)),
    ("qiongya", "海南琼崖山工程担保有限公司", "460106", (GUARANTOR,)),
    ("beibu", "北部湾岛财产保险股份有限公司", "460400", (GUARANTOR,)),
    ("rain-forest", "五指山雨林农村商业银行股份有限公司", "469001", (GUARANTOR, BANK)),
)

_BANKS = (("bank", "海南椰岛商业银行股份有限公司", "460100"), ("bank-02", "三亚凤凰村镇银行股份有限公司", "460203"))
_WAITING = (
    ("waiting-01", "海口新埠岛城市开发有限公司", "460108", (EMPLOYER,)),
    ("waiting-02", "三亚红塘湾建设工程有限公司", "460204", (CONTRACTOR,)),
)
_ROADS = ("滨海大道", "国贸大道", "海秀路", "迎宾路", "解放路", "人民路", "文明路", "龙昆北路", "椰海大道", "兴工路")


class Invention:
    """Invented persons, telephones, addresses and codes: the same in every demo."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._phone_count = 0

    def person(self) -> str:
        """A Chinese name."""
        return self.random.choice(_SURNAMES) + self.random.choice(_GIVEN.split())

    def phone(self) -> str:
        """A mobile number of its own, out of a block of zeros."""
        self._phone_count += 1
        return f"1{self.random.choice(('38', '39', '51', '76', '88', '90'))}0000{self._phone_count:04d}"

    def road(self) -> str:
        """A road with a house number."""
        return f"{self.random.choice(_ROADS)}{self.random.randint(1, 188)}号"

    def uscc(self, first2: str, region_code: str) -> str:
        """A valid code, registered in that region."""
        authority = region_code if region_code.isdecimal() else region_code[:4] + "00"
        rest = "".join(self.random.choice(_SIGNS) for _ in range(6))
        return uscc.with_check_digit(f"{first2}{authority}MA5{rest}")


@cache
def parties() -> tuple[Party, ...]:
    """Every organisation but the platform's own, the province's office first."""
    return tuple(_parties(Invention(seed=460000)))


def _parties(invent: Invention) -> Iterator[Party]:
    for number, (key, name, region, address) in enumerate(_OFFICES, start=1):
        yield Party(
            key,
            name,
            invent.uscc("11", region),
            region,
            (REGULATOR,),
            address,
            invent.person(),
            invent.person(),
            f"0898-6530000{number}",
            "",
        )
    for key, name, code, region, held, address, person, phone in _MANUAL:
        yield Party(key, name, uscc.with_check_digit(code[:17]), region, held, address, person, person, phone, "AA")
    numbered = (*_numbered(EMPLOYER, _EMPLOYERS), *_numbered(CONTRACTOR, _CONTRACTORS))
    banks = tuple((key, name, region, (BANK,)) for key, name, region in _BANKS)
    for key, name, region, roles in (*numbered, *_GUARANTORS, *banks, *_WAITING):
        yield _invented(invent, key, name=name, region=region, roles=roles)


def _numbered(role: str, table: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """employer2, employer-03, employer-04 …: the first of each role is the manual's."""
    for number, (region, name) in enumerate((line.split() for line in table.strip().splitlines()), start=2):
        yield (f"{role}2" if number == 2 else f"{role}-{number:02d}"), name, region, (role,)


def _invented(invent: Invention, key: str, *, name: str, region: str, roles: tuple[str, ...]) -> Party:
    code = invent.uscc("91", region)
    grade = invent.random.choice(("AAA", "AA", "AA", "A", "A", "B"))
    return Party(
        key,
        name,
        code,
        region,
        roles,
        f"海南省{_city(name)}{invent.road()}",
        invent.person(),
        invent.person(),
        invent.phone(),
        grade,
        admitted=not key.startswith("waiting"),
    )


def _city(name: str) -> str:
    known = ("海口", "三亚", "儋州", "琼海", "文昌", "万宁", "东方", "五指山")
    return next((f"{city}市" for city in known if name.startswith(city)), "海口市")
