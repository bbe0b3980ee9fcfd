"""The timeline's rows, and their place in the canonical order as text."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from hub.domain.events.base import Event
from hub.domain.events.catalogue import EVENT_TYPES
from hub.domain.events.delegation import DelegationProposed
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.order import order_key
from hub.projections.timeline import COLUMNS, place_in_order, timeline_row
from tests import strategies
from tests.unit.pathway.builders import CE, FT, OPS, SITE, event, moment

PEOPLE = st.sampled_from(
    (
        FT,
        CE,
        CaseKey(CAP_EMPLOI, OPS, "CE-1.2"),
        CaseKey(CAP_EMPLOI, OPS, "CE"),
        CaseKey(CAP_EMPLOI, OPS, "CE-11"),
        CaseKey(FRANCE_TRAVAIL, "84", "1234567A"),
        CaseKey(FRANCE_TRAVAIL, "84", "12345678"),
    )
)
_ABOUT_CASES = (*strategies.CASE_TYPES, "RecordsLinked", "ContradictionSettled", "PersonErased")
_AT_ONCE = "2021-03-01"


@given(st.lists(strategies.events(among=_ABOUT_CASES, cases=PEOPLE), max_size=12))
@example([event(DelegationProposed, _AT_ONCE, FT, sequence=number, delegation_id="D") for number in (10, 9, 2**62)])
def test_places_sort_as_the_canonical_order_does(events: list[Event]) -> None:
    assert sorted(events, key=place_in_order) == sorted(events, key=order_key)


@given(st.lists(PEOPLE, min_size=2, max_size=7, unique=True))
def test_events_of_one_moment_sort_by_their_cases(cases: list[CaseKey]) -> None:
    events = [event(EVENT_TYPES["DiagnosisCompleted"], _AT_ONCE, case, sequence=1, themes=[]) for case in cases]

    places = [place_in_order(one).encode() for one in events]

    assert sorted(zip(places, map(order_key, events), strict=True)) == sorted(
        zip(places, map(order_key, events), strict=True), key=lambda pair: pair[1]
    )


def test_a_row_names_the_event_its_times_and_its_author() -> None:
    proposed = event(
        DelegationProposed, "2021-03-01T09:00", recorded_at="2021-03-02", delegation_id="D-1", ground="retention"
    )

    row = timeline_row(proposed, None)

    assert dict(zip([name for name, _ in COLUMNS], row, strict=True)) == {
        "event_id": proposed.meta.event_id,
        "event_type": "DelegationProposed",
        "network": FRANCE_TRAVAIL,
        "occurred_at": moment("2021-03-01T09:00"),
        "recorded_at": moment("2021-03-02"),
        "site": SITE,
        "actor_id": "A-1",
        "organisation": FRANCE_TRAVAIL,
        "place_in_order": place_in_order(proposed),
        "label": "Délégation proposée : maintien dans l'emploi",
        "voided_by": None,
    }


def test_a_voided_event_keeps_its_row_and_names_the_void() -> None:
    proposed = event(DelegationProposed, delegation_id="D-1")

    voided_by = "00000000-0000-7000-8000-00000000ffff"

    assert timeline_row(proposed, voided_by) == (*timeline_row(proposed, None)[:-1], voided_by)


def test_a_clock_in_the_future_is_placed_where_it_was_recorded() -> None:
    ahead = event(DelegationProposed, "2031-03-01", recorded_at="2021-03-01", delegation_id="D-1")

    assert place_in_order(ahead).startswith("2021-03-01T00:00:00.000000+00:00 ")


def test_the_database_sorts_places_by_bytes() -> None:
    place = dict(COLUMNS)["place_in_order"]

    assert 'COLLATE "C"' in str(place.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
    assert str(place.compile(dialect=sqlite.dialect())) == "TEXT"
