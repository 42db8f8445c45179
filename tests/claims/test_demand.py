"""索赔书: the demand as a PDF, in the form for the letter's kind."""

import subprocess
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from app.claims import demand
from app.core.database import db
from models.claim import Claim
from models.grammar.viewer import CONTRACTOR
from models.modes.letter import Letter
from tests.bare import person, work
from tests.claims.said import claim, claimed, in_force
from tests.plans.said import agreed, contract, receive

pytestmark = pytest.mark.databases("sqlite")

DAY = date(2025, 9, 16)


@pytest.fixture
def site(bare: Flask) -> int:
    """A contract with its plan; of the node of 2025-06-30 a part was received."""
    contract_id = contract(bare)
    agreed(bare, contract_id)
    receive(bare, contract_id, "1", "1613000", day=DAY)
    receive(bare, contract_id, "2", "10491000", day=DAY)
    return contract_id


def words(pdf: bytes) -> str:
    """What a reader of the PDF reads, without spaces and line ends."""
    found = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(found.stdout.decode().split())


def lines(pdf: bytes) -> str:
    """The same with the spaces between its words, as the reader sees them."""
    found = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(found.stdout.decode().splitlines())


def demanded(app: Flask, key: int) -> str:
    with work(app, person(CONTRACTOR), DAY):
        return words(demand.of_claim(db.session.get_one(Claim, key)))


def test_an_independent_letter_is_presented_a_statement_in_what_respect_the_applicant_is_in_breach(
    bare: Flask, site: int
) -> None:
    told = demanded(bare, claim(bare, in_force(bare, site, kind="independent"), ("2", "700000"), day=DAY))
    assert "索赔通知书及违约声明" in told
    assert "建设单位（申请人）未按照基础合同的约定支付工程款，已构成违约" in told
    for figure in ("2025-06-30", "11,291,000.00", "10,491,000.00", "800,000.00", "700,000.00"):
        assert figure in told
    assert "人民币柒拾万元整" in told
    assert "凭证.pdf" in told
    assert "日期：2025年9月16日" in told
    assert "预览" not in told


def test_a_dependent_letters_guarantor_is_asked_within_the_period_with_the_facts(bare: Flask, site: int) -> None:
    told = demanded(bare, claim(bare, in_force(bare, site), ("2", "800000"), day=DAY))
    assert "我方在保证期间内请求贵方承担保证责任、代为支付，金额为人民币800,000.00元" in told
    assert "民法典》第六百九十三条第二款" in told
    assert "事实和理由" in told
    assert "违约声明" not in told


def test_an_insurer_is_told_of_the_event_and_asked_for_labour_cost_on_the_wage_account(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="insurance")
    told = demanded(bare, claim(bare, letter_id, ("2", "800000"), day=DAY, is_labour=True))
    assert "出险通知及索赔申请书" in told
    assert "2025年6月30日，投保人建设单位未按时足额向农民工工资专用账户拨付人工费用，保险事故发生" in told
    assert "请支付至上列农民工工资专用账户" in told


def test_the_preview_says_what_is_typed_and_leaves_the_rest_to_be_filled_in(bare: Flask, site: int) -> None:
    letter_id = in_force(bare, site, kind="independent")
    values = {"nodes": claimed(("2", "300000")), "demand": "extend_or_pay", "asked_ends_on": date(2028, 6, 30)}
    with work(bare, person(CONTRACTOR), DAY):
        told = words(demand.preview(db.session.get_one(Letter, letter_id), values))
    assert "人民币叁拾万元整" in told
    assert "的期限延长至2028年6月30日的，本次索赔视为撤回" in told
    assert "户名：＿＿＿＿" in told  # noqa: RUF001


def test_a_demand_without_a_plan_rests_on_its_proof(bare: Flask) -> None:
    letter_id = in_force(bare, contract(bare))
    told = demanded(bare, claim(bare, letter_id, day=DAY, amount=Decimal(120_000)))
    assert "合同没有正在执行的支付计划，应付未付金额由我方依据所附证明文件陈述" in told
    assert "120,000.00" in told


KINDS = {
    "independent": ("保函", "付款"),
    "dependent": ("保函", "承担保证责任、代为支付"),
    "insurance": ("保险凭证", "支付赔款"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_labour", [False, True])
def test_whoever_would_rather_have_the_letter_extended_says_so_in_one_whole_sentence(
    bare: Flask, site: int, kind: str, is_labour: bool
) -> None:
    paper, promise = KINDS[kind]
    letter_id, until = in_force(bare, site, kind=kind), date(2028, 6, 30)
    more = {"demand": "extend_or_pay", "asked_ends_on": until, "is_labour": is_labour}
    key = claim(bare, letter_id, ("2", "800000"), day=DAY, **more)
    with work(bare, person(CONTRACTOR), DAY):
        pdf = demand.of_claim(db.session.get_one(Claim, key))
    sentence = f"贵方将{paper}的期限延长至2028年6月30日的，本次索赔视为撤回；未予延长的，请按上列金额{promise}。"
    assert sentence in words(pdf)
    assert f"将{paper}的期限" in lines(pdf)
    assert ("4.2本次索赔为人工费用" in words(pdf) or "5.2本次索赔为人工费用" in words(pdf)) is is_labour


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["payment", "extend_or_pay"])
def test_every_paragraph_of_a_demand_is_a_whole_sentence(bare: Flask, site: int, kind: str, way: str) -> None:
    """The cause was typed without a full stop, and the papers are named by their files."""
    letter_id = in_force(bare, site, kind=kind)
    more = {"demand": way, "asked_ends_on": date(2028, 6, 30) if way != "payment" else None}
    told = demanded(bare, claim(bare, letter_id, ("2", "800000"), day=DAY, cause="经催告仍未支付", **more))
    assert "经催告仍未支付。索赔金额不含利息、违约金和工程质量保证金。" in told
    assert "凭证.pdf。" in told
    assert "。。" not in told
    assert ("本通知为《中华人民共和国民法典》第六百九十三条第二款规定的请求。" in told) is (kind == "dependent")
    assert f"建设单位（{'投保人' if kind == 'insurance' else '申请人'}）未按照基础合同的约定支付工程款" in told


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_before_any_node_is_named_does_not_deny_the_plan_that_there_is(
    bare: Flask, site: int, kind: str
) -> None:
    letter_id = in_force(bare, site, kind=kind)
    with work(bare, person(CONTRACTOR), DAY):
        told = words(demand.preview(db.session.get_one(Letter, letter_id), {"demand": "payment"}))
    assert "所涉付款节点：＿＿＿＿。" in told  # noqa: RUF001
    assert "没有正在执行的支付计划" not in told
