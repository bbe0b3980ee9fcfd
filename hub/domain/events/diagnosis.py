"""Diagnoses: one network's own, and the crossed diagnosis by both advisers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList, Network
from hub.domain.ids import LongText, Reference

Themes = Annotated[list[Annotated[Code, CodeList("theme")]], Field(max_length=50)]


class DiagnosisCompleted(CaseEvent):
    """Diagnostic: a new version of that network's diagnosis."""

    themes: Themes
    needs: Annotated[LongText | None, SENSITIVE] = None
    constraints: Annotated[LongText | None, SENSITIVE] = None


class CrossedDiagnosisOpened(CaseEvent):
    """Diagnostic croisé ouvert: both advisers are named."""

    crossed_diagnosis_id: Reference
    france_travail_adviser: Reference
    cap_emploi_adviser: Reference


class CrossedDiagnosisContributed(CaseEvent):
    """Contribution of the emitting network to the crossed diagnosis."""

    crossed_diagnosis_id: Reference
    contribution: Annotated[LongText, SENSITIVE]


class CrossedDiagnosisConcluded(CaseEvent):
    """Conclusion as the emitting network states it; it holds when both networks contributed."""

    crossed_diagnosis_id: Reference
    modality: Annotated[Code, CodeList("modality")]
    lead_network: Network
    reason: Annotated[Code, CodeList("lead_reason")]
