"""The agenda of a pathway: what is open in it, and what is expected by a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from hub.projections.view import TableRow, View

OPEN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "delegation": frozenset({"proposed", "active"}),
        "crossed_diagnosis": frozenset({"opened", "contributed"}),
        "expertise": frozenset({"requested"}),
        "need": frozenset({"identified", "refined", "advanced"}),
        "service": frozenset({"prescribed"}),
    }
)
"""The statuses by which a row of a read model is open."""


def open_rows(shown: View) -> Iterator[tuple[str, TableRow]]:
    """Give the open rows, each with its read model's name."""
    for model, statuses in OPEN.items():
        for row in shown.tables[model]:
            if row["status"] in statuses:
                yield model, row


def expected(shown: View) -> list[TableRow]:
    """Give the alerts, by the day on which each falls due."""
    return sorted(
        (row for row in shown.tables["alert"] if row["kind"] == "alert"), key=lambda row: row["due_on"] or date.max
    )
