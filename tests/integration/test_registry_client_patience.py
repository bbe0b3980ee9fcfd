"""The client of a schema registry before servers that fail, say nothing, trickle or swell."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from hub.codec.confluent import ConfluentApi
from hub.codec.registry_http import ATTEMPTS, LARGEST_ANSWER_BYTES
from hub.errors import RegistryUnavailable
from tests.integration.registry_apis import PASSWORD, SCHEMA, SUBJECT, an_api, closed_port, each_call
from tests.integration.registry_replies import Replies, Reply, replying


@pytest.fixture
def replies() -> Iterator[Replies]:
    with replying() as served:
        yield served


@each_call
@pytest.mark.parametrize("status", [401, 403, 301, 302, 307, 308])
def test_what_asking_again_would_not_change_is_asked_once(
    replies: Replies, call: Callable[[ConfluentApi], object], status: int
) -> None:
    replies.always = Reply(status, b"<html>", headers={"Location": "http://127.0.0.1:1/elsewhere"})
    pauses: list[float] = []
    with pytest.raises(RegistryUnavailable, match=f"HTTP {status}"):
        call(an_api(replies.url, pauses, username="hub", password=PASSWORD))
    assert len(replies.asked) == 1
    assert pauses == []


def test_a_passing_failure_is_tried_again_after_growing_pauses(replies: Replies) -> None:
    replies.queue = [Reply(503), Reply(500)]
    pauses: list[float] = []
    assert an_api(replies.url, pauses).find(SUBJECT, SCHEMA) is None
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 2


def test_a_lasting_failure_is_reported_after_some_attempts(replies: Replies) -> None:
    replies.always = Reply(503)
    with pytest.raises(RegistryUnavailable, match="HTTP 503"):
        an_api(replies.url).schema(1)
    assert len(replies.asked) == ATTEMPTS


def test_the_next_server_is_asked_and_stays_the_first(replies: Replies) -> None:
    pauses: list[float] = []
    api = an_api(f"http://127.0.0.1:{closed_port()}, {replies.url}", pauses)
    assert api.find(SUBJECT, SCHEMA) is None
    assert api.find(SUBJECT, SCHEMA) is None
    assert pauses == []
    assert len(replies.asked) == 2


def test_a_closed_port_says_so() -> None:
    port = closed_port()
    with pytest.raises(RegistryUnavailable, match=rf"127\.0\.0\.1:{port} cannot be reached .*refused"):
        an_api(f"http://127.0.0.1:{port}").subjects()


def test_a_server_that_says_nothing_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        started = time.monotonic()
        with pytest.raises(RegistryUnavailable, match="in time"):
            an_api(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.2).subjects()
        assert time.monotonic() - started < 5


def test_an_answer_that_trickles_is_given_up(replies: Replies) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" "

    replies.always = Reply(200, pieces=endless)
    ticks = itertools.count()
    with pytest.raises(RegistryUnavailable, match="within 10 seconds"):
        an_api(replies.url, clock=lambda: float(next(ticks))).subjects()


def test_an_answer_that_swells_is_given_up(replies: Replies) -> None:
    replies.always = Reply(200, pieces=lambda: iter([b"[" + b" " * LARGEST_ANSWER_BYTES, b"]"]))
    with pytest.raises(RegistryUnavailable, match="more than"):
        an_api(replies.url).subjects()
