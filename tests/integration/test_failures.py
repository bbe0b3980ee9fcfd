"""A full disk, a lock: a clear error, nothing lost, and it goes on."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from hub.errors import HubError, StoreUnavailable
from hub.log import embedded_file
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.failing import PEOPLE, STORES, check_it_goes_on, impatient
from tests.integration.feeds import deliver, digest_of_region, region
from tests.integration.hubs import consume, digest_of, sums_of


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with half of the region consumed and the other half published; tests work on copies."""
    folder = tmp_path_factory.mktemp("installed") / "data"
    lines = region(PEOPLE)
    with Hub.create(Settings(data=folder)) as hub:
        deliver(hub, lines[: len(lines) // 2])
        consume(hub)
        deliver(hub, lines[len(lines) // 2 :])
    assert sorted(path.name for path in folder.iterdir()) == sorted([*STORES, "master.key"]), "closing left no logs"
    return folder


@pytest.fixture
def data(installed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(installed, tmp_path / "data")


@contextmanager
def pages_at_most(engine: Engine, spare: int) -> Iterator[None]:
    """Let a database grow by a few pages only: SQLite then says what it says of a full disk."""

    def limit(connection: Any, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + spare}").close()

    engine.dispose()
    event.listen(engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(engine, "connect", limit)
        engine.dispose()


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow past a size: writing beyond it fails as on a broken disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[None]:
    program = (
        "import sqlite3, sys; held = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "held.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        yield
        holder.communicate()


@pytest.mark.parametrize(("which", "spare"), [("store", 0), ("store", 40), ("keys", 0)])
def test_a_full_disk_keeps_nothing_of_the_batch(data: Path, which: str, spare: int) -> None:
    with impatient(data) as hub:
        engine = hub.store if which == "store" else hub.keystore._engine
        ingest = hub.ingest()
        before = sums_of(hub)
        with pages_at_most(engine, spare), pytest.raises(StoreUnavailable, match="free space"):
            ingest.until_caught_up(lambda _counts: None)
        after = sums_of(hub)
        assert after.adds_up
        assert after.read - before.read == ingest.counts.read
        # The same loop goes on with what it could not take.
        ingest.until_caught_up(lambda _counts: None)
        ingest.close()
        assert digest_of(hub) == digest_of_region(PEOPLE)
    check_it_goes_on(data)


def test_a_rebuild_on_a_full_disk_leaves_the_live_rows(data: Path) -> None:
    with impatient(data) as hub:
        consume(hub)
        with pages_at_most(hub.store, 100), pytest.raises(StoreUnavailable, match="free space"):
            hub.rebuild(lambda _done, _total: None)
        assert digest_of(hub) == digest_of_region(PEOPLE)
        hub.rebuild(lambda _done, _total: None)
    check_it_goes_on(data)


def test_a_disk_that_takes_no_more_bytes_loses_nothing(data: Path) -> None:
    with impatient(data) as hub, files_at_most(20_000), pytest.raises(HubError, match="disk"):
        consume(hub)
    check_it_goes_on(data)


def test_what_the_log_could_not_store_was_not_acknowledged(data: Path) -> None:
    with impatient(data) as hub:
        consume(hub)
        before = sums_of(hub)
        with files_at_most(20_000), pytest.raises(HubError, match="disk"):
            deliver(hub, region(PEOPLE))
        consume(hub)
        assert sums_of(hub) == before
        assert deliver(hub, region(PEOPLE)) == len(region(PEOPLE))
    check_it_goes_on(data)


@pytest.mark.parametrize("name", ["hub.db", "keys.db"])
def test_a_store_locked_by_another_process_is_named_and_nothing_is_lost(data: Path, name: str) -> None:
    with impatient(data) as hub:
        ingest = hub.ingest()
        with locked_by_another_process(data / name):
            for _ in range(2):
                with pytest.raises(StoreUnavailable, match=f"{name} is locked by another program") as locked:
                    ingest.step(timeout_ms=0)
                assert locked.value.retriable
            digest_of(hub)
        ingest.until_caught_up(lambda _counts: None)
        ingest.close()
        assert sums_of(hub).adds_up
        assert digest_of(hub) == digest_of_region(PEOPLE)


def test_a_log_locked_by_another_process_acknowledges_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_file, "BUSY_TIMEOUT_S", 0.01)
    with impatient(data) as hub:
        with locked_by_another_process(data / "log.db"), pytest.raises(HubError, match="locked by another process"):
            deliver(hub, region(PEOPLE)[:10])
        consume(hub)
        assert digest_of(hub) == digest_of_region(PEOPLE)
