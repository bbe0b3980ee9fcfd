"""Compensation needs: one versioned need from its first mention to the measure implemented."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList
from hub.domain.ids import LongText, Reference, Rome, Siret


class CompensationNeedIdentified(CaseEvent):
    """Besoin de compensation identifié: the first version of a need."""

    need_id: Reference
    phase: Annotated[Code, CodeList("need_phase")]
    description: Annotated[LongText, SENSITIVE]
    rome: Rome | None = None
    siret: Siret | None = None


class CompensationNeedRefined(CaseEvent):
    """Besoin affiné: a further version, with the workstation once it is known."""

    need_id: Reference
    phase: Annotated[Code, CodeList("need_phase")]
    description: Annotated[LongText, SENSITIVE]
    rome: Rome | None = None
    siret: Siret | None = None


class CompensationMeasureImplemented(CaseEvent):
    """Mesure mise en place: advances the need, and closes it when `closes_need`."""

    emitters = ("cap_emploi",)
    need_id: Reference
    measure: Annotated[Code, CodeList("measure")]
    funder: Annotated[Code | None, CodeList("funder")] = None
    closes_need: bool = True
