"""Appointments of the person with either network: what the latest record of each says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.pathway.fact import Anomaly, State

Handled = AppointmentRecorded

HELD_STATUSES = frozenset({"held", "missed"})
"""Statuses that only the appointed hour can bring."""


class Appointment(State, frozen=True):
    """The latest record of an appointment; all of it comes from one event.

    `place` is where it is held, as `agency` (promise M18); `known_at` is when the record was written down.
    """

    appointment_id: str
    event_id: str
    starts_at: datetime
    status: str
    mode: str
    place: str
    network: str
    adviser: str
    site: str | None
    known_at: datetime

    @property
    def is_open(self) -> bool:
        """Planned, with no record yet of how it went."""
        return self.status == "planned"


class Appointments(State, frozen=True):
    """The appointments of a person by id."""

    by_id: dict[str, Appointment] = {}


def evolve(state: Appointments, event: Handled) -> Appointments:
    """Take one more event into account."""
    match event:
        case AppointmentRecorded():
            meta = event.meta
            latest = Appointment(
                event.appointment_id,
                meta.event_id,
                event.starts_at,
                event.status,
                event.mode,
                event.place,
                meta.network,
                meta.actor_id,
                meta.site,
                meta.recorded_at,
            )
            return Appointments({**state.by_id, event.appointment_id: latest})


def anomalies(state: Appointments) -> Iterator[Anomaly]:
    """Name appointments recorded as held or missed before they start."""
    for appointment in state.by_id.values():
        if appointment.status in HELD_STATUSES and appointment.known_at < appointment.starts_at:
            about = f"appointment:{appointment.appointment_id}"
            yield Anomaly("appointment_over_before_its_start", about, appointment.event_id)
