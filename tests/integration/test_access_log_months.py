"""The access log as time passes: several processes at once, months that come and go, clocks that go back."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.access.office import purge
from hub.access.recording import Entry
from hub.errors import StoreUnavailable, Usage
from hub.ledger import accessqueries
from hub.ledger.accessmonths import Month
from hub.ledger.database import open_database, reading, writing
from tests.integration.access import KEYS, NOON, a_log, a_person, a_reader, asked, later, logged, read
from tests.integration.access_log_checks import verified
from tests.integration.stores import a_ledger, a_store, a_url

pytestmark = pytest.mark.usefixtures("database")
MIDNIGHT = datetime(2026, 4, 1, tzinfo=UTC)


def append_around(url: str, name: str, count: int) -> int:
    """Append in a process of its own, from just before midnight to just after."""
    store = open_database(url)
    log = a_log(store)
    for number in range(count):
        read(log, a_person(number), MIDNIGHT + timedelta(seconds=number - count // 2), reader=a_reader(name))
    store.dispose()
    return count


def test_processes_that_append_around_a_months_change_lose_nothing(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    names = ["one", "two", "one"]
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as processes:
        counts = processes.map(append_around, [a_url(tmp_path)] * 3, names, [40] * 3)
        assert sum(counts) == 120
    found = logged(store)
    assert len(found) == 120
    assert {Month.of(entry.at) for entry in found} == {Month(2026, 3), Month(2026, 4)}
    assert verified(store)[:3] == (120, 2, [])


def test_a_month_nobody_prepared_is_made_when_its_first_entry_comes(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    for days in (0, 400, 401):
        read(log, a_person(1), later(days=days))
    assert len(logged(store)) == 3


def test_entries_go_on_when_a_month_or_a_reader_was_taken_away_under_a_running_process(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    read(log, a_person(1))
    with writing(store) as connection:
        connection.execute(text("delete from access_reader"))
        if store.dialect.name == "postgresql":
            for table in ("access_entry", "access_person"):
                connection.execute(text(f"drop table {table}_2026_03"))
    read(log, a_person(1), later(1))
    assert later(1) in {entry.at for entry in logged(store)}


def test_a_clock_that_goes_back_leaves_each_readers_entries_in_their_order(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    first, second = read(log, a_person(1), later(5)), read(log, a_person(2), NOON)
    assert second > first
    assert verified(store).defects == []


def test_old_months_go_only_after_their_time_and_the_rest_still_verifies(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, officer = a_log(store), asked(a_reader("dpo", "dpo"))
    for days in (-400, -399, -100, 0):
        read(log, a_person(1), later(days=days))
    with pytest.raises(Usage, match="kept for 6 months"):
        purge(store, log, KEYS, officer, Month(2025, 10), kept_months=6, now=NOON)
    assert purge(store, log, KEYS, officer, Month(2025, 9), kept_months=6, now=NOON) == 2
    assert [entry.kind for entry in logged(store)] == ["purge", "read", "read"]
    assert purge(store, log, KEYS, officer, Month(2025, 9), kept_months=6, now=later(1)) == 0
    read(log, a_person(1), later(2))
    assert verified(store).defects == []
    with pytest.raises(DBAPIError, match=r"append-only|P0001"), writing(store) as connection:
        connection.execute(text("delete from access_entry"))


def test_nothing_passes_for_recorded_while_the_store_takes_nothing(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    other = a_store(tmp_path, busy_timeout_ms=200)
    log = a_log(other)
    read(log, a_person(1))
    with writing(store) as connection:
        if store.dialect.name == "postgresql":
            connection.execute(text("lock table access_reader in access exclusive mode"))
        with pytest.raises(StoreUnavailable):
            read(log, a_person(2), later(1))
    read(log, a_person(3), later(2))
    assert len(logged(store)) == 2


def test_requests_that_end_at_once_are_each_recorded_and_each_told_their_own(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)

    def ask(number: int) -> int:
        entry = Entry()
        entry.break_glass(a_person(number), "audit", f"reason {number}")
        return log.record(asked(a_reader(str(number % 5))), entry, NOON)

    with ThreadPoolExecutor(16) as threads:
        ids = list(threads.map(ask, range(200)))
    assert len(set(ids)) == 200
    with reading(store) as connection:
        for number in range(0, 200, 17):
            assert accessqueries.reason(connection, KEYS, ids[number]) == f"reason {number}"
    assert verified(store)[:3] == (200, 5, [])
