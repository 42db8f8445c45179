"""What nobody changes outside of a transition, named one by one; a column that is to be free is taken off here too."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.core.database import db
from app.ledger.scope import ScopeBroken
from models.contract import Contract
from models.funds.report import FundReport
from models.grammar.base import Record
from models.grammar.viewer import SYSTEM
from models.guarantor import Guarantor
from models.modes.escrow import Escrow
from models.modes.fiscal import Fiscal
from models.modes.letter import Letter
from models.modes.presale import Presale
from models.project import Project
from tests.bare import CONTRACT, FILING, PROJECT, escrow, fiscal, letter, look, presale, put, report, work

GUARANTEE = "state application_no employer_id"
ACCOUNT = f"{GUARANTEE} follows_id balance balance_month first_month last_month filed_at cleared_at ended_at"
SEALED: tuple[tuple[type[Record], Callable[[Flask], int], str], ...] = (
    (Project, lambda _app: PROJECT, "employer_id"),
    (Contract, lambda _app: CONTRACT, "employer_id"),
    (Guarantor, lambda _app: FILING, "state organisation_id filed_at"),
    (
        Letter,
        lambda app: put(app, letter("issued")),
        f"{GUARANTEE} letter_no policy_no premium starts_on ends_on ended_on letter_kind signatory_id "
        "verification_code sha256 issued_at paid backfilled backfill_kind backfilled_at late_days acknowledged_at",
    ),
    (Escrow, lambda app: put(app, escrow("filed")), ACCOUNT),
    (Presale, lambda app: put(app, presale("filed")), ACCOUNT),
    (Fiscal, lambda app: put(app, fiscal("filed")), f"{GUARANTEE} follows_id filed_for_id filed_at"),
    (FundReport, lambda app: put(app, report("submitted")), "state submitted_at confirmed_at"),
)


@pytest.mark.parametrize(
    ("model", "kept", "name"),
    [
        pytest.param(model, kept, name, id=f"{model.__name__}.{name}")
        for model, kept, names in SEALED
        for name in names.split()
    ],
)
def test_this_column_changes_only_by_a_transition(
    bare: Flask, model: type[Record], kept: Callable[[Flask], int], name: str
) -> None:
    key = kept(bare)
    before = look(bare, model, key)
    with work(bare, SYSTEM):
        setattr(db.session.get_one(model, key), name, "改")
        with pytest.raises(ScopeBroken, match=f"{model.__name__}.{name} changes only by a transition"):
            db.session.flush()
    assert look(bare, model, key) == before
