"""An open installation: its stores, its key, its log, and everything built on them."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

from hub.audit.replay import Replay
from hub.audit.viewing import Viewer
from hub.codec.avro import Codec
from hub.codec.updates import UpdateCodec
from hub.consumers.acceptance import Acceptance
from hub.consumers.gate import Gate
from hub.consumers.ingest import SMALLEST_BATCH, Ingest
from hub.consumers.outbound import EVENTS_AT_ONCE, Feed, Told
from hub.domain.topics import INBOUND, OUTBOUND, partitions_of
from hub.ledger import ledger, submissions
from hub.ledger.database import CONNECTIONS, reading, writing
from hub.ledger.quarantine import DECIDED_KEPT_DAYS, Quarantine, QuarantineKey
from hub.log.port import Consumer, Positions, Producer, TopicAdmin
from hub.privacy.keystore import KeyStore
from hub.privacy.sealing import keyed_hash
from hub.producers.files.rawids import ByWireIds
from hub.producers.publisher import Publisher
from hub.producers.submissions import Submissions
from hub.projections import generations
from hub.projections.building import Alone, Builder, Crew, Processes
from hub.projections.engine import Projector
from hub.projections.rebuild import Progress, Rebuild
from hub.settings import Settings
from hub.telemetry.observer import SILENT, Observer
from hub.wiring.logs import EmbeddedLog, log_of
from hub.wiring.machine import now
from hub.wiring.pairing import verified
from hub.wiring.registries import registry_of, released
from hub.wiring.stores import Paths, create_stores, master_key, open_keys, open_store

HASH_BYTES = 16
ALONE_UP_TO = 20_000
"""Events in the ledger up to which a rebuild is done before worker processes would have started."""
COLLECT_AFTER = 1_000_000
"""Objects made before Python looks for cycles: a batch makes many objects and no cycles, and looking after every 700,
Python's own default, took a quarter to a third of the time of ingest and rebuild (measured)."""


class Hub:
    """An open installation."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime] = now, *, connections: int = CONNECTIONS
    ) -> None:
        """Open an installation made by `create`; `connections` are kept open to each store.

        Raises:
            StoreMissing: there is none here.
            StoreUnavailable: a store cannot be opened now.
            StoreCorrupt: a file is damaged.
            KeyUnavailable: the key is missing, badly protected, or another one, or the key store is
                another installation's.
        """
        gc.set_threshold(COLLECT_AFTER, 20, 20)
        self.settings = settings
        self.paths = Paths(settings)
        self.now = clock
        self.alone_up_to = ALONE_UP_TO
        self._open = ExitStack()
        self._open_stores(connections)
        # Two installations in one group would each be handed some partitions, and neither all events.
        self.group = settings.kafka_group or f"parcours-hub-{self.installation_id[:8]}"
        self.log = log_of(settings, self.paths.log, clock)
        self.registry = registry_of(settings)
        self.codec = Codec(released(settings))
        trait_hash = keyed_hash(self.master.derive("trait-hash"))
        self.keyed_hash = lambda content: trait_hash(content)[:HASH_BYTES]
        self.replay = Replay(self.codec, self.keystore, self.keyed_hash)
        self.viewer = Viewer(self.replay, self.codec, self.keystore)
        self.projector = Projector(self.codec, self.keystore, self.keyed_hash)
        self.quarantine = Quarantine(QuarantineKey.from_master(self.master))
        self._content_mac = keyed_hash(self.master.derive("content-mac"))
        self.gate = Gate(Codec(self.registry), self._content_mac)
        self.acceptance = Acceptance(self.keystore, self.projector, os.urandom)
        self.outbound_key = self.master.derive("outbound-key")

    def _open_stores(self, connections: int) -> None:
        with ExitStack() as on_error:
            on_error.callback(self.close)
            self.store = open_store(self.settings, connections=connections)
            self._open.callback(self.store.dispose)
            keys = open_keys(self.settings, connections=connections)
            self._open.callback(keys.dispose)
            self.master = master_key(self.settings)
            self.keystore = KeyStore(keys, self.master, os.urandom)
            self.keystore.verify()
            self.installation_id = verified(self.store, keys)
            on_error.pop_all()

    @classmethod
    def create(cls, settings: Settings, clock: Callable[[], datetime] = now) -> Hub:
        """Make an installation: key, stores, and an embedded log with its topics; what exists already is kept.

        The topics of a Kafka cluster are made by `hub topics create`.
        """
        create_stores(settings)
        log = log_of(settings, Paths(settings).log, clock)
        if isinstance(log, EmbeddedLog):
            log.create(partitions_of((*INBOUND, *OUTBOUND), settings.partitions))
        return cls(settings, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release every file and connection."""
        self._open.close()

    def producer(self) -> Producer:
        """Open the log to append to."""
        return self.log.producer()

    def raw_producer(self) -> Producer:
        """Open the log to append raw records framed by the ids of the release."""
        return ByWireIds(self.producer(), released(self.settings), self.registry)

    def publisher(self, network: str | None = None) -> Publisher:
        """Open the log to publish events of one network, or of all for the hub's own screens and relays."""
        return Publisher(
            self.producer(),
            self.registry,
            token_key=self.master.derive("topic-token"),
            sleep=time.sleep,
            network=network,
        )

    def submissions(self) -> Submissions:
        """Take events to publish, as the API does; the log is opened for the first of them and closed with the hub."""
        submissions.purge(self.store, self.now() - submissions.KEPT)
        found = Submissions(self.store, self._publisher_of_api, Codec(self.registry), self._content_mac, self.now)
        self._open.callback(found.close)
        return found

    def _publisher_of_api(self) -> Publisher:
        """Open the log to append once: a request must be answered in its time, and its client tries again."""
        settings = self.settings
        timeout_ms = min(settings.kafka_timeout_ms, settings.api_timeout_s * 1_000 // 2)
        log = log_of(settings.model_copy(update={"kafka_timeout_ms": timeout_ms}), self.paths.log, self.now)
        token_key = self.master.derive("topic-token")
        return Publisher(log.producer(), self.registry, token_key=token_key, sleep=time.sleep, attempts=1)

    def consumer(self, positions: Positions) -> Consumer:
        """Open the log to read every inbound topic."""
        return self.log.consumer(positions, self.group)

    def admin(self) -> TopicAdmin:
        """Open the log to administer its topics.

        Raises:
            NotFound: there is none here; only `create` makes one.
        """
        return self.log.admin()

    def ingest(self, smallest_batch: int = SMALLEST_BATCH, observer: Observer = SILENT) -> Ingest:
        """Start a worker's ingest loop.

        Before, generations that a rebuild had to leave are dropped, quarantined bytes decided long ago destroyed, and
        submissions forgotten that the ledger answers for.
        """
        generations.drop_retired(self.store)
        submissions.purge(self.store, self.now() - submissions.KEPT)
        with writing(self.store) as connection:
            self.quarantine.purge(connection, self.now() - timedelta(days=DECIDED_KEPT_DAYS))
        return Ingest(
            self.store,
            self.consumer,
            self.gate,
            self.acceptance,
            self.quarantine,
            now=self.now,
            random_bytes=os.urandom,
            sleep=time.sleep,
            smallest_batch=smallest_batch,
            observer=observer,
        )

    def feed(self, events_at_once: int = EVENTS_AT_ONCE, *, told: Callable[[Told], object] = lambda _: None) -> Feed:
        """Start the loop that tells the networks what changed; `told` gets its counts after each step."""
        return Feed(
            self.store,
            self.producer,
            UpdateCodec(self.registry),
            key=self.outbound_key,
            sleep=time.sleep,
            events_at_once=events_at_once,
            told=told,
        )

    def builder(self) -> Builder:
        """Give what reads histories and lays out rows for a rebuild."""
        return Builder(self.store, self.projector, self.keystore, self.keyed_hash, time.sleep)

    def rebuild(self, progress: Progress) -> int:
        """Rebuild the read model from the ledger and switch to it; give the new generation's number."""
        with closing(self._crew()) as crew:
            rebuild = Rebuild(
                self.store,
                self.projector,
                self.codec,
                self.keystore,
                self.keyed_hash,
                crew,
                now=self.now,
                sleep=time.sleep,
            )
            return rebuild.run(progress)

    def _crew(self) -> Crew:
        with reading(self.store) as connection:
            is_small = ledger.last_position(connection) < self.alone_up_to
        workers = self.settings.rebuild_workers or os.cpu_count() or 1
        if is_small or workers == 1:
            return Alone(self.builder())
        return Processes(workers, partial(_open_builder, self.settings))


def _open_builder(settings: Settings) -> Builder:
    return Hub(settings).builder()
