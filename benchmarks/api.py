"""The pathway query over HTTP: in an open loop, and as much as fits, beside a bare route and the bare rows.

`python -m benchmarks.api` measures the installation that the `HUB_...` variables name, as it is.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx2
from sqlalchemy import bindparam, func, select

from benchmarks.machine import machine
from benchmarks.measure import percentile, spread
from benchmarks.report import Cell, Table, markdown
from benchmarks.servers import Servers, ended, start
from hub.domain.access import READ_AFTER
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.projections import generations
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.tokens import Provider, a_provider

A_SECOND = 100
OPEN_LOOP_S = 30
SATURATION_S = 10
CONNECTIONS = 16
_READINGS = 20_000
FREE = {
    # One reader's usual limits are far below what all advisers together ask for.
    **{
        f"HUB_VOLUME_{whose}_{what}": "10000000"
        for whose in ("OWN", "OTHER", "SYSTEM")
        for what in ("SLOW_PER_HOUR", "STOP_PER_DAY")
    },
    "HUB_API_REQUESTS_PER_MINUTE": "1000000",
    "HUB_LOG_FORMAT": "json",
}
_LUA = """
local requests, at = {}, 0
for line in io.lines(os.getenv("REQUESTS")) do
  local path, token = line:match("^(%S+) (%S+)$")
  requests[#requests + 1] = wrk.format("GET", path, {["Authorization"] = "Bearer " .. token})
end
local other = 0
request = function() at = at % #requests + 1; return requests[at] end
response = function(status) if status ~= 200 then other = other + 1 end end
"""


class Reading(NamedTuple):
    """A person to read, and the token of an adviser who accompanies them."""

    path: str
    token: str


def measure(started: Servers) -> list[Table]:
    """Measure an installation made for it, with the region taken in."""
    with started.hub() as (hub, environment):
        ended(start(["benchmarks.worker", "ingest"], environment))
        return measured(hub, environment, started.workspace.runs)


def measured(hub: Hub, environment: Mapping[str, str], runs: int) -> list[Table]:
    """Measure an installation as it is."""
    with a_provider() as provider:
        readings = _readings(hub, provider)
        open_loop: list[list[float]] = []
        saturation: dict[str, list[float]] = {"the hub": [], "a bare FastAPI route": [], "the bare rows": []}
        size = 0
        for _ in range(runs):
            with _serving(["hub.cli.app", "serve"], {**environment, **FREE, "HUB_OIDC_ISSUER": provider.url}) as port:
                size = _size(port, readings[0])
                asyncio.run(_open_loop(port, readings[:500]))
                open_loop.append(asyncio.run(_open_loop(port, readings)))
                saturation["the hub"].append(_saturated(port, readings))
            with _serving(["benchmarks.bare_api", "{port}", str(size)], {}) as port:
                bare = [Reading(f"/bare/{number}", "-") for number in range(100)]
                saturation["a bare FastAPI route"].append(_saturated(port, bare))
            saturation["the bare rows"].append(_bare_rows(hub, readings))
    return _tables(hub, open_loop, saturation, size)


def _tables(
    hub: Hub, open_loop: Sequence[list[float]], saturation: Mapping[str, Sequence[float]], size: int
) -> list[Table]:
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        people = connection.scalar(select(func.count()).select_from(tables.models["pathway"])) or 0
        events = ledger.last_position(connection)
    note = (
        f"`GET /pathways/{{person_id}}` by advisers of the people they accompany, {events:,} events of {people:,} "
        f"people; {A_SECOND} requests a second at fixed times, each from the moment it was due; an answer takes about "
        f"{size:,} bytes. Each reading is written to the access log before it is answered."
    )
    row: tuple[Cell, ...] = (
        "the pathway",
        A_SECOND * OPEN_LOOP_S,
        *(spread([percentile(run, percent) for run in open_loop]) for percent in (50, 99)),
    )
    most: list[tuple[Cell, ...]] = [(name, spread(found)) for name, found in saturation.items()]
    heard = (
        f"wrk with {CONNECTIONS} connections for {SATURATION_S} s; the bare route answers as many bytes; the bare rows "
        "are those that the pathway's answer is made of, by one connection in a loop."
    )
    return [
        Table("The pathway over HTTP, open loop", ("", "Requests", "p50, ms", "p99, ms"), [row], note),
        Table("The pathway over HTTP, as much as fits", ("", "A second"), most, heard),
    ]


def _readings(hub: Hub, provider: Provider) -> list[Reading]:
    """Draw people with an adviser who accompanies them today."""
    today = datetime.now(UTC).date()
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        tie, person = tables.models["accompaniment"].c, tables.models["pathway"].c
        query = select(tie.network, tie.adviser, tie.until_date, person.person_id).join(
            tables.models["pathway"], person.pathway_no == tie.pathway_no
        )
        query = query.where(tie.from_date <= today, tie.adviser != "")
        rows = [
            row for row in connection.execute(query) if (row.until_date or date.max - READ_AFTER) + READ_AFTER >= today
        ]
    drawn = Random(1).sample(sorted(map(tuple, rows), key=lambda row: (row[3], row[1])), min(_READINGS, len(rows)))
    tokens: dict[tuple[str, str], str] = {}
    found = []
    for network, adviser, _, person_id in drawn:
        if (network, adviser) not in tokens:
            tokens[network, adviser] = provider.token(sub=f"{network}-{adviser}", network=network, adviser=adviser)
        found.append(Reading(f"/api/v1/pathways/{person_id}", tokens[network, adviser]))
    assert found, "nobody accompanies anyone"
    return found


@contextmanager
def _serving(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Have a program serve on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", *(each.format(port=port) for each in arguments)],
        env={**os.environ, **environment, "HUB_API_PORT": str(port)},
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


def _size(port: int, first: Reading) -> int:
    url, headers = f"http://127.0.0.1:{port}{first.path}", {"Authorization": f"Bearer {first.token}"}
    answer = httpx2.get(url, headers=headers, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text
    return len(answer.content)


async def _open_loop(port: int, readings: Sequence[Reading]) -> list[float]:
    """Ask at fixed times, whatever becomes of the one before; give milliseconds from when each was due."""
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(4 * CONNECTIONS):
        idle.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    took: list[float] = []
    begun = time.perf_counter() + 0.1

    async def ask(number: int) -> None:
        due = begun + number / A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        streams = await idle.get()
        await _get(*streams, readings[number % len(readings)])
        took.append((time.perf_counter() - due) * 1e3)
        idle.put_nowait(streams)

    await asyncio.gather(*(ask(number) for number in range(min(len(readings), A_SECOND * OPEN_LOOP_S))))
    while not idle.empty():
        (await idle.get())[1].close()
    return took


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Reading) -> None:
    head = f"GET {asked.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {asked.token}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200"), answer
    length = next(line for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))


def _saturated(port: int, readings: Sequence[Reading]) -> float:
    """Give answers a second."""
    wrk = shutil.which("wrk")
    assert wrk, "install wrk, an HTTP load generator, to measure this"
    with TemporaryDirectory() as folder:
        script, requests = Path(folder) / "ask.lua", Path(folder) / "requests"
        script.write_text(_LUA)
        requests.write_text("".join(f"{each.path} {each.token}\n" for each in readings))
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SATURATION_S}s", "-s", str(script), f"http://127.0.0.1:{port}"]
        environment = {**os.environ, "REQUESTS": str(requests)}
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in told, told
    return float(next(line for line in told.splitlines() if line.startswith("Requests/sec")).split()[1])


def _bare_rows(hub: Hub, readings: Sequence[Reading]) -> float:
    """Give how many people's rows one connection reads a second: records, state, timeline, links and ties."""
    wanted = [each.path.rpartition("/")[2] for each in readings[:2_000]]
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        person, record, link = tables.models["pathway"], tables.case_record, tables.link
        of_person = select(person.c.pathway_no).where(person.c.person_id == bindparam("who")).scalar_subquery()
        cases = select(record).where(record.c.pathway_no == of_person)
        numbers = select(record.c.case_no).where(record.c.pathway_no == of_person)
        queries = [
            cases,
            select(tables.fold).where(tables.fold.c.pathway_no == of_person),
            select(tables.timeline).where(tables.timeline.c.case_no.in_(numbers)),
            select(link).where(link.c.case_no.in_(numbers)),
            select(tables.models["accompaniment"]).where(tables.models["accompaniment"].c.pathway_no == of_person),
        ]
        begun = time.perf_counter()
        for who in wanted:
            for query in queries:
                connection.execute(query, {"who": who}).all()
    return len(wanted) / (time.perf_counter() - begun)


if __name__ == "__main__":
    with Hub(Settings()) as opened:
        print(
            markdown(
                measured(opened, {}, int(sys.argv[1]) if sys.argv[1:] else 3), machine(), "the installation as it is"
            )
        )
