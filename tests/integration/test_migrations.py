"""Revisions of the databases: they make what the program describes, from nothing and from every older one."""

from __future__ import annotations

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, MetaData, text

from hub.errors import EventConflict, StoreRevision, StoreUnavailable, Usage
from hub.ledger import accesstables, ledger, offsets
from hub.ledger import tables as ledger_tables
from hub.ledger.accounting import Accounting, accounting
from hub.ledger.database import reading, writing
from hub.ledger.migrating import STORE, Revisions, check, create_or_upgrade, pending, upgrade
from hub.privacy.keystore import REVISIONS as KEYS
from hub.privacy.keystore import KeyStore
from hub.privacy.keystore import metadata as keys_metadata
from hub.projections.tables import registry
from tests.integration.stores import MASTER, a_case, a_keystore, a_ledger, a_store, an_entry, append

RELEASED = Path(__file__).with_name("released")
KINDS = pytest.mark.parametrize("revisions", [STORE, KEYS], ids=["store", "keys"])
OLDER = pytest.mark.parametrize("revision", STORE.names()[:-1])
# All that PostgreSQL says of the tables of a schema, the table's name first.
CATALOGUE = (
    """
    select table_name, column_name, data_type, is_nullable, column_default, identity_generation, collation_name
    from information_schema.columns where table_schema = current_schema()
    """,
    """
    select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace = current_schema()::regnamespace
    """,
    """
    select tablename, replace(indexdef, current_schema() || '.', '')
    from pg_indexes where schemaname = current_schema()
    """,
)
BROKEN = """
from alembic import op
revision, down_revision = "9999", "LAST"
def upgrade():
    op.execute("create table half (line text)")
    op.execute("insert into nowhere values (1)")
"""


def described(revisions: Revisions) -> list[MetaData]:
    assert accesstables.access_entry.metadata is ledger_tables.metadata
    return [keys_metadata] if revisions is KEYS else [ledger_tables.metadata, registry]


def empty(folder: Path, name: str = "hub") -> Engine:
    return a_store(folder, name, must_exist=False)


def tables_of(engine: Engine, revisions: Revisions) -> list[str]:
    """Give all that the database says of its tables, but for where it keeps the revision."""
    queries = CATALOGUE if engine.dialect.name == "postgresql" else ("select tbl_name, sql from sqlite_master",)
    with reading(engine) as connection:
        rows = [row for query in queries for row in connection.execute(text(query))]
    return sorted(" ".join(" ".join(map(str, row)).split()) for row in rows if row[0] != revisions.table)


def older(revisions: Revisions, revision: str, folder: Path) -> Revisions:
    """Give the revisions as an older version of the program had them."""
    folder.mkdir()
    for path in revisions.folder.glob("r[0-9]*.py"):
        if path.stem[1:5] <= revision:
            (folder / path.name).write_bytes(path.read_bytes())
    return revisions._replace(folder=folder)


@KINDS
@pytest.mark.usefixtures("database")
def test_the_revisions_make_what_the_program_describes(tmp_path: Path, revisions: Revisions) -> None:
    migrated, described_ = empty(tmp_path, "migrated"), empty(tmp_path, "described")
    assert create_or_upgrade(migrated, revisions) == revisions.names()
    with writing(described_) as connection:
        for metadata in described(revisions):
            metadata.create_all(connection)
    assert tables_of(migrated, revisions) == tables_of(described_, revisions)


@KINDS
@pytest.mark.usefixtures("database")
def test_alembic_finds_nothing_left_to_do(tmp_path: Path, revisions: Revisions) -> None:
    engine = empty(tmp_path)
    create_or_upgrade(engine, revisions)
    whole = MetaData()
    for metadata in described(revisions):
        for table in metadata.tables.values():
            table.to_metadata(whole)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": revisions.table})
        assert compare_metadata(context, whole) == []


@KINDS
@pytest.mark.usefixtures("database")
def test_a_second_time_there_is_nothing_to_do(tmp_path: Path, revisions: Revisions) -> None:
    engine = empty(tmp_path)
    create_or_upgrade(engine, revisions)
    assert create_or_upgrade(engine, revisions) == upgrade(engine, revisions) == pending(engine, revisions) == []
    check(engine, revisions)


@OLDER
@pytest.mark.usefixtures("database")
def test_an_older_store_is_refused_until_it_is_upgraded_with_its_content(tmp_path: Path, revision: str) -> None:
    engine, keystore = empty(tmp_path), a_keystore(tmp_path)
    create_or_upgrade(engine, older(STORE, revision, tmp_path / "older"))
    subject = keystore.ensure([a_case()])[a_case()]
    append(engine, an_entry(1, subject), an_entry(2, subject))
    with pytest.raises(StoreRevision, match="hub migrate"):
        check(engine, STORE)
    missing = STORE.names()[STORE.names().index(revision) + 1 :]
    assert pending(engine, STORE) == missing
    assert upgrade(engine, STORE) == missing
    check(engine, STORE)
    fresh = a_store(tmp_path, "fresh", must_exist=False)
    create_or_upgrade(fresh, STORE)
    assert tables_of(engine, STORE) == tables_of(fresh, STORE)
    assert append(engine, an_entry(3, subject)) == [3]
    with reading(engine) as connection:
        assert [entry.position for entry in ledger.read_all(connection, keystore, 0, 9)] == [1, 2, 3]


@KINDS
@pytest.mark.usefixtures("database")
def test_a_newer_store_is_refused_and_stays_as_it_is(tmp_path: Path, revisions: Revisions) -> None:
    engine = empty(tmp_path)
    create_or_upgrade(engine, revisions)
    with writing(engine) as connection:
        connection.execute(text(f"update {revisions.table} set version_num = '9999'"))  # noqa: S608
    for act in (check, pending, upgrade, create_or_upgrade):
        with pytest.raises(StoreRevision, match=r"newer version.*9999"):
            act(engine, revisions)


@KINDS
@pytest.mark.usefixtures("database")
def test_nothing_is_made_by_an_upgrade_alone(tmp_path: Path, revisions: Revisions) -> None:
    engine = empty(tmp_path)
    for act in (check, pending, upgrade):
        with pytest.raises(StoreUnavailable, match="hub init"):
            act(engine, revisions)
    assert tables_of(engine, revisions) == []


@pytest.mark.usefixtures("database")
def test_a_failed_upgrade_leaves_nothing_behind(tmp_path: Path) -> None:
    engine = empty(tmp_path)
    broken = older(STORE, STORE.names()[-1], tmp_path / "broken")
    (broken.folder / "r9999_broken.py").write_text(BROKEN.replace("LAST", STORE.names()[-1]))
    create_or_upgrade(engine, STORE)
    before = tables_of(engine, STORE)
    with pytest.raises(Exception, match=r"nowhere|lacks"):
        upgrade(engine, broken)
    assert tables_of(engine, STORE) == before
    check(engine, STORE)


@pytest.mark.usefixtures("database")
def test_store_and_key_store_are_two_databases(tmp_path: Path) -> None:
    a_ledger(tmp_path)
    with pytest.raises(Usage, match="two databases"):
        KeyStore(a_store(tmp_path), MASTER, os.urandom).create()
    a_keystore(tmp_path)
    with pytest.raises(Usage, match="two databases"):
        create_or_upgrade(a_store(tmp_path, "keys"), STORE)


@pytest.mark.usefixtures("database")
def test_many_that_make_a_store_at_once_make_it_once(tmp_path: Path) -> None:
    empty(tmp_path)

    def make(_: int) -> list[str]:
        return create_or_upgrade(a_store(tmp_path, must_exist=False), STORE)

    with ThreadPoolExecutor(6) as threads:
        applied = list(threads.map(make, range(6)))
    assert max(applied, key=len) == STORE.names()
    assert sum(map(len, applied)) == len(STORE.names())
    check(a_store(tmp_path), STORE)


def restored(folder: Path, name: str) -> None:
    connection = sqlite3.connect(folder / f"{name}.db")
    connection.executescript((RELEASED / f"{name}_0_1_0.sql").read_text())
    connection.close()


def test_what_version_0_1_0_left_behind_is_upgraded_and_read(tmp_path: Path) -> None:
    for name in ("hub", "keys"):
        restored(tmp_path, name)
    store, keys = a_store(tmp_path), a_store(tmp_path, "keys")
    with pytest.raises(StoreRevision, match="hub migrate"):
        check(store, STORE)
    assert upgrade(store, STORE) == STORE.names()[1:]
    assert upgrade(keys, KEYS) == KEYS.names()[1:]
    keystore = KeyStore(keys, MASTER, os.urandom)
    keystore.verify()
    with reading(store) as connection:
        entries = ledger.read_all(connection, keystore, 0, 9)
        assert accounting(connection) == Accounting(read=5, accepted=2, duplicate=2, quarantined=0, discarded=1)
        (stored,) = offsets.all_offsets(connection)
    assert [entry.event_type for entry in entries] == ["CaseRegistered", "DelegationProposed"]
    assert stored.next_offset == 5
    (subject,) = keystore.by_ref([entries[0].subject_ref]).values()
    with pytest.raises(EventConflict):
        append(store, an_entry(1, subject)._replace(event_id=entries[0].event_id))
    assert append(store, an_entry(1, subject)) == [3]


def test_a_store_of_0_1_0_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    restored(tmp_path, "hub")
    upgraded, fresh = a_store(tmp_path), empty(tmp_path, "fresh")
    upgrade(upgraded, STORE)
    create_or_upgrade(fresh, STORE)
    assert tables_of(upgraded, STORE) == tables_of(fresh, STORE)
