"""The digest of an entry: what somebody noted years ago must still be found."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text

from hub.audit.integrity import Anchor, anchor, digest_at
from hub.ledger import tables
from hub.ledger.database import reading, writing
from tests.integration.stores import a_ledger

ENTRY = {
    "position": 1,
    "subject_ref": b"s" * 16,
    "event_type": "CaseUpdated",
    "schema_id": 7,
    "stamped_at": 1_617_278_400_000_000,
    "event_id": b"e" * 16,
    "topic": "france-travail.case-events.v1",
    "partition": 3,
    "offset": 41,
    "nonce": b"n" * 12,
    "payload": b"sealed",
    "content_mac": b"m" * 32,
    "key_commitment": b"c" * 32,
}
NOTED = "aa6bd8e327e9ac737bf5f9b015c091ed"


@pytest.mark.usefixtures("database")
def test_the_digest_of_an_entry_is_what_it_ever_was_on_each_database(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        connection.execute(tables.ledger.insert(), ENTRY)
    with reading(engine) as connection:
        assert anchor(connection) == Anchor(1, NOTED)
        assert digest_at(connection, 2) is None


def test_it_does_not_depend_on_how_the_table_is_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        connection.execute(tables.ledger.insert(), ENTRY)
        connection.exec_driver_sql("alter table ledger add column later text")
    columns = [Column(column.name, column.type) for column in reversed(tables.ledger.columns)]
    monkeypatch.setattr(tables, "ledger", Table("ledger", MetaData(), Column("later", Text), *columns))
    with reading(engine) as connection:
        assert digest_at(connection, 1) == NOTED
