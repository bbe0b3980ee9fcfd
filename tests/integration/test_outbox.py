"""The outbox relay: what a system commits is sent, in order per case, and what is refused is parked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.exc import IntegrityError

from hub.codec.jsonform import from_json
from hub.domain.events.base import Event
from hub.errors import LogUnavailable, RecordTooLarge
from hub.producers.outbox import Outbox, OutboxRelay, Relayed, Stats
from hub.producers.outbox_table import Entry, enqueue
from tests.integration.outboxes import (
    START,
    TABLE,
    Clock,
    FakePublisher,
    entry,
    event_id,
    local_id,
    relay,
    unavailable,
    write,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The system's database, empty but for the outbox and a table of its own."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'theirs.db'}", connect_args={"timeout": 30})
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    else:
        engine = create_engine(request.getfixturevalue("postgres_database"))
        TABLE.drop(engine, checkfirst=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS dossier")
        connection.exec_driver_sql("CREATE TABLE dossier (id INTEGER)")
    TABLE.create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def publisher() -> FakePublisher:
    return FakePublisher()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_what_was_committed_is_sent_once_in_the_order_of_each_case(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    write(engine, *(entry(case, number) for number in range(1, 8) for case in range(5)))
    assert relay(engine, publisher, clock, batch_size=4).drain() == Relayed(35, 0)
    assert publisher.first_times() == {local_id(case): [1, 2, 3, 4, 5, 6, 7] for case in range(5)}
    assert len(publisher.published) == 35
    assert Outbox(engine, TABLE).stats(clock()) == Stats(
        waiting=0, claimed=0, parked=0, sent=35, oldest_waiting_at=None
    )


def test_a_business_transaction_rolled_back_leaves_nothing_to_send(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("INSERT INTO dossier VALUES (1)")
        enqueue(connection, TABLE, [entry(1, 1)])
        transaction.rollback()
    assert relay(engine, publisher, clock).drain() == Relayed(0, 0)
    assert publisher.published == []


def test_a_system_can_write_with_plain_sql(engine: Engine, publisher: FakePublisher, clock: Clock) -> None:
    row = entry(1, 1)
    with engine.begin() as connection:
        insert = text("INSERT INTO hub_outbox (event_id, case_token, event) VALUES (:event_id, :case_token, :event)")
        connection.execute(insert, row._asdict())
    stats = Outbox(engine, TABLE).stats(clock())
    assert stats.waiting == 1
    assert stats.oldest_waiting_at is not None
    assert stats.oldest_waiting_at.utcoffset() == timedelta()
    assert relay(engine, publisher, clock).drain() == Relayed(1, 0)


def test_an_event_can_be_written_as_framed_avro(engine: Engine, publisher: FakePublisher, clock: Clock) -> None:
    frames: list[bytes] = []
    event = decoded(entry(1, 1))

    def decode(frame: bytes) -> Event:
        frames.append(frame)
        return event

    write(engine, entry(1, 1)._replace(event=b"\x00\x00\x00\x00\x07avro"))
    assert OutboxRelay(engine, TABLE, publisher, decode, clock, "a").drain() == Relayed(1, 0)
    assert frames == [b"\x00\x00\x00\x00\x07avro"]
    assert publisher.published == [event]


def decoded(row: Entry) -> Event:
    return from_json(json.loads(row.event))


def test_the_same_event_id_cannot_be_written_twice(engine: Engine) -> None:
    write(engine, entry(1, 1))
    with pytest.raises(IntegrityError):
        write(engine, entry(1, 1))


def test_a_row_needs_one_form_of_its_event(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql("INSERT INTO hub_outbox (event_id, case_token) VALUES ('x', 'y')")


def test_a_refused_row_is_parked_with_its_reason_and_those_that_follow_go_on(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    write(engine, entry(1, 1), entry(1, 2, motive="Not A Code"), entry(1, 3), entry(2, 1)._replace(event="{not json"))
    assert relay(engine, publisher, clock).drain() == Relayed(2, 2)
    assert publisher.first_times() == {local_id(1): [1, 3]}
    first, second = Outbox(engine, TABLE).parked()
    assert (first.event_id, first.case_token, first.parked_at) == (event_id(1, 2), "case-1", START)
    assert "invalid_event" in first.reason
    assert "motive" in first.reason
    assert "Not A Code" not in first.reason
    assert "not JSON" in second.reason


def test_a_parked_row_is_sent_once_released_with_what_was_missing(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    outbox = Outbox(engine, TABLE)
    write(engine, entry(1, 1, motive=None), entry(1, 2), entry(2, 1, motive=None))
    relay(engine, publisher, clock).drain()
    with engine.begin() as connection:
        completed = update(TABLE).where(TABLE.c.event_id == event_id(1, 1)).values(event=entry(1, 1).event)
        connection.execute(completed)
    write(engine, entry(1, 3))
    assert outbox.release("case-1") == 1
    assert relay(engine, publisher, clock).drain() == Relayed(2, 0)
    assert publisher.first_times() == {local_id(1): [2, 1, 3]}
    assert outbox.release() == 1
    assert relay(engine, publisher, clock).drain() == Relayed(0, 1)
    assert outbox.release("case-1") == 0


def test_an_event_whose_id_differs_from_its_row_is_parked(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    write(engine, entry(1, 1)._replace(event_id=event_id(1, 2)))
    assert relay(engine, publisher, clock).drain() == Relayed(0, 1)
    assert "differs from the column event_id" in Outbox(engine, TABLE).parked()[0].reason


def test_events_that_the_publisher_refuses_are_found_and_parked_among_the_others(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    def refuse(events: Sequence[Event]) -> None:
        if any(event.meta.sequence in {3, 8} for event in events):
            raise RecordTooLarge("the record is larger than the contract allows")

    publisher.before = refuse
    write(engine, *(entry(1, number) for number in range(1, 11)))
    assert relay(engine, publisher, clock).drain() == Relayed(8, 2)
    assert publisher.first_times() == {local_id(1): [1, 2, 4, 5, 6, 7, 9, 10]}
    assert [parked.event_id for parked in Outbox(engine, TABLE).parked()] == [event_id(1, 3), event_id(1, 8)]


def test_when_the_log_is_away_nothing_counts_as_sent_and_the_next_run_sends_all(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    write(engine, entry(1, 1), entry(2, 1))
    publisher.before = unavailable
    with pytest.raises(LogUnavailable):
        relay(engine, publisher, clock).drain()
    with engine.connect() as connection:
        rows = connection.execute(select(TABLE.c.attempts, TABLE.c.error, TABLE.c.claimed_by)).all()
    assert [tuple(row) for row in rows] == [(1, "log_unavailable: the log did not answer", None)] * 2
    publisher.before = lambda _: None
    assert relay(engine, publisher, clock, owner="b").drain() == Relayed(2, 0)


def test_rows_sent_long_ago_are_purged_and_nothing_else(engine: Engine, publisher: FakePublisher, clock: Clock) -> None:
    outbox = Outbox(engine, TABLE)
    write(engine, entry(1, 1), entry(1, 2), entry(2, 1, motive=None))
    relay(engine, publisher, clock).drain()
    clock.advance(timedelta(days=5))
    write(engine, entry(1, 3))
    relay(engine, publisher, clock).drain()
    write(engine, entry(1, 4))
    clock.advance(timedelta(days=3))
    assert outbox.purge(clock(), keep=timedelta(days=7)) == 2
    stats = outbox.stats(clock())
    assert (stats.waiting, stats.parked, stats.sent) == (1, 1, 1)
