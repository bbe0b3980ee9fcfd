"""Whether the ledger is as it was written: its last entries, opened and counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import Connection

from hub.errors import Forgotten, NotFound, StoreCorrupt
from hub.ledger import ledger
from hub.ledger.ledger import Unopened
from hub.ledger.moments import moment_of
from hub.privacy.keystore import KeyStore


class LedgerVerified(NamedTuple):
    """What was found from position `first` to `last`.

    `unopened` entries have no key any more, `missing` ones are not there, those at `changed` positions are not what was
    stored, and those at `displaced` ones are stamped before the one before them.
    """

    first: int
    last: int
    last_accepted_at: datetime | None
    unopened: int
    missing: int
    changed: tuple[int, ...]
    displaced: tuple[int, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was found wrong."""
        return not (self.missing or self.changed or self.displaced)


def verify_ledger(connection: Connection, keystore: KeyStore, most: int) -> LedgerVerified:
    """Verify the last entries, as many as `most`: each opens only as it was sealed, in its place, with its stamp."""
    last = ledger.last_position(connection)
    start = max(0, last - most)
    unopened = Unopened()
    try:
        entries = ledger.read_all(connection, keystore, start, last - start, unopened=unopened)
        changed: tuple[int, ...] = ()
    except StoreCorrupt:
        unopened = Unopened()
        looked_at = list(_one_by_one(connection, keystore, start, last, unopened))
        entries = [entry for _, entry in looked_at if entry is not None]
        changed = tuple(position for position, entry in looked_at if entry is None)
    missing = last - start - len(entries) - len(changed) - unopened.entries
    displaced = tuple(entry.position for before, entry in pairwise(entries) if entry.stamped_at < before.stamped_at)
    accepted_at = moment_of(entries[-1].stamped_at) if entries else None
    return LedgerVerified(min(start + 1, last), last, accepted_at, unopened.entries, missing, changed, displaced)


def _one_by_one(
    connection: Connection, keystore: KeyStore, start: int, last: int, unopened: Unopened
) -> Iterator[tuple[int, ledger.Entry | None]]:
    """Open each entry by itself; None for one that was changed."""
    for position in range(start + 1, last + 1):
        try:
            yield position, ledger.entry_at(connection, position, keystore)
        except StoreCorrupt:
            yield position, None
        except Forgotten:
            unopened.entries += 1
        except NotFound:
            continue
