"""Compensation needs: each one need from its first mention to the measure, every version kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from hub.domain.events.compensation import (
    CompensationMeasureImplemented,
    CompensationNeedIdentified,
    CompensationNeedRefined,
)
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = CompensationNeedIdentified | CompensationNeedRefined | CompensationMeasureImplemented

IDENTIFIED = "identified"
REFINED = "refined"


class NeedVersion(State, frozen=True):
    """One version of a need: `step` is `identified` or `refined`; all of it comes from one event."""

    event_id: str
    step: str
    stated_at: datetime
    network: str
    author: str
    site: str | None
    phase: str
    description: str
    rome: str | None
    siret: str | None


class Measure(State, frozen=True):
    """A measure in place for a need; all of it comes from one event."""

    event_id: str
    implemented_at: datetime
    network: str
    author: str
    measure: str
    funder: str | None
    closes_need: bool


class Need(State, frozen=True):
    """What all events of one need say together: versions with the identification first, and measures in order."""

    need_id: str
    versions: tuple[NeedVersion, ...] = ()
    measures: tuple[Measure, ...] = ()

    @property
    def identified(self) -> NeedVersion | None:
        """The first mention."""
        return self.versions[0] if self.versions and self.versions[0].step == IDENTIFIED else None

    @property
    def current(self) -> NeedVersion | None:
        """The latest version."""
        return self.versions[-1] if self.versions else None

    @property
    def rome(self) -> Fact[str] | None:
        """The occupation of the workstation, as the last version that knows it states it."""
        return next((Fact(of.rome, of.event_id) for of in reversed(self.versions) if of.rome), None)

    @property
    def siret(self) -> Fact[str] | None:
        """The establishment of the workstation, as the last version that knows it states it."""
        return next((Fact(of.siret, of.event_id) for of in reversed(self.versions) if of.siret), None)

    @property
    def closed_by(self) -> Measure | None:
        """The first measure that closes the need."""
        return next((measure for measure in self.measures if measure.closes_need), None)

    @property
    def status(self) -> Fact[str]:
        """`closed`, `advanced` (by a measure that leaves it open), `refined` or `identified`; with its event."""
        closed = self.closed_by
        if closed is not None:
            return Fact("closed", closed.event_id)
        if self.measures:
            return Fact("advanced", self.measures[-1].event_id)
        return Fact(self.versions[-1].step, self.versions[-1].event_id)

    @property
    def is_open(self) -> bool:
        """No measure closed it yet."""
        return self.closed_by is None


class Needs(State, frozen=True):
    """The compensation needs of a person by id."""

    by_id: dict[str, Need] = {}


def evolve(state: Needs, event: Handled) -> Needs:
    """Take one more event into account."""
    need = state.by_id.get(event.need_id) or Need(event.need_id)
    return Needs({**state.by_id, event.need_id: _step(need, event)})


def _step(need: Need, event: Handled) -> Need:
    match event:
        case CompensationNeedIdentified():
            # The first mention leads even when a refinement's clock ran ahead of it.
            known = sum(version.step == IDENTIFIED for version in need.versions)
            added = _version(IDENTIFIED, event)
            return replace(need, versions=(*need.versions[:known], added, *need.versions[known:]))
        case CompensationNeedRefined():
            return replace(need, versions=(*need.versions, _version(REFINED, event)))
        case CompensationMeasureImplemented():
            meta = event.meta
            measure = Measure(
                meta.event_id,
                meta.occurred_at,
                meta.network,
                meta.actor_id,
                event.measure,
                event.funder,
                event.closes_need,
            )
            return replace(need, measures=(*need.measures, measure))


def _version(step: str, event: CompensationNeedIdentified | CompensationNeedRefined) -> NeedVersion:
    meta = event.meta
    return NeedVersion(
        meta.event_id,
        step,
        meta.occurred_at,
        meta.network,
        meta.actor_id,
        meta.site,
        event.phase,
        event.description,
        event.rome,
        event.siret,
    )


def anomalies(state: Needs) -> Iterator[Anomaly]:
    """Name what does not fit in these needs."""
    for need in state.by_id.values():
        about = f"need:{need.need_id}"
        if need.identified is None:
            for version in need.versions:
                yield Anomaly("need_refined_without_identification", about, version.event_id)
            for measure in need.measures:
                yield Anomaly("measure_without_identification", about, measure.event_id)
        for version in need.versions[1:]:
            if version.step == IDENTIFIED:
                yield Anomaly("need_identified_twice", about, version.event_id)
        closed = need.closed_by
        if closed is not None:
            for version in need.versions:
                if version.step == REFINED and version.stated_at > closed.implemented_at:
                    yield Anomaly("need_refined_after_closing", about, version.event_id)
