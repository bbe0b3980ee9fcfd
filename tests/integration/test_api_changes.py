"""Following changes over HTTP: each reader's own people, from where they were, nothing missed and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hub.access import changes
from hub.access.asking import Asked
from hub.access.recording import Entry
from hub.api import followers, following
from hub.domain.access import Reader, Sight
from hub.domain.events.case import CaseUpdated
from hub.domain.events.delegation import DelegationProposed
from hub.domain.events.link import RecordsLinked, RecordsUnlinked
from hub.domain.events.referent import ReferentAssigned
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL, CaseKey
from hub.errors import StoreUnavailable, TokenInvalid
from hub.ledger.database import reading
from hub.projections import generations
from hub.projections.finding import find
from hub.wiring import Hub
from tests.integration.apis import Api, KnownTokens, Noted, an_api
from tests.integration.followers import Follower, Refused, until
from tests.integration.hubs import take
from tests.unit.pathway.builders import CE, FT, event, ref, registered

OTHER = CaseKey(FRANCE_TRAVAIL, "", "00000000077")
ANNE = Reader("issuer|anne", frozenset({"adviser"}), FRANCE_TRAVAIL, "ft-1")
BOB = Reader("issuer|bob", frozenset({"adviser"}), FRANCE_TRAVAIL, "ft-2")
LEAD = Reader("issuer|lead", frozenset({"site_lead"}), FRANCE_TRAVAIL, sites=frozenset({"69244"}))
MANAGER = Reader("issuer|manager", frozenset({"manager"}), departments=frozenset({"69"}))


def referent(case: CaseKey, adviser: str, **more: Any) -> ReferentAssigned:
    day = "2021-01-12"
    return event(ReferentAssigned, day, case, adviser=adviser, role="referent", from_date=day, **more)


def take_two_people(hub: Hub) -> None:
    """Take Anne's person, positions 1 and 2, then Bob's, 3 and 4: who shares no partition comes in any order."""
    take(hub, [registered(FT, "2021-01-11", family_name="Durand"), referent(FT, "ft-1")])
    take(hub, [registered(OTHER, "2021-01-11", family_name="Martin"), referent(OTHER, "ft-2", site="75001")])


def follower(api: Api, reader: Reader, last_id: str = "") -> Follower:
    client = api.client(reader)
    return Follower(api.port, client.headers["Authorization"].removeprefix("Bearer "), last_id)


def hearing(those: list[Follower], then: Callable[[], Coroutine[Any, Any, None]], *, is_once: bool = False) -> None:
    """Let followers listen while something happens."""

    async def listen() -> None:
        over = asyncio.Event()
        tasks = [asyncio.create_task(each.connected_once() if is_once else each.follow(over.is_set)) for each in those]
        await until(lambda: all(each.hellos or task.done() for each, task in zip(those, tasks, strict=True)))
        try:
            await then()
        finally:
            over.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(listen())


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


def test_a_reader_has_so_many_streams_and_no_more(tmp_path: Path) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        own = [follower(api, ANNE) for _ in range(following.MOST_OF_READER)]
        refused: list[str] = []

        async def then() -> None:
            try:
                await follower(api, ANNE).connected_once()
            except Refused as error:
                refused.append(str(error))

        hearing(own, then)
        assert " 429 " in refused[0]
        hearing([follower(api, ANNE)], _nothing)


async def _nothing() -> None:
    return None


def test_silence_is_broken_by_a_comment_that_moves_the_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.2)
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        anne = follower(api, ANNE)

        async def then() -> None:
            await asyncio.to_thread(take, api.hub, [event(CaseUpdated, "2021-02-01", OTHER)])
            await until(lambda: anne.last_id == "5" and "heartbeat" in anne.comments)

        hearing([anne], then)
        assert anne.heard == []


class Expiring(KnownTokens):
    """Tokens that count until they do not."""

    is_over = False

    def reader(self, token: str) -> Reader:
        if self.is_over:
            raise TokenInvalid("the token expired; ask the OpenID provider for a new one")
        return ANNE


def test_a_stream_ends_when_its_token_does_also_while_much_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.5)
    tokens = Expiring()
    with an_api(tmp_path, tokens=tokens, recorder=Noted()) as api:
        take_two_people(api.hub)
        anne = Follower(api.port, "any")

        async def then() -> None:
            tokens.is_over = True
            for _ in range(200):
                await asyncio.to_thread(take, api.hub, [event(CaseUpdated, "2021-02-01", FT)])
                if "token_invalid" in anne.comments:
                    return

        hearing([anne], then, is_once=True)
        assert anne.comments[-1] == "token_invalid"


class Failing(Noted):
    """An access log that takes nothing for a while."""

    is_away = False

    def record(self, asked: Asked, entry: Entry, now: Any) -> int:
        if self.is_away:
            raise StoreUnavailable("the access log is away")
        return super().record(asked, entry, now)


def test_nothing_is_told_that_could_not_be_recorded(tmp_path: Path) -> None:
    log = Failing()
    with an_api(tmp_path, recorder=log) as api:
        take_two_people(api.hub)
        anne = follower(api, ANNE)

        async def then() -> None:
            log.is_away = True
            await asyncio.to_thread(take, api.hub, [event(CaseUpdated, "2021-02-01", FT)])
            await asyncio.sleep(3 * following.LOOK_EVERY_S)
            assert anne.heard == []
            log.is_away = False
            await until(lambda: anne.positions == [5])

        hearing([anne], then)


def test_a_follower_that_does_not_read_holds_a_page_at_most_and_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "STUCK_S", 1.0)
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        take(api.hub, [event(CaseUpdated, "2021-02-01", FT) for _ in range(1_000)])

        async def both() -> None:
            all_of_them = following.Following(api.services)
            deaf, anne = (followers.Follower(Asked(ANNE, "a test"), "token", 0) for _ in range(2))
            heard: list[bytes] = []
            never = asyncio.Event()

            async def leave() -> dict[str, str]:
                await never.wait()
                return {"type": "http.disconnect"}

            async def take_nothing(message: Any) -> None:
                if message["type"] == "http.response.body" and b"event: change" in message["body"]:
                    await never.wait()

            async def take_all(message: Any) -> None:
                heard.append(message.get("body", b""))

            async with asyncio.TaskGroup() as streams:
                stuck = streams.create_task(following.EventStream(all_of_them, deaf)({}, leave, take_nothing))
                other = streams.create_task(following.EventStream(all_of_them, anne)({}, leave, take_all))
                await until(lambda: b"".join(heard).count(b"event: change") == 1_002)
                assert deaf.waiting.count(b"event: change") < following.POSITIONS_AT_ONCE
                await until(stuck.done)
                assert all_of_them.followers == 1
                other.cancel()

        asyncio.run(both())


@pytest.mark.parametrize("ticks", range(-1, 4))
def test_a_stream_ends_though_news_come_while_its_follower_leaves(tmp_path: Path, ticks: int) -> None:
    with an_api(tmp_path, recorder=Noted()) as api:
        all_of_them = following.Following(api.services)
        one = followers.Follower(Asked(ANNE, "GET"), api.token(ANNE), 0)

        async def leaves() -> None:
            is_leaving, is_heard = asyncio.Event(), asyncio.Event()

            async def leave() -> dict[str, str]:
                await is_leaving.wait()
                return {"type": "http.disconnect"}

            async def hear(message: Any) -> None:
                if b"event: hello" in message.get("body", b""):
                    is_heard.set()

            stream = asyncio.create_task(following.EventStream(all_of_them, one)({}, leave, hear))
            await is_heard.wait()
            for _ in range(10):
                await asyncio.sleep(0)
            first, second = (is_leaving, one.news) if ticks >= 0 else (one.news, is_leaving)
            first.set()
            for _ in range(abs(ticks)):
                await asyncio.sleep(0)
            second.set()
            done, _ = await asyncio.wait({stream}, timeout=5)
            assert done

        asyncio.run(leaves())


def test_who_begins_anew_again_and_again_holds_up_nobody_who_is_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "POSITIONS_AT_ONCE", 2)
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        take(api.hub, [event(CaseUpdated, "2021-02-01", FT) for _ in range(20)])
        all_of_them = following.Following(api.services)
        bob = followers.Follower(Asked(BOB, "GET"), api.token(BOB), 4)
        anew: list[followers.Follower] = []
        read = changes.read

        def joined_and_read(*arguments: Any) -> changes.Page:
            for each in anew:
                all_of_them.leave(each)
            anew[:] = [followers.Follower(Asked(ANNE, "GET"), api.token(ANNE), 0)]
            all_of_them.join(anew[0])
            return read(*arguments)

        async def behind() -> None:
            all_of_them.join(bob)
            await until(lambda: bob.position > 20)
            for each in (bob, *anew):
                all_of_them.leave(each)

        monkeypatch.setattr(changes, "read", joined_and_read)
        asyncio.run(behind())


def test_streams_end_at_once_when_the_server_does(tmp_path: Path) -> None:
    comments: list[str] = []
    with an_api(tmp_path, recorder=Noted()) as api:
        take_two_people(api.hub)
        anne = follower(api, ANNE)

        async def then() -> None:
            api.stop()
            await until(lambda: "stopping" in anne.comments, 5)

        hearing([anne], then, is_once=True)
        comments += anne.comments
    assert comments == ["stopping"]


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
