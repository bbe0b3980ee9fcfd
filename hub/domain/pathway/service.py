"""Services and training: prescribed by either network, visible to both, completed or abandoned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from msgspec.structs import replace

from hub.domain.events.service import ServiceAbandoned, ServiceCompleted, ServicePrescribed
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = ServicePrescribed | ServiceCompleted | ServiceAbandoned


class Service(State, frozen=True):
    """What all events of one service say together, whichever came first."""

    service_id: str
    service: Fact[str] | None = None
    prescribed_at: Fact[datetime] | None = None
    prescribed_by: Fact[str] | None = None
    site: Fact[str] | None = None
    starts_on: Fact[date] | None = None
    ends_on: Fact[date] | None = None
    completed_at: Fact[datetime] | None = None
    abandoned_at: Fact[datetime] | None = None
    ended_on: Fact[date] | None = None
    abandon_motive: Fact[str] | None = None

    @property
    def status(self) -> Fact[str]:
        """`completed` or `abandoned`, the later one if both are stated, else `prescribed`; with its event."""
        if self.completed_at is not None and (self.abandoned_at is None or self.completed_at > self.abandoned_at):
            return Fact("completed", self.completed_at.event_id)
        if self.abandoned_at is not None:
            return Fact("abandoned", self.abandoned_at.event_id)
        if self.prescribed_at is not None:
            return Fact("prescribed", self.prescribed_at.event_id)
        raise AssertionError("a service has at least one event")

    @property
    def is_open(self) -> bool:
        """Prescribed, and neither completed nor abandoned."""
        return self.completed_at is None and self.abandoned_at is None


class Services(State, frozen=True):
    """The services of a person by id."""

    by_id: dict[str, Service] = {}


def evolve(state: Services, event: Handled) -> Services:
    """Take one more event into account."""
    service = state.by_id.get(event.service_id) or Service(event.service_id)
    return Services({**state.by_id, event.service_id: _step(service, event)})


def _step(service: Service, event: Handled) -> Service:
    meta = event.meta
    event_id = meta.event_id
    at = Fact(meta.occurred_at, event_id)
    match event:
        case ServicePrescribed():
            return replace(
                service,
                service=Fact(event.service, event_id),
                prescribed_at=at,
                prescribed_by=Fact(meta.network, event_id),
                site=Fact(meta.site, event_id) if meta.site else service.site,
                starts_on=Fact(event.starts_on, event_id) if event.starts_on else service.starts_on,
                ends_on=Fact(event.ends_on, event_id) if event.ends_on else service.ends_on,
            )
        case ServiceCompleted():
            ended_on = Fact(event.ended_on, event_id) if event.ended_on else service.ended_on
            return replace(service, completed_at=at, ended_on=ended_on)
        case ServiceAbandoned():
            return replace(
                service,
                abandoned_at=at,
                ended_on=Fact(event.ended_on, event_id) if event.ended_on else service.ended_on,
                abandon_motive=Fact(event.motive, event_id) if event.motive else None,
            )


def anomalies(state: Services) -> Iterator[Anomaly]:
    """Name what does not fit in these services."""
    for service in state.by_id.values():
        about = f"service:{service.service_id}"
        if service.prescribed_at is None:
            yield Anomaly("service_without_prescription", about, service.status.event_id)
        if service.completed_at is not None and service.abandoned_at is not None:
            yield Anomaly("service_completed_and_abandoned", about, service.status.event_id)
