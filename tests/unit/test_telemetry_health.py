"""Alive and ready, as the loop's life says; and the watchdog, which ends what hangs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from queue import SimpleQueue

from hub.telemetry.health import LATELY_S, Health
from hub.telemetry.watchdog import HUNG, Watchdog, within
from tests.unit.telemetry import Clock, Lines, taken

LIMIT_S = 300.0
PATIENCE_S = 30.0


def a_health() -> tuple[Health, Clock]:
    clock = Clock()
    return Health(clock, LIMIT_S), clock


def test_a_worker_is_ready_after_its_first_step() -> None:
    health, _ = a_health()
    assert health.alive().is_well
    assert not health.ready().is_well
    health.stepped()
    assert health.ready().is_well


def test_a_wait_is_alive_and_not_ready() -> None:
    health, clock = a_health()
    health.stepped()
    clock.seconds += LIMIT_S - 1
    health.waiting("log_unavailable")
    clock.seconds += LIMIT_S - 1

    assert health.alive().is_well
    assert health.ready() == (False, "waiting: log_unavailable")
    health.stepped()
    assert health.ready().is_well


def test_without_a_step_in_time_it_does_not_live() -> None:
    health, clock = a_health()
    health.stepped()
    clock.seconds += LIMIT_S + 1

    assert health.alive() == (False, "no step was finished for 301 s, the limit is 300 s")
    assert not health.ready().is_well


def test_a_long_step_lives_while_its_batches_are_committed_or_tried_again() -> None:
    health, clock = a_health()
    beats: list[Callable[[], None]] = [
        lambda: health.polled(0, 0.5),
        lambda: health.taken(taken()),
        lambda: health.retried("t", 0, "store_unavailable"),
        lambda: health.overtaken("t", 0),
    ]
    for beat in beats:
        clock.seconds += LIMIT_S - 1
        beat()
    assert health.alive().is_well


def test_a_part_that_fails_or_is_silent_makes_it_unready_and_not_dead() -> None:
    health, clock = a_health()
    health.stepped()
    health.answered("store", "store_unavailable")
    assert health.ready() == (False, "the store failed: store_unavailable")
    health.answered("store", None)
    assert health.ready().is_well
    clock.seconds += LATELY_S + 1
    assert health.ready() == (False, "no answer of the store for 61 s")
    assert health.alive().is_well


def test_the_watchdog_writes_every_threads_stack_and_ends_the_process() -> None:
    health, clock, lines = *a_health(), Lines()
    ended: SimpleQueue[int] = SimpleQueue()
    secret = "Zqx Durand"

    with Watchdog(health, lines.log, ended.put, looks_every_s=0.01):
        assert ended.empty()
        clock.seconds += LIMIT_S + 1
        assert ended.get(timeout=PATIENCE_S) == HUNG

    assert lines.events[0] == "hung"
    mine = next(line for line in lines.found if line.get("thread") == "MainThread")
    assert any("test_telemetry_health.py:" in place for place in mine["stack"])
    assert secret not in lines.text


def test_a_worker_in_time_is_left_alone() -> None:
    health, _ = a_health()
    ended: SimpleQueue[int] = SimpleQueue()
    with Watchdog(health, Lines().log, ended.put, looks_every_s=0.001):
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            health.stepped()
    assert ended.empty()


def test_a_loop_that_keeps_pythons_lock_is_ended_all_the_same() -> None:
    program = """
import os, re, sys, time
from hub.telemetry import watchdog
from hub.telemetry.health import Health
from tests.unit.telemetry import Lines
watchdog._GRACE_S = 0.5
with watchdog.Watchdog(Health(time.monotonic, 0.5), Lines().log, os._exit, looks_every_s=0.05):
    re.match(r"(a+)+b", "a" * 64)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 1
    assert "Timeout" in ran.stderr


def test_closing_has_its_time_and_no_longer() -> None:
    lines, ended = Lines(), SimpleQueue[int]()
    with within(PATIENCE_S, lines.log, ended.put):
        pass
    assert lines.text == ""
    with within(0.01, lines.log, ended.put):
        assert ended.get(timeout=PATIENCE_S) == HUNG
    assert lines.events[0] == "close_hangs"
