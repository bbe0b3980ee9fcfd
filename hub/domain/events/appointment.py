"""Appointments with an adviser of either network."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import CaseEvent, Code, CodeList, Moment
from hub.domain.ids import Reference


class AppointmentRecorded(CaseEvent):
    """Rendez-vous: the latest record of an appointment id gives its status."""

    appointment_id: Reference
    starts_at: Moment
    status: Annotated[Code, CodeList("appointment_status")]
    mode: Annotated[Code, CodeList("appointment_mode")]
    place: Annotated[Code, CodeList("place")]
