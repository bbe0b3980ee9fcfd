"""Publishing over HTTP while something fails: processes killed, two at once, log and store away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from hub.domain.events.base import Event
from hub.domain.topics import INBOUND, partitions_of
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.apis import Api, Noted, serving
from tests.integration.feeds import ledger_of
from tests.integration.hubs import consume, sums_of
from tests.integration.publishing import Moment, a_process
from tests.integration.submitting import OF_FT, closed, code_of, publish, publish_batch, statuses
from tests.integration.worker import KILLED
from tests.servers.kafka import Kafka, KafkaCluster
from tests.servers.postgres import LocalPostgres
from tests.servers.proxy import Proxy
from tests.servers.run import Run, wait_until


@pytest.fixture
def hub(engine: str, tmp_path: Path) -> Iterator[Hub]:  # noqa: ARG001 the engine that it is made on
    with engines.create(tmp_path / "data") as opened:
        yield opened
    engines.forget(tmp_path / "data")


@pytest.mark.parametrize("moment", ["before the append", "after the append"])
def test_a_process_killed_in_the_middle_of_a_request_loses_and_repeats_nothing(hub: Hub, moment: Moment) -> None:
    events = [closed() for _ in range(20)]
    with a_process(hub.paths.data, moment) as doomed, doomed.client() as client:
        with pytest.raises(httpx2.TransportError):
            publish_batch(client, events)
        assert doomed.process.wait(60) == KILLED
    if moment == "after the append":
        consume(hub)
        assert sums_of(hub).accepted == len(events), "what nobody was told of may be there"
    with a_process(hub.paths.data) as next_one, next_one.client() as client:
        again = publish_batch(client, events)
        other = publish(client, closed("moved", event_id=events[0].meta.event_id))
    consume(hub)

    assert again.status_code == 202
    assert set(statuses(again)) == {"duplicate" if moment == "after the append" else "accepted"}
    assert other.status_code == 409
    assert (sums_of(hub).accepted, sums_of(hub).quarantined) == (len(events), 0)
    assert ledger_of(hub) == events


def test_of_two_contents_sent_to_two_processes_at_once_one_is_accepted_and_one_refused(hub: Hub) -> None:
    rounds = 30
    with ExitStack() as stack:
        clients = [stack.enter_context(stack.enter_context(a_process(hub.paths.data)).client()) for _ in range(2)]
        pair = stack.enter_context(ThreadPoolExecutor(2))
        for _ in range(rounds):
            first = closed("employment")
            contents = [first, closed("moved", event_id=first.meta.event_id)]
            answers = list(pair.map(publish, clients, contents))
            assert sorted(answer.status_code for answer in answers) == [202, 409]
    consume(hub)
    sums = sums_of(hub)
    assert (sums.accepted, sums.duplicate, sums.quarantined) == (rounds, 0, 0), "no conflict got as far as the log"


class Away(NamedTuple):
    """An API whose network to its broker a test can cut, and which answers within 4 seconds."""

    api: Api
    network: Proxy


@pytest.fixture
def away(kafka: Kafka, servers_run: Run, tmp_path: Path) -> Iterator[Away]:  # noqa: ARG001 it says whether there are servers
    port = servers_run.free_port()
    with (
        KafkaCluster(servers_run, advertised={1: port}) as cluster,
        Proxy(port, cluster.brokers[1].ports["CLIENTS"]) as network,
    ):
        settings = Settings(
            data=tmp_path,
            kafka_servers=f"127.0.0.1:{port}",
            replication=1,
            partitions=2,
            api_timeout_s=4,
            publish_at_once=2,
        )
        with Hub.create(settings) as hub:
            with closing(hub.admin()) as admin:
                admin.create(partitions_of(INBOUND, settings.partitions))
            with serving(hub, recorder=Noted()) as api:
                yield Away(api, network)


@pytest.mark.parametrize("how", ["cut", "freeze", "mute"])
@pytest.mark.parametrize("is_open", [True, False])
def test_while_the_log_is_away_nothing_is_acknowledged_and_what_is_sent_again_is_there_once(
    away: Away, how: str, *, is_open: bool
) -> None:
    client, stated = away.api.client(OF_FT), [closed() for _ in range(3)]
    if is_open:
        assert publish(client, stated[0]).status_code == 202
    getattr(away.network, how)()
    began = time.monotonic()
    answer = publish_batch(client, stated)
    took_s = time.monotonic() - began
    away.network.heal()

    assert answer.status_code == 429
    assert code_of(answer) == "log_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert took_s < 6
    wait_until(lambda: publish_batch(client, stated).status_code == 202, deadline_s=60, what="the log's return")
    consume(away.api.hub)
    assert sorted(ledger_of(away.api.hub), key=_id_of) == stated
    assert sums_of(away.api.hub).quarantined == 0


def test_while_the_log_is_slow_whoever_gets_no_turn_is_told_soon_and_readers_notice_nothing(away: Away) -> None:
    client = away.api.client(OF_FT)
    assert publish(client, closed()).status_code == 202
    away.network.freeze()

    def timed(_: int) -> tuple[int, float]:
        began = time.monotonic()
        status = publish(away.api.client(OF_FT), closed()).status_code
        return status, time.monotonic() - began

    reader = away.api.client(OF_FT)
    with ThreadPoolExecutor(24) as publishers:
        answers = publishers.map(timed, range(24))
        began = time.monotonic()
        waits_s = []
        while time.monotonic() - began < 2:
            asked = time.monotonic()
            # An operation of another role: the token is checked in the threads that readers share.
            assert reader.get("/api/v1/caseload").status_code == 403
            waits_s.append(time.monotonic() - asked)
        found = list(answers)
    away.network.heal()

    assert {status for status, _ in found} == {429}
    assert max(took_s for _, took_s in found) < 7
    assert sum(took_s < 3 for _, took_s in found) >= 24 - 2 * 5, "who has no turn is not kept until the deadline"
    assert max(waits_s) < 1.5, "readers wait for none of it"
    wait_until(lambda: publish(client, closed()).status_code == 202, deadline_s=60, what="the log's return")


def _id_of(event: Event) -> str:
    return event.meta.event_id


def test_while_the_store_is_away_nothing_is_published(fault_postgres: LocalPostgres, tmp_path: Path) -> None:
    databases = {name: fault_postgres.create_database() for name in ("database", "key_database")}
    settings = Settings.model_validate({"data": tmp_path, **databases})
    with Hub.create(settings) as hub, serving(hub, recorder=Noted()) as api:
        client, stated = api.client(OF_FT), closed()
        assert publish(client, stated).status_code == 202
        fault_postgres.stop()
        answer = publish(client, closed())
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert code_of(answer) == "store_unavailable"
        fault_postgres.start()
        wait_until(lambda: publish(client, stated).status_code == 202, deadline_s=30, what="the store's return")
        consume(hub)
        assert ledger_of(hub) == [stated]
