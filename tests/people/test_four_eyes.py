"""Four eyes are two people: a table of the ways in which one person may come to hold two accounts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.clock import now
from app.core.database import db, writing
from app.core.refusals import Lost, NotFound, Refused
from app.core.viewer import as_system
from app.engine import records, transitions
from app.ledger.scope import UNSCOPED
from app.people import accounts, handover, invitations, passwords
from models.account import Account
from models.modes.letter import Letter
from tests.contract.world import EAST, World, at_work, letter, prepare_inputs

OWN_PASSWORD = "Hainan#2024x"
_numbers = count(1)
Duties = Mapping[str, bool]
PREPARES = {"prepares": True, "reviews": False, "administers": False}
REVIEWS = {"prepares": False, "reviews": True, "administers": False}
ADMINISTERS = {"prepares": False, "reviews": False, "administers": True}
DUTIES = {"preparer": PREPARES, "reviewer": REVIEWS, "receiver": PREPARES}

ISSUED = ""
TABLE: Mapping[str, tuple[Sequence[str], str]] = {
    "nobody had a hand on either": ((), ISSUED),
    "one of them was invited": (("first invites reviewer",), ISSUED),
    "one invited both": (("first invites preparer", "first invites reviewer"), "first"),
    "two invited one each": (("first invites preparer", "second invites reviewer"), ISSUED),
    "whoever was invited invites": (
        ("first invites third", "third invites reviewer", "first invites preparer"),
        "first",
    ),
    "whoever was invited and is known invites": (
        ("first invites third", "second verifies third", "third invites reviewer", "first invites preparer"),
        ISSUED,
    ),
    "whoever invited was known only later": (
        ("first invites third", "third invites reviewer", "second verifies third", "first invites preparer"),
        "first",
    ),
    "whoever prepares had invited the other": (
        ("preparer invites reviewer", "second gives preparer"),
        "preparer",
    ),
    "one reset both": (("first resets preparer", "first resets reviewer"), "first"),
    "one reset both long ago": (("first reset preparer long ago", "first reset reviewer long ago"), "first"),
    "one reset one, another the other": (("first resets preparer", "second resets reviewer"), ISSUED),
    "suspended and opened again": (("first reopens reviewer", "first invites preparer"), "first"),
    "a duty given": (("first gives reviewer", "first invites preparer"), "first"),
    "a new name given": (("first renames reviewer", "first invites preparer"), ISSUED),
    "a password of the holder's own": (
        ("first invites preparer", "first invites reviewer", "reviewer sets a password"),
        "first",
    ),
    "handed over to somebody of the same hand": (
        ("first invites receiver", "first invites reviewer", "first hands over"),
        "first",
    ),
    "handed over to somebody of another hand": (
        ("first invites reviewer", "second invites receiver", "first hands over"),
        ISSUED,
    ),
    "known by a second administrator": (
        ("first invites preparer", "first invites reviewer", "second verifies reviewer"),
        ISSUED,
    ),
    "known by the platform": (
        ("first invites preparer", "first invites reviewer", "admin verifies preparer"),
        ISSUED,
    ),
    "known by the regulator": (
        ("first invites preparer", "first invites reviewer", "regulator verifies reviewer"),
        ISSUED,
    ),
    "the platform invited both": (("admin invites preparer", "admin invites reviewer"), "admin"),
    "the inviter's own word": (
        ("first invites preparer", "first invites reviewer", "first may not verify reviewer"),
        "first",
    ),
    "the word of somebody whom the inviter invited": (
        (
            "first invites third",
            "first invites preparer",
            "first invites reviewer",
            "third may not verify reviewer",
        ),
        "first",
    ),
    "the word of whoever reset it": (
        (
            "first invites preparer",
            "first invites reviewer",
            "second resets reviewer",
            "second may not verify reviewer",
        ),
        "first",
    ),
    "the holder's own word": (
        ("first invites preparer", "first invites reviewer", "reviewer is not offered to verify reviewer"),
        "first",
    ),
    "reset after it was known": (
        ("first invites preparer", "first invites reviewer", "second verifies reviewer", "first resets reviewer"),
        "first",
    ),
    "reset after it was known, and known anew": (
        (
            "first invites preparer",
            "first invites reviewer",
            "second verifies reviewer",
            "first resets reviewer",
            "regulator verifies reviewer",
        ),
        ISSUED,
    ),
}


class Company:
    """The guarantor with accounts of its own for one path: nobody has had a hand on them yet."""

    def __init__(self, app: Flask) -> None:
        self.app, self.number = app, next(_numbers)
        for part in ("first", "second"):
            self.make(part, ADMINISTERS)
        self.links: dict[str, str] = {}

    def name(self, part: str) -> str:
        """The name with which that part signs in."""
        return part if part in ("admin", "regulator") else f"{part}{self.number}"

    def make(self, part: str, duties: Duties) -> None:
        """An account that came with the company's registration."""
        with self.app.app_context(), as_system(), writing():
            db.session.rollback()
            company = account(EAST.guarantor).organisation
            accounts.create(company, username=self.name(part), name=self.name(part), password=OWN_PASSWORD, **duties)
            db.session.commit()

    def do(self, by: str, key: str, step: str, **inputs: str) -> None:
        with at_work(self.app, self.name(by)):
            transitions.perform(Account, account(self.name(key)).id, step, inputs=inputs)

    def invites(self, by: str, part: str) -> None:
        duties = DUTIES.get(part, ADMINISTERS)
        with at_work(self.app, self.name(by)):
            organisation = account(EAST.guarantor).organisation_id
            values = {"username": self.name(part), "name": self.name(part), **duties}
            _made, token = invitations.invite(organisation, values)
        with self.app.app_context():
            assert invitations.accept(token, OWN_PASSWORD) == []

    def resets(self, by: str, part: str) -> None:
        with at_work(self.app, self.name(by)):
            self.links[part] = passwords.reset_link_of(account(self.name(part)).id)

    def verifies(self, by: str, part: str) -> None:
        self.do(by, part, "verify", reason="当面核对身份证件")

    def reopens(self, by: str, part: str) -> None:
        self.do(by, part, "deactivate", reason="休假")
        self.do(by, part, "activate")

    def edits(self, by: str, part: str, **values: object) -> None:
        with at_work(self.app, self.name(by)):
            records.save(Account, values, key=account(self.name(part)).id)

    def gives(self, by: str, part: str) -> None:
        """Take the duty from the account and give it back."""
        self.edits(by, part, **dict.fromkeys(PREPARES, False))
        self.edits(by, part, **DUTIES[part])

    def renames(self, by: str, part: str) -> None:
        self.edits(by, part, name="改名")

    def may_not_verify(self, by: str, part: str) -> None:
        with pytest.raises(Refused) as refusal:
            self.verifies(by, part)
        assert "都可能由" in str(refusal.value) and "不能由您核验" in str(refusal.value)
        assert "请由未经手该账号的" in str(refusal.value)

    def is_not_offered(self, by: str, part: str) -> None:
        with pytest.raises((Lost, NotFound)):
            self.verifies(by, part)


def account(username: str) -> Account:
    return db.session.scalars(select(Account).where(Account.username == username).execution_options(**UNSCOPED)).one()


def walk(app: Flask, company: Company, step: str) -> None:
    """Take one step of a path."""
    who, *words = step.split()
    verbs: Mapping[str, Callable[[str, str], None]] = {
        "invites": company.invites,
        "resets": company.resets,
        "verifies": company.verifies,
        "reopens": company.reopens,
        "gives": company.gives,
        "renames": company.renames,
    }
    if words[0] in verbs:
        verbs[words[0]](who, words[1])
    elif words[0] == "reset":
        with clock.frozen_time(now() - timedelta(days=60)):
            company.resets(who, words[1])
    elif words[:2] == ["may", "not"]:
        company.may_not_verify(who, words[-1])
    elif words[0] == "is":
        company.is_not_offered(who, words[-1])
    elif words[0] == "sets":
        company.resets("first", who)
        with app.app_context():
            assert passwords.reset(company.links[who], "Qiongzhou-77-bridge") == []


@pytest.mark.parametrize("path", TABLE, ids=lambda path: path)
def test_two_accounts_are_two_people_only_while_no_hand_has_been_on_both(app: Flask, world: World, path: str) -> None:
    steps, common = TABLE[path]
    company = Company(app)
    invited = {step.split()[2] for step in steps if step.split()[1] == "invites"}
    for part in ("preparer", "reviewer"):
        if part not in invited:
            company.make(part, ADMINISTERS if f"{part} invites reviewer" in steps else DUTIES[part])
    for step in steps:
        if step != "first hands over":
            walk(app, company, step)
    key = letter(world, EAST, "submitted")
    terms = prepare_inputs(EAST, key, signatory_id=world.id(EAST, "signatory"))
    with at_work(app, company.name("preparer")):
        transitions.perform(Letter, key, "prepare", inputs=terms)
    if "first hands over" in steps:
        with at_work(app, company.name("first")):
            handover.hand_over(account(company.name("preparer")).id, account(company.name("receiver")).id)
    reviewer = at_work(app, company.name("reviewer"))
    if common == ISSUED:
        with reviewer:
            transitions.perform(Letter, key, "issue")
    else:
        with reviewer, pytest.raises(Refused) as refusal:
            transitions.perform(Letter, key, "issue")
        with app.app_context():
            person = account(company.name(common)).name
        assert f"都可能由{person}掌握" in str(refusal.value) and "核验人员" in str(refusal.value)
    with app.app_context():
        state = select(Letter.state).where(Letter.id == key).execution_options(**UNSCOPED)
        assert db.session.scalars(state).one() == ("issued" if common == ISSUED else "prepared")
