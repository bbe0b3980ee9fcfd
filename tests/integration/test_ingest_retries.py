"""What the ingest loop does again: after a pause that differs between workers, and from where the store stands."""

from __future__ import annotations

from typing import Any

import pytest

from hub.consumers.ingest import ATTEMPTS, FIRST_PAUSE_S
from hub.domain.topics import FRANCE_TRAVAIL_EVENTS
from hub.errors import Contended, EventConflict, HubError, StoreUnavailable
from hub.log.port import TopicPartition
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.hubs import folder, publish, sums_of
from tests.unit.pathway.builders import registered


@pytest.mark.parametrize("kind", [EventConflict, Contended, StoreUnavailable])
def test_workers_in_each_others_way_come_back_one_by_one(kind: type[HubError], monkeypatch: pytest.MonkeyPatch) -> None:
    with folder() as path, Hub.create(Settings(data=path)) as hub:
        publish(hub, [registered() for _ in range(40)])
        pauses: list[float] = []
        ingest = hub.ingest()
        accept = hub.acceptance.accept

        def refuse(*_: object, **__: object) -> object:
            raise kind("another worker was there first")

        monkeypatch.setattr(ingest, "_sleep", pauses.append)
        monkeypatch.setattr(hub.acceptance, "accept", refuse)
        with pytest.raises(kind):
            ingest.step(1_000)
        assert len(pauses) == ATTEMPTS - 1
        bases = [FIRST_PAUSE_S * 2**number for number in range(ATTEMPTS - 1)]
        shares = [pause / base for pause, base in zip(pauses, bases, strict=True)]
        assert all(0.5 <= share < 1.51 for share in shares)
        assert len(set(shares)) > 1

        # Every partition of the failed poll is read again, not only the one that failed.
        monkeypatch.setattr(hub.acceptance, "accept", accept)
        ingest.until_caught_up(lambda _: None)
        ingest.close()
        assert (sums_of(hub).accepted, sums_of(hub).adds_up) == (40, True)


def test_records_beyond_the_stored_place_are_not_taken_before_those_in_between() -> None:
    with folder() as path, Hub.create(Settings(data=path, partitions=1)) as hub:
        publish(hub, [registered() for _ in range(3)])
        ingest: Any = hub.ingest()
        ingest.step(1_000)
        publish(hub, [registered() for _ in range(5)])
        ingest._consumer.seek(TopicPartition(FRANCE_TRAVAIL_EVENTS, 0), 6)
        ingest.until_caught_up(lambda _: None)
        ingest.close()
        assert (sums_of(hub).accepted, ingest.counts.duplicates) == (8, 0)
