"""A rebuild on PostgreSQL gives way, waits and tries again: hours of work do not hang on one lock."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, event, text

from hub.errors import Contended, ProcessLost, StoreUnavailable, Usage
from hub.ledger.database import reading, writing
from hub.projections import generations
from hub.projections.patience import PAUSES_S, patiently, switched, written_to
from hub.projections.rebuild import Rebuild
from hub.projections.tables import Tables
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.hubs import digest_of, take
from tests.servers.postgres import LocalPostgres, Postgres
from tests.servers.run import wait_until
from tests.unit.pathway.builders import registered

LONGER_S = 3.0
"""Longer than a switch waits for batches at first."""


@pytest.fixture
def hub(postgres: Postgres, tmp_path: Path) -> Iterator[Hub]:
    with a_hub_on(postgres, tmp_path) as opened:
        yield opened


@contextmanager
def a_hub_on(postgres: Postgres, data: Path) -> Iterator[Hub]:
    urls = [postgres.create_database(), postgres.create_database()]
    settings = Settings(data=data, database=SecretStr(urls[0]), key_database=SecretStr(urls[1]), busy_timeout_ms=500)
    with Hub.create(settings) as opened:
        take(opened, [registered() for _ in range(3)])
        yield opened
    for url in urls:
        postgres.drop_database(url)


def rebuild(hub: Hub) -> int:
    return hub.rebuild(lambda _done, _total: None)


def live(hub: Hub) -> int:
    with reading(hub.store) as connection:
        return generations.live(connection).number


def begun(hub: Hub) -> Tables:
    with writing(hub.store) as connection:
        return generations.begin(connection, hub.now())


def waits_for_a_lock(hub: Hub, mode: str) -> bool:
    with reading(hub.store) as connection:
        query = text("select count(*) from pg_locks where not granted and mode = :mode")
        return bool(connection.scalar(query, {"mode": mode}))


def test_a_switch_waits_for_a_long_batch_and_lets_others_by(hub: Hub) -> None:
    before = digest_of(hub)
    rebuilt: list[int] = []
    rebuilding = Thread(target=lambda: rebuilt.append(rebuild(hub)))
    with writing(hub.store) as batch:
        generations.live_to_write(batch)
        rebuilding.start()
        wait_until(lambda: waits_for_a_lock(hub, "ExclusiveLock"), deadline_s=30, what="the switch's wait")
        until = time.monotonic() + LONGER_S
        passed = 0
        while time.monotonic() < until:
            try:
                with writing(hub.store) as other:
                    generations.live_to_write(other)
                passed += 1
            except StoreUnavailable:
                assert time.monotonic() < until + 2, "a batch met the switch's wait, and tries again"
        assert passed, "between the switch's attempts, batches go on"
        assert rebuilding.is_alive()
    rebuilding.join(60)
    assert rebuilt == [2]
    assert live(hub) == 2
    assert digest_of(hub) == before


def test_a_step_that_meets_a_lock_for_longer_than_the_timeout_is_done_again(hub: Hub) -> None:
    built, slept = begun(hub), Flag()
    with writing(hub.store) as other:
        other.exec_driver_sql("LOCK TABLE generation IN EXCLUSIVE MODE")
        writes: list[int] = []

        def write() -> None:
            writes.append(written_to(hub.store, built, lambda _: slept.set(), lambda _: 1))

        writer = Thread(target=write)
        writer.start()
        assert slept.wait(20)
    writer.join(20)
    assert writes == [1]


def test_a_step_whose_commit_may_have_been_kept_is_not_done_again(hub: Hub) -> None:
    built = begun(hub)
    pauses: list[float] = []

    def lost(_connection: object) -> None:
        raise StoreUnavailable("away")

    event.listen(hub.store, "commit", lost)
    with pytest.raises(StoreUnavailable):
        written_to(hub.store, built, pauses.append, lambda _: None)
    event.remove(hub.store, "commit", lost)
    assert pauses == []


def test_a_switch_that_was_kept_is_not_done_twice(hub: Hub) -> None:
    built = begun(hub)
    switches: list[int] = []

    def switch(connection: Connection) -> None:
        switches.append(built.number)
        generations.switch(connection, built.number, hub.now())

    for _ in range(2):
        switched(hub.store, built, lambda _: None, switch)
    assert switches == [built.number]
    assert live(hub) == built.number


def test_a_build_that_another_one_dropped_does_not_wait_for_it(hub: Hub) -> None:
    built = begun(hub)
    begun(hub)
    pauses: list[float] = []
    for act in (written_to, switched):
        with pytest.raises(Usage, match="another rebuild"):
            act(hub.store, built, pauses.append, lambda _: None)
    assert pauses == []


@pytest.mark.parametrize("failures", [0, 1, len(PAUSES_S)])
def test_what_may_pass_is_tried_again_after_pauses(failures: int) -> None:
    pauses: list[float] = []
    assert patiently(pauses.append, failing(failures)) == failures
    assert pauses == list(PAUSES_S[:failures])


def test_what_does_not_pass_is_given_up() -> None:
    pauses: list[float] = []
    with pytest.raises(Contended):
        patiently(pauses.append, failing(len(PAUSES_S) + 1))
    assert pauses == list(PAUSES_S)


def failing(times: int) -> Callable[[], int]:
    done = 0

    def act() -> int:
        nonlocal done
        if done < times:
            done += 1
            raise Contended("busy")
        return done

    return act


def test_events_that_come_as_fast_as_they_are_caught_up_do_not_keep_a_rebuild_from_its_end(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, is_chasing, batches = Rebuild._advance, Flag(), 0

    def advance_as_much_arrives(self: Rebuild, connection: Connection, built: Tables, position: int) -> int:
        nonlocal batches
        if is_chasing.is_set():
            batches += 1
            take(hub, [registered() for _ in range(2)])
        return advance(self, connection, built, position)

    def switch(*arguments: Any) -> None:
        is_chasing.clear()
        switched(*arguments)

    def begin_chasing(done: int, total: int) -> None:
        if done == total and not is_chasing.is_set():
            is_chasing.set()
            take(hub, [registered() for _ in range(4)])

    monkeypatch.setattr("hub.projections.rebuild._ENTRIES_AT_ONCE", 2)
    monkeypatch.setattr("hub.projections.rebuild.switched", switch)
    monkeypatch.setattr(Rebuild, "_advance", advance_as_much_arrives)
    hub.rebuild(begin_chasing)
    assert 0 < batches < 10
    kept = digest_of(hub)
    rebuild(hub)
    assert digest_of(hub) == kept


@pytest.mark.parametrize("processes", [1, 2])
def test_a_rebuild_outlives_restarts_of_the_server(
    fault_postgres: LocalPostgres, tmp_path: Path, processes: int
) -> None:
    restarts = 0

    def restart(_done: int, _total: int) -> None:
        nonlocal restarts
        restarts += 1
        fault_postgres.restart("immediate")

    with a_hub_on(fault_postgres, tmp_path) as hub:
        if processes > 1:
            hub.alone_up_to = 0
            hub.settings = hub.settings.model_copy(update={"rebuild_workers": processes})
        before = digest_of(hub)
        assert hub.rebuild(restart) == live(hub) == 2
        assert restarts > 1
        assert digest_of(hub) == before


def test_a_worker_process_that_is_killed_ends_the_rebuild_with_what_to_do(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.alone_up_to = 0
    hub.settings = hub.settings.model_copy(update={"rebuild_workers": 2})
    before = live(hub)
    monkeypatch.setattr("hub.projections.building.Builder.hear", _die)
    with pytest.raises(ProcessLost, match="HUB_REBUILD_WORKERS"):
        rebuild(hub)
    assert live(hub) == before


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
