"""Events of placements and their follow-up."""

from __future__ import annotations

from typing import Any

from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.ids import CaseKey
from hub.domain.pathway.pathway import Pathway
from hub.domain.pathway.placement import anomalies
from hub.projections.placement import MODELS
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, named

PLACEMENT, REPORT, FOLLOW_UP = MODELS


def placed(at: str = "2021-04-02", case: CaseKey = FT, **fields: Any) -> Placed:
    told = {"placement_id": "P-FT", "siret": EMPLOYER, "contract": "cdi", "starts_on": "2021-04-01"}
    return event(Placed, at, case, **{**told, **fields})


def also_placed(at: str = "2021-04-06", case: CaseKey = CE, **fields: Any) -> Placed:
    return placed(at, case, **{"placement_id": "P-CE", **fields})


def started(*days: str, placement_id: str = "P-FT", at: str = "2021-04-10") -> FollowUpStarted:
    return event(FollowUpStarted, at, placement_id=placement_id, due_on=list(days))


def recorded(day: str, state: str = "good", placement_id: str = "P-FT", at: str = "2021-07-02") -> FollowUpRecorded:
    return event(
        FollowUpRecorded, at, placement_id=placement_id, due_on=day, state=state, comment="Tout se passe bien."
    )


def rules(state: Pathway) -> list[str]:
    return named(anomalies(state.placements))
