"""The drawing: everything at its place in time, names that do not run into each other, and small whatever happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.delegation import DelegationAccepted, DelegationEnded, DelegationProposed
from hub.domain.events.expertise import ExpertiseRequested
from hub.domain.events.pathway import PathwayClosed, PathwayReopened
from hub.domain.events.placement import FollowUpRecorded, FollowUpStarted, Placed
from hub.domain.events.referent import ReferentAssigned
from hub.domain.events.title import DisabilityTitleRecorded
from hub.projections import labels
from hub.web.frieze.marks import width_of
from hub.web.frieze.overview import LEFT, RIGHT, WIDTH, Overview
from hub.web.frieze.phases import phases_of
from hub.web.frieze.scale import Scale
from hub.web.words import typed
from tests import strategies
from tests.integration.people import a_life
from tests.unit.pathway.builders import CE, EMPLOYER, FT, event, moment, registered
from tests.web.frieze.views import NOW, drawn, lives, long_lives, view_of


def overview(*events: Event) -> Overview:
    found = drawn(events).overview
    assert found is not None
    return found


def thirty_years() -> list[Event]:
    """Give a referent, a placement and a delegation each year."""
    events: list[Event] = [registered(FT, "1991-03-02")]
    for year in range(1991, 2021):
        named: dict[str, Any] = {"delegation_id": f"D-{year}"}
        events += [
            event(ReferentAssigned, f"{year}-05-01", FT, adviser="A", role="referent", from_date=f"{year}-05-01"),
            event(DelegationProposed, f"{year}-06-01", FT, **named, ground="retention", planned_end=None),
            event(DelegationAccepted, f"{year}-06-20", CE, **named, motive=None),
            event(DelegationEnded, f"{year}-11-20", CE, **named, motive="goal_reached"),
            event(CaseUpdated, f"{year}-12-01", FT),
        ]
    return events


def inside(drawing: Overview) -> bool:
    bars = [*drawing.spans.row.bars, *(bar for each in drawing.rows for bar in each.row.bars)]
    bands = [*drawing.phases, *drawing.referents]
    places = [
        *(mark.x for lane in drawing.lanes for mark in lane.marks),
        *(place for bar in bars for place in (bar.x, bar.end, *(x for x, _ in bar.points), *(x for x, _ in bar.links))),
        *(place for band in bands for place in (band.x, band.x + band.width)),
        *(tick.x for tick in drawing.ticks),
        drawing.now_x,
    ]
    ys = [*(lane.y for lane in drawing.lanes), *(each.y + 20 * each.row.slots for each in drawing.rows)]
    return all(LEFT <= place <= RIGHT + 6 for place in places) and all(0 < y <= drawing.height for y in ys)


def free(parts: list[tuple[int, int]]) -> bool:
    return all(one[1] <= other[0] for one, other in pairwise(sorted(parts)))


@settings(max_examples=25)
@given(st.one_of(lives, long_lives))
def test_everything_stands_within_the_drawing(events: list[Event]) -> None:
    drawing = drawn(events).overview

    assert (drawing is None) == (not view_of(events).timeline)
    assert drawing is None or inside(drawing)


@settings(max_examples=25)
@given(st.one_of(lives, long_lives))
def test_names_do_not_run_into_each_other(events: list[Event]) -> None:
    drawing = drawn(events).overview
    for lane in drawing.lanes if drawing else ():
        for row in (1, 2, 3):
            named = [mark for mark in lane.marks if mark.row == row]
            assert free([(mark.label_x, mark.label_x + width_of(mark.label)) for mark in named])
            assert all(mark.label_x + width_of(mark.label) <= WIDTH for mark in named)
    for each in (drawing.spans, *drawing.rows) if drawing else ():
        for slot in range(each.row.slots):
            bars = [bar for bar in each.row.bars if bar.slot == slot]
            assert free([(bar.x, bar.reach) for bar in bars])
            assert all(bar.reach <= WIDTH for bar in bars if bar.text)


@settings(max_examples=25)
@given(st.one_of(lives, long_lives))
def test_every_event_is_in_one_mark(events: list[Event]) -> None:
    drawing = drawn(events).overview
    marked = (
        [entry.event_id for lane in drawing.lanes for mark in lane.marks for entry in mark.entries] if drawing else []
    )

    assert sorted(marked) == sorted(line["event_id"] for line in view_of(events).timeline)
    assert drawing is None or len(drawing.hits) <= 80


@given(st.lists(strategies.moments, min_size=1, max_size=30))
def test_time_runs_from_left_to_right(moments: list[datetime]) -> None:
    scale = Scale(moments, LEFT, RIGHT)
    places = [scale.x(each) for each in sorted(moments)]

    assert places == sorted(places)
    assert all(LEFT <= place <= RIGHT for place in places)


def test_a_long_quiet_time_is_drawn_short_and_said() -> None:
    drawing = overview(registered(at="2011-01-03"), registered(CE, "2021-01-04"), event(CaseUpdated, "2021-04-01", FT))

    assert [each.lines for each in drawing.breaks] == [("≈\N{NO-BREAK SPACE}10\N{NO-BREAK SPACE}ans", "sans acte")]
    assert drawing.breaks[0].width < (RIGHT - LEFT) / 4


def test_a_quiet_time_to_come_is_not_said_to_be_without_acts() -> None:
    ends = (NOW + timedelta(days=380)).date()
    title = event(DisabilityTitleRecorded, str(NOW.date()), FT, title="rqth", valid_from=NOW.date(), valid_to=ends)
    drawing = overview(registered(at=str((NOW - timedelta(days=20)).date())), title)

    assert [each.lines for each in drawing.breaks] == [("1\N{NO-BREAK SPACE}an", "plus tard")]
    assert drawing.breaks[0].x >= drawing.now_x


def test_words_have_their_own_ground_where_a_request_waits_through_a_quiet_time() -> None:
    asked = event(ExpertiseRequested, "2011-01-03", FT, request_id="E", topic="workstation")
    drawing = overview(registered(at="2011-01-03"), asked, event(CaseUpdated, "2021-04-01", FT))

    assert [(each.lines[1:], each.is_crossed) for each in drawing.breaks] == [(("sans acte",), True)]


def test_no_month_runs_into_todays_text_at_the_end_of_the_line() -> None:
    drawing = overview(registered(at="2020-11-02"), *(event(CaseUpdated, f"2021-0{n}-20", FT) for n in range(1, 4)))

    assert drawing.now_is_last
    start = drawing.now_x - width_of(drawing.now_text)
    assert all(tick.x + width_of(tick.text) // 2 < start for tick in drawing.ticks)


def test_a_proposal_that_awaits_its_answer_is_hatched_up_to_today() -> None:
    proposed = event(DelegationProposed, "2021-03-01", FT, delegation_id="D", ground="retention", planned_end=None)

    drawing = overview(registered(at="2021-01-04"), proposed)

    [span] = drawing.spans.row.bars
    assert (span.end, span.firm, span.towards) == (drawing.now_x, 0, "ce")
    assert [lane for _, lane in span.links] == ["ft"]


def test_a_delegation_is_named_where_it_is_in_force_and_not_across_the_time_it_was_awaited() -> None:
    proposed = event(DelegationProposed, "2021-01-11", FT, delegation_id="D", ground="retention", planned_end=None)
    accepted = event(DelegationAccepted, "2021-02-22", CE, delegation_id="D", motive=None)

    drawing = overview(registered(at="2021-01-04"), proposed, accepted, event(CaseUpdated, "2021-04-01", FT))

    [span] = drawing.spans.row.bars
    assert span.awaited > 0
    assert span.x + span.awaited < span.text_x < span.end - width_of(span.text)
    assert not span.is_beside


def test_a_request_of_cap_emploi_points_to_france_travail() -> None:
    asked: dict[str, Any] = {
        "request_id": "E",
        "topic": "job_search",
        "key_moment": None,
        "ground": None,
        "partner": None,
    }

    drawing = overview(registered(at="2021-01-04"), event(ExpertiseRequested, "2021-03-01", CE, **asked))

    assert [span.towards for span in drawing.spans.row.bars] == ["ft"]


def test_points_of_follow_up_are_done_due_or_late() -> None:
    days = ["2021-03-01", "2021-04-01", "2021-06-01"]
    placed: dict[str, Any] = {"placement_id": "L", "siret": EMPLOYER, "contract": "cdi", "starts_on": "2021-02-01"}
    drawing = overview(
        registered(at="2021-01-04"),
        event(Placed, "2021-02-01", CE, **placed, ends_on=None, rome=None),
        event(FollowUpStarted, "2021-02-02", CE, placement_id="L", due_on=days),
        event(FollowUpRecorded, "2021-03-02", CE, placement_id="L", due_on=days[0], state="good", comment=None),
    )

    [employment] = next(each.row for each in drawing.rows if each.row.name == "Emploi").bars
    assert [state for _, state in employment.points] == ["done", "late", "due"]


def test_the_phases_end_with_the_one_that_the_read_model_has() -> None:
    view = view_of(a_life())

    phases = phases_of(view, view.timeline)

    assert [phase.said for phase in phases] == [
        *("Accueil", "Diagnostic", "Accompagnement", "En emploi", "Suivi durable", "Maintien dans l’emploi")
    ]


@settings(max_examples=40)
@given(lives)
def test_the_last_phase_is_that_of_the_read_model(events: list[Event]) -> None:
    view = view_of(events)
    stored = [row["phase"] for row in view.tables["pathway"] if row["phase"]]

    last = [phase for phase in phases_of(view, view.timeline) if phase.end is None]

    assert [phase.said.lower() for phase in last] == [typed(labels.phase(phase)) for phase in stored]


def test_leaving_and_coming_back_are_phases() -> None:
    closed = event(PathwayClosed, "2021-02-01", FT, motive="employment")
    reopened = event(PathwayReopened, "2021-03-01", CE, trigger="job_loss")
    view = view_of([registered(at="2021-01-04"), closed, reopened])

    assert [(phase.said, phase.end) for phase in phases_of(view, view.timeline)] == [
        ("Accueil", moment("2021-02-01")),
        ("Sortie du parcours", moment("2021-03-01")),
        ("Accompagnement", None),
    ]


def test_thirty_years_are_told_in_years() -> None:
    drawing = overview(*thirty_years())

    assert all(tick.is_year for tick in drawing.ticks)
    assert len(drawing.spans.row.bars) == 30
    assert free([(tick.x - width_of(tick.text) // 2, tick.x + width_of(tick.text) // 2) for tick in drawing.ticks])
