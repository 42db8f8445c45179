"""What the page of a refused or withdrawn claim says of its nodes: which are free again, and until when."""

from collections.abc import Iterator, Sequence

from flask import url_for

from app.claims import again
from app.claims.again import Again
from app.claims.owed import OpenNode
from app.core.words import _, listed, localized
from app.web import cells
from app.web.pages import Notice
from models.claim import Claim


def notices(claim: Claim, *, may_claim: bool) -> tuple[Notice, ...]:
    """Lines over the page; whoever `may_claim` is led to a new claim on the letter."""
    found = again.of_claim(claim)
    return tuple(_said(claim, found, may_claim=may_claim)) if found is not None else ()


def _said(claim: Claim, found: Again, *, may_claim: bool) -> Iterator[Notice]:
    if found.against:
        reason = localized(found.against[0])
        yield Notice(_("本次索赔的节点已解除占用，但不能再次索赔：%(reason)s", reason=reason), "warning")
        return
    if found.free:
        way = url_for("ClaimView.add", letter_id=claim.letter_id) if may_claim else ""
        yield Notice(_free(found), "info", way, _("再次索赔") if way else "")
    for each in found.held:
        yield Notice(_held(each), "info")
    if not found.free and not found.held:
        yield Notice(_("本次索赔的节点已解除占用，目前没有到期未付的金额"), "info")


def _held(each: OpenNode) -> str:
    node = localized(each.name)
    if not each.claimed_in:
        return _("本次索赔的节点“%(node)s”已在其他索赔中", node=node)
    return _("本次索赔的节点“%(node)s”已在索赔%(no)s中", node=node, no=each.claimed_in)


def _free(found: Again) -> str:
    nodes = _named(found.free)
    if found.until is None:
        return _("本次索赔的下列节点已解除占用，保险期间届满后仍可再次索赔：%(nodes)s", nodes=nodes)
    day = cells.day(found.until)
    return _("本次索赔的下列节点已解除占用，可在 %(day)s（含当日）前再次索赔：%(nodes)s", day=day, nodes=nodes)


def _named(nodes: Sequence[OpenNode]) -> str:
    return listed(localized(each.name) for each in nodes)
