"""Encoding and decoding, in memory: what every event costs before anything is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.measure import Cost, timed
from benchmarks.report import RATES, Table, rate
from benchmarks.workspace import Workspace
from hub.codec.avro import Codec
from hub.codec.framing import unframe
from hub.codec.registry import FileRegistry, bundled_schemas


def measure(workspace: Workspace) -> list[Table]:
    """Measure the codec over the region's events, one pass of each kind after the other in every run."""
    codec = Codec(FileRegistry(bundled_schemas()))
    events = workspace.events
    framed = [codec.encode(event) for event in events]
    bodies = [unframe(value) for value in framed]
    passes: dict[str, Callable[[], Any]] = {
        "encode": lambda: [codec.encode(event) for event in events],
        "decode and validate, from the log": lambda: [codec.decode(value) for value in framed],
        "decode, from the ledger": lambda: [codec.decode_body(schema_id, body) for schema_id, body in bodies],
    }
    costs: dict[str, list[Cost]] = {label: [] for label in passes}
    for one_pass in passes.values():
        one_pass()  # a codec prepares each schema at its first event
    for _ in range(workspace.runs):
        for label, one_pass in passes.items():
            with timed() as watch:
                one_pass()
            costs[label].append(watch.cost)
    size = sum(map(len, framed)) / len(framed)
    rows = [rate(label, len(events), costs[label]) for label in passes]
    return [Table("Codec", RATES, rows, f"A framed event has {size:.0f} bytes on average.")]
