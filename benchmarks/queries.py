"""A pathway as an adviser reads it: found by its case record and laid out, in one reading transaction."""

from __future__ import annotations

from random import Random
from time import perf_counter

from sqlalchemy import select

from benchmarks.measure import Cost, percentile, spread, timed
from benchmarks.report import Cell, Table
from benchmarks.workspace import Workspace
from hub.domain.ids import CaseKey
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.projections import finding, generations, view
from hub.projections.grouping import case_text
from hub.wiring import Hub

_QUERIES = 500


def measure(workspace: Workspace) -> list[Table]:
    """Measure at every size; each run asks for other case records, drawn by chance."""
    rows: list[tuple[Cell, ...]] = []
    for people in workspace.sizes:
        with workspace.ingested(people) as hub:
            with reading(hub.store) as connection:
                events = ledger.count(connection)
            runs = [_query(hub, seed) for seed in range(workspace.runs)]
        by_clock = [spread([percentile(taken, percent) for taken, _ in runs]) for percent in (50, 99)]
        cpu = spread([cost.cpu_s / _QUERIES * 1e3 for _, cost in runs])
        rows.append((f"{people:,} people", events, *by_clock, cpu))
    columns = ("", "Events", "p50, ms", "p99, ms", "CPU ms, mean")
    return [Table("One pathway, whole", columns, rows, f"{_QUERIES} pathways a run.")]


def _query(hub: Hub, seed: int) -> tuple[list[float], Cost]:
    """Give the milliseconds of each query by the clock, and what all together cost."""
    names = _names(hub, Random(seed))
    taken = []
    with timed() as watch:
        for name in names:
            begun = perf_counter()
            with reading(hub.store) as connection:
                tables = generations.live(connection)
                shown = view.live(connection, tables, finding.find(connection, tables, name))
            taken.append((perf_counter() - begun) * 1e3)
            assert shown.timeline or not shown.cases, "a pathway of the region without events"
    return taken, watch.cost


def _names(hub: Hub, rng: Random) -> list[str]:
    with reading(hub.store) as connection:
        table = generations.live(connection).case_record
        query = select(table.c.network, table.c.scope, table.c.local_id).where(table.c.pathway_no.is_not(None))
        cases = [CaseKey(*row) for row in connection.execute(query.order_by(table.c.case_no))]
    return [case_text(rng.choice(cases)) for _ in range(_QUERIES)]
