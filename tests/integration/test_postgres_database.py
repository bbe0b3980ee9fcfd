"""PostgreSQL as a store: how it is connected to, what its failures mean, and that it comes back after them."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.errors import HubError, StoreCorrupt, StoreUnavailable, Usage
from hub.ledger import bulk
from hub.ledger.database import open_database, reading, store_name, writing
from tests.integration.stores import a_store, a_url
from tests.servers.postgres import LocalPostgres
from tests.servers.run import wait_until

NOTE = Table("note", MetaData(), Column("place", Integer, primary_key=True), Column("line", Text, unique=True))

pytestmark = pytest.mark.usefixtures("on_postgresql")


def notes(folder: Path, **options: Any) -> Engine:
    engine = a_store(folder, must_exist=False, **options)
    with writing(engine) as connection:
        NOTE.create(connection)
    return engine


def write(connection: Connection, place: int, line: str = "") -> None:
    connection.execute(NOTE.insert().values(place=place, line=line or str(place)))


def places(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.scalars(text("select place from note order by place")))


def setting(engine: Engine, name: str) -> Any:
    with writing(engine) as connection:
        return connection.exec_driver_sql(f"show {name}").scalar()


def with_options(url: str, options: str) -> str:
    target = make_url(url)
    given = target.update_query_dict({"options": f"{target.query.get('options', '')} {options}".strip()})
    return given.render_as_string(hide_password=False)


@contextmanager
def opened(url: str, **options: Any) -> Iterator[Engine]:
    engine = open_database(url, must_exist=False, **options)
    yield engine
    engine.dispose()


def backend(connection: Connection) -> int:
    return int(connection.exec_driver_sql("select pg_backend_pid()").scalar_one())


def terminate(url: str, process: int) -> None:
    """End a connection from the server's side, and wait until it has ended."""
    with opened(url) as engine, reading(engine) as connection:
        connection.exec_driver_sql(f"select pg_terminate_backend({process}, 5000)")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("synchronous_commit", "on"),
        ("transaction_isolation", "read committed"),
        ("lock_timeout", "30s"),
        ("statement_timeout", "15min"),
        ("idle_in_transaction_session_timeout", "5min"),
        ("tcp_keepalives_idle", "30"),
        ("timezone", "UTC"),
        ("application_name", "parcours-hub"),
        ("client_encoding", "UTF8"),
        ("plan_cache_mode", "force_custom_plan"),
    ],
)
def test_every_connection_is_set_for_durability_and_an_end_of_waiting(tmp_path: Path, name: str, value: str) -> None:
    assert setting(a_store(tmp_path, must_exist=False), name) == value


@pytest.mark.parametrize(("servers", "kept"), [("off", "on"), ("on", "on"), ("remote_apply", "remote_apply")])
def test_a_commit_is_durable_whatever_the_server_does_of_itself(tmp_path: Path, servers: str, kept: str) -> None:
    with opened(with_options(a_url(tmp_path), f"-c synchronous_commit={servers}")) as engine:
        assert setting(engine, "synchronous_commit") == kept


def test_what_the_url_asks_for_comes_first(tmp_path: Path) -> None:
    url = with_options(a_url(tmp_path), "-c lock_timeout=7s") + "&application_name=worker-3"
    with opened(url, busy_timeout_ms=50) as engine:
        assert (setting(engine, "lock_timeout"), setting(engine, "application_name")) == ("7s", "worker-3")


def test_a_wait_of_nothing_is_not_a_wait_for_ever(tmp_path: Path) -> None:
    assert setting(a_store(tmp_path, must_exist=False, busy_timeout_ms=0), "lock_timeout") == "1ms"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": "nowhere"}, "nowhere"),
        ({"username": "nobody"}, "nobody"),
        ({"port": 1}, "refused"),
        ({"host": "nowhere.invalid"}, "nowhere.invalid"),
    ],
)
def test_a_server_that_does_not_answer_or_refuses_is_named_without_its_password(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    url = make_url(a_url(tmp_path)).set(**{"password": "open-sesame", **change})
    with pytest.raises(StoreUnavailable, match=said) as failed:
        open_database(url.render_as_string(hide_password=False))
    assert failed.value.retriable
    assert "open-sesame" not in "".join(traceback.format_exception(failed.value))


def test_an_unknown_parameter_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="nonsense"):
        open_database(a_url(tmp_path) + "&nonsense=1")


def test_a_store_is_named_by_its_servers_and_database() -> None:
    url = "postgresql+psycopg://hub:open-sesame@/hub?host=one:5432&host=two:5433&target_session_attrs=read-write"
    with pytest.raises(StoreUnavailable, match="postgresql://one:5432,two:5433/hub") as failed:
        open_database(url + "&connect_timeout=1")
    assert "open-sesame" not in str(failed.value)


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("08006", StoreUnavailable, "does not answer"),
        ("57P01", StoreUnavailable, "does not answer"),
        ("53100", StoreUnavailable, "disk, memory or connections"),
        ("53300", StoreUnavailable, "disk, memory or connections"),
        ("55P03", StoreUnavailable, "locked"),
        ("40001", StoreUnavailable, "go first"),
        ("40P01", StoreUnavailable, "go first"),
        ("57014", StoreUnavailable, "too long"),
        ("58030", StoreUnavailable, "its files"),
        ("25006", StoreUnavailable, "standby"),
        ("42P01", StoreUnavailable, "hub migrate"),
        ("42703", StoreUnavailable, "hub migrate"),
        ("42501", Usage, "does not let this user"),
        ("XX001", StoreCorrupt, "backup"),
        ("XX002", StoreCorrupt, "backup"),
    ],
)
def test_a_failure_of_the_server_says_what_to_do(tmp_path: Path, code: str, kind: type[HubError], said: str) -> None:
    engine = a_store(tmp_path, must_exist=False)
    with pytest.raises(kind, match=said) as failed, writing(engine) as connection:
        connection.exec_driver_sql(f"do $$ begin raise exception 'said' using errcode = '{code}'; end $$")
    assert store_name(engine) in str(failed.value)
    assert setting(engine, "lock_timeout") == "30s"


@pytest.mark.parametrize("code", ["22012", "23514", "42601", "P0001"])
def test_a_defect_is_not_taken_for_the_stores_and_quotes_nothing(tmp_path: Path, code: str) -> None:
    engine = a_store(tmp_path, must_exist=False)
    statement = f"do $$ begin raise exception '%', chr(77) || 'arie' using errcode = '{code}'; end $$"
    with pytest.raises(DBAPIError) as failed, writing(engine) as connection:
        connection.exec_driver_sql(statement)
    shown = "".join(traceback.format_exception(failed.value))
    assert code in shown
    assert "Marie" not in shown


def test_a_line_of_copy_is_not_quoted(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    name = b"TWFyaWU=".decode()
    with pytest.raises(IntegrityError) as failed, writing(engine) as connection:
        bulk.insert(connection, NOTE, [(1, name), (2, name)])
    shown = "".join(traceback.format_exception(failed.value))
    assert "note_line_key" in shown
    assert name not in shown
    assert places(engine) == []


def test_a_row_locked_for_too_long_says_so_and_can_be_written_later(tmp_path: Path) -> None:
    engine = notes(tmp_path, busy_timeout_ms=50)
    with writing(engine) as first:
        write(first, 1)
        with pytest.raises(StoreUnavailable, match="locked") as refused, writing(engine) as second:
            write(second, 1)
    assert refused.value.retriable
    with writing(engine) as third:
        write(third, 2)
    assert places(engine) == [1, 2]


def test_of_two_that_wait_for_each_other_one_goes_first(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    held, outcomes = Event(), list[str]()

    def second() -> None:
        try:
            with writing(engine) as connection:
                write(connection, 2)
                held.set()
                write(connection, 1)
            outcomes.append("written")
        except StoreUnavailable as error:
            outcomes.append(str(error))

    other = Thread(target=second)
    try:
        with writing(engine) as connection:
            write(connection, 1)
            other.start()
            assert held.wait(10)
            write(connection, 2)
        outcomes.append("written")
    except StoreUnavailable as error:
        outcomes.append(str(error))
    other.join()
    (refused,) = [outcome for outcome in outcomes if outcome != "written"]
    assert "go first" in refused
    assert places(engine) == [1, 2]


def test_a_statement_that_runs_for_ever_is_given_up(tmp_path: Path) -> None:
    with (
        opened(with_options(a_url(tmp_path), "-c statement_timeout=50")) as engine,
        pytest.raises(StoreUnavailable, match="too long"),
        reading(engine) as connection,
    ):
        connection.exec_driver_sql("select pg_sleep(60)")


def test_a_transaction_that_its_program_forgot_is_ended(tmp_path: Path) -> None:
    notes(tmp_path)
    url = a_url(tmp_path)
    with opened(with_options(url, "-c idle_in_transaction_session_timeout=50")) as engine:
        with pytest.raises(StoreUnavailable), writing(engine) as connection:  # noqa: PT012 - the last statement fails
            write(connection, 1)
            process = backend(connection)
            wait_until(lambda: not runs(url, process), deadline_s=10, what="the end of the connection")
            write(connection, 2)
        assert places(engine) == []


def runs(url: str, process: int) -> bool:
    with opened(url) as engine, reading(engine) as connection:
        return bool(connection.exec_driver_sql(f"select 1 from pg_stat_activity where pid = {process}").scalar())  # noqa: S608


def test_a_connection_killed_in_the_middle_keeps_nothing_and_the_next_attempt_works(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    with pytest.raises(StoreUnavailable) as failed, writing(engine) as connection:  # noqa: PT012 - the last one fails
        write(connection, 1)
        terminate(a_url(tmp_path), backend(connection))
        write(connection, 2)
    assert failed.value.retriable
    assert places(engine) == []
    with writing(engine) as connection:
        write(connection, 3)
    assert places(engine) == [3]


def test_a_connection_killed_in_the_middle_of_a_copy_keeps_nothing(tmp_path: Path) -> None:
    engine = notes(tmp_path)

    def rows() -> Iterator[tuple[int, str]]:
        yield 1, "one"
        terminate(a_url(tmp_path), process)
        yield from ((place, str(place) * 1_000) for place in range(2, 2_000))

    with pytest.raises(StoreUnavailable), writing(engine) as connection:  # noqa: PT012 - the copy fails
        process = backend(connection)
        bulk.insert(connection, NOTE, _Lazy(rows))
    assert places(engine) == []


class _Lazy(list[tuple[int, str]]):
    """Rows that are made while they are copied."""

    def __init__(self, rows: Callable[[], Iterator[tuple[int, str]]]) -> None:
        super().__init__([(0, "")])
        self._rows = rows

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self._rows()


def test_a_connection_that_broke_while_nobody_used_it_is_replaced(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    with reading(engine) as connection:
        process = backend(connection)
    terminate(a_url(tmp_path), process)
    with writing(engine) as connection:
        assert backend(connection) != process
        write(connection, 1)
    assert places(engine) == [1]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_server_is_survived_with_what_was_committed(fault_postgres: LocalPostgres, mode: Any) -> None:
    with opened(fault_postgres.create_database()) as engine:
        with writing(engine) as connection:
            NOTE.create(connection)
            write(connection, 1)
        with pytest.raises(StoreUnavailable), writing(engine) as connection:  # noqa: PT012 - the commit fails
            write(connection, 2)
            fault_postgres.restart(mode)
        assert places(engine) == [1]
        fault_postgres.stop(mode)
        with pytest.raises(StoreUnavailable, match="does not answer"), writing(engine):
            pytest.fail("there is no server")
        fault_postgres.start()
        with writing(engine) as connection:
            write(connection, 3)
        assert places(engine) == [1, 3]


def test_a_user_without_rights_is_told_to_get_them(tmp_path: Path) -> None:
    engine = notes(tmp_path)
    role, target = f"stranger_{os.getpid()}", make_url(a_url(tmp_path))
    with writing(engine) as connection:
        connection.exec_driver_sql(f"drop role if exists {role}")
        connection.exec_driver_sql(f"create role {role} login")
        connection.exec_driver_sql(f"grant usage on schema {setting(engine, 'search_path')} to {role}")
    with (
        opened(target.set(username=role).render_as_string()) as stranger,
        pytest.raises(Usage, match=r"permission denied for table note.*docs/deploy.md"),
        reading(stranger) as connection,
    ):
        connection.execute(text("select * from note"))
