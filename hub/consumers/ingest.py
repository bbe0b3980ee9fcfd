"""The ingest loop: everything for a batch in one transaction, and the only place that tries again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from hub.consumers.acceptance import Acceptance
from hub.consumers.gate import Gate, Passed, Refused
from hub.errors import Contended, EventConflict, LogIncident, OffsetConflict, StoreUnavailable
from hub.ledger import offsets
from hub.ledger.accounting import CONSUMER
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import Quarantine, Rejected
from hub.log.port import Batch, Consumer, Stored, TopicPartition
from hub.telemetry.observer import SILENT, BatchObserver, Observer

SMALLEST_BATCH = 500
"""Records asked for while the hub keeps up: a short transaction, seen soon."""
LARGEST_BATCH = 8_000
"""Records asked for while it lags. A batch doubles as long as it comes back full: a person whose events arrive newest
first is refolded once a batch, so with n events the folds add up to a multiple of n, not of n squared."""
NEXT_RECORDS_MS = 200
"""How long to wait for records that the log still has: Kafka sends them when asked, the embedded log has them."""
ATTEMPTS = 6
FIRST_PAUSE_S = 0.05


@dataclass(slots=True)
class Counts:
    """Records by what became of them; `conflicts` are among the quarantined and are incidents."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    conflicts: int = 0


class Ingest:
    """Takes batches from the log into the ledger, the quarantine and the read model."""

    def __init__(
        self,
        store: Engine,
        connect: Callable[[Callable[[TopicPartition], Stored | None]], Consumer],
        gate: Gate,
        acceptance: Acceptance,
        quarantine: Quarantine,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        sleep: Callable[[float], None],
        smallest_batch: int = SMALLEST_BATCH,
        observer: Observer = SILENT,
    ) -> None:
        self._store = store
        self._gate = gate
        self._acceptance = acceptance
        self._quarantine = quarantine
        self._now = now
        self._random_bytes = random_bytes
        self._sleep = sleep
        self._positions: dict[TopicPartition, Stored] = {}
        self._consumer = connect(self._position)
        self._smallest = self._batch = smallest_batch
        self._observer = observer
        self.counts = Counts()

    def close(self) -> None:
        """Leave the log; every batch taken is committed."""
        self._consumer.close()

    def has_partitions(self) -> bool:
        """Tell whether any partition is this worker's to read now; other workers may have them all."""
        return bool(self._consumer.assignment())

    def step(self, timeout_ms: int) -> int:
        """Poll once and take what came; give how many records were read.

        Raises:
            LogIncident: the log lost what the stored offset points at; the worker must stop.
            StoreUnavailable: the store stayed locked, full or away; nothing of the batch was kept, and the next step
                begins with it.
            EventConflict, Contended: other workers stored events of the batch, or changed what it concerns, time and
                again; likewise.
            RegistryUnavailable: a schema registry did not answer, although the client tried again; likewise.
        """
        self._observer.polling()
        batches = self._consumer.poll(self._batch, timeout_ms)
        polled = sum(len(batch.records) for batch in batches)
        self._observer.polled(polled)
        for number, batch in enumerate(batches):
            try:
                self._take(batch)
            except BaseException:
                # The consumer is past them already: without this, the next step would skip them and nobody would know.
                for left in batches[number:]:
                    self._consumer.seek(left.partition, left.first_offset)
                raise
        self._batch = min(2 * self._batch, LARGEST_BATCH) if polled >= self._batch else self._smallest
        return polled

    def until_caught_up(
        self, progress: Callable[[Counts], None], is_stopped: Callable[[], bool] = lambda: False
    ) -> Counts:
        """Take everything that the log holds, and stop when nothing more comes, or when told to."""
        timeout_ms = 0
        while not is_stopped():
            if self.step(timeout_ms):
                progress(self.counts)
                timeout_ms = 0
            elif self._consumer.is_caught_up():
                break
            else:
                timeout_ms = NEXT_RECORDS_MS
        return self.counts

    def _take(self, batch: Batch) -> None:
        observer = self._observer.batch(*batch.partition, batch.records)
        judged = [self._gate.judge(record) for record in batch.records]
        passed = [each for each in judged if isinstance(each, Passed)]
        refused = [each for each in judged if isinstance(each, Refused)]
        observer.judged(passed, refused)
        pause = FIRST_PAUSE_S
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._acceptance.prepare(passed)
                self._commit(batch, passed, refused, observer)
                return  # noqa: TRY300 the loop is left here, tried again below
            except OffsetConflict:
                observer.overtaken()
                self._reread(batch)
                return
            except (EventConflict, Contended, StoreUnavailable) as error:
                if attempt == ATTEMPTS:
                    raise
                observer.retried(error.code)
                # Workers that got into each other's way must not all come back at once.
                self._sleep(pause * (0.5 + self._random_bytes(1)[0] / 255))
                pause *= 2

    def _commit(
        self, batch: Batch, passed: Sequence[Passed], refused: Sequence[Refused], observer: BatchObserver
    ) -> None:
        stored = self._positions.get(batch.partition)
        read = len(batch.records)
        if stored and batch.first_offset != stored.next_offset:
            # From before: another worker was faster. From beyond: what lies between would be skipped, and nobody know.
            raise OffsetConflict(
                f"the log gave {batch.partition.topic}/{batch.partition.partition} from {batch.first_offset} on, "
                f"and not from {stored.next_offset}"
            )
        reached = Stored(batch.next_offset, batch.topic_id, batch.leader_epoch, resets=stored.resets if stored else 0)
        with writing(self._store) as connection:
            resets = offsets.advance(connection, CONSUMER, batch.partition, stored, reached, read)
            outcome = self._acceptance.accept(connection, passed, self._now(), resets=resets)
            held = [_rejected(each, resets) for each in (*refused, *outcome.conflicts)]
            self._quarantine.hold(connection, held, now=self._now, random_bytes=self._random_bytes)
        self._positions[batch.partition] = reached
        self._consumer.commit({batch.partition: batch.next_offset})
        self.counts.read += read
        self.counts.accepted += outcome.accepted
        self.counts.duplicates += outcome.duplicates
        self.counts.quarantined += len(held)
        self.counts.conflicts += len(outcome.conflicts)
        observer.committed(outcome.accepted, outcome.duplicates, len(held), len(outcome.conflicts))

    def _reread(self, batch: Batch) -> None:
        """Another worker was faster: go on from where it is, in this partition alone.

        The other partitions keep what the consumer was told, so that a stored position and the place that the consumer
        reads from are never taken from two different moments.
        """
        partition = batch.partition
        stored = self._stored().get(partition)
        if stored is None:
            raise LogIncident(
                f"the stored offset of {partition.topic}/{partition.partition} vanished; restore the store"
            )
        if stored.topic_id != batch.topic_id:
            # The offset counts in another log than the one open here: reading on would take one for the other.
            raise LogIncident(
                f"the stored offset of {partition.topic}/{partition.partition} was reset to another topic of that name "
                "than this worker reads; start the worker again"
            )
        self._positions[partition] = stored
        self._consumer.seek(partition, stored.next_offset)

    def _position(self, partition: TopicPartition) -> Stored | None:
        """Read where a partition just assigned stands: until now, another worker may have had it."""
        stored = self._stored().get(partition)
        if stored is None:
            self._positions.pop(partition, None)
        else:
            self._positions[partition] = stored
        return stored

    def _stored(self) -> dict[TopicPartition, Stored]:
        with reading(self._store) as connection:
            return {
                TopicPartition(found.topic, found.partition): Stored(
                    found.next_offset, found.topic_id, found.leader_epoch, found.resets
                )
                for found in offsets.all_offsets(connection)
                if found.consumer == CONSUMER
            }


def _rejected(refused: Refused, resets: int) -> Rejected:
    record = refused.record
    return Rejected(
        record.topic,
        record.partition,
        record.offset,
        refused.reason,
        refused.detail,
        record.key,
        record.value,
        record.headers,
        resets,
    )
