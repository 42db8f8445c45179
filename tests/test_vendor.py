"""What was taken over whole from others is kept as it was, with its licence."""

from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "app/web/static/vendor"
KEPT = {
    "echarts.LICENSE": "634293835b43a6dd2094fa39182a3d9a6b9ca43b7fdb9ac354e8037af2a3093a",
    "echarts.NOTICE": "d491d358344f842685c1b1585970999db65fe30ecf7ef3867af8814f4016c016",
    "echarts.common.min.js": "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5",
}
"""Apache ECharts 6.1.0, the common build, by the npm package of that name."""


def test_nothing_of_it_was_changed_and_nothing_else_lies_there() -> None:
    assert {file.name: sha256(file.read_bytes()).hexdigest() for file in VENDOR.iterdir()} == KEPT
