"""Workers that are killed, frozen, or come and go lose nothing and double nothing."""

from __future__ import annotations

import signal
from pathlib import Path
from random import Random
from textwrap import dedent

import pytest
from sqlalchemy import text

from hub.ledger.database import reading
from tests.faults.conftest import Scenes
from tests.faults.scene import Scene
from tests.integration.test_worker_process import Worker, python
from tests.servers.kafka import Kafka
from tests.servers.postgres import Postgres

KILLS = 12
TURNS = 10

STOPS_ITSELF = """
    import os, signal
    from pathlib import Path
    from hub.consumers.{module} import {owner}

    real = {owner}.{method}

    def stop_once(self, *arguments, **named):
        order = Path({order!r})
        if order.exists() and {has_records}:
            order.unlink()
            os.kill(os.getpid(), signal.SIGSTOP)
        return real(self, *arguments, **named)

    {owner}.{method} = stop_once
    """
PLACES = {
    "zombie-before": {
        "module": "ingest",
        "owner": "Ingest",
        "method": "_commit",
        "has_records": "arguments[0].records",
    },
    "zombie-within": {
        "module": "acceptance",
        "owner": "Acceptance",
        "method": "accept",
        "has_records": "arguments[1]",
    },
}


def test_killing_workers_again_and_again_loses_nothing(kafka: Kafka, postgres: Postgres, scenes: Scenes) -> None:
    scene, rng = scenes(kafka, postgres), Random(3)
    crew = scene.crew
    crew.start()
    crew.start()
    scene.take(0.1)
    at_work = 0
    for kill in range(KILLS):
        last = scene.watch.positions
        scene.upstream.allow(0.1 + 0.8 * (kill + 1) / KILLS)
        scene.until(lambda last=last: scene.watch.positions != last, "a batch after the last kill")  # type: ignore[misc]
        pause_over = scene.now() + rng.uniform(0, 0.5)
        scene.until(lambda over=pause_over: scene.now() > over, "a random moment")  # type: ignore[misc]
        at_work += scene.strike()
        crew.kill(crew.working[0])
        crew.start()
    assert at_work > KILLS // 4, f"{at_work}: too few kills met a worker with something to do"
    assert scene.finish("kills").times == KILLS


@pytest.mark.parametrize("where", PLACES)
def test_a_zombie_s_batch_counts_once(
    kafka: Kafka, postgres: Postgres, scenes: Scenes, tmp_path: Path, where: str
) -> None:
    scene, order = scenes(kafka, postgres), tmp_path / "stop"
    program = python(scene.crew.data, dedent(STOPS_ITSELF).format(**PLACES[where], order=str(order)))
    zombie = scene.crew.start(program)
    scene.take(0.2)
    order.touch()
    scene.publish(0.3)
    scene.until(lambda: is_stopped(zombie), "the worker's stop")
    with scene.outage():
        other = scene.crew.start()
        scene.upstream.allow(0.6)
        if where == "zombie-before":
            scene.take(0.6)
        else:
            scene.until(lambda: somebody_waits(scene), "the other worker's turn at the same records")
    zombie.process.send_signal(signal.SIGCONT)
    overtaken = zombie if where == "zombie-before" else other
    scene.until(lambda: "overtaken" in overtaken.events, "a stale batch refused")
    scene.finish(where)


def is_stopped(worker: Worker) -> bool:
    """Tell whether a process is stopped, its threads included."""
    return Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def somebody_waits(scene: Scene) -> bool:
    """Tell whether a transaction waits for another one's lock."""
    with reading(scene.hub.store) as connection:
        waiting = (
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        return bool(connection.execute(text(waiting)).scalar_one())


def test_workers_that_join_and_leave_all_the_time_lose_nothing(
    kafka: Kafka, postgres: Postgres, scenes: Scenes
) -> None:
    scene = scenes(kafka, postgres)
    crew = scene.crew
    crew.start()
    crew.start()
    for turn in range(TURNS):
        newest, last = crew.working[-1], scene.watch.positions
        scene.upstream.allow((turn + 1) / (TURNS + 1))
        scene.until(lambda it=newest: "consuming" in it.events, "a worker's start")  # type: ignore[misc]
        scene.until(lambda last=last: scene.watch.positions != last, "a batch")  # type: ignore[misc]
        crew.start()
        scene.strike()
        crew.stop(crew.working[0])
    assert scene.finish("rebalances").times == TURNS
