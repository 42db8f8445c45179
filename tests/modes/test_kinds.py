"""保函性质 of letters that were settled offline: it suits the guarantor, and may be said later."""

from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Lost, Refused
from app.engine import transitions
from models.letters.kind import kind_that_counts
from models.modes.letter import Letter
from tests.modes.accounts import look, on, refusal
from tests.modes.test_backfill import DAY, STRANGE, against, submitted, take

pytestmark = pytest.mark.databases("sqlite", "postgres")


def test_the_kind_that_a_backfill_left_open_is_said_later(app: Flask, client_of: Any) -> None:
    letter = submitted(app)
    take(app, letter.id, "acknowledge")
    assert (letter.letter_kind, kind_that_counts(letter)) == (None, "dependent")
    assert "未载明，按非独立保函处理" in client_of("contractor").get(f"/letters/show/{letter.id}").text
    with on(app, "employer", DAY), pytest.raises(Lost):
        transitions.perform(Letter, letter.id, "state_kind", inputs={"letter_kind": "independent"})
    with pytest.raises(Refused) as info:
        take(app, letter.id, "state_kind", letter_kind="insurance")
    assert refusal(info) == {"letter_kind": "担保类型为银行工程款支付保函，保函性质不能是保证保险，请重新选择"}
    take(app, letter.id, "state_kind", letter_kind="independent")
    assert kind_that_counts(look(app, Letter, letter.id)) == "independent"
    assert "未载明" not in client_of("contractor").get(f"/letters/show/{letter.id}").text
    with pytest.raises(Lost):
        take(app, letter.id, "state_kind", letter_kind="dependent")


def test_a_company_that_is_no_bank_backfills_no_independent_letter(app: Flask) -> None:
    told = against(app, product="company_letter", letter_kind="independent", **STRANGE)
    assert told["letter_kind"] == "独立保函（见索即付）不能由担保公司出具，只能由银行出具，请重新选择"
