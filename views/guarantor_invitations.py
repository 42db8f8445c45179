"""邀请保证人: the way to its filing of a guarantor that is not on file (手册 2.2.1.1, R-09)."""

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.core.viewer import viewer
from app.core.words import _
from app.people import registration
from app.web.pages import Cell, Fact, Link, Notice, Section, ShowPage
from models.grammar.viewer import GUARANTOR
from models.modes.letter import Letter
from views.guarantors import GuarantorFilingView
from views.organisations import OrganisationView

WAITS = {
    "pending": "%(name)s已提交注册，正在等待主管部门准入，准入后由其填报保证人备案资料",
    "suspended": "%(name)s已被平台停用，不能办理备案，请联系平台管理员",
    "admitted": "%(name)s已注册，但尚无保证人角色，请其联系平台管理员增加",
}
REGISTERS = "请将链接发给保证人，由其填写注册资料，经主管部门准入后登录填报保证人备案资料"
FILES = "保证人已注册，请将链接发给保证人，由其登录后填报保证人备案资料"


def link_of(letter: Letter) -> tuple[Link, ...]:
    """The way of both parties to invite the guarantor of a backfilled letter; none where it is on file."""
    parties = (letter.employer_id, letter.contractor_id)
    if letter.guarantor_id or not letter.guarantor_uscc or viewer().organisation_id not in parties:
        return ()
    return (Link(_("邀请保证人"), url_for("LetterView.invite", pk=letter.id), icon="fa-link"),)


def answer(letter: Letter) -> ResponseReturnValue:
    """Its name is entered, or its link is made, or the link to its filing form is shown, or it is said why not."""
    back = url_for("LetterView.show", pk=letter.id)
    if not link_of(letter):
        return redirect(back)
    known: dict[str, Any] = {"name": letter.guarantor_name, "uscc": letter.guarantor_uscc, "role": GUARANTOR}
    found = registration.standing_of(letter.guarantor_uscc or "")
    if found is None and viewer().organisation_id != letter.employer_id:
        return _shown(letter, url_for("RegistrationView.register", **known), note=REGISTERS)
    if found is None:
        return redirect(OrganisationView.address("add", **known))
    if found.state == "named" and found.created_by_id == viewer().user_id:
        return redirect(OrganisationView.address("show", pk=found.id))
    if found.state in registration.OPEN_STATES:
        return _shown(letter, url_for("RegistrationView.register", **known), note=REGISTERS)
    if found.state == "admitted" and GUARANTOR in found.role_names:
        return _shown(letter, GuarantorFilingView.address("own"), note=FILES)
    flash(_(WAITS[found.state], name=found.name), "warning")
    return redirect(back)


def _shown(letter: Letter, path: str, *, note: str) -> ResponseReturnValue:
    kind = _("邀请保证人")
    facts = (Fact(_("链接"), Cell(current_app.config["BASE_URL"] + path), wide=True),)
    page = ShowPage(
        kind=kind,
        title=letter.guarantor_name or "",
        notices=(Notice(_(note)),),
        sections=(Section(_("邀请链接"), anchor="link", facts=facts),),
        close_url=url_for("LetterView.show", pk=letter.id),
        close_label=_("返回"),
    )
    crumbs = (Link(_("我的担保"), url_for("LetterView.list")), Link(kind, ""))
    return render_template("record/show.html", page=page, page_title=kind, crumbs=crumbs)
