"""A hub on Kafka and PostgreSQL with workers and a publisher, to which a test does something, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.domain.events.base import Event
from hub.domain.topics import INBOUND
from hub.log.port import TopicPartition
from hub.wiring import Hub
from tests.faults.crew import Crew
from tests.faults.figures import Figures, keep
from tests.faults.upstream import Upstream
from tests.faults.watch import Positions, Watch, reaches
from tests.integration.feeds import digest_of_region, events_of, ledger_of, region
from tests.integration.hubs import digest_of, sums_of

PEOPLE = 120
"""About 3 000 events, and as many pathways as an adviser has."""
PATIENCE_S = 90.0


@dataclass(slots=True)
class Strike:
    """One time that a fault struck: when it began, when it was over, and what was acknowledged by then."""

    began: float
    over: float
    wanted: Positions
    ended: float


class Scene:
    """Everything in it runs while the test breaks something."""

    def __init__(self, hub: Hub, crew: Crew, watch: Watch, upstream: Upstream, figures: Path) -> None:
        self.hub = hub
        self.crew = crew
        self.watch = watch
        self.upstream = upstream
        self._figures_folder = figures
        self._strikes: list[Strike] = []

    @staticmethod
    def now() -> float:
        """Give the seconds of the clock that strikes are noted by."""
        return time.monotonic()

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait for something that the workers, the publisher or the servers will come to."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds():
            self.crew.check()
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_S:g} s\n{self.crew.last_words()}"
            time.sleep(0.02)

    def publish(self, share: float) -> None:
        """Publish so much of the region, and wait until it is acknowledged."""
        self.upstream.allow(share)
        self.until(lambda: self.upstream.is_done, "publishing")

    def take(self, share: float) -> None:
        """Publish so much of the region, and wait until it is taken in."""
        self.publish(share)
        self.until(lambda: reaches(self.watch.positions, self.upstream.log.ends), "taking in")

    @contextmanager
    def outage(self, *, others_take_over: bool = False) -> Iterator[None]:
        """Measure an outage: it is over at its end, or from the start when others take over what is away."""
        strike = Strike(time.monotonic(), 0, self.upstream.log.ends, 0)
        yield
        strike.ended = time.monotonic()
        strike.over = strike.began
        if not others_take_over:
            strike.over, strike.wanted = strike.ended, self.upstream.log.ends
        self._strikes.append(strike)

    def strike(self) -> bool:
        """Note that something is killed now, which others take over; tell whether there was work for it."""
        now, wanted = time.monotonic(), self.upstream.log.ends
        self._strikes.append(Strike(now, now, wanted, now))
        return not reaches(self.watch.positions, wanted)

    def finish(self, fault: str) -> Figures:
        """Publish the rest, wait until all is taken in, and expect nothing lost and nothing doubled."""
        self.upstream.finish()
        ends = self._log_ends()
        self.until(lambda: reaches(self.watch.positions, ends), "taking everything in")
        self.crew.stop(*self.crew.working)
        held = ledger_of(self.hub)
        figures = self._figures(held, sum(ends.values()))
        keep(self._figures_folder, fault, figures)
        assert (figures.lost, figures.doubled) == (0, 0)
        sums = sums_of(self.hub)
        assert sums.adds_up
        assert sums.read == figures.records
        assert sums.accepted == figures.events
        assert digest_of(self.hub) == digest_of_region(PEOPLE)
        return figures

    def _figures(self, held: list[Event], records: int) -> Figures:
        published = events_of(region(PEOPLE))
        times = Counter(event.meta.event_id for event in held)
        said = {event.meta.event_id: _said(event) for event in held}
        strikes, watch = self._strikes, self.watch
        return Figures(
            times=len(strikes),
            records=records,
            events=len(published),
            lost=sum(said.get(event_id) != _said(event) for event_id, event in published.items()),
            doubled=times.total() - len(times),
            outage_s=max(each.ended - each.began for each in strikes),
            first_batch_s=max(watch.first_batch(each.over) for each in strikes),
            backlog_s=max(watch.all_in(each.over, each.wanted) for each in strikes),
        )

    def _log_ends(self) -> Mapping[TopicPartition, int]:
        admin = self.hub.admin()
        try:
            topics = admin.describe(INBOUND).values()
        finally:
            admin.close()
        return {
            TopicPartition(topic.name, number): extent.end
            for topic in topics
            for number, extent in enumerate(topic.partitions)
        }


def _said(event: Event) -> Event:
    """Leave out what a conflicting record of the region changes: which of the two came first is not a loss."""
    return event.model_copy(update={"meta": event.meta.model_copy(update={"correlation_id": None})})
