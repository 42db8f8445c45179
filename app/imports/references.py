"""What the references of a workbook's rows point at, looked up many at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from app.core.database import db
from app.core.viewer import viewer
from app.core.words import _
from app.engine.transitions import blank
from app.imports.rows import EXAMPLE, Importer, ImportRow, Reference
from app.ledger.scope import UNSCOPED
from models.grammar.columns import TEXT
from models.rules.problem import Problem
from models.rules.words import Words

AT_ONCE = 500


def resolved(importer: Importer, rows: Sequence[ImportRow]) -> Sequence[ImportRow]:
    """The rows with ids for the names; a name of nothing, or of several records, is a fault of its row."""
    for name, reference in importer.references.items():
        texts = {row.values[name] for row in rows if row.values.get(name)}
        known = _keys(reference, texts)
        needed = importer.requires(name)
        rows = [_pointing(row, name, reference, known, needed=needed) for row in rows]
    return rows


def _keys(reference: Reference, texts: Collection[str]) -> Mapping[str, set[int]]:
    wanted, found = sorted(texts), defaultdict(set)
    free = UNSCOPED if reference.directory else {}
    named = [getattr(reference.target, name) for name in reference.names]
    for column in named if reference.otherwise is None else (*named, reference.otherwise):
        for start in range(0, len(wanted), AT_ONCE):
            query = select(column, reference.target.id).where(
                column.in_(wanted[start : start + AT_ONCE]), *reference.where(viewer())
            )
            for text, key in db.session.execute(query, execution_options=free):
                found[text].add(key)
    return found


def _pointing(
    row: ImportRow, name: str, reference: Reference, known: Mapping[str, set[int]], *, needed: bool
) -> ImportRow:
    text = row.values.get(name)
    if row.outcome == EXAMPLE or any(problem.field == name for problem in row.faults):
        return row
    if not text:
        missing = blank(TEXT, Words(reference.label), name)
        return replace(row, problems=(*row.problems, missing)) if needed else row
    keys = known.get(text, set())
    if len(keys) == 1:
        return replace(row, values={**row.values, name: next(iter(keys))})
    params = {"label": _(reference.label), "given": text[:60], "noun": _(reference.target.noun)}
    message = _("未找到%(label)s为“%(given)s”的%(noun)s，请先登记或核对", **params)
    if keys:
        message = _("%(label)s为“%(given)s”的%(noun)s有多条，无法确定是哪一条，请在页面上逐条填写", **params)
    return replace(row, values={**row.values, name: None}, problems=(*row.problems, Problem(message, name)))
