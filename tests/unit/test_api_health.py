"""Readiness of the API: from its parts' last answers, without waiting for any of them."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from threading import Event

from hub.api.health import Readiness
from hub.errors import IssuerUnavailable, StoreUnavailable
from hub.telemetry.apimetrics import ApiMetrics
from hub.telemetry.logs import log_to
from hub.wiring import now
from tests.integration.test_telemetry_privacy import eventually


class Part:
    """A part that answers, or fails as it is told."""

    def __init__(self) -> None:
        self.failure: Exception | None = None

    def __call__(self) -> None:
        if self.failure is not None:
            raise self.failure


def watched(**looks: Callable[[], object]) -> tuple[Readiness, StringIO, ApiMetrics]:
    lines, metrics = StringIO(), ApiMetrics(version="0")
    return Readiness(looks, metrics, log_to(lines, as_json=True, now=now), every_s=0.01), lines, metrics


def test_before_every_part_answered_it_is_not_ready() -> None:
    may_answer = Event()
    readiness, _, _ = watched(store=may_answer.wait, keys=Part())

    assert readiness.ready().status == 503
    with readiness:
        eventually(lambda: b"keys: answers" in readiness.ready().body)
        assert readiness.ready() == (
            503,
            b"not ready\nkeys: answers\nstore: not_asked_yet\n",
            "text/plain; charset=utf-8",
        )
        may_answer.set()
        eventually(lambda: readiness.ready().status == 200)


def test_a_part_that_fails_takes_it_out_until_it_answers_again() -> None:
    store = Part()
    readiness, lines, metrics = watched(store=store)

    with readiness:
        eventually(lambda: readiness.ready().status == 200)
        store.failure = StoreUnavailable("the store is away")
        eventually(lambda: readiness.ready().body == b"not ready\nstore: store_unavailable\n")
        assert b'hub_available{part="store"} 0.0' in metrics.page().body
        store.failure = None
        eventually(lambda: readiness.ready().status == 200)
    assert lines.getvalue().count("part_away") == lines.getvalue().count("part_back") == 1


def test_a_log_that_is_away_is_told_and_does_not_take_it_out() -> None:
    log = Part()
    log.failure = IssuerUnavailable("any failure")
    readiness, _, _ = watched(store=Part(), log=log)

    with readiness:
        eventually(lambda: readiness.ready().status == 200)
        eventually(lambda: b"log: issuer_unavailable" in readiness.ready().body)


def test_a_defect_of_a_look_is_told_without_its_text_and_ends_no_look() -> None:
    store = Part()
    store.failure = ValueError("Dupont")
    readiness, lines, _ = watched(store=store)

    with readiness:
        eventually(lambda: b"store: defect" in readiness.ready().body)
        store.failure = None
        eventually(lambda: readiness.ready().status == 200)
    assert "look_failed" in lines.getvalue()
    assert "Dupont" not in lines.getvalue()


def test_once_it_is_told_to_stop_it_is_ready_no_more() -> None:
    readiness, _, _ = watched(store=Part())

    with readiness:
        eventually(lambda: readiness.ready().status == 200)
        readiness.stop()
        assert readiness.is_stopping
        assert readiness.ready().body.startswith(b"stopping\n")
