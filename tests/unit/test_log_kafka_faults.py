"""What counts as unreadable bytes, and what does not."""

from __future__ import annotations

from typing import Any, cast

import kafka
import pytest

from hub.errors import LogIncident, LogUnavailable, Usage
from hub.log.kafka.faults import CALM_S, MOST_FAILURES, Faults
from hub.log.kafka.names import Names
from hub.log.kafka.reader import Place, Reader

HERE = kafka.TopicPartition("x.topic", 0)


class Probing:
    """A reader whose probe finds what it is told to."""

    def __init__(self, found: BaseException | None = None) -> None:
        self.found = found
        self.probed = 0

    def probe(self, _here: Any, _timeout_ms: float) -> BaseException | None:
        self.probed += 1
        return self.found

    def place(self, _here: Any) -> Place:
        return Place(7, 0)


class Clock:
    """Seconds as a test sets them."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def faults(reader: Probing, clock: Clock) -> Faults:
    return Faults(Names("x."), cast("Reader", reader), clock)


@pytest.mark.parametrize("error", [LogUnavailable("away"), Usage("refused")])
def test_kafka_away_is_never_counted_as_unreadable_bytes(error: Exception) -> None:
    reader = Probing()
    found = faults(reader, Clock())
    for _ in range(2 * MOST_FAILURES):
        with pytest.raises(type(error), match=str(error)):
            found.explain(error, [HERE])
    assert reader.probed == 0


def test_kafka_away_while_a_partition_is_probed_is_no_incident() -> None:
    found = faults(Probing(LogUnavailable("away")), Clock())
    found.explain(ValueError(), [HERE])
    for _ in range(2 * MOST_FAILURES):
        with pytest.raises(LogUnavailable, match="away"):
            found.explain(ValueError(), [HERE])


def test_failures_far_apart_are_not_counted_together() -> None:
    reader, clock = Probing(), Clock()
    found = faults(reader, clock)
    for _ in range(2 * MOST_FAILURES):
        found.explain(ValueError(), [HERE])
        clock.now += CALM_S
    assert reader.probed == 0


def test_failures_that_follow_each_other_are_probed_and_end_in_an_incident() -> None:
    found = faults(Probing(), Clock())
    for _ in range(MOST_FAILURES - 1):
        found.explain(ValueError(), [HERE])
    with pytest.raises(LogIncident, match=f"failed {MOST_FAILURES} times"):
        found.explain(ValueError(), [HERE])
    found = faults(Probing(ValueError()), Clock())
    found.explain(ValueError(), [HERE])
    with pytest.raises(LogIncident, match="topic, partition 0: the batch at or after offset 7"):
        found.explain(ValueError(), [HERE])
