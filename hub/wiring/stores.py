"""The stores and the key that the settings name: SQLite files of the data directory, or PostgreSQL databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from hub.errors import HubError, KeyUnavailable, StoreMissing, Usage
from hub.ledger import migrating
from hub.ledger.database import CONNECTIONS, open_database, store_name, writing
from hub.ledger.migrating import STORE, Revisions
from hub.privacy.keys import MasterKey
from hub.privacy.keystore import REVISIONS as KEYS
from hub.privacy.keystore import KeyStore
from hub.projections import generations
from hub.settings import Settings
from hub.wiring.machine import now
from hub.wiring.pairing import pair


class Paths:
    """The files of a data directory; a store or a log that is a server leaves its file out."""

    def __init__(self, settings: Settings) -> None:
        self.data = settings.data
        self.store = self.data / "hub.db"
        self.keys = self.data / "keys.db"
        self.log = self.data / "log.db"
        self.master_key = settings.key_file or self.data / "master.key"


def open_store(settings: Settings, *, must_exist: bool = True, connections: int = CONNECTIONS) -> Engine:
    """Open the database of ledger and read model."""
    return _opened(
        settings, settings.database, Paths(settings).store, STORE, must_exist=must_exist, connections=connections
    )


def open_keys(settings: Settings, *, must_exist: bool = True, connections: int = CONNECTIONS) -> Engine:
    """Open the database of the key store.

    Raises:
        KeyUnavailable: its file is gone while the store is there.
    """
    if must_exist:
        _key_file_is_there(settings)
    return _opened(
        settings, settings.key_database, Paths(settings).keys, KEYS, must_exist=must_exist, connections=connections
    )


def _opened(
    settings: Settings, url: SecretStr | None, path: Path, revisions: Revisions, *, must_exist: bool, connections: int
) -> Engine:
    engine = _connected(settings, url, path, must_exist=must_exist, connections=connections)
    if must_exist:
        try:
            migrating.check(engine, revisions)
        except HubError:
            engine.dispose()
            raise
    return engine


def _refuse_mixed(settings: Settings) -> None:
    """Refuse one store in a file and one on a server, and both in one database.

    A ledger that machines share would be sealed under keys that one of them has; a backup of one database would hold
    the sealed events with their keys.
    """
    if (settings.database is None) != (settings.key_database is None):
        raise Usage("HUB_DATABASE and HUB_KEY_DATABASE go together: set both, or neither to keep the stores in files")
    if settings.database is None or settings.key_database is None:
        return
    try:
        places = [make_url(url.get_secret_value()) for url in (settings.database, settings.key_database)]
    except ArgumentError:
        # Opening says which of them cannot be read.
        return
    store, keys = ((url.host, url.port or 5432, url.database, url.query) for url in places)
    if store == keys:
        raise Usage(
            f"HUB_DATABASE and HUB_KEY_DATABASE are the same database, {places[0].database}; give the key store one of "
            "its own, with its own backups: whoever has both can read what is sealed"
        )


def _connected(
    settings: Settings, url: SecretStr | None, path: Path, *, must_exist: bool, connections: int = CONNECTIONS
) -> Engine:
    _refuse_mixed(settings)
    location = f"sqlite:///{path}" if url is None else url.get_secret_value()
    return open_database(
        location, must_exist=must_exist, busy_timeout_ms=settings.busy_timeout_ms, connections=connections
    )


def create_stores(settings: Settings) -> None:
    """Make the key and the stores; what exists already is kept as it is."""
    paths = Paths(settings)
    _refuse_mixed(settings)
    if settings.database is None and paths.store.exists():
        _key_file_is_there(settings)
    keys_are_made = paths.keys.exists() if settings.key_database is None else _key_database_is_made(settings)
    paths.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.key is None and not paths.master_key.exists():
        if keys_are_made:
            master_key(settings)
        MasterKey.create_file(paths.master_key, os.urandom)
    master = master_key(settings)
    with closing_engine(open_keys(settings, must_exist=False)) as keys:
        keystore = KeyStore(keys, master, os.urandom)
        keystore.create()
        with closing_engine(open_store(settings, must_exist=False)) as store:
            migrating.create_or_upgrade(store, STORE)
            with writing(store) as connection:
                generations.create_first(connection, now())
            pair(store, keys, lambda: keystore)


def is_up_to_date(settings: Settings) -> bool:
    """Tell whether an installation is there to which making it again would add nothing."""
    try:
        return not any(upgrade_stores(settings, dry_run=True).values())
    except StoreMissing:
        return False


def upgrade_stores(settings: Settings, *, dry_run: bool) -> dict[str, list[str]]:
    """Upgrade key store and store to this version of the hub; give each one's revisions applied, or still to be.

    Raises:
        StoreRevision: one is newer than this version of the hub.
        StoreMissing: one was never made.
        KeyUnavailable: they are not of one installation.
    """
    upgrade = migrating.pending if dry_run else migrating.upgrade
    paths = Paths(settings)
    with (
        closing_engine(_connected(settings, settings.key_database, paths.keys, must_exist=True)) as keys,
        closing_engine(_connected(settings, settings.database, paths.store, must_exist=True)) as store,
    ):
        applied = {KEYS.kind: upgrade(keys, KEYS), STORE.kind: upgrade(store, STORE)}
        if not dry_run:
            pair(store, keys, lambda: KeyStore(keys, master_key(settings), os.urandom))
    return applied


@contextmanager
def closing_engine(engine: Engine) -> Iterator[Engine]:
    """Release an engine's connections at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def _key_file_is_there(settings: Settings) -> None:
    """Refuse a store without its key store: with an empty one, every sealed event would pass for erased."""
    paths = Paths(settings)
    if settings.key_database is None and not paths.keys.exists():
        raise KeyUnavailable(
            f"the key store {paths.keys} is gone, and with it the keys of what {paths.store} holds; "
            "restore it from its backup"
        )


def _key_database_is_made(settings: Settings) -> bool:
    """Tell whether the key store's database holds keys; refuse an empty one beside a store, as a missing file."""
    with closing_engine(open_keys(settings, must_exist=False)) as keys:
        if migrating.was_made(keys, KEYS):
            return True
        with closing_engine(open_store(settings, must_exist=False)) as store:
            if migrating.was_made(store, STORE):
                raise KeyUnavailable(
                    f"the key store {store_name(keys)} is empty, and with it the keys of what {store_name(store)} "
                    "holds are gone; restore it from its backup"
                )
    return False


def master_key(settings: Settings) -> MasterKey:
    """Load the key-encryption key.

    Raises:
        KeyUnavailable: it is missing, badly protected or malformed.
        Usage: two settings name it.
    """
    if settings.key is not None:
        if settings.key_file is not None:
            raise Usage("HUB_KEY and HUB_KEY_FILE are both set; keep one")
        return MasterKey.from_text(settings.key.get_secret_value())
    return MasterKey.from_file(Paths(settings).master_key)
