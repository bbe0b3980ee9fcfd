"""Publishing over HTTP: a real `hub serve`, real clients on keep-alive connections, beside the SDK on the same log."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from benchmarks.measure import percentile, spread, undisturbed
from benchmarks.report import Cell, Table
from benchmarks.servers import Servers
from benchmarks.workspace import Workspace
from hub.codec.jsonform import to_json
from hub.domain.events.base import Event
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.wiring import Hub

CLIENTS = 4
_SHARES = {1: 0.04, 10: 0.16, 100: 0.4, 500: 0.4}
"""Batch sizes, and what part of the region each publishes: an id counts once, so no event is sent for two of them."""
_PATH = "/api/v1/events"
_SECRET = re.compile(r"^\s*(ft|ce)-publisher:(\S+)$", re.MULTILINE)
_ISSUER = re.compile(r"(http://\S+)/token\b")
_NETWORKS = {"ft": FRANCE_TRAVAIL, "ce": CAP_EMPLOI}
_LIMITS = {"HUB_API_REQUESTS_PER_MINUTE": "1000000", "HUB_LOG_FORMAT": "json"}
_COLUMNS = ("", "Batch", "Events/s", "p50, ms", "p99, ms", "CPU µs/event, API process")
_NOTE = (
    f"{CLIENTS} clients, each with a request under way all the time, on the same cores; the batch sizes in turn, with "
    "other events. The SDK publishes from one thread, validated and encoded too. No worker reads meanwhile."
)


class Request(NamedTuple):
    """A batch of one network, as it is sent."""

    network: str
    body: bytes
    events: int


class Load(NamedTuple):
    """What publishing took: events a second, the milliseconds of each request, the API's CPU time an event."""

    rate: float
    taken_ms: list[float]
    cpu_us: float


class Server(NamedTuple):
    """A running `hub serve`, with the token of each network's system."""

    host: str
    tokens: Mapping[str, str]
    pid: int


def measure(workspace: Workspace) -> list[Table]:
    """Measure on the embedded log and SQLite."""
    loads: dict[int, list[Load]] = {}
    direct: dict[int, list[float]] = {}
    for _ in range(workspace.runs):
        with workspace.fresh() as hub:
            _run(hub, {"HUB_DATA": str(hub.paths.data)}, workspace.events, loads, direct)
    return [_table("Publishing over HTTP, on files", loads, direct)]


def measure_on_servers(started: Servers) -> list[Table]:
    """Measure on Kafka and PostgreSQL."""
    loads: dict[int, list[Load]] = {}
    direct: dict[int, list[float]] = {}
    for _ in range(started.workspace.runs):
        with started.hub() as (hub, environment):
            _run(hub, environment, started.workspace.events, loads, direct)
    return [_table("Publishing over HTTP, on Kafka and PostgreSQL", loads, direct)]


def _table(title: str, loads: Mapping[int, Sequence[Load]], direct: Mapping[int, Sequence[float]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for size, found in loads.items():
        percentiles = (spread([percentile(load.taken_ms, percent) for load in found]) for percent in (50, 99))
        rates, cpu = spread([load.rate for load in found]), spread([load.cpu_us for load in found])
        rows.append(("HTTP", size, rates, *percentiles, cpu))
    rows += [("SDK", size, spread(found), "", "", "") for size, found in direct.items()]
    return Table(title, _COLUMNS, rows, _NOTE)


def _run(
    hub: Hub,
    environment: Mapping[str, str],
    region: Sequence[Event],
    loads: dict[int, list[Load]],
    direct: dict[int, list[float]],
) -> None:
    unique = list({event.meta.event_id: event for event in region if event.meta.network in _NETWORKS.values()}.values())
    parts = dict(_parts(unique))
    with _serving(environment) as server, undisturbed():
        # The first request opens the log.
        _publish(server, _requests(unique[:1], 1))
        for size, events in parts.items():
            loads.setdefault(size, []).append(_publish(server, _requests(events[1:], size)))
    with hub.publisher() as publisher, undisturbed():
        for size, events in parts.items():
            began = time.perf_counter()
            for first in range(0, len(events), size):
                publisher.publish_batch(events[first : first + size])
            direct.setdefault(size, []).append(len(events) / (time.perf_counter() - began))


def _parts(events: Sequence[Event]) -> Iterator[tuple[int, Sequence[Event]]]:
    begin = 0
    for size, share in _SHARES.items():
        end = begin + max(2, int(len(events) * share))
        yield size, events[begin:end]
        begin = end


def _requests(events: Sequence[Event], size: int) -> list[Request]:
    """Lay out the bodies before the clock runs; each is of one network, in the order of its events."""
    found = []
    for network in _NETWORKS.values():
        forms = [to_json(event) for event in events if event.meta.network == network]
        for first in range(0, len(forms), size):
            batch = forms[first : first + size]
            body = msgspec.json.encode(batch[0] if size == 1 else {"events": batch})
            found.append(Request(network, body, len(batch)))
    return found


def _publish(server: Server, requests: Sequence[Request]) -> Load:
    waiting: SimpleQueue[Request] = SimpleQueue()
    for request in requests:
        waiting.put(request)
    events = sum(request.events for request in requests)
    cpu_s, began = _cpu_s(server.pid), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        taken = list(clients.map(lambda _: _client(server, waiting), range(CLIENTS)))
    # Counted in ticks, of which a few events may take none.
    took_s, cpu_s = time.perf_counter() - began, max(_cpu_s(server.pid) - cpu_s, 1 / os.sysconf("SC_CLK_TCK"))
    return Load(events / took_s, [each for found in taken for each in found], cpu_s / events * 1e6)


def _client(server: Server, waiting: SimpleQueue[Request]) -> list[float]:
    """Send what waits, one request after the other; give how many milliseconds each took."""
    connection = http.client.HTTPConnection(server.host, timeout=60)
    taken: list[float] = []
    try:
        while True:
            try:
                network, body, _ = waiting.get_nowait()
            except Empty:
                return taken
            headers = {"Authorization": f"Bearer {server.tokens[network]}", "Content-Type": "application/json"}
            began = time.perf_counter()
            connection.request("POST", _PATH, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            taken.append((time.perf_counter() - began) * 1e3)
            assert answer.status == 202, said[:500]
    finally:
        connection.close()


def _cpu_s(pid: int) -> float:
    """Give the CPU time of a process and its threads so far; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _serving(environment: Mapping[str, str]) -> Iterator[Server]:
    """Serve, with the log of its requests on the disk too."""
    command = [sys.executable, "-m", "hub.cli.app", "serve", "--local-issuer", "--port", "0"]
    said = Path(environment["HUB_DATA"]) / "serve.log"
    with (
        said.open("w") as log,
        subprocess.Popen(command, env={**os.environ, **environment, **_LIMITS}, stderr=log) as api,
    ):
        try:
            while len(secrets := dict(_SECRET.findall(said.read_text()))) < len(_NETWORKS):
                assert api.poll() is None, said.read_text()
                time.sleep(0.1)
            (issuer,) = _ISSUER.findall(said.read_text())
            tokens = {_NETWORKS[short]: _token(issuer, f"{short}-publisher:{secrets[short]}") for short in secrets}
            yield Server(urlsplit(issuer).netloc, tokens, api.pid)
        finally:
            api.terminate()


def _token(issuer: str, login: str) -> str:
    address = urlsplit(issuer)
    headers = {
        "Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for _ in range(300):
        connection = http.client.HTTPConnection(address.netloc, timeout=10)
        try:
            connection.request("POST", f"{address.path}/token", "grant_type=client_credentials", headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said
            return str(json.loads(said)["access_token"])
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError("hub serve never listened")
