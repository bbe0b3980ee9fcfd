"""A whole region goes through a worker, with failures, and nothing of a person is in its logs, metrics or spans."""

from __future__ import annotations

import base64
import copy
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from threading import Thread
from typing import Any
from unittest.mock import patch
from urllib.request import urlopen

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.codec.jsonform import from_json
from hub.codec.sensitive import sensitive_paths
from hub.consumers.acceptance import Acceptance, Outcome
from hub.consumers.gate import Passed
from hub.domain.topics import CAP_EMPLOI_EVENTS
from hub.errors import StoreUnavailable
from hub.log.port import Message
from hub.producers.simulation import Line
from hub.settings import Settings
from hub.wiring import Hub
from hub.wiring.worker import work
from tests.integration.commands import done, run, write_events
from tests.integration.feeds import deliver, region
from tests.integration.hubs import folder, sums_of
from tests.integration.test_traces import SAMPLED, Traced, traced
from tests.unit.pathway.builders import registered
from tests.unit.telemetry import Lines

PATIENCE_S = 60.0
MARK = "Zqx"
HOSTILE = f"{MARK}'\"%s{{0}}</b> \\n DETAIL: Failing row contains"
NAMES = ("family_name", "birth_name", "given_name")

__all__ = ["traced"]


def hostile(line: Line) -> Line:
    """Give a line whose names are made to break out of any format."""
    changed: Any = copy.deepcopy(line)
    for name in NAMES:
        if (changed.get("traits") or {}).get(name):
            changed["traits"][name] = f"{HOSTILE} {changed['traits'][name]}"
    return changed  # type: ignore[no-any-return]


def secrets_of(lines: Sequence[Line]) -> set[str]:
    """Give every text of a field marked sensitive, and every local id, but for short ones and codes."""
    found: set[str] = set()
    for line in lines:
        if "raw" not in line:
            event: Any = line
            found.add(event["meta"]["local_id"])
            for path in sensitive_paths(event["type"]):
                found |= set(_texts(event, path))
    return {text for text in found if len(text) > 5 and not re.fullmatch("[a-z_]+", text)}


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif isinstance(value, dict) and path and path[0] in value:
        yield from _texts(value[path[0]], path[1:])
    elif isinstance(value, str) and not path:
        yield value


def keys_of(hub: Hub) -> set[str]:
    """Give the topic keys of all records, in every form in which one might write them."""
    with closing(hub.consumer(lambda _: None)) as consumer:
        found: set[str] = set()
        while batches := consumer.poll(10_000, 0):
            for key in (record.key for batch in batches for record in batch.records if record.key):
                found |= {key.hex(), base64.b64encode(key).decode(), repr(key)[2:-1]}
        return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "it did not come to that in time"
        time.sleep(0.02)


@contextmanager
def failing_now_and_then() -> Iterator[list[int]]:
    """Let every third transaction fail as a driver fails: with the row in its text."""
    calls: list[int] = []
    real = Acceptance.accept

    def accept(
        self: Acceptance, connection: Connection, passed: Sequence[Passed], stamp: datetime, *, resets: int
    ) -> Outcome:
        calls.append(1)
        if len(calls) % 3 == 0:
            row = repr(passed[0].event) if passed else HOSTILE
            raise StoreUnavailable("the store is away; start it") from IntegrityError("insert", {}, Exception(row))
        return real(self, connection, passed, stamp, resets=resets)

    with patch.object(Acceptance, "accept", accept):
        yield calls


def assert_hidden(text: str, secrets: set[str]) -> None:
    assert MARK not in text
    assert not [secret for secret in secrets if secret in text]


def quarantine_something(hub: Hub) -> None:
    with closing(hub.producer()) as producer:
        for traceparent in (HOSTILE, SAMPLED):
            headers = (("traceparent", traceparent.encode()), (HOSTILE, HOSTILE.encode()))
            producer.append([Message(CAP_EMPLOI_EVENTS, HOSTILE.encode(), HOSTILE.encode(), headers, 0)])


def test_nothing_of_a_person_is_in_logs_or_metrics() -> None:
    lines, written, stopped = [hostile(line) for line in region(40)], Lines(), [False]
    port = free_port()
    with folder() as path, Hub.create(Settings(data=path, metrics_port=port)) as hub, failing_now_and_then() as calls:
        published = deliver(hub, lines)
        quarantine_something(hub)
        worker = Thread(target=work, args=(hub.settings, written.log, lambda: stopped[0]))
        worker.start()
        try:
            eventually(lambda: sums_of(hub).read == published + 2)
            with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
                metrics = reply.read().decode()
        finally:
            stopped[0] = True
            worker.join(PATIENCE_S)
        assert sums_of(hub).quarantined > 2
        secrets = secrets_of(lines) | keys_of(hub)

    assert len(calls) > 6
    assert len(secrets) > 200
    assert 'hub_retries_total{cause="store_unavailable"}' in metrics
    assert 'hub_records_total{disposition="quarantined"' in metrics
    assert {"batch_retried", "quarantined", "taken"} <= set(written.events)
    assert "[withheld]" not in written.text
    assert_hidden(written.text + metrics, secrets)


def test_nothing_of_a_person_is_in_spans(traced: Traced) -> None:
    lines = [hostile(line) for line in region(15)]
    traced.publish(*(from_json(line) for line in lines if "raw" not in line))
    quarantine_something(traced.hub)
    with failing_now_and_then():
        traced.consume()

    spans = "".join(span.to_json() for span in traced.exporter.get_finished_spans())
    assert "process CaseRegistered" in spans
    assert "undecodable" in spans
    assert_hidden(spans, secrets_of(lines) | keys_of(traced.hub))


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_defect_ends_a_worker_without_the_row_that_it_met(form: str) -> None:
    def accept(*_: object, **__: object) -> Outcome:
        raise IntegrityError("insert", {"family_name": HOSTILE}, Exception(f"DETAIL: Failing row contains ({HOSTILE})"))

    with folder() as path:
        done(path, "init")
        done(path, "publish", write_events(path / "one.jsonl", [registered()]))
        with patch.object(Acceptance, "accept", accept):
            ran = run(path, "consume", env={"HUB_LOG_FORMAT": form})

    assert ran.code == 70
    assert "crashed" in ran.err
    assert "sqlalchemy.exc.IntegrityError" in ran.err
    assert "hub/consumers/ingest.py:" in ran.err
    assert "Traceback" not in ran.err
    assert MARK not in ran.err + ran.out
