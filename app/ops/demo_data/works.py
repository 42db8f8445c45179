"""The demo's works: projects with a contract each, named after places of Hainan, entered by their employers."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from app.ops.demo_data import terms
from app.ops.demo_data.cast import Invention, Party, parties
from app.ops.demo_data.stage import Agenda, Stage, at, save
from app.ops.demo_data.work import Work
from models.contract import Contract
from models.grammar.viewer import CONTRACTOR, EMPLOYER
from models.project import Project

NAMED = {
    "employer": (
        "海口市江东新区安置房项目（二期）",
        "海口市江东新区安置房项目（三期）",
        "海口市江东大道东延线市政道路工程",
    ),
    "employer2": ("三亚崖州湾科技城标准厂房工程", "三亚崖州湾科技城人才公寓（一期）"),
    "employer-10": ("儋州市第二人民医院门诊综合楼",),
}
_PLACES = """
employer 江东新区起步区 桂林洋 灵山镇 演丰镇 临空产业园 滨海生态区 国际综合服务区 南渡江东岸 新琼片区
460100 长秀 滨江 西海岸 南海明珠
460105 长流 海秀 永兴 东山
460107 府城 红城湖 云龙 龙塘
460108 海甸岛 白龙 和平 三江
460202 林旺 藤桥 海棠湾
460203 迎宾 月川 亚龙湾
460204 凤凰 桶井 天涯
4602P1 崖州湾科技城 南山港 深海科技园 南繁种业园
460400 那大 白马井 滨海新区
4604P1 干冲 新英湾 三都
469001 通什 水满 毛阳
469002 嘉积 潭门 官塘
4690P1 乐城先行区 博鳌 中原
469005 龙楼 清澜 航天城
469006 万城 兴隆 石梅湾
469007 八所 感城 板桥
469021 塔岭 定城 龙湖
469023 老城 金江 福山
469024 金牌港 临城 调楼
469026 石碌 棋子湾 叉河
469028 椰林 黎安 英州
"""
_CITIES = {
    "4601": "海口市",
    "4602": "三亚市",
    "4604": "儋州市",
    "469001": "五指山市",
    "469002": "琼海市",
    "4690P1": "琼海市",
    "469005": "文昌市",
    "469006": "万宁市",
    "469007": "东方市",
    "469021": "定安县",
    "469023": "澄迈县",
    "469024": "临高县",
    "469026": "昌江县",
    "469028": "陵水县",
}
_SORTS = """
安置房项目 building 8000 45000
保障性租赁住房项目 building 6000 28000
人才公寓 building 9000 38000
中学新建工程 building 5000 16000
小学教学楼工程 building 2400 7800
幼儿园工程 building 1200 3600
社区卫生服务中心 building 900 3200
门诊综合楼 building 6500 22000
标准厂房工程 building 4200 19000
科研办公楼 building 7000 32000
邻里中心 building 2600 8800
停车楼工程 building 1800 5200
消防救援站 building 1500 3800
市政道路工程 municipal 2200 15000
雨污水管网改造工程 municipal 1600 9000
地下综合管廊工程 municipal 8000 52000
供水加压泵站 municipal 800 2600
污水处理厂扩建工程 municipal 5600 21000
滨水公园景观工程 municipal 1100 6400
公交首末站工程 transport 900 2800
跨河大桥工程 transport 12000 68000
疏港公路改造工程 transport 6000 36000
河道综合整治工程 water 1900 9800
海堤加固工程 water 3200 14000
"""
_PHASES = ("", "", "（一期）", "（二期）", "（一标段）", "（二标段）")
FIRST_SIGNED_ON = date(2024, 4, 18)
_CATEGORIES = {"building": "01", "municipal": "02"}


class Drawing:
    """Draws one work after the other, none like another, the same in every demo."""

    def __init__(self) -> None:
        self.invent = Invention(seed=469)
        self._count = 0
        self._names: set[str] = set()
        self._named = {key: list(names) for key, names in NAMED.items()}
        self._parties = {party.key: party for party in parties()}

    def work(
        self, employer: str, contractor: str, *, signed_on: date, wan: int = 0, finish_on: date | None = None
    ) -> Work:
        """A work of this employer; price in 万元 and completion are drawn where they are not given."""
        self._count += 1
        chance, party = self.invent.random, self._parties[employer]
        name, kind, low, high = self._name(party)
        permitted_on = signed_on + timedelta(days=chance.randint(9, 15))
        region = _region(party, chance)
        return Work(
            employer=employer,
            contractor=contractor,
            name=name,
            kind=kind,
            region_code=region,
            address=f"海南省{_city(region)}{self.invent.road()}",
            permit_no=self._permit_no(region, kind, permitted_on),
            contract_no=f"SG-{signed_on:%Y%m}-{self._count:04d}",
            price=Decimal(wan or chance.randint(low // 10, high // 10) * 10) * 10_000,
            signed_on=signed_on,
            permitted_on=permitted_on,
            start_on=permitted_on + timedelta(days=chance.randint(5, 25)),
            finish_on=finish_on or permitted_on + timedelta(days=chance.randint(270, 900)),
            people=(self.invent.person(), self.invent.phone(), self.invent.person(), self.invent.phone()),
        )

    def _name(self, party: Party) -> tuple[str, str, int, int]:
        sorts = [line.split() for line in _SORTS.strip().splitlines()]
        if self._named.get(party.key):
            name = self._named[party.key].pop(0)
            sort = next((sort for sort in sorts if sort[0][:2] in name), sorts[0])
            self._names.add(name)
            return name, sort[1], int(sort[2]), int(sort[3])
        while True:
            word, kind, low, high = self.invent.random.choice(sorts)
            place = self.invent.random.choice(_places(party))
            name = f"{_city(party.region_code)}{place}{word}{self.invent.random.choice(_PHASES)}"
            if name not in self._names:
                self._names.add(name)
                return name, kind, int(low), int(high)

    def _permit_no(self, region: str, kind: str, permitted_on: date) -> str:
        """18 digits: region, day, serial of the day, category; a park's permits carry its city's code."""
        code = region if region.isdecimal() else {"4690P1": "469002"}.get(region, region[:4] + "00")
        return f"{code}{permitted_on:%Y%m%d}{self._count % 90 + 1:02d}{_CATEGORIES.get(kind, '03')}"


def others(drawing: Drawing, *, today: date) -> list[Work]:
    """The works without a letter: most of them of the first employer."""
    found, employers = [], [party.key for party in parties() if EMPLOYER in party.roles and party.admitted]
    contractors = [party.key for party in parties() if party.roles == (CONTRACTOR,) and party.admitted]
    counts = {"employer": 96, "employer2": 12}
    chance, oldest = random.Random(202607), min(860, (today - FIRST_SIGNED_ON).days)
    for employer in employers:
        for _ in range(counts.get(employer, 4)):
            contractor = chance.choice([*contractors, "contractor", "contractor", "contractor", "contractor2"])
            signed_on = today - timedelta(days=chance.randint(18, oldest))
            found.append(drawing.work(employer, contractor, signed_on=signed_on))
    return found


def unknown(drawing: Drawing, *, today: date) -> list[Work]:
    """Works that their employers never entered: only the regulator's register knows them."""
    employers = ("employer-04", "employer-09", "employer-17", "employer-22")
    return [
        drawing.work(employer, "contractor-05", signed_on=today - timedelta(days=120 + 30 * number))
        for number, employer in enumerate(employers)
    ]


def plan(agenda: Agenda, stage: Stage, works: list[Work], *, today: date) -> None:
    """Put the entering of the works on the agenda, each after its permit, and what their contractors say of them."""
    for number, work in enumerate(works):
        day = work.permitted_on + timedelta(days=1)
        agenda.add(at(day, 8, number % 60), _entering(stage, work))
        terms.plan(agenda, stage, work, number, entered_on=day, today=today)


def _entering(stage: Stage, work: Work) -> Callable[[], None]:
    def enter() -> None:
        contact, phone, manager, manager_phone = work.people
        with stage.acting(work.employer):
            project = save(
                Project,
                {
                    "name": work.name,
                    "kind": work.kind,
                    "permit_no": work.permit_no,
                    "permitted_on": work.permitted_on,
                    "region_code": work.region_code,
                    "address": work.address,
                    "start_on": work.start_on,
                    "finish_on": work.finish_on,
                    "contact": contact,
                    "phone": phone,
                },
            )
            contract = save(
                Contract,
                {
                    "project_id": project.id,
                    "contractor_id": stage.organisations[work.contractor],
                    "contract_type": "epc" if work.price >= 300_000_000 else "construction",
                    "contract_no": work.contract_no,
                    "price": work.price,
                    "signed_on": work.signed_on,
                    "start_on": work.start_on,
                    "finish_on": work.finish_on,
                    "contact": manager,
                    "phone": manager_phone,
                },
            )
            work.contract_id = contract.id

    return enter


def _region(party: Party, chance: random.Random) -> str:
    if party.key == "employer":
        return chance.choice(("4601P1", "4601P1", "4601P1", "460108", "460107"))
    if party.region_code == "460100":
        return chance.choice(("460105", "460106", "460108"))
    return party.region_code


def _places(party: Party) -> list[str]:
    table = {words[0]: words[1:] for words in map(str.split, _PLACES.strip().splitlines())}
    return table.get(party.key) or table[party.region_code]


def _city(region: str) -> str:
    return _CITIES.get(region) or _CITIES[region[:4]]
