"""A database that dies, or that the network keeps away, is waited for: nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text

from hub.ledger.database import reading
from tests.faults.conftest import Scenes
from tests.faults.scene import Scene
from tests.servers.kafka import Kafka
from tests.servers.postgres import LocalPostgres, Postgres
from tests.servers.proxy import Proxy

FROZEN_S = 4.0


def started(scene: Scene) -> None:
    """Have two workers take in a part of the region."""
    scene.crew.start()
    scene.crew.start()
    scene.take(0.3)


def all_wait(scene: Scene) -> None:
    scene.until(lambda: scene.crew.all_said("waiting", code="store_unavailable"), "the workers' wait")


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_postgresql_stopped_or_killed_in_the_middle_of_a_transaction(
    kafka: Kafka, fault_postgres: LocalPostgres, scenes: Scenes, how: str
) -> None:
    scene = scenes(kafka, fault_postgres)
    started(scene)
    scene.upstream.allow(0.6)
    scene.until(lambda: somebody_writes(scene), "a transaction that writes")
    with scene.outage():
        if how == "killed":
            fault_postgres.kill()
        else:
            fault_postgres.stop("fast")
        all_wait(scene)
        fault_postgres.start()
    scene.finish(f"database-{how}")


def somebody_writes(scene: Scene) -> bool:
    """Tell whether a transaction has written and not ended."""
    with reading(scene.hub.store) as connection:
        writing = "select count(*) from pg_stat_activity where datname = current_database() and backend_xid is not null"
        return bool(connection.execute(text(writing)).scalar_one())


def through(network: Proxy, postgres: Postgres, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lead the databases' URLs through a network."""
    urls = {name: given[name] for name in ("database", "key_database")}
    moved = {name: url.replace(f":{postgres.port}/", f":{network.port}/") for name, url in urls.items()}
    assert moved != urls
    return {**given, **moved}


def test_a_network_to_postgresql_cut_and_healed(
    kafka: Kafka, postgres: Postgres, database_network: Proxy, scenes: Scenes
) -> None:
    scene = scenes(kafka, postgres, lambda given: through(database_network, postgres, given))
    started(scene)
    scene.upstream.allow(0.6)
    scene.until(lambda: somebody_writes(scene), "a transaction that writes")
    with scene.outage():
        database_network.cut()
        all_wait(scene)
        database_network.heal()
    scene.finish("database-cut")


def test_packets_to_postgresql_vanish_for_longer_than_a_session_of_kafka(
    kafka: Kafka, postgres: Postgres, database_network: Proxy, scenes: Scenes
) -> None:
    scene = scenes(kafka, postgres, lambda given: through(database_network, postgres, given))
    started(scene)
    scene.upstream.allow(0.6)
    scene.until(lambda: somebody_writes(scene), "a transaction that writes")
    with scene.outage():
        database_network.freeze()
        frozen = scene.now()
        scene.publish(0.6)
        scene.until(lambda: scene.now() > frozen + FROZEN_S, "a while")
        database_network.heal()
    scene.finish("database-frozen")
