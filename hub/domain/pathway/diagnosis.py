"""Diagnoses: each network's own versions, and the crossed diagnosis that both advisers make together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from hub.domain.events.diagnosis import (
    CrossedDiagnosisConcluded,
    CrossedDiagnosisContributed,
    CrossedDiagnosisOpened,
    DiagnosisCompleted,
)
from hub.domain.ids import NETWORKS
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = DiagnosisCompleted | CrossedDiagnosisOpened | CrossedDiagnosisContributed | CrossedDiagnosisConcluded

REPEATED_WITHIN = timedelta(days=60)
"""A diagnosis so soon after the other network's makes the person start again."""


class Diagnosis(State, frozen=True):
    """One version of a network's own diagnosis; all of it comes from one event."""

    event_id: str
    completed_at: datetime
    network: str
    adviser: str
    site: str | None
    themes: tuple[str, ...]
    needs: str | None
    constraints: str | None


class Contribution(State, frozen=True):
    """What one network brings to a crossed diagnosis."""

    event_id: str
    contributed_at: datetime
    contribution: str


class Conclusion(State, frozen=True):
    """The conclusion of a crossed diagnosis as one network states it."""

    event_id: str
    concluded_at: datetime
    modality: str
    lead_network: str
    reason: str

    def agrees_with(self, other: Conclusion) -> bool:
        """Tell whether both say the same modality, lead network and reason."""
        return (self.modality, self.lead_network, self.reason) == (other.modality, other.lead_network, other.reason)


class CrossedDiagnosis(State, frozen=True):
    """What all events of one crossed diagnosis say together; contributions and conclusions by network, its last one."""

    crossed_diagnosis_id: str
    opened_at: Fact[datetime] | None = None
    opened_by: Fact[str] | None = None
    site: Fact[str] | None = None
    france_travail_adviser: Fact[str] | None = None
    cap_emploi_adviser: Fact[str] | None = None
    contributions: dict[str, Contribution] = {}
    conclusions: dict[str, Conclusion] = {}

    @property
    def has_both_contributions(self) -> bool:
        """Both advisers contributed."""
        return len(self.contributions) == len(NETWORKS)

    @property
    def conclusions_differ(self) -> bool:
        """Both networks state a conclusion, and not the same one."""
        stated = list(self.conclusions.values())
        return len(stated) == len(NETWORKS) and not stated[0].agrees_with(stated[1])

    @property
    def conclusion(self) -> Conclusion | None:
        """The conclusion that holds, as first stated: both networks contributed, and those that conclude agree."""
        if not self.conclusions or not self.has_both_contributions or self.conclusions_differ:
            return None
        return min(self.conclusions.values(), key=lambda stated: (stated.concluded_at, stated.event_id))

    @property
    def concluded_at(self) -> Fact[datetime] | None:
        """Since when the conclusion holds: the last of the conclusion and the contributions that it needs."""
        conclusion = self.conclusion
        if conclusion is None:
            return None
        contributed = (Fact(of.contributed_at, of.event_id) for of in self.contributions.values())
        return max(Fact(conclusion.concluded_at, conclusion.event_id), *contributed)

    @property
    def status(self) -> Fact[str]:
        """`concluded` only when the conclusion holds, else `contributed` or `opened`; and the event that states it."""
        concluded = self.concluded_at
        if concluded is not None:
            return Fact("concluded", concluded.event_id)
        if self.contributions:
            last = max(self.contributions.values(), key=lambda of: (of.contributed_at, of.event_id))
            return Fact("contributed", last.event_id)
        if self.opened_at is not None:
            return Fact("opened", self.opened_at.event_id)
        return Fact("opened", next(iter(self.conclusions.values())).event_id)

    @property
    def is_open(self) -> bool:
        """Opened or contributed to, and no conclusion holds."""
        return self.conclusion is None

    def steps(self) -> Iterator[datetime]:
        """Give the moments at which the networks worked on it."""
        if self.opened_at is not None:
            yield self.opened_at.value
        yield from (of.contributed_at for of in self.contributions.values())
        yield from (of.concluded_at for of in self.conclusions.values())


class Diagnoses(State, frozen=True):
    """The versions of both networks' own diagnoses in canonical order, and the crossed diagnoses by id."""

    versions: tuple[Diagnosis, ...] = ()
    crossed: dict[str, CrossedDiagnosis] = {}


def of_network(state: Diagnoses, network: str) -> list[Diagnosis]:
    """Give a network's own versions, the current one last."""
    return [version for version in state.versions if version.network == network]


def evolve(state: Diagnoses, event: Handled) -> Diagnoses:
    """Take one more event into account."""
    match event:
        case DiagnosisCompleted():
            meta = event.meta
            added = Diagnosis(
                meta.event_id,
                meta.occurred_at,
                meta.network,
                meta.actor_id,
                meta.site,
                tuple(event.themes),
                event.needs,
                event.constraints,
            )
            return Diagnoses((*state.versions, added), state.crossed)
        case CrossedDiagnosisOpened() | CrossedDiagnosisContributed() | CrossedDiagnosisConcluded():
            key = event.crossed_diagnosis_id
            crossed = state.crossed.get(key) or CrossedDiagnosis(key)
            return Diagnoses(state.versions, {**state.crossed, key: _step(crossed, event)})


def _step(
    crossed: CrossedDiagnosis,
    event: CrossedDiagnosisOpened | CrossedDiagnosisContributed | CrossedDiagnosisConcluded,
) -> CrossedDiagnosis:
    meta = event.meta
    event_id = meta.event_id
    match event:
        case CrossedDiagnosisOpened():
            return replace(
                crossed,
                opened_at=Fact(meta.occurred_at, event_id),
                opened_by=Fact(meta.network, event_id),
                site=Fact(meta.site, event_id) if meta.site else crossed.site,
                france_travail_adviser=Fact(event.france_travail_adviser, event_id),
                cap_emploi_adviser=Fact(event.cap_emploi_adviser, event_id),
            )
        case CrossedDiagnosisContributed():
            contribution = Contribution(event_id, meta.occurred_at, event.contribution)
            return replace(crossed, contributions={**crossed.contributions, meta.network: contribution})
        case CrossedDiagnosisConcluded():
            stated = Conclusion(event_id, meta.occurred_at, event.modality, event.lead_network, event.reason)
            return replace(crossed, conclusions={**crossed.conclusions, meta.network: stated})


def anomalies(state: Diagnoses) -> Iterator[Anomaly]:
    """Name what does not fit in these diagnoses."""
    for crossed in state.crossed.values():
        yield from _anomalies_of(crossed)
    yield from _repeated(state)


def _anomalies_of(crossed: CrossedDiagnosis) -> Iterator[Anomaly]:
    about = f"crossed_diagnosis:{crossed.crossed_diagnosis_id}"
    if crossed.opened_at is None:
        yield Anomaly("crossed_diagnosis_without_opening", about, crossed.status.event_id)
    if not crossed.has_both_contributions:
        for stated in crossed.conclusions.values():
            yield Anomaly("concluded_without_both_contributions", about, stated.event_id)
    if crossed.conclusions_differ:
        last = max(crossed.conclusions.values(), key=lambda stated: (stated.concluded_at, stated.event_id))
        yield Anomaly("conclusions_differ", about, last.event_id)


def _repeated(state: Diagnoses) -> Iterator[Anomaly]:
    """Name diagnoses soon after the other network's that no crossed diagnosis around them brings together."""
    steps = [step for crossed in state.crossed.values() for step in crossed.steps()]
    for before, version in zip(state.versions, state.versions[1:], strict=False):
        first, second = sorted((before.completed_at, version.completed_at))
        if version.network == before.network or second - first > REPEATED_WITHIN:
            continue
        if not any(first - REPEATED_WITHIN <= step <= second + REPEATED_WITHIN for step in steps):
            yield Anomaly("repeated_diagnosis", f"diagnosis:{version.event_id}", version.event_id)
