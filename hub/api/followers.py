"""Who follows changes over one open stream, what a look found for them, and how it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from hub.access.asking import Asked
from hub.access.changes import Change
from hub.api.services import Services
from hub.domain.access import Reader
from hub.errors import HubError

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(eq=False)
class Follower:
    """One open stream: who follows, up to where, and what waits to be sent, which is a page at most."""

    asked: Asked
    token: str
    position: int
    waiting: bytes = b""
    ended: str = ""
    is_doubted: bool = False
    """Whether its token or login may not count any more, and is to be checked before the next heartbeat."""
    turn: int = 0
    """The look at which it came, or that last read a page for it while it was far behind."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def reader(self, services: Services) -> Reader:
        """Give who follows now.

        Raises:
            TokenInvalid: what they began with does not count any more.
        """
        return services.tokens.reader(self.token)

    def wants(self, change: Change) -> bool:
        """Tell whether a change is sent; whatever is not sent is not recorded."""
        return not change.is_aside

    def end(self, why: str) -> None:
        """Let the stream end, with a comment that says why."""
        self.ended = self.ended or why
        self.news.set()

    def doubt(self) -> None:
        """Let it be checked now."""
        self.is_doubted = True
        self.news.set()


class Delivery:
    """What a look found for a follower; `failure` when it may not be sent."""

    __slots__ = ("changes", "failure", "follower", "reached")

    def __init__(self, follower: Follower, reached: int, found: Sequence[Change]) -> None:
        self.follower = follower
        self.reached = reached
        self.changes = found
        self.failure: HubError | None = None


def message(event: str, document: object, position: int) -> bytes:
    """Write a server-sent event; source: WHATWG HTML, section 9.2.6."""
    return b"event: %s\nid: %d\ndata: %s\n\n" % (event.encode(), position, _encode(document))
