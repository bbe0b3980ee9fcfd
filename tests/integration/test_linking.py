"""P3, one pathway: linked, unlinked and linked again in any order, each record's history is exactly as before."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.link import MatchRejected, PairDecision, RecordsLinked, RecordsUnlinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, CaseKey
from hub.ledger.database import reading
from hub.projections import finding, generations, view
from hub.projections.view import View
from hub.wiring import Hub
from tests.integration.hubs import a_hub, digest_of, digest_of_all, examples, take
from tests.unit.pathway.builders import CE, FT, OTHER_EMPLOYER, event, moment, ref, registered

pytestmark = pytest.mark.usefixtures("engine")

OTHER = CaseKey(CAP_EMPLOI, OTHER_EMPLOYER, "S-7")
TRIO = (FT, CE, OTHER)
HISTORY = (
    registered(FT, "2020-01-06", family_name="Durand", given_name="Zoé"),
    registered(CE, "2020-02-03", family_name="Durant", given_name="Zoé"),
    registered(OTHER, "2019-11-04", family_name="Martin"),
    event(ReferentAssigned, "2020-01-07", FT, adviser="ft-1", role="referent", from_date="2020-01-07"),
    event(ReferentAssigned, "2020-03-01", CE, adviser="ce-1", role="referent", from_date="2020-03-01"),
    event(DelegationProposed, "2020-02-10", FT, delegation_id="D-1", ground="compensation"),
    event(DelegationAccepted, "2020-02-20", CE, delegation_id="D-1"),
)


def decision(kind: type[PairDecision], left: CaseKey, right: CaseKey, at: str) -> PairDecision:
    fields: dict[str, Any] = {"evidence": "adviser_review"} if kind is RecordsLinked else {}
    if kind is RecordsUnlinked:
        fields = {"reason": "different_people"}
    return event(kind, at, left=ref(left), right=ref(right), **fields)


def shown(hub: Hub, case: CaseKey) -> View:
    with reading(hub.store) as connection:
        tables = generations.live(connection)
        return view.live(connection, tables, finding.find(connection, tables, "/".join(case)))


def histories_of(hub: Hub) -> list[tuple[object, ...]]:
    """Everything shown of each record but the links themselves, which say what was decided."""
    return [tuple(shown(hub, case)._replace(links=[])) for case in TRIO]


def test_a_link_makes_one_pathway_and_undone_gives_both_histories_back() -> None:
    with a_hub() as hub:
        take(hub, HISTORY)
        before = histories_of(hub)
        assert len({history[0] for history in before}) == 3

        take(hub, [decision(RecordsLinked, FT, CE, "2021-01-04")])
        one = shown(hub, FT)
        assert one.cases == (CE, FT)
        assert one.tables["delegation"][0]["status"] == "active"
        assert [line["event_id"] for line in one.timeline] == [
            each.meta.event_id for each in sorted(HISTORY, key=lambda e: e.meta.occurred_at) if each.case != OTHER
        ]

        take(hub, [decision(RecordsUnlinked, CE, FT, "2021-02-01")])
        assert histories_of(hub) == before


@pytest.mark.parametrize("order", list(permutations(((FT, CE), (CE, OTHER), (FT, OTHER)))))
def test_three_records_linked_in_any_order_are_one_pathway_and_come_apart_again(
    order: Sequence[tuple[CaseKey, CaseKey]],
) -> None:
    with a_hub() as hub:
        take(hub, HISTORY)
        before = histories_of(hub)
        for month, (left, right) in enumerate(order, 1):
            take(hub, [decision(RecordsLinked, left, right, f"2021-0{month}-01")])
        assert {shown(hub, case).cases for case in TRIO} == {tuple(sorted(TRIO))}

        for month, (left, right) in enumerate(reversed(order), 4):
            take(hub, [decision(RecordsUnlinked, left, right, f"2021-0{month}-01")])
        assert histories_of(hub) == before


def test_a_third_record_named_by_both_of_a_separated_pair_joins_one_of_them_alone() -> None:
    third = registered(OTHER, "2021-06-01", other=FT)
    with a_hub() as hub:
        take(hub, [*HISTORY[:2], decision(RecordsLinked, FT, CE, "2021-01-04")])
        take(hub, [decision(RecordsUnlinked, FT, CE, "2021-02-01")])
        take(hub, [third, decision(RecordsLinked, OTHER, CE, "2021-07-01")])

        assert shown(hub, CE).cases == tuple(sorted((CE, OTHER)))
        assert shown(hub, FT).cases == (FT,)
        assert {link["status"] for link in shown(hub, FT).links} == {"separated", "suggested"}


def test_a_rejected_pair_is_not_joined_although_one_names_the_other() -> None:
    with a_hub() as hub:
        take(hub, [registered(FT), decision(MatchRejected, FT, CE, "2019-01-07")])
        take(hub, [registered(CE, other=FT)])

        assert shown(hub, CE).cases == (CE,)


def test_an_event_before_its_link_shows_in_its_own_pathway_and_moves_when_the_link_comes() -> None:
    with a_hub() as hub:
        take(hub, [HISTORY[6]])
        alone = shown(hub, CE)
        assert (alone.cases, len(alone.timeline)) == ((CE,), 1)

        take(hub, [registered(CE, other=FT), registered(FT)])
        assert shown(hub, FT).person_id == shown(hub, CE).person_id
        assert HISTORY[6].meta.event_id in {line["event_id"] for line in shown(hub, FT).timeline}


decisions = st.lists(
    st.tuples(
        st.sampled_from((RecordsLinked, RecordsUnlinked, MatchRejected)),
        st.sampled_from(tuple(permutations(TRIO, 2))),
        st.integers(1, 28),
    ),
    max_size=8,
)


def test_decisions_in_any_order_of_arrival_lead_to_the_same_pathways(engine: str) -> None:
    @examples(engine)
    @given(drawn=decisions, order=st.randoms(use_true_random=False))
    def holds(drawn: list[tuple[type[PairDecision], tuple[CaseKey, CaseKey], int]], order: random.Random) -> None:
        taken: list[Event] = [decision(kind, *pair, f"2021-01-{day:02d}") for kind, pair, day in drawn]
        everything = [*HISTORY, *taken]
        shuffled = list(everything)
        order.shuffle(shuffled)
        with a_hub() as hub:
            for each in shuffled:
                take(hub, [each])
            assert digest_of(hub) == digest_of_all(everything)

    holds()


def test_the_persons_id_is_the_canonically_first_event_whatever_came_first() -> None:
    with a_hub() as hub:
        take(hub, [HISTORY[6]])
        take(hub, [registered(CE, "2020-02-03", other=FT), HISTORY[3], HISTORY[0]])

        assert shown(hub, CE).person_id == HISTORY[0].meta.event_id
        assert moment("2020-01-06") == HISTORY[0].meta.occurred_at
