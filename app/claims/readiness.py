"""索赔准备情况: what a claim still lacks, and how to get it, reckoned from the records (手册 2.2.4; R-17)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import select

from app.claims import owed
from app.claims.owed import OpenNode, Standing
from app.core.clock import today
from app.core.database import db
from app.ledger.scope import UNSCOPED
from models.claim import Claim
from models.guarantor import ON_FILE, Guarantor
from models.letters.kind import kind_that_counts, unstated
from models.modes.letter import Letter
from models.rules import claims as rules
from models.rules.money import show
from models.rules.words import Listed, Terms, Words

_ASKED = {
    "claimant_name": "申请理赔人姓名",
    "claimant_phone": "申请理赔人联系电话",
    "payee_name": "收款户名",
    "payee_bank": "开户银行",
    "payee_account": "收款账号",
    "cause": "理赔原因",
}
READ = (*_ASKED, "amount", "event_on")
"""What of a claim the points are reckoned from, beside its letter and its papers."""

Tone = Literal["missing", "note", "done", "info"]


@dataclass(frozen=True)
class Point:
    """One line of the checklist: a fact, a word on it, and which page mends it (`mend` is named by the screen)."""

    tone: Tone
    fact: Words
    note: Words | None = None
    mend: str = ""


def of_letter(
    letter: Letter, values: Mapping[str, Any], claim: Claim | None = None, *, held: Collection[str] = ()
) -> list[Point]:
    """Every point, what is missing first, then what is to be noted, then what is met.

    `held` are the categories of papers of which there is a file.
    """
    found = owed.of_letter(letter, claim)
    points = [*_points(letter, found, values), *_filled(values), _proof(held)]
    order = ("missing", "note", "info", "done")
    return sorted(points, key=lambda each: order.index(each.tone))


def _points(letter: Letter, found: Standing, values: Mapping[str, Any]) -> Iterator[Point]:
    yield _period(letter, values)
    yield _money(found)
    yield from _nodes(letter, found)
    yield _amount(letter, found, values)
    yield _difference(found)
    yield from _others(letter)
    yield from _guarantor(letter)
    yield from (Point("note", Words(each.message, each.params)) for each in unstated(letter))


def _period(letter: Letter, values: Mapping[str, Any]) -> Point:
    """In force, or the event within it; how many days are left."""
    assert letter.starts_on is not None and letter.last_day is not None
    kind, event_on = kind_that_counts(letter), values.get("event_on")
    first, last = letter.starts_on, letter.last_day
    if rules.check_time(kind, today=today(), starts_on=first, last_on=last, event_on=event_on):
        return Point("missing", Words("保函不在可索赔的期限内"), _days(letter.starts_on, letter.last_day))
    left = (letter.last_day - today()).days
    if left < 0:
        return Point("done", Words("保险事故发生在保险期间内"), _days(letter.starts_on, letter.last_day))
    return Point("done", Words("保函有效"), Words("距到期 %(days)s 天", {"days": left}))


def _days(first: date, last: date) -> Words:
    return Words("担保期限 %(first)s 至 %(last)s", {"first": first, "last": last})


def _money(found: Standing) -> Point:
    params = {"left": show(found.caps.left, "万元")}
    if found.caps.left <= 0:
        return Point("missing", Words("保函没有可用余额"), Words("已赔付或由其他索赔占用"))
    return Point("done", Words("保函有可用余额"), Words("%(left)s 万元", params))


def _nodes(letter: Letter, found: Standing) -> Iterator[Point]:
    if found.due is None:
        note = Words("请写明应付未付金额，并上传合同、结算或进度款证明；索赔将标注为施工单位陈述")
        yield Point("note", Words("合同没有正在执行的支付计划"), note)
        return
    elsewhere = [each for each in found.nodes if each.is_claimed]
    if elsewhere:
        yield Point("note", _elsewhere(elsewhere), Words("同一节点不能重复索赔"))
    free = found.free_nodes()
    if not free:
        yield Point("missing", Words("没有到期未付的节点"), Words("质保金和未到期的节点不能索赔"), "plan")
        return
    late = max((today() - each.owed.due_on).days for each in free)
    params = {"count": len(free), "amount": show(sum((each.owed.missing for each in free), Decimal(0)), "万元")}
    note = Words("共 %(amount)s 万元未收，最早的逾期 %(days)s 天", {**params, "days": late})
    yield Point("done", Words("到期未付的节点 %(count)s 个", params), note)


def _elsewhere(nodes: Sequence[OpenNode]) -> Words:
    numbers = dict.fromkeys(each.claimed_in for each in nodes)
    if "" in numbers:
        return Words("%(count)s 个节点已在其他索赔中", {"count": len(nodes)})
    return Words("%(count)s 个节点已在索赔 %(no)s 中", {"count": len(nodes), "no": Listed(tuple(numbers))})


def _amount(letter: Letter, found: Standing, values: Mapping[str, Any]) -> Point:
    amount, most = values.get("amount"), found.caps.most
    params = {"amount": show(amount or Decimal(0), "万元"), "most": show(most, "万元")}
    if not amount:
        return Point("missing", Words("尚未填写索赔金额"), Words("最多可索赔 %(most)s 万元", params))
    if amount <= most:
        return Point("done", Words("金额在上限内"), Words("%(amount)s ≤ %(most)s 万元", params))
    tone: Tone = "missing" if rules.is_bound(kind_that_counts(letter)) else "note"
    return Point(tone, Words("金额超过上限"), Words("%(amount)s > %(most)s 万元", params))


def _filled(values: Mapping[str, Any]) -> Iterator[Point]:
    """Who asks, why, and to where it is to be paid; what is not filled in is named."""
    lacking = [label for name, label in _ASKED.items() if not values.get(name)]
    if lacking:
        note = Words("请填写：%(names)s", {"names": Terms("、".join(lacking))})
        yield Point("missing", Words("申请理赔信息未填写完整"), note)
        return
    yield Point("done", Words("申请理赔信息已填写"))


def _proof(held: Collection[str]) -> Point:
    """The demand with its statement of default, signed and sealed, and what proves it."""
    if "proof" in held:
        return Point("done", Words("理赔证明文件已上传"))
    note = Words("请预览并打印索赔书，签字盖章后与结算文件、付款申请及送达记录一并上传")
    return Point("missing", Words("未上传理赔证明文件"), note)


def _difference(found: Standing) -> Point:
    """What the employer alone says that it paid."""
    said = owed.paid_by_word(found)
    if said <= 0:
        return Point("done", Words("双方登记的收付一致"))
    params = {"amount": show(said, "万元")}
    return Point("note", Words("建设单位多登记已付 %(amount)s 万元", params), Words("与确认收款不一致，请说明"), "plan")


def _others(letter: Letter) -> Iterator[Point]:
    """担保制度解释 第二十九条: a demand on one guarantor keeps no right against another."""
    query = select(Letter).where(Letter.contract_id == letter.contract_id, Letter.id != letter.id)
    others = [each for each in db.session.scalars(query) if each.letter_no and each.guarantor_id != letter.guarantor_id]
    if not others:
        yield Point("done", Words("无其他保证人"), Words("本合同仅此一名保证人"))
        return
    names = "、".join(dict.fromkeys(each.guarantor_name or "" for each in others))
    note = Words("向一名保证人索赔，不视为向其他保证人主张；需要的请分别索赔：%(names)s", {"names": names})
    yield Point("note", Words("本合同另有 %(count)s 份保函", {"count": len(others)}), note)


def _guarantor(letter: Letter) -> Iterator[Point]:
    query = select(Guarantor.state).where(Guarantor.organisation_id == (letter.guarantor_id or 0))
    state = db.session.scalar(query.execution_options(**UNSCOPED))
    if state in ON_FILE:
        return
    params = {"name": letter.guarantor_name or ""}
    note = Words("索赔可以提交并记录在案，主管部门将督促；请同时按保函载明的地址书面索赔")
    yield Point("note", Words("保证人%(name)s尚未备案", params), note)
