"""The outbound feed through crashes, late appends and two feeders: each network ends as it is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing, suppress
from time import sleep
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.codec.updates import UpdateCodec
from hub.consumers.outbound import Feed
from hub.domain.events.base import Event
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.events.diagnosis import DiagnosisCompleted
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.errors import LogUnavailable
from hub.log.port import Message, Producer, TopicPartition
from tests.integration.hubs import a_hub, consume, examples, histories, publish, take
from tests.integration.receivers import check_converged, feed, outbound_records, received
from tests.integration.shared_people import both
from tests.integration.test_convergence import Crash, crashing
from tests.unit.pathway.builders import CE, FT, event

pytestmark = pytest.mark.usefixtures("engine")


def test_two_feeders_at_once_tell_everything_in_the_order_of_versions() -> None:
    @examples("files")
    @given(history=histories(min_size=4), order=st.randoms(use_true_random=False))
    def holds(history: Sequence[Event], order: random.Random) -> None:
        with a_hub() as hub, closing(hub.feed(1)) as one, closing(hub.feed(3)) as other:
            take(hub, history)
            while order.choice((one, other)).step(0):
                pass
            feed(hub)
            check_in_order(hub)
            check_converged(hub)

    holds()


def check_in_order(hub: Any) -> None:
    """Versions under a key grow; only after a tombstone, or a crash, may one come again."""
    for network in (FRANCE_TRAVAIL, CAP_EMPLOI):
        for seen in received(hub, network).seen.values():
            versions = [update.version for update in seen if update is not None]
            assert versions == sorted(versions)


def test_any_history_in_any_order_through_crashes_reaches_each_network_as_it_is_at_the_end(engine: str) -> None:
    @examples(engine)
    @given(history=histories(min_size=2), order=st.randoms(use_true_random=False))
    def holds(history: Sequence[Event], order: random.Random) -> None:
        waiting = list(history)
        order.shuffle(waiting)
        with a_hub() as hub:
            while waiting:
                size = order.randint(1, 6)
                some, waiting = waiting[:size], waiting[size:]
                take(hub, some)
                if order.random() < 0.6:
                    with suppress(Crash), crashing(hub.store, order.randint(0, 120)):
                        feed(hub, order.choice((1, 2, 500)))
            feed(hub)
            check_in_order(hub)
            check_converged(hub)

    holds()


def test_a_crash_at_any_statement_loses_nothing() -> None:
    history = [*both(), event(DelegationProposed, "2021-03-01", FT, delegation_id="D-1", ground="compensation")]
    with a_hub() as hub:
        crashes = 0
        for statement in range(200):
            publish(hub, [event(DiagnosisCompleted, "2021-04-01", FT, themes=["health"], needs=f"need {statement}")])
            if not statement:
                publish(hub, history)
            consume(hub)
            with suppress(Crash), crashing(hub.store, statement):
                feed(hub, 2)
                break
            crashes += 1
        assert crashes > 10
        feed(hub)
        check_in_order(hub)
        check_converged(hub)


class Late:
    """A producer whose first append is not acknowledged and lands only when it is told to."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._held: list[Message] | None = None
        self.append = self._refuse

    def _refuse(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        self._held, self.append = list(messages), self._producer.append
        raise LogUnavailable("no answer in time")

    def land(self) -> None:
        """Let the messages of the first append come into the log after all."""
        assert self._held is not None
        self._producer.append(self._held)

    def close(self) -> None:
        self._producer.close()


def test_an_append_that_lands_after_another_feeders_does_not_have_the_last_word() -> None:
    proposed = event(DelegationProposed, "2021-03-01", FT, delegation_id="D-1", ground="compensation")
    with a_hub() as hub:
        take(hub, both())
        feed(hub)
        slow, codec = Late(hub.producer()), UpdateCodec(hub.registry)
        with closing(
            Feed(hub.store, lambda: slow, UpdateCodec(hub.registry), key=hub.outbound_key, sleep=sleep)
        ) as one:
            take(hub, [proposed])
            with pytest.raises(LogUnavailable):
                one.step(0)
            take(hub, [event(DelegationAccepted, "2021-03-02", CE, delegation_id="D-1")])
            feed(hub)
            slow.land()
            one.step(0)
        last = {record.key: record for record in outbound_records(hub, CAP_EMPLOI)}
        (record,) = last.values()
        assert record.value is not None
        told = codec.decode(record.value)
        assert [delegation.status for delegation in told.delegations] == ["active"]
