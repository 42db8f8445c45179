"""A suspended guarantor takes no new business, and what it settled meanwhile is not backfilled either."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.refusals import Refused
from app.engine import transitions
from models.guarantor import Guarantor
from models.modes.letter import Letter
from tests.contract.world import filing_of
from tests.modes.accounts import findings_of, hang, look, on, refusal
from tests.modes.test_backfill import DAY, OLD, STRANGE, draft, submitted, take

pytestmark = pytest.mark.databases("sqlite", "postgres")
TYPED = ("settled_on", "policy_no", "starts_on", "ends_on", "premium")


def turned(app: Flask, *steps: str, day: date) -> None:
    """The regulator's steps of the guarantor's filing, on that day."""
    for step in steps:
        with on(app, "regulator", day):
            transitions.perform(Guarantor, filing_of("guarantor"), step, inputs={"reason": "检查"})


def test_a_suspended_guarantor_records_nothing_that_it_settled_after_its_suspension(app: Flask, client_of: Any) -> None:
    suspended_on, settled_on = date(2026, 3, 2), date(2026, 3, 5)
    before, after = submitted(app, settled_on=suspended_on), submitted(app, settled_on=settled_on)
    strange = submitted(app, **{**STRANGE, "settled_on": OLD})
    application = draft(app, backfilled=False, scan=False, **dict.fromkeys(TYPED))
    hang(app, application, "contract", mode=Letter)
    take(app, application, "submit")
    hang(app, application, "scan", mode=Letter, by="guarantor")
    page = client_of("contractor").get("/guarantors/list/").text
    turned(app, "suspend", day=suspended_on)
    after_it = client_of("contractor").get("/guarantors/list/").text
    assert after_it.count(">暂停新业务<") == page.count(">暂停新业务<") + 1
    told = "于2026-03-05办结的保函不能补录，请核对业务办结时间；确于该日办结的，请由其他保证人办理"
    recorded = {"policy_no": "停-1", "starts_on": settled_on, "ends_on": date(2031, 6, 30), "premium": Decimal(1)}
    kind = {"letter_kind": "independent"}
    for key, step, given in (
        (after.id, "acknowledge", {}),
        (application, "record", {**recorded, **kind, "settled_on": settled_on}),
        (draft(app, settled_on=settled_on), "submit_backfill", {}),
    ):
        state = look(app, Letter, key).state
        with pytest.raises(Refused) as info:
            take(app, key, step, **given)
        assert "自2026-03-02起停止受理新业务" in refusal(info)["settled_on"] and told in refusal(info)["settled_on"]
        assert look(app, Letter, key).state == state
    take(app, before.id, "acknowledge")
    take(app, application, "record", **recorded, **kind, day=DAY, settled_on=suspended_on)
    take(app, application, "approve_record")
    assert look(app, Letter, application).state == look(app, Letter, before.id).state == "issued"
    doubt = "自2026-03-02起停止受理新业务，此后补录其于2026-03-02办结的保函，请主管部门核对保函原件"
    assert all(doubt in findings_of(look(app, Letter, key)) for key in (before.id, application))
    assert strange.letter_no
    turned(app, "resume", day=date(2026, 3, 8))
    with pytest.raises(Refused, match="停止受理新业务"):
        take(app, after.id, "acknowledge")
