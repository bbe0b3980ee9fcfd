"""To be written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = AppointmentRecorded


class Retentions(State, frozen=True):
    """To be written."""

    erased: Fact[str] | None = None


def evolve(state: Retentions, event: Any) -> Retentions:
    return state


def anomalies(state: Retentions) -> Iterator[Anomaly]:
    yield from ()
