"""What the people of the two sides do, and what each of them was told of it."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from app.core.database import db, writing
from app.notices import making
from models.account import Account
from models.notice import Notice
from tests.contract.world import EAST, Side, World, letter, take

Line = tuple[str, str, str, str]
"""Kind, label, what it is about, who did it."""


def user_id(app: Flask, username: str) -> int:
    """The sign-in account of that name."""
    with app.app_context(), db.engine.connect() as connection:
        table = Account.__table__
        return int(connection.scalar(select(table.c.user_id).where(table.c.username == username)) or 0)


def make(app: Flask) -> int:
    """Make what is to be made; how many."""
    with app.app_context():
        return making.make()


def notices(app: Flask, username: str, record_type: str = "letter", record_id: int = 0) -> list[Notice]:
    """What an account was told, or what it was told of one record, the oldest first."""
    query = select(Notice).where(Notice.user_id == user_id(app, username)).order_by(Notice.id)
    if record_id:
        query = query.where(Notice.record_type == record_type, Notice.record_id == record_id)
    with app.app_context():
        return list(db.session.scalars(query))


def told(app: Flask, username: str, record_id: int, record_type: str = "letter") -> list[Line]:
    """What an account was told of one record, the oldest first."""
    return [
        (each.kind, each.label, each.about, each.by_name) for each in notices(app, username, record_type, record_id)
    ]


def quiet(app: Flask) -> None:
    """Whatever happened before is told."""
    make(app)


def written(world: World, state: str = "draft", side: Side = EAST) -> int:
    """A letter of that side, walked to the state, of which everybody was told on the way; its id."""
    key = letter(world, side, "draft")
    for step in STEPS[state]:
        take(world, side, key, step)
        make(world.app)
    return key


STEPS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "prepared": ("submit", "prepare"),
    "issued": ("submit", "prepare", "issue"),
    "returned": ("submit", "return"),
}


def change(app: Flask, statement: Any) -> None:
    """Change rows past the door."""
    with app.app_context(), writing(), db.engine.begin() as connection:
        connection.execute(statement)
