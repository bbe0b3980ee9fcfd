"""The outbound feed: reads the ledger's tail, and tells each network what changed of the people it has a case of."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine

from hub.codec.framing import MAX_RECORD_BYTES
from hub.codec.headers import update_headers
from hub.codec.updates import UpdateCodec
from hub.consumers.updating import Findings, Looking, Span
from hub.domain import snapshot
from hub.domain.topics import OUTBOUND_OF
from hub.domain.update import PathwayUpdated
from hub.errors import OffsetConflict
from hub.ledger import outbound, relinked, tail
from hub.ledger.database import reading, writing
from hub.ledger.outbound import Recipient
from hub.log.port import Message, Producer
from hub.projections import generations

EVENTS_AT_ONCE = 500
_KEY_BYTES = 16
_SLICE_S = 0.1
"""How often the ledger's end is looked at while nothing comes."""


@dataclass(slots=True)
class Told:
    """What the feed did: events passed, updates and tombstones appended, updates withheld from their only author.

    `overtaken` counts the looks that were in vain, since another feeder was faster.
    """

    events: int = 0
    updates: int = 0
    tombstones: int = 0
    withheld: int = 0
    overtaken: int = 0


class Feed:
    """Takes the ledger's tail in steps. Any number may run at once: one works, the others wait for their turn.

    An update is in the log before its position is noted, so a crash between the two repeats it: same person, same
    content, the same version or a higher one. Updates of one person are appended in the order of their versions, since
    whoever appends holds the position's row.
    """

    def __init__(
        self,
        store: Engine,
        connect: Callable[[], Producer],
        codec: UpdateCodec,
        *,
        key: bytes,
        sleep: Callable[[float], None],
        events_at_once: int = EVENTS_AT_ONCE,
        told: Callable[[Told], object] = lambda _: None,
    ) -> None:
        """Connect to the log.

        `key` is the secret from which the opaque keys of the topics are made; `told` gets the counts after each look
        that found something.
        """
        self._store = store
        self._producer = connect()
        self._codec = codec
        self._key = key
        self._sleep = sleep
        self._events_at_once = events_at_once
        self._told = told
        self.largest = MAX_RECORD_BYTES
        self._in_doubt: set[Recipient] = set()
        self._refs_in_doubt: set[bytes] = set()
        self.counts = Told()

    def close(self) -> None:
        """Leave the log; what was acknowledged stays."""
        self._producer.close()

    def step(self, timeout_ms: int) -> int:
        """Tell what comes next; give how many events were passed, 0 when none came in time.

        Raises:
            LogUnavailable: the log did not answer; the next step begins with the same events.
            StoreUnavailable: likewise for the store.
            RegistryUnavailable: likewise for the registry.
        """
        left_s = timeout_ms / 1000
        while not (passed := self._take()) and left_s > 0:
            self._sleep(min(_SLICE_S, left_s))
            left_s -= _SLICE_S
        return passed

    def until_caught_up(self, progress: Callable[[Told], None], is_stopped: Callable[[], bool] = lambda: False) -> Told:
        """Tell everything that the ledger holds now, and stop when nothing more comes, or when told to."""
        while not is_stopped() and self.step(0):
            progress(self.counts)
        return self.counts

    def _take(self) -> int:
        looked = self._look()
        if looked is None:
            return 0
        span, found = looked
        try:
            self._commit(span, found)
        except OffsetConflict:
            self.counts.overtaken += 1
        else:
            self._in_doubt.clear()
            self._refs_in_doubt.clear()
            self.counts.events += span.reached - span.after
            self.counts.withheld += found.withheld
            tombstones = sum(update is None for update in found.updates.values())
            self.counts.tombstones += tombstones
            self.counts.updates += len(found.updates) - tombstones
        self._told(self.counts)
        return span.reached - span.after

    def _look(self) -> tuple[Span, Findings] | None:
        with reading(self._store) as connection:
            tables = generations.live(connection)
            after = outbound.position(connection)
            heads = tail.after(connection, after, self._events_at_once)
            if not heads and not self._in_doubt:
                return None
            span = Span(after, heads[-1].position if heads else after, *tail.end(connection))
            refs = _not_looked_at(connection, heads, relinked.between(connection, after, span.reached))
            return span, Looking(connection, tables, span).find(refs | self._refs_in_doubt, self._in_doubt)

    def _commit(self, span: Span, found: Findings) -> None:
        messages = [self._message(to, update, span.version) for to, update in found.updates.items()]
        with writing(self._store) as connection:
            outbound.advance(connection, span.after, span.reached)
            if messages:
                # Until the commit, nobody knows whether these are in the log, or come after another feeder's.
                self._in_doubt.update(found.updates)
                self._refs_in_doubt.update(found.looked)
                self._producer.append(messages)
            outbound.replace_sent(connection, found.sent)
            outbound.replace_looked_at(connection, found.looked)

    def _message(self, to: Recipient, update: PathwayUpdated | None, version: int) -> Message:
        key = update_key(self._key, to)
        headers = tuple(update_headers(key, version, self._codec.schema))
        value = None if update is None else self._encoded(update)
        return Message(OUTBOUND_OF[to.network], key, value, headers)

    def _encoded(self, update: PathwayUpdated) -> bytes:
        value = self._codec.encode(update)
        if len(value) <= self.largest:
            return value
        short = snapshot.shortened(update.model_dump())
        return self._codec.encode(PathwayUpdated.model_validate({**short, "is_shortened": True}))


def update_key(key: bytes, to: Recipient) -> bytes:
    """Give the opaque key of a person's updates for one network: it says nothing about them to who lacks the secret."""
    return hmac.digest(key, f"{UUID(bytes=to.person_id)}\x1f{to.network}".encode(), "sha256")[:_KEY_BYTES]


def _not_looked_at(
    connection: Connection, heads: Sequence[tail.Head], moved: Iterable[relinked.Relinked]
) -> set[bytes]:
    """Leave out the case records that were looked at when the ledger had come further: a state says all at once."""
    latest = {head.subject_ref: head.position for head in heads}
    for position, ref in moved:
        latest[ref] = max(position, latest.get(ref, 0))
    looked = outbound.looked_at(connection, latest)
    return {ref for ref, position in latest.items() if ref not in looked or looked[ref].position < position}
