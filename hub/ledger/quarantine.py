"""Quarantine: records that break the contract, kept with their original bytes until someone decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from hub.privacy.keys import MasterKey

HELD = "held"
REDRIVEN = "redriven"
DISCARDED = "discarded"


class Rejected(NamedTuple):
    """A record that cannot enter the ledger; `reason` is the error's code, `detail` its text without personal data."""

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Summary(NamedTuple):
    """A quarantined record without its bytes."""

    entry_id: int
    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    received_at: datetime
    state: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


class Decision(NamedTuple):
    """What someone decided about an entry."""

    state: str
    decided_at: datetime
    decided_by: str
    note: str


class Quarantined(NamedTuple):
    """A quarantined record with its original bytes and the decisions about it, oldest first."""

    summary: Summary
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    decisions: list[Decision]


class QuarantineKey:
    """Wraps the entries' keys and hashes their values: `QuarantineKey(master.derive("quarantine"))`."""

    def __init__(self, secret: bytes) -> None:
        raise NotImplementedError

    @classmethod
    def from_master(cls, master: MasterKey) -> QuarantineKey:
        """Derive the key from the key-encryption key."""
        raise NotImplementedError


class Quarantine:
    """The entries, opened with their key: every call works in the caller's transaction."""

    def __init__(self, key: QuarantineKey) -> None:
        raise NotImplementedError

    def hold(
        self, connection: Connection, items: Sequence[Rejected], *, now: Callable[[], datetime], random_bytes: Callable[[int], bytes]
    ) -> list[int]:
        """Keep records; gives their entry ids in order."""
        raise NotImplementedError

    def listing(self, connection: Connection, state: str | None = None, limit: int = 100, after: int = 0) -> list[Summary]:
        """List entries by id, without their bytes."""
        raise NotImplementedError

    def show(self, connection: Connection, entry_id: int) -> Quarantined:
        """Open an entry."""
        raise NotImplementedError

    def decide(self, connection: Connection, entry_id: int, state: str, by: str, note: str, now: Callable[[], datetime]) -> None:
        """Record a decision."""
        raise NotImplementedError

    def find_by_value(self, connection: Connection, value: bytes) -> list[Summary]:
        """Find entries by their exact value."""
        raise NotImplementedError

    def accounting(self, connection: Connection) -> dict[str, int]:
        """Count entries by state."""
        raise NotImplementedError

    def purge(self, connection: Connection, older_than: datetime) -> int:
        """Destroy the bytes of entries decided before a moment; the rows stay, so that sums add up."""
        raise NotImplementedError
