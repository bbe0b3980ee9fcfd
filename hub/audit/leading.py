"""Who leads a pathway as a view shows it: whether anybody accompanies the person, and until when the referent did."""

from __future__ import annotations

from datetime import date

from hub.domain.pathway.lifecycle import CLOSED
from hub.projections.facts import event_of
from hub.projections.view import TableRow, View


def ended_by(view: View) -> str | None:
    """Give the event that ended the accompaniment; None while somebody accompanies the person."""
    row = _head(view)
    if row is None or row["phase"] != CLOSED:
        return None
    goes_on = any(each["adviser"] and each["until_date"] is None for each in view.tables["accompaniment"])
    return None if goes_on else event_of(row, "phase")


def led_until(view: View) -> date | None:
    """Give the last day on which the referent named last accompanied the person; None while they do, or nobody is."""
    row = _head(view)
    if row is None or row["referent_adviser"] is None:
        return None
    by = event_of(row, "referent_adviser")
    times = [each for each in view.tables["accompaniment"] if each["about"] == f"referent:{by}"]
    if times:
        last: TableRow = max(times, key=lambda each: each["from_date"])
        until: date | None = last["until_date"]
        return until
    # Named while their network was away: their time has never begun.
    return next((each["from_date"] for each in view.tables["referent"] if each["event_id"] == by), None)


def _head(view: View) -> TableRow | None:
    return next(iter(view.tables["pathway"]), None)
