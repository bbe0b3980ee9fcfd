"""What is surveyed, traced and served of a hub, on files and on servers alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from urllib.request import urlopen

import pytest

from hub.cli.watching import Watch
from hub.consumers.survey import StoreLook, lag_seconds, look_at_log, look_at_store
from hub.domain.topics import CAP_EMPLOI_EVENTS, FRANCE_TRAVAIL_EVENTS, INBOUND
from hub.log.port import Message
from hub.wiring import Hub
from hub.wiring.worker import work
from tests.integration import engines
from tests.integration.feeds import deliver, region
from tests.integration.hubs import a_hub, consume, folder, publish, sums_of
from tests.integration.test_telemetry_privacy import eventually, free_port
from tests.integration.test_traces import Traced, trace_id, traced
from tests.unit.pathway.builders import registered
from tests.unit.telemetry import Lines

pytestmark = pytest.mark.usefixtures("engine")

__all__ = ["traced"]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with a_hub() as hub:
        yield hub


def quarantine_one(hub: Hub) -> None:
    with closing(hub.producer()) as producer:
        producer.append([Message(CAP_EMPLOI_EVENTS, None, b"no Avro", (), 0)])
    consume(hub)


def test_a_survey_tells_what_is_behind_and_since_when(hub: Hub) -> None:
    publish(hub, [registered() for _ in range(5)])
    stored = look_at_store(hub.store).stored
    with closing(hub.admin()) as admin:
        before = look_at_log(admin, INBOUND, stored)
        behind = lag_seconds(before, hub.now)
    assert sum(each.lag_events for each in before if each.topic == FRANCE_TRAVAIL_EVENTS) == 5
    assert sum(each.lag_events for each in before) == 5
    assert behind is not None
    assert 0 <= behind < 600

    consume(hub)
    look = look_at_store(hub.store)
    with closing(hub.admin()) as admin:
        after = look_at_log(admin, INBOUND, look.stored)
    assert [each.lag_events for each in after] == [0] * len(after)
    assert lag_seconds(after, hub.now) == 0.0
    assert (look.read, look.position) == (5, 5)


def test_a_survey_tells_what_is_held_by_why_and_since_when(hub: Hub) -> None:
    assert look_at_store(hub.store).held == ({}, None)
    before = hub.now()
    quarantine_one(hub)
    quarantine_one(hub)

    held = look_at_store(hub.store).held
    assert (held.by_reason, held.total) == ({"undecodable": 2}, 2)
    assert held.oldest_at is not None
    assert before <= held.oldest_at <= hub.now()


def test_a_survey_shows_how_far_a_rebuild_is(hub: Hub) -> None:
    deliver(hub, region(20))
    consume(hub)
    looks: list[StoreLook] = []
    hub.rebuild(lambda _done, _total: looks.append(look_at_store(hub.store)))

    seen = [look.building for look in looks if look.building]
    assert seen[0].heard > 0
    assert seen[0].done == 0
    assert seen[-1].done == seen[-1].total > 20
    assert look_at_store(hub.store).building is None


def test_one_trace_goes_from_publish_to_projection(traced: Traced) -> None:
    traced.publish(registered())
    traced.consume()

    (publish_span,) = traced.spans[f"publish {FRANCE_TRAVAIL_EVENTS}"]
    (commit,) = traced.spans["commit ledger and projection"]
    assert trace_id(publish_span) == trace_id(commit)


@contextmanager
def working(hub: Hub, lines: Lines) -> Iterator[None]:
    stopped: list[bool] = []
    worker = Thread(target=work, args=(hub.settings, lines.log, lambda: bool(stopped)))
    worker.start()
    try:
        yield
    finally:
        stopped.append(True)
        worker.join(60)
        assert not worker.is_alive()


def test_a_worker_serves_what_it_took_and_what_is_left() -> None:
    port, lines = free_port(), Lines()

    def page(path: str) -> str:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as reply:
            return str(reply.read().decode())

    with folder() as path:
        engines.create(path).close()
        with Hub(engines.settings(path, metrics_port=port)) as hub, working(hub, lines):
            publish(hub, [registered() for _ in range(3)])
            eventually(lambda: sums_of(hub).accepted == 3)
            eventually(lambda: "hub_ledger_position 3.0" in page("/metrics"))
            assert page("/readyz") == "ready\n"
            metrics = page("/metrics")
        engines.forget(path)

    taken = f'hub_records_total{{disposition="accepted",topic="{FRANCE_TRAVAIL_EVENTS}"}} 3.0'
    assert taken in metrics
    assert f'hub_lag_events{{partition="0",topic="{CAP_EMPLOI_EVENTS}"}} 0.0' in metrics
    assert 'hub_available{part="log"} 1.0' in metrics
    assert "survey_failed" not in lines.events
    assert "telemetry_failed" not in lines.events


def test_watching_tells_what_changed_since_the_look_before(hub: Hub) -> None:
    watch = Watch(hub)
    first = watch.found()
    assert (first["read_per_second"], first["partitions_moving"]) == (0.0, 0)
    assert first["accounting"]["adds_up"]

    publish(hub, [registered() for _ in range(40)])
    arriving = watch.found()
    assert arriving["lag"]["total_events"] == 40
    assert arriving["read_per_second"] == 0.0
    of_topic = next(topic for topic in arriving["lag"]["topics"] if topic["topic"] == FRANCE_TRAVAIL_EVENTS)
    assert of_topic["arriving_per_second"] > 0

    consume(hub)
    read = watch.found()
    assert read["read"] == 40
    assert read["lag"]["total_events"] == 0
    assert read["read_per_second"] > 0
    assert 1 <= read["partitions_moving"] <= read["partitions"]
    assert read["accounting"]["read"] == 0, "the rows of a big store are not counted at every look"
