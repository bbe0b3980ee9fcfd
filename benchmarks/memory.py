"""Peak memory of ingest and rebuild by the number of events: is it flat?"""

from __future__ import annotations

from benchmarks.measure import spread
from benchmarks.report import Cell, Table
from benchmarks.worker import Usage
from benchmarks.workspace import Workspace, run

_MIB = 2**20
_NOTE = "Of a rebuild: its process and its workers added up; a small one has no workers."


def measure(workspace: Workspace) -> list[Table]:
    """Measure at every size, each job in a process of its own."""
    with workspace.fresh() as hub:
        rows: list[tuple[Cell, ...]] = [
            ("an open hub that does nothing", 0, *[_peak([run("idle", hub.paths.data)])] * 2)
        ]
    for people in workspace.sizes:
        ingests, rebuilds = workspace.ingests(people), workspace.rebuilds(people)
        rows.append((f"{people:,} people", ingests[0].events, _peak(ingests), _peak(rebuilds)))
    return [Table("Peak memory", ("", "Events", "Ingest, MiB", "Rebuild, MiB"), rows, _NOTE)]


def _peak(usages: list[Usage]) -> Cell:
    return spread([usage.peak_bytes / _MIB for usage in usages])
