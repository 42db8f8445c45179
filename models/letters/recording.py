"""A letter that its guarantor has issued on paper when the application comes in: one records it, another approves.

It binds the guarantor like a letter that is issued here, so that it needs the same two people.
"""

from typing import Any

from models.grammar.viewer import GUARANTOR, PREPARE, REVIEW
from models.grammar.workflow import FollowUp, Inputs, Moment, Transition, roles
from models.letters import backfill, underwriting
from models.letters.filings import settled_while_open
from models.rules.problem import Problem


def _settled_after_the_application(letter: Any, inputs: Inputs, at: Moment) -> list[Problem]:
    """Who applies for a letter has none yet: one that is older than its application is kept, and said."""
    settled_on, asked_at = inputs.get("settled_on", letter.settled_on), letter.submitted_at
    if settled_on is None or asked_at is None or settled_on >= asked_at.date():
        return []
    message = "业务办结时间%(day)s早于建设单位提交申请的%(asked)s，请核对扫描件上的出具日期"
    return [Problem(message, "settled_on", {"day": settled_on, "asked": asked_at.date()}, blocking=False)]


def _record(letter: Any, inputs: Inputs, at: Moment) -> None:
    """Who signed on paper is nobody's choice here any more."""
    letter.backfilled, letter.prepared_by_id, letter.signatory_id = True, at.viewer.user_id, None
    backfill.enter(letter, at)


def _approve(letter: Any, inputs: Inputs, at: Moment) -> list[FollowUp]:
    letter.reviewed_by_id = at.viewer.user_id
    return backfill.acknowledge(letter, inputs, at)


def _rework(letter: Any, inputs: Inputs, at: Moment) -> None:
    """What goes back is the application that it was: it may be issued here, or be recorded anew."""
    underwriting.free_policy_number(letter, inputs, at)
    letter.backfilled = False
    letter.settled_on = letter.backfilled_at = letter.backfill_kind = letter.late_days = None


_STILL_SOUND = (
    backfill.settled_after_signing,
    settled_while_open,
    _settled_after_the_application,
    underwriting.covers_the_minimum_kept,
    underwriting.contract_is_unchanged_since,
    backfill.scan_is_there,
)
TRANSITIONS = (
    Transition(
        "record",
        "补录已出具保函",
        roles("submitted"),
        "prepared",
        by=roles(GUARANTOR),
        duty=PREPARE,
        asks=("settled_on", "policy_no", "starts_on", "ends_on", "premium", "letter_kind"),
        attach=(backfill.SCAN,),
        guards=(
            backfill.settled_day_is_sound,
            backfill.terms_are_sound,
            underwriting.kind_suits_guarantor,
            *_STILL_SOUND,
        ),
        effect=_record,
        note="保函已在线下出具的，录入保函信息并上传扫描件，由本机构另一名复核人员核对后生成保函编号，由施工单位确认",
    ),
    Transition(
        "approve_record",
        "复核补录",
        roles("prepared"),
        "issued",
        by=roles(GUARANTOR),
        duty=REVIEW,
        not_by="prepared_by_id",
        only_if="backfilled",
        guards=(underwriting.reviewer_is_another_person, *_STILL_SOUND),
        effect=_approve,
        binding=True,
        tone="primary",
        event_tone="green",
        confirm="确认本机构已出具该保函，且补录内容与扫描件一致；复核后生成保函编号，不能撤销",
    ),
    Transition(
        "rework_record",
        "退回经办",
        roles("prepared"),
        "submitted",
        by=roles(GUARANTOR),
        duty=REVIEW,
        only_if="backfilled",
        asks=("reason",),
        undoes=("record",),
        effect=_rework,
        event_tone="orange",
    ),
)
