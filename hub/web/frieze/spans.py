"""What lasts between the networks: delegations and requests for expertise, from the first step to the last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from hub.domain.codes import label
from hub.projections import labels
from hub.projections.facts import event_of
from hub.projections.view import TableRow, View
from hub.web.words import NBSP, day, typed

Kind = Literal["delegation", "expertise"]

_DELEGATION: Final = ("proposed_at", "accepted_at", "declined_at", "reviewed_at", "ended_at", "cancelled_at")
_EXPERTISE: Final = ("requested_at", "delivered_at", "declined_at")
_OVER: Final = frozenset({"declined", "ended", "cancelled", "delivered"})
_WORDS: Final = {
    "proposed_at": "proposée le",
    "accepted_at": "acceptée le",
    "reviewed_at": "dernier point d’étape le",
    "ended_at": "terminée le",
    "cancelled_at": "annulée le",
    "requested_at": "demandé le",
    "delivered_at": "rendu le",
}


class Span(NamedTuple):
    """A delegation or a request: awaited from `start`, in force from `in_force`, over at `end`; None where it is not.

    `towards` is the lane of the network that was asked. `steps` are the ids of the events that made it.
    """

    kind: Kind
    label: str
    said: str
    towards: Literal["ft", "ce"]
    start: datetime
    in_force: datetime | None
    end: datetime | None
    steps: tuple[str, ...]
    firm_from: str | None
    """The event from which it is in force."""

    @property
    def is_open(self) -> bool:
        """Tell whether it goes on."""
        return self.end is None


def spans_of(view: View) -> list[Span]:
    """Give the delegations and requests of a view, by their first step."""
    found = [*_delegations(view), *_requests(view)]
    return sorted(found, key=lambda span: (span.start, span.kind, span.steps))


def _delegations(view: View) -> Iterator[Span]:
    for row in view.tables["delegation"]:
        steps = _steps(row, _DELEGATION)
        if not steps:
            continue
        accepted = row["accepted_at"] or row["reviewed_at"]
        ground = f", {label('ground', row['ground'])}" if row["ground"] else ""
        yield Span(
            "delegation",
            "Délégation",
            typed(f"Délégation d'accompagnement de France Travail à Cap emploi{ground} : ")
            + _told(row, _DELEGATION, "e"),
            "ce",
            min(steps.values()),
            accepted,
            _end(row, steps),
            _events(row, steps),
            event_of(row, "accepted_at" if row["accepted_at"] else "reviewed_at") if accepted else None,
        )


def _requests(view: View) -> Iterator[Span]:
    for row in view.tables["expertise"]:
        steps = _steps(row, _EXPERTISE)
        if not steps:
            continue
        to_cap_emploi = row["direction"] != "to_france_travail"
        topic = f", {label('expertise_topic', row['topic'])}" if row["topic"] else ""
        towards = labels.network("cap_emploi" if to_cap_emploi else "france_travail")
        yield Span(
            "expertise",
            "Appui",
            typed(f"Appui demandé à {towards}{topic} : ") + _told(row, _EXPERTISE, ""),
            "ce" if to_cap_emploi else "ft",
            min(steps.values()),
            None,
            _end(row, steps),
            _events(row, steps),
            None,
        )


def _steps(row: TableRow, columns: Sequence[str]) -> dict[str, datetime]:
    return {column: row[column] for column in columns if row[column] is not None}


def _end(row: TableRow, steps: dict[str, datetime]) -> datetime | None:
    return max(steps.values()) if row["status"] in _OVER else None


def _events(row: TableRow, steps: dict[str, datetime]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event_of(row, column) for column in steps))


def _told(row: TableRow, columns: Sequence[str], gender: str) -> str:
    """Say each step and its day, then what is awaited."""
    said = [
        f"{_WORDS.get(column, f'refusé{gender} le')} {day(row[column])}"
        for column in columns
        if row[column] is not None
    ]
    if row["status"] in {"proposed", "requested"}:
        said.append("réponse attendue")
    elif row["status"] == "active":
        said.append("en cours" + (f", fin prévue le {day(row['planned_end'])}" if row["planned_end"] else ""))
    return ", ".join(said).replace(" le 1er", f" le{NBSP}1er")
