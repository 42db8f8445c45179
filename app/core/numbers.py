"""Serial numbers: no gaps, no repeats, under any concurrency."""

from datetime import date

from sqlalchemy.dialects import postgresql, sqlite

from app.core.database import db
from models.counter import Counter


def of_day(series: str, day: date) -> str:
    """The name of the series that counts that day alone, as 保函编号 and 申请编号 do: a day has a million of them."""
    return f"{series} {day:%y%m%d}"


def serial(series: str, day: date) -> int:
    """The next number of a series on that day, from 1."""
    return next_serial(of_day(series, day))


def next_serial(series: str) -> int:
    """The next number of a series, from 1; it is used up only if the transaction commits."""
    return next_block(series, 1)


def next_block(series: str, count: int) -> int:
    """The first of the next `count` numbers of a series; nobody else gets one of them."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Counter).values(name=series, value=count)
    query = insert.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + count}).returning(
        Counter.value
    )
    return int(db.session.execute(query).scalar_one()) - count + 1
