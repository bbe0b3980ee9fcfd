"""To be written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.pathway.fact import Anomaly, Fact, State

Handled = AppointmentRecorded


class Services(State, frozen=True):
    """To be written."""

    erased: Fact[str] | None = None


def evolve(state: Services, event: Any) -> Services:
    return state


def anomalies(state: Services) -> Iterator[Anomaly]:
    yield from ()
