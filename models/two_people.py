"""What needs two people: two accounts count as two once no hand has been on both."""

from collections.abc import Collection, Iterable
from typing import Any

from models.grammar.workflow import Moment
from models.rules.problem import Problem
from models.rules.words import Listed

ONE_HAND = (
    "经办与复核账号都可能由%(names)s掌握（邀请、生成链接、恢复启用或调整过岗位），不能视为两个人。请由未经手这些账号的"
    "本单位另一名管理员、平台管理员或主管部门在账号页面核验人员，或由另一名复核人员办理"
)


def reviewed_by_another(record: Any, steps: Collection[str], at: Moment) -> list[Problem]:
    """经办 and 复核 are two people, also after work was handed over or somebody had a hand on both accounts.

    `steps` are those that 经办 makes. Whoever made the last of them, or is named as `prepared_by_id`, is not at work
    again, nor is the one for whom it was made; and no other account is at work for either of them.
    """
    preparers = ({record.prepared_by_id} | at.history.last_actors(record, steps)) - {None}
    if at.viewer.user_id in preparers:
        return [Problem("本业务由您经办，须由本机构另一名复核人员办理")]
    if at.absent is not None and at.absent.user_id in preparers:
        message = "本业务由%(name)s经办，您不能代其复核，须由本机构另一名复核人员办理"
        return [Problem(message, params={"name": at.absent.name})]
    names = common_hands(at, preparers)
    return [] if names is None else [Problem(ONE_HAND, params={"names": names})]


def goes_on_with_another(record: Any, steps: Collection[str], at: Moment) -> list[Problem]:
    """What 经办 does after the review is no work of the one who made it (`steps`), nor of whom it was made for."""
    reviewers = ({record.reviewed_by_id} | at.history.last_actors(record, steps)) - {None}
    doers = {at.viewer.user_id} | ({at.absent.user_id} if at.absent is not None else set())
    return [Problem("本业务由您复核，须由本机构另一名经办人员办理")] if doers & reviewers else []


def common_hands(at: Moment, others: Iterable[int]) -> Listed | None:
    """Who may be at work under the viewer's account and under one of the others, by name; None when nobody may.

    What is done for somebody absent is that one's deed, too.
    """
    theirs = frozenset[int]().union(*(at.hands.hands_of(each) for each in others))
    mine = at.hands.hands_of(at.viewer.user_id)
    if at.absent is not None:
        mine |= at.hands.hands_of(at.absent.user_id)
    return at.hands.names_of(theirs & mine) if theirs & mine else None
