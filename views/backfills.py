"""我的担保 → 保函模式 → 补录: letters that were settled offline, one by one or from a workbook (手册 2.2.1.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import url_for
from sqlalchemy import ColumnElement

from app.core.clock import today
from app.core.words import _, localized
from app.imports.rows import Importer, Reference
from app.ledger import calendars, policies
from app.web import cells
from app.web.listing import Search
from app.web.pages import Cell, Notice
from models.attachment import Category
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.fields import Look
from models.grammar.kinds.yes_no import ANSWERS
from models.grammar.screen import CONTRACTOR_PART, EMPLOYER_PART, FROM_CONTRACT, PROJECT_PART
from models.grammar.viewer import EMPLOYER, Viewer
from models.grammar.workflow import roles
from models.guarantor import ON_FILE, Guarantor
from models.letters.backfillable import REQUIRED, UNACKNOWLEDGED
from models.letters.underwriting import policy_key
from models.modes.letter import Letter
from models.parts import PARTS_PART
from models.rules import backfill
from views.frame.imports import ImportingView
from views.frame.pickers import Picker
from views.guarantees import (
    CONTRACT_PICKER,
    GUARANTOR_PICKER,
    PARTIES,
    GuaranteeView,
    explain_amount,
    mode_screens,
)

OF_THE_LETTER = frozenset({"show", "file", "delete", "do", "urge", "bulk"})
PAPERS = ("scan", "contract", "agreement", "other")
FILED_PICKER = replace(
    GUARANTOR_PICKER,
    where=lambda _viewer: (Guarantor.state.in_(ON_FILE),),
    fill=lambda filing: {"guarantor_name": filing.name, "guarantor_uscc": filing.uscc},
)


def _late(word: str) -> ColumnElement[bool]:
    return Letter.late_days > 0 if word == "1" else (Letter.late_days == 0) | Letter.late_days.is_(None)


def _confirmed(word: str) -> ColumnElement[bool]:
    return Letter.acknowledged_at.is_not(None) if word == "1" else Letter.acknowledged_at.is_(None)


class BackfillView(ImportingView):
    """S5 新增工程担保补录业务 and the list of what was backfilled; a letter's page and steps are the letters' own."""

    model = Letter
    route_base = "/backfills"
    menu_category = "工程款支付担保监管"
    list_title = "补录"
    noun = "补录"
    add_title = "新增工程担保补录业务"
    edit_title = "修改工程担保补录业务"
    add_label = "补录"
    submit_with = "submit_backfill"
    watches_findings = True
    explains = True
    opens: ClassVar = {"list": PARTIES, "export": PARTIES, "add": roles(EMPLOYER), "edit": roles(EMPLOYER)}
    exclude_route_methods: ClassVar = set(OF_THE_LETTER)
    main_column = "project_name"
    list_columns = (
        "number",
        "policy_no",
        "project_name",
        "guarantor_name",
        "amount",
        "state",
        "backfill_kind",
        "settled_on",
        "late_days",
    )
    column_labels: ClassVar[Mapping[str, str]] = {"number": "保函编号"}
    column_looks: ClassVar[Mapping[str, Look]] = {"number": Look.CODE}
    sortable = ("amount",)
    search_boxes = (
        "project_name",
        "guarantor_name",
        "policy_no",
        "letter_no",
        "backfill_kind",
        Search("late", "是否逾期补录", _late, ANSWERS),
        Search("confirmed", "保证人是否确认", _confirmed, ANSWERS),
        "settled_on",
    )
    readonly = FROM_CONTRACT
    form_parts: ClassVar = (
        (
            "保函信息",
            (
                "settled_on",
                "product",
                "guarantor_id",
                "guarantor_name",
                "guarantor_uscc",
                "policy_no",
                "starts_on",
                "ends_on",
                "premium",
                "letter_kind",
            ),
        ),
        PROJECT_PART,
        EMPLOYER_PART,
        CONTRACTOR_PART,
        ("投保信息", ("contract_type", "contract_no", "contract_price", "agreed", "uses_fiscal", "amount", "share")),
        PARTS_PART,
    )
    pickers: ClassVar[Mapping[str, Picker]] = {"contract_id": CONTRACT_PICKER, "guarantor_id": FILED_PICKER}
    importer: ClassVar = Importer(
        Letter,
        columns=(
            "contract_id",
            "permit_no",
            "product",
            "guarantor_uscc",
            "guarantor_name",
            "settled_on",
            "policy_no",
            "starts_on",
            "ends_on",
            "premium",
            "amount",
            "letter_kind",
        ),
        key="policy_no",
        beside=("guarantor_uscc",),
        required=REQUIRED | {"guarantor_uscc", "guarantor_name"},
        given={"backfilled": True, "uses_fiscal": False},
        then="hand_in",
        unique={"policy_key": lambda row: policy_key(row.get("guarantor_uscc"), row.get("policy_no") or "")},
        own=lambda who: (Letter.employer_id == who.organisation_id, Letter.backfilled.is_(True)),
        references={
            "contract_id": Reference(
                "合同编号",
                Contract,
                ("contract_no",),
                where=lambda who: (Contract.employer_id == who.organisation_id,),
            )
        },
        warn_only=frozenset({"guarantor_uscc"}),
        example={
            "contract_id": "示例合同-2024-001",
            "permit_no": "460108202405150101",
            "product": "bank_letter",
            "guarantor_uscc": "91460000MA5TM8HD9J",
            "guarantor_name": "某保证人",
            "settled_on": "2024-05-15",
            "policy_no": "示例-4560218",
            "starts_on": "2024-05-15",
            "ends_on": "2025-05-31",
            "premium": "1000",
            "amount": "1613",
            "letter_kind": "independent",
        },
    )

    def rows(self, who: Viewer) -> tuple[ColumnElement[bool], ...]:
        """What was backfilled, by either side."""
        return (Letter.backfilled.is_(True),)

    def given(self) -> Mapping[str, Any]:
        """Every letter of this screen is a backfilled one."""
        return {"backfilled": True}

    def requires(self, name: str) -> bool:
        """What is on the paper; the guarantor is chosen or typed."""
        typed = REQUIRED | {"guarantor_name", "guarantor_uscc"}
        return name in typed or (name != "guarantor_id" and super().requires(name))

    def papers(self) -> Sequence[Category]:
        """The scan of the letter first."""
        return [each for name in PAPERS for each in Letter.attachments if each.name == name]

    def may(self, permission: str) -> bool:
        """A letter's page, files and steps are opened by the letters' own screen."""
        return letter_screen().may(permission) if permission in ("show", "do") else super().may(permission)

    def url(self, method: str, **values: Any) -> str:
        """A letter's page, files and steps are the letters' own."""
        return url_for(f"LetterView.{method}", **values) if method in OF_THE_LETTER else super().url(method, **values)

    def start_values(self) -> Mapping[str, Any]:
        """As an application starts, but for 担保类型: the paper says it; a contract may be named by the link."""
        return GuaranteeView.start_values(letter_screen())

    def cell(self, record: Record, name: str) -> Cell:
        """As the letters show it; a letter that was accepted without its guarantor's word is marked."""
        assert isinstance(record, Letter)
        if name == "state" and record.letter_no and record.is_unacknowledged and record.state != "unconfirmed":
            return Cell(_(UNACKNOWLEDGED), Look.TAG, "orange")
        return letter_screen().cell(record, name)

    def form_notices(self, record: Record | None) -> tuple[Notice, ...]:
        """Which days are taken, and the way to a guarantor that is not on file."""
        policy = policies.on(today())
        params = {"cut_off": policy.backfill_cut_off_on, "days": policy.backfill_days}
        texts = {
            "both": _("%(cut_off)s 之前办结的为历史补录；此日起线下办结的应在办理完成后 %(days)s 日内补录", **params),
            "before": _("仅补录 %(cut_off)s 之前办结的保函，此日起的请线上办理", **params),
            "on_or_after": _("仅补录 %(cut_off)s 起线下办结的保函，应在办理完成后 %(days)s 日内补录", **params),
        }
        invite = _("保证人尚未备案的，填写其名称和统一社会信用代码，保存或提交后可在详情页邀请保证人备案")
        return (Notice(texts[policy.backfill_mode], "info"), Notice(invite, "info"))

    def explain(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The kind of the backfill and whether it is late, besides what is said of the amount."""
        shown = explain_amount(values, check=backfill.check_amount)
        settled_on = values.get("settled_on")
        if settled_on is None:
            return shown
        policy, day = policies.on(today()), today()
        found = backfill.check(settled_on, today=day, ends_on=values.get("ends_on"), policy=policy)
        if found:
            lines = [_line(localized(each), "danger") for each in found]
            return {**shown, "lines": [*shown["lines"], *lines]}
        kind = backfill.KINDS[backfill.kind_of(settled_on, policy)]
        holidays = calendars.current()
        late = backfill.late_days(settled_on, today=day, policy=policy, holidays=holidays)
        due = backfill.due_on(settled_on, policy=policy, holidays=holidays)
        text = _(kind)
        if due is not None:
            text = _("%(kind)s，补录期限 %(day)s", kind=_(kind), day=cells.due(due))
        if late:
            text = _("%(kind)s，补录期限 %(day)s，逾期 %(late)s 天补录", kind=_(kind), day=cells.due(due), late=late)
        return {**shown, "lines": [*shown["lines"], _line(text, "warning" if late else "info")]}


def letter_screen() -> GuaranteeView:
    """The registered screen of the letters."""
    return next(view for view in mode_screens() if view.model is Letter)


def _line(text: str, tone: str) -> dict[str, str]:
    return {"for": "settled_on", "text": text, "tone": tone}
