"""Stopping is noted once, and what does not stop in time is ended."""

from __future__ import annotations

import os
import signal
import time
from queue import SimpleQueue

from hub.cli.stopping import SAME_S, Deadline, Stop

PATIENCE_S = 30.0


def test_a_process_that_does_not_stop_in_time_is_ended_with_the_signals_code() -> None:
    overdue, ended = SimpleQueue[int](), SimpleQueue[int]()
    with Stop() as stop, Deadline(overdue.put, ended.put, grace_s=0.05):
        os.kill(os.getpid(), signal.SIGTERM)
        assert ended.get(timeout=PATIENCE_S) == 128 + signal.SIGTERM
        assert overdue.get(timeout=PATIENCE_S) == signal.SIGTERM
        assert stop.signal_number == signal.SIGTERM


def test_a_second_signal_ends_it_at_once_and_one_that_comes_twice_does_not() -> None:
    overdue, ended = SimpleQueue[int](), SimpleQueue[int]()
    with Stop(), Deadline(overdue.put, ended.put, grace_s=PATIENCE_S):
        began = time.monotonic()
        while ended.empty():
            os.kill(os.getpid(), signal.SIGTERM)
            assert time.monotonic() - began < PATIENCE_S
        assert time.monotonic() - began > SAME_S
        assert ended.get() == 128 + signal.SIGTERM
    assert overdue.empty()


def test_a_process_that_stops_in_time_is_left_alone() -> None:
    overdue, ended = SimpleQueue[int](), SimpleQueue[int]()
    with Stop() as stop, Deadline(overdue.put, ended.put, grace_s=PATIENCE_S):
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.signal_number == signal.SIGTERM
    assert (overdue.empty(), ended.empty()) == (True, True)


def test_afterwards_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stop(), Deadline(print, print):
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
    assert signal.set_wakeup_fd(-1) == -1
