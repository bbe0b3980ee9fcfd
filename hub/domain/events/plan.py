"""The joint action plan of both networks (plan d'action, contrat d'engagement)."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from hub.domain.events.base import CaseEvent, Code, CodeList, Network, Strict, Text
from hub.domain.ids import Reference


class PlannedAction(Strict):
    """One action of the plan and the network that owns it."""

    action_id: Reference
    theme: Annotated[Code, CodeList("theme")]
    title: Text
    owner: Network
    due_on: date | None = None


class ActionPlanAgreed(CaseEvent):
    """Plan d'action: a version replaces the one before."""

    plan_version: Annotated[int, Field(ge=1, lt=2**31)]
    actions: Annotated[list[PlannedAction], Field(max_length=100)]
