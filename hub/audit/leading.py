"""Who leads a pathway as a view shows it: whether anybody accompanies the person, and which referent on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hub.domain.pathway.leading import Leading, Term, leading_on
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


def leading(view: View, day: date) -> Leading:
    """Tell who leads on a day, and who is named for a later one."""
    times: dict[str, list[tuple[date, date | None]]] = {}
    for row in view.tables["accompaniment"]:
        times.setdefault(row["accompaniment_id"], []).append((row["from_date"], row["until_date"]))
    rows = [row for row in view.tables["referent"] if row["role"] == "referent"]
    return leading_on((_term(row, times.get(row["assignment_id"], [])) for row in rows), day)


def _term(row: TableRow, times: Iterable[tuple[date, date | None]]) -> Term:
    named = {name: row[name] for name in Term._fields[1:-1]}
    return Term(row["assignment_id"], **named, times=tuple(times))


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
