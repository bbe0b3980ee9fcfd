"""Several outbox relays at once, and ones that die: no case is shared, nothing is lost, and each arrives in order."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, StaticPool, create_engine
from sqlalchemy.dialects import postgresql

from hub.domain.events.base import Event
from hub.errors import LogUnavailable
from hub.log.embedded import EmbeddedConsumer, EmbeddedProducer
from hub.log.embedded_topics import EmbeddedAdmin
from hub.log.port import Message
from hub.producers.outbox import Outbox, OutboxRelay, Relayed
from hub.producers.outbox_table import claim_cases
from tests.integration.outboxes import (
    LEASE,
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

ROOT = Path(__file__).parents[2]
TOPIC = "france-travail.case-events.v1"


class Killed(Exception):
    """Stands for the end of a relay's process: nothing after it runs."""


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


def killed(*_: object) -> None:
    raise Killed


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
    command = [sys.executable, "-m", "tests.integration.test_outbox_relays", *arguments]
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
