"""The common road map: a revision of a target holds when both networks set it alike; every revision is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from hub.domain.events.roadmap import RoadmapTargetSet
from hub.domain.pathway.fact import Anomaly, Fact, State
from hub.domain.subjects.joint import standing

Handled = RoadmapTargetSet


class Terms(State, frozen=True):
    """What a revision sets: both networks must say the same."""

    indicator: str
    unit: str
    baseline: int
    target: int
    due_on: date
    france_travail_owner: str
    cap_emploi_owner: str


class Setting(State, frozen=True):
    """A revision as one network set it."""

    event_id: str
    network: str
    revision: int
    terms: Terms
    set_at: datetime


class RoadmapTarget(State, frozen=True):
    """The latest setting of each revision by each network, in canonical order."""

    settings: tuple[Setting, ...] = ()


class Revision(NamedTuple):
    """One revision with the setting of each network."""

    revision: int
    by_network: dict[str, Setting]

    @property
    def status(self) -> Fact[str]:
        """`stated` by one network alone, `holds`, or `differs`."""
        return standing({network: Fact(said.terms, said.event_id) for network, said in self.by_network.items()})


def evolve(state: RoadmapTarget, event: Handled) -> RoadmapTarget:
    """Take one more event into account."""
    match event:
        case RoadmapTargetSet():
            meta = event.meta
            terms = Terms(
                event.indicator,
                event.unit,
                event.baseline,
                event.target,
                event.due_on,
                event.france_travail_owner,
                event.cap_emploi_owner,
            )
            added = Setting(meta.event_id, meta.network, event.revision, terms, meta.occurred_at)
            kept = [
                other for other in state.settings if (other.revision, other.network) != (event.revision, meta.network)
            ]
            return RoadmapTarget((*kept, added))


def revisions(state: RoadmapTarget) -> list[Revision]:
    """Give the revisions in their order (M17: every one is kept)."""
    groups: dict[int, dict[str, Setting]] = {}
    for setting in state.settings:
        groups.setdefault(setting.revision, {})[setting.network] = setting
    return [Revision(revision, groups[revision]) for revision in sorted(groups)]


def current(state: RoadmapTarget) -> Revision | None:
    """Give the latest revision that holds."""
    return next((revision for revision in reversed(revisions(state)) if revision.status.value == "holds"), None)


def anomalies(state: RoadmapTarget) -> Iterator[Anomaly]:
    """Name revisions that the networks set differently."""
    for revision in revisions(state):
        status = revision.status
        if status.value == "differs":
            yield Anomaly("roadmap_target_differs", f"roadmap_target:{revision.revision}", status.event_id)
