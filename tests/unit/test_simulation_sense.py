"""What is simulated makes sense to an adviser: days, places, jobs and words fit each other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from functools import cache

from hub.codec.jsonform import from_json
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.candidacy import CandidacyAnswered, CandidacyProposed
from hub.domain.events.case import CaseClosed, CaseRegistered
from hub.domain.events.compensation import CompensationNeedIdentified, CompensationNeedRefined
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.expertise import ExpertiseDelivered, ExpertiseRequested
from hub.domain.events.placement import Placed
from hub.domain.events.service import ServicePrescribed
from hub.domain.ids import CAP_EMPLOI, CaseKey
from hub.producers.simulation import texts
from hub.producers.simulation.draft import Draft
from hub.producers.simulation.employers import ROMES
from hub.producers.simulation.feed import feed
from hub.producers.simulation.moments import date_of, day_of, workday
from hub.producers.simulation.people import person
from hub.producers.simulation.population import Population
from hub.producers.simulation.situation import OFFICE, SERVICES, SHOP, STORES
from hub.producers.simulation.story import story

POPULATION = Population(600, 3, is_showcase=True)
HOLIDAYS = [date(2022, 4, 18), date(2022, 5, 26), date(2022, 6, 6), date(2021, 5, 13), date(2022, 7, 14)]


@cache
def events() -> tuple[Event, ...]:
    drafts = {sent.draft.event_id: sent.line for sent in feed(POPULATION, lambda _: None) if sent.draft is not None}
    return tuple(from_json(line) for line in drafts.values())


def test_no_office_is_open_on_a_weekend_or_a_public_holiday() -> None:
    assert all(workday(day_of(day)) > day_of(day) for day in HOLIDAYS)
    assert date_of(workday(day_of(date(2021, 12, 25)))) == date(2021, 12, 27)
    assert all(
        event.meta.occurred_at.weekday() < 5 for event in events() if isinstance(event, AppointmentRecorded | Placed)
    )
    days = [event.starts_on for event in events() if isinstance(event, Placed | ServicePrescribed)]
    days += [event.planned_end for event in events() if isinstance(event, DelegationProposed)]
    assert all(workday(day_of(day)) == day_of(day) for day in days if day is not None)


def test_nobody_is_met_by_letter_and_only_employees_are_met_at_work() -> None:
    at_work = {event.case for event in events() if isinstance(event, CaseRegistered) and event.public == "employee"}
    met = [event for event in events() if isinstance(event, AppointmentRecorded)]
    assert {event.mode for event in met} == {"on_site", "phone", "video"}
    assert {event.case for event in met if event.place == "employer"} <= at_work


def test_a_contract_that_lasts_has_no_end_and_any_other_has_one() -> None:
    placed = [event for event in events() if isinstance(event, Placed)]
    assert placed
    for event in placed:
        assert (event.ends_on is None) is (event.contract in {"cdi", "public"})
        if event.ends_on is not None:
            assert event.starts_on < event.ends_on < event.starts_on + timedelta(days=740)


def test_who_is_hired_was_put_forward_for_that_occupation_nearly_always() -> None:
    proposed = {event.candidacy_id: event for event in events() if isinstance(event, CandidacyProposed)}
    hired = [
        proposed[event.candidacy_id]
        for event in events()
        if isinstance(event, CandidacyAnswered) and event.result == "hired" and event.candidacy_id in proposed
    ]
    assert sum(each.rome == each.requested_rome for each in hired) > 0.95 * len(hired) > 0


def test_a_person_looks_for_few_occupations_and_lives_with_one_situation() -> None:
    for index in range(200):
        drafts = story(POPULATION, index)
        told = {each.fields["description"] for each in drafts if each.type == "CompensationNeedIdentified"}
        told |= {
            each.fields["needs"] for each in drafts if each.type == "DiagnosisCompleted" and "needs" in each.fields
        }
        assert len(told) <= 3
        looked_for = {each.fields["rome"] for each in drafts if each.type == "CandidacyProposed"}
        assert len(looked_for) <= 4


def test_every_occupation_that_somebody_looks_for_is_one_that_employers_ask_for() -> None:
    assert {*OFFICE, *SHOP, *STORES, *SERVICES} == set(ROMES)


def test_an_answer_is_about_what_was_asked() -> None:
    asked = {event.request_id: event.topic for event in events() if isinstance(event, ExpertiseRequested)}
    given = [event for event in events() if isinstance(event, ExpertiseDelivered) and event.request_id in asked]
    assert given
    assert all(event.summary == texts.SUMMARIES[asked[event.request_id]] for event in given)


def test_cap_emploi_does_nothing_about_a_need_before_it_knows_the_person() -> None:
    registered: dict[CaseKey, date] = {}
    acts: dict[CaseKey, list[date]] = defaultdict(list)
    for event in events():
        if isinstance(event, CaseRegistered):
            registered[event.case] = event.meta.occurred_at.date()
        elif isinstance(event, CompensationNeedIdentified | CompensationNeedRefined) and isinstance(event, CaseEvent):
            acts[event.case].append(event.meta.occurred_at.date())
    of_cap_emploi = [(case, day) for case, days in acts.items() for day in days if case.network == CAP_EMPLOI]
    assert of_cap_emploi
    # A registration that was moved to the working day after it may stand behind an act of the day before.
    assert all(registered[case] <= day + timedelta(days=4) for case, day in of_cap_emploi if case in registered)


def test_people_are_of_age_and_retire_late() -> None:
    retired = {event.case for event in events() if isinstance(event, CaseClosed) and event.motive == "retirement"}
    for index in range(POPULATION.people):
        one = person(POPULATION, index)
        age = (one.registered_on - one.identity.born_on) / 365.25
        assert 17.9 < age < 65.5
        numbers = {(one.first_case().network, one.first_case().local_id)}
        if any((case.network, case.local_id) in numbers for case in retired):
            assert age > 58


def test_who_comes_back_is_said_to_before_they_are_seen_again() -> None:
    back = [drafts for index in range(POPULATION.people) if (drafts := _told(index, "PathwayReopened"))]
    assert back
    for drafts in back:
        reopened = next(each.occurred for each in drafts if each.type == "PathwayReopened")
        closed = next(each.occurred for each in drafts if each.type == "PathwayClosed")
        assert not [each.type for each in drafts if closed < each.occurred < reopened and each.type == "CaseReopened"]


def _told(index: int, event_type: str) -> list[Draft]:
    drafts = story(POPULATION, index)
    return drafts if any(each.type == event_type for each in drafts) else []
