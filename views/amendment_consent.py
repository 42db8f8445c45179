"""施工单位同意: whether the contractor has to agree to a change of its letter, and what it has said (g_amend)."""

from app.core.words import _
from app.ledger import history
from app.web import cells
from app.web.pages import Cell, Check, Fact, Section
from models.amendment import Amendment
from models.grammar.fields import Look
from models.history import HistoryEntry
from models.rules.amendments import KINDS

SAID = ("consent", "certify")


def of(amendment: Amendment) -> tuple[Section, ...]:
    """One card once it is handed in."""
    if amendment.submitted_at is None:
        return ()
    title = _("施工单位同意")
    if not amendment.needs_consent:
        text = _("%(kind)s不减损受益人的权利，提交后直接由保证人办理", kind=_(KINDS[amendment.kind or ""]))
        return (Section(title, anchor="consent", checks=(Check("info", _("无需同意"), text),)),)
    if amendment.consented_at is None:
        return (Section(title, anchor="consent", checks=(_missing(amendment),)),)
    return (Section(title, anchor="consent", facts=_given(amendment)),)


def _missing(amendment: Amendment) -> Check:
    if amendment.state == "objected":
        entry = _last(amendment, ("object",))
        return Check("missing", _("施工单位不同意"), entry.comment if entry is not None else "")
    text = _("施工单位明确同意前不能办理；逾期未答复的，不视为同意")
    return Check("note", _("施工单位尚未同意"), text)


def _given(amendment: Amendment) -> tuple[Fact, ...]:
    entry = _last(amendment, SAID)
    word = _("出具工程款结清证明") if amendment.is_settlement else _("同意变更")
    contractor = amendment.contractor.name if amendment.contractor is not None else ""
    return (
        Fact(_("同意单位"), Cell(contractor)),
        Fact(_("同意时间"), Cell(cells.minute(amendment.consented_at), Look.DATE)),
        Fact(_("同意人"), Cell(entry.actor_name if entry is not None else "")),
        Fact(_("意见"), Cell(word, Look.TAG, "green")),
    )


def _last(amendment: Amendment, actions: tuple[str, ...]) -> HistoryEntry | None:
    return next((each for each in history.of_record(amendment) if each.action in actions), None)
