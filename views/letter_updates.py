"""担保更新事项 and 停工登记: what a letter is to be updated for within 10 days, and why (手册 2.2.3)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import request
from sqlalchemy import exists, select

from app.core.clock import today
from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _
from app.cover import reckoning
from app.ledger import loading
from app.web import cells
from app.web.pages import Check, Link, Section
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.viewer import CONTRACTOR, EMPLOYER, GUARANTOR, REGULATOR
from models.grammar.workflow import roles
from models.guarantee import Guarantee
from models.letter_update import LetterUpdate
from models.modes.letter import Letter
from models.rules.amendments import RESUMPTION, STOPPAGE
from models.stoppage import Stoppage
from views.amendment_sections import kinds_dialog
from views.amendments import AmendmentView
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra
from views.guarantees import CONTRACT_PICKER, own_contracts
from views.letters import LetterView
from views.plans import CATEGORY

SITE = (STOPPAGE, RESUMPTION)
READERS = roles(EMPLOYER, CONTRACTOR, GUARANTOR, REGULATOR)


class LetterUpdateView(RecordView):
    """担保更新事项: the employer answers each with a change, or says why none is needed."""

    model = LetterUpdate
    route_base = "/letter-updates"
    menu_label = "担保更新事项"
    menu_category = CATEGORY
    menu_icon = "fa-list-check"
    menu_roles = READERS
    list_title = "担保更新事项"
    empty_text = "没有需要更新的保函"
    show_kind = "担保更新事项"
    figures = ("cause", "event_on", "due_on")
    opens: ClassVar = {"list": READERS, "show": READERS, "export": READERS, "do": roles(EMPLOYER)}
    exclude_route_methods: ClassVar = {"add", "edit", "delete", "explanation"}
    main_column = "project_name"
    own_names = PARTIES
    list_columns = (
        "project_name",
        "letter_no",
        "cause",
        "event_on",
        "state",
        "due_on",
        "met_on",
        "employer_id",
        "contractor_id",
        "guarantor_id",
    )
    search_boxes = ("project_name", "letter_no", "cause", "event_on", "due_on", "met_on")
    show_parts: ClassVar = (
        ("更新事项", ("letter_no", "employer_id", "contractor_id", "guarantor_id", "cause", "event_on", "met_on")),
    )

    def enrich(self, records: Sequence[Any]) -> None:
        """The parties of the page's rows."""
        loading.fill(records, LetterUpdate.employer, LetterUpdate.contractor, LetterUpdate.guarantor)

    def show_extra(self, record: Record) -> Extra:
        """The way to the letter, and to the change that answers it."""
        assert isinstance(record, LetterUpdate)
        tools = [Link(_("查看保函"), LetterView.address("show", pk=record.letter_id), icon="fa-shield-halved")]
        if record.amendment_id is not None:
            url = AmendmentView.address("show", pk=record.amendment_id)
            tools.append(Link(_("查看担保调整"), url, icon="fa-pen-to-square"))
        if record.state != "open" or not self.may("do") or not record.is_on_side(roles(EMPLOYER), viewer()):
            return Extra(tools=tuple(tools))
        tools.append(Link(_("变更"), "#modes", icon="fa-pen-to-square", tone="primary"))
        letter = db.session.get_one(Letter, record.letter_id)
        return Extra(tools=tuple(tools), dialog=kinds_dialog(letter, cause=record.cause, event_on=record.event_on))


class StoppageView(RecordView):
    """停工登记 of the employer."""

    model = Stoppage
    route_base = "/stoppages"
    menu_label = "停工登记"
    menu_category = "工程与合同"
    menu_icon = "fa-person-digging"
    menu_roles = roles(EMPLOYER, CONTRACTOR, REGULATOR)
    list_title = "停工登记"
    add_title = "登记停工"
    add_label = "登记停工"
    edit_title = "修改停工登记"
    show_kind = "停工登记"
    submit_with = "enter"
    figures = ("from_on", "resumed_on")
    opens: ClassVar = {
        "list": roles(EMPLOYER, CONTRACTOR, REGULATOR),
        "show": roles(EMPLOYER, CONTRACTOR, REGULATOR),
        "export": roles(EMPLOYER, CONTRACTOR, REGULATOR),
        "do": roles(EMPLOYER),
        "add": roles(EMPLOYER),
        "edit": roles(EMPLOYER),
    }
    exclude_route_methods: ClassVar = {"explanation"}
    main_column = "project_name"
    own_names = PARTIES
    list_columns = ("project_name", "contract_no", "state", "from_on", "resumed_on", "contractor_id", "employer_id")
    search_boxes = ("project_name", "contract_no", "from_on", "resumed_on")
    form_parts: ClassVar = (("停工信息", ("contract_id", "from_on", "cause")),)
    show_parts: ClassVar = (
        ("停工信息", ("contract_no", "employer_id", "contractor_id", "from_on", "cause", "resumed_on")),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {
        "contract_id": Picker(
            Contract,
            columns=("project_id", "contract_no", "contractor_id", "price"),
            headers=("工程名称", "合同编号", "施工单位", "合同金额(万元)"),
            search=CONTRACT_PICKER.search,
            where=own_contracts,
            shown="full_title",
        )
    }

    def enrich(self, records: Sequence[Any]) -> None:
        """The parties of the page's rows."""
        loading.fill(records, Stoppage.employer, Stoppage.contractor)

    def show_extra(self, record: Record) -> Extra:
        """What its letters are to be updated for."""
        assert isinstance(record, Stoppage)
        days = [each for each in (record.from_on, record.resumed_on) if each is not None]
        own = exists().where(Guarantee.id == LetterUpdate.letter_id, Guarantee.contract_id == record.contract_id)
        query = select(LetterUpdate).where(own, LetterUpdate.cause.in_(SITE), LetterUpdate.event_on.in_(days))
        checks = tuple(_asked_check(each) for each in db.session.scalars(query.order_by(LetterUpdate.id)))
        return Extra(sections=(Section(_("担保更新事项"), anchor="updates", checks=checks),) if checks else ())

    def start_values(self) -> Mapping[str, Any]:
        """It stands still since today, unless one says otherwise; the link may name the contract."""
        given = request.args.get("contract_id", "")
        contract = reckoning.contract_of(int(given)) if given.isdecimal() and len(given) < 10 else None
        known = {"contract_id": contract.id} if contract is not None else {}
        return {"from_on": today(), **known}

    def asked_values(self, record: Record, name: str) -> Mapping[str, Any]:
        """Work goes on since today, unless one says otherwise."""
        return {"resumed_on": today()} if name == "resume" else {}


def _asked_check(update: LetterUpdate) -> Check:
    fact = _("保函 %(no)s 应于 %(day)s 前更新", no=update.letter_no, day=cells.due(update.due_on))
    if update.state != "open":
        fact = _("保函 %(no)s", no=update.letter_no)
    link = Link(_("查看"), LetterUpdateView.address("show", pk=update.id))
    return Check("note" if update.state == "open" else "done", fact, cells.tag(cells.state_of(update)).text, link)
