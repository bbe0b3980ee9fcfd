# ruff: noqa: S608 names of tables alone
"""The access log held against whoever would change it: what was changed or taken away shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub.access.office import purge
from hub.ledger.accessmonths import Month
from hub.ledger.accesstables import APPEND_ONLY
from hub.ledger.accessverify import verify_latest
from hub.ledger.database import reading, writing
from tests.integration.access import KEYS, a_log, a_person, a_reader, asked, later, read
from tests.integration.access_log_checks import tamper, verified
from tests.integration.stores import a_ledger

pytestmark = pytest.mark.usefixtures("database")


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
