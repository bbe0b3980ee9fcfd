"""Conseil en évolution professionnelle (CEP), for job seekers and, since 1 January 2018, employees."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList
from hub.domain.ids import LongText, Reference, Rome


class CepOpened(CaseEvent):
    """CEP ouvert for a job seeker or an employee."""

    cep_id: Reference
    level: Annotated[Code, CodeList("cep_level")]
    public: Annotated[Code, CodeList("public")]


class CepConcluded(CaseEvent):
    """CEP conclu: the project, with the assessment that it creates no risk of losing the job."""

    cep_id: Reference
    project: Annotated[LongText | None, SENSITIVE] = None
    project_rome: Rome | None = None
    risk: Annotated[Code | None, CodeList("risk"), SENSITIVE] = None
