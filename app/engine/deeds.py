"""A deed from its first look at the database to its commit: all of it or nothing, and a refusal that says why."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from app.core.database import Work, transaction
from app.core.refusals import LOST, Lost, Refused
from app.engine.clashes import REFERENCED, Clash, clash_of, is_crossed, is_overtaken
from app.engine.happened import is_running, one_deed
from models.rules.problem import Problem

IN_USE = "%(label)s“%(value)s”已被使用，请核对后更换"
IN_USE_UNKNOWN = "%(label)s已被使用，请核对后更换"
CROSSED = "他人正在办理与本业务相关的记录，本次操作没有生效，请刷新后重试"
TWICE = "已存在相同编号或名称的记录，请刷新后核对"


@contextmanager
def deed(found: Sequence[Problem] = (), *, referenced: str = REFERENCED) -> Iterator[Work]:
    """What is done inside is one deed, committed at its end; inside a running deed it is part of that.

    Raises Lost when somebody else was faster, Refused, with what was `found` before, when a value that must be
    unique is taken; nothing has changed then. `referenced` is what to say of a record that others point at.
    """
    if is_running():
        yield Work()
        return
    try:
        with one_deed(), transaction() as work:
            yield work
    except StaleDataError as stale:
        raise Lost(LOST) from stale
    except OperationalError as error:
        if is_crossed(error):
            raise Lost(CROSSED) from error
        raise
    except IntegrityError as error:
        if is_overtaken(error):
            raise Lost(referenced) from error
        clash = clash_of(error)
        if clash is None:
            raise
        raise Refused([*found, _taken(clash)]) from error


def _taken(clash: Clash) -> Problem:
    if not clash.label:
        return Problem(TWICE)
    if clash.value is None:
        return Problem(IN_USE_UNKNOWN, clash.field, {"label": clash.label})
    return Problem(IN_USE, clash.field, {"label": clash.label, "value": clash.value})
