"""Playing the letters: each step by the account whose step it is."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.core import numbers
from app.core.clock import today
from app.core.database import db, transaction
from app.ops.demo_data.applications import Application
from app.ops.demo_data.cast import ACCOUNTS, parties
from app.ops.demo_data.filings import filings
from app.ops.demo_data.stage import Agenda, Stage, perform, save
from models.counter import Counter
from models.grammar.rows import GivenRow
from models.letters.underwriting import PRODUCT_ISSUERS
from models.modes.letter import Letter

_REASONS = {
    "return": "施工合同缺少双方盖章页，请补充后重新提交",
    "rework": "保费与费率不一致，请核对后重新录入",
    "refuse": "项目资金来源证明不足，暂不符合本机构承保条件",
    "object": "保函载明的工程名称与合同不一致，请核对更正",
    "answer": "已与建设单位核对，工程名称与施工许可证一致，请予确认",
}
_FOLLOWS_AFTER = timedelta(days=60)
_KINDS = {"bank": "independent", "insurer": "insurance", "guarantee_company": "dependent"}
_RATES = {"bank": Decimal("0.008"), "insurer": Decimal("0.012"), "guarantee_company": Decimal("0.018")}
_POLICY_NUMBERS = {
    "bank": "HNBH-{day:%Y%m%d}-{n:03d}",
    "insurer": "PBZH{day:%Y}4601{n:08d}",
    "guarantee_company": "GCDB-{day:%Y}-{n:04d}",
}


class Underwriting:
    """What guarantors need to know while the letters are played: their own type, their next policy number."""

    def __init__(self, stage: Stage, today: date) -> None:
        self.stage = stage
        self.types = {filing.key: filing.guarantor_type for filing in filings(today)}
        self.grades = {party.key: party.credit_grade for party in parties()}
        self._policy_count = 0

    def plan(self, agenda: Agenda, application: Application) -> None:
        """Put an application's first save and its steps on the agenda."""
        agenda.add(application.saved_at, lambda: self._save(application))
        for step, moment in application.steps:
            agenda.add(moment, self._step(application, step))

    def _save(self, application: Application) -> None:
        work = application.work
        values = {
            "contract_id": work.contract_id,
            "permit_no": work.permit_no,
            "uses_fiscal": application.fiscal,
        }
        if application.path != "bare":
            values |= self._filled(application)
        with self.stage.acting(work.employer):
            application.letter_id = save(Letter, values, papers=("contract",) if application.path != "bare" else ()).id

    def _filled(self, application: Application) -> dict[str, Any]:
        work, type_ = application.work, self.types[application.guarantor]
        contact, phone, manager, manager_phone = work.people
        product = next(product for product, issuer in PRODUCT_ISSUERS.items() if issuer == type_)
        return {
            "product": product,
            "guarantor_id": self.stage.organisations[application.guarantor],
            "address": work.address,
            "start_on": work.start_on,
            "finish_on": work.finish_on,
            "employer_grade": self.grades[work.employer],
            "employer_contact": contact,
            "employer_phone": phone,
            "contractor_grade": self.grades[work.contractor],
            "contractor_contact": manager,
            "contractor_phone": manager_phone,
            "amount": application.amount,
            "to_follow": _to_follow(application),
        }

    def _step(self, application: Application, step: str) -> Callable[[], None]:
        def act() -> None:
            with self.stage.acting(self._actor(application, step)):
                if step == "issue" and application.serial:
                    set_last_serial(application.serial - 1, today())
                perform(Letter, application.letter_id, step, **self._inputs(application, step))

        return act

    def _actor(self, application: Application, step: str) -> str:
        if step in ("submit", "withdraw"):
            return application.work.employer
        if step in ("confirm", "object"):
            return application.work.contractor
        wanted = step in ("issue", "rework")
        own = [
            account.username
            for account in ACCOUNTS
            if account.key == application.guarantor and account.reviews == wanted
        ]
        return own[0] if own else f"{application.guarantor}-issuer" if wanted else application.guarantor

    def _inputs(self, application: Application, step: str) -> dict[str, Any]:
        if step in _REASONS:
            found = {"objection": "rejected"} if step == "answer" else {}
            return {"reason": _REASONS[step], **found}
        if step != "prepare":
            return {}
        type_, self._policy_count = self.types[application.guarantor], self._policy_count + 1
        number = _POLICY_NUMBERS[type_].format(day=application.starts_on, n=self._policy_count)
        premium = (application.amount * _RATES[type_]).quantize(Decimal("0.01"))
        return {
            "policy_no": application.policy_no or number,
            "starts_on": application.starts_on,
            "ends_on": application.ends_on,
            "premium": premium if application.premium is None else application.premium,
            "letter_kind": _KINDS[type_],
            "signatory_id": self.stage.signatories[application.guarantor],
        }


def _to_follow(application: Application) -> list[GivenRow]:
    if not application.to_follow:
        return []
    by_on = application.saved_at.date() + _FOLLOWS_AFTER
    return [GivenRow({"mode": "escrow", "amount": application.to_follow, "by_on": by_on})]


def set_last_serial(serial: int, day: date) -> None:
    """Let that day's letters stand at this serial: the former system used up those before."""
    with transaction():
        db.session.add(Counter(name=numbers.of_day("letter", day), value=serial))
