"""P1, the read model converges: a pure function of the set of events, whatever happens on the way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, event

from hub.domain.events.base import Event
from hub.wiring import Hub
from tests.integration import engines
from tests.integration.hubs import (
    EXAMPLES,
    EXAMPLES_ON_SERVERS,
    a_hub,
    consume,
    digest_of,
    digest_of_all,
    examples,
    histories,
    publish,
    sums_of,
    take,
)

pytestmark = pytest.mark.usefixtures("engine")


class Crash(BaseException):
    """The process ends here: nothing may handle it."""


@contextmanager
def crashing(engine: Engine, at_statement: int) -> Iterator[None]:
    """Crash before the nth statement or commit from now; pass when fewer come."""
    left = at_statement

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash

    with ExitStack() as listening:
        for name in ("before_cursor_execute", "commit"):
            event.listen(engine, name, count)
            listening.callback(event.remove, engine, name, count)
        yield


class AnyWay(RuleBasedStateMachine):
    """Publishes a history in any way at all; at the end it is the same as published in order, once."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.hub: Hub = self.open.enter_context(a_hub())
        # On Kafka a worker that does not ask for records keeps its partitions from the others all the same.
        self.other = None if engines.are_servers() else self.open.enter_context(closing(self.hub.ingest(3)))
        self.history: list[Event] = []
        self.waiting: list[Event] = []
        self.sent: list[Event] = []

    @initialize(history=histories(), seed=st.integers(0, 2**16))
    def a_history(self, history: list[Event], seed: int) -> None:
        self.history = history
        self.waiting = list(history)
        random.Random(seed).shuffle(self.waiting)

    @precondition(lambda self: self.waiting)
    @rule(count=st.integers(1, 8))
    def publish_some(self, count: int) -> None:
        batch, self.waiting = self.waiting[:count], self.waiting[count:]
        publish(self.hub, batch)
        self.sent += batch

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def publish_again(self, data: st.DataObject) -> None:
        publish(self.hub, data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=4)))

    @rule(size=st.sampled_from([1, 2, 5, 500]))
    def consume_in_batches(self, size: int) -> None:
        consume(self.hub, size)

    @rule(at_statement=st.integers(0, 60))
    def crash_while_consuming(self, at_statement: int) -> None:
        try:
            with crashing(self.hub.store, at_statement):
                consume(self.hub)
        except Crash:
            pass

    @rule()
    def a_second_worker_takes_a_step(self) -> None:
        if self.other is not None:
            self.other.step(timeout_ms=0)
        else:
            with closing(self.hub.ingest(3)) as other:
                other.step(timeout_ms=1_000)

    @rule(at_statement=st.integers(0, 120))
    def rebuild_or_crash(self, at_statement: int) -> None:
        try:
            with crashing(self.hub.store, at_statement):
                self.hub.rebuild(lambda *_: None)
        except Crash:
            pass

    @invariant()
    def the_sums_add_up(self) -> None:
        assert sums_of(self.hub).adds_up

    def teardown(self) -> None:
        with self.open:
            publish(self.hub, self.waiting)
            consume(self.hub)
            sums = sums_of(self.hub)
            assert (sums.accepted, sums.quarantined) == (len(self.history), 0)
            expected = digest_of_all(self.history)
            assert digest_of(self.hub) == expected
            self.hub.rebuild(lambda *_: None)
            assert digest_of(self.hub) == expected


@pytest.mark.timeout(1200)
def test_whatever_happens_on_the_way_gives_the_same_rows(engine: str) -> None:
    examples = EXAMPLES if engine == "files" else EXAMPLES_ON_SERVERS
    run_state_machine_as_test(AnyWay, settings=settings(max_examples=examples, stateful_step_count=12))


def test_every_order_of_arrival_one_by_one_gives_the_same_rows(engine: str) -> None:
    @examples(engine)
    @given(history=histories(min_size=2), order=st.randoms(use_true_random=False))
    def holds(history: list[Event], order: random.Random) -> None:
        shuffled = list(history)
        order.shuffle(shuffled)
        with a_hub() as hub:
            for each in shuffled:
                take(hub, [each])
            one_by_one = digest_of(hub)
        assert one_by_one == digest_of_all(history)

    holds()
