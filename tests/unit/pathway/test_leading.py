"""Who leads on a day: at most one, from the day they are named for, and nobody before or after."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.audit.leading import leading
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseReopened
from hub.domain.events.referent import ReferentAssigned
from hub.domain.pathway.leading import NOBODY, Leading, Term, leading_on
from hub.projections.timeline import timeline_row
from hub.projections.view import of_state, timeline_rows
from tests.unit.pathway.builders import CE, FT, event, pathway, registered

NEXT = date(2023, 2, 1)
DAY = timedelta(days=1)
FIRST = Term("1", "france_travail", "A-1", None, date(2021, 1, 12), NEXT, ((date(2021, 1, 12), NEXT),))
SECOND = Term("2", "cap_emploi", "C-1", None, NEXT, None, ((NEXT, None),))


def named(adviser: str, at: str, since: str, role: str = "referent") -> ReferentAssigned:
    return event(ReferentAssigned, at, FT, adviser=adviser, role=role, from_date=since)


def of(day: date, *events: Event) -> Leading:
    state = pathway(*events)
    lines = timeline_rows((FT, timeline_row(each, None)) for each in events)
    return leading(of_state(state, (FT, CE), lines, []), day)


def codes(found: Leading) -> tuple[str | None, ...]:
    return tuple(each and each.adviser for each in (found.referent, found.last, found.following))


def test_whoever_is_named_for_a_day_to_come_leads_from_that_day_and_not_before() -> None:
    events = (registered(FT), named("A-1", "2021-01-12", "2021-01-12"), named("A-2", "2022-12-20", "2023-02-01"))

    assert codes(of(date(2021, 1, 11), *events)) == (None, None, "A-1")
    assert codes(of(date(2023, 1, 2), *events)) == ("A-1", None, "A-2")
    assert codes(of(NEXT - DAY, *events)) == ("A-1", None, "A-2")
    assert codes(of(NEXT, *events)) == ("A-2", None, None)


def test_whose_network_left_leads_no_more_until_it_comes_back() -> None:
    events = (registered(FT), registered(CE), named("A-1", "2021-01-12", "2021-01-12"))
    left = event(CaseClosed, "2021-06-01", FT, motive="other")
    back = event(CaseReopened, "2021-08-02", FT, motive="other")

    assert codes(of(date(2021, 5, 31), *events, left)) == ("A-1", None, None)
    ended = of(date(2021, 7, 1), *events, left)
    assert (codes(ended), ended.ended_on) == ((None, "A-1", None), date(2021, 6, 1))
    assert codes(of(date(2021, 8, 2), *events, left, back)) == ("A-1", None, None)
    assert of(date(2021, 7, 1), *events, left, back).ended_on == date(2021, 6, 1)


def test_a_co_referent_leads_nothing_and_two_named_for_one_day_are_one() -> None:
    twice = (named("A-1", "2021-01-12", "2021-01-12"), named("A-2", "2021-01-13", "2021-01-12"))
    beside = named("A-3", "2021-01-14", "2021-01-14", "co_referent")

    assert codes(of(date(2021, 2, 1), registered(FT), *twice, beside)) == ("A-2", None, None)
    assert codes(of(date(2021, 1, 1), registered(FT), *twice, beside)) == (None, None, "A-2")


def test_a_time_that_ended_without_a_next_one_leaves_nobody() -> None:
    ended = FIRST._replace(times=((date(2021, 1, 12), date(2022, 1, 1)),))

    assert leading_on([ended], date(2022, 6, 1)) == Leading(last=ended, ended_on=date(2022, 1, 1))
    assert leading_on([ended], NEXT) == leading_on([], NEXT) == NOBODY
    assert leading_on([SECOND, FIRST], NEXT - DAY) == Leading(FIRST, following=SECOND)


@given(
    st.lists(st.tuples(st.dates(date(2021, 1, 1), date(2021, 2, 1)), st.sampled_from(["A-1", "A-2"])), max_size=6),
    st.dates(date(2020, 12, 25), date(2021, 2, 10)),
)
def test_on_every_day_whoever_was_named_for_the_latest_day_up_to_it_leads(
    told: list[tuple[date, str]], day: date
) -> None:
    events = [named(adviser, "2020-12-01", since.isoformat()) for since, adviser in told]
    found = of(day, registered(FT, "2020-11-01"), *events)

    begun = [each for each in events if each.from_date <= day]
    later = [each.from_date for each in events if each.from_date > day]
    last = max(begun, key=lambda each: (each.from_date, events.index(each)), default=None)
    assert (found.referent and found.referent.event_id) == (last and last.meta.event_id)
    assert (found.following and found.following.from_date) == min(later, default=None)
    assert found.last is None
