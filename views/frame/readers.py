"""The screen on which an account reads a record that it came upon elsewhere."""

from typing import Any

from flask import current_app
from sqlalchemy import select

from app.core.database import db
from app.core.viewer import viewer
from models.grammar.base import Record
from views.frame.base import RecordView


def screen_of(record: Record) -> RecordView | None:
    """The screen on which the account may read the record, the one on which it is worked first; None without one."""
    return next((each for each in screens_for(type(record)) if _shows(each, record)), None)


def screens_for(model: type[Record]) -> list[RecordView]:
    """The screens on which the account may read records of that class, those on which they are worked first."""
    views: list[Any] = [each for each in current_app.extensions["appbuilder"].baseviews if isinstance(each, RecordView)]
    mine = [each for each in views if each.model is model and _has_page(each) and each.may("show")]
    return sorted(mine, key=lambda each: not each.may("do"))


def _has_page(view: RecordView) -> bool:
    """Whether it shows one record by itself: a list of some of them leaves that to another screen."""
    return "show" not in view.exclude_route_methods


def _shows(view: RecordView, record: Record) -> bool:
    """Whether the record is among the screen's rows."""
    rows = view.rows(viewer())
    return not rows or db.session.scalar(select(view.model.id).where(view.model.id == record.id, *rows)) is not None
