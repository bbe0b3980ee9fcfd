"""Requests of a client: its token, its patience, and failures as the hub's errors."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, NamedTuple, TypeVar

import httpx2
import msgspec

from hub.client.documents import Problem
from hub.client.tokens import TokenSource
from hub.errors import ApiProblem, ApiUnavailable, FieldDefect, HubError, IssuerUnavailable

PROBLEM = "application/problem+json"
TYPE = "urn:parcours-hub:problem:"
FIRST_WAIT_S = 0.5
GATEWAY = {502, 504}
"""Answers of a proxy that got none from the hub."""
_REFUSED_UNREAD = {"too_many_requests", "too_busy"}
"""Kinds of failures that come before anything is done."""
_UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
D = TypeVar("D")


class Patience(NamedTuple):
    """How a client waits: up to so many attempts, each after a pause of at most so many seconds.

    `sleep` pauses; `elapsed_s` is a monotonic clock, whose last digits spread the pauses of many clients.
    """

    attempts: int
    longest_wait_s: float
    sleep: Callable[[float], object]
    elapsed_s: Callable[[], float]

    def pause_s(self, attempt: int) -> float:
        """Give how long to wait after a failed attempt: twice as long each time, less up to a half."""
        longest_s = min(self.longest_wait_s, FIRST_WAIT_S * 2.0 ** min(attempt - 1, 30))
        return longest_s * (0.5 + self.elapsed_s() * 1e6 % 1 / 2)


class Asking(NamedTuple):
    """A request; one that is repeatable may be sent again though it may have arrived."""

    method: str
    path: str
    params: Mapping[str, Any] = {}
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    is_repeatable: bool = True


class Transport:
    """Sends requests to one hub; threads may share it."""

    def __init__(
        self, url: str, source: TokenSource, patience: Patience, timeout_s: float, tls: ssl.SSLContext | None
    ) -> None:
        self.patience = patience
        self._source = source
        self._http = httpx2.Client(base_url=url, timeout=timeout_s, verify=True if tls is None else tls)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def read(self, asking: Asking, kind: type[D]) -> D:
        """Send a request, and read the answer's document."""
        answer = self.send(asking)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.DecodeError as error:
            # Its text names types and members alone; the path is of the schema's names.
            raise ApiProblem("not_understood", answer.status_code, f"the answer is not as expected: {error}") from None

    def send(
        self, asking: Asking, *, is_stream: bool = False, timeout: httpx2.Timeout | None = None
    ) -> httpx2.Response:
        """Send a request until it succeeds, or has failed for good or often enough.

        Raises:
            ApiProblem: the hub refused it.
            ApiUnavailable: the hub did not answer.
            IssuerUnavailable, TokenInvalid: there is no token to send.
        """
        renewed = False
        for attempt in count(1):
            token = ""
            try:
                token = self._source.token()
                answer = self._answered(asking, token, is_stream=is_stream, timeout=timeout)
            except (ApiUnavailable, IssuerUnavailable) as error:
                failure: HubError = error
                wait_s = self._wait_s(asking, error, attempt)
            else:
                if answer.is_success:
                    return answer
                failure = _problem_of(answer)
                if answer.status_code == 401 and not renewed and self._source.refused(token):
                    renewed = True
                    continue
                wait_s = self._wait_s(asking, failure, attempt)
            if wait_s is None or attempt >= self.patience.attempts:
                raise failure
            self.patience.sleep(wait_s)
        raise AssertionError

    def _answered(
        self, asking: Asking, token: str, *, is_stream: bool, timeout: httpx2.Timeout | None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", **asking.headers}
        more: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
        request = self._http.build_request(
            asking.method, asking.path, params=asking.params, content=asking.body, headers=headers, **more
        )
        try:
            answer = self._http.send(request, stream=is_stream)
            if is_stream and not answer.is_success:
                answer.read()
        except httpx2.TransportError as error:
            failure = _Unanswered(type(error).__name__, is_unsent=isinstance(error, _UNSENT))
        else:
            return answer
        raise failure  # not while the other is handled: its request holds the token

    def _wait_s(self, asking: Asking, failure: HubError, attempt: int) -> float | None:
        """Give how long to wait until the same request may be sent again, None if it must not be."""
        pause_s = self.patience.pause_s(attempt)
        match failure:
            case IssuerUnavailable():
                return pause_s
            case _Unanswered():
                return pause_s if asking.is_repeatable or failure.is_unsent else None
            case ApiProblem() if failure.is_passing or failure.status in GATEWAY:
                if not (asking.is_repeatable or failure.kind in _REFUSED_UNREAD):
                    return None
                wait_s = max(pause_s, failure.retry_after_s or 0)
                return wait_s if wait_s <= self.patience.longest_wait_s else None
            case _:
                return None


class _Unanswered(ApiUnavailable):
    """No answer came; whether the request can have arrived."""

    def __init__(self, what: str, *, is_unsent: bool) -> None:
        super().__init__(f"the hub does not answer ({what}); check the address, the network, and that the hub runs")
        self.is_unsent = is_unsent


def _problem_of(answer: httpx2.Response) -> ApiProblem:
    told: dict[str, Any] = {
        "request_id": answer.headers.get("X-Request-Id", ""),
        "retry_after_s": _seconds(answer.headers.get("Retry-After", "")),
    }
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        return ApiProblem("not_the_hub", answer.status_code, "something other than the hub answered", **told)
    errors = [FieldDefect(each.pointer or each.parameter or "", each.detail) for each in problem.errors or ()]
    return ApiProblem(problem.type.removeprefix(TYPE), answer.status_code, problem.detail, errors=errors, **told)


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
