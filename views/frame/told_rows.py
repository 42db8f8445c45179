"""What was done to a record's rows, as its approval record tells it: in which row what, which came, which went."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from app.core.words import _, listed, localized, translated
from models.grammar.base import Record
from models.grammar.columns import field_of
from models.grammar.rows import Rows, rows_in
from models.history import HistoryEntry

BLANK = "—"
MOST_TOLD = 10
Held = Mapping[str, Any]


def of_entry(record: Record, entry: HistoryEntry) -> list[str]:
    """What the entry tells of the record's rows, as sentences; of very many changes the first, and how many more."""
    changes = json.loads(entry.changes)
    found = []
    for name, declared in rows_in(type(record)).items():
        before, now = changes.get(name, ((), ()))
        told = list(_told(declared, before, now))
        found += told[:MOST_TOLD]
        if len(told) > MOST_TOLD:
            found.append(_("另有 %(count)s 处变动", count=len(told) - MOST_TOLD))
    return found


def _told(declared: Rows, before: Sequence[Held], now: Sequence[Held]) -> Iterator[str]:
    were = {row["id"]: row for row in before}
    are = {row["id"]: row for row in now}
    for no, row in enumerate(before, start=1):
        if row["id"] not in are:
            yield _("删除第 %(no)s 行：%(row)s", no=no, row=_named(declared, row))
    for no, row in enumerate(now, start=1):
        if row["id"] not in were:
            yield _("新增第 %(no)s 行：%(row)s", no=no, row=_named(declared, row))
        else:
            yield from _changed(declared, no, were[row["id"]], row)
    if [key for key in were if key in are] != [key for key in are if key in were]:
        yield _("调整了%(label)s各行的次序", label=_(declared.label))


def _changed(declared: Rows, no: int, before: Held, now: Held) -> Iterator[str]:
    for name in declared.columns:
        if before.get(name) != now.get(name):
            label = localized(field_of(declared.model, name).words)
            if field_of(declared.model, name).target:
                yield _("第 %(no)s 行已更换%(label)s", no=no, label=label)
                continue
            yield _(
                "第 %(no)s 行%(label)s：%(before)s → %(now)s",
                no=no,
                label=label,
                before=_text(declared, name, before.get(name)) or BLANK,
                now=_text(declared, name, now.get(name)) or BLANK,
            )


def _named(declared: Rows, row: Held) -> str:
    names = declared.heading or declared.columns
    texts = (_text(declared, name, row.get(name)) for name in names if not field_of(declared.model, name).target)
    return listed(islice(filter(None, texts), 4))


def _text(declared: Rows, name: str, held: Any) -> str:
    field = field_of(declared.model, name)
    return "" if held is None else translated(field.text(field.kind.of_json(held)))
