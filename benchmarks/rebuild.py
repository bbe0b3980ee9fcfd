"""Rebuilding the read model from the ledger, beside what decoding and inserting alone would allow in the same run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import limits
from benchmarks.measure import Cost, spread, timed
from benchmarks.report import RATES, Cell, Table, rate
from benchmarks.workspace import Workspace, settle
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.settings import Settings
from hub.wiring import Hub

_ALONE = "rebuild in one process"
_WORKERS = "rebuild with a worker per core"
_DECODING = "decoding alone"
_INSERTING = "inserting its rows alone"
_LIMIT = "limit: decoding, then inserting"


def measure(workspace: Workspace) -> list[Table]:
    """Measure in turn, on one store: a rebuild in one process and with workers, decoding, inserting."""
    costs: dict[str, list[Cost]] = {label: [] for label in (_ALONE, _WORKERS, _DECODING, _INSERTING, _LIMIT)}
    rows = 0
    with workspace.ingested(workspace.people) as hub, Hub(_alone(hub.settings)) as alone:
        with reading(hub.store) as connection:
            events = ledger.count(connection)
        # From now on the numbers rise in the order of writing, and the free pages of one generation are there to reuse.
        _rebuild(alone)
        for _ in range(workspace.runs):
            costs[_ALONE].append(_rebuild(alone))
            costs[_WORKERS].append(_rebuild(hub))
            decoding = limits.decoding(hub)
            settle(hub)
            inserting, rows = limits.inserting(hub)
            costs[_DECODING].append(decoding)
            costs[_INSERTING].append(inserting)
            costs[_LIMIT].append(decoding.plus(inserting))
    note = f"{rows:,} rows, {rows / events:.1f} for each event. Decoding and inserting take one process each."
    table = Table("Rebuild", RATES, [rate(label, events, taken) for label, taken in costs.items()], note)
    return [table, _shares(costs)]


def _shares(costs: Mapping[str, Sequence[Cost]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for label in (_ALONE, _WORKERS):
        pairs = list(zip(costs[_LIMIT], costs[label], strict=True))
        by_clock = spread([limit.wall_s / cost.wall_s for limit, cost in pairs])
        by_cpu = spread([limit.cpu_s / cost.cpu_s for limit, cost in pairs])
        rows.append((label, by_clock, by_cpu))
    note = "What the limit takes, divided by what the rebuild takes in the same run; 1 would be the limit itself."
    return Table("Rebuild as a share of its limit (aim: 0.5)", ("", "By the clock", "By CPU time"), rows, note)


def _alone(settings: Settings) -> Settings:
    return settings.model_copy(update={"rebuild_workers": 1})


def _rebuild(hub: Hub) -> Cost:
    settle(hub)
    with timed() as watch:
        hub.rebuild(lambda *_: None)
    return watch.cost
