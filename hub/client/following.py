"""Following changes: server-sent events, from where one was, over any number of connections."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from itertools import count

import httpx2
import msgspec

from hub.client.documents import Document
from hub.client.transport import Asking, Transport
from hub.errors import ApiProblem, ApiUnavailable, IssuerUnavailable

PATH = "/api/v1/changes"
SILENCE_S = 60.0
"""The hub says something every 15 s; a connection that is silent for so long is given up."""
LONGEST_PAUSE_S = 30.0
_RETRY_S = 2.0


class ChangedPerson(Document):
    """A person whom a change concerns."""

    person_id: str
    is_regrouped: bool = False


class ChangedBy(Document):
    """The event that was accepted."""

    event_id: str
    type: str
    network: str
    occurred_at: datetime


class Change(Document):
    """What changed of people whom the reader accompanies.

    `event` is None where an event about somebody else joined or parted their case records.
    """

    position: int
    accepted_at: datetime
    event: ChangedBy | None
    people: list[ChangedPerson]


class Message(Document):
    """Something that the hub said: keep `position`, and give it as `after` to go on from here.

    `change` is None where it only says how far it is.
    """

    position: int
    change: Change | None = None


def follow(transport: Transport, after: int | None) -> Generator[Message]:
    """Give what the hub says, for ever; a connection that ends is made again.

    Raises:
        ApiProblem: the hub refuses to go on: the token, the role, or the position.
        ApiUnavailable: it did not answer the first time.
    """
    position = after
    failures = 0
    for connection in count():
        try:
            with closing(_connected(transport, position)) as answer:
                for message in read(answer.iter_bytes()):
                    failures = 0
                    position = message.position
                    yield message
        except httpx2.TransportError:
            pass
        except (ApiUnavailable, IssuerUnavailable):
            if connection == 0:
                raise
        except ApiProblem as problem:
            if connection == 0 or not problem.is_passing:
                raise
        failures += 1
        transport.patience.sleep(max(_RETRY_S, min(LONGEST_PAUSE_S, transport.patience.pause_s(failures))))


def _connected(transport: Transport, position: int | None) -> httpx2.Response:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if position is not None:
        headers["Last-Event-ID"] = str(position)
    timeout = httpx2.Timeout(SILENCE_S)
    return transport.send(Asking("GET", PATH, headers=headers), is_stream=True, timeout=timeout)


def read(chunks: Iterator[bytes]) -> Iterator[Message]:
    """Read server-sent events, as far as the hub uses them; what is cut off is left out.

    Source: WHATWG HTML, section 9.2.6.
    """
    kind, data, position = b"", b"", None
    for line in _lines(chunks):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"id" and value.isdigit():
            position = int(value)
        elif name == b"event":
            kind = value
        elif name == b"data":
            data += value
        elif not line and position is not None:
            yield _message(kind, data, position)
            kind, data = b"", b""


def _message(kind: bytes, data: bytes, position: int) -> Message:
    if kind != b"change":
        return Message(position=position)
    try:
        return Message(position=position, change=msgspec.json.decode(data, type=Change))
    except msgspec.DecodeError as error:
        raise ApiProblem("not_understood", 200, f"a change is not as expected: {error}") from None


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in whole)
