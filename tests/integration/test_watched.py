"""Files that are read again when they changed: every way of changing, many readers, and what a reader waits for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from hub.api.watched import HUNG_S, Watched
from hub.errors import Usage
from tests.unit.telemetry import Clock, Lines

FRESH_S = 1.0


class Numbers:
    """A file of numbers that is watched, and how often it was read; `gate` holds a reading up until it is set."""

    def __init__(self, folder: Path, *, wait_s: float = 10.0) -> None:
        self.file = folder / "numbers"
        self.clock, self.lines = Clock(), Lines()
        self.times = 0
        self.fails: Exception | None = None
        self.gate = Event()
        self.gate.set()
        self.replace("1\n")
        self.watched = Watched(
            (self.file,),
            self._read,
            name="numbers",
            size=len,
            fresh_s=FRESH_S,
            wait_s=wait_s,
            clock=self.clock,
            log=self.lines.log,
        )

    def _read(self) -> list[int]:
        self.times += 1
        assert self.gate.wait(30)
        try:
            if self.fails is not None:
                raise self.fails
            lines = self.file.read_text().splitlines()
        except OSError as error:
            raise Usage(f"numbers cannot be read: {error.strerror}") from error
        if not lines or not all(map(str.isdigit, lines)):
            raise Usage("numbers are wrong")
        return [int(line) for line in lines]

    def replace(self, text: str) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.file)

    def later(self, seconds: float = FRESH_S) -> list[int]:
        self.clock.seconds += seconds
        return self.watched.current()


@pytest.fixture
def numbers(tmp_path: Path) -> Numbers:
    return Numbers(tmp_path)


def in_place(numbers: Numbers) -> None:
    before = numbers.file.stat()
    numbers.file.write_text("2\n")
    os.utime(numbers.file, ns=(before.st_atime_ns, before.st_mtime_ns))  # of the same size and age: `ctime` alone moved


def by_renaming(numbers: Numbers) -> None:
    numbers.replace("2\n")


def by_another_link(numbers: Numbers) -> None:
    """Swap a link, as orchestrators do with a mounted folder."""
    target = numbers.file.with_name("second")
    target.write_text("2\n")
    link = numbers.file.with_name("link")
    link.symlink_to(target)
    link.replace(numbers.file)


@pytest.mark.parametrize("change", [in_place, by_renaming, by_another_link])
def test_a_change_takes_effect_in_time_however_it_was_made(numbers: Numbers, change: Callable[[Numbers], None]) -> None:
    assert numbers.watched.current() == [1]
    change(numbers)
    assert numbers.later() == [2]
    assert numbers.lines.events == ["numbers_read"]


def test_what_did_not_change_is_read_once(numbers: Numbers) -> None:
    assert [numbers.later() for _ in range(5)] == [[1]] * 5
    assert numbers.times == 1
    assert numbers.lines.events == []


def test_a_file_whose_rights_alone_changed_is_read_again(numbers: Numbers) -> None:
    numbers.file.chmod(0o640)
    assert numbers.later() == [1]
    assert numbers.times == 2


def test_a_change_takes_effect_after_a_long_silence_too(numbers: Numbers) -> None:
    numbers.replace("2\n")
    assert numbers.later(3_600) == [2]


@pytest.mark.parametrize("broken", ["", "1\nx\n", None])
def test_a_broken_file_changes_nothing_until_it_is_mended_and_is_told_once(
    numbers: Numbers, broken: str | None
) -> None:
    if broken is None:
        numbers.file.unlink()
    elif broken:
        numbers.replace(broken)
    else:
        os.truncate(numbers.file, 0)
    assert [numbers.later() for _ in range(4)] == [[1]] * 4
    assert numbers.lines.events == ["numbers_refused"]
    numbers.replace("3\n")
    assert numbers.later() == [3]
    assert numbers.lines.events == ["numbers_refused", "numbers_read"]
    numbers.replace("x\n")
    assert numbers.later() == [3]
    assert numbers.lines.events[2:] == ["numbers_refused"]


def test_each_cause_is_told(numbers: Numbers) -> None:
    numbers.replace("x\n")
    numbers.later()
    numbers.file.unlink()
    numbers.later()
    told = [line["message"] for line in numbers.lines.found]
    assert told == ["numbers are wrong", "numbers cannot be read: No such file or directory"]


def test_a_wrong_file_is_not_read_again_before_it_changed(numbers: Numbers) -> None:
    numbers.replace("x\n")
    for _ in range(4):
        numbers.later()
    assert numbers.times == 2


def test_what_could_not_be_read_is_tried_again_though_the_file_did_not_change(numbers: Numbers) -> None:
    numbers.replace("2\n")
    numbers.fails = PermissionError(13, "Permission denied")  # a root user, whom no mode keeps out, may run this test
    assert [numbers.later() for _ in range(3)] == [[1]] * 3
    assert numbers.lines.events == ["numbers_refused"]
    numbers.fails = None
    assert numbers.later() == [2]


def test_a_reading_that_breaks_down_is_tried_again(numbers: Numbers, monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: died.append(args.exc_type))
    numbers.replace("2\n")
    numbers.fails = MemoryError()
    assert numbers.later() == [1]
    numbers.fails = None
    assert numbers.later() == [2]
    assert died == [MemoryError]


def test_without_another_thread_the_one_that_asks_reads(numbers: Numbers, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    numbers.replace("2\n")
    assert numbers.later() == [2]


def test_one_reads_and_the_others_go_on_while_what_they_have_is_fresh(numbers: Numbers) -> None:
    numbers.replace("2\n")
    numbers.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        numbers.clock.seconds += FRESH_S / 2
        assert list(pool.map(lambda _: numbers.watched.current(), range(50))) == [[1]] * 50
        numbers.clock.seconds += FRESH_S / 2
        late = [pool.submit(numbers.watched.current) for _ in range(8)]
        assert not any(each.done() for each in late)
        numbers.gate.set()
        assert [each.result(30) for each in late] == [[2]] * 8
    assert numbers.times == 2


def test_nobody_waits_longer_than_a_reading_may_take(tmp_path: Path) -> None:
    numbers = Numbers(tmp_path, wait_s=0.01)
    numbers.replace("2\n")
    numbers.gate.clear()
    assert numbers.later() == [1]
    assert numbers.later() == [1]
    assert numbers.lines.events == []
    assert numbers.later(HUNG_S) == [1]
    assert numbers.later() == [1]
    assert numbers.lines.events == ["numbers_refused"]
    assert "takes more than 60 s to read" in numbers.lines.text
    numbers.gate.set()
    until = time.monotonic() + 30
    while numbers.later() != [2]:
        assert time.monotonic() < until
    assert numbers.times == 2, "a reading that hangs is not begun twice"


def test_a_change_during_a_reading_is_read_too(numbers: Numbers) -> None:
    numbers.replace("2\n")
    numbers.gate.clear()
    numbers.later(FRESH_S / 2)
    with ThreadPoolExecutor(1) as pool:
        numbers.clock.seconds += FRESH_S / 2
        waiting = pool.submit(numbers.watched.current)
        numbers.replace("3\n")
        numbers.gate.set()
        assert waiting.result(30) == [3]
    numbers.replace("4\n")
    assert numbers.later() == [4]


@pytest.mark.parametrize("reading_s", [0.0, 0.08], ids=["quickly", "slowly"])
def test_no_reader_of_many_gets_what_was_replaced_too_long_ago(tmp_path: Path, reading_s: float) -> None:
    file, fresh_s, number = tmp_path / "number", 0.05, 0
    file.write_text("0")

    def read() -> int:
        found = int(file.read_text())
        time.sleep(reading_s)
        return found

    watched = Watched(
        (file,),
        read,
        name="number",
        size=lambda _: 1,
        fresh_s=fresh_s,
        wait_s=30.0,
        clock=time.monotonic,
        log=Lines().log,
    )
    replaced_at: dict[int, float] = {}
    over = Event()

    def too_old() -> list[tuple[int, float]]:
        found = []
        while not over.is_set():
            asked_at = time.monotonic()
            got = watched.current()
            age_s = asked_at - replaced_at.get(got, asked_at)
            if age_s > fresh_s:
                found.append((got, age_s))
        return found

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(too_old) for _ in range(6)]
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            fresh = tmp_path / "fresh"
            fresh.write_text(str(number + 1))
            fresh.replace(file)
            replaced_at[number] = time.monotonic()
            number += 1
            over.wait(0.01)
        over.set()
        assert [each.result(30) for each in readers] == [[]] * 6
    assert number > 5
