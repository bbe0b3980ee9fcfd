"""The key store: which opaque reference stands for which subject, and that subject's data key."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from sqlalchemy import Engine

from hub.domain.ids import Subject
from hub.privacy.keys import MasterKey


class SubjectKey(NamedTuple):
    """A subject with its opaque 16-byte reference and its 32-byte data key."""

    ref: bytes
    subject: Subject
    key: bytes


class KeyStore:
    """Data keys by subject, wrapped by the key-encryption key, in a database of their own."""

    def __init__(self, engine: Engine, master: MasterKey, random_bytes: Callable[[int], bytes]) -> None:
        raise NotImplementedError

    def create(self) -> None:
        """Make the tables, bound to this master key."""
        raise NotImplementedError

    def verify(self) -> None:
        """Check that the store was made with this master key."""
        raise NotImplementedError

    def ensure(self, subjects: Collection[Subject]) -> dict[Subject, SubjectKey]:
        """Give every subject's key, made and committed where there was none."""
        raise NotImplementedError

    def find(self, subjects: Collection[Subject]) -> dict[Subject, SubjectKey]:
        """Give the keys of the subjects that have one."""
        raise NotImplementedError

    def by_ref(self, refs: Collection[bytes]) -> dict[bytes, SubjectKey]:
        """Give the keys of the references that still have one."""
        raise NotImplementedError
