"""Titles of the bénéficiaires de l'obligation d'emploi over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.pathway.fact import Alert, Anomaly, State

Handled = DisabilityTitleRecorded

WITHOUT_END = date(9999, 12, 31)
"""How the networks write that a title has no end."""


class Title(State, frozen=True):
    """A title from a day on, as its latest record says it; `valid_to` is its last day, None when it has no end."""

    title: str
    valid_from: date
    valid_to: date | None
    network: str
    event_id: str

    @property
    def is_reversed(self) -> bool:
        """The end stated is before the start."""
        return self.valid_to is not None and self.valid_to < self.valid_from


class Titles(State, frozen=True):
    """The titles by name and first day, as in `rqth/2020-01-01`."""

    by_start: dict[str, Title] = {}


def evolve(state: Titles, event: Handled) -> Titles:
    """Take one more event into account."""
    match event:
        case DisabilityTitleRecorded():
            valid_to = None if event.valid_to == WITHOUT_END else event.valid_to
            recorded = Title(event.title, event.valid_from, valid_to, event.meta.network, event.meta.event_id)
            return Titles({**state.by_start, f"{event.title}/{event.valid_from}": recorded})


def latest(state: Titles) -> list[Title]:
    """Give for each title the one that starts last, sorted by name."""
    by_name: dict[str, Title] = {}
    for title in sorted(state.by_start.values(), key=lambda title: (title.title, title.valid_from)):
        by_name[title.title] = title
    return list(by_name.values())


def anomalies(state: Titles) -> Iterator[Anomaly]:
    """Name titles that end before they start."""
    for title in state.by_start.values():
        if title.is_reversed:
            yield Anomaly("title_ends_before_start", f"title:{title.title}", title.event_id)


def alerts(state: Titles) -> Iterator[Alert]:
    """Expect a renewal by the last day of each title's latest record, unless another title is valid beyond that day."""
    for title in latest(state):
        if title.valid_to is not None and not title.is_reversed and not _is_covered(title.valid_to, state):
            yield Alert("title_expires", f"title:{title.title}", title.event_id, title.valid_to)


def _is_covered(day: date, state: Titles) -> bool:
    """Tell whether a title runs on after a day without a gap: its own record ends that day and is none of them."""
    following = day + timedelta(days=1)
    return any(
        title.valid_from <= following and (title.valid_to is None or title.valid_to > day)
        for title in state.by_start.values()
    )
