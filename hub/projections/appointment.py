"""Read model of appointments: one row each, as its latest record says; `place` counts acts held at the agency (M18)."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.pathway.pathway import Pathway
from hub.projections.readmodel import MOMENT, TEXT, ReadModel, Row


def rows(pathway: Pathway) -> Iterator[Row]:
    """Give a row per appointment."""
    for appointment in pathway.appointments.by_id.values():
        yield (
            appointment.appointment_id,
            appointment.status,
            appointment.starts_at,
            appointment.mode,
            appointment.place,
            appointment.network,
            appointment.adviser,
            appointment.site,
            appointment.event_id,
            None,
        )


MODEL = ReadModel(
    name="appointment",
    key=(("appointment_id", TEXT),),
    columns=(
        ("status", TEXT),
        ("starts_at", MOMENT),
        ("mode", TEXT),
        ("place", TEXT),
        ("network", TEXT),
        ("adviser", TEXT),
        ("site", TEXT),
    ),
    parts=("appointments",),
    rows=rows,
)
