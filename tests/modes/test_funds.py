"""An account at its filing, at the door itself: the minimum of the day of its submission still has to be reached."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from app.core.refusals import Refused
from app.engine import transitions
from models.funds.fund import Fund
from models.modes.escrow import Escrow
from models.modes.presale import Presale
from tests.bare import HERE, MINIMUM, ORGANISATION, escrow, look, presale, put, regulator, work

FEN = Decimal("0.01")
OFFICE = regulator(HERE, organisation_id=ORGANISATION["regulator"])
MODES = pytest.mark.parametrize(("mode", "made"), [(Escrow, escrow), (Presale, presale)], ids=["escrow", "presale"])


@MODES
def test_an_account_below_the_minimum_is_not_filed(bare: Flask, mode: type[Fund], made: Callable[..., Fund]) -> None:
    key = put(bare, made("agreed", amount=MINIMUM - FEN))
    before = look(bare, mode, key)
    with work(bare, OFFICE), pytest.raises(Refused) as refusal:
        transitions.perform(mode, key, "file")
    message = (
        "担保金额161.299999万元低于最低担保金额161.3万元，还差0.000001万元，"
        "请提高担保金额，或在“拟分项提供的担保”中填写后续担保补足差额"
    )
    assert [problem.text for problem in refusal.value.problems] == [message]
    assert look(bare, mode, key) == before


@MODES
def test_an_account_at_the_minimum_is_filed(bare: Flask, mode: type[Fund], made: Callable[..., Fund]) -> None:
    key = put(bare, made("agreed"))
    with work(bare, OFFICE):
        transitions.perform(mode, key, "file")
    assert look(bare, mode, key)["state"] == "filed"
