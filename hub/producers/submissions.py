"""Submissions: events that other systems hand to the hub itself, which puts them on the log for them.

What is told to be accepted is durable. An event id stands for one content from its first submission on, whichever
process it came to, since the store is asked before the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Engine

from hub.codec.avro import Codec
from hub.domain.events.base import Event
from hub.domain.ids import uuid_bytes
from hub.errors import (
    ContentConflict,
    ContractError,
    ForbiddenNetwork,
    LogUnavailable,
    NotFound,
    RecordTooLarge,
    SchemaIncompatible,
    StoreUnavailable,
    UnknownSchema,
    Usage,
)
from hub.ledger import submissions
from hub.ledger.database import writing
from hub.ledger.submissions import Place, Standing
from hub.log.port import Message
from hub.producers.publisher import Publisher

OPENING_S = 2.0
"""How long to wait for another request that opens the log."""


class Taken(NamedTuple):
    """An event that is durable, and where it stands on the log; one that is not new was submitted before."""

    event_id: str
    place: Place
    is_new: bool


class Refused(NamedTuple):
    """What is not published, and why; its event id as far as it has one."""

    event_id: str | None
    error: ContractError


class _Draft(NamedTuple):
    """An event that may be published: the 16 bytes of its id, the MAC of its content, its record."""

    event_id: str
    key: bytes
    content_mac: bytes
    message: Message


class Submissions:
    """Takes events of one network each time; threads and processes may share the store and the log.

    Args:
        connect: opens the log to publish to; called with the first submission, and again until it succeeds.
        codec: over the registry whose ids stand on the wire.
        content_mac: the keyed hash of what an event says, the same as the gate's.
    """

    def __init__(
        self,
        store: Engine,
        connect: Callable[[], Publisher],
        codec: Codec,
        content_mac: Callable[[bytes], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._connect = connect
        self.codec = codec
        self._content_mac = content_mac
        self._now = now
        self._lock = Lock()
        self._publisher: Publisher | None = None
        self._is_closed = False

    def close(self) -> None:
        """Release the log, for good; what was taken stays."""
        with self._lock:
            self._is_closed = True
            if self._publisher is not None:
                self._publisher.close()
                self._publisher = None

    def submit(
        self, network: str, items: Sequence[Event | Refused], traceparent: str | None = None
    ) -> list[Taken | Refused]:
        """Publish the events of a network in their order; what cannot be published stops none of the others.

        An event that was submitted before and is not in the ledger yet is appended once more: so whoever sends again
        what the log lost makes it whole.

        Returns:
            What became of each, in the order given.

        Raises:
            LogUnavailable: the log did not answer; nothing counts as taken, submit all again.
            StoreUnavailable, Contended: the store is away or busy; nothing was published.
            RegistryUnavailable: a schema registry did not answer; nothing was published.
        """
        publisher = self._opened()
        events = [item for item in items if isinstance(item, Event)]
        with publisher.tracing(events, traceparent) as sent:
            judged = [self._judged(item, network, publisher, sent) for item in items]
            drafts = [each for each in judged if isinstance(each, _Draft)]
            standings = self._entered(drafts)
            fresh: dict[bytes, _Draft] = {}
            for draft in drafts:
                standing = standings[draft.key]
                if standing.content_mac == draft.content_mac and not standing.is_in_ledger:
                    fresh.setdefault(draft.key, draft)
            places = _appended(publisher, fresh)
            self._settle({key: place for key, place in places.items() if standings[key].place is None})
        return [
            each if isinstance(each, Refused) else _outcome(each, standings[each.key], fresh, places) for each in judged
        ]

    def _opened(self) -> Publisher:
        publisher = self._publisher
        if publisher is not None:
            return publisher
        if not self._lock.acquire(timeout=OPENING_S):
            raise LogUnavailable("the log does not answer; nothing was sent")
        try:
            if self._is_closed:
                raise LogUnavailable("the program ends; nothing was sent")
            publisher = self._publisher = self._publisher or self._connect()
        except (NotFound, Usage) as error:
            raise _not_set_up() from error
        finally:
            self._lock.release()
        return publisher

    def _judged(
        self, item: Event | Refused, network: str, publisher: Publisher, traceparent: str | None
    ) -> _Draft | Refused:
        if isinstance(item, Refused):
            return item
        event_id = item.meta.event_id
        if item.meta.network != network:
            error = ForbiddenNetwork(
                f"meta.network: the event speaks for another network than {network}, which you are of"
            )
            return Refused(event_id, error)
        try:
            message = publisher.message(item, traceparent)
        except RecordTooLarge as error:
            return Refused(event_id, error)
        except UnknownSchema as error:
            # The installation's fault, not the event's.
            raise SchemaIncompatible(str(error)) from error
        return _Draft(event_id, uuid_bytes(event_id), self._content_mac(self.codec.content(item)), message)

    def _entered(self, drafts: Sequence[_Draft]) -> dict[bytes, Standing]:
        contents: dict[bytes, bytes] = {}
        for draft in drafts:
            contents.setdefault(draft.key, draft.content_mac)
        if not contents:
            return {}
        with writing(self._store) as connection:
            return submissions.enter(connection, contents, stamp=self._now())

    def _settle(self, places: Mapping[bytes, Place]) -> None:
        """Note the places; without them, whoever repeats an event is not told where it first stood, and no more."""
        if places:
            with suppress(StoreUnavailable), writing(self._store) as connection:
                submissions.settle(connection, places)


def _appended(publisher: Publisher, fresh: Mapping[bytes, _Draft]) -> dict[bytes, Place]:
    if not fresh:
        return {}
    try:
        places = publisher.append([draft.message for draft in fresh.values()])
    except (NotFound, RecordTooLarge, Usage) as error:
        raise _not_set_up() from error
    return {key: Place(*partition, offset) for key, (partition, offset) in zip(fresh, places, strict=True)}


def _not_set_up() -> LogUnavailable:
    return LogUnavailable(
        "the log is not set up to take these events; once the operator has mended that, send them again"
    )


def _outcome(
    draft: _Draft, standing: Standing, fresh: Mapping[bytes, _Draft], places: Mapping[bytes, Place]
) -> Taken | Refused:
    if standing.content_mac != draft.content_mac:
        error = ContentConflict(
            f"event id {draft.event_id} was submitted before with other content, and the first one stands; "
            "publish a changed fact under a new event id"
        )
        return Refused(draft.event_id, error)
    is_new = fresh.get(draft.key) is draft and standing.place is None
    return Taken(draft.event_id, standing.place or places[draft.key], is_new)
