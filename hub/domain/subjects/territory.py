"""Shared territorial diagnoses: a version holds when both networks publish it with the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from hub.domain.events.territory import TerritorialDiagnosisPublished
from hub.domain.pathway.fact import Anomaly, Fact, State
from hub.domain.subjects.joint import standing

Handled = TerritorialDiagnosisPublished


class StatedFigure(State, frozen=True, order=True):
    """One figure, a whole number in its unit."""

    indicator: str
    unit: str
    value: int


class Publication(State, frozen=True):
    """A version as one network published it, figures sorted."""

    event_id: str
    network: str
    version: int
    figures: tuple[StatedFigure, ...]
    published_at: datetime


class Territory(State, frozen=True):
    """The latest publication of each version by each network, in canonical order."""

    publications: tuple[Publication, ...] = ()


class Version(NamedTuple):
    """One version of the diagnosis with the publication of each network."""

    version: int
    by_network: dict[str, Publication]

    @property
    def status(self) -> Fact[str]:
        """`stated` by one network alone, `holds`, or `differs`."""
        return standing({network: Fact(said.figures, said.event_id) for network, said in self.by_network.items()})


def evolve(state: Territory, event: Handled) -> Territory:
    """Take one more event into account."""
    match event:
        case TerritorialDiagnosisPublished():
            meta = event.meta
            version = event.diagnosis_version
            figures = sorted(StatedFigure(figure.indicator, figure.unit, figure.value) for figure in event.figures)
            published = Publication(meta.event_id, meta.network, version, tuple(figures), meta.occurred_at)
            kept = [other for other in state.publications if (other.version, other.network) != (version, meta.network)]
            return Territory((*kept, published))


def versions(state: Territory) -> list[Version]:
    """Give the versions in their order."""
    groups: dict[int, dict[str, Publication]] = {}
    for published in state.publications:
        groups.setdefault(published.version, {})[published.network] = published
    return [Version(version, groups[version]) for version in sorted(groups)]


def current(state: Territory) -> Version | None:
    """Give the latest version that holds."""
    return next((version for version in reversed(versions(state)) if version.status.value == "holds"), None)


def anomalies(state: Territory) -> Iterator[Anomaly]:
    """Name versions that both networks publish with different figures (M16)."""
    for version in versions(state):
        status = version.status
        if status.value == "differs":
            about = f"territorial_diagnosis:{version.version}"
            yield Anomaly("territorial_diagnosis_differs", about, status.event_id)
