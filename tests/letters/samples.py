"""A complete letter of each kind, to be varied by the tests."""

import os
import shutil
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.letters.pdf import LetterText
from models.grammar.columns import SHANGHAI

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdfsig") and not os.environ.get("CI"), reason="poppler-utils is not installed"
)

BANK = "海南椰风农村商业银行股份有限公司海口江东支行"
USCC = "91460000MA5TM8HD9J"

INDEPENDENT = LetterText(
    letter_no="10240515000288",
    kind="independent",
    product="工程款支付担保",
    policy_no="NO.4560218",
    guarantor_name=BANK,
    guarantor_uscc=USCC,
    guarantor_address="海南省海口市龙华区国贸大道 49 号 18 层",
    guarantor_phone="0898-68561234",
    claim_address="海南省海口市龙华区国贸大道 49 号 风险管理部",
    applicant_name="海南碧海置业开发有限公司",
    applicant_uscc="91321012608797601X",
    beneficiary_name="中建南方建设集团有限公司",
    beneficiary_uscc="91110108765016311A",
    project_name="碧海花园（一期）住宅工程",
    permit_no="460107202405150101",
    contract_no="HK-JD-2024-0515",
    contract_type="施工总承包合同",
    contract_price=Decimal("55000000"),
    amount=Decimal("3250000.50"),
    premium=Decimal("16130"),
    starts_on=date(2024, 5, 15),
    ends_on=date(2026, 12, 31),
    issued_at=datetime(2024, 5, 15, 10, 30, 8, tzinfo=SHANGHAI),
    issued_place="海南省海口市",
    signatory_name="陈海峰",
    signatory_title="副行长",
    verification_code="ABCD34679XYW",
    verify_url="https://danbao.example.cn/verify/10240515000288?code=ABCD34679XYW",
)


def letter(kind: str = "independent", **changes: Any) -> LetterText:
    """A letter of the kind with these fields changed."""
    return replace(INDEPENDENT, kind=kind, **changes)
