"""合同编号 无: however it is written, it says that there is no number."""

import pytest

from models.rules.contract_numbers import NONE, normalise


@pytest.mark.parametrize("typed", ["无", " 无 ", "无。", "（无）", "　无　", "无.", "無", "无编号", "“无”", "无 编 号"])
def test_no_number_is_one_word_however_it_is_written(typed: str) -> None:
    assert normalise(typed) == NONE


@pytest.mark.parametrize("typed", ["SG-202405-0001", "无锡-001", "无001", "合同无", "0"])
def test_a_number_stays_as_it_is_typed(typed: str) -> None:
    assert normalise(typed) == typed
