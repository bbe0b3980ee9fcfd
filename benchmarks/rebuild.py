"""Rebuilding the read model from the ledger, beside what decoding and inserting alone would allow in the same run."""

from __future__ import annotations

from benchmarks import limits
from benchmarks.measure import Cost, spread, timed
from benchmarks.report import RATES, Table, rate
from benchmarks.workspace import Workspace, settle
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.wiring import Hub


def measure(workspace: Workspace) -> list[Table]:
    """Measure in turn, on one store: a rebuild, decoding, inserting."""
    rebuilt: list[Cost] = []
    decoded: list[Cost] = []
    inserted: list[Cost] = []
    rows = 0
    with workspace.ingested(workspace.people) as hub:
        with reading(hub.store) as connection:
            events = ledger.count(connection)
        # From now on the numbers rise in the order of writing, and the free pages of one generation are there to reuse.
        _rebuild(hub)
        for _ in range(workspace.runs):
            rebuilt.append(_rebuild(hub))
            decoded.append(limits.decoding(hub))
            settle(hub)
            cost, rows = limits.inserting(hub)
            inserted.append(cost)
    bound = [decode.plus(insert) for decode, insert in zip(decoded, inserted, strict=True)]
    table = Table(
        "Rebuild",
        RATES,
        [
            rate("rebuild", events, rebuilt),
            rate("decoding alone", events, decoded),
            rate("inserting its rows alone", events, inserted),
            rate("limit: decoding, then inserting", events, bound),
        ],
        f"{rows:,} rows, {rows / events:.1f} for each event.",
    )
    pairs = list(zip(bound, rebuilt, strict=True))
    by_clock = spread([limit.wall_s / cost.wall_s for limit, cost in pairs])
    by_cpu = spread([limit.cpu_s / cost.cpu_s for limit, cost in pairs])
    shares = Table(
        "Rebuild as a share of its limit",
        ("", "By the clock", "By CPU time"),
        [("rebuild ÷ limit, aim: 0.5 or more", by_clock, by_cpu)],
    )
    return [table, shares]


def _rebuild(hub: Hub) -> Cost:
    settle(hub)
    with timed() as watch:
        hub.rebuild(lambda *_: None)
    return watch.cost
