"""A worker whose database is away when it starts waits for it, as for one that goes away later; without one it ends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.hubs import publish, sums_of
from tests.integration.test_telemetry_privacy import eventually
from tests.integration.test_worker_process import working
from tests.servers.postgres import LocalPostgres
from tests.unit.pathway.builders import registered


@pytest.fixture
def databases(fault_postgres: LocalPostgres) -> dict[str, str]:
    return {name: fault_postgres.create_database() for name in ("database", "key_database")}


def environment(databases: dict[str, str]) -> dict[str, str]:
    return {f"HUB_{name.upper()}": url for name, url in databases.items()}


def test_a_database_away_at_the_start_is_waited_for(
    fault_postgres: LocalPostgres, databases: dict[str, str], tmp_path: Path
) -> None:
    settings = Settings.model_validate({"data": tmp_path, **databases})
    with Hub.create(settings) as hub:
        publish(hub, [registered()])
    fault_postgres.stop()
    with working(tmp_path, None, **environment(databases)) as worker:
        eventually(lambda: worker.events.count("waiting") >= 2)
        waits = [line for line in worker.lines if line["event"] == "waiting"]
        assert {line["code"] for line in waits} == {"store_unavailable"}
        assert worker.asks().code == 0
        assert worker.asks("--ready").out == "waiting: store_unavailable\n"
        fault_postgres.start()
        eventually(worker.is_ready)
        with Hub(settings) as hub:
            eventually(lambda: sums_of(hub).accepted == 1)
        worker.process.terminate()
        assert worker.ended() == 0
        assert worker.events[0] == "consuming"
        assert {"going_on", "taken"} <= set(worker.events)


def test_a_worker_that_waits_for_its_database_stops_at_once_when_told(
    fault_postgres: LocalPostgres, databases: dict[str, str], tmp_path: Path
) -> None:
    Hub.create(Settings.model_validate({"data": tmp_path, **databases})).close()
    fault_postgres.stop()
    with working(tmp_path, None, **environment(databases)) as worker:
        eventually(lambda: worker.events.count("waiting") >= 2)
        began = time.monotonic()
        worker.process.terminate()
        assert worker.ended() == 0
        assert time.monotonic() - began < 5
        assert worker.events[-1] == "stopped"


def test_a_database_in_which_nothing_was_made_is_not_waited_for(databases: dict[str, str], tmp_path: Path) -> None:
    with working(tmp_path, None, **environment(databases)) as worker:
        assert worker.ended() == 1
        (said,) = worker.log.read_text().splitlines()
        assert said.startswith("error[store_missing]: ")
        assert "hub init" in said
