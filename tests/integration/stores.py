"""Builders of stores, keys and entries for the tests of the ledger."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from hub.domain.ids import Subject
from hub.ledger import ledger
from hub.ledger.database import open_database, writing
from hub.ledger.ledger import NewEntry
from hub.ledger.tables import create_tables
from hub.privacy.keys import MasterKey
from hub.privacy.keystore import KeyStore, SubjectKey

MASTER = MasterKey(b"k" * 32)
NOON = datetime(2021, 4, 1, 12, tzinfo=UTC)
TOPIC = "france-travail.case-events.v1"


def a_ledger(folder: Path) -> Engine:
    engine = open_database(f"sqlite:///{folder}/hub.db", must_exist=False)
    create_tables(engine)
    return engine


def a_keystore(folder: Path, master: MasterKey = MASTER, *, cached: int = 100) -> KeyStore:
    engine = open_database(f"sqlite:///{folder}/keys.db", must_exist=False)
    keystore = KeyStore(engine, master, os.urandom, cached=cached)
    keystore.create()
    return keystore


def a_case(number: int = 1) -> Subject:
    return Subject("case", "france_travail", "", f"{number:011d}")


def an_event_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def an_entry(
    number: int, subject: SubjectKey, *, event_type: str = "CaseUpdated", body: bytes = b"avro body"
) -> NewEntry:
    mac = number.to_bytes(32, "big")
    return NewEntry(an_event_id(number), subject, event_type, 7, body, mac, TOPIC, 0, number)


def append(engine: Engine, *entries: NewEntry, stamp: datetime = NOON) -> list[int]:
    with writing(engine) as connection:
        return ledger.append(connection, entries, stamp=stamp, random_bytes=os.urandom)


def file_bytes(folder: Path) -> bytes:
    """Everything the stores of a folder hold on disk, write-ahead logs included."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
