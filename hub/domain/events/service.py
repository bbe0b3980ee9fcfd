"""Services and training prescribed by either network."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from hub.domain.events.base import CaseEvent, Code, CodeList
from hub.domain.ids import Reference


class ServicePrescribed(CaseEvent):
    """Prestation ou formation prescrite."""

    service_id: Reference
    service: Annotated[Code, CodeList("service")]
    starts_on: date | None = None
    ends_on: date | None = None


class ServiceCompleted(CaseEvent):
    """Prestation terminée."""

    service_id: Reference
    ended_on: date | None = None


class ServiceAbandoned(CaseEvent):
    """Prestation abandonnée."""

    service_id: Reference
    ended_on: date | None = None
    motive: Annotated[Code | None, CodeList("closing_motive")] = None
