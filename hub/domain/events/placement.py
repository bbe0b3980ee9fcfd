"""Placements and the lasting follow-up after them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from hub.domain.events.base import SENSITIVE, CaseEvent, Code, CodeList
from hub.domain.ids import LongText, Reference, Rome, Siret


class Placed(CaseEvent):
    """Placement: the same person, SIRET and start day from both networks is one placement."""

    placement_id: Reference
    siret: Siret
    contract: Annotated[Code, CodeList("contract")]
    starts_on: date
    ends_on: date | None = None
    rome: Rome | None = None


class FollowUpStarted(CaseEvent):
    """Suivi durable: the checkpoints of a placement fall due on these days."""

    emitters = ("cap_emploi",)
    placement_id: Reference
    due_on: Annotated[list[date], Field(min_length=1, max_length=60)]


class FollowUpRecorded(CaseEvent):
    """Point de suivi held for the checkpoint due on `due_on`."""

    emitters = ("cap_emploi",)
    placement_id: Reference
    due_on: date
    state: Annotated[Code, CodeList("follow_up_state"), SENSITIVE]
    comment: Annotated[LongText | None, SENSITIVE] = None
