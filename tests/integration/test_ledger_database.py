"""A store on either engine: one snapshot for a reader, nothing half written, and clear when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from hub.errors import StoreUnavailable, Usage
from hub.ledger.database import open_database, reading, writing
from tests.integration.stores import a_ledger, a_store

pytestmark = pytest.mark.usefixtures("database")


def notes(folder: Path) -> Engine:
    engine = a_store(folder, must_exist=False)
    with writing(engine) as connection:
        connection.execute(text("create table note (place integer primary key, line text unique)"))
    return engine


def write(engine: Engine, line: str) -> None:
    with writing(engine) as connection:
        connection.execute(
            text("insert into note select 1 + coalesce(max(place), 0), cast(:line as text) from note"), {"line": line}
        )


def lines(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(text("select line from note order by place")))


def test_what_was_committed_is_there_for_others(tmp_path: Path) -> None:
    write(notes(tmp_path), "one")
    assert lines(a_store(tmp_path)) == ["one"]


def test_nothing_is_kept_of_a_transaction_that_raised(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    with pytest.raises(DBAPIError), writing(engine) as connection:  # noqa: PT012 - the second statement fails
        connection.execute(text("insert into note values (1, 'half')"))
        connection.execute(text("selekt"))
    assert lines(engine) == []


def test_a_reader_waits_for_nobody_and_sees_one_snapshot(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    write(engine, "one")
    with reading(engine) as connection:
        assert connection.scalar(text("select count(*) from note")) == 1
        write(engine, "two")
        assert connection.scalar(text("select count(*) from note")) == 1
    assert lines(engine) == ["one", "two"]


def test_a_reader_cannot_write_and_the_next_writer_can(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    with pytest.raises(StoreUnavailable), reading(engine) as connection:
        connection.execute(text("insert into note values (1, 'one')"))
    write(engine, "two")
    assert lines(engine) == ["two"]


def test_a_defect_of_a_statement_is_not_taken_for_the_stores(tmp_path: Path) -> None:
    with pytest.raises(DBAPIError), reading(notes(tmp_path)) as connection:
        connection.execute(text("select * from note order by"))


def test_an_error_does_not_repeat_values(tmp_path: Path) -> None:
    with pytest.raises(DBAPIError) as failed, writing(notes(tmp_path)) as connection:
        connection.execute(text("insert into note values (1, :name), (2, :name)"), {"name": "Marie Durand"})
    assert "Marie" not in str(failed.value)


def test_the_ledgers_tables_are_made_once(tmp_path: Path) -> None:
    a_ledger(tmp_path)
    engine = a_ledger(tmp_path)
    with reading(engine) as connection:
        assert connection.execute(text("select id, next_position, last_stamp from sequencer")).all() == [(1, 1, 0)]


def test_a_store_that_init_did_not_finish_is_told_apart(tmp_path: Path) -> None:
    a_store(tmp_path, must_exist=False)
    with pytest.raises(StoreUnavailable, match="hub init"):
        a_store(tmp_path)


@pytest.mark.parametrize("url", ["Marie:secret@host", "mysql://hub:secret@host/hub", "nonsense://hub:secret@host/hub"])
def test_a_url_of_no_store_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Usage, match="postgresql://user:password") as refused:
        open_database(url)
    assert "secret" not in str(refused.value)
