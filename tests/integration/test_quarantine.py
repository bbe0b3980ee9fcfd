"""Quarantine: original bytes kept sealed until someone decides, and every decision on record."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hub.errors import NotFound, StoreCorrupt, Usage
from hub.ledger.database import reading, writing
from hub.ledger.quarantine import (
    DISCARDED,
    HELD,
    REDRIVEN,
    Decision,
    Quarantine,
    Quarantined,
    QuarantineKey,
    Rejected,
    Summary,
)
from hub.privacy.keys import MasterKey
from tests.integration.stores import MASTER, NOON, TOPIC, a_ledger, held_bytes

QUARANTINE = Quarantine(QuarantineKey.from_master(MASTER))
pytestmark = pytest.mark.usefixtures("database")


def a_record(
    offset: int = 0,
    *,
    key: bytes | None = b"token",
    value: bytes | None = b"\x00Marie Durand",
    reason: str = "undecodable",
) -> Rejected:
    headers = [("ce_id", b"1"), ("ce_id", b"2"), ("traceparent", None)]
    return Rejected(TOPIC, 3, offset, reason, "the value is no Avro", key, value, headers)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def hold(engine: Engine, *records: Rejected, moment: datetime = NOON) -> list[int]:
    with writing(engine) as connection:
        return QUARANTINE.hold(connection, records, now=at(moment), random_bytes=os.urandom)


def show(engine: Engine, entry_id: int, quarantine: Quarantine = QUARANTINE) -> Quarantined:
    with reading(engine) as connection:
        return quarantine.show(connection, entry_id)


def decide(engine: Engine, entry_id: int, state: str, moment: datetime = NOON, note: str = "seen") -> None:
    with writing(engine) as connection:
        QUARANTINE.decide(connection, entry_id, state, "auditor", note, at(moment))


def listing(engine: Engine, state: str | None = None, limit: int = 100, after: int = 0) -> list[Summary]:
    with reading(engine) as connection:
        return QUARANTINE.listing(connection, state, limit, after)


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return QUARANTINE.accounting(connection)


def purge(engine: Engine, older_than: datetime) -> int:
    with writing(engine) as connection:
        return QUARANTINE.purge(connection, older_than)


@pytest.mark.parametrize(
    "record",
    [a_record(), a_record(key=None), a_record(value=None), a_record(value=b""), a_record(value=bytes(20_000_000))],
)
def test_a_record_comes_back_with_its_original_bytes(tmp_path: Path, record: Rejected) -> None:
    engine = a_ledger(tmp_path)
    (entry_id,) = hold(engine, record)
    shown = show(engine, entry_id)
    assert (shown.key, shown.value, shown.headers) == (record.key, record.value, record.headers)
    assert shown.summary == Summary(
        entry_id, TOPIC, 3, 0, "undecodable", "the value is no Avro", NOON, HELD, None, None, None
    )
    assert shown.decisions == []


def test_entries_are_numbered_in_the_order_of_their_records(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    ids = hold(engine, a_record(5), a_record(2), a_record(9))
    assert ids == sorted(ids)
    assert [(entry.entry_id, entry.offset) for entry in listing(engine)] == list(zip(ids, [5, 2, 9], strict=True))
    assert hold(engine) == []


def test_the_listing_goes_page_by_page_and_by_state(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    ids = hold(engine, *(a_record(offset) for offset in range(5)))
    decide(engine, ids[1], DISCARDED)
    assert [entry.entry_id for entry in listing(engine, limit=2, after=ids[1])] == ids[2:4]
    assert [entry.entry_id for entry in listing(engine, DISCARDED)] == [ids[1]]
    assert [entry.entry_id for entry in listing(engine, HELD, limit=2)] == [ids[0], ids[2]]


def test_a_decision_is_recorded_with_who_when_and_why(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    (entry_id,) = hold(engine, a_record())
    decide(engine, entry_id, DISCARDED, NOON + timedelta(days=1), "a test of the network")
    decide(engine, entry_id, HELD, NOON + timedelta(days=2), "it was not a test")
    decide(engine, entry_id, REDRIVEN, NOON + timedelta(days=3), "schema added")
    shown = show(engine, entry_id)
    assert shown.summary[-5:-1] == (REDRIVEN, NOON + timedelta(days=3), "auditor", "schema added")
    assert shown.decisions == [
        Decision(DISCARDED, NOON + timedelta(days=1), "auditor", "a test of the network"),
        Decision(HELD, NOON + timedelta(days=2), "auditor", "it was not a test"),
        Decision(REDRIVEN, NOON + timedelta(days=3), "auditor", "schema added"),
    ]


@pytest.mark.parametrize("states", [[HELD], [REDRIVEN, HELD], [REDRIVEN, REDRIVEN], [DISCARDED, REDRIVEN], ["lost"]])
def test_a_decision_that_the_state_does_not_allow_is_refused(tmp_path: Path, states: list[str]) -> None:
    engine = a_ledger(tmp_path)
    (entry_id,) = hold(engine, a_record())
    *before, refused = states
    for state in before:
        decide(engine, entry_id, state)
    with pytest.raises(Usage, match=f"cannot become {refused}"):
        decide(engine, entry_id, refused)
    assert [decision.state for decision in show(engine, entry_id).decisions] == before


def test_an_entry_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with pytest.raises(NotFound):
        show(engine, 1)
    with pytest.raises(NotFound):
        decide(engine, 1, DISCARDED)


def test_entries_are_found_by_their_exact_value(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    first, _, third, _ = hold(
        engine, a_record(value=b"a"), a_record(value=b"b"), a_record(value=b"a"), a_record(value=None)
    )
    with reading(engine) as connection:
        assert [entry.entry_id for entry in QUARANTINE.find_by_value(connection, b"a")] == [first, third]
        assert QUARANTINE.find_by_value(connection, b"c") == []
        stranger = Quarantine(QuarantineKey.from_master(MasterKey(b"o" * 32)))
        assert stranger.find_by_value(connection, b"a") == []


def test_entries_are_counted_by_state(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    assert counts(engine) == {HELD: 0, REDRIVEN: 0, DISCARDED: 0}
    ids = hold(engine, *(a_record(offset) for offset in range(4)))
    decide(engine, ids[0], DISCARDED)
    assert counts(engine) == {HELD: 3, REDRIVEN: 0, DISCARDED: 1}


def test_bytes_of_old_decided_entries_are_destroyed_and_sums_stay(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    held, old, recent = hold(engine, *(a_record(offset) for offset in range(3)))
    decide(engine, old, DISCARDED, NOON)
    decide(engine, recent, REDRIVEN, NOON + timedelta(days=50))
    before = counts(engine)
    assert purge(engine, NOON + timedelta(days=30)) == 1
    assert purge(engine, NOON + timedelta(days=30)) == 0
    assert counts(engine) == before
    with pytest.raises(NotFound, match="destroyed"):
        show(engine, old)
    with pytest.raises(Usage, match="destroyed"):
        decide(engine, old, HELD)
    assert show(engine, held).value == show(engine, recent).value == a_record().value
    with reading(engine) as connection:
        assert [entry.entry_id for entry in QUARANTINE.find_by_value(connection, b"\x00Marie Durand")] == [held, recent]


def test_neither_bytes_nor_a_plain_hash_of_them_is_in_the_file(tmp_path: Path) -> None:
    hold(a_ledger(tmp_path), a_record(key=b"case-token"))
    held = held_bytes(tmp_path)
    assert b"undecodable" in held
    for secret in (b"Marie Durand", b"case-token", b"traceparent"):
        assert secret not in held


def test_another_master_key_opens_nothing(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    (entry_id,) = hold(engine, a_record())
    with pytest.raises(StoreCorrupt, match="key-encryption key"):
        show(engine, entry_id, Quarantine(QuarantineKey.from_master(MasterKey(b"o" * 32))))


@pytest.mark.parametrize(
    "change",
    ["original = value_hash", "reason = 'other'", '"offset" = 8', "received_at = 0", "topic = 'x'"],
)
def test_a_changed_entry_is_found(tmp_path: Path, change: str) -> None:
    engine = a_ledger(tmp_path)
    (entry_id,) = hold(engine, a_record())
    with writing(engine) as connection:
        connection.execute(text(f"update quarantine set {change}"))  # noqa: S608
    with pytest.raises(StoreCorrupt):
        show(engine, entry_id)


def test_moments_are_kept_in_utc_to_the_microsecond(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    moment = datetime(2021, 4, 1, 1, 2, 3, 456_789, tzinfo=UTC)
    (entry_id,) = hold(engine, a_record(), moment=moment)
    assert show(engine, entry_id).summary.received_at == moment


def test_signs_that_a_store_cannot_keep_are_replaced(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    (entry_id,) = hold(engine, a_record()._replace(detail="no\0 Avro \udcff"))
    decide(engine, entry_id, DISCARDED, note="a\0 test")
    shown = show(engine, entry_id)
    assert shown.summary.detail == "no\ufffd Avro \ufffd"
    assert shown.decisions[0].note == shown.summary.note == "a\ufffd test"
