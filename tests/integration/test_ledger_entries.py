"""The ledger: every event once, in order, readable as it was stored or not at all."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from hub.errors import EventConflict, Forgotten, NotFound, StoreCorrupt
from hub.ledger import ledger
from hub.ledger.database import reading, writing
from hub.ledger.ledger import Entry, Unopened
from hub.ledger.moments import microseconds, moment_of
from hub.privacy.keystore import KeyStore, SubjectKey
from tests.integration.stores import (
    MASTER,
    NOON,
    a_case,
    a_keystore,
    a_ledger,
    an_entry,
    an_event_id,
    append,
    held_bytes,
    zeros,
)

pytestmark = pytest.mark.usefixtures("database")


def a_subject(folder: Path, number: int = 1) -> SubjectKey:
    return a_keystore(folder).ensure([a_case(number)])[a_case(number)]


def history(engine: Engine, *keys: SubjectKey, after: int | None = None, up_to: int | None = None) -> list[Entry]:
    with reading(engine) as connection:
        return list(ledger.read_subjects(connection, keys, after_position=after, up_to_position=up_to))


def everything(engine: Engine, keystore: KeyStore, after: int = 0, limit: int = 1_000) -> list[Entry]:
    with reading(engine) as connection:
        return ledger.read_all(connection, keystore, after, limit)


def stamps(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.scalars(text("select stamped_at from ledger order by position")))


def forget(folder: Path, key: SubjectKey) -> KeyStore:
    """Give a key store without the key of a subject."""
    keystore = a_keystore(folder)
    with writing(keystore._engine) as connection:
        connection.execute(text("delete from subject_key where subject_ref = :ref"), {"ref": key.ref})
    return keystore


def test_positions_are_dense_from_one_over_batches(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    assert append(engine, an_entry(9, subject), an_entry(3, subject)) == [1, 2]
    assert append(engine, an_entry(5, subject)) == [3]
    assert append(engine) == []
    with reading(engine) as connection:
        assert ledger.count(connection) == 3


def test_a_rolled_back_batch_leaves_no_gap(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    with writing(engine) as connection:
        ledger.append(connection, [an_entry(1, subject)], stamp=NOON, random_bytes=os.urandom)
        connection.rollback()
    assert append(engine, an_entry(2, subject)) == [1]


def test_an_entry_reads_back_as_it_was_appended(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path)
    subject = keystore.ensure([a_case()])[a_case()]
    append(engine, an_entry(4, subject, event_type="DelegationProposed", body=b"\x00avro"))
    expected = Entry(1, subject.ref, "DelegationProposed", 7, microseconds(NOON), an_event_id(4), b"\x00avro")
    assert history(engine, subject) == [expected]
    assert everything(engine, keystore) == [expected]
    with reading(engine) as connection:
        assert ledger.entry_at(connection, 1, keystore) == expected
        assert list(ledger.read_types(connection, ["DelegationProposed"], keystore)) == [expected]


def test_stamps_rise_with_every_append_even_when_the_clock_runs_backwards(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    for number, minutes in enumerate([0, -60, -5, 1, 1, 0]):
        append(engine, an_entry(number, subject), stamp=NOON + timedelta(minutes=minutes))
    later, step = NOON + timedelta(minutes=1), timedelta(microseconds=1)
    assert [moment_of(stamp) for stamp in stamps(engine)] == [
        *(NOON + times * step for times in range(3)),
        *(later + times * step for times in range(3)),
    ]


def test_the_position_at_a_moment_is_the_last_stamped_by_then(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    for first, minutes in ((0, 0), (3, 10), (6, 20)):
        entries = [an_entry(number, subject) for number in range(first, first + 3)]
        append(engine, *entries, stamp=NOON + timedelta(minutes=minutes))
    moments = [-1, 0, 9, 10, 15, 20, 99]
    with reading(engine) as connection:
        found = [ledger.position_at(connection, NOON + timedelta(minutes=minutes)) for minutes in moments]
        assert found == [0, 3, 3, 6, 6, 9, 9]
        assert ledger.position_at(connection, NOON + timedelta(minutes=10, microseconds=-1)) == 3


def test_an_empty_ledger_has_no_position_at_any_moment(tmp_path: Path) -> None:
    with reading(a_ledger(tmp_path)) as connection:
        assert ledger.position_at(connection, NOON) == 0


def test_known_ids_come_with_the_mac_of_their_content(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, *(an_entry(number, subject) for number in range(1_200)))
    with reading(engine) as connection:
        found = ledger.known(connection, [an_event_id(number) for number in range(1_100, 1_300)])
        assert found == {an_event_id(number): number.to_bytes(32, "big") for number in range(1_100, 1_200)}
        assert ledger.known(connection, []) == {}


def test_an_id_that_is_there_already_keeps_nothing_of_its_batch(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, an_entry(1, subject))
    with pytest.raises(EventConflict) as refused:
        append(engine, an_entry(2, subject), an_entry(1, subject))
    assert refused.value.retriable
    assert [entry.event_id for entry in history(engine, subject)] == [an_event_id(1)]
    assert append(engine, an_entry(2, subject)) == [2]


def test_an_id_twice_in_a_batch_is_refused(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    with pytest.raises(EventConflict):
        append(engine, an_entry(1, subject), an_entry(1, subject))


def test_an_event_is_located_by_its_id(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, an_entry(8, subject), an_entry(9, subject))
    with reading(engine) as connection:
        located = ledger.locate(connection, an_event_id(9))
        assert located is not None
        assert (located.position, located.subject_ref) == (2, subject.ref)
        assert ledger.locate(connection, an_event_id(7)) is None


def test_histories_are_read_per_subject_in_order_and_between_positions(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path, cached=1_000)
    keys = list(keystore.ensure([a_case(number) for number in range(600)]).values())
    append(engine, *(an_entry(number, keys[number % 600]) for number in range(1_800)))
    chosen = keys[:-1]
    read = [(entry.subject_ref, entry.position) for entry in history(engine, *chosen)]
    assert read == sorted((key.ref, 1 + index + 600 * turn) for index, key in enumerate(chosen) for turn in range(3))
    bounded = history(engine, *keys, after=600, up_to=1_200)
    assert sorted(entry.position for entry in bounded) == list(range(601, 1_201))
    assert history(engine) == []


def test_a_history_can_be_read_of_some_types_only(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, an_entry(1, subject, event_type="Placed"), an_entry(2, subject), an_entry(3, subject))
    with reading(engine) as connection:
        read = ledger.read_subjects(connection, [subject], event_types=["Placed", "CepOpened"])
        assert [entry.position for entry in read] == [1]


def test_subjects_are_listed_page_by_page_up_to_a_position(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path)
    keys = list(keystore.ensure([a_case(number) for number in range(6)]).values())
    append(engine, *(an_entry(number, keys[number % 6]) for number in range(12)))
    refs = sorted(key.ref for key in keys[:5])
    with reading(engine) as connection:
        assert ledger.subject_refs(connection, after=b"", up_to_position=5, limit=3) == refs[:3]
        assert ledger.subject_refs(connection, after=refs[2], up_to_position=5, limit=3) == refs[3:]
        assert ledger.last_position(connection) == 12


def test_events_of_some_types_are_read_by_position(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path)
    subject = keystore.ensure([a_case()])[a_case()]
    types = ["CaseUpdated", "Placed", "CepOpened"]
    append(engine, *(an_entry(number, subject, event_type=types[number % 3]) for number in range(3_000)))

    def positions(*event_types: str, after: int = 0, up_to: int = 9_999) -> list[int]:
        with reading(engine) as connection:
            read = ledger.read_types(connection, event_types, keystore, after_position=after, up_to_position=up_to)
            return [entry.position for entry in read]

    assert positions("CaseUpdated", "CepOpened") == [number + 1 for number in range(3_000) if number % 3 != 1]
    assert positions("Placed", after=2, up_to=8) == [5, 8]
    assert positions("SiteModeChanged") == positions() == []


def test_the_whole_ledger_is_read_page_by_page(tmp_path: Path) -> None:
    engine, keystore = a_ledger(tmp_path), a_keystore(tmp_path)
    subject = keystore.ensure([a_case()])[a_case()]
    append(engine, *(an_entry(number, subject) for number in range(25)))
    pages: list[list[int]] = []
    while page := everything(engine, keystore, after=pages[-1][-1] if pages else 0, limit=10):
        pages.append([entry.position for entry in page])
    assert pages == [list(range(1, 11)), list(range(11, 21)), list(range(21, 26))]


def test_subjects_whose_key_was_destroyed_are_passed_over_and_counted(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    keys = a_keystore(tmp_path).ensure([a_case(1), a_case(2)])
    gone, kept = keys[a_case(1)], keys[a_case(2)]
    append(engine, *(an_entry(number, gone) for number in range(30)), an_entry(30, kept))
    keystore = forget(tmp_path, gone)
    all_passed, typed_passed = Unopened(), Unopened()
    with reading(engine) as connection:
        read = ledger.read_all(connection, keystore, 0, 10, unopened=all_passed)
        typed = ledger.read_types(connection, ["CaseUpdated"], keystore, unopened=typed_passed)
        assert [entry.position for entry in read] == [entry.position for entry in typed] == [31]
        with pytest.raises(Forgotten):
            ledger.entry_at(connection, 1, keystore)
    assert all_passed.entries == typed_passed.entries == 30


def test_a_position_beyond_the_end_is_not_found(tmp_path: Path) -> None:
    with reading(a_ledger(tmp_path)) as connection, pytest.raises(NotFound):
        ledger.entry_at(connection, 1, a_keystore(tmp_path))


CHANGES: dict[str, str] = {
    "payload": "{zeros:length(payload)}",
    "nonce": "{zeros:12}",
    "event_type": "'CaseUpdated2'",
    "schema_id": "schema_id + 1",
    "stamped_at": "stamped_at - 1",
    "topic": "'cap-emploi.case-events.v1'",
    "partition": '"partition" + 1',
    "offset": '"offset" + 1',
    "content_mac": "{zeros:33}",
    "key_commitment": "{zeros:32}",
    "event_id": "{zeros:16}",
    "position": "position + 1",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_change_of_any_column_is_found(tmp_path: Path, column: str) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, an_entry(1, subject))
    change = re.sub(r"\{zeros:(.*)\}", lambda found: zeros(engine, found[1]), CHANGES[column])
    with writing(engine) as connection:
        connection.exec_driver_sql(f'update ledger set "{column}" = {change}')  # noqa: S608
    with pytest.raises(StoreCorrupt, match="position"):
        history(engine, subject)


def test_payloads_swapped_between_two_events_are_found(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, an_entry(1, subject, body=b"one"), an_entry(2, subject, body=b"two"))
    with writing(engine) as connection:
        connection.execute(text("update ledger set payload = (select payload from ledger where position = 2)"))
    with pytest.raises(StoreCorrupt):
        history(engine, subject)


def test_an_event_moved_to_another_subject_is_found(tmp_path: Path) -> None:
    engine = a_ledger(tmp_path)
    keys = a_keystore(tmp_path).ensure([a_case(1), a_case(2)])
    append(engine, an_entry(1, keys[a_case(1)]))
    with writing(engine) as connection:
        connection.execute(text("update ledger set subject_ref = :ref"), {"ref": keys[a_case(2)].ref})
    with pytest.raises(StoreCorrupt):
        history(engine, keys[a_case(2)])


def test_no_payload_and_no_identifier_is_in_the_file(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, *(an_entry(number, subject, body=b"Marie Durand, RQTH") for number in range(100)))
    held = held_bytes(tmp_path)
    assert subject.ref in held
    for secret in (b"Marie Durand", b"RQTH", a_case().local_id.encode(), subject.key, MASTER.derive("wrap")):
        assert secret not in held


def test_the_same_body_is_sealed_differently_each_time(tmp_path: Path) -> None:
    engine, subject = a_ledger(tmp_path), a_subject(tmp_path)
    append(engine, *(an_entry(number, subject) for number in range(20)))
    with reading(engine) as connection:
        for column in ("payload", "nonce", "key_commitment"):
            assert connection.scalar(text(f"select count(distinct {column}) from ledger")) == 20  # noqa: S608
