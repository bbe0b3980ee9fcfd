"""What a reader chose to see of a frieze, as the address of the page says it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal, NamedTuple
from urllib.parse import urlencode

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB
from hub.web.days import day_of
from hub.web.frieze.themes import THEMES

Order = Literal["recent", "ancien"]

NETWORKS: Final = {"ft": FRANCE_TRAVAIL, "ce": CAP_EMPLOI, "hub": HUB}
"""Whose acts a reader may ask for, as the address names them."""
PARAMETERS: Final = ("reseau", "nature", "du", "jusqu", "ordre", "avant")
"""The parameters of the address that are the frieze's own."""
_LONGEST_ID: Final = 64


class Choice(NamedTuple):
    """Whose acts, of which kind, from and until which day, in which order, and where a page of the list begins.

    Newest first unless asked otherwise: whoever comes back asks what is new, and the overview above the list tells the
    story from its beginning. `before` is the id of the last event of the page before, in the order shown.
    """

    networks: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    first_day: date | None = None
    last_day: date | None = None
    order: Order = "recent"
    before: str | None = None

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a filter may hide something."""
        return bool(self.networks or self.themes or self.first_day or self.last_day)


ALL = Choice()


class Place(NamedTuple):
    """The page that shows a frieze: its path, and the parameters of its address that are not the frieze's."""

    path: str
    kept: tuple[tuple[str, str], ...] = ()

    def address(self, choice: Choice = ALL, fragment: str = "") -> str:
        """Give the address of the page as chosen."""
        query = urlencode([*self.kept, *said(choice)])
        return f"{self.path}{'?' * bool(query)}{query}{'#' * bool(fragment)}{fragment}"

    def event(self, event_id: str) -> str:
        """Give the address of the page of an event, as the parameters that are kept show it."""
        return f"{self.path}/evenements/{event_id}{'?' * bool(self.kept)}{urlencode(self.kept)}"


def choice_of(parameters: Iterable[tuple[str, str]]) -> Choice:
    """Read a choice from the parameters of an address; what it cannot mean is passed over."""
    networks: set[str] = set()
    themes: set[str] = set()
    last: dict[str, str] = {}
    for name, value in parameters:
        if name == "reseau" and value in NETWORKS:
            networks.add(value)
        elif name == "nature" and value in THEMES:
            themes.add(value)
        elif name in PARAMETERS:
            last[name] = value
    return Choice(
        frozenset(networks),
        frozenset(themes),
        day_of(last.get("du", "")),
        day_of(last.get("jusqu", "")),
        "ancien" if last.get("ordre") == "ancien" else "recent",
        last["avant"][:_LONGEST_ID] if last.get("avant") else None,
    )


def said(choice: Choice) -> list[tuple[str, str]]:
    """Give the parameters by which an address says a choice."""
    parameters = [("reseau", code) for code in NETWORKS if code in choice.networks]
    parameters += [("nature", code) for code in THEMES if code in choice.themes]
    days = (("du", choice.first_day), ("jusqu", choice.last_day))
    parameters += [(name, day.isoformat()) for name, day in days if day is not None]
    if choice.order == "ancien":
        parameters.append(("ordre", "ancien"))
    if choice.before is not None:
        parameters.append(("avant", choice.before))
    return parameters
