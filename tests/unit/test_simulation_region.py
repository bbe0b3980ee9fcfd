"""The simulated region: real places, the calendar of the roll-out, re-referrals before it and few after."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from functools import cache
from hashlib import sha256
from random import Random
from statistics import median
from typing import TypeVar

from hub.codec.jsonform import from_json
from hub.domain.events.appointment import AppointmentRecorded
from hub.domain.events.base import CaseEvent, Event
from hub.domain.events.case import CaseRegistered, Traits
from hub.domain.events.correction import ContradictionSettled
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.erasure import PersonErased
from hub.domain.events.link import MatchRejected, PairDecision, RecordsUnlinked
from hub.domain.events.roadmap import RoadmapTargetSet
from hub.domain.events.site import SiteModeChanged
from hub.domain.events.territory import TerritorialDiagnosisPublished
from hub.domain.events.title import DisabilityTitleRecorded
from hub.domain.identity import suggest
from hub.domain.identity.evidence import gather, trait_key
from hub.domain.identity.resolve import Resolution, decision_of, resolve
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.domain.order import order_key
from hub.domain.pathway import pathway, rereferral
from hub.producers.simulation import names, people, reference, rollout, variants
from hub.producers.simulation.feed import feed
from hub.producers.simulation.moments import date_of
from hub.producers.simulation.population import Population

PEOPLE, SEED = 1_000, 6
Kind = TypeVar("Kind", bound=Event)


@cache
def events() -> tuple[Event, ...]:
    distinct = {
        entry.draft.event_id: entry.line
        for entry in feed(Population(PEOPLE, SEED), lambda _: None)
        if entry.draft is not None
    }
    return tuple(from_json(line) for line in distinct.values())


@cache
def re_referrals() -> frozenset[str]:
    return frozenset(
        entry.draft.event_id
        for entry in feed(Population(PEOPLE, SEED), lambda _: None)
        if entry.draft is not None and entry.draft.re_referral
    )


def of_type(kind: type[Kind]) -> list[Kind]:
    return [event for event in events() if isinstance(event, kind)]


@cache
def by_case() -> dict[CaseKey, list[Event]]:
    found: defaultdict[CaseKey, list[Event]] = defaultdict(list)
    for event in events():
        if isinstance(event, CaseEvent):
            found[event.case].append(event)
        elif isinstance(event, ContradictionSettled | PersonErased):
            found[event.case.key].append(event)
    return {case: sorted(of_case, key=order_key) for case, of_case in found.items()}


def keyed_hash(text: bytes) -> bytes:
    return sha256(text).digest()


@cache
def resolution() -> Resolution:
    evidences = [gather(case, of_case) for case, of_case in by_case().items()]
    keys = {evidence.case: trait_key(evidence, keyed_hash) for evidence in evidences}
    return resolve(evidences, keys, [decision_of(event) for event in of_type(PairDecision)])


@cache
def pathways() -> tuple[pathway.Pathway, ...]:
    clusters = (
        sorted((event for case in one for event in by_case()[case]), key=order_key) for one in resolution().clusters
    )
    return tuple(pathway.fold(cluster) for cluster in clusters)


def crowd(number: int = 3_000) -> list[people.Person]:
    return [people.person(Population(number, SEED), index) for index in range(number)]


def joined_on(safir: str) -> date:
    return next(date_of(rollout.joined_on(agency)) for agency in reference.agencies() if agency.safir == safir)


def test_two_thirds_come_to_france_travail_first_and_a_third_to_cap_emploi() -> None:
    first = Counter(person.first for person in crowd())
    assert 0.64 < first[FRANCE_TRAVAIL] / first.total() < 0.69
    assert first.total() == first[FRANCE_TRAVAIL] + first[CAP_EMPLOI]


def test_people_register_from_2018_to_2022_in_order_and_on_working_days() -> None:
    days = [date_of(person.registered_on) for person in crowd()]
    opens = [Population(3_000, SEED).opens(index) for index in range(3_001)]
    assert opens == sorted(opens)
    assert min(days) < date(2018, 1, 10)
    assert date(2022, 12, 20) < max(days) <= date(2022, 12, 30)
    assert all(day.weekday() < 5 for day in days)


def test_people_live_in_real_communes_and_go_to_an_agency_of_their_departement() -> None:
    by_code = reference.commune_by_code()
    for person in crowd(500):
        assert by_code[person.home.code] == person.home
        assert person.agency.departement == person.home.departement
        assert date_of(person.identity.born_on).year in range(1958, 2004)


def test_no_two_people_share_a_case_record() -> None:
    numbers = [
        (number.network, number.scope, number.local_id)
        for person in crowd()
        for number in (person.france_travail(), person.cap_emploi("69"), person.sameth())
    ]
    assert len(set(numbers)) == len(numbers)


def test_older_france_travail_ids_come_with_their_region() -> None:
    scopes = Counter(case.scope for case in by_case() if case.network == FRANCE_TRAVAIL)
    assert set(scopes) == {"", "84"}
    assert 0.05 < scopes["84"] / scopes.total() < 0.2


def test_tassin_is_a_pilot_in_january_2020_the_rhone_follows_and_then_the_region() -> None:
    actual = [event for event in of_type(SiteModeChanged) if event.date_kind == "actual"]
    pilots = [event for event in actual if event.mode == "pilot"]
    assert [(event.safir, event.wave) for event in pilots] == [("69917", "pilots_2020")]
    assert (pilots[0].from_date.year, pilots[0].from_date.month) == (2020, 1)
    departement = {agency.safir: agency.departement for agency in reference.agencies()}
    general = [event for event in actual if event.mode == "integrated"]
    assert {event.safir for event in general} == set(departement)
    for event in general:
        month, wave = ((2021, 1), "rhone_2021") if departement[event.safir] == "69" else ((2021, 4), "aura_2021")
        assert (event.from_date.year, event.from_date.month) == month
        assert event.wave == wave


def test_a_step_of_the_roll_out_is_planned_before_it_takes_place() -> None:
    steps: dict[tuple[str, str], dict[str, SiteModeChanged]] = defaultdict(dict)
    for event in of_type(SiteModeChanged):
        steps[event.safir, event.mode][event.date_kind] = event
    assert len(steps) == len(reference.agencies()) + 1
    for step in steps.values():
        assert step["planned"].from_date <= step["actual"].from_date
        assert step["planned"].meta.recorded_at < step["actual"].meta.recorded_at


def test_re_referrals_are_the_rule_before_the_networks_join_and_the_exception_after() -> None:
    registered: Counter[bool] = Counter()
    again: Counter[bool] = Counter()
    for event in of_type(CaseRegistered):
        assert event.contact is not None
        assert event.contact.commune is not None
        agency = names.agency_of(reference.commune_by_code()[event.contact.commune])
        after = event.meta.occurred_at.date() >= joined_on(agency.safir)
        registered[after] += 1
        again[after] += event.meta.event_id in re_referrals()
    assert again[False] / registered[False] > 0.12
    assert 0 < again[True] / registered[True] < 0.03


def test_the_pathway_finds_most_re_referrals_and_hardly_any_other() -> None:
    found = {one.event_id for each in pathways() for one in rereferral.re_referrals(each)}
    assert len(found & re_referrals()) > 0.8 * len(re_referrals())
    assert len(found - re_referrals()) < 0.1 * len(re_referrals())


def test_records_become_one_person_by_every_rule_in_chains_of_up_to_three() -> None:
    rules = Counter(link.rule for link in resolution().links)
    assert min(rules["reference"], rules["traits"], rules["decision"]) > 5
    sizes = Counter(len(cluster) for cluster in resolution().clusters)
    assert sorted(sizes) == [1, 2, 3]


def test_what_is_misspelt_is_near_enough_to_be_suggested_and_not_to_be_linked() -> None:
    registered = of_type(CaseRegistered)[0]
    rng = Random(1)
    scores = []
    for person in crowd(300):
        true, slipped = (
            gather(CaseKey(network, "", "1"), [registered.model_copy(update={"traits": Traits(**traits)})])
            for network, traits in (
                (FRANCE_TRAVAIL, person.identity.traits()),
                (CAP_EMPLOI, variants.traits(person.identity, variants.MISSPELT, rng)),
            )
        )
        scores.append(suggest.score(true, slipped))
        assert trait_key(true, keyed_hash) != trait_key(slipped, keyed_hash)
    assert sum(score >= suggest.SUGGEST_FROM for score in scores) > 0.95 * len(scores)


def test_twins_are_told_apart_and_a_wrong_link_is_undone() -> None:
    cluster_of = {case: number for number, cluster in enumerate(resolution().clusters) for case in cluster}
    decisions = [*of_type(MatchRejected), *of_type(RecordsUnlinked)]
    assert {type(decision) for decision in decisions} == {MatchRejected, RecordsUnlinked}
    for pair in decisions:
        assert cluster_of[pair.left.key] != cluster_of[pair.right.key]


def test_most_delegations_are_answered_within_weeks_and_a_few_never() -> None:
    proposed = {event.delegation_id: event for event in of_type(DelegationProposed)}
    delays = [
        (event.meta.occurred_at - proposed[event.delegation_id].meta.occurred_at).days
        for event in of_type(DelegationAccepted)
        if event.delegation_id in proposed
    ]
    assert 7 <= median(delays) <= 16
    assert len(delays) < len(proposed)


def test_more_acts_of_cap_emploi_are_held_at_the_agency_once_the_networks_join() -> None:
    joined = sorted(date_of(rollout.joined_on(agency)) for agency in reference.agencies())
    places: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for event in of_type(AppointmentRecorded):
        day = event.meta.occurred_at.date()
        if event.meta.network == CAP_EMPLOI and not joined[0] <= day < joined[-1]:
            places[day >= joined[-1]][event.place] += 1
    shares = {after: place["agency"] / place.total() for after, place in places.items()}
    assert shares[True] > shares[False] + 0.2


def test_an_adviser_of_cap_emploi_sits_in_one_place_which_is_no_agency() -> None:
    sites: defaultdict[str, set[str]] = defaultdict(set)
    for event in of_type(AppointmentRecorded):
        if event.meta.network == CAP_EMPLOI and event.meta.site is not None:
            sites[event.meta.actor_id].add(event.meta.site)
    assert all(len(each) == 1 for each in sites.values())
    assert not set[str]().union(*sites.values()) & {agency.safir for agency in reference.agencies()}


def test_a_title_is_not_over_when_it_is_recorded() -> None:
    titles = of_type(DisabilityTitleRecorded)
    assert titles
    for title in titles:
        assert title.valid_to is None or title.valid_to >= title.meta.occurred_at.date()


def test_both_networks_sign_the_territorial_diagnoses_and_the_road_map() -> None:
    signatures: defaultdict[object, set[str]] = defaultdict(set)
    for diagnosis in of_type(TerritorialDiagnosisPublished):
        signatures[diagnosis.territory, diagnosis.diagnosis_version].add(diagnosis.meta.network)
    for target in of_type(RoadmapTargetSet):
        signatures[target.target_id, target.revision].add(target.meta.network)
    assert len(signatures) == 12 * 5 + 2 * 3
    assert all(networks == {FRANCE_TRAVAIL, CAP_EMPLOI} for networks in signatures.values())


def test_pathways_show_the_anomalies_of_real_sources_and_not_more() -> None:
    found = Counter(anomaly.rule for each in pathways() for anomaly in pathway.anomalies(each))
    assert "unknown_code" not in found
    assert {"clock_in_future", "sequence_gap", "delegation_without_ground", "cep_without_risk_assessment"} <= set(found)
    assert found.total() < 0.03 * len(events())
