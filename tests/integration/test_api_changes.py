"""Following changes over HTTP: each reader's own people, from where they were, nothing missed and nothing twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.domain.access import Reader, Sight
from hub.domain.events.case import CaseUpdated
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.link import RecordsLinked, RecordsUnlinked
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import find
from tests.integration.apis import Api, Noted, an_api
from tests.integration.changes import ANNE, BOB, OTHER, follower, hearing, referent, take_two_people
from tests.integration.followers import until
from tests.integration.hubs import take
from tests.unit.pathway.builders import CE, FT, event, ref, registered

LEAD = Reader("issuer|lead", frozenset({"site_lead"}), FRANCE_TRAVAIL, sites=frozenset({"69244"}))
MANAGER = Reader("issuer|manager", frozenset({"manager"}), departments=frozenset({"69"}))


def test_each_reader_hears_of_their_own_people_only(tmp_path: Path) -> None:
    log = Noted()
    with an_api(tmp_path, recorder=log) as api:
        take_two_people(api.hub)
        anne, bob, lead = (follower(api, reader) for reader in (ANNE, BOB, LEAD))
        update = event(CaseUpdated, "2021-02-01", FT, availability="immediate")

        async def then() -> None:
            await asyncio.to_thread(take, api.hub, [update])
            await asyncio.to_thread(take, api.hub, [event(CaseUpdated, "2021-02-02", OTHER)])
            await until(lambda: len(anne.heard) == len(bob.heard) == len(lead.heard) == 1)

        hearing([anne, bob, lead], then)
        (heard,) = anne.heard
        assert heard.id == "5"
        assert heard.document["event"]["event_id"] == update.meta.event_id
        assert heard.document["event"]["occurred_at"] == "2021-02-01T00:00:00Z"
        assert [each["person_id"] for each in heard.document["people"]] == [person_id(api, FT)]
        assert bob.positions == [6]
        assert lead.positions == [5]
        assert {asked.reader: [shown.sight for shown in entry.people.values()] for asked, entry in log.entries} == {
            ANNE: [Sight.FULL],
            BOB: [Sight.FULL],
            LEAD: [Sight.WITHOUT_HEALTH],
        }
        assert {entry.kind for _, entry in log.entries} == {"follow"}
        assert {shown.counted for _, entry in log.entries for shown in entry.people.values()} == {None}


def person_id(api: Api, case: CaseKey) -> str:
    with reading(api.hub.store) as connection:
        tables = generations.live(connection)
        found = find(connection, tables, "/".join(case))
        pathway = tables.models["pathway"]
        query = pathway.select().where(pathway.c.pathway_no == found.pathway_no)
        return str(connection.execute(query).one().person_id)


def test_whoever_goes_on_with_an_id_gets_what_came_after_it(tmp_path: Path) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        take(api.hub, [event(CaseUpdated, "2021-02-01", FT) for _ in range(1_200)])
        expected = [1, 2, *range(5, 1_205)]
        whole, rest, far = follower(api, ANNE, "0"), follower(api, ANNE, "1203"), follower(api, BOB, "0")

        async def then() -> None:
            await until(lambda: len(whole.heard) == len(expected) and len(rest.heard) == 1 and len(far.heard) == 2)

        hearing([whole, rest, far], then)
        assert whole.positions == expected
        assert rest.positions == [1_204]
        assert far.positions == [3, 4]


def test_a_person_appears_when_they_become_mine_and_not_before(tmp_path: Path) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        anne = follower(api, ANNE)

        async def then() -> None:
            await asyncio.to_thread(take, api.hub, [event(CaseUpdated, "2021-02-01", OTHER)])
            await asyncio.to_thread(take, api.hub, [event(DelegationProposed, "2021-02-02", FT, delegation_id="D-1")])
            await until(lambda: anne.positions == [6])
            await asyncio.to_thread(take, api.hub, [referent(OTHER, "ft-1", recorded_at="2021-03-01")])
            await asyncio.to_thread(take, api.hub, [event(CaseUpdated, "2021-04-01", OTHER)])
            await until(lambda: anne.positions == [6, 7, 8])

        hearing([anne], then)


def test_a_link_about_others_is_told_to_whoever_accompanies_the_person(tmp_path: Path) -> None:
    day = "2021-05-01"
    with an_api(tmp_path, recorder=Noted()) as api:
        cases = [registered(FT, "2021-01-11"), registered(CE, "2021-01-12"), referent(FT, "ft-1")]
        link = event(RecordsLinked, day, left=ref(FT), right=ref(CE), evidence="adviser_review")
        take(api.hub, [*cases, link])
        carl = follower(api, Reader("issuer|carl", frozenset({"adviser"}), FRANCE_TRAVAIL, "ft-1"))

        async def then() -> None:
            unlink = event(RecordsUnlinked, "2021-06-01", left=ref(FT), right=ref(CE), reason="different_people")
            await asyncio.to_thread(take, api.hub, [unlink])
            await until(lambda: len(carl.heard) == 1)

        hearing([carl], then)
        (told,) = carl.heard[0].document["people"]
        # The decision is kept with the first of the two records, Cap emploi's: France Travail's has other company.
        assert told["is_regrouped"]
        assert carl.heard[0].document["event"] is None


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "?after=99", 409),
        ({"Last-Event-ID": "99"}, "?after=1", 409),
        ({"Last-Event-ID": "-1"}, "", 422),
        ({"Last-Event-ID": "x"}, "", 422),
        ({}, "?after=1e3", 422),
        ({"Last-Event-ID": str(2**70)}, "", 422),
        ({}, "?since=1", 422),
    ],
)
def test_a_position_that_is_none_is_refused(tmp_path: Path, headers: dict[str, str], query: str, status: int) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        answer = api.client(ANNE).get(f"/api/v1/changes{query}", headers=headers)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_only_those_who_accompany_people_may_follow(tmp_path: Path) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        assert api.client(MANAGER).get("/api/v1/changes").status_code == 403
        assert api.client().get("/api/v1/changes").status_code == 401
        system = ANNE._replace(reader_id="issuer|system", is_system=True)
        assert api.client(system).get("/api/v1/changes").status_code == 403


def test_nothing_of_a_person_but_the_id_is_told(tmp_path: Path) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        anne = follower(api, ANNE, "0")

        async def then() -> None:
            await until(lambda: len(anne.heard) == 2)

        hearing([anne], then)
        for heard in anne.heard:
            assert heard.document.keys() == {"position", "accepted_at", "event", "people"}
            assert heard.document["event"].keys() == {"event_id", "type", "network", "occurred_at"}
            assert all(each.keys() == {"person_id", "is_regrouped"} for each in heard.document["people"])
        assert CAP_EMPLOI not in str(anne.heard)
