"""The key store: which opaque reference stands for which subject, and that subject's data key.

It is a database apart from the ledger, with backups of its own: without it the ledger's payloads cannot be opened, and
its references lead to nobody.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    inspect,
    select,
)

from hub.domain.ids import Subject
from hub.errors import KeyUnavailable, StoreCorrupt
from hub.ledger import bulk, installation, migrating
from hub.ledger.database import insert_ignoring, reading, store_name, writing
from hub.privacy.keys import KEY_BYTES, MasterKey
from hub.privacy.sealing import NONCE_BYTES, expand, open_sealed, seal

REF_BYTES = 16
_CHUNK = 1000
_CHECKED = b"parcours-hub/v1/key-check"
_SUBJECT = b"parcours-hub/v1/subject"
_Item = TypeVar("_Item")

REVISIONS = migrating.Revisions(
    "key store", Path(__file__).with_name("migrations"), "key_store_revision", "subject_key", "sequencer"
)
metadata = MetaData()
installation.describe(metadata)

subject_key = Table(
    "subject_key",
    metadata,
    Column("lookup", LargeBinary(32), primary_key=True),
    Column("subject_ref", LargeBinary(REF_BYTES), nullable=False, unique=True),
    Column("sealed_subject", LargeBinary, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

key_check = Table(
    "key_check",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("proof", LargeBinary(32), nullable=False),
)


class SubjectKey(NamedTuple):
    """A subject with its opaque 16-byte reference and its 32-byte data key."""

    ref: bytes
    subject: Subject
    key: bytes

    def __repr__(self) -> str:
        return "SubjectKey(...)"


class KeyStore:
    """Data keys by subject, wrapped by the key-encryption key (AES key wrap, RFC 3394).

    The least recently used keys beyond `cached` leave the memory; threads may share a store.
    """

    def __init__(
        self, engine: Engine, master: MasterKey, random_bytes: Callable[[int], bytes], *, cached: int = 20_000
    ) -> None:
        self._engine = engine
        self._random_bytes = random_bytes
        self._wrapping = master.derive("wrap")
        self._lookup_key = master.derive("lookup")
        self._proof = hmac.digest(master.derive("key-check"), _CHECKED, "sha256")
        self._cache = _Cache(cached)

    def create(self) -> None:
        """Make the tables and bind them to this master key; where they are already, verify them.

        Raises:
            KeyUnavailable: the store exists and was made with another master key.
            StoreRevision: the store is newer than this version of the hub.
            Usage: the database holds the ledger.
        """
        migrating.create_or_upgrade(self._engine, REVISIONS)
        with writing(self._engine) as connection:
            connection.execute(insert_ignoring(connection, key_check).values(id=1, proof=self._proof))
        self.verify()

    def verify(self) -> None:
        """Check that the store was made with this master key.

        Raises:
            KeyUnavailable: it was not, or it was never made.
        """
        with reading(self._engine) as connection:
            made = inspect(connection).has_table(key_check.name)
            proof = connection.scalar(select(key_check.c.proof)) if made else None
        if proof is None:
            raise KeyUnavailable(f"{store_name(self._engine)} is not a key store yet; run `hub init`")
        if not hmac.compare_digest(proof, self._proof):
            raise KeyUnavailable(
                f"the key store {store_name(self._engine)} was made with another key-encryption key; "
                "give the key it was made with (its backup, or the file that `hub init` wrote)"
            )

    def ensure(self, subjects: Collection[Subject]) -> dict[Subject, SubjectKey]:
        """Give every subject's key; new ones are on disk when this returns, before any row needs them.

        When several processes make the same key at once, the first to commit makes it and all return it.
        """
        found = self.find(subjects)
        for chunk in _chunks(subject for subject in dict.fromkeys(subjects) if subject not in found):
            # In one order everywhere, so that two writers of PostgreSQL never wait for each other.
            rows = sorted(self._new_row(subject) for subject in chunk)
            with writing(self._engine) as connection:
                bulk.insert_new(connection, subject_key, rows)
                keys = self._select(connection, subject_key.c.lookup, [row[0] for row in rows])
            # Only after the commit: a key that is not on disk must seal nothing.
            self._cache.add(keys)
            found |= {key.subject: key for key in keys}
        return found

    def require(self, refs: Collection[bytes]) -> dict[bytes, SubjectKey]:
        """Give the keys of references that the ledger holds.

        Raises:
            KeyUnavailable: one is missing: the key store is older than the ledger.
        """
        wanted = set(refs)
        found = self.by_ref(wanted)
        if len(found) < len(wanted):
            raise KeyUnavailable(
                f"the key store lacks {len(wanted) - len(found)} of {len(wanted)} keys that the ledger needs: it is "
                "older than the ledger, or another installation's; restore its newest backup. Nothing was changed"
            )
        return found

    def find(self, subjects: Collection[Subject]) -> dict[Subject, SubjectKey]:
        """Give the keys of the subjects that have one; the others are absent."""
        found = self._cache.by_subject(subjects)
        missing = [self._lookup(encode_subject(subject)) for subject in dict.fromkeys(subjects) if subject not in found]
        for key in self._read(subject_key.c.lookup, missing):
            found[key.subject] = key
        return found

    def by_ref(self, refs: Collection[bytes]) -> dict[bytes, SubjectKey]:
        """Give the keys of the references that still have one; the others are absent."""
        found = self._cache.by_ref(refs)
        for key in self._read(subject_key.c.subject_ref, [ref for ref in dict.fromkeys(refs) if ref not in found]):
            found[key.ref] = key
        return found

    def _read(self, column: Column[bytes], values: list[bytes]) -> list[SubjectKey]:
        if not values:
            return []
        with reading(self._engine) as connection:
            keys = [key for chunk in _chunks(values) for key in self._select(connection, column, chunk)]
        self._cache.add(keys)
        return keys

    def _select(self, connection: Connection, column: Column[bytes], values: list[bytes]) -> list[SubjectKey]:
        query = select(subject_key).where(bulk.among(connection, column, "wanted"))
        return [self._open(*row) for row in connection.execute(query, {"wanted": values})]

    def _lookup(self, encoded: bytes) -> bytes:
        return hmac.digest(self._lookup_key, encoded, "sha256")

    def _new_row(self, subject: Subject) -> tuple[bytes, ...]:
        """Make a subject's row, in the order of the table's columns."""
        fresh = self._random_bytes(REF_BYTES + KEY_BYTES + NONCE_BYTES)
        ref, key, nonce = fresh[:REF_BYTES], fresh[REF_BYTES:-NONCE_BYTES], fresh[-NONCE_BYTES:]
        encoded = encode_subject(subject)
        lookup = self._lookup(encoded)
        sealed = nonce + seal(expand(key, _SUBJECT), nonce, encoded, lookup + ref)
        return lookup, ref, sealed, aes_key_wrap(self._wrapping, key)

    def _open(self, lookup: bytes, ref: bytes, sealed: bytes, wrapped: bytes) -> SubjectKey:
        try:
            key = aes_key_unwrap(self._wrapping, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise StoreCorrupt(
                f"a data key in {store_name(self._engine)} does not unwrap: it was changed, or wrapped with another "
                "key-encryption key; check the key, or restore the key store from a backup"
            ) from error
        # The key wrap binds a key to nothing; opening the subject with it proves that the row is whole.
        encoded = open_sealed(expand(key, _SUBJECT), sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], lookup + ref)
        return SubjectKey(ref, decode_subject(encoded), key)


class _Cache:
    """The most recently used keys, by reference and by subject."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: OrderedDict[bytes, SubjectKey] = OrderedDict()
        self._refs: dict[Subject, bytes] = {}
        self._lock = Lock()

    def add(self, keys: Iterable[SubjectKey]) -> None:
        with self._lock:
            for key in keys:
                self._keys[key.ref] = key
                self._refs[key.subject] = key.ref
            while len(self._keys) > self._limit:
                _, oldest = self._keys.popitem(last=False)
                del self._refs[oldest.subject]

    def by_ref(self, refs: Iterable[bytes]) -> dict[bytes, SubjectKey]:
        keys = self._keys
        with self._lock:
            found = {ref: keys[ref] for ref in refs if ref in keys}
            for ref in found:
                keys.move_to_end(ref)
        return found

    def by_subject(self, subjects: Iterable[Subject]) -> dict[Subject, SubjectKey]:
        known = self._refs
        with self._lock:
            found = {subject: self._keys[known[subject]] for subject in subjects if subject in known}
            for key in found.values():
                self._keys.move_to_end(key.ref)
        return found


def encode_subject(subject: Subject) -> bytes:
    """Encode a subject: each part in UTF-8 after its length in two bytes, so that none runs into the next."""
    parts = [part.encode() for part in subject]
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def decode_subject(encoded: bytes) -> Subject:
    """Read back what `encode_subject` made."""
    parts, at = [], 0
    while at < len(encoded):
        end = at + 2 + int.from_bytes(encoded[at : at + 2], "big")
        parts.append(encoded[at + 2 : end].decode())
        at = end
    return Subject(*parts)


def _chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
