"""Submissions: an event id stands for one content, whoever comes first; what is not acknowledged can be repeated."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from hub.codec.avro import Codec
from hub.codec.registry import FileRegistry, SchemaIndex, bundled_schemas
from hub.domain.events.base import Event
from hub.domain.ids import FRANCE_TRAVAIL, uuid_bytes
from hub.errors import ContentConflict, ForbiddenNetwork, LogUnavailable, NotFound, SchemaIncompatible, StoreUnavailable
from hub.ledger import ledger, submissions, tables
from hub.ledger.database import open_database, reading, writing
from hub.ledger.ledger import NewEntry
from hub.ledger.submissions import KEPT, Place
from hub.log.port import Message, TopicPartition
from hub.privacy.sealing import keyed_hash
from hub.producers.publisher import Publisher
from hub.producers.submissions import Refused, Submissions, Taken
from tests.integration.stores import NOON, a_case, a_keystore, a_ledger, a_url, held_bytes
from tests.integration.submitting import closed
from tests.unit.pathway.builders import CE, FT

pytestmark = pytest.mark.usefixtures("database")

MAC = keyed_hash(b"m" * 32)
REGISTRY = FileRegistry(bundled_schemas())
THREADS = 4


class Log:
    """A log in memory; before it answers an append, it does what the test says."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.then = then
        self.messages: list[Message] = []

    def append(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        first = len(self.messages)
        self.messages += messages
        self.then()
        return [(TopicPartition(message.topic, 0), first + place) for place, message in enumerate(messages)]

    def close(self) -> None:
        """Nothing to release."""


def away() -> None:
    raise LogUnavailable("no answer in time")


def over(store: Engine, log: Log) -> Submissions:
    def connect() -> Publisher:
        return Publisher(log, REGISTRY, token_key=b"t" * 32, sleep=lambda _: None, attempts=1)

    return Submissions(store, connect, Codec(REGISTRY), MAC, lambda: NOON)


def outcome(results: list[Taken | Refused]) -> list[str]:
    return [("new" if each.is_new else "known") if isinstance(each, Taken) else each.error.code for each in results]


def rows_of(store: Engine) -> int:
    with reading(store) as connection:
        return connection.scalar(select(func.count()).select_from(tables.submission)) or 0


def put_in_ledger(store: Engine, folder: Path, stated: Event) -> None:
    codec = Codec(REGISTRY)
    subject = a_keystore(folder).ensure([a_case()])[a_case()]
    event_id, mac = uuid_bytes(stated.meta.event_id), MAC(codec.content(stated))
    entry = NewEntry(event_id, subject, "CaseClosed", 3, b"body", mac, "another-topic", 3, 33)
    with writing(store) as connection:
        ledger.append(connection, [entry], stamp=NOON, random_bytes=os.urandom)


def test_a_submission_is_new_once_and_its_place_is_kept(tmp_path: Path) -> None:
    store, log = a_ledger(tmp_path), Log()
    one, other = closed(), closed()
    taken = over(store, log).submit(FRANCE_TRAVAIL, [one, other])
    again = over(store, log).submit(FRANCE_TRAVAIL, [other, one])

    assert outcome(taken) == ["new", "new"]
    assert outcome(again) == ["known", "known"]
    assert [each.place for each in again if isinstance(each, Taken)] == [
        Place("france-travail.case-events.v1", 0, 1),
        Place("france-travail.case-events.v1", 0, 0),
    ]


def test_an_append_without_an_answer_is_no_acknowledgement_and_can_be_repeated(tmp_path: Path) -> None:
    store, stated, log = a_ledger(tmp_path), closed(), Log(away)
    with pytest.raises(LogUnavailable):
        over(store, log).submit(FRANCE_TRAVAIL, [stated])
    log.then = lambda: None
    assert outcome(over(store, log).submit(FRANCE_TRAVAIL, [stated])) == ["new"]
    assert len(log.messages) == 2


def test_an_id_keeps_the_content_of_an_append_without_an_answer_for_it_may_have_landed(tmp_path: Path) -> None:
    store, stated = a_ledger(tmp_path), closed("employment")
    with pytest.raises(LogUnavailable):
        over(store, Log(away)).submit(FRANCE_TRAVAIL, [stated])
    log = Log()
    other = closed("moved", event_id=stated.meta.event_id)
    assert outcome(over(store, log).submit(FRANCE_TRAVAIL, [other])) == [ContentConflict.code]
    assert log.messages == []


def test_a_store_that_goes_away_after_the_append_takes_nothing_back(tmp_path: Path, database: str) -> None:
    if database != "sqlite":
        pytest.skip("the lock is SQLite's")
    a_ledger(tmp_path)
    store = open_database(a_url(tmp_path), busy_timeout_ms=50)
    with sqlite3.connect(tmp_path / "hub.db", isolation_level=None) as holder:
        log = Log(lambda: holder.execute("begin immediate").close())
        stated = closed()
        assert outcome(over(store, log).submit(FRANCE_TRAVAIL, [stated])) == ["new"]
        holder.execute("rollback")
    log.then = lambda: None
    assert outcome(over(store, log).submit(FRANCE_TRAVAIL, [stated])) == ["new"], "its place was never noted"
    store.dispose()


def test_nothing_is_appended_while_the_store_is_away(tmp_path: Path, database: str) -> None:
    if database != "sqlite":
        pytest.skip("the lock is SQLite's")
    a_ledger(tmp_path)
    store, log = open_database(a_url(tmp_path), busy_timeout_ms=50), Log()
    with sqlite3.connect(tmp_path / "hub.db", isolation_level=None) as holder:
        holder.execute("begin immediate")
        with pytest.raises(StoreUnavailable):
            over(store, log).submit(FRANCE_TRAVAIL, [closed()])
        holder.execute("rollback")
    assert log.messages == []
    store.dispose()


def test_of_two_contents_at_once_one_is_accepted(tmp_path: Path) -> None:
    """Each thread has connections of its own, as processes have."""
    rounds = 60
    a_ledger(tmp_path)
    stores = [open_database(a_url(tmp_path)) for _ in range(THREADS)]
    ids = [closed().meta.event_id for _ in range(rounds)]
    log, barrier = Log(), Barrier(THREADS)

    def submit(number: int) -> list[list[str]]:
        found: list[list[str]] = []
        mine = over(stores[number], log)
        for event_id in ids:
            stated = closed(f"motive_{number % 2}", event_id=event_id, sequence=number % 2 + 1)
            barrier.wait()
            found.append(outcome(mine.submit(FRANCE_TRAVAIL, [stated])))
        return found

    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(submit, range(THREADS)))
    for each in range(rounds):
        by_content: dict[int, set[str]] = {0: set(), 1: set()}
        for number, found in enumerate(results):
            by_content[number % 2] |= set(found[each])
        refused = [content for content, codes in by_content.items() if codes == {ContentConflict.code}]
        assert len(refused) == 1, by_content
        assert by_content[1 - refused[0]] <= {"new", "known"}
    assert len({(message.key, message.value) for message in log.messages}) == rounds, (
        "one content of each is on the log"
    )
    for store in stores:
        store.dispose()


def test_batches_that_share_ids_in_other_orders_do_not_stop_each_other(tmp_path: Path) -> None:
    store, log, barrier = a_ledger(tmp_path), Log(), Barrier(THREADS)
    batch = [closed() for _ in range(200)]

    def submit(seed: int) -> list[str]:
        mine = Random(seed).sample(batch, len(batch))
        barrier.wait()
        return outcome(over(store, log).submit(FRANCE_TRAVAIL, mine))

    with ThreadPoolExecutor(THREADS) as threads:
        results = list(threads.map(submit, range(THREADS)))
    assert {code for found in results for code in found} <= {"new", "known"}
    assert rows_of(store) == len(batch)


def test_what_the_ledger_holds_is_known_with_its_place_and_not_appended(tmp_path: Path) -> None:
    store, log, stated = a_ledger(tmp_path), Log(), closed("employment")
    put_in_ledger(store, tmp_path, stated)
    (taken,) = over(store, log).submit(FRANCE_TRAVAIL, [stated])

    assert isinstance(taken, Taken)
    assert (taken.is_new, taken.place) == (False, Place("another-topic", 3, 33))
    other = closed("moved", event_id=stated.meta.event_id)
    assert outcome(over(store, log).submit(FRANCE_TRAVAIL, [other])) == [ContentConflict.code]
    assert log.messages == []
    assert rows_of(store) == 0


def test_only_old_rows_whose_events_are_in_the_ledger_are_purged(tmp_path: Path) -> None:
    store, log = a_ledger(tmp_path), Log()
    held, waiting = closed("employment"), closed("employment")
    over(store, log).submit(FRANCE_TRAVAIL, [held, waiting])
    assert submissions.purge(store, NOON + KEPT) == 0, "none is in the ledger"
    put_in_ledger(store, tmp_path, held)
    assert submissions.purge(store, NOON) == 0, "none is old"
    assert submissions.purge(store, NOON + timedelta(microseconds=1)) == 1
    others = [closed("moved", event_id=each.meta.event_id) for each in (held, waiting)]
    assert outcome(over(store, log).submit(FRANCE_TRAVAIL, others)) == [ContentConflict.code] * 2


def test_many_rows_are_purged_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, log = a_ledger(tmp_path), Log()
    events = [closed() for _ in range(5)]
    over(store, log).submit(FRANCE_TRAVAIL, events)
    for each in events:
        put_in_ledger(store, tmp_path, each)
    monkeypatch.setattr(submissions, "_PURGED_AT_ONCE", 2)
    assert submissions.purge(store, NOON + KEPT) == 5
    assert rows_of(store) == 0


def test_a_network_submits_its_own_events_alone(tmp_path: Path) -> None:
    store, log = a_ledger(tmp_path), Log()
    assert outcome(over(store, log).submit(FRANCE_TRAVAIL, [closed(case=CE), closed()])) == [
        ForbiddenNetwork.code,
        "new",
    ]
    assert rows_of(store) == 1


def test_a_log_that_is_not_set_up_is_no_fault_of_the_event(tmp_path: Path) -> None:
    def missing() -> None:
        raise NotFound("there is no topic")

    with pytest.raises(LogUnavailable):
        over(a_ledger(tmp_path), Log(missing)).submit(FRANCE_TRAVAIL, [closed()])


def test_a_log_that_could_not_be_opened_is_opened_for_a_later_submission(tmp_path: Path) -> None:
    store, log, failures = a_ledger(tmp_path), Log(), [NotFound("there is no log"), LogUnavailable("no answer")]

    def connect() -> Publisher:
        if failures:
            raise failures.pop()
        return Publisher(log, REGISTRY, token_key=b"t" * 32, sleep=lambda _: None)

    submitting = Submissions(store, connect, Codec(REGISTRY), MAC, lambda: NOON)
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            submitting.submit(FRANCE_TRAVAIL, [closed()])
    assert outcome(submitting.submit(FRANCE_TRAVAIL, [closed()])) == ["new"]


def test_what_is_closed_opens_no_log_for_a_request_that_comes_late(tmp_path: Path) -> None:
    submitting = over(a_ledger(tmp_path), log := Log())
    submitting.close()
    with pytest.raises(LogUnavailable):
        submitting.submit(FRANCE_TRAVAIL, [closed()])
    assert log.messages == []


def test_a_schema_that_the_registry_lacks_is_the_installations_fault(tmp_path: Path) -> None:
    publisher = Publisher(Log(), SchemaIndex([]), token_key=b"t" * 32, sleep=lambda _: None)
    submitting = Submissions(a_ledger(tmp_path), lambda: publisher, Codec(REGISTRY), MAC, lambda: NOON)
    with pytest.raises(SchemaIncompatible):
        submitting.submit(FRANCE_TRAVAIL, [closed()])


def test_nothing_of_an_event_is_in_the_table(tmp_path: Path) -> None:
    store = a_ledger(tmp_path)
    over(store, Log()).submit(FRANCE_TRAVAIL, [closed()])
    held = held_bytes(tmp_path)
    assert b"case-events" in held
    assert FT.local_id.encode() not in held
