"""Stored offsets and the sum that shows that nothing was lost."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.errors import OffsetConflict
from hub.ledger import duplicates, ledger, offsets
from hub.ledger.accounting import Accounting, accounting
from hub.ledger.database import reading, writing
from hub.ledger.duplicates import Duplicate
from hub.ledger.offsets import StoredOffset
from hub.ledger.quarantine import DISCARDED, REDRIVEN, Quarantine, QuarantineKey, Rejected
from hub.log.port import Stored, TopicPartition
from tests.integration.stores import MASTER, NOON, TOPIC, a_case, a_keystore, a_ledger, an_entry, an_event_id

FIRST = TopicPartition(TOPIC, 0)
SECOND = TopicPartition(TOPIC, 1)
QUARANTINE = Quarantine(QuarantineKey.from_master(MASTER))
pytestmark = pytest.mark.usefixtures("database")


def now() -> datetime:
    return datetime(2021, 4, 2, tzinfo=UTC)


def at(next_offset: int, topic_id: str = "topic-1", resets: int = 0) -> Stored:
    return Stored(next_offset, topic_id, 0, resets)


def advance(
    connection: Connection, expected: int | None, next_offset: int, records: int, tp: TopicPartition = FIRST
) -> None:
    offsets.advance(connection, "hub", tp, None if expected is None else at(expected), at(next_offset), records)


def hold(connection: Connection, *places: int) -> list[int]:
    items = [Rejected(TOPIC, 0, place, "undecodable", "no Avro", None, b"?", []) for place in places]
    return QUARANTINE.hold(connection, items, now=now, random_bytes=os.urandom)


def test_there_is_no_offset_before_the_first_batch(tmp_path: Path) -> None:
    with reading(a_ledger(tmp_path)) as connection:
        assert offsets.read(connection, "hub", FIRST) is None
        assert offsets.all_offsets(connection) == []


def test_an_offset_moves_from_its_expected_value_and_counts_records(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 10, 8)
    with writing(engine) as connection:
        offsets.advance(connection, "hub", FIRST, at(10), Stored(25, "topic-1", 3), 15)
    with reading(engine) as connection:
        assert offsets.read(connection, "hub", FIRST) == StoredOffset("hub", TOPIC, 0, 25, "topic-1", 3, 23)


@pytest.mark.parametrize("expected", [None, 9, 11])
def test_an_offset_that_is_not_the_expected_one_stays(tmp_path: Path, expected: int | None) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 10, 8)
    with pytest.raises(OffsetConflict), writing(engine) as connection:
        advance(connection, expected, 20, 10)
    with reading(engine) as connection:
        assert offsets.all_offsets(connection) == [StoredOffset("hub", TOPIC, 0, 10, "topic-1", 0, 8)]


def test_an_offset_expected_where_there_is_none_is_a_conflict(tmp_path: Path) -> None:
    with pytest.raises(OffsetConflict), writing(a_ledger(tmp_path)) as connection:
        advance(connection, 0, 10, 10)


def test_consumers_and_partitions_have_offsets_of_their_own(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 2, 2, SECOND)
        advance(connection, None, 1, 1)
        offsets.advance(connection, "audit", FIRST, None, at(5), 5)
        advance(connection, 1, 7, 3)
    with reading(engine) as connection:
        stored = [(each.consumer, each.partition, each.next_offset) for each in offsets.all_offsets(connection)]
    assert stored == [("audit", 0, 5), ("hub", 0, 7), ("hub", 1, 2)]


def test_an_empty_hub_adds_up(tmp_path: Path) -> None:
    with reading(a_ledger(tmp_path)) as connection:
        assert accounting(connection) == Accounting(0, 0, 0, 0, 0)
        assert accounting(connection).adds_up


def test_every_record_read_has_one_disposition(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_keystore(tmp_path).ensure([a_case()])[a_case()]
    with writing(engine) as connection:
        advance(connection, None, 9, 7)
        offsets.advance(connection, "audit", FIRST, None, at(100), 100)
        entries = [an_entry(number, subject) for number in range(2)]
        ledger.append(connection, entries, stamp=NOON, random_bytes=os.urandom)
        repeated = [Duplicate(TOPIC, 0, place, an_event_id(1)) for place in (2, 3)]
        duplicates.record(connection, repeated, stamp=NOON)
        _, discarded, redriven = hold(connection, 4, 5, 6)
        QUARANTINE.decide(connection, discarded, DISCARDED, "auditor", "a test record", now)
        QUARANTINE.decide(connection, redriven, REDRIVEN, "auditor", "schema added", now)
        ledger.append(connection, [an_entry(6, subject)], stamp=NOON, random_bytes=os.urandom)
    with reading(engine) as connection:
        summed = accounting(connection)
    assert summed == Accounting(read=7, accepted=3, duplicate=2, quarantined=1, discarded=1)
    assert summed.adds_up


def test_a_record_without_disposition_shows(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 2, 2)
        hold(connection, 0)
    with reading(engine) as connection:
        assert not accounting(connection).adds_up


def test_a_duplicate_record_is_counted_once(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        duplicates.record(connection, [], stamp=NOON)
        duplicates.record(connection, [Duplicate(TOPIC, 0, 1, an_event_id(1))], stamp=NOON)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        duplicates.record(connection, [Duplicate(TOPIC, 0, 1, an_event_id(1))], stamp=NOON)


def test_the_same_place_read_again_after_a_reset_is_another_record(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        assert offsets.advance(connection, "hub", FIRST, None, at(2), 2) == 0
        stored = offsets.read(connection, "hub", FIRST)
        assert stored
        offsets.reset(connection, stored, 0, "topic-2", by="C-4", note="the log was lost", now=now)
        resets = offsets.advance(connection, "hub", FIRST, Stored(0, "topic-2", -1, 1), Stored(2, "topic-2", 0), 2)
        assert resets == 1
        for time in (0, resets):
            duplicates.record(
                connection, [Duplicate(TOPIC, 0, place, an_event_id(1), time) for place in (0, 1)], stamp=NOON
            )
    with reading(engine) as connection:
        assert accounting(connection) == Accounting(read=4, accepted=0, duplicate=4, quarantined=0, discarded=0)
        (decision,) = offsets.decisions(connection)
    assert (decision.from_offset, decision.from_topic_id) == (2, "topic-1")
    assert (decision.to_offset, decision.to_topic_id, decision.decided_by) == (0, "topic-2", "C-4")


def test_signs_that_a_store_cannot_keep_are_replaced_in_a_decision(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 2, 2)
        stored = offsets.read(connection, "hub", FIRST)
        assert stored
        offsets.reset(connection, stored, 0, "topic-2", by="C\0-4", note="lost \udcff", now=now)
    with reading(engine) as connection:
        (decision,) = offsets.decisions(connection)
    assert (decision.decided_by, decision.note) == ("C\ufffd-4", "lost \ufffd")


def test_an_offset_that_a_worker_moved_meanwhile_is_not_reset(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 2, 2)
        stored = offsets.read(connection, "hub", FIRST)
        advance(connection, 2, 5, 3)
    assert stored
    with pytest.raises(OffsetConflict), writing(engine) as connection:
        offsets.reset(connection, stored, 0, "topic-2", by="C-4", note="the log was lost", now=now)
    with reading(engine) as connection:
        assert offsets.decisions(connection) == []


@pytest.mark.parametrize("topic_id", ["topic-1", "topic-2"])
def test_a_reset_to_the_same_number_is_noticed_by_who_read_before_it(tmp_path: Path, topic_id: str) -> None:
    engine = a_ledger(tmp_path)
    with writing(engine) as connection:
        advance(connection, None, 2, 2)
        stored = offsets.read(connection, "hub", FIRST)
        assert stored
        offsets.reset(connection, stored, 2, topic_id, by="C-4", note="read again", now=now)
    for expected in (at(2), at(2, "topic-3", 1)):
        with pytest.raises(OffsetConflict), writing(engine) as connection:
            offsets.advance(connection, "hub", FIRST, expected, at(5), 3)
    with writing(engine) as connection:
        assert offsets.advance(connection, "hub", FIRST, at(2, topic_id, 1), at(5, topic_id), 3) == 1
