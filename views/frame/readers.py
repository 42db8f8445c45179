"""The screen on which an account reads a record that it came upon elsewhere."""

from typing import Any

from flask import current_app

from models.grammar.base import Record
from views.frame.base import RecordView


def screen_of(record: Record) -> RecordView | None:
    """The screen on which the account may read the record, the one on which it is worked first; None without one."""
    views: list[Any] = [each for each in current_app.extensions["appbuilder"].baseviews if isinstance(each, RecordView)]
    mine = [each for each in views if each.model is type(record) and each.may("show")]
    return min(mine, key=lambda each: not each.may("do"), default=None)
