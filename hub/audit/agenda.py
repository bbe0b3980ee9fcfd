"""The agenda of a pathway: what is open in it, and what is expected by a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

from hub.audit.leading import ended_by
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


def planned(shown: View) -> list[TableRow]:
    """Give the actions of the plan in force, in its order; none once nobody accompanies the person.

    Nobody states that an action was done: one whose day is over is past, and neither late nor awaited.
    """
    return [] if ended_by(shown) is not None else list(shown.tables["plan_action"])


def past_actions(shown: View, today: date) -> list[TableRow]:
    """Give the actions of the plan whose day is over."""
    return [row for row in planned(shown) if row["due_on"] is not None and row["due_on"] < today]
