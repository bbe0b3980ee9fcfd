"""What a choice leaves of a pathway's events, and how many each filter is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hub.projections import labels
from hub.web import words
from hub.web.frieze.choice import NETWORKS, Choice, Order, Place
from hub.web.frieze.entries import Entry
from hub.web.frieze.themes import THEMES


class Option(NamedTuple):
    """A value of a filter: how many events it is about, and whether it is asked for."""

    value: str
    label: str
    count_of: int
    is_chosen: bool


class Filters(NamedTuple):
    """The form: what may be chosen, what is, and where the form leads.

    `said` tells in words what is asked for, `hidden` how many events that hides.
    """

    path: str
    kept: tuple[tuple[str, str], ...]
    networks: tuple[Option, ...]
    themes: tuple[Option, ...]
    first_day: str
    last_day: str
    order: str
    said: str
    hidden: int
    all_address: str
    other_order_address: str
    is_narrowed: bool


def left_by(choice: Choice, entries: Iterable[Entry]) -> list[Entry]:
    """Give the events that a choice leaves, in their order."""
    networks = {NETWORKS[code] for code in choice.networks}
    return [
        entry
        for entry in entries
        if (not networks or entry.network in networks)
        and (not choice.themes or entry.theme in choice.themes)
        and (choice.first_day is None or entry.day >= choice.first_day)
        and (choice.last_day is None or entry.day <= choice.last_day)
    ]


def filters_of(choice: Choice, entries: Sequence[Entry], left: int, place: Place) -> Filters:
    """Make the form; a value that no event has is offered only while it is asked for."""
    by_network = Counter(entry.network for entry in entries)
    by_theme = Counter(entry.theme for entry in entries)
    networks = (
        Option(code, labels.network(network), by_network[network], code in choice.networks)
        for code, network in NETWORKS.items()
    )
    themes = (Option(code, label, by_theme[code], code in choice.themes) for code, label in THEMES.items())
    other: Order = "recent" if choice.order == "ancien" else "ancien"
    return Filters(
        place.path,
        place.kept,
        tuple(each for each in networks if each.count_of or each.is_chosen),
        tuple(each for each in themes if each.count_of or each.is_chosen),
        choice.first_day.isoformat() if choice.first_day else "",
        choice.last_day.isoformat() if choice.last_day else "",
        choice.order,
        _said(choice),
        len(entries) - left,
        place.address(Choice(order=choice.order), "frieze"),
        place.address(choice._replace(order=other, before=None), "frieze"),
        choice.is_narrowed,
    )


def _said(choice: Choice) -> str:
    parts = [labels.network(network) for code, network in NETWORKS.items() if code in choice.networks]
    parts += [label for code, label in THEMES.items() if code in choice.themes]
    if choice.first_day:
        parts.append(f"à partir du {words.day(choice.first_day)}")
    if choice.last_day:
        parts.append(f"jusqu’au {words.day(choice.last_day)}")
    return ", ".join(parts)
