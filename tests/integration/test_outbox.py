"""The outbox relay: what a system commits is sent, in order per case, whatever happens to the relays."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Lock
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, StaticPool, create_engine, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from hub.codec.jsonform import from_json
from hub.domain.events.base import Event
from hub.errors import LogUnavailable, RecordTooLarge
from hub.log.embedded import EmbeddedConsumer, EmbeddedProducer
from hub.log.embedded_topics import EmbeddedAdmin
from hub.log.port import Message
from hub.producers.outbox import BatchPublisher, Outbox, OutboxRelay, Relayed, Stats
from hub.producers.outbox_table import Entry, claim_cases, enqueue, outbox_table

ROOT = Path(__file__).parents[2]
TABLE = outbox_table(MetaData())
TOPIC = "france-travail.case-events.v1"
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.time

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.time += by


class Killed(Exception):
    """Stands for the end of a relay's process: nothing after it runs."""


class FakePublisher:
    """Keeps what it publishes, in order; `before` and `after` are where a test makes things go wrong."""

    def __init__(self) -> None:
        self.published: list[Event] = []
        self.before: Callable[[Sequence[Event]], None] = lambda _: None
        self.after: Callable[[], None] = lambda: None
        self._lock = Lock()

    def publish_batch(self, events: Sequence[Event]) -> Sequence[object]:
        """Keep all, in order."""
        self.before(events)
        with self._lock:
            self.published += events
        self.after()
        return events

    def first_times(self) -> dict[str, list[int]]:
        """Give per case the numbers of its events in the order in which each was first published."""
        cases: dict[str, dict[int, None]] = defaultdict(dict)
        for event in self.published:
            cases[event.meta.local_id][event.meta.sequence] = None
        return {local_id: list(numbers) for local_id, numbers in cases.items()}


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


def local_id(case: int) -> str:
    return f"{case:011}"


def event_id(case: int, number: int) -> str:
    return str(UUID(int=case << 32 | number))


def entry(case: int, number: int, **changes: object) -> Entry:
    """Build the outbox row of a case's event number `number`."""
    document = {
        "type": "CaseClosed",
        "meta": {
            "event_id": event_id(case, number),
            "network": "france_travail",
            "local_id": local_id(case),
            "sequence": number,
            "occurred_at": "2026-03-01T09:00:00Z",
            "recorded_at": "2026-03-01T09:00:00Z",
            "actor_id": "A-1",
            "organisation": "FT",
        },
        "motive": "employment",
    }
    return Entry(event_id(case, number), f"case-{case}", json.dumps(document | changes))


def write(engine: Engine, *entries: Entry) -> None:
    with engine.begin() as connection:
        enqueue(connection, TABLE, entries)


def no_avro(_: bytes) -> Event:
    raise AssertionError("no row is Avro")


def relay(
    engine: Engine, publisher: BatchPublisher, now: Callable[[], datetime], owner: str = "a", batch_size: int = 200
) -> OutboxRelay:
    return OutboxRelay(engine, TABLE, publisher, no_avro, now, owner, LEASE, batch_size)


def unavailable(*_: object) -> None:
    raise LogUnavailable("the log did not answer")


def killed(*_: object) -> None:
    raise Killed


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


def test_a_relay_that_died_holds_its_cases_until_its_lease_runs_out_and_no_longer(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    write(engine, entry(1, 1), entry(1, 2))
    publisher.after = killed
    with pytest.raises(Killed):
        relay(engine, publisher, clock, owner="dead").run_once()
    publisher.after = lambda: None
    write(engine, entry(1, 3), entry(2, 1))
    assert relay(engine, publisher, clock, owner="b").drain() == Relayed(1, 0)
    assert Outbox(engine, TABLE).stats(clock()).claimed == 1
    clock.advance(LEASE)
    assert relay(engine, publisher, clock, owner="b").drain() == Relayed(3, 0)
    assert publisher.first_times() == {local_id(1): [1, 2, 3], local_id(2): [1]}
    assert [event.meta.event_id for event in publisher.published].count(event_id(1, 1)) == 2


def test_two_relays_at_once_never_share_a_case(engine: Engine, publisher: FakePublisher, clock: Clock) -> None:
    write(engine, *(entry(case, number) for number in range(1, 4) for case in range(4)))
    other = FakePublisher()

    def meanwhile(_: Sequence[Event]) -> None:
        relay(engine, other, clock, owner="b").drain()

    publisher.before = meanwhile
    relay(engine, publisher, clock, batch_size=2).run_once()
    mine, theirs = ({event.meta.local_id for event in one.published} for one in (publisher, other))
    assert (mine, theirs) == ({local_id(0), local_id(1)}, {local_id(2), local_id(3)})


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


def test_the_claim_passes_over_rows_that_other_relays_are_claiming_on_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statement = str(claim_cases(TABLE, "a", START, START + LEASE, 10).compile(dialect=dialect))
    assert "FOR UPDATE OF head SKIP LOCKED" in statement


class World:
    """An outbox, a log and relays that a property drives, one step at a time."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        TABLE.create(self.engine)
        self.clock = Clock()
        self.publisher = FakePublisher()
        self.written: dict[str, list[int]] = defaultdict(list)
        self.owners = count()

    def write(self, case: int) -> None:
        """Commit the next event of a case."""
        numbers = self.written[local_id(case)]
        numbers.append(len(numbers) + 1)
        write(self.engine, entry(case, len(numbers)))

    def run(self, steps: list[tuple[str, int]]) -> None:
        """Take the steps; a relay's step takes the following ones while it publishes, before or after they landed."""
        while steps:
            name, number = steps.pop(0)
            match name:
                case "write":
                    self.write(number)
                case "wait":
                    self.clock.advance(LEASE * number / 2)
                case _:
                    self._relay(name, number, steps)

    def _relay(self, outcome: str, number: int, steps: list[tuple[str, int]]) -> None:
        world = self
        meanwhile = [steps.pop(0) for _ in range(min(number * 2, len(steps)))]

        class Publisher:
            def publish_batch(self, events: Sequence[Event]) -> Sequence[object]:
                if outcome == "overtaken":
                    world.run(meanwhile)
                if outcome == "fails":
                    unavailable()
                if outcome == "dies":
                    killed()
                world.publisher.published += events
                if outcome == "slow":
                    world.run(meanwhile)
                if outcome == "unanswered":
                    unavailable()
                if outcome == "dies after":
                    killed()
                return events

        with suppress(LogUnavailable, Killed):
            relay(self.engine, Publisher(), self.clock, f"relay {next(self.owners)}", batch_size=number + 1).run_once()
        self.run(meanwhile)


OUTCOMES = ["ok", "overtaken", "slow", "fails", "unanswered", "dies", "dies after"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(0, 3)),
        st.tuples(st.sampled_from(OUTCOMES), st.integers(0, 3)),
    ),
    max_size=25,
)


@settings(max_examples=150)
@given(STEPS)
def test_whatever_happens_to_the_relays_each_case_arrives_whole_and_in_order(steps: list[tuple[str, int]]) -> None:
    world = World()
    world.run(steps)
    world.clock.advance(LEASE)
    relay(world.engine, world.publisher, world.clock, owner="last").drain()
    assert world.publisher.first_times() == world.written
    world.engine.dispose()


def test_relays_in_several_threads_send_everything_in_order_and_nothing_twice(
    engine: Engine, publisher: FakePublisher, clock: Clock
) -> None:
    write(engine, *(entry(case, number) for number in range(1, 11) for case in range(20)))
    with ThreadPoolExecutor(4) as pool:
        relays = [relay(engine, publisher, clock, owner=str(number), batch_size=15) for number in range(4)]
        sent = sum(relayed.sent for relayed in pool.map(OutboxRelay.drain, relays))
    assert sent == len(publisher.published) == 200
    assert publisher.first_times() == {local_id(case): list(range(1, 11)) for case in range(20)}


class LogPublisher:
    """Appends to an embedded log; `stops` makes it wait for ever with the events in its hands."""

    def __init__(self, producer: EmbeddedProducer, *, stops: bool) -> None:
        self._producer = producer
        self._stops = stops

    def publish_batch(self, events: Sequence[Event]) -> Sequence[object]:
        """Append all."""
        if self._stops:
            sys.stdout.write("claimed\n")
            sys.stdout.flush()
            sys.stdin.read()
        return self._producer.append(
            [
                Message(
                    TOPIC,
                    event.meta.local_id.encode(),
                    b"%d" % event.meta.sequence,
                    (("id", event.meta.event_id.encode()),),
                )
                for event in events
            ]
        )


def start_relay(
    engine: Engine, log: Path, owner: str, *, stops: bool = False, at: datetime = START
) -> subprocess.Popen[str]:
    arguments = [
        engine.url.render_as_string(hide_password=False),
        str(log),
        owner,
        at.isoformat(),
        "stops" if stops else "goes",
    ]
    command = [sys.executable, "-m", "tests.integration.test_outbox", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main(url: str, log: str, owner: str, at: str, mode: str) -> None:
    """Relay everything, as a process of its own."""
    engine = create_engine(url, connect_args={"timeout": 30} if url.startswith("sqlite") else {})
    with closing(EmbeddedProducer(Path(log), lambda: datetime.fromisoformat(at))) as producer:
        publisher = LogPublisher(producer, stops=mode == "stops")
        relay(engine, publisher, lambda: datetime.fromisoformat(at), owner, batch_size=7).drain()


def test_relays_in_several_processes_one_killed_with_a_lease_lose_nothing(engine: Engine, tmp_path: Path) -> None:
    log, cases, numbers = tmp_path / "log.db", range(10), range(1, 8)
    with closing(EmbeddedAdmin(log, bytes)) as admin:
        admin.create({TOPIC: 3})
    write(engine, *(entry(case, number) for number in numbers for case in cases))
    with start_relay(engine, log, "killed", stops=True) as doomed:
        assert doomed.stdout is not None
        assert doomed.stdout.readline() == "claimed\n"
        doomed.kill()
    for at in (START, START + LEASE):
        running = [start_relay(engine, log, f"{number} {at}", at=at) for number in range(3)]
        for process in running:
            process.communicate(timeout=120)
            assert process.returncode == 0
        if at == START:
            assert Outbox(engine, TABLE).stats(at).waiting == 7 * len(numbers)
    arrived: dict[str, list[int]] = defaultdict(list)
    with closing(EmbeddedConsumer(log, [TOPIC], lambda _: None, lambda _: None)) as consumer:
        while batches := consumer.poll(500, 0):
            for record in (record for batch in batches for record in batch.records):
                arrived[(record.key or b"").decode()].append(int(record.value or b""))
    assert arrived == {local_id(case): list(numbers) for case in cases}


if __name__ == "__main__":
    main(*sys.argv[1:])
