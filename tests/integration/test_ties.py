"""Who accompanies whom, as the store answers: the same as the policy decides, on files and on servers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from hub.access.ties import caseload, in_scope, tied_to, ties_of
from hub.domain.access import ROLES, Reader, Sight, Tie, holds, is_led, is_own, sees
from hub.domain.events.base import Event
from hub.domain.events.correction import EventVoided
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.erasure import PersonErased
from hub.domain.events.link import RecordsLinked, RecordsUnlinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.tables import Tables
from hub.wiring import Hub
from tests.integration.feeds import deliver, region
from tests.integration.hubs import a_hub, consume, examples, histories, take
from tests.unit.pathway.builders import CE, FT, ref, registered
from tests.unit.pathway.builders import event as built

pytestmark = pytest.mark.usefixtures("engine")

TODAY = date(2021, 6, 1)
SITE = "69244"
ADVISER = Reader("issuer|1", frozenset({"adviser"}), FRANCE_TRAVAIL, "FT-1")
LEAD = Reader("issuer|2", frozenset({"site_lead"}), CAP_EMPLOI, None, sites=frozenset({SITE}))


def a_case(number: int) -> CaseKey:
    return CaseKey(FRANCE_TRAVAIL, "", f"{number:011d}")


def referent(adviser: str, from_date: str, case: CaseKey = FT, **fields: Any) -> ReferentAssigned:
    day = date.fromisoformat(from_date)
    return built(ReferentAssigned, from_date, case, adviser=adviser, role="referent", from_date=day, **fields)


class Asking:
    """Questions to a hub's live generation."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self.connection = connection
        self.tables = tables

    def pathways(self) -> list[int]:
        numbers = self.tables.fold.c.pathway_no
        return list(self.connection.scalars(select(numbers).order_by(numbers)))

    def ties(self) -> dict[int, list[Tie]]:
        return ties_of(self.connection, self.tables, self.pathways())

    def caseload(self, reader: Reader, today: date, *, after: int | None = None, limit: int = 1_000) -> list[int]:
        return caseload(self.connection, self.tables, reader, today, after=after, limit=limit)

    def in_scope(self, reader: Reader, today: date) -> set[int]:
        return in_scope(self.connection, self.tables, reader, self.pathways(), today)

    def advisers(self) -> list[tuple[str, str, date | None]]:
        return sorted((tie.ground, tie.adviser, tie.until_date) for ties in self.ties().values() for tie in ties)


def asked(hub: Hub, events: Sequence[Event]) -> list[tuple[str, str, date | None]]:
    """Give ground, adviser and last day of every tie once the events are in."""
    take(hub, events)
    with reading(hub.store) as connection:
        return Asking(connection, generations.live(connection)).advisers()


def test_every_number_asked_for_has_an_entry() -> None:
    with a_hub() as hub, reading(hub.store) as connection:
        tables = generations.live(connection)
        assert ties_of(connection, tables, [7, 8, 7]) == {7: [], 8: []}
        assert ties_of(connection, tables, []) == {}
        assert tied_to(connection, tables, [7], TODAY) == []
        assert in_scope(connection, tables, ADVISER, [], TODAY) == set()


def test_a_caseload_goes_on_page_by_page_and_each_person_is_on_it_once() -> None:
    people = [a_case(number) for number in range(1, 8)]
    events: list[Event] = [referent("FT-1", "2021-01-04", case) for case in people]
    events += [referent("FT-1", "2021-02-01", case, site="69001") for case in people[:3]]
    with a_hub() as hub:
        take(hub, [*events, referent("FT-2", "2021-01-04", a_case(99))])
        with reading(hub.store) as connection:
            asking = Asking(connection, generations.live(connection))
            whole = asking.caseload(ADVISER, TODAY)
            pages, after = [], None
            while page := asking.caseload(ADVISER, TODAY, after=after, limit=3):
                pages.append(len(page))
                after = page[-1]
    assert len(whole) == len(set(whole)) == 7
    assert whole == sorted(whole)
    assert pages == [3, 3, 1]


def test_a_proposal_is_on_the_list_of_the_other_networks_lead_until_30_days_after_its_answer() -> None:
    proposal = built(DelegationProposed, "2021-05-03", FT, site=SITE, delegation_id="D-1")
    answer = built(DelegationAccepted, "2021-05-10", CE, site="69001", delegation_id="D-1")
    with a_hub() as hub:
        take(hub, [registered(FT), proposal])
        with reading(hub.store) as connection:
            asking = Asking(connection, generations.live(connection))
            assert len(asking.caseload(LEAD, date(2021, 5, 3))) == 1
            assert asking.caseload(LEAD, date(2021, 5, 2)) == []
            assert asking.caseload(LEAD._replace(sites=frozenset({"69001"})), date(2021, 5, 3)) == []
            assert asking.caseload(LEAD._replace(roles=frozenset({"adviser"}), adviser=""), TODAY) == []
        take(hub, [registered(CE, other=FT), answer])
        with reading(hub.store) as connection:
            asking = Asking(connection, generations.live(connection))
            assert len(asking.caseload(LEAD, date(2021, 6, 9))) == 1
            assert asking.caseload(LEAD, date(2021, 6, 10)) == []


def test_a_tie_goes_with_the_record_that_it_came_from_when_records_part() -> None:
    linked = built(RecordsLinked, "2021-02-01", left=ref(FT), right=ref(CE), evidence="adviser_review")
    parted = built(RecordsUnlinked, "2021-03-01", left=ref(FT), right=ref(CE), reason="doubt")
    other = built(ReferentAssigned, "2021-02-08", CE, adviser="CE-1", role="referent", from_date=date(2021, 2, 8))
    with a_hub() as hub:
        together = asked(hub, [registered(FT), registered(CE), linked, referent("FT-1", "2021-01-04"), other])
        apart = asked(hub, [parted])
    assert together == [("referent", "CE-1", None), ("referent", "FT-1", date(2021, 2, 8))]
    assert apart == [("referent", "CE-1", None), ("referent", "FT-1", None)]


def test_a_void_and_an_erasure_take_ties_away() -> None:
    one = referent("FT-1", "2021-01-04")
    void = built(EventVoided, "2021-02-01", FT, voided_event_id=one.meta.event_id, reason="entry_error")
    with a_hub() as hub:
        assert asked(hub, [registered(FT), one, referent("FT-2", "2021-03-01")]) == [
            ("referent", "FT-1", date(2021, 3, 1)),
            ("referent", "FT-2", None),
        ]
        assert asked(hub, [void]) == [("referent", "FT-2", None)]
        assert asked(hub, [built(PersonErased, "2021-04-01", FT, reason="request")]) == []


def check(hub: Hub, readers: Sequence[Reader], today: date) -> None:
    """Compare what the store answers with what the policy decides from the ties."""
    with reading(hub.store) as connection:
        asking = Asking(connection, generations.live(connection))
        ties = asking.ties()
        held = [(number, tie) for number, of in ties.items() for tie in of if holds(tie, today)]
        assert sorted(tied_to(connection, asking.tables, ties, today), key=repr) == sorted(held, key=repr)
        for reader in readers:
            of_it = [n for n in ties if any(m == n and (is_own(reader, t) or is_led(reader, t)) for m, t in held)]
            assert asking.caseload(reader, today) == of_it
            assert asking.in_scope(reader, today) == set(of_it)
            seen = [n for n, of in ties.items() if sees(reader, of, today, has_reason=False).sight > Sight.NOTHING]
            if "auditor" not in reader.roles:
                assert of_it == seen


def test_of_any_history_the_store_finds_whom_the_policy_shows(engine: str) -> None:
    readers = st.builds(
        Reader,
        st.just("issuer|1"),
        st.frozensets(st.sampled_from(ROLES)),
        st.sampled_from([None, "", FRANCE_TRAVAIL, CAP_EMPLOI]),
        st.sampled_from([None, "", "a", "ref-1", "id-1"]),
        sites=st.frozensets(st.sampled_from(["00099", "05008", "69244"])),
        is_system=st.booleans(),
    )

    @examples(engine)
    @given(histories(max_size=25), st.lists(readers, min_size=1, max_size=5), st.dates(date(1990, 1, 1)))
    def holds_of(history: list[Event], who: list[Reader], today: date) -> None:
        with a_hub() as hub:
            take(hub, history)
            check(hub, who, today)

    holds_of()


def test_of_a_simulated_region_the_store_finds_whom_the_policy_shows() -> None:
    with a_hub() as hub:
        deliver(hub, region(60))
        consume(hub)
        with reading(hub.store) as connection:
            ties = [tie for of in Asking(connection, generations.live(connection)).ties().values() for tie in of]
        advisers = sorted({(tie.network, tie.adviser) for tie in ties})
        sites = sorted({tie.site for tie in ties if tie.site})
        readers = [Reader("i|1", frozenset({"adviser"}), network, adviser) for network, adviser in advisers[:40]]
        readers += [
            Reader("i|2", frozenset({"site_lead", "adviser"}), network, adviser, sites=frozenset({site}))
            for (network, adviser), site in zip(advisers, sites, strict=False)
        ]
        assert len(readers) > 20
        first = min(tie.from_date for tie in ties)
        for weeks in range(0, 400, 40):
            check(hub, readers, first + timedelta(weeks=weeks))
