"""A person's decisions about which case records belong together; computed links are not events."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from hub.domain.events.base import SENSITIVE, CaseRef, Code, CodeList, Decision
from hub.domain.ids import LongText, Subject, case_subject


class PairDecision(Decision):
    """A decision about two case records, in any order."""

    left: CaseRef
    right: CaseRef

    @model_validator(mode="after")
    def _two_records(self) -> Self:
        if self.left.key == self.right.key:
            raise ValueError("left and right are the same case record; expected two different ones")
        return self

    @property
    def subject(self) -> Subject:
        """The first of the two records, by key."""
        return case_subject(min(self.left.key, self.right.key))


class RecordsLinked(PairDecision):
    """Rapprochement: the two records are one person's."""

    evidence: Annotated[Code, CodeList("link_evidence")]
    comment: Annotated[LongText | None, SENSITIVE] = None


class RecordsUnlinked(PairDecision):
    """Dissociation: each record gets its own history back, and the pair is not linked again automatically."""

    reason: Annotated[Code, CodeList("unlink_reason")]
    comment: Annotated[LongText | None, SENSITIVE] = None


class MatchRejected(PairDecision):
    """Non-doublon: the pair is never proposed again."""

    comment: Annotated[LongText | None, SENSITIVE] = None
