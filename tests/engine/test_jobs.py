"""A job is asked for with what needs it, taken by one, tried again after a while, and given up with its reason."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from flask import Flask

from app.alerts.sweep import SWEPT_AT
from app.cases.circulars import SETTLED_AT
from app.claims.lapses import LAPSED_AT
from app.core import clock
from app.core.database import db, transaction, writing
from app.core.refusals import Refused
from app.core.viewer import as_system, viewer
from app.cover.feed_files import WRITTEN_AT
from app.engine import jobs, workers
from app.engine.jobs import KINDS, Does, Kind
from app.engine.running import Overtaken, Running
from app.engine.workers import Worker
from app.letters.expiry import EXPIRED_AT
from app.ops.cleanup import CLEANED_AT
from models.grammar.columns import SHANGHAI
from models.grammar.viewer import EMPLOYER, Viewer
from models.job import Job
from models.rules.notices import DIGEST_AT
from models.rules.problem import Problem
from tests.bare import DAY, person, work
from tests.engine.ledger import KIND, LEDGER, ask, lines, open_ledger, row, states

pytestmark = pytest.mark.databases("sqlite", "postgres")
NOON = datetime(2025, 3, 12, 12, tzinfo=SHANGHAI)
CROWD, EACH = 8, 5
HANGS_AFTER_SECONDS = 60


@pytest.fixture(scope="module")
def shop(bare: Flask) -> Flask:
    """The application with an empty ledger."""
    open_ledger(bare)
    return bare


@pytest.fixture(autouse=True)
def _emptied(shop: Flask) -> Iterator[None]:
    yield
    with shop.app_context(), db.engine.begin() as connection:
        for table in (LEDGER, Job.metadata.tables["job"]):
            connection.execute(table.delete())


@contextmanager
def kind(does: Does, **more: Any) -> Iterator[str]:
    """Inside, there is a further kind of jobs."""
    made = Kind(name="trial", label="试验", does=does, **more)
    KINDS[made.name] = made
    try:
        yield made.name
    finally:
        del KINDS[made.name]


@contextmanager
def at(app: Flask, moment: datetime = NOON) -> Iterator[Worker]:
    """A worker at that moment."""
    with clock.frozen_time(moment), app.app_context():
        yield Worker(lambda _key: None)


def fail(running: Running) -> None:
    raise RuntimeError("a secret of the machine room")


def test_a_job_of_a_transaction_that_is_rolled_back_was_never_asked_for(shop: Flask) -> None:
    with work(shop, person(EMPLOYER)), pytest.raises(ZeroDivisionError), transaction():
        jobs.enqueue(KIND)
        raise ZeroDivisionError
    assert states(shop) == {}


def test_what_is_asked_for_twice_under_one_key_is_one_job(shop: Flask) -> None:
    first, again = ask(shop, unique_key="2025-03"), ask(shop, unique_key="2025-03", arguments={"later": True})
    other = ask(shop, unique_key="2025-04")
    assert first == again != other
    assert row(shop, first[0]).arguments == {}
    assert len({*ask(shop), *ask(shop)}) == 2  # without a key each is another


def test_many_who_ask_at_once_under_one_key_get_one_job(shop: Flask) -> None:
    gate = Barrier(CROWD)

    def one() -> int:
        gate.wait()
        return ask(shop, unique_key="together")[0]

    with ThreadPoolExecutor(CROWD) as pool:
        found = [each.result() for each in [pool.submit(one) for _ in range(CROWD)]]
    assert len(set(found)) == 1
    assert states(shop) == {"available": 1}


def test_every_job_is_taken_once_however_many_workers_there_are(shop: Flask) -> None:
    keys, gate = ask(shop, CROWD * EACH), Barrier(CROWD)

    def labour() -> int:
        worker, count = Worker(lambda _key: None), 0
        gate.wait()
        with shop.app_context():
            while worker.do_next():
                count += 1
        return count

    with ThreadPoolExecutor(CROWD) as pool:
        counts = [each.result() for each in [pool.submit(labour) for _ in range(CROWD)]]
    assert sum(counts) == len(keys)
    assert lines(shop) == dict.fromkeys(keys, 1)
    assert states(shop) == {"completed": len(keys)}


def test_the_job_that_has_been_due_the_longest_is_done_first_and_none_before_its_time(shop: Flask) -> None:
    late, early = (ask(shop, at=NOON - timedelta(hours=hours))[0] for hours in (1, 2))
    [later] = ask(shop, at=NOON + timedelta(seconds=1))
    with at(shop) as worker:
        assert [worker.do_next(), list(lines(shop))] == [True, [early]]
        assert [worker.do_next(), set(lines(shop))] == [True, {early, late}]
        assert worker.do_next() is False
    with at(shop, NOON + timedelta(seconds=1)) as worker:
        assert worker.do_next()
    assert row(shop, later).state == "completed"


def test_a_job_that_fails_rests_longer_each_time_and_is_given_up_after_its_last_attempt(
    shop: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    moment, pauses = NOON, []
    with kind(fail, attempts=3) as name:
        [key] = ask(shop, kind=name, at=NOON)
        for _ in range(2):
            with at(shop, moment) as worker:
                assert worker.do_next()
                assert not worker.do_next()  # it rests
            found = row(shop, key)
            assert found.state == "retryable"
            pauses.append(found.scheduled_at - moment)
            moment = found.scheduled_at
        with at(shop, moment) as worker:
            assert worker.do_next()
    found = row(shop, key)
    assert pauses == [timedelta(seconds=30), timedelta(minutes=2)]
    assert (found.state, found.attempt, found.finished_at) == ("discarded", 3, moment)
    assert found.error == "执行时出错，事件编号 %(incident)s"
    assert "secret" not in found.error + found.error_params
    assert [each.exc_info is not None for each in caplog.records if "failed" in each.message] == [True] * 3
    with at(shop, moment + timedelta(days=9)) as worker:
        assert not worker.do_next()


def test_no_pause_is_longer_than_the_longest() -> None:
    assert [workers.pause_after(each) for each in (1, 2, 3, 9)] == [
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=8),
        workers.LONGEST_PAUSE,
    ]


def test_a_refusal_is_no_fault_and_is_not_tried_again(shop: Flask) -> None:
    def refuse(running: Running) -> None:
        db.session.execute(LEDGER.insert().values(job_id=running.id))
        raise Refused([Problem("一次最多导出 %(count)s 条，请用查询条件缩小范围", params={"count": "100,000"})])

    with kind(refuse) as name, at(shop) as worker:
        [key] = ask(shop, kind=name)
        worker.do_next()
    found = row(shop, key)
    assert (found.state, found.attempt, lines(shop)) == ("discarded", 1, {})
    assert found.error_params == '{"count": "100,000"}'


def test_a_job_of_no_declared_kind_is_given_up_with_its_name(shop: Flask) -> None:
    with kind(fail) as name:
        [key] = ask(shop, kind=name, at=NOON)
    with at(shop) as worker:
        assert worker.do_next()
    found = row(shop, key)
    assert (found.state, found.error, found.error_params) == (
        "discarded",
        "程序中没有名为“%(kind)s”的任务，未执行",
        '{"kind": "trial"}',
    )


def test_what_a_job_does_and_its_mark_are_one_transaction(shop: Flask) -> None:
    def half(running: Running) -> None:
        db.session.execute(LEDGER.insert().values(job_id=running.id))
        raise RuntimeError

    with kind(half) as name, at(shop) as worker:
        [key] = ask(shop, kind=name)
        worker.do_next()
    assert (row(shop, key).state, lines(shop)) == ("retryable", {})


def lost(shop: Flask, moment: datetime = NOON) -> Running:
    """A job in the hands of a worker that has said nothing since that moment."""
    with clock.frozen_time(moment):
        ask(shop)
        with shop.app_context():
            taken = workers.take("a worker that is gone")
    assert taken is not None
    return taken


def test_only_a_job_whose_heartbeat_is_old_is_given_to_another(shop: Flask) -> None:
    taken = lost(shop)
    with at(shop, NOON + workers.SILENT_FOR):
        assert workers.rescue() == 0
    with at(shop, NOON + workers.SILENT_FOR + timedelta(seconds=1)) as worker:
        assert workers.rescue() == 1
        assert row(shop, taken.id).state == "available"
        assert worker.do_next()
    found = row(shop, taken.id)
    assert (found.state, found.attempt, lines(shop)) == ("completed", 2, {taken.id: 1})


def test_a_job_that_has_run_for_days_is_left_alone_while_its_heart_beats(shop: Flask) -> None:
    gate, done = Event(), Event()

    def long(running: Running) -> None:
        running.at(1, 2)  # what is new is told at once
        gate.set()
        assert done.wait(HANGS_AFTER_SECONDS)

    def beaten_after(moment: datetime) -> bool:
        return bool(row(shop, key).heartbeat_at > moment)

    with kind(long, apart=True) as name, ThreadPoolExecutor(1) as pool:
        [key] = ask(shop, kind=name, at=NOON)
        working = pool.submit(_do_at, shop, NOON)
        assert gate.wait(HANGS_AFTER_SECONDS)
        wait_until(lambda: beaten_after(NOON))  # its thread tells the time of the real clock, years later
        with at(shop, NOON + timedelta(days=3)):
            assert workers.rescue() == 0
        done.set()
        assert working.result(HANGS_AFTER_SECONDS)
    assert row(shop, key).state == "completed"


def _do_at(app: Flask, moment: datetime) -> bool:
    with at(app, moment) as worker:
        return worker.do_next()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until it holds; fail when that takes a minute."""
    pause = Event()
    for _ in range(HANGS_AFTER_SECONDS * 100):
        if holds():
            return
        pause.wait(0.01)
    pytest.fail("it never came to be")


def test_a_job_whose_worker_is_gone_for_the_last_time_is_given_up(shop: Flask) -> None:
    with kind(fail, attempts=1) as name:
        [key] = ask(shop, kind=name, at=NOON)
        with at(shop):
            assert workers.take("a worker that is gone") is not None
    with at(shop, NOON + timedelta(hours=1)):
        assert workers.rescue() == 1
    found = row(shop, key)
    assert (found.state, found.error) == ("discarded", "执行进程中断，已达到最多执行次数")


def taken_over(shop: Flask) -> tuple[Running, Running]:
    """One job in the hands of who has lost it, and of who has it now."""
    before = lost(shop)
    with at(shop, NOON + timedelta(hours=1)):
        workers.rescue()
        after = workers.take(before.worker)  # not even a name that is given twice helps
    assert after is not None and after.id == before.id
    return before, after


def test_whoever_lost_a_job_meanwhile_keeps_nothing_of_it(shop: Flask) -> None:
    before, after = taken_over(shop)
    held = row(shop, before.id)
    with shop.app_context(), as_system():
        with pytest.raises(Overtaken), before.completing():
            db.session.execute(LEDGER.insert().values(job_id=before.id))
        with kind(fail) as name:
            Worker(lambda _key: None).do(replace(before, kind=name))  # nor may it say that the job failed
        assert (lines(shop), row(shop, before.id)) == ({}, held)
        Worker(lambda _key: None).do(after)
    assert (lines(shop), row(shop, before.id).state) == ({before.id: 1}, "completed")
    with shop.app_context(), as_system(), pytest.raises(Overtaken), before.completing():
        pass


def test_a_worker_hears_that_it_has_lost_its_job(shop: Flask) -> None:
    before, after = taken_over(shop)
    with shop.app_context(), as_system(), before.beating(shop):
        before.at(1, 2)  # the beat that tells of it finds the job in other hands
        wait_until(lambda: before.is_overtaken)
        with pytest.raises(Overtaken):
            before.at(2, 2)
    assert (row(shop, after.id).state, row(shop, after.id).done) == ("executing", 0)


def test_a_daily_job_is_asked_for_once_after_days_of_rest(shop: Flask) -> None:
    asked = []
    for day in (NOON, NOON, NOON + timedelta(days=5)):
        with at(shop, day):
            asked.append(jobs.enqueue_due())
    assert asked == [7, 0, 7]  # clean-up, sweep, expired letters, lapsed claims, circulars, files of cover, digest
    hours = Counter((SWEPT_AT, LAPSED_AT, SETTLED_AT, EXPIRED_AT, CLEANED_AT, WRITTEN_AT, DIGEST_AT))
    for hour, due in sorted(hours.items()):
        early = NOON.replace(hour=hour) + timedelta(days=6)
        for moment, fresh in ((early - timedelta(seconds=1), 0), (early, due)):
            with at(shop, moment):
                assert jobs.enqueue_due() == fresh


def test_cleaning_up_is_a_daily_job_and_says_what_went(shop: Flask) -> None:
    with at(shop) as worker:
        worker.look_around()
        while worker.do_next():
            pass
    table = Job.metadata.tables["job"]
    with shop.app_context(), db.engine.connect() as connection:
        found = connection.execute(table.select().where(table.c.kind == "cleanup")).one()
    assert (found.kind, found.unique_key, found.state) == ("cleanup", "2025-03-12", "completed")
    kinds = (
        "uploads",
        "files",
        "sessions",
        "links",
        "events",
        "jobs",
        "notices",
        "mails",
        "deliveries",
        "requests",
        "answers",
    )
    assert found.result == dict.fromkeys(kinds, 0)


def test_jobs_that_are_long_over_are_swept_and_waiting_ones_are_not(shop: Flask) -> None:
    old, waiting = ask(shop, at=NOON)[0], ask(shop, at=NOON + timedelta(days=90))[0]
    with at(shop) as worker:
        assert worker.do_next()
    for moment, gone in ((NOON + jobs.KEPT_FOR, 0), (NOON + jobs.KEPT_FOR + timedelta(seconds=1), 1)):
        with at(shop, moment), writing(), transaction():
            assert jobs.forget_old_jobs() == gone
    assert row(shop, waiting).state == "available"
    assert ask(shop)[0] not in (old, waiting)


def test_a_job_for_a_person_is_done_as_that_person_is_when_it_runs(shop: Flask) -> None:
    seen: list[Viewer] = []
    asker, since = person(EMPLOYER, user_id=777), person(EMPLOYER, "review", user_id=777)
    with kind(lambda _running: seen.append(viewer()), as_asker=True) as name:
        for _ in range(2):
            with work(shop, asker, DAY), transaction():
                key = jobs.enqueue(name)
        with at(shop):
            assert Worker({777: since}.get).do_next()
            assert Worker({}.get).do_next()  # the account has been closed meanwhile
    assert seen == [since]
    found = row(shop, key)
    assert (found.state, found.error, found.created_by_id) == ("discarded", "申请人的账号已停用，未执行", 777)
