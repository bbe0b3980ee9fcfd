"""The streams of changes over HTTP: how many, how long, and followers that do not read, leave or begin anew."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from hub.access import changes
from hub.access.asking import Asked
from hub.access.recording import Entry
from hub.api import followers, following
from hub.domain.access import Reader
from hub.domain.events.case import CaseUpdated
from hub.errors import StoreUnavailable, TokenInvalid
from tests.integration.apis import KnownTokens, Noted, an_api
from tests.integration.changes import ANNE, BOB, OTHER, follower, hearing, take_two_people
from tests.integration.followers import Follower, Refused, until
from tests.integration.hubs import take
from tests.unit.pathway.builders import FT, event


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
