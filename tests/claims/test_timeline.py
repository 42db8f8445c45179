"""The timeline of a letter: everything in its order, of which each side reads what its pages show it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.engine import transitions
from models.claim import Claim
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR, Viewer
from models.history import HistoryEntry
from models.modes.letter import Letter
from tests.bare import HERE, attachment, person, put, regulator, work
from tests.claims.said import claim, clerk, decide, in_force, pay, reviewer, step
from tests.plans.said import agreed, contract
from views import letter_timeline
from views.letter_timeline import Moment

DAY = date(2025, 9, 16)
ISSUE = datetime(2024, 6, 1, 9, tzinfo=SHANGHAI)
DESK = (
    ("submit", "提交", "draft", "submitted"),
    ("return", "退回补正", "submitted", "returned"),
    ("submit", "提交", "returned", "submitted"),
    ("prepare", "审核通过", "submitted", "prepared"),
    ("rework", "退回经办", "prepared", "submitted"),
    ("prepare", "审核通过", "submitted", "prepared"),
    ("issue", "出具保函", "prepared", "issued"),
    ("confirm", "确认保函", "issued", "confirmed"),
)
OPEN = ["出具保函", "确认保函"]
_ids = count(2_000_000)


@pytest.fixture
def letter_id(bare: Flask) -> int:
    """A letter whose guarantor sent it back before it was issued, with its plan and a claim that was paid in part."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    key = in_force(bare, contract_id, amount="1613000")
    for number, (action, label, before, after) in enumerate(DESK):
        put(bare, _entry(key, action, label, before, after, ISSUE - timedelta(hours=6 - number)))
    put(bare, attachment("letter", key, name="施工合同.pdf", uploaded_at=ISSUE))
    claim_id = claim(bare, key, ("1", "700000"), day=DAY)
    step(bare, claim_id, "say", by=person(EMPLOYER), day=DAY, reason="已付一部分")
    decide(bare, claim_id, "500000", day=DAY, remark="其余部分证明不足")
    pay(bare, claim_id, day=DAY)
    return key


def _entry(key: int, action: str, label: str, before: str, after: str, at: datetime) -> HistoryEntry:
    number = next(_ids)
    said = {"action": action, "label": label, "from_state": before, "to_state": after, "at": at}
    hashes = {"previous_hash": "0" * 64, "hash": f"{number:064d}"}
    who = {"actor_id": 1, "actor_name": "某人", "record_type": "letter", "record_id": key}
    return HistoryEntry(id=number, **who, **said, **hashes)


def moments(app: Flask, key: int, who: Viewer) -> list[Moment]:
    """What this viewer reads of it."""
    with work(app, who, DAY), app.test_request_context():
        letter = transitions.find(Letter, key)
        assert isinstance(letter, Letter)
        return letter_timeline.of_letter(letter)


def claim_on(app: Flask, letter_id: int) -> int:
    """The claim on the letter."""
    with work(app, person(CONTRACTOR), DAY):
        return db.session.scalars(select(Claim.id).where(Claim.letter_id == letter_id)).one()


def deeds(found: list[Moment], sort: str) -> list[str]:
    return [each.title for each in found if each.sort == sort]


WHOLE = ["新增", "提交", "提交意见", "同意赔付并提交复核", "复核通过", "登记赔付"]


def test_it_tells_its_guarantor_everything_from_the_application_to_the_payout_in_its_order(
    bare: Flask, letter_id: int
) -> None:
    found = moments(bare, letter_id, person(GUARANTOR))
    assert deeds(found, "letter") == [label for _action, label, _before, _after in DESK]
    assert deeds(found, "version") == ["第 1 版"]
    assert deeds(found, "claim") == WHOLE
    assert deeds(found, "letter_update") == ["生成更新事项"]
    assert {"施工合同：施工合同.pdf", "理赔证明文件：凭证.pdf", "银行付款回单：凭证.pdf"} == {
        title.replace("contract：", "施工合同：") for title in deeds(found, "paper")
    }
    assert [each.at for each in found] == sorted(each.at for each in found)


@pytest.mark.parametrize("who", [person(EMPLOYER), regulator(HERE)])
def test_it_tells_the_others_all_but_what_two_people_of_the_guarantor_say_to_each_other(
    bare: Flask, letter_id: int, who: Viewer
) -> None:
    found = moments(bare, letter_id, who)
    assert deeds(found, "letter") == ["提交", "退回补正", "提交", "审核通过", "审核通过", "出具保函", "确认保函"]
    assert deeds(found, "version") == ["第 1 版"]
    assert deeds(found, "claim") == [each for each in WHOLE if each != "同意赔付并提交复核"]
    assert [each.at for each in found] == sorted(each.at for each in found)


def test_a_contractor_reads_nothing_of_what_only_the_guarantors_desk_knows(bare: Flask, letter_id: int) -> None:
    found = moments(bare, letter_id, person(CONTRACTOR))
    assert deeds(found, "letter") == OPEN
    assert not [each for each in found if "退回" in each.title or "审核" in each.title]
    assert deeds(found, "claim")[-1] == "登记赔付"


def sums(found: list[Moment]) -> dict[str, str]:
    """What the steps of the claim say of money, by step."""
    return {
        each.title: each.comment.split("\n")[0] for each in found if each.sort == "claim" and "万元" in each.comment
    }


@pytest.mark.parametrize("role", [CONTRACTOR, EMPLOYER, REGULATOR])
def test_a_payout_and_its_recovery_are_told_with_their_sums(bare: Flask, letter_id: int, role: str) -> None:
    key = claim_on(bare, letter_id)
    step(bare, key, "recover", by=clerk(), day=DAY, recovery=Decimal(200_000), reason="建设单位偿还")
    step(bare, key, "recover", by=clerk(), day=DAY, recovery=Decimal(50_000), reason="建设单位又偿还")
    found = moments(bare, letter_id, regulator(HERE) if role == REGULATOR else person(role))
    told = sums(found)
    assert (told["提交"], told["登记赔付"]) == ("占用金额(万元)：70.00", "赔付金额(万元)：50.00")
    assert "同意赔付并提交复核" not in told
    assert [each.comment.split("\n")[0] for each in found if each.title == "登记追偿"] == [
        "本次追偿金额(万元)：20.00；已追偿金额(万元)：20.00",
        "本次追偿金额(万元)：5.00；已追偿金额(万元)：25.00",
    ]


def test_what_was_worked_out_and_sent_back_is_told_to_the_guarantor_alone_as_it_was_then(
    bare: Flask, letter_id: int
) -> None:
    key = claim(bare, letter_id, ("2", "300000"), day=DAY)
    step(bare, key, "decide", by=clerk(), day=DAY, payout=Decimal(111_100), remark="核减")
    step(bare, key, "rework", by=reviewer(), day=DAY, reason="再核")
    step(bare, key, "decide", by=clerk(), day=DAY, payout=Decimal(222_200), remark="核减")
    of_desk = moments(bare, letter_id, person(GUARANTOR))
    decided = [each.comment for each in of_desk if each.title == "同意赔付并提交复核"]
    told = {text.split("\n")[0] for text in decided}
    assert told == {f"赔付金额(万元)：{each}" for each in ("50.00", "11.11", "22.22")}
    for who in (person(CONTRACTOR), person(EMPLOYER), regulator(HERE)):
        assert not [
            each for each in moments(bare, letter_id, who) if "11.11" in each.comment or "22.22" in each.comment
        ]


def test_a_draft_of_a_claim_is_its_contractors_alone(bare: Flask, letter_id: int) -> None:
    draft = claim(bare, letter_id, ("2", "1000"), day=DAY, then="")
    assert len(deeds(moments(bare, letter_id, person(CONTRACTOR)), "claim")) == 6
    assert len(deeds(moments(bare, letter_id, clerk()), "claim")) == 6
    assert draft
