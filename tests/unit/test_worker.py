"""The worker's loop: what can pass is waited for, what cannot ends it, and a stop is heard everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub.consumers.ingest import Counts
from hub.consumers.worker import FIRST_PAUSE_S, LONGEST_PAUSE_S, Worker
from hub.errors import (
    EventConflict,
    HubError,
    KeyUnavailable,
    LogIncident,
    LogUnavailable,
    RegistryUnavailable,
    StoreCorrupt,
    StoreUnavailable,
    Usage,
)
from tests.unit.telemetry import Lines

Happening = HubError | Exception | None


class Loop:
    """An ingest loop that does what it is told, one step after the other, and then asks for a stop."""

    def __init__(self, *steps: Happening, starts: tuple[Happening, ...] = (None,)) -> None:
        self.steps = list(steps)
        self.starts = list(starts)
        self.told: list[str] = []
        self.slept: list[float] = []
        self.closed = 0
        self.counts = Counts(read=3)
        self.lines = Lines()
        self.stop_when_slept = 0.0

    def start(self) -> Loop:
        self._happen(self.starts)
        return self

    def step(self, timeout_ms: int) -> int:
        self._happen(self.steps)
        return 1

    def close(self) -> None:
        self.closed += 1

    def _happen(self, coming: list[Happening]) -> None:
        if (happening := coming.pop(0)) is not None:
            raise happening

    @property
    def is_stopped(self) -> bool:
        return not self.steps or bool(self.stop_when_slept and sum(self.slept) >= self.stop_when_slept)

    @contextmanager
    def closing(self) -> Iterator[None]:
        self.told.append("closing")
        yield

    def run(self) -> Counts:
        loop = Worker(
            self.start,
            self.lines.log,
            is_stopped=lambda: self.is_stopped,
            stepped=lambda: self.told.append("stepped"),
            waiting=self.told.append,
            failed=lambda code: self.told.append(f"failed {code}"),
            sleep=self.slept.append,
            closing=self.closing,
        ).run()
        return loop.counts if loop else Counts()


@pytest.mark.parametrize("kind", [StoreUnavailable, LogUnavailable, RegistryUnavailable, EventConflict])
def test_what_can_pass_is_tried_again(kind: type[HubError]) -> None:
    loop = Loop(None, kind("away"), kind("away"), None)

    assert loop.run().read == 3
    assert [told for told in loop.told if told not in {kind.code, "closing"}] == [
        "stepped",
        f"failed {kind.code}",
        f"failed {kind.code}",
        "stepped",
    ]
    assert loop.lines.events == ["waiting", "waiting", "going_on"]
    assert loop.closed == 1


def test_a_log_that_is_away_at_the_start_is_waited_for() -> None:
    loop = Loop(None, starts=(LogUnavailable("away"), StoreUnavailable("away"), None))

    loop.run()

    assert loop.told[-2:] == ["stepped", "closing"]
    assert loop.starts == []


def test_pauses_grow_up_to_a_limit_and_begin_anew_after_a_step() -> None:
    loop = Loop(*[LogUnavailable("away")] * 10, None, LogUnavailable("away"), None)

    loop.run()

    pauses = [line["pause_s"] for line in loop.lines.found if line["event"] == "waiting"]
    assert pauses[:3] == [FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S]
    assert max(pauses) == LONGEST_PAUSE_S == pauses[9]
    assert pauses[10] == FIRST_PAUSE_S
    assert sum(loop.slept) == pytest.approx(sum(pauses))


def test_a_wait_says_all_the_time_that_it_lives_and_hears_a_stop_at_once() -> None:
    loop = Loop(*[LogUnavailable("away")] * 100)
    loop.stop_when_slept = 100.0

    loop.run()

    assert 100 <= sum(loop.slept) < 101
    assert loop.told.count("log_unavailable") == len(loop.slept) > 400
    assert loop.closed == 1


@pytest.mark.parametrize("kind", [LogIncident, StoreCorrupt, KeyUnavailable, Usage])
def test_what_only_a_person_can_mend_ends_the_worker(kind: type[HubError]) -> None:
    loop = Loop(None, kind("see what was lost"), None)

    with pytest.raises(kind, match="see what was lost"):
        loop.run()

    assert loop.told == ["stepped", "closing"]
    assert loop.closed == 1


def test_a_defect_ends_the_worker_too() -> None:
    loop = Loop(ZeroDivisionError(), None)
    with pytest.raises(ZeroDivisionError):
        loop.run()
    assert loop.closed == 1


def test_what_never_started_needs_no_closing() -> None:
    loop = Loop(None, starts=(LogIncident("gone"),))
    with pytest.raises(LogIncident):
        loop.run()
    assert (loop.closed, loop.told) == (0, [])


def test_a_worker_stopped_before_it_started_took_nothing() -> None:
    assert Loop().run() == Counts()
