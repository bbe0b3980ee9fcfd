"""A store in a SQLite file: durable, its owner's alone, locked from the start by a writer, and clear when it fails."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hub.errors import StoreCorrupt, StoreUnavailable, Usage
from hub.ledger.database import open_database, reading, writing


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/hub.db"


def a_store(folder: Path) -> Engine:
    engine = open_database(url(folder), must_exist=False, busy_timeout_ms=50)
    with writing(engine) as connection:
        connection.execute(text("create table note (line text)"))
    return engine


def write(engine: Engine, line: str) -> None:
    with writing(engine) as connection:
        connection.execute(text("insert into note values (:line)"), {"line": line})


def lines(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(text("select line from note order by rowid")))


def limit_pages(engine: Engine, pages: int) -> None:
    """Let the store's one connection fill no more pages, as on a full disk."""
    with writing(engine) as connection:
        connection.execute(text(f"pragma max_page_count = {pages}"))


@contextmanager
def locked_by_another(folder: Path) -> Iterator[None]:
    connection = sqlite3.connect(folder / "hub.db", isolation_level=None)
    connection.execute("begin immediate")
    try:
        yield
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 30_000)],
)
def test_every_connection_is_set_for_durability(tmp_path: Path, pragma: str, value: object) -> None:
    with writing(open_database(url(tmp_path), must_exist=False)) as connection:
        assert connection.execute(text(f"pragma {pragma}")).scalar() == value


def test_a_new_store_and_its_log_are_their_owners_alone(tmp_path: Path) -> None:
    write(a_store(tmp_path), "one")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(["hub.db", "hub.db-wal", "hub.db-shm"], 0o600)


def test_a_missing_store_is_not_made_by_opening_it(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="hub init"):
        open_database(url(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_init_did_not_finish_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "hub.db").touch()
    with pytest.raises(StoreUnavailable, match="hub init"):
        open_database(url(tmp_path))


def test_a_store_in_a_missing_folder_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="check its folder"):
        open_database(url(tmp_path / "absent"), must_exist=False)


def test_a_store_that_is_a_folder_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "hub.db").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        open_database(url(tmp_path), must_exist=False)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(address: str) -> None:
    with pytest.raises(Usage, match="file"):
        open_database(address)


def test_a_path_may_hold_spaces_accents_and_signs(tmp_path: Path) -> None:
    folder = tmp_path / "données du hub #1 100%"
    folder.mkdir()
    engine = a_store(folder)
    write(engine, "one")
    assert lines(engine) == ["one"]
    assert (folder / "hub.db").exists()


def test_a_writer_holds_the_lock_before_its_first_statement(tmp_path: Path) -> None:
    with writing(a_store(tmp_path)), pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite3.connect(tmp_path / "hub.db", timeout=0).execute("begin immediate")


def test_a_locked_store_says_so_and_works_again(tmp_path: Path) -> None:
    engine = a_store(tmp_path)
    with locked_by_another(tmp_path), pytest.raises(StoreUnavailable, match="locked") as refused:
        write(engine, "one")
    assert refused.value.retriable
    write(engine, "two")
    assert lines(engine) == ["two"]


def test_a_full_disk_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    engine = a_store(tmp_path)
    write(engine, "before")
    limit_pages(engine, 2)
    with pytest.raises(StoreUnavailable, match="free space"):
        write(engine, "x" * 1_000_000)
    limit_pages(engine, 1_000_000)
    write(engine, "after")
    assert lines(engine) == ["before", "after"]


def test_a_file_that_is_no_database_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(StoreCorrupt, match="backup"):
        open_database(url(tmp_path))


def test_a_damaged_page_is_found_when_it_is_read(tmp_path: Path) -> None:
    engine = a_store(tmp_path)
    for number in range(200):
        write(engine, f"{number}" * 100)
    engine.dispose()
    path = tmp_path / "hub.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match="damaged"):
        lines(open_database(url(tmp_path)))


def test_a_store_removed_while_it_runs_is_not_made_anew(tmp_path: Path) -> None:
    engine = a_store(tmp_path)
    engine.dispose()
    (tmp_path / "hub.db").unlink()
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        write(engine, "one")
    assert not (tmp_path / "hub.db").exists()
