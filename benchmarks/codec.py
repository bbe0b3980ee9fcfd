"""Encoding and decoding, in memory: what every event costs before anything is stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from benchmarks.measure import Cost, timed
from benchmarks.report import RATES, Table, rate
from benchmarks.workspace import Workspace
from hub.codec.framing import unframe
from hub.domain.events.base import Event
from hub.wiring import Hub


def measure(workspace: Workspace) -> list[Table]:
    """Measure the codec over the region's events, one pass of each kind after the other in every run."""
    labels = ("encode", "decode and validate, from the log", "decode, from the ledger")
    costs: dict[str, list[Cost]] = {label: [] for label in labels}
    with workspace.fresh() as hub:
        framed = [hub.codec.encode(event) for event in workspace.events]
        for one_pass in _passes(hub, workspace.events, framed):
            deque(one_pass, maxlen=0)  # a codec prepares each schema at its first event
        for _ in range(workspace.runs):
            for label, one_pass in zip(labels, _passes(hub, workspace.events, framed), strict=True):
                with timed() as watch:
                    deque(one_pass, maxlen=0)
                costs[label].append(watch.cost)
    size = sum(map(len, framed)) / len(framed)
    rows = [rate(label, len(framed), costs[label]) for label in labels]
    return [Table("Codec", RATES, rows, f"A framed event has {size:.0f} bytes on average.")]


def _passes(hub: Hub, events: list[Event], framed: list[bytes]) -> Iterator[Iterable[object]]:
    """Give passes that keep none of what they make, as the hub keeps only the batch in hand."""
    codec = hub.codec
    bodies = [unframe(value) for value in framed]
    yield (codec.encode(event) for event in events)
    yield (codec.decode(value) for value in framed)
    yield (codec.decode_body(schema_id, body) for schema_id, body in bodies)
