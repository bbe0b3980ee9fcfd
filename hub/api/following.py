"""Following changes: one look at the ledger's tail for all followers of the process, and a stream for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

from fastapi import Response
from starlette.types import Receive, Scope, Send

from hub.access import changes
from hub.access.recording import Entry
from hub.api.followers import Delivery, Follower, message
from hub.api.problems import DEFECT
from hub.api.services import Services
from hub.domain import access
from hub.errors import Denied, HubError, TooManyRequests
from hub.ledger import ledger
from hub.ledger.database import reading
from hub.projections import generations
from hub.telemetry.places import of_traceback

LOOK_EVERY_S = 0.2
HEARTBEAT_S = 15.0
STUCK_S = 60.0
"""A follower that takes nothing for so long is left: it connects again with the id it has."""
PAUSE_S = 2.0
"""Between two looks while the store does not answer."""
RETRY_MS = 2_000
"""After how long a follower connects again, as it is told."""
POSITIONS_AT_ONCE = 500
MOST_OF_READER = 8
"""Streams that one reader may have open in a process."""
_RECORDING_THREADS = 16


class Following:
    """Looks for changes while there are followers, in threads of its own, so that operations keep theirs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._followers: set[Follower] = set()
        self._looking: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = 0

    @property
    def followers(self) -> int:
        """How many streams are open."""
        return len(self._followers)

    def join(self, follower: Follower) -> None:
        """Begin to look for a follower.

        Raises:
            TooManyRequests: its reader has as many streams open as one may.
        """
        own = sum(other.asked.reader.reader_id == follower.asked.reader.reader_id for other in self._followers)
        if own >= MOST_OF_READER:
            raise TooManyRequests(f"you follow with {own} streams already; close one first", int(HEARTBEAT_S))
        follower.turn = self._turn
        self._followers.add(follower)
        if self._looking is None or self._looking.done():
            self._loop = asyncio.get_running_loop()
            self._looking = self._loop.create_task(self._look_again_and_again())

    def leave(self, follower: Follower) -> None:
        """Look for it no more."""
        self._followers.discard(follower)

    def doubt(self, reader_id: str) -> None:
        """Let the streams of a reader who logged out somewhere be checked at once; any thread may ask for it."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop ended, and all streams with it
                self._loop.call_soon_threadsafe(self._doubt, reader_id)

    def _doubt(self, reader_id: str) -> None:
        for follower in self._followers:
            if follower.asked.reader.reader_id == reader_id:
                follower.doubt()

    async def check(self, follower: Follower) -> None:
        """End a stream whose token or login does not count any more, and go on with what it says now."""
        try:
            reader = await asyncio.to_thread(follower.reader, self._services)
            if not access.may(reader, access.FOLLOW):
                raise Denied("none of your roles allows this")
        except HubError as error:
            follower.end(error.code)
        else:
            follower.asked = follower.asked._replace(reader=reader)

    async def _look_again_and_again(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "following") as looking, ThreadPoolExecutor(_RECORDING_THREADS, "recording") as pool:
            while self._followers:
                if self._services.is_stopping():
                    self._end_all("stopping")
                    break
                ready = [follower for follower in self._followers if not (follower.waiting or follower.ended)]
                try:
                    found = await loop.run_in_executor(looking, self._look, ready, pool)
                except HubError as error:
                    self._services.watch.log.warning("waiting", error=error, part="following", pause_s=PAUSE_S)
                    await asyncio.sleep(PAUSE_S)
                except Exception as error:  # noqa: BLE001 a defect: whoever waits for changes must not wait in vain
                    stack = of_traceback(error.__traceback__)
                    self._services.watch.log.error("following_failed", error=error, stack=stack)  # noqa: TRY400
                    self._end_all(DEFECT)
                else:
                    await asyncio.sleep(0 if _deliver(found) else LOOK_EVERY_S)

    def _end_all(self, why: str) -> None:
        for follower in self._followers:
            follower.end(why)
        self._followers.clear()

    def _look(self, followers: Sequence[Follower], pool: ThreadPoolExecutor) -> list[Delivery]:
        """Read the next page for those near the end, and one for those far behind whose turn it is."""
        now = self._services.now()
        found: list[Delivery] = []
        with reading(self._services.store) as connection:
            tables = generations.live(connection)
            last = ledger.last_position(connection)
            near = [each for each in followers if last - POSITIONS_AT_ONCE <= each.position < last]
            far = self._in_turn([each for each in followers if each.position < last - POSITIONS_AT_ONCE])
            for group in (near, far):
                if group:
                    first = min(each.position for each in group)
                    readers = [each.asked.reader for each in group]
                    page = changes.read(connection, tables, readers, first, POSITIONS_AT_ONCE, now)
                    found += _of_page(group, page)
        with_changes = [each for each in found if each.changes]
        list(pool.map(lambda each: self._record(each, now), with_changes))
        return found

    def _in_turn(self, far: Sequence[Follower]) -> list[Follower]:
        """Choose whoever waited longest, and those whom the same page serves: nobody waits for all who begin anew."""
        if not far:
            return []
        first = min(far, key=lambda each: (each.turn, each.position)).position
        chosen = [each for each in far if first <= each.position < first + POSITIONS_AT_ONCE]
        self._turn += 1
        for each in chosen:
            each.turn = self._turn
        return chosen

    def _record(self, delivery: Delivery, now: datetime) -> None:
        """Record who is told of whom, before they are."""
        entry = Entry()
        entry.follow([each for change in delivery.changes for each in change.people])
        try:
            self._services.recorder.record(delivery.follower.asked, entry, now)
        except HubError as error:
            delivery.failure = error


def _of_page(group: Sequence[Follower], page: changes.Page) -> list[Delivery]:
    """Give each follower what comes after its own position."""
    return [
        Delivery(
            follower,
            page.reached,
            [change for change in of if change.position > follower.position and follower.wants(change)],
        )
        for follower, of in zip(group, page.changes, strict=True)
        if follower.position < page.reached
    ]


def _deliver(found: Sequence[Delivery]) -> bool:
    """Hand followers what was found for them; tell whether there may be more already."""
    is_full = False
    for delivery in found:
        follower = delivery.follower
        if delivery.failure is not None:
            if not delivery.failure.retriable:
                follower.end(delivery.failure.code)
            continue
        is_full = is_full or delivery.reached - follower.position >= POSITIONS_AT_ONCE
        follower.position = delivery.reached
        follower.waiting = b"".join(message("change", change.document, change.position) for change in delivery.changes)
        if follower.waiting:
            follower.news.set()
    return is_full


class EventStream(Response):
    """The answer to a follower: it goes on until the follower leaves, its token expires, or the program ends."""

    media_type = "text/event-stream"

    def __init__(self, following: Following, follower: Follower) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._following = following
        self._follower = follower

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until one of the two ends.

        Raises:
            TooManyRequests: the reader has as many streams open as one may; nothing was sent.
        """
        self._following.join(self._follower)
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._following.leave(self._follower)
            for task in (sending, leaving):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await leaving
        with suppress(asyncio.CancelledError, TimeoutError):
            await sending

    async def _send(self, send: Send) -> None:
        follower = self._follower
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        hello = message("hello", {"position": follower.position}, follower.position)
        await _sent(send, b"retry: %d\n" % RETRY_MS + hello)
        clock = asyncio.get_running_loop().time
        due_s = clock() + HEARTBEAT_S
        while not follower.ended:
            # Not `wait_for`: before Python 3.12 it forgets that it was cancelled where news come at the same moment.
            with suppress(TimeoutError):
                async with asyncio.timeout(due_s - clock()):
                    await follower.news.wait()
            follower.news.clear()
            is_due = clock() >= due_s or follower.is_doubted
            if is_due:
                follower.is_doubted = False
                await self._following.check(follower)
                due_s = clock() + HEARTBEAT_S
            if follower.waiting and not follower.ended:
                await _sent(send, follower.waiting)
                follower.waiting = b""
            elif is_due and not follower.ended:
                # An id without data is no event, and yet the one to go on from.
                await _sent(send, b": heartbeat\nid: %d\n\n" % follower.position)
        await send({"type": "http.response.body", "body": b": %s\n\n" % follower.ended.encode(), "more_body": False})


async def _sent(send: Send, chunk: bytes) -> None:
    async with asyncio.timeout(STUCK_S):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
