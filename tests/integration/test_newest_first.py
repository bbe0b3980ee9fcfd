"""A person whose events arrive newest first: the work grows with their number, not with its square."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import Event
from hub.domain.pathway import source
from hub.domain.pathway.source import Source
from hub.ledger.database import reading
from hub.projections import generations
from hub.wiring import Hub
from tests.integration.hubs import a_hub, consume, digest_of, digest_of_all, publish, sums_of, take
from tests.unit.pathway import builders

pytestmark = pytest.mark.usefixtures("engine")

START = builders.moment("2018-01-01")
TIMED = 5_000


def a_long_life(count: int) -> list[Event]:
    """Give one person's events, oldest first."""
    return [
        builders.event(
            AppointmentRecorded,
            (START + timedelta(hours=number)).isoformat(),
            builders.FT,
            sequence=number + 1,
            appointment_id=f"A-{number}",
            starts_at=START + timedelta(hours=number),
            status="held",
            mode="in_person",
            place="agency",
        )
        for number in range(count)
    ]


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the events folded so far: a fold follows the sequence of each one exactly once."""
    follow, calls = source.follow, 0

    def counted(state: Source, events: Sequence[Event]) -> Source:
        nonlocal calls
        calls += len(events)
        return follow(state, events)

    monkeypatch.setattr(source, "follow", counted)
    return lambda: calls


@contextmanager
def a_backlog(events: Sequence[Event]) -> Iterator[Hub]:
    with a_hub() as hub:
        publish(hub, events)
        yield hub


def work_of(count: int, folded: Callable[[], int]) -> int:
    """Consume a backlog that is newest first; give how many events were folded."""
    with a_backlog(a_long_life(count)[::-1]) as hub:
        before = folded()
        consume(hub)
        assert sums_of(hub).accepted == count
        return folded() - before


def test_the_work_for_a_backlog_that_is_newest_first_grows_with_the_number_of_events(
    folded: Callable[[], int],
) -> None:
    counts = (500, 1_000, 2_000, 4_000)
    work = [work_of(count, folded) for count in counts]
    assert all(done >= count for count, done in zip(counts, work, strict=True)), "the counting is not by-passed"
    # Batches double, so that the refolds add up to less than twice the last one; batches of one size would give 4.5.
    assert all(done <= 3 * count for count, done in zip(counts, work, strict=True)), work
    growth = [later / earlier for earlier, later in pairwise(work)]
    assert growth == sorted(growth, reverse=True), f"twice the events come ever closer to twice the work: {work}"
    assert growth[-1] < 2.6


def test_in_order_every_event_is_folded_once(folded: Callable[[], int]) -> None:
    with a_backlog(a_long_life(2_000)) as hub:
        before = folded()
        consume(hub)
        assert folded() - before == 2_000


def test_newest_first_and_oldest_first_give_the_same_rows() -> None:
    events = a_long_life(1_200)
    with a_backlog(events[::-1]) as hub:
        consume(hub)
        backwards = digest_of(hub)
    assert backwards == digest_of_all(events)


def test_events_that_arrive_one_by_one_each_older_than_the_last_refold_their_person_alone(
    folded: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """One late event costs a fold of its person, whatever else the hub holds; the measured time is printed."""
    events = a_long_life(TIMED)
    late = events[:5][::-1]
    with a_backlog(events[5:]) as hub:
        consume(hub)
        before, started = folded(), time.perf_counter()
        for event in late:
            take(hub, [event])
        each_s = (time.perf_counter() - started) / len(late)
        assert folded() - before == sum(range(TIMED - 4, TIMED + 1))
        with reading(hub.store) as connection:
            people = generations.live(connection).models["pathway"]
            assert connection.execute(people.select()).one().event_count == TIMED
    with capsys.disabled():
        print(f" one late event of a person with {TIMED} events: {1_000 * each_s:.0f} ms ", end="")  # noqa: T201
