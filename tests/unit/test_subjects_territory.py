"""Shared territorial diagnoses: figures from both networks, versioned: M16."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from hub.domain.events.base import Event
from hub.domain.events.territory import TerritorialDiagnosisPublished
from hub.domain.order import order_key
from hub.domain.subjects.fold import fold
from hub.domain.subjects.territory import Territory, anomalies, current, versions
from hub.projections.territory import MODELS
from tests.unit.subject_events import stated

DIAGNOSIS, FIGURE = MODELS


def published(network: str = "france_travail", version: int = 1, **figures: int) -> TerritorialDiagnosisPublished:
    return stated(
        TerritorialDiagnosisPublished,
        network=network,
        territory="69",
        diagnosis_version=version,
        figures=[{"indicator": indicator, "value": value, "unit": "people"} for indicator, value in figures.items()],
    )


def territory(*events: Event) -> Territory:
    state = fold("territory", sorted(events, key=order_key))
    assert isinstance(state, Territory)
    return state


def statuses(state: Territory) -> list[Any]:
    return [version.status.value for version in versions(state)]


def test_a_version_holds_when_both_networks_published_the_same_figures_in_any_order() -> None:
    ours = published(job_seekers=120_000, beneficiaries=11_000)
    theirs = published("cap_emploi", beneficiaries=11_000, job_seekers=120_000)

    assert statuses(territory(ours)) == statuses(territory(theirs)) == ["stated"]
    assert statuses(territory(ours, theirs)) == ["holds"]


def test_different_figures_are_an_anomaly_until_a_network_publishes_the_version_again() -> None:
    ours, theirs = published(beneficiaries=11_000), published("cap_emploi", beneficiaries=12_000)
    corrected = published("cap_emploi", beneficiaries=11_000)

    found = list(anomalies(territory(ours, theirs)))

    assert found == [("territorial_diagnosis_differs", "territorial_diagnosis:1", theirs.meta.event_id)]
    assert list(anomalies(territory(ours, theirs, corrected))) == []


def test_the_current_version_is_the_latest_that_holds() -> None:
    shared = published(beneficiaries=11_000), published("cap_emploi", beneficiaries=11_000)

    state = territory(*shared, published(version=2, beneficiaries=10_500))

    version = current(state)
    assert version is not None
    assert version.version == 1
    assert statuses(state) == ["holds", "stated"]
    assert current(territory(shared[0])) is None


def test_a_version_has_a_row_with_the_event_of_each_publication() -> None:
    ours, theirs = published(beneficiaries=11_000), published("cap_emploi", beneficiaries=11_000)

    (row,) = DIAGNOSIS.rows(territory(ours, theirs))

    others = f'{{"france_travail_published_at":"{ours.meta.event_id}"}}'
    assert row == (1, "holds", ours.meta.occurred_at, theirs.meta.occurred_at, theirs.meta.event_id, others)


def test_every_figure_of_both_networks_has_a_row() -> None:
    ours = published(job_seekers=120_000, beneficiaries=11_000)
    theirs = published("cap_emploi", beneficiaries=12_000)

    rows = list(FIGURE.rows(territory(ours, theirs)))

    assert rows == [
        (1, "france_travail", 1, "beneficiaries", "people", 11_000, ours.meta.event_id, None),
        (1, "france_travail", 2, "job_seekers", "people", 120_000, ours.meta.event_id, None),
        (1, "cap_emploi", 1, "beneficiaries", "people", 12_000, theirs.meta.event_id, None),
    ]


def test_events_in_any_order_give_the_same_territory() -> None:
    events = [published(beneficiaries=1), published(beneficiaries=2), published("cap_emploi", beneficiaries=2)]

    assert len({repr(territory(*order)) for order in permutations(events)}) == 1
