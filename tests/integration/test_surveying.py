"""Looking from time to time: often enough for readiness, seldom enough for the store, and soon after a failure."""

from __future__ import annotations

import time
from threading import Event

from hypothesis import given
from hypothesis import strategies as st

from hub.consumers.surveying import EVERY_S, Surveyor, pause_s
from hub.domain.topics import INBOUND
from hub.errors import LogUnavailable
from hub.log.port import TopicAdmin
from hub.telemetry.health import LATELY_S, Health
from hub.telemetry.metrics import Metrics
from tests.integration.hubs import a_hub
from tests.unit.telemetry import Lines

PATIENCE_S = 30.0


@given(st.floats(0, LATELY_S / 2 - 1))
def test_an_answer_is_never_too_old_before_the_next_one_comes(took_s: float) -> None:
    assert took_s + pause_s(took_s, answered=True, every_s=EVERY_S) < LATELY_S


def test_a_long_look_is_followed_by_a_longer_pause_and_a_failure_by_the_shortest() -> None:
    assert pause_s(0.01, answered=True, every_s=5.0) == 5.0
    assert pause_s(1.0, answered=True, every_s=5.0) == 20.0
    assert pause_s(30.0, answered=False, every_s=5.0) == 5.0


def test_a_part_that_took_long_to_fail_is_asked_again_at_once() -> None:
    took_s = 1.0
    lines, again, failed = Lines(), Event(), list[float]()

    with a_hub() as hub:

        def connect() -> TopicAdmin:
            if failed:
                again.set()
                return hub.admin()
            time.sleep(took_s)  # what a server that does not answer costs
            failed.append(time.monotonic())
            raise LogUnavailable("no broker answers")

        health = Health(time.monotonic, PATIENCE_S)
        health.stepped()
        metrics = Metrics(time.time, version="0")
        with Surveyor(hub.store, connect, INBOUND, metrics, health, lines.log, now=hub.now, every_s=0.01):
            assert again.wait(PATIENCE_S)
            assert time.monotonic() - failed[0] < 10 * took_s
    assert "survey_failed" not in lines.events
