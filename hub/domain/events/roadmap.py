"""The common road map: co-owned targets, every revision kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from hub.domain.events.base import Code, CodeList, NoCaseEvent
from hub.domain.ids import Reference, Subject


class RoadmapTargetSet(NoCaseEvent):
    """Objectif de la feuille de route; it holds when both networks set the same revision alike."""

    target_id: Reference
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    indicator: Annotated[Code, CodeList("indicator")]
    unit: Annotated[Code, CodeList("unit")]
    baseline: Annotated[int, Field(ge=0, lt=2**63)]
    target: Annotated[int, Field(ge=0, lt=2**63)]
    due_on: date
    france_travail_owner: Reference
    cap_emploi_owner: Reference

    @property
    def subject(self) -> Subject:
        """The road-map target."""
        return Subject("roadmap_target", "", "", self.target_id)
