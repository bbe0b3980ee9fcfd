"""Publishing to the embedded log, and ingest from there to the rows of the read model."""

from __future__ import annotations

from itertools import islice

from benchmarks.measure import Cost, timed
from benchmarks.report import RATES, Table, rate
from benchmarks.workspace import Workspace
from hub.domain.events.base import Event

_BATCH = 1_000
_SINGLES = 500


def measure(workspace: Workspace) -> list[Table]:
    """Measure both over the same region, each run on a hub of its own."""
    events = workspace.events
    singles = events[:_SINGLES]
    batched = [_publish(workspace, events, _BATCH) for _ in range(workspace.runs)]
    one_by_one = [_publish(workspace, singles, 1) for _ in range(workspace.runs)]
    usages = workspace.ingests(workspace.people)
    rows = [
        rate(f"publish, {_BATCH:,} at a time", len(events), batched),
        rate("publish, one at a time", len(singles), one_by_one),
        rate("ingest: log to ledger to rows", usages[0].events, [usage.cost for usage in usages]),
    ]
    return [Table("Publish and ingest", RATES, rows)]


def _publish(workspace: Workspace, events: list[Event], at_once: int) -> Cost:
    with workspace.fresh() as hub, hub.publisher() as publisher:
        waiting = iter(events)
        with timed() as watch:
            while batch := list(islice(waiting, at_once)):
                publisher.publish_batch(batch)
    return watch.cost
