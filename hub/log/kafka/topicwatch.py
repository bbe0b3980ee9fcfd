"""Whether the topics are still those that the consumer opened: a name may come to stand for another topic."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from kafka import errors

from hub.errors import LogIncident, NotFound
from hub.log.kafka.names import Names, topic_id_of
from hub.log.kafka.opening import translate, translated
from hub.log.kafka.reader import Reader

MISSING_S = 3.0
"""How long a topic may be unknown before it counts as deleted: brokers learn of topics one after the other."""


class TopicWatch:
    """Keeps the ids that the topics had when the consumer was opened."""

    def __init__(self, names: Names, reader: Reader, topics: Sequence[str], timeout_ms: float) -> None:
        """Look the topics up.

        Raises:
            NotFound: a topic does not exist.
            Usage: the user may not see a topic.
            LogUnavailable: no answer in time.
        """
        self._names = names
        self._reader = reader
        self._ids: dict[str, str] = {}
        self._missing_since: dict[str, float] = {}
        found = self._look_up([names.topic(topic) for topic in topics], timeout_ms)
        for here, topic_id in found.items():
            if topic_id is None:
                _refuse_unseen(reader.net, here, f"topic {names.plain_topic(here)} cannot be read")
                raise NotFound(f"there is no topic {names.plain_topic(here)}; run `hub topics create`")
            self._ids[here] = topic_id

    def id_of(self, here: str) -> str:
        """Give the id that a topic of the cluster had when the consumer was opened."""
        return self._ids[here]

    def refuse_changed(self, net: Any) -> None:
        """Compare with what a client of the library knows by now.

        Raises:
            LogIncident: a topic was deleted and created again.
        """
        for here, topic_id in self._ids.items():
            known = topic_id_of(net.cluster.topic_id(here))
            if known is not None and known != topic_id:
                raise LogIncident(self._gone(here, "was deleted and created again while it was read"))

    def refuse_missing(self, net: Any) -> None:
        """Look for the topics in what a client of the library knows that keeps asking for all of them.

        Raises:
            LogIncident: a topic was deleted.
        """
        for here in self._ids:
            if topic_id_of(net.cluster.topic_id(here)) is not None:
                self._missing_since.pop(here, None)
            elif time.monotonic() >= self._missing_since.setdefault(here, time.monotonic()) + MISSING_S:
                raise LogIncident(self._gone(here, "was deleted while it was read"))

    def refresh(self, topics: Iterable[str], timeout_ms: float) -> None:
        """Ask the cluster afresh.

        Raises:
            LogIncident: a topic was deleted, or deleted and created again.
            LogUnavailable: no answer in time.
        """
        for here, topic_id in self._look_up(list(topics), timeout_ms).items():
            if topic_id != self._ids[here]:
                what = "was deleted" if topic_id is None else "was deleted and created again"
                raise LogIncident(self._gone(here, f"{what} while it was read"))

    def _look_up(self, topics: list[str], timeout_ms: float) -> dict[str, str | None]:
        """Give the topics' ids, None for those that no broker knows after a while."""
        began = time.monotonic()
        while True:
            spent_s = time.monotonic() - began
            found = look_up(self._reader.net, topics, max(0.0, timeout_ms - spent_s * 1000))
            if all(found.values()) or spent_s >= min(MISSING_S, timeout_ms / 1000):
                return found

    def _gone(self, here: str, what: str) -> str:
        plain = self._names.plain_topic(here)
        return (
            f"topic {plain} {what}; restore it from its backup, or make it anew with `hub topics create`, publish what "
            f"was lost again from its source, and run `hub offsets reset {plain} --note WHY`"
        )


def _refuse_unseen(net: Any, here: str, doing: str) -> None:
    if here in net.cluster.unauthorized_topics:
        raise translate(errors.TopicAuthorizationFailedError(), doing)


def look_up(net: Any, topics: Iterable[str], timeout_ms: float) -> dict[str, str | None]:
    """Have a client of the library ask for topics of the cluster, and give their ids, None where there is none.

    Raises:
        LogUnavailable: no answer in time.
    """
    wanted, told = list(topics), threading.Event()
    for topic in wanted:
        net.cluster.add_topic(topic)
    asked = net.cluster.request_update()
    asked.add_both(lambda _: told.set())
    with translated("the topics cannot be looked up"):
        if not told.wait(timeout_ms / 1000):
            raise errors.KafkaTimeoutError
        if asked.failed() and not isinstance(asked.exception, errors.BrokerResponseError):
            raise asked.exception
    return {topic: topic_id_of(net.cluster.topic_id(topic)) for topic in wanted}
