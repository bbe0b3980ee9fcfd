"""The ledger in SQLite: values of the wrong type are found, and histories read from an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from hub.errors import StoreCorrupt
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from tests.integration.stores import a_case, a_keystore, a_ledger, an_entry, append

COLUMNS = (
    "event_type",
    "schema_id",
    "stamped_at",
    "topic",
    "partition",
    "offset",
    "content_mac",
    "key_commitment",
    "event_id",
)


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("value", ["'text'", "x'00'", "-1", "1.5"])
def test_a_value_of_another_type_is_found(tmp_path: Path, column: str, value: str) -> None:
    engine, subject = a_ledger(tmp_path), a_keystore(tmp_path).ensure([a_case()])[a_case()]
    append(engine, an_entry(1, subject))
    with writing(engine) as connection:
        connection.exec_driver_sql(f'update ledger set "{column}" = {value}')  # noqa: S608
    with pytest.raises(StoreCorrupt, match="position"), reading(engine) as connection:
        list(ledger.read_subjects(connection, [subject]))


def plan(engine: Engine, query: Callable[[Any], object]) -> str:
    """Give how SQLite carries out the first statement of a query."""
    with reading(engine) as connection:
        seen: list[tuple[str, Any]] = []
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(seen.append)
        query(connection)
        raw.set_trace_callback(None)
        steps = connection.exec_driver_sql(f"explain query plan {seen[0]}").all()
    return "; ".join(step[-1] for step in steps)


def test_histories_and_types_are_read_from_an_index_without_sorting(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path)
    keys = keystore.ensure([a_case(1), a_case(2)]).values()
    by_subject = plan(engine, lambda connection: list(ledger.read_subjects(connection, keys, after_position=5)))
    types = ["Placed", "CepOpened"]
    of_types = plan(engine, lambda connection: list(ledger.read_subjects(connection, keys, event_types=types)))
    assert "ledger_by_subject" in of_types
    by_type = plan(engine, lambda connection: list(ledger.read_types(connection, ["Placed"], keystore)))
    assert "ledger_by_subject (subject_ref=? AND position>?)" in by_subject
    assert "ledger_by_type (event_type=?)" in by_type
    assert "TEMP B-TREE" not in by_subject + by_type
