"""The common road map: co-owned targets, every revision kept: M17."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.roadmap import RoadmapTargetSet
from hub.domain.order import order_key
from hub.domain.pathway.fact import Fact
from hub.domain.subjects.fold import fold
from hub.domain.subjects.roadmap import RoadmapTarget, anomalies, current, revisions
from hub.projections.roadmap import MODEL
from tests.unit.subject_events import stated


def set_by(network: str = "france_travail", revision: int = 1, **fields: Any) -> RoadmapTargetSet:
    told = {
        "target_id": "T-1",
        "indicator": "unemployment_rate",
        "unit": "per_mille",
        "baseline": 190,
        "target": 160,
        "due_on": "2022-12-31",
        "france_travail_owner": "A-1",
        "cap_emploi_owner": "A-2",
    }
    return stated(RoadmapTargetSet, network=network, revision=revision, **{**told, **fields})


def target(*events: Event) -> RoadmapTarget:
    state = fold("roadmap_target", sorted(events, key=order_key))
    assert isinstance(state, RoadmapTarget)
    return state


def test_a_revision_holds_when_both_networks_set_it_alike() -> None:
    ours, theirs = set_by(), set_by("cap_emploi")

    assert current(target(ours)) is None
    revision = current(target(ours, theirs))
    assert revision is not None
    assert revision.status == Fact("holds", theirs.meta.event_id)


@pytest.mark.parametrize("other", [{"target": 150}, {"due_on": "2023-12-31"}, {"cap_emploi_owner": "A-3"}])
def test_a_revision_set_differently_is_an_anomaly_until_the_networks_agree(other: dict[str, Any]) -> None:
    ours, theirs = set_by(), set_by("cap_emploi", **other)
    agreed = set_by(**other)

    found = list(anomalies(target(ours, theirs)))

    assert found == [("roadmap_target_differs", "roadmap_target:1", theirs.meta.event_id)]
    assert list(anomalies(target(ours, theirs, agreed))) == []


def test_every_revision_is_kept_and_the_latest_that_holds_is_current() -> None:
    state = target(set_by(), set_by("cap_emploi"), set_by(revision=2, target=150))

    assert [(one.revision, one.status.value) for one in revisions(state)] == [(1, "holds"), (2, "stated")]
    revision = current(state)
    assert revision is not None
    assert revision.revision == 1


def test_each_networks_setting_has_a_row_and_the_standing_names_its_event() -> None:
    ours, theirs = set_by(), set_by("cap_emploi", target=150)

    rows = list(MODEL.rows(target(ours, theirs)))

    terms = ("unemployment_rate", "per_mille", 190)
    rest = (date(2022, 12, 31), "A-1", "A-2")
    assert rows == [
        (
            1,
            "france_travail",
            "differs",
            ours.meta.occurred_at,
            *terms,
            160,
            *rest,
            ours.meta.event_id,
            f'{{"status":"{theirs.meta.event_id}"}}',
        ),
        (1, "cap_emploi", "differs", theirs.meta.occurred_at, *terms, 150, *rest, theirs.meta.event_id, None),
    ]


def test_events_in_any_order_give_the_same_target() -> None:
    events = [set_by(), set_by("cap_emploi", target=150), set_by(target=150), set_by(revision=2)]

    assert len({repr(target(*order)) for order in permutations(events)}) == 1
