"""One installation's id in its store and in its key store, so that events are never sealed under another one's keys."""

from __future__ import annotations

import os
from collections.abc import Callable

from sqlalchemy import Engine

from hub.errors import Forgotten, KeyUnavailable, StoreCorrupt
from hub.ledger import installation, ledger
from hub.ledger.database import reading, store_name, writing
from hub.privacy.keystore import KeyStore

ID_BYTES = 16


def pair(store: Engine, keys: Engine, keystore: Callable[[], KeyStore]) -> None:
    """Give both stores one id where one of them has none yet; two that have one keep it.

    `keystore` opens the key store with its master key; it is asked for only where an id is missing.

    Raises:
        KeyUnavailable: the keys are not those of the ledger's newest entry.
    """
    ours, theirs = _read(store), _read(keys)
    if ours is not None and theirs is not None:
        return
    _refuse_other_keys(store, keystore())
    # Of two at once, the first to record an id in the key store gives it to both.
    with writing(keys) as connection:
        installation.record(connection, ours or os.urandom(ID_BYTES).hex())
        kept = installation.read(connection)
    with writing(store) as connection:
        installation.record(connection, str(kept))


def verified(store: Engine, keys: Engine) -> str:
    """Give the installation's id.

    Raises:
        KeyUnavailable: store and key store are not of one installation, or were not paired yet.
    """
    ours, theirs = _read(store), _read(keys)
    if ours is None or theirs is None:
        raise KeyUnavailable(
            f"the store {store_name(store)} and the key store {store_name(keys)} were not brought together yet; "
            "run `hub init`"
        )
    if ours != theirs:
        raise KeyUnavailable(
            f"the key store {store_name(keys)} belongs to another installation than the store {store_name(store)}; "
            "check HUB_DATA, HUB_DATABASE and HUB_KEY_DATABASE. Nothing was changed"
        )
    return ours


def _read(engine: Engine) -> str | None:
    with reading(engine) as connection:
        return installation.read(connection)


def _refuse_other_keys(store: Engine, keystore: KeyStore) -> None:
    keystore.verify()
    with reading(store) as connection:
        newest = ledger.last_position(connection)
        if not newest:
            return
        try:
            ledger.entry_at(connection, newest, keystore)
        except (Forgotten, StoreCorrupt) as error:
            raise KeyUnavailable(
                f"the key store does not open the newest entry of {store_name(store)}: it belongs to another "
                "installation, or is older than the ledger; give the right one, or restore its newest backup"
            ) from error
