"""Names for very many organisations and projects: a few places and words, so that they repeat as real ones do."""

import random
from collections.abc import Sequence

from models.rules import regions, uscc

FREQUENT, RARE, ABSENT = "安置房", "航天发射场", "没有这样的工程"
"""Words of project names: in one of ten, in one of a few thousand, in none."""

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BRANDS = (
    "椰海",
    "昌茂",
    "宏基",
    "鑫源",
    "恒泰",
    "中恒",
    "金盘",
    "海岛",
    "琼建",
    "南方",
    "华信",
    "万绿",
    "东山",
    "五源",
    "博昌",
    "龙泉",
    "兴隆",
    "振海",
    "永盛",
    "国兴",
)
EMPLOYER_KINDS = ("置业有限公司", "城市投资有限公司", "房地产开发有限公司", "基础建设有限公司")
CONTRACTOR_KINDS = ("建设工程有限公司", "建筑工程有限公司", "市政工程有限公司", "建工集团有限公司")
GUARANTOR_KINDS = {
    "bank": "银行股份有限公司",
    "insurer": "财产保险股份有限公司",
    "guarantee_company": "融资担保有限公司",
}
WORKS = ("学校教学楼", "人才公寓", "道路改造工程", "污水处理厂", "医院门诊楼", "产业园厂房", "商业综合体", "住宅小区")
PARTS = ("", "一期", "二期", "三期", "（A区）", "（B区）", "1#地块", "3#地块")
REGION_WEIGHTS = {"460100": 40, "4601P1": 60, "460106": 90, "460105": 70, "460107": 60, "460108": 70, "460203": 80}


class Inventor:
    """Draws names and codes; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        codes = [code for code in regions.REGIONS if code != regions.PROVINCE]
        self.regions = codes
        self._region_weights = [REGION_WEIGHTS.get(code, 12) for code in codes]

    def region(self) -> str:
        """A region's code; Haikou and Sanya come most often."""
        return self.random.choices(self.regions, self._region_weights)[0]

    def uscc(self, region_code: str) -> str:
        """A valid 统一社会信用代码 registered in that region."""
        authority = region_code if region_code.isdecimal() else region_code[:4] + "00"
        rest = "".join(self.random.choices(SIGNS, k=6))
        return uscc.with_check_digit(f"91{authority}MA9{rest}")

    def company(self, region_code: str, kinds: Sequence[str]) -> str:
        """A company's name; out of a few thousand possible ones."""
        brand = "".join(self.random.sample(BRANDS, 2)) if self.random.random() < 0.5 else self.random.choice(BRANDS)
        return f"{short(region_code)}{brand}{self.random.choice(kinds)}"

    def project(self, region_code: str) -> str:
        """A project's name, with FREQUENT in one of ten and RARE in one of five thousand."""
        dice = self.random.random()
        work = RARE if dice < 0.0002 else FREQUENT if dice < 0.1 else self.random.choice(WORKS)
        name = f"{short(region_code)}{self.random.choice(BRANDS)}{self.random.randint(1, 60)}号{work}"
        return name + self.random.choice(PARTS)


def short(region_code: str) -> str:
    """The region's name without 市, 县 or 区."""
    return regions.name(region_code).rstrip("市县区")[:4]
