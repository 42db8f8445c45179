"""合同编号, and how a contract without one says so (手册 2.2.1.4: 若无编号请填写无)."""

import re

from models.rules.half_width import without_blanks

NONE = "无"
HINT = "若无编号请填写无"
_NONE_WRITTEN = re.compile(r"\W*[\u65e0\u7121](\u5408\u540c)?(\u7f16\u53f7)?\W*")  # 无 or 無, 合同, 编号


def normalise(text: str) -> str:
    """The number as it is typed; `NONE` where it says in one way or another that there is none."""
    return NONE if _NONE_WRITTEN.fullmatch(without_blanks(text)) else text
