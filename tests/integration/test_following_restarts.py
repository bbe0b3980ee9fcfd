"""Two hundred followers of a real server that is killed and restarted while workers take events in."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random

import pytest

from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import FRANCE_TRAVAIL, CaseKey, case_subject
from hub.ledger import ledger, tail
from hub.ledger.database import reading
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.commands import QUIET, ROOT, command
from tests.integration.followers import Follower, until
from tests.integration.hubs import folder, publish, take
from tests.integration.test_telemetry_privacy import free_port
from tests.integration.tokens import Provider, a_provider
from tests.unit.pathway.builders import event, registered

FOLLOWERS = 200
EVENTS = int(os.environ.get("HUB_TEST_FOLLOWED_EVENTS", "2000"))
BATCH = 100
DEADLINE_S = 240.0
pytestmark = [pytest.mark.usefixtures("engine"), pytest.mark.timeout(600)]


def case(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def adviser(number: int) -> str:
    return f"ft-{number}"


def accompanied(number: int) -> list[Event]:
    assigned = event(
        ReferentAssigned,
        "2021-01-12",
        case(number),
        adviser=adviser(number),
        role="referent",
        from_date="2021-01-12",
    )
    return [registered(case(number), "2021-01-11", family_name=f"Nom{number}"), assigned]


class Program:
    """A command of the hub in a process of its own, which can be ended and started again."""

    def __init__(self, data: Path, environment: Mapping[str, str], *arguments: str) -> None:
        self._data, self._environment, self._arguments = data, environment, arguments
        self._log = data / f"{arguments[0]}.log"
        self.process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        with self._log.open("a") as log:
            return subprocess.Popen(
                command(self._data, *self._arguments),
                cwd=ROOT,
                env=dict(self._environment),
                stdout=log,
                stderr=log,
                text=True,
            )

    def again(self, number: signal.Signals) -> None:
        """End it by a signal, and start it anew."""
        self.end(number)
        self.process = self._started()

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it."""
        self.process.send_signal(number)
        self.process.wait(60)

    def cost(self) -> tuple[float, float]:
        """Give the seconds of CPU that it took so far, and the megabytes that it has."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return seconds, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def running(data: Path, provider: Provider, port: int) -> Iterator[tuple[Program, Program]]:
    """Run a server and a worker."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    settings = {f"HUB_{name.upper()}": str(value) for name, value in engines.given(data).items()}
    environment = {**kept, **QUIET, **settings, "HUB_LOG_FORMAT": "json", "HUB_OIDC_ISSUER": provider.url}
    programs = [Program(data, environment, "serve", "--port", str(port)), Program(data, environment, "consume")]
    try:
        yield programs[0], programs[1]
    finally:
        for program in programs:
            program.end()


def expected(hub: Hub, number: int, after: int) -> list[int]:
    """Give the positions of what came about a follower's person after the position where they began."""
    subject = case_subject(case(number))
    ref = hub.keystore.find([subject])[subject].ref
    with reading(hub.store) as connection:
        heads = tail.about(connection, [ref], after_position=after, up_to=ledger.last_position(connection))
    return [head.position for head in heads]


def publish_slowly(hub: Hub, rng: Random) -> None:
    """Publish updates about random people, a batch at a time."""
    for _ in range(EVENTS // BATCH):
        batch = [
            event(CaseUpdated, "2021-02-01", case(rng.randrange(FOLLOWERS)), contact={"email": f"{rng.random()}@a.fr"})
            for _ in range(BATCH)
        ]
        publish(hub, batch)
        time.sleep(0.3)


def position_of(hub: Hub) -> int:
    with reading(hub.store) as connection:
        return ledger.last_position(connection)


def test_nobody_misses_an_event_or_gets_one_twice_across_restarts() -> None:
    with folder() as data, a_provider() as provider:
        port = free_port()
        try:
            with engines.create(data) as hub:
                take(hub, [each for number in range(FOLLOWERS) for each in accompanied(number)])
                began = position_of(hub)
                with running(data, provider, port) as (server, _):
                    told = asyncio.run(_followed(hub, provider, port, server))
                    cost = server.cost()
        finally:
            engines.forget(data)
    assert began == 2 * FOLLOWERS
    assert told >= EVENTS
    sys.stdout.write(f"the server, since its last start: {cost[0]:.1f} s of CPU, {cost[1]:.0f} MB\n")
    assert cost[1] < 500


def _have_heard(followers: Sequence[Follower], changes: float) -> bool:
    return sum(len(each.heard) for each in followers) >= changes


async def _followed(hub: Hub, provider: Provider, port: int, server: Program) -> int:
    over = asyncio.Event()
    followers = [
        Follower(
            port, provider.token(sub=f"s-{number}", network=FRANCE_TRAVAIL, adviser=adviser(number), roles=["adviser"])
        )
        for number in range(FOLLOWERS)
    ]
    following = [asyncio.create_task(each.follow(over.is_set)) for each in followers]
    await until(lambda: all(each.hellos for each in followers), DEADLINE_S)
    begun = [int(each.last_id) for each in followers]
    publishing = asyncio.create_task(asyncio.to_thread(publish_slowly, hub, Random(7)))
    for number, share in ((signal.SIGKILL, 0.3), (signal.SIGTERM, 0.6)):
        await until(partial(_have_heard, followers, share * EVENTS), DEADLINE_S)
        await asyncio.to_thread(server.again, number)
    await publishing
    total = 2 * FOLLOWERS + EVENTS
    await until(lambda: position_of(hub) == total, DEADLINE_S)
    wanted = [expected(hub, number, after) for number, after in enumerate(begun)]
    await until(partial(_have_heard, followers, sum(map(len, wanted))), DEADLINE_S)
    # What would come twice would come now.
    await asyncio.sleep(1.0)
    over.set()
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    assert [each.positions for each in followers] == wanted
    hellos = {each.hellos for each in followers}
    assert max(hellos) == 3
    assert min(hellos) >= 2, "whoever was slow to come back may have missed a whole run of the server, and no event"
    assert {each.document["people"][0]["is_regrouped"] for one in followers for each in one.heard} == {False}
    return sum(map(len, wanted))
