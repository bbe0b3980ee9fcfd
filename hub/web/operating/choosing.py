"""Which entries of the quarantine are shown: it stands in the address."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, HUB
from hub.domain.topics import OF_NETWORK
from hub.ledger.quarantine import DISCARDED, HELD, REDRIVEN
from hub.ledger.quarantinequeries import Chosen
from hub.projections import labels
from hub.web.operating.reasons import QUARANTINE, REASONS, reason

PER_PAGE = 25
_STATES = {"retenu": HELD, "repris": REDRIVEN, "ecarte": DISCARDED, "tous": None}
_SOURCES = {"france-travail": FRANCE_TRAVAIL, "cap-emploi": CAP_EMPLOI, "hub": HUB}
STATE = "|".join(_STATES)
SOURCE = "|".join(_SOURCES)
_REASONS = {each.slug: code for code, each in REASONS.items()}
REASON = "|".join(_REASONS)

STATE_OPTIONS = [("retenu", "Retenus"), ("repris", "Repris"), ("ecarte", "Écartés"), ("tous", "Tous")]
SOURCE_OPTIONS = [("", "Toutes"), *((code, labels.network(network)) for code, network in _SOURCES.items())]
REASON_OPTIONS = [("", "Tous"), *((each.slug, each.label) for each in REASONS.values())]


def reason_named(slug: str) -> str:
    """Give the code of a reason by how an address names it; empty for none."""
    return _REASONS.get(slug, "")


class Choice(NamedTuple):
    """What an address asks for, the reason by its code; an empty text is all, but for the state."""

    reason: str = ""
    source: str = ""
    state: str = "retenu"

    @property
    def chosen(self) -> Chosen:
        """Give what is looked for."""
        topic = OF_NETWORK[_SOURCES[self.source]] if self.source else None
        return Chosen(_STATES[self.state], self.reason or None, topic)

    @property
    def slug(self) -> str:
        """Give how an address names the reason; empty where none is chosen, or one without words of its own."""
        return reason(self.reason).slug

    @property
    def is_held(self) -> bool:
        """Tell whether only what waits for a decision is shown."""
        return self.state == "retenu"

    @property
    def said(self) -> str:
        """Say it, for titles and captions: `Retenus, motif « Illisible », France Travail`."""
        parts = [dict(STATE_OPTIONS)[self.state] if self.state != "tous" else "Tous les enregistrements"]
        if self.reason:
            parts.append(f"motif «\N{NO-BREAK SPACE}{reason(self.reason).label}\N{NO-BREAK SPACE}»")
        if self.source:
            parts.append(dict(SOURCE_OPTIONS)[self.source])
        return ", ".join(parts)

    def href(self, path: str = QUARANTINE, **more: object) -> str:
        """Give the address of a page with this choice."""
        given = {"motif": self.slug, "source": self.source, "etat": "" if self.is_held else self.state, **more}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{query}" if query else path
