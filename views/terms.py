"""合同条款: what a contract says of money and days, version by version; the contractor confirms or objects."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, request, url_for

from app.core.viewer import viewer
from app.core.words import _, localized
from app.cover import reckoning
from app.cover import terms as covers
from app.cover.terms import Effect
from app.ledger import loading
from app.web import cells
from app.web.pages import Cell, Check, Column, DiffRow, Link, Row, Section, Table
from models.contract import Contract
from models.grammar.base import Record
from models.grammar.columns import field_of
from models.grammar.fields import Look
from models.grammar.viewer import CONTRACTOR, EMPLOYER, REGULATOR
from models.grammar.workflow import roles
from models.rules.terms import difference
from models.terms import STATES, TERMS, ContractTerms
from views import letter_prices
from views.cover_bars import wan
from views.frame.base import RecordView
from views.frame.pickers import Picker
from views.frame.screen import PARTIES, Extra
from views.guarantees import CONTRACT_PICKER, own_contracts

READERS = roles(EMPLOYER, CONTRACTOR, REGULATOR)
VERSION_NAMES = ("price", "finish_on", "confirmed_at", "state")


def _terms_of(contract: Contract) -> dict[str, str]:
    """The terms that count, as the form of a change begins with them."""
    typed = {name: (getattr(contract, name), field_of(Contract, name)) for name in TERMS}
    return {
        name: "" if value is None else declared.kind.typed(value, declared) for name, (value, declared) in typed.items()
    }


class TermsView(RecordView):
    """合同变更 of the employer, 合同确认 of the contractor, both versions side by side."""

    model = ContractTerms
    route_base = "/terms"
    menu_label = "合同条款"
    menu_category = "工程与合同"
    menu_icon = "fa-file-signature"
    menu_roles = READERS
    list_title = "合同条款"
    add_title = "提出合同变更"
    add_label = "提出合同变更"
    noun = "合同变更"
    save_label = "提交"
    figures = ("price", "finish_on", "due_on")
    opens: ClassVar = {
        "list": READERS,
        "show": READERS,
        "export": READERS,
        "do": READERS,
        "add": roles(EMPLOYER),
    }
    exclude_route_methods: ClassVar = {"edit", "delete", "explanation"}
    list_columns = (
        "project_name",
        "contract_no",
        "no",
        "state",
        "due_on",
        "price",
        "finish_on",
        "contractor_id",
        "employer_id",
        "agreed",
    )
    main_column = "project_name"
    own_names = PARTIES
    search_boxes = ("project_name", "contract_no", "price", "agreed", "due_on", "confirmed_at")
    form_parts: ClassVar = (("变更内容", ("contract_id", *TERMS, "cause")),)
    show_parts: ClassVar = (
        ("本版条款", ("contract_no", "no", "employer_id", "contractor_id", *TERMS, "cause", "due_on", "confirmed_at")),
    )
    pickers: ClassVar[Mapping[str, Picker]] = {
        "contract_id": Picker(
            Contract,
            columns=("project_id", "contract_no", "contractor_id", "price"),
            headers=("工程名称", "合同编号", "施工单位", "合同金额(万元)"),
            search=CONTRACT_PICKER.search,
            fill=_terms_of,
            where=own_contracts,
            shown="full_title",
        )
    }

    def start_values(self) -> Mapping[str, Any]:
        """A change begins with the terms that count of the contract that the link names."""
        given = request.args.get("contract_id", "")
        contract = reckoning.contract_of(int(given)) if given.isdecimal() and len(given) < 18 else None
        if contract is None or not contract.editable(viewer()):
            return {"agreed": False}
        return {"contract_id": contract.id, **contract.terms()}

    def enrich(self, records: Sequence[ContractTerms]) -> None:
        """The parties of the page's versions."""
        loading.fill(records, ContractTerms.employer, ContractTerms.contractor)

    def show_extra(self, record: Record) -> Extra:
        """Old beside new, what follows from a confirmation, and all versions."""
        assert isinstance(record, ContractTerms)
        versions = covers.versions_of(record.contract)
        other = _compared(record, versions)
        lead = [*letter_prices.of_terms(record)]
        if other is not None:
            lead.append(_diff(record, other))
        if record.state in ("proposed", "objected"):
            lead.append(_effects(record))
        show = Link(_("查看合同"), url_for("ContractView.show", pk=record.contract_id), icon="fa-file-lines")
        return Extra(lead=tuple(lead), sections=(versions_section(versions, open_=record),), tools=(show,))


def _compared(record: ContractTerms, versions: Sequence[ContractTerms]) -> ContractTerms | None:
    """The version that the link names; else the one that counts, or before that one the version before it."""
    asked = request.args.get("against", "")
    if asked:
        return next((each for each in versions if str(each.no) == asked), None) or abort(404)
    counting = record.contract.terms_no
    wanted = counting if record.no != counting else record.no - 1
    return next((each for each in versions if each.no == wanted), None)


def _diff(record: ContractTerms, other: ContractTerms) -> Section:
    old, new = sorted((record, other), key=lambda each: each.no)
    rows = tuple(_row(old, new, name) for name in TERMS)
    return Section(_("新旧对照"), anchor="diff", diff=rows, diff_heads=(_version(old), _version(new)))


def _row(old: ContractTerms, new: ContractTerms, name: str) -> DiffRow:
    before, after = getattr(old, name), getattr(new, name)
    shown = [cells.cell(each, name).text or "—" for each in (old, new)]
    changed = before != after
    text = _difference(before, after) if changed else _("未变")
    return DiffRow(cells.label(ContractTerms, name), shown[0], shown[1], text, changed=changed)


def _difference(before: Any, after: Any) -> str:
    found = difference(before, after)
    return "" if found is None else localized(found)


def _version(terms: ContractTerms) -> str:
    state = _counting(terms) or cells.tag(cells.state_of(terms)).text
    return _("第 %(number)s 版（%(state)s）", number=terms.no, state=state)


def _counting(terms: ContractTerms) -> str:
    """That the version counts: 现行 once both parties have said it, for the time being before."""
    if terms.no != terms.contract.terms_no:
        return ""
    if terms.contract.terms_state == "confirmed":
        return _("现行")
    return _("暂用，%(state)s", state=_(STATES[terms.contract.terms_state]))


def _meanwhile(record: ContractTerms) -> str:
    """By which version everything is reckoned until the contractor has confirmed this one."""
    contract = record.contract
    if contract.terms_state == "confirmed":
        return _("确认前，列表、担保核算仍按第 %(number)s 版条款，并标注本版待确认", number=contract.terms_no)
    return _(
        "本合同尚无经施工单位确认的条款；确认前，列表、担保核算暂按建设单位填报的第 %(number)s 版，并标注%(state)s",
        number=contract.terms_no,
        state=_(STATES[contract.terms_state]),
    )


def _effects(record: ContractTerms) -> Section:
    """What changes with the contractor's word: the minimum, the cover, a rise of the price."""
    found = covers.effect_of(record)
    checks = [_minimum_check(found), _cover_check(found)]
    if found.rise is not None:
        checks.append(_rise_check(found))
    checks += letter_prices.awaited_by(record)
    return Section(_("确认后的影响"), anchor="effects", checks=tuple(checks), note=_meanwhile(record))


def _minimum_check(found: Effect) -> Check:
    params = {"before": wan(found.before.minimum), "after": wan(found.after.minimum)}
    if found.before.minimum == found.after.minimum:
        return Check("done", _("最低担保金额不变"), _("仍为 %(after)s 万元", **params))
    fact = _("最低担保金额上调") if found.after.minimum > found.before.minimum else _("最低担保金额下调")
    return Check("note", fact, _("由 %(before)s 万元变为 %(after)s 万元", **params))


def _cover_check(found: Effect) -> Check:
    params = {"total": wan(found.after.total), "gap": wan(found.after.gap)}
    if not found.after.gap:
        return Check("done", _("现有担保足额"), _("现有担保 %(total)s 万元", **params))
    text = _("现有担保 %(total)s 万元，还差 %(gap)s 万元，确认后由建设单位补足", **params)
    return Check("note", _("现有担保不足"), text)


def _rise_check(found: Effect) -> Check:
    assert found.rise is not None
    rise, most = f"{found.rise:+.2f}%", f"{found.most.normalize():f}%"
    if found.rise > found.most:
        fact = _("合同价款上涨超过 %(most)s", most=most)
        return Check("note", fact, _("较现行条款 %(rise)s，确认后须重新核验担保", rise=rise))
    return Check("done", _("合同价款涨幅未超过 %(most)s", most=most), _("较现行条款 %(rise)s", rise=rise))


def versions_section(versions: Sequence[ContractTerms], *, open_: ContractTerms | None = None) -> Section:
    """All versions, the newest first, each leading to its page or, beside an open one, to the comparison."""
    columns = (
        Column("no", _("版本")),
        *(Column(name, _("状态") if name == "state" else cells.label(ContractTerms, name)) for name in VERSION_NAMES),
    )
    rows = tuple(
        Row(
            str(each.no),
            _("第 %(number)s 版", number=each.no),
            (Cell(_("第 %(number)s 版", number=each.no)), *(_version_cell(each, name) for name in VERSION_NAMES)),
            (_way(each, open_),) if each is not open_ else (),
        )
        for each in sorted(versions, key=lambda each: -each.no)
    )
    return Section(_("历次版本"), anchor="versions", table=Table(columns, rows))


def _version_cell(terms: ContractTerms, name: str) -> Cell:
    """What stands in the table; of the version that counts that it does."""
    if name == "state" and (counting := _counting(terms)):
        return Cell(counting, Look.TAG, "green" if terms.contract.terms_state == "confirmed" else "orange")
    return Cell(cells.minute(terms.confirmed_at)) if name == "confirmed_at" else cells.cell(terms, name)


def _way(terms: ContractTerms, open_: ContractTerms | None) -> Link:
    if open_ is None:
        return Link(_("查看"), TermsView.address("show", pk=terms.id))
    return Link(_("对比"), TermsView.address("show", pk=open_.id, against=terms.no))
