"""Disability titles over time."""

from __future__ import annotations

from datetime import date
from itertools import permutations

from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.ids import CaseKey
from hub.domain.pathway.title import latest
from hub.projections import title as table
from tests.unit.pathway.builders import CE, FT, arriving, due, event, pathway, registered, rules, shown_by


def recorded(
    valid_from: str, valid_to: str | None, at: str = "2020-02-03", title: str = "rqth", case: CaseKey = FT
) -> DisabilityTitleRecorded:
    return event(DisabilityTitleRecorded, at, case, title=title, valid_from=valid_from, valid_to=valid_to)


def test_the_latest_record_of_a_title_from_a_day_stands() -> None:
    first, corrected = recorded("2020-01-01", "2024-12-31"), recorded("2020-01-01", "2025-12-31", "2020-03-02", case=CE)

    assert list(table.rows(pathway(registered(), first, corrected))) == [
        ("rqth", date(2020, 1, 1), "cap_emploi", date(2025, 12, 31), corrected.meta.event_id, None)
    ]


def test_a_renewal_leaves_the_title_before_in_place() -> None:
    old, new = recorded("2015-01-01", "2019-12-31"), recorded("2020-01-01", "2024-12-31")

    state = pathway(registered(), old, new)

    assert [row[1] for row in table.rows(state)] == [date(2015, 1, 1), date(2020, 1, 1)]
    assert [title.event_id for title in latest(state.titles)] == [new.meta.event_id]


def test_a_title_until_9999_has_no_end_and_no_alert() -> None:
    state = pathway(registered(), recorded("2020-01-01", "9999-12-31"))

    assert latest(state.titles)[0].valid_to is None
    assert due(state) == {}


def test_a_title_alerts_for_its_last_day_until_it_is_renewed() -> None:
    old = recorded("2015-01-01", "2019-12-31")

    assert due(pathway(registered(), old)) == {"title_expires": date(2019, 12, 31)}
    assert due(pathway(registered(), old, recorded("2020-01-01", None))) == {}


def test_a_title_that_ends_while_another_runs_on_alerts_only_if_there_is_a_gap() -> None:
    ending = recorded("2020-01-01", "2024-12-31")

    for start, end in (("2020-01-01", None), ("2025-01-01", "2026-12-31"), ("2022-01-01", "9999-12-31")):
        covered = due(pathway(registered(), ending, recorded(start, end, title="aah")))
        assert covered.get("title_expires") != date(2024, 12, 31)
    for start, end in (("2020-01-01", "2022-12-31"), ("2025-01-02", None)):
        state = pathway(registered(), ending, recorded(start, end, title="aah"))
        assert due(state) == {"title_expires": date(2024, 12, 31)}


def test_a_closed_pathway_awaits_no_renewal_until_it_is_taken_up_again() -> None:
    ending = recorded("2020-01-01", "2024-12-31")
    left = event(PathwayClosed, "2021-03-01", motive="retirement")
    back = event(PathwayReopened, "2021-06-01", trigger="person")

    assert due(pathway(registered(), ending, left)) == {}
    assert due(pathway(registered(), ending, left, back)) == {"title_expires": date(2024, 12, 31)}


def test_a_title_that_ends_before_it_starts_is_an_anomaly_until_corrected() -> None:
    intake, wrong = registered(), recorded("2020-01-01", "2019-12-31")
    state = pathway(intake, wrong)

    assert shown_by(state, "title_ends_before_start") == [wrong.meta.event_id]
    assert due(state) == {}
    assert rules(pathway(intake, wrong, recorded("2020-01-01", "2024-12-31", "2020-03-02"))) == []


def test_titles_are_the_same_in_any_order_of_arrival() -> None:
    events = (
        recorded("2020-01-01", "2024-12-31"),
        recorded("2020-01-01", "2025-12-31", "2020-03-02"),
        recorded("2015-01-01", "2019-12-31", "2020-04-06", case=CE),
    )
    expected = pathway(*events).titles

    for order in permutations(events):
        assert arriving([one] for one in order).titles == expected
