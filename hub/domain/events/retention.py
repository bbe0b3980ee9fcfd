"""Retention in employment (maintien), workplace adaptation, and transition when retention fails."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList
from hub.domain.ids import Reference, Rome, Siret


class RetentionOpened(CaseEvent):
    """Signalement d'un risque: the person is in employment."""

    emitters = ("cap_emploi",)
    retention_id: Reference
    siret: Siret
    origin: Annotated[Code, CodeList("retention_origin")]
    risk: Annotated[Code | None, CodeList("risk"), SENSITIVE] = None


class WorkplaceAdapted(CaseEvent):
    """Aménagement de poste, for a retention or a placement."""

    emitters = ("cap_emploi",)
    retention_id: Reference | None = None
    placement_id: Reference | None = None
    adaptation: Annotated[Code, CodeList("adaptation"), SENSITIVE]
    adapted_on: date
    need_id: Reference | None = None


class RetentionConcluded(CaseEvent):
    """Issue du maintien."""

    emitters = ("cap_emploi",)
    retention_id: Reference
    outcome: Annotated[Code, CodeList("retention_outcome")]


class TransitionStarted(CaseEvent):
    """Transition professionnelle: the pathway goes on; `retention_id` when it follows a failed retention."""

    project_rome: Rome | None = None
    retention_id: Reference | None = None
