"""The outbound feed: each network is told of its own people, of all that changed, and of nobody else."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from hub.consumers.outbound import Told
from hub.domain.events.base import Event
from hub.domain.events.case import CaseClosed, CaseReopened, CaseUpdated
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.events.erasure import PersonErased
from hub.domain.events.link import RecordsLinked, RecordsUnlinked
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from tests.integration.hubs import a_hub, take
from tests.integration.receivers import check_converged, event_ids, feed, outbound_records, received
from tests.integration.shared_people import ZOE, both
from tests.unit.pathway.builders import CE, FT, OTHER_EMPLOYER, event, ref, registered

pytestmark = pytest.mark.usefixtures("engine")
OTHER = CaseKey(CAP_EMPLOI, OTHER_EMPLOYER, "S-7")


def link(kind: Any, left: CaseKey, right: CaseKey, at: str) -> Event:
    why: dict[str, Any] = {"evidence": "adviser_review"} if kind is RecordsLinked else {"reason": "different_people"}
    made: Event = event(kind, at, left=ref(left), right=ref(right), **why)
    return made


def test_a_network_is_told_of_its_own_people_only() -> None:
    first, second = both()
    with a_hub() as hub:
        take(hub, [first])
        assert feed(hub) == Told(events=1, updates=1)
        assert received(hub, CAP_EMPLOI).seen == {}
        assert received(hub, FRANCE_TRAVAIL).by_person().keys() == {first.meta.event_id}
        take(hub, [second])
        feed(hub)
        (told,) = received(hub, CAP_EMPLOI).kept.values()
        assert told.other_network is not None
        assert told.other_network.network == FRANCE_TRAVAIL
        assert [case.local_id for case in told.cases] == [CE.local_id]
        assert FT.local_id not in told.model_dump_json()
        check_converged(hub)


def test_an_update_says_what_changed_and_by_which_event() -> None:
    proposed = event(DelegationProposed, "2021-03-01", FT, delegation_id="D-1", ground="compensation")
    with a_hub() as hub:
        take(hub, both())
        feed(hub)
        take(hub, [proposed])
        feed(hub)
        *_, told = next(iter(received(hub, CAP_EMPLOI).seen.values()))
        assert told is not None
        assert told.changes.parts == ["delegations"]
        assert event_ids(told) == [proposed.meta.event_id]
        assert told.changes.events[0].occurred_at == proposed.meta.occurred_at
        assert [delegation.status for delegation in told.delegations] == ["proposed"]


def test_what_a_network_stated_is_not_sent_back_until_somebody_else_says_more() -> None:
    proposed = event(DelegationProposed, "2021-03-01", FT, delegation_id="D-1", ground="compensation")
    accepted = event(DelegationAccepted, "2021-03-02", CE, delegation_id="D-1")
    with a_hub() as hub:
        take(hub, both())
        feed(hub)
        before = received(hub, FRANCE_TRAVAIL).by_person()
        take(hub, [proposed])
        told = feed(hub)
        assert (told.updates, told.withheld) == (1, 1)
        assert received(hub, FRANCE_TRAVAIL).by_person() == before
        check_converged(hub)
        take(hub, [accepted])
        feed(hub)
        (now,) = received(hub, FRANCE_TRAVAIL).kept.values()
        assert [delegation.status for delegation in now.delegations] == ["active"]
        assert event_ids(now) == [proposed.meta.event_id, accepted.meta.event_id]


def test_its_own_claim_is_sent_back_when_it_contradicts_the_other_networks() -> None:
    with a_hub() as hub:
        take(hub, both())
        take(hub, [event(CaseUpdated, "2021-03-01", CE, contact={"email": "a@example.org"})])
        feed(hub)
        take(hub, [event(CaseUpdated, "2021-03-02", FT, contact={"email": "b@example.org"})])
        feed(hub)
        (told,) = received(hub, FRANCE_TRAVAIL).kept.values()
        assert [(each.fact, len(each.claims)) for each in told.contradictions] == [("email", 2)]


def test_linked_and_unlinked_records_change_the_id_and_leave_a_tombstone() -> None:
    first = registered(FT, "2021-01-11", family_name="Durand")
    second = registered(CE, "2020-02-22", family_name="Dupont")
    with a_hub() as hub:
        take(hub, [first, second])
        feed(hub)
        alone = received(hub, FRANCE_TRAVAIL).by_person()
        take(hub, [link(RecordsLinked, FT, CE, "2021-05-01")])
        feed(hub)
        joined = received(hub, FRANCE_TRAVAIL)
        assert joined.by_person().keys() == {second.meta.event_id}
        assert [seen[-1] for seen in joined.seen.values()].count(None) == 1
        check_converged(hub)
        take(hub, [link(RecordsUnlinked, FT, CE, "2021-06-01")])
        feed(hub)
        apart = received(hub, FRANCE_TRAVAIL).by_person()
        assert apart.keys() == alone.keys() == {first.meta.event_id}
        assert apart[first.meta.event_id].other_network is None
        assert received(hub, CAP_EMPLOI).by_person().keys() == {second.meta.event_id}
        check_converged(hub)


def test_an_earlier_event_that_comes_late_gives_the_person_another_id() -> None:
    early = registered(FT, "2019-01-07", **ZOE)
    with a_hub() as hub:
        take(hub, [event(DiagnosisCompleted, "2021-02-01", FT, themes=["health"]), *both()])
        feed(hub)
        take(hub, [early])
        feed(hub)
        for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
            receiver = received(hub, network)
            assert receiver.by_person().keys() == {early.meta.event_id}
            assert len(receiver.seen) == 2
        check_converged(hub)


def test_an_erased_person_is_taken_away_from_both_networks() -> None:
    with a_hub() as hub:
        take(hub, both())
        feed(hub)
        take(hub, [event(PersonErased, "2022-01-03", FT, reason="person_request")])
        feed(hub)
        for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
            assert received(hub, network).kept == {}
            assert outbound_records(hub, network)[-1].value is None
        check_converged(hub)


def test_a_third_record_that_makes_two_others_ambiguous_changes_what_each_is_told() -> None:
    with a_hub() as hub:
        take(hub, both())
        feed(hub)
        assert received(hub, FRANCE_TRAVAIL).kept
        take(hub, [registered(OTHER, "2021-04-01", **ZOE)])
        feed(hub)
        (told,) = received(hub, FRANCE_TRAVAIL).kept.values()
        assert told.other_network is None
        assert len(received(hub, CAP_EMPLOI).by_person()) == 2
        check_converged(hub)


def test_a_network_that_closed_its_cases_is_not_told_of_the_others_work_until_it_opens_one_again() -> None:
    diagnosis = event(DiagnosisCompleted, "2021-04-01", CE, themes=["health"], needs="a chair")
    with a_hub() as hub:
        take(hub, [*both(), event(CaseClosed, "2021-03-01", FT, motive="employment")])
        feed(hub)
        take(hub, [diagnosis])
        feed(hub)
        (told,) = received(hub, FRANCE_TRAVAIL).kept.values()
        assert told.diagnoses == []
        assert told.other_network is not None
        take(hub, [event(CaseReopened, "2021-06-01", FT)])
        feed(hub)
        (told,) = received(hub, FRANCE_TRAVAIL).kept.values()
        assert [each.needs for each in told.diagnoses] == ["a chair"]
        check_converged(hub)


def test_a_rebuild_tells_nobody_anything() -> None:
    with a_hub() as hub:
        take(hub, both())
        feed(hub)
        hub.rebuild(lambda *_: None)
        assert feed(hub) == Told()


def test_a_pathway_too_long_for_a_record_is_told_without_its_texts() -> None:
    long = [
        event(DiagnosisCompleted, "2021-02-01", FT, themes=["health"], needs="é" * 4_000),
        *(
            event(DelegationProposed, "2021-03-01", FT, delegation_id=f"D-{number}", ground="compensation")
            for number in range(60)
        ),
    ]
    with a_hub() as hub, closing(hub.feed()) as opened:
        take(hub, [*both(), *long])
        opened.largest = 10_000
        opened.until_caught_up(lambda _: None)
        (told,) = received(hub, CAP_EMPLOI).kept.values()
        assert told.is_shortened
        assert [each.needs for each in told.diagnoses] == [None]
        assert len(told.delegations) == 50
