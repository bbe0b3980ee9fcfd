"""The ledger on PostgreSQL under many workers: dense, in commit order, every event once, and flat in memory."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select, text

from hub.errors import EventConflict, OffsetConflict, StoreUnavailable
from hub.ledger import ledger, offsets, tables
from hub.ledger.database import reading, writing
from hub.log.port import Stored, TopicPartition
from hub.privacy.keystore import KeyStore, SubjectKey
from tests.integration.stores import (
    MASTER,
    NOON,
    TOPIC,
    a_case,
    a_keystore,
    a_ledger,
    a_store,
    an_entry,
    append,
)
from tests.servers.run import wait_until

WORKERS, BATCHES, EVENTS = 5, 20, 7
FIRST = TopicPartition(TOPIC, 0)

pytestmark = pytest.mark.usefixtures("on_postgresql")


def a_subject(folder: Path) -> SubjectKey:
    return a_keystore(folder).ensure([a_case()])[a_case()]


def waits(engine: Engine) -> bool:
    """Tell whether a transaction of this database waits for another one's."""
    query = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    with reading(engine) as connection:
        return bool(connection.scalar(query))


def test_many_workers_append_at_once_without_a_gap_in_any_moment(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    done = Event()
    seen: list[tuple[int, int]] = []

    def work(worker: int) -> list[int]:
        mine = a_store(tmp_path)
        positions: list[int] = []
        for batch in range(BATCHES):
            first = (worker * BATCHES + batch) * EVENTS
            # Clocks that disagree by a minute.
            stamp = NOON + timedelta(seconds=15 * worker)
            positions += append(mine, *(an_entry(first + each, subject) for each in range(EVENTS)), stamp=stamp)
        return positions

    def watch() -> None:
        while not done.is_set():
            with reading(engine) as connection:
                query = select(func.count(), func.coalesce(func.max(tables.ledger.c.position), 0))
                count, last = connection.execute(query.select_from(tables.ledger)).one()
                seen.append((count, last))

    watcher = Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(WORKERS) as workers:
        positions = [position for each in workers.map(work, range(WORKERS)) for position in each]
    done.set()
    watcher.join()
    assert sorted(positions) == list(range(1, WORKERS * BATCHES * EVENTS + 1))
    # A position that commits before a lower one would show as a gap in some snapshot.
    assert [each for each in seen if each[0] != each[1]] == []
    assert len(set(seen)) > BATCHES
    with reading(engine) as connection:
        rows = connection.execute(
            text("select stamped_at, count(*) from ledger group by 1 order by min(position)")
        ).all()
    assert [count for _, count in rows] == [EVENTS] * (WORKERS * BATCHES)
    assert [stamp for stamp, _ in rows] == sorted({stamp for stamp, _ in rows})


def test_an_event_that_two_workers_have_enters_once(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    outcomes: list[Any] = []

    def second() -> None:
        try:
            outcomes.append(append(engine, an_entry(2, subject), an_entry(1, subject)))
        except EventConflict as conflict:
            outcomes.append(conflict)

    other = Thread(target=second)
    with writing(engine) as connection:
        ledger.append(connection, [an_entry(1, subject)], stamp=NOON, random_bytes=os.urandom)
        other.start()
        wait_until(lambda: waits(engine), deadline_s=10, what="the second worker's wait for the first")
    other.join()
    (conflict,) = outcomes
    assert isinstance(conflict, EventConflict)
    assert conflict.retriable
    assert append(engine, an_entry(2, subject)) == [2]


@pytest.mark.parametrize("moves", [[(None, 10)], [(None, 10), (10, 20)]], ids=["first", "next"])
def test_a_batch_that_two_workers_have_moves_the_offset_once(
    tmp_path: Path, moves: list[tuple[int | None, int]]
) -> None:
    engine = a_ledger(tmp_path)
    outcomes: list[str] = []

    def advance(connection: Connection, move: tuple[int | None, int]) -> None:
        expected, reached = (None if place is None else Stored(place, "topic-1", 0) for place in move)
        assert reached
        offsets.advance(connection, "hub", FIRST, expected, reached, 10)

    def second() -> None:
        try:
            with writing(engine) as connection:
                advance(connection, moves[-1])
        except OffsetConflict as conflict:
            outcomes.append(conflict.code)

    for move in moves[:-1]:
        with writing(engine) as connection:
            advance(connection, move)
    other = Thread(target=second)
    with writing(engine) as connection:
        advance(connection, moves[-1])
        other.start()
        wait_until(lambda: waits(engine), deadline_s=10, what="the second worker's wait for the first")
    other.join()
    assert outcomes == ["offset_conflict"]
    with reading(engine) as connection:
        (stored,) = offsets.all_offsets(connection)
    assert (stored.next_offset, stored.records_read) == (moves[-1][1], 10 * len(moves))


def test_a_worker_killed_while_it_appends_leaves_no_gap_and_lets_others_on(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    with pytest.raises(StoreUnavailable), writing(engine) as connection:  # noqa: PT012 - the commit fails
        ledger.append(connection, [an_entry(1, subject)], stamp=NOON, random_bytes=os.urandom)
        process = connection.exec_driver_sql("select pg_backend_pid()").scalar()
        with reading(a_store(tmp_path)) as other:
            other.exec_driver_sql(f"select pg_terminate_backend({process}, 5000)")
    assert append(engine, an_entry(1, subject)) == [1]


def test_keys_that_many_workers_make_at_once_are_the_same(tmp_path: Path) -> None:
    a_keystore(tmp_path)
    subjects = [a_case(number) for number in range(2_000)]

    def ensure(worker: int) -> dict[Any, SubjectKey]:
        keystore = KeyStore(a_store(tmp_path, "keys"), MASTER, os.urandom)
        mine = subjects[worker * 200 :] + subjects[: worker * 200]
        found: dict[Any, SubjectKey] = {}
        for start in range(0, len(mine), 300):
            found |= keystore.ensure(mine[start : start + 300])
        return found

    with ThreadPoolExecutor(WORKERS) as workers:
        first, *others = workers.map(ensure, range(WORKERS))
    assert set(first) == set(subjects)
    assert all(other == first for other in others)
    assert KeyStore(a_store(tmp_path, "keys"), MASTER, os.urandom).find(subjects) == first


def test_a_key_is_committed_before_it_is_given(tmp_path: Path) -> None:
    keystore = a_keystore(tmp_path)
    given = keystore.ensure([a_case()])
    assert KeyStore(a_store(tmp_path, "keys"), MASTER, os.urandom).find([a_case()]) == given


def plans(engine: Engine, query: Any) -> str:
    """Give how PostgreSQL carries out the statements of a query."""
    told: list[str] = []

    def explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN {statement}", parameters)
            told.extend(row[0] for row in cursor.fetchall())

    event.listen(engine, "before_cursor_execute", explain)
    with reading(engine) as connection:
        query(connection)
    event.remove(engine, "before_cursor_execute", explain)
    return "\n".join(told)


def test_look_ups_go_by_an_index_from_the_first_row_on(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path, cached=1_000)
    keys = list(keystore.ensure([a_case(number) for number in range(400)]).values())
    # The statements are prepared while the table is empty, and then it grows without new statistics.
    for _ in range(8):
        with reading(engine) as connection:
            list(ledger.read_subjects(connection, keys[:20]))
            ledger.known(connection, [bytes(16)])
    append(engine, *(an_entry(number, keys[number % 400]) for number in range(8_000)))
    by_subject = plans(engine, lambda connection: list(ledger.read_subjects(connection, keys[:20])))
    assert "ledger_by_subject" in by_subject
    ids = [number.to_bytes(16, "big") for number in range(5)]
    by_id = plans(engine, lambda connection: ledger.known(connection, ids))
    by_type = plans(engine, lambda connection: list(ledger.read_types(connection, ["Placed"], keystore)))
    assert "ledger_by_type" in by_type
    assert "Seq Scan" not in by_subject + by_id + by_type
