"""The composition root: puts the adapters together, and is the only place with a clock, randomness and settings."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from hub.audit.replay import Replay
from hub.codec.avro import Codec
from hub.codec.registry import FileRegistry, bundled_schemas
from hub.consumers.acceptance import Acceptance
from hub.consumers.gate import Gate
from hub.consumers.ingest import SMALLEST_BATCH, Ingest
from hub.domain.topics import DECISIONS, INBOUND
from hub.errors import KeyUnavailable, Usage
from hub.ledger import ledger
from hub.ledger import tables as ledger_tables
from hub.ledger.database import open_database, reading, writing
from hub.ledger.quarantine import DECIDED_KEPT_DAYS, Quarantine, QuarantineKey
from hub.log import embedded_file
from hub.log.embedded import EmbeddedConsumer, EmbeddedProducer
from hub.log.embedded_topics import EmbeddedAdmin
from hub.log.port import Positions
from hub.privacy.keys import MasterKey
from hub.privacy.keystore import KeyStore
from hub.privacy.sealing import content_mac, keyed_hash
from hub.producers.publisher import Publisher
from hub.projections import generations
from hub.projections.building import Alone, Builder, Crew, Processes
from hub.projections.engine import Projector
from hub.projections.rebuild import Progress, Rebuild
from hub.settings import Settings

HASH_BYTES = 16
ALONE_UP_TO = 20_000
"""Events in the ledger up to which a rebuild is done before worker processes would have started."""
COLLECT_AFTER = 1_000_000
"""Objects made before Python looks for cycles: a batch makes many objects and no cycles, and looking after every 700,
Python's own default, took a quarter to a third of the time of ingest and rebuild (measured)."""


def now() -> datetime:
    """Give the present moment, UTC."""
    return datetime.now(UTC)


class Paths:
    """The files of a data directory."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self.data = data
        self.store = data / "hub.db"
        self.keys = data / "keys.db"
        self.log = data / "log.db"
        self.master_key = settings.key_file or data / "master.key"


class Hub:
    """An open installation: its stores, its key, and everything built on them."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        """Open an installation made by `create`.

        Raises:
            StoreUnavailable: there is none here, or a store cannot be opened now.
            StoreCorrupt: a file is damaged.
            KeyUnavailable: the key is missing, badly protected, or another one.
        """
        gc.set_threshold(COLLECT_AFTER, 20, 20)
        self.settings = settings
        self.paths = Paths(settings.data, settings)
        self.now = clock
        self._open = ExitStack()
        with ExitStack() as on_error:
            on_error.callback(self.close)
            self.store = self._database(self.paths.store)
            _key_store_is_there(self.paths)
            keys = self._database(self.paths.keys)
            self.master = _master_key(settings, self.paths)
            self.keystore = KeyStore(keys, self.master, os.urandom)
            self.keystore.verify()
            on_error.pop_all()
        self.registry = FileRegistry(settings.schemas or bundled_schemas())
        self.codec = Codec(self.registry)
        trait_hash = keyed_hash(self.master.derive("trait-hash"))
        self.keyed_hash = lambda content: trait_hash(content)[:HASH_BYTES]
        self.replay = Replay(self.codec, self.keystore, self.keyed_hash)
        self.projector = Projector(self.codec, self.keystore, self.keyed_hash)
        self.quarantine = Quarantine(QuarantineKey.from_master(self.master))
        contents = self.master.derive("content-mac")
        self.gate = Gate(self.codec, lambda content: content_mac(contents, content))
        self.acceptance = Acceptance(self.keystore, self.projector, os.urandom)

    @classmethod
    def create(cls, settings: Settings) -> Hub:
        """Make a data directory: key, stores, log and topics; what exists already is kept as it is."""
        paths = Paths(settings.data, settings)
        if paths.store.exists():
            _key_store_is_there(paths)
        paths.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if settings.key is None and not paths.master_key.exists():
            if paths.keys.exists():
                _master_key(settings, paths)
            MasterKey.create_file(paths.master_key, os.urandom)
        master = _master_key(settings, paths)
        timeout = settings.busy_timeout_ms
        keys = open_database(f"sqlite:///{paths.keys}", must_exist=False, busy_timeout_ms=timeout)
        KeyStore(keys, master, os.urandom).create()
        keys.dispose()
        store = open_database(f"sqlite:///{paths.store}", must_exist=False, busy_timeout_ms=timeout)
        with writing(store) as connection:
            ledger_tables.metadata.create_all(connection)
            generations.create_first(connection, now())
        store.dispose()
        if not paths.log.exists():
            embedded_file.create(paths.log, f".{paths.log.name}.{os.urandom(8).hex()}")
        admin = EmbeddedAdmin(paths.log, os.urandom)
        admin.create({topic: 1 if topic == DECISIONS else settings.partitions for topic in INBOUND})
        admin.close()
        return cls(settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release every file."""
        self._open.close()

    def _database(self, path: Path) -> Engine:
        engine = open_database(f"sqlite:///{path}", busy_timeout_ms=self.settings.busy_timeout_ms)
        self._open.callback(engine.dispose)
        return engine

    def producer(self) -> EmbeddedProducer:
        """Open the log to append to."""
        return EmbeddedProducer(self.paths.log, self.now)

    def publisher(self, network: str | None = None) -> Publisher:
        """Open the log to publish events of one network, or of all for the hub's own screens and relays."""
        return Publisher(
            self.producer(),
            self.registry,
            token_key=self.master.derive("topic-token"),
            sleep=time.sleep,
            network=network,
        )

    def consumer(self, positions: Positions) -> EmbeddedConsumer:
        """Open the log to read every inbound topic."""
        return EmbeddedConsumer(self.paths.log, INBOUND, positions, time.sleep)

    def admin(self) -> EmbeddedAdmin:
        """Open the log to administer its topics.

        Raises:
            NotFound: there is none here; only `create` makes one.
        """
        embedded_file.open_log(self.paths.log).close()
        return EmbeddedAdmin(self.paths.log, os.urandom)

    def ingest(self, smallest_batch: int = SMALLEST_BATCH) -> Ingest:
        """Start a worker's ingest loop; bytes of quarantine entries decided long ago are destroyed first."""
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
        )

    def builder(self) -> Builder:
        """Give what reads histories and lays out rows for a rebuild."""
        return Builder(self.store, self.projector, self.keystore, self.keyed_hash)

    def rebuild(self, progress: Progress) -> int:
        """Rebuild the read model from the ledger and switch to it; give the new generation's number."""
        with closing(self._crew()) as crew:
            rebuild = Rebuild(self.store, self.projector, self.codec, self.keystore, self.keyed_hash, crew, self.now)
            return rebuild.run(progress)

    def _crew(self) -> Crew:
        with reading(self.store) as connection:
            is_small = ledger.last_position(connection) < ALONE_UP_TO
        workers = self.settings.rebuild_workers or os.cpu_count() or 1
        if is_small or workers == 1:
            return Alone(self.builder())
        return Processes(workers, partial(_open_builder, self.settings))


def _key_store_is_there(paths: Paths) -> None:
    """Refuse a store without its key store: with an empty one, every sealed event would pass for erased."""
    if not paths.keys.exists():
        raise KeyUnavailable(
            f"the key store {paths.keys} is gone, and with it the keys of what {paths.store} holds; "
            "restore it from its backup"
        )


def publisher_to(log: Path, token_key: bytes, network: str) -> Publisher:
    """Open an embedded log to publish one network's events, as a system does that has nothing else of the hub.

    `token_key` is that system's own secret of 32 bytes: it makes the opaque topic keys. Keep it, or the order per case
    is lost.

    Raises:
        NotFound: there is no such log; run `hub init`.
    """
    embedded_file.open_log(log).close()
    registry = FileRegistry(bundled_schemas())
    return Publisher(EmbeddedProducer(log, now), registry, token_key=token_key, sleep=time.sleep, network=network)


def _open_builder(settings: Settings) -> Builder:
    return Hub(settings).builder()


def _master_key(settings: Settings, paths: Paths) -> MasterKey:
    if settings.key is not None:
        if settings.key_file is not None:
            raise Usage("HUB_KEY and HUB_KEY_FILE are both set; keep one")
        return MasterKey.from_text(settings.key.get_secret_value())
    return MasterKey.from_file(paths.master_key)
