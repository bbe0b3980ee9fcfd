"""Sites: the mode on a date, and the roll-out planned and actual told apart: M23."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.site import SiteModeChanged
from hub.domain.order import order_key
from hub.domain.subjects.fold import fold
from hub.domain.subjects.site import Site, anomalies, mode_on
from hub.projections.site import MODEL
from tests.unit.subject_events import stated


def changed(mode: str, from_date: str, date_kind: str = "actual", **fields: Any) -> SiteModeChanged:
    told = {"safir": "69160", "wave": "pilots_2020", **fields}
    return stated(SiteModeChanged, mode=mode, from_date=from_date, date_kind=date_kind, **told)


def site(*events: Event) -> Site:
    state = fold("site", sorted(events, key=order_key))
    assert isinstance(state, Site)
    return state


@pytest.mark.parametrize(
    ("day", "mode"),
    [("2020-01-12", "separate"), ("2020-01-13", "pilot"), ("2021-01-03", "pilot"), ("2021-01-04", "integrated")],
)
def test_the_mode_of_a_site_on_a_date_is_known(day: str, mode: str) -> None:
    state = site(changed("pilot", "2020-01-13"), changed("integrated", "2021-01-04", wave="rhone_2021"))

    assert mode_on(state, date.fromisoformat(day)) == mode


def test_a_plan_changes_no_mode() -> None:
    planned = changed("integrated", "2021-01-04", "planned")

    assert mode_on(site(planned), date(2021, 6, 1)) == "separate"


def test_planned_and_actual_days_stand_side_by_side() -> None:
    planned, happened = changed("pilot", "2020-01-13", "planned"), changed("pilot", "2020-02-03")
    later = changed("integrated", "2021-01-04")

    rows = list(MODEL.rows(site(planned, happened, later)))

    wave = "pilots_2020"
    assert rows == [
        (planned.meta.event_id, "planned", "pilot", wave, date(2020, 1, 13), None, planned.meta.event_id, None),
        (
            happened.meta.event_id,
            "actual",
            "pilot",
            wave,
            date(2020, 2, 3),
            date(2021, 1, 4),
            happened.meta.event_id,
            f'{{"until_date":"{later.meta.event_id}"}}',
        ),
        (later.meta.event_id, "actual", "integrated", wave, date(2021, 1, 4), None, later.meta.event_id, None),
    ]


def test_two_modes_taken_on_one_day_are_an_anomaly_and_the_later_one_stands() -> None:
    first, second = changed("pilot", "2020-01-13"), changed("integrated", "2020-01-13")

    state = site(first, second)

    assert list(anomalies(state)) == [("two_site_modes_same_day", "site_mode:2020-01-13", first.meta.event_id)]
    assert mode_on(state, date(2020, 1, 13)) == "integrated"


def test_a_mode_planned_and_taken_on_one_day_is_no_anomaly() -> None:
    assert list(anomalies(site(changed("pilot", "2020-01-13", "planned"), changed("integrated", "2020-01-13")))) == []


def test_events_in_any_order_give_the_same_site() -> None:
    events = [
        changed("pilot", "2020-01-13"),
        changed("pilot", "2020-01-13", "planned"),
        changed("integrated", "2020-01-13"),
    ]

    assert len({repr(site(*order)) for order in permutations(events)}) == 1
