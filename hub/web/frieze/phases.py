"""The phases that a pathway went through, and who led it when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, NamedTuple, get_args

from hub.audit.leading import led_until
from hub.audit.moments import paris
from hub.domain.pathway import lifecycle
from hub.domain.pathway.ending import endings
from hub.projections import labels
from hub.projections.facts import event_of
from hub.projections.view import TableRow, View
from hub.web.frieze.entries import LANES, Lane
from hub.web.naming.names import Names
from hub.web.words import typed

_MOVES: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    kind.__name__: move for kind, move in lifecycle.MOVES.items()
}
_HANDLED: Final = frozenset(kind.__name__ for kind in get_args(lifecycle.Handled))
_EMPLOYED: Final = frozenset({lifecycle.EMPLOYMENT, lifecycle.FOLLOW_UP})


class Period(NamedTuple):
    """A time from `start` until `end`, None where it goes on, in a lane; `labels` are its names, the longest first."""

    labels: tuple[str, ...]
    said: str
    lane: Lane
    start: datetime
    end: datetime | None


def phases_of(view: View, lines: Sequence[TableRow]) -> list[Period]:
    """Tell the phases from the timeline, by the rules by which the fold moves from one to the next.

    The read model keeps the last phase alone; that one is the last here too, since its event.
    """
    rules = _Rules(view)
    changes: list[tuple[str, datetime]] = []
    for line in lines:
        if line["event_type"] == "PersonErased":
            changes.clear()
        elif line["event_type"] in _HANDLED and line["voided_by"] is None:
            before = changes[-1][0] if changes else None
            after = rules.after(line, before)
            if after != before:
                changes.append((after, line["occurred_at"]))
    changes = _with_endings(view, changes)
    _end_as_stored(view, lines, changes)
    ends: list[datetime | None] = [*(since for _, since in changes[1:]), None]
    return [
        Period((_name(phase),), _name(phase), "both", since, end)
        for (phase, since), end in zip(changes, ends, strict=False)
        if end is None or end > since
    ]


def _with_endings(view: View, changes: list[tuple[str, datetime]]) -> list[tuple[str, datetime]]:
    """Put in the times without accompaniment; after one, the pathway goes on in the phase that it had come to."""
    for ending in endings(view.state):
        since, until = ending.since.value, ending.until
        before = [change for change in changes if change[1] < since]
        after = [change for change in changes if until is not None and change[1] > until.value]
        resumed = [change for change in changes if until is None or change[1] <= until.value][-1:]
        back = [(phase, until.value) for phase, _ in resumed if until is not None]
        changes = [*before, (lifecycle.CLOSED, since), *back, *after] if before else changes
    return [each for place, each in enumerate(changes) if place == 0 or changes[place - 1][0] != each[0]]


def _name(phase: str) -> str:
    words = typed(labels.phase(phase))
    return words[:1].upper() + words[1:]


def _end_as_stored(view: View, lines: Sequence[TableRow], changes: list[tuple[str, datetime]]) -> None:
    row = next(iter(view.tables["pathway"]), None)
    if row is None or row["phase"] is None or not changes or changes[-1][0] == row["phase"]:
        return
    by = event_of(row, "phase")
    since = next((line["occurred_at"] for line in lines if line["event_id"] == by), changes[-1][1])
    changes[:] = [change for change in changes if change[1] < since] + [(row["phase"], since)]


class _Rules:
    """Which phase follows an event, with what rows say of those whose content decides."""

    def __init__(self, view: View) -> None:
        self._placements = {
            row["report_id"]: (row["siret"], row["starts_on"]) for row in view.tables["placement_report"]
        }
        self._placed: set[tuple[str, date]] = set()
        self._broken = _events_where(view, "follow_up", "state", "ended")
        self._not_retained = _events_where(view, "retention", "outcome", "not_retained")

    def after(self, line: TableRow, before: str | None) -> str:
        """Give the phase after an event."""
        kind, event_id = line["event_type"], line["event_id"]
        if before is None:
            before = lifecycle.INTAKE
        if kind == "PathwayClosed":
            return lifecycle.CLOSED
        if before == lifecycle.CLOSED:
            return lifecycle.ACCOMPANIMENT if kind == "PathwayReopened" else before
        phase, moves_from = _MOVES.get(kind, (before, frozenset[str]()))
        if kind == "Placed" and not self._is_new(event_id, before):
            return before
        if event_id in self._broken:
            phase, moves_from = lifecycle.JOB_SEARCH, _EMPLOYED
        elif event_id in self._not_retained:
            phase = lifecycle.ACCOMPANIMENT
        return phase if before in moves_from else before

    def _is_new(self, event_id: str, before: str) -> bool:
        """Tell whether a report is the first of its placement; of one that was corrected since, its day is unknown."""
        placement = self._placements.get(event_id)
        if placement is None:
            return before not in _EMPLOYED
        is_new = placement not in self._placed
        self._placed.add(placement)
        return is_new


def _events_where(view: View, model: str, column: str, value: str) -> set[str]:
    return {event_of(row, column) for row in view.tables[model] if row[column] == value}


def referents_of(view: View, names: Names) -> list[Period]:
    """Give who was the referent when, in order."""
    until = led_until(view)
    rows = [row for row in view.tables["referent"] if row["role"] == "referent"]
    ended = [row if row["until_date"] else {**row, "until_date": until} for row in rows]
    return [_led(row, names) for row in ended if row["until_date"] is None or row["until_date"] > row["from_date"]]


def _led(row: TableRow, names: Names) -> Period:
    network, code = labels.network(row["network"]), row["adviser"]
    called = names.adviser(row["network"], code)
    return Period(
        (f"{network}, {called}", network),
        f"{network}, {called if called != code else f'conseiller {code}'}",
        LANES.get(row["network"], "both"),
        start_of(row["from_date"]),
        start_of(row["until_date"]) if row["until_date"] else None,
    )


def start_of(day: date) -> datetime:
    """Give the time at which a day begins in France; of the calendar's first and last, in UTC."""
    try:
        return datetime.combine(day, time(), paris()).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)
