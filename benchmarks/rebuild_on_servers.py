"""Rebuild on PostgreSQL: by so many processes, from a ledger that was taken in."""

from __future__ import annotations

import json

from benchmarks.measure import Cost
from benchmarks.report import RATES, Table, rate
from benchmarks.servers import Servers, ended, start
from benchmarks.worker import Usage

_WORKERS = {"rebuild in one process": "1", "rebuild with a worker per core": "0"}


def measure(started: Servers) -> list[Table]:
    """Measure both in turn on one store."""
    costs: dict[str, list[Cost]] = {name: [] for name in _WORKERS}
    events = 0
    with started.hub() as (hub, environment):
        hub.store.dispose()
        ended(start(["benchmarks.worker", "ingest"], environment))
        for _ in range(started.workspace.runs):
            for name, workers in _WORKERS.items():
                process = start(["benchmarks.worker", "rebuild"], {**environment, "HUB_REBUILD_WORKERS": workers})
                usage = Usage(**json.loads(ended(process)))
                events = usage.events
                costs[name].append(usage.cost)
    rows = [rate(name, events, found) for name, found in costs.items()]
    return [Table("Rebuild on PostgreSQL", RATES, rows, "CPU time of the Python processes, workers included.")]
