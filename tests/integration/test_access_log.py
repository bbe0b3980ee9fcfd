# ruff: noqa: S608 names of tables alone
"""The access log: what is recorded stays, by whom and about whom is found again, and what is changed shows."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from hub.access.office import purge
from hub.access.recording import Entry, Person
from hub.domain.access import Sight, Verdict
from hub.errors import StoreCorrupt, StoreUnavailable, Usage
from hub.ledger import accessqueries
from hub.ledger.accessmonths import Month
from hub.ledger.accesstables import APPEND_ONLY
from hub.ledger.accessverify import Verified, verify, verify_latest
from hub.ledger.database import open_database, reading, writing
from tests.integration.access import (
    KEYS,
    NOON,
    OWN,
    a_log,
    a_person,
    a_reader,
    asked,
    later,
    logged,
    read,
)
from tests.integration.stores import a_ledger, a_store, a_url, held_bytes

pytestmark = pytest.mark.usefixtures("database")
MIDNIGHT = datetime(2026, 4, 1, tzinfo=UTC)
SECRET = "parce que sa mère a appelé"


LAST = 2**63 - 1


def verified(store: Engine, up_to: int = LAST) -> Verified:
    with reading(store) as connection:
        return verify(connection, KEYS, up_to)


def tamper(store: Engine, *statements: str) -> None:
    """Change the log as someone could who owns the database: past the triggers."""
    with writing(store) as connection:
        for table in APPEND_ONLY:
            if store.dialect.name == "postgresql":
                connection.execute(text(f"alter table {table.name} disable trigger user"))
            else:
                for kind in ("changed", "deleted"):
                    connection.execute(text(f"drop trigger {table.name}_is_not_{kind}"))
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0


def test_an_entry_says_who_saw_whom_when_through_what_and_on_which_ground(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, person = a_log(store), a_person(1, cases=2)
    entry_id = read(log, person, reader=a_reader("one", "adviser", "site_lead", organisation="69001"))
    (entry,) = logged(store)
    assert (entry.entry_id, entry.at) == (entry_id, NOON)
    assert entry.reader_id == "https://issuer.example|one"
    assert (entry.roles, entry.network, entry.organisation) == (("adviser", "site_lead"), "france_travail", "69001")
    assert (entry.through, entry.kind, entry.outcome) == ("GET /api/v1/pathways/{person_id}", "read", "shown")
    assert [(each.subject_ref, each.sight, each.ground) for each in entry.people] == [
        (ref, Sight.FULL, "referent") for ref in person.refs
    ]


def test_who_looked_at_a_person_is_found_and_of_others_in_the_same_entry_nothing(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, one, two = a_log(store), a_person(1, cases=2), a_person(2)
    listed = Entry()
    listed.list([(one, OWN), (two, OWN)])
    first = log.record(asked(a_reader()), listed, NOON)
    second = read(log, one, later(1), reader=a_reader("two"))
    read(log, two, later(2))
    found = logged(store, refs=one.refs[:1])
    assert [entry.entry_id for entry in found] == [second, first]
    assert all([each.subject_ref for each in entry.people] == [one.refs[0]] for entry in found)
    assert logged(store, refs=[b"nobody here here"]) == []


def test_whom_a_reader_read_is_found_by_time_and_in_pages(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    ids = [read(log, a_person(number), later(number)) for number in range(7)]
    read(log, a_person(8), later(3), reader=a_reader("two"))
    mine = a_reader().reader_id
    assert [entry.entry_id for entry in logged(store, reader_id=mine)] == ids[::-1]
    assert [entry.entry_id for entry in logged(store, reader_id=mine, since=later(2), until=later(5))] == ids[4:1:-1]
    pages, after = [], None
    while page := logged(store, reader_id=mine, limit=3, after=after):
        pages += [entry.entry_id for entry in page]
        after = page[-1].entry_id
    assert pages == ids[::-1]


def test_the_same_request_of_several_records_shows_the_most_that_was_seen_of_a_case(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    ref = a_person(1).refs[0]
    entry = Entry()
    entry.read(Person((ref,)), Verdict(Sight.WITHOUT_HEALTH, "site"))
    entry.read(Person((ref, b"f" * 16)), OWN)
    a_log(store).record(asked(a_reader()), entry, NOON)
    (found,) = logged(store)
    assert [(each.subject_ref, each.sight) for each in found.people] == [(ref, 2), (b"f" * 16, 2)]


def test_stated_reasons_are_found_newest_first_in_pages_by_an_index_of_their_own(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, person = a_log(store), a_person(1)
    stated = []
    for hour in range(3):
        at = NOON + timedelta(hours=hour)
        read(log, person, at)
        entry = Entry()
        entry.break_glass(person, "emergency", SECRET)
        stated.append(log.record(asked(a_reader()), entry, at))
    statements: list[str] = []
    event.listen(store, "before_cursor_execute", lambda *told: statements.append(told[2]))
    with reading(store) as connection:
        found = accessqueries.entries(connection, kind="break_glass", limit=2)
        rest = accessqueries.entries(connection, kind="break_glass", after=found[-1].entry_id)
        since = accessqueries.entries(connection, kind="break_glass", since=NOON + timedelta(hours=1))
        assert [each.entry_id for each in (*found, *rest)] == stated[::-1]
        assert [each.entry_id for each in since] == stated[:0:-1]
        if store.dialect.name == "sqlite":
            shown = next(each for each in statements if "FROM access_entry" in each)
            plan = connection.exec_driver_sql(f"explain query plan {shown}", (0, 2, 0)).all()
            assert any("access_entry_with_reason" in row.detail for row in plan), plan


def test_a_refused_request_shows_nothing_and_still_names_whom_it_was_about(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    entry = Entry()
    entry.refuse(a_person(1))
    a_log(store).record(asked(a_reader()), entry, NOON)
    (found,) = logged(store, refs=a_person(1).refs)
    assert (found.outcome, found.people[0].sight, found.people[0].ground) == ("refused", Sight.NOTHING, None)


@pytest.mark.parametrize("table", [table.name for table in APPEND_ONLY])
def test_nobody_changes_or_deletes_what_is_recorded(tmp_path: Path, table: str) -> None:
    store = a_ledger(tmp_path)
    read(a_log(store), a_person(1))
    with writing(store) as connection:
        connection.execute(text("insert into access_release values (1, 1)"))
        for name in ("alarm", "purge"):
            columns = {
                "alarm": "entry_id, reader_no, reader_id, counted, people, most",
                "purge": "before_entry, entries, entry_id",
            }
            values = {"alarm": "1, 1, 'x', 'own', 1, 1", "purge": "0, 0, 1"}
            connection.execute(text(f"insert into access_{name} ({columns[name]}) values ({values[name]})"))
    column = "alarm_no" if table == "access_release" else "entry_id"
    statements = [f"update {table} set {column} = {column}", f"delete from {table}"]
    names = [table]
    if store.dialect.name == "postgresql":
        if table in {"access_entry", "access_person"}:
            names.append(f"{table}_2026_03")
            statements += [f"update {names[1]} set {column} = {column}", f"delete from {names[1]}"]
        statements += [f"truncate {name}" for name in names]
    for statement in statements:
        with pytest.raises(DBAPIError, match=r"append-only|P0001"), writing(store) as connection:
            connection.execute(text(statement))
    with reading(store) as connection:
        assert connection.execute(text(f"select count(*) from {table}")).scalar() == 1


def test_a_reason_is_sealed_and_opens_only_beside_what_it_was_given_for(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    entry = Entry()
    entry.break_glass(a_person(1), "emergency", SECRET)
    entry_id = a_log(store).record(asked(a_reader()), entry, NOON)
    assert SECRET.encode() not in held_bytes(tmp_path)
    with reading(store) as connection:
        assert accessqueries.reason(connection, KEYS, entry_id) == SECRET
        assert accessqueries.entry(connection, entry_id).code == "emergency"
    tamper(store, "update access_entry set code = 'complaint'")
    with reading(store) as connection, pytest.raises(StoreCorrupt):
        accessqueries.reason(connection, KEYS, entry_id)


def test_what_was_asked_for_and_led_to_nobody_is_not_kept(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    entry = Entry()
    entry.look_up(None, "Durand 1980-02-01")
    log.record(asked(a_reader()), entry, NOON)
    assert b"Durand" not in held_bytes(tmp_path)
    (found,) = logged(store)
    assert (found.kind, found.people) == ("look_up", ())


def test_texts_of_a_token_that_no_store_keeps_do_not_stop_the_recording(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    reader = a_reader("nul\x00", organisation="a\ud800")
    read(a_log(store), a_person(1), reader=reader)
    read(a_log(store), a_person(2), reader=reader)
    assert verified(store)[:3] == (2, 1, [])


@pytest.mark.parametrize(
    ("statement", "defect"),
    [
        ("update access_entry set outcome = 'refused' where number = 2", "changed"),
        ("update access_person set ground = 'site' where person = X", "changed"),
        ("delete from access_person where person = X", "changed"),
        ("delete from access_entry where number = 2", "entries 2 to 2 are missing"),
        ("delete from access_entry where number = 3", "last entries are missing"),
        ("update access_reader set number = 2", "last entries are missing"),
        ("update access_reader set purged_number = 1", "where its entries begin was changed"),
        ("delete from access_reader", "3 entries have a reader who is not there"),
    ],
)
def test_what_is_changed_or_taken_away_shows(tmp_path: Path, statement: str, defect: str) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    for number in (1, 2, 3):
        read(log, a_person(number), later(number))
    assert verified(store)[:3] == (3, 1, [])
    ref = a_person(2).refs[0].hex()
    tamper(store, statement.replace("X", f"'\\x{ref}'" if store.dialect.name == "postgresql" else f"x'{ref}'"))
    assert any(defect in each for each in verified(store).defects)


@pytest.mark.parametrize(
    "statement",
    [
        "update access_entry set outcome = 'refused' where number = 5",
        "delete from access_person where entry_id = (select max(entry_id) from access_person)",
        "delete from access_entry where number = 5",
        "delete from access_entry where number = 6",
        "update access_reader set number = 5",
    ],
)
def test_what_is_changed_or_taken_away_among_the_last_entries_shows_without_reading_those_before(
    tmp_path: Path, statement: str
) -> None:
    store = a_ledger(tmp_path)
    log = a_log(store)
    read(log, a_person(9), later(0), reader=a_reader("silent"))
    for number in range(1, 7):
        read(log, a_person(number), later(number))
    with reading(store) as connection:
        assert verify_latest(connection, KEYS, 3)[:3] == (3, 1, [])
        assert verify_latest(connection, KEYS, 100)[:3] == (7, 2, [])
    tamper(store, statement)
    with reading(store) as connection:
        assert verify_latest(connection, KEYS, 3).defects


def test_a_digest_kept_elsewhere_stays_while_entries_are_added_and_differs_once_one_is_gone(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    log, officer = a_log(store), asked(a_reader("dpo", "dpo"))
    old = read(log, a_person(1), later(days=-400))
    read(log, a_person(1), reader=a_reader("two"))
    last = read(log, a_person(1), later(1))
    kept = verified(store, last)
    newest = verified(store).digest
    assert kept.digest == newest != verified(store, old).digest
    read(log, a_person(2), later(2))
    read(log, a_person(2), later(3), reader=a_reader("three"))
    purge(store, log, KEYS, officer, Month(2025, 6), kept_months=6, now=later(4))
    assert verified(store, last).digest == kept.digest != verified(store).digest
    tamper(
        store,
        "delete from access_reader where reader_id like '%two'",
        "delete from access_entry where reader_id like '%two'",
    )
    assert verified(store, last).digest != kept.digest


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
