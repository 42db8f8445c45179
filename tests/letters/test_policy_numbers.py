"""The key that tells letters of one guarantor apart by their policy number."""

import pytest

from models.letters.underwriting import policy_key


@pytest.mark.parametrize("policy_no", ["ŉ" * 60, "ß" * 60, "ﬃ" * 60, "\uff41\uff42\uff0d\uff11\uff12" * 10])
def test_the_key_of_a_policy_number_has_no_more_signs_than_code_and_number(policy_no: str) -> None:
    assert len(policy_key("91460000MA5TPGXG3G", policy_no)) <= 18 + 1 + 60


def test_one_policy_number_is_one_however_it_is_typed() -> None:
    assert policy_key("X", " pdz \uff41\uff11 ") == policy_key("X", "PDZA1")
