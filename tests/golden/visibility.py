"""Every record × state × side: whether the row is seen, edited, deleted, by asking the scope in SQL and the record."""

from collections.abc import Iterator

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models.grammar.base import Record
from models.grammar.viewer import Viewer
from tests.golden.records import SIDES, beside, every_record, row, states_of

MARKS = "-: not seen   r: seen   e: seen and edited   d: seen, edited and deleted   !: edited or deleted unseen"


def table() -> str:
    """The whole table."""
    models, engine = every_record(), create_engine("sqlite://")
    Record.metadata.create_all(engine)
    lines = ["Who sees a record, and who may edit or delete it.", "", MARKS, ""]
    lines += [f"{name}  {meaning}" for name, (meaning, _viewer) in SIDES.items()]
    with Session(engine) as session:
        for model in models:
            lines += ["", *_of_record(session, model)]
    engine.dispose()
    return "\n".join(lines) + "\n"


def _of_record(session: Session, model: type[Record]) -> Iterator[str]:
    yield f"{model.__name__} {model.noun}"
    yield " " * 20 + " ".join(SIDES)
    for state in states_of(model):
        with session.no_autoflush:
            session.add_all([row(model, state), *beside(model)])
            session.flush()
            session.expunge_all()
            found = session.scalars(select(model)).unique().one()
            marks = (f"{_mark(session, found, viewer):<4}" for _meaning, viewer in SIDES.values())
            yield f"    {state or '(any)':<16}" + " ".join(marks).rstrip()
            session.rollback()


def _mark(session: Session, record: Record, viewer: Viewer) -> str:
    model = type(record)
    query = select(model.id).where(model.id == record.id, model.scope(viewer))
    is_seen = session.execute(query).first() is not None
    edits, deletes = record.editable(viewer), record.deletable(viewer)
    if not is_seen:
        return "!" if edits or deletes else "-"
    return "d" if deletes else "e" if edits else "r"
