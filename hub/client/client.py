"""The client: a method for each operation of the API."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from hub.client.access import AccessOperations
from hub.client.following import Message, follow
from hub.client.people import PeopleOperations
from hub.client.publishing import Result, Results
from hub.client.tokens import FixedToken, TokenSource, refuse_in_clear
from hub.client.transport import Patience, Transport
from hub.client.work import WorkOperations


class Client(PeopleOperations, WorkOperations, AccessOperations):
    """A hub, as one reader or system may use it; threads may share it.

    Failures are `ApiProblem`, `ApiUnavailable`, `IssuerUnavailable` and `TokenInvalid`. What fails in passing is sent
    again: after 429 and 503 when `Retry-After` says, and without an answer if sending it twice does no harm.

    Args:
        url: the hub's address, without `/api`.
        token: an access token, or what gets them.
        timeout_s: how long the hub may be silent.
        attempts: how often a request is sent at most.
        longest_wait_s: a longer wait is left to the caller: the failure is raised with its `retry_after_s`.
        tls: which certificates count, instead of the system's.
        sleep: pauses.
        elapsed_s: a monotonic clock.
    """

    def __init__(
        self,
        url: str,
        token: str | TokenSource,
        *,
        timeout_s: float = 35.0,
        attempts: int = 5,
        longest_wait_s: float = 30.0,
        tls: ssl.SSLContext | None = None,
        sleep: Callable[[float], object] = time.sleep,
        elapsed_s: Callable[[], float] = time.monotonic,
    ) -> None:
        refuse_in_clear(url, "the token")
        self._url = url
        source = FixedToken(token) if isinstance(token, str) else token
        patience = Patience(attempts, longest_wait_s, sleep, elapsed_s)
        self._transport = Transport(url, source, patience, timeout_s, tls)

    def __repr__(self) -> str:
        return f"Client({self._url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()

    def publish(self, event: Mapping[str, Any]) -> Result:
        """Publish an event in its JSON form; what was not answered is sent again, since its id makes it one.

        Raises:
            ApiProblem: it was refused; `errors` names the fields at fault.
        """
        return self._post("/events", event, Result)

    def publish_batch(self, events: Sequence[Mapping[str, Any]]) -> Results:
        """Publish up to 1,000 events in their order; each has a result of its own, and what is refused stops none."""
        return self._post("/events", {"events": list(events)}, Results)

    def changes(self, after: int | None = None) -> Generator[Message]:
        """Follow what changes of one's people from now on, or after a position; it waits, and connects again.

        Raises:
            ApiProblem: the hub refuses to go on: the token, the role, or the position.
            ApiUnavailable: it did not answer the first time.
        """
        return follow(self._transport, after)
