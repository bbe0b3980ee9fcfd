"""P2, nothing is lost: workers killed at any moment, and several at once, leave neither gaps nor repetitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from hub.domain.events.base import Event
from hub.producers.simulation import Line
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.feeds import deliver, digest_of_region, events_of, ledger_of, region
from tests.integration.hubs import digest_of, sums_of
from tests.integration.worker import KILLED, Worker, workers

pytestmark = pytest.mark.usefixtures("engine")

PEOPLE = 120
KILLS = 50
SMALL_BATCH = 20


@pytest.fixture(scope="module")
def two_workers() -> Iterator[list[Worker]]:
    with workers(2) as started:
        yield started


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with engines.create(tmp_path / "data") as opened:
        yield opened
    engines.forget(tmp_path / "data")


def in_portions(count: int) -> list[Sequence[Line]]:
    """Cut the region's lines, so that there is something to do at every turn."""
    lines = region(PEOPLE)
    size = len(lines) // count + 1
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def check_nothing_is_lost_or_repeated(hub: Hub, published: int) -> None:
    """Compare with a hub that got the region once, in peace."""
    sums = sums_of(hub)
    assert sums.read == published
    assert sums.adds_up
    held = ledger_of(hub)
    assert Counter(event.meta.event_id for event in held).most_common(1)[0][1] == 1
    assert {event.meta.event_id: _said(event) for event in held} == {
        event_id: _said(event) for event_id, event in events_of(region(PEOPLE)).items()
    }
    assert digest_of(hub) == digest_of_region(PEOPLE)


def _said(event: Event) -> Event:
    """Leave out what a conflicting record of the region changes: which of the two came first is not a loss."""
    return event.model_copy(update={"meta": event.meta.model_copy(update={"correlation_id": None})})


def test_fifty_kills_at_random_moments_lose_nothing_and_repeat_nothing(hub: Hub, two_workers: list[Worker]) -> None:
    worker, rng = two_workers[0], Random(1)
    portions = cycle(in_portions(KILLS))
    published = turns = 0
    killed: Counter[str] = Counter()
    while killed.total() < KILLS or turns < KILLS:
        published += deliver(hub, next(portions))
        way = ("in a transaction", "at any time")[turns % 2]
        fatal = rng.randint(1, 250) if way == "in a transaction" else 0
        worker.start("consume", hub.paths.data, batch=SMALL_BATCH, fatal=fatal)
        if not fatal and worker.ended(rng.uniform(0.005, 0.15)) is None:
            worker.kill()
            killed[way] += worker.ended() == KILLED
        elif fatal:
            killed[way] += worker.ended() == KILLED
        turns += 1
        assert sums_of(hub).adds_up
        assert turns < 4 * KILLS, f"too few of the kills met a running worker: {killed}"
    assert min(killed["in a transaction"], killed["at any time"]) > KILLS // 4
    assert 0 < sums_of(hub).read < published, "kills left work to catch up with, and did not stop all of it"
    worker.start("consume", hub.paths.data)
    assert worker.ended() == 0
    check_nothing_is_lost_or_repeated(hub, published)


def test_two_workers_at_once_take_everything_once(hub: Hub, two_workers: list[Worker]) -> None:
    published = 0
    shares: Counter[int] = Counter()
    for turn, lines in enumerate(in_portions(8)):
        published += deliver(hub, lines)
        for worker in two_workers:
            worker.gave.clear()
        # Who comes second waits for the lock and then finds most offsets moved: each is first in turn.
        for number in (turn % 2, 1 - turn % 2):
            two_workers[number].start("consume", hub.paths.data, batch=SMALL_BATCH)
        assert [worker.ended() for worker in two_workers] == [0, 0]
        shares += Counter({number: worker.gave[0] for number, worker in enumerate(two_workers)})
    assert shares.total() == published
    assert len(shares) == 2, "one worker took it all: they did not meet"
    check_nothing_is_lost_or_repeated(hub, published)


def test_two_workers_of_which_one_is_killed_again_and_again_take_everything_once(
    hub: Hub, two_workers: list[Worker]
) -> None:
    rng, published, killed, turns = Random(2), 0, 0, 16
    for turn, lines in enumerate(in_portions(turns)):
        published += deliver(hub, lines)
        doomed, other = two_workers[turn % 2], two_workers[1 - turn % 2]
        doomed.start("consume", hub.paths.data, batch=SMALL_BATCH, fatal=rng.randint(1, 250))
        other.start("consume", hub.paths.data, batch=SMALL_BATCH)
        killed += doomed.ended() == KILLED
        assert other.ended() == 0
    assert killed > turns // 4
    # Who was killed last may have held partitions on Kafka, which only a new worker is waited for to get.
    two_workers[0].start("consume", hub.paths.data)
    assert two_workers[0].ended() == 0
    check_nothing_is_lost_or_repeated(hub, published)
