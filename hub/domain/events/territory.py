"""Shared territorial diagnoses: they hold when both networks publish the same version with the same figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.domain.events.base import Code, CodeList, NoCaseEvent, Strict
from hub.domain.ids import Departement, Subject


class Figure(Strict):
    """One figure of the diagnosis, a whole number in its unit."""

    indicator: Annotated[Code, CodeList("indicator")]
    value: Annotated[int, Field(ge=0, lt=2**63)]
    unit: Annotated[Code, CodeList("unit")]


class TerritorialDiagnosisPublished(NoCaseEvent):
    """Diagnostic territorial partagé of a département."""

    territory: Departement
    diagnosis_version: Annotated[int, Field(ge=1, lt=2**31)]
    figures: Annotated[list[Figure], Field(min_length=1, max_length=200)]

    @property
    def subject(self) -> Subject:
        """The territory."""
        return Subject("territory", "", "", self.territory)
