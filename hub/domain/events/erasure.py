"""Erasure of a person."""

from __future__ import annotations

from typing import Annotated

from hub.domain.events.base import CaseRef, Code, CodeList, Decision
from hub.domain.ids import HUB, Subject, case_subject


class PersonErased(Decision):
    """Effacement of everything about the person that this case record belongs to."""

    emitters = (HUB,)
    case: CaseRef
    reason: Annotated[Code, CodeList("erasure_reason")]

    @property
    def subject(self) -> Subject:
        """The case record named."""
        return case_subject(self.case.key)
