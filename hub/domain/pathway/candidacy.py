"""Candidacies proposed to employers: how well each matches the occupation asked for, and the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = CandidacyProposed | CandidacyAnswered

ROME_DOMAIN = 3
"""Characters of a ROME code that name its professional domain: M16 of M1607."""


class Candidacy(State, frozen=True):
    """What all events of one candidacy say together, whichever came first."""

    candidacy_id: str
    proposed_at: Fact[datetime] | None = None
    network: Fact[str] | None = None
    site: Fact[str] | None = None
    siret: Fact[str] | None = None
    rome: Fact[str] | None = None
    requested_rome: Fact[str] | None = None
    answered_at: Fact[datetime] | None = None
    result: Fact[str] | None = None
    relevance: Fact[str] | None = None

    @property
    def rome_match(self) -> Fact[str] | None:
        """How the occupation proposed meets the one asked for: `exact`, `same_domain`, `other`, or `unknown`."""
        if self.rome is None:
            return None
        if self.requested_rome is None:
            return Fact("unknown", self.rome.event_id)
        proposed, requested = self.rome.value, self.requested_rome.value
        if proposed == requested:
            return Fact("exact", self.rome.event_id)
        same_domain = proposed[:ROME_DOMAIN] == requested[:ROME_DOMAIN]
        return Fact("same_domain" if same_domain else "other", self.rome.event_id)

    @property
    def status(self) -> Fact[str]:
        """`answered` or `proposed`, and the event that states it."""
        for name, step in (("answered", self.answered_at), ("proposed", self.proposed_at)):
            if step is not None:
                return Fact(name, step.event_id)
        raise AssertionError("a candidacy has at least one event")

    @property
    def is_open(self) -> bool:
        """Proposed and not answered."""
        return self.answered_at is None


class Candidacies(State, frozen=True):
    """The candidacies of a person by id."""

    by_id: dict[str, Candidacy] = {}


def evolve(state: Candidacies, event: Handled) -> Candidacies:
    """Take one more event into account."""
    candidacy = state.by_id.get(event.candidacy_id) or Candidacy(event.candidacy_id)
    return Candidacies({**state.by_id, event.candidacy_id: _step(candidacy, event)})


def _step(candidacy: Candidacy, event: Handled) -> Candidacy:
    meta = event.meta
    event_id = meta.event_id
    match event:
        case CandidacyProposed():
            return replace(
                candidacy,
                proposed_at=Fact(meta.occurred_at, event_id),
                network=Fact(meta.network, event_id),
                site=Fact(meta.site, event_id) if meta.site else candidacy.site,
                siret=Fact(event.siret, event_id),
                rome=Fact(event.rome, event_id),
                requested_rome=Fact(event.requested_rome, event_id) if event.requested_rome else None,
            )
        case CandidacyAnswered():
            return replace(
                candidacy,
                answered_at=Fact(meta.occurred_at, event_id),
                result=Fact(event.result, event_id),
                relevance=Fact(event.relevance, event_id) if event.relevance else candidacy.relevance,
            )


def anomalies(state: Candidacies) -> Iterator[Anomaly]:
    """Name answers to candidacies that nobody proposed (yet)."""
    for candidacy in state.by_id.values():
        if candidacy.proposed_at is None:
            about = f"candidacy:{candidacy.candidacy_id}"
            yield Anomaly("candidacy_answered_without_proposal", about, candidacy.status.event_id)
