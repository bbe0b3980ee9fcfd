"""The overview in words: what the drawing shows, for whoever reads and does not see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.projections import labels
from hub.web import words
from hub.web.frieze.entries import Entry
from hub.web.frieze.phases import Period
from hub.web.frieze.spans import Span
from hub.web.words import NBSP

_MOST: Final = 6


def summary_of(
    entries: Sequence[Entry],
    phases: Sequence[Period],
    referents: Sequence[Period],
    spans: Sequence[Span],
    standing: Sequence[str] = (),
) -> list[str]:
    """Tell a pathway in a few sentences, from its beginning; `standing` says how things stand, as sentences."""
    if not entries:
        return []
    return [
        _acts(entries),
        *_in_turn("Phases", [f"{phase.said.lower()} ({_since(phase)})" for phase in phases]),
        *_in_turn("Référents", [f"{each.said} ({_since(each)})" for each in referents]),
        *_lasting(spans),
        *standing,
        *_flagged(entries),
    ]


def _acts(entries: Sequence[Entry]) -> str:
    by_network = Counter(entry.network for entry in entries)
    shares = [
        f"{words.figure(by_network[network])} de {labels.network(network)}"
        for network in (FRANCE_TRAVAIL, CAP_EMPLOI)
        if by_network[network]
    ]
    count = words.count(len(entries), "événement", "événements")
    return f"{count}{NBSP}: {', '.join(shares)}, {_months(entries)}." if shares else f"{count}."


def _months(entries: Sequence[Entry]) -> str:
    first, last = _month(entries[0]), _month(entries[-1])
    if first == last:
        return f"en {first}"
    return f"{'d’' if first[0] in 'ao' else 'de '}{first} à {last}"


def _month(entry: Entry) -> str:
    return words.day(entry.day).partition(NBSP)[2]


def _since(period: Period) -> str:
    start = words.short_day(period.start)
    return f"depuis le {start}" if period.end is None else f"du {start} au {words.short_day(period.end)}"


def _in_turn(name: str, said: Sequence[str]) -> Iterator[str]:
    if said:
        more = f"… et {len(said) - _MOST} avant" if len(said) > _MOST else ""
        yield f"{name}{NBSP}: {', puis '.join(said[-_MOST:])}{more}."


def _lasting(spans: Sequence[Span]) -> Iterator[str]:
    for span in spans[-_MOST:]:
        yield f"{span.said}."
    if len(spans) > _MOST:
        more = words.count(len(spans) - _MOST, "autre délégation ou appui", "autres délégations ou appuis")
        yield f"Et {more} avant."


def _flagged(entries: Sequence[Entry]) -> Iterator[str]:
    flagged = sum(entry.is_flagged for entry in entries)
    if flagged:
        yield f"{words.count(flagged, 'événement demande', 'événements demandent')} votre attention."
