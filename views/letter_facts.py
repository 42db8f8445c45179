"""The letter that a claim or a change is about, named on their pages before anything is said of them."""

from decimal import Decimal

from flask import url_for

from app.core.words import _
from app.web import cells
from app.web.pages import Cell, Fact, Link, Section
from models.grammar.fields import Look
from models.modes.letter import Letter
from models.rules.money import show


def section(letter: Letter) -> Section:
    """Its number, project, period and amount, and what of that is left, in 万元."""
    amount = letter.amount or Decimal(0)
    period = _("%(start)s 至 %(end)s", start=cells.day(letter.starts_on), end=cells.day(letter.ends_on))
    way = url_for("LetterView.show", pk=letter.id)
    facts = (
        Fact(_("保函编号"), Cell(letter.letter_no or "", Look.CODE, href=way)),
        Fact(_("工程名称"), Cell(letter.project_name or "")),
        Fact(_("担保金额(万元)"), Cell(show(amount, "万元"))),
        Fact(_("余额(万元)"), Cell(show(amount - letter.paid, "万元"))),
        Fact(_("担保期限"), Cell(period)),
        Fact(_("保证人"), Cell(letter.guarantor_name or "")),
    )
    return Section(_("保函"), anchor="letter", facts=facts)


def tag(letter: Letter) -> Cell:
    """Its number and its newest version, beside the number of what is about it."""
    return Cell(_("保函 %(no)s，现行第 %(version)s 版", no=letter.letter_no or "", version=letter.version_no), Look.TAG)


def ways(letter: Letter) -> tuple[Link, ...]:
    """To its page, and to everything that has happened to it."""
    return (
        Link(_("查看保函"), url_for("LetterView.show", pk=letter.id), icon="fa-shield-halved"),
        Link(_("时间线"), url_for("LetterView.timeline", pk=letter.id), icon="fa-timeline"),
    )
