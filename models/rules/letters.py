"""The kinds of letters, who may issue them, their period and their number."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from models.rules.money import spoken
from models.rules.problem import Problem
from models.rules.words import Terms

KINDS: Mapping[str, str] = MappingProxyType(
    {"independent": "独立保函（见索即付）", "dependent": "非独立保函", "insurance": "保证保险"}
)
OBJECTIONS: Mapping[str, str] = MappingProxyType({"upheld": "异议成立", "rejected": "异议不成立"})
GUARANTOR_TYPES: Mapping[str, str] = MappingProxyType(
    {"bank": "银行", "insurer": "保险公司", "guarantee_company": "担保公司"}
)
_ISSUERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # 最高人民法院《关于审理独立保函纠纷案件若干问题的规定》第1条: 银行或非银行金融机构。An insurer is one,
        # but what it gives here is the product 保证保险 alone.
        "independent": frozenset({"bank"}),
        "dependent": frozenset({"bank", "guarantee_company"}),
        # 保险法 第6条: 保险业务由保险公司经营。
        "insurance": frozenset({"insurer"}),
    }
)


def kinds_for(guarantor_type: str) -> tuple[str, ...]:
    """The kinds of letters that this type of guarantor may issue, in the order of KINDS."""
    return tuple(kind for kind in KINDS if guarantor_type in _ISSUERS[kind])


def kind_that_counts(kind: str | None, guarantor_type: str) -> str:
    """What a letter is taken for: its kind, and where that is not said a dependent one; an insurer's an insurance.

    最高人民法院《关于审理独立保函纠纷案件若干问题的规定》第3条: only what the letter itself writes makes it
    independent; 民法典 682: a contract of guarantee is dependent on the principal one.
    """
    return kind or next(each for each in ("dependent", "insurance") if guarantor_type in _ISSUERS[each])


def check_kind(kind: str, guarantor_type: str) -> list[Problem]:
    """Whether this type of guarantor may issue this kind of letter."""
    if kind not in KINDS:
        return [Problem("请选择保函性质：独立保函（见索即付）、非独立保函或保证保险", "kind")]
    if guarantor_type not in GUARANTOR_TYPES:
        return [Problem("请先登记保证人的机构类型：银行、保险公司或担保公司", "kind")]
    if guarantor_type in _ISSUERS[kind]:
        return []
    message = "%(kind)s不能由%(type)s出具，只能由%(issuers)s出具，请重新选择"
    issuers = [name for key, name in GUARANTOR_TYPES.items() if key in _ISSUERS[kind]]
    params = {
        "kind": Terms(KINDS[kind]),
        "type": Terms(GUARANTOR_TYPES[guarantor_type]),
        "issuers": Terms("、".join(issuers)),
    }
    return [Problem(message, "kind", params)]


def check_period(
    starts_on: date,
    ends_on: date,
    *,
    kind: str,
    last_node_on: date | None = None,
    finish_on: date | None = None,
) -> list[Problem]:
    """Whether the period of the letter makes sense, against the last payment node and the day of completion.

    民法典 692: a guarantee period that ends before or with the principal debt counts as not agreed. That
    stops a dependent letter; for the other kinds, and against the day of completion, it is a warning.
    """
    if ends_on <= starts_on:
        message = "担保结束日期%(ends_on)s应晚于担保开始日期%(starts_on)s，请修改"
        return [Problem(message, "ends_on", {"ends_on": ends_on, "starts_on": starts_on})]
    problems = []
    if last_node_on is not None and ends_on <= last_node_on:
        params = {"ends_on": ends_on, "node_on": last_node_on}
        if kind == "dependent":
            problems.append(Problem(_NOT_AGREED, "ends_on", params))
        else:
            problems.append(Problem(_ENDS_BEFORE_NODE, "ends_on", params, blocking=False))
    if finish_on is not None and ends_on < finish_on:
        params = {"ends_on": ends_on, "finish_on": finish_on}
        problems.append(Problem(_ENDS_BEFORE_FINISH, "ends_on", params, blocking=False))
    return problems


def check_start(starts_on: date, *, signed_on: date | None, start_on: date | None) -> list[Problem]:
    """Whether the letter begins with its contract: a warning before the contract was signed.

    Where nobody has said when it was signed, a year before its work starts is far enough to ask.
    """
    if signed_on is not None:
        if starts_on >= signed_on:
            return []
        params = {"starts_on": starts_on, "signed_on": signed_on, "days": (signed_on - starts_on).days}
        return [Problem(_BEFORE_SIGNING, "starts_on", params, blocking=False)]
    if start_on is None or starts_on >= start_on - _LONG_BEFORE:
        return []
    return [Problem(_LONG_BEFORE_START, "starts_on", {"starts_on": starts_on, "start_on": start_on}, blocking=False)]


_LONG_BEFORE = timedelta(days=365)
_BEFORE_SIGNING = "担保开始日期%(starts_on)s早于合同签订日期%(signed_on)s，相差%(days)s天，请核对"
_LONG_BEFORE_START = "担保开始日期%(starts_on)s早于合同开工日期%(start_on)s一年以上，且合同未填写签订日期，请核对"
_NOT_AGREED = (
    "担保结束日期%(ends_on)s不晚于最后一个付款节点%(node_on)s，按民法典第六百九十二条视为没有约定保证期间，"
    "请将结束日期延至%(node_on)s之后"
)
_ENDS_BEFORE_NODE = "担保结束日期%(ends_on)s不晚于最后一个付款节点%(node_on)s，届时将没有担保，请确认是否延长"
_ENDS_BEFORE_FINISH = "担保结束日期%(ends_on)s早于完工日期%(finish_on)s，请确认是否延长"


def number(prefix_day: date, serial: int) -> str:
    """保函编号: 10 + YYMMDD + the six-digit serial, e.g. 10240515000288."""
    if not 1 <= serial <= 999_999:
        raise ValueError(f"保函编号的流水号应在 1 至 999999 之间，现为 {serial}")
    return f"10{prefix_day:%y%m%d}{serial:06d}"


def check_signatory_limit(amount: Decimal, limit: Decimal) -> list[Problem]:
    """Whether the signatory may sign a letter of this amount, both in yuan."""
    if amount <= limit:
        return []
    message = "担保金额%(amount)s万元超过签发人单笔限额%(limit)s万元，请换有权限的签发人"
    params = {"amount": spoken(amount, "万元"), "limit": spoken(limit, "万元")}
    return [Problem(message, "signatory", params)]
