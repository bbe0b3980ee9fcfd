"""`hub status --watch`: a line or a block per interval, a screen that fits, and Ctrl-C is its ordinary end."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hub.cli.amounts import duration, rate
from hub.cli.watching import Watch
from hub.cli.watchscreen import screen
from hub.errors import KeyUnavailable, StoreUnavailable
from hub.log.port import Message
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.commands import QUIET, ROOT, command, done, run, started, taken
from tests.integration.hubs import a_hub
from tests.unit.pathway.builders import registered

PATIENCE_S = 60


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    taken(folder, registered())
    return folder


def interrupted(watching: subprocess.Popen[str]) -> None:
    """Interrupt it as Ctrl-C does, and expect an ordinary end."""
    watching.send_signal(signal.SIGINT)
    _, err = watching.communicate(timeout=PATIENCE_S)
    assert (watching.returncode, err) == (0, "")


def test_it_writes_a_json_line_per_interval(data: Path) -> None:
    watching = started(data, "status", "--watch", "0.1", "--format", "json")
    assert watching.stdout is not None
    found = [json.loads(watching.stdout.readline()) for _ in range(3)]
    interrupted(watching)

    assert [line["ledger_position"] for line in found] == [1, 1, 1]
    assert all(line["accounting"]["adds_up"] for line in found)
    assert found[0]["at"] < found[1]["at"] < found[2]["at"]


def test_it_writes_a_block_per_interval_where_there_is_no_terminal(data: Path) -> None:
    watching = started(data, "status", "0.1", "--watch")
    assert watching.stdout is not None
    read = ""
    while read.count("caught up") < 2:
        read += watching.stdout.readline()
    interrupted(watching)

    assert read.count("adds up") == 2
    assert "\x1b" not in read


def test_it_redraws_its_screen_on_a_terminal(data: Path) -> None:
    terminal, its_side = pty.openpty()
    env = {**os.environ, **QUIET, "TERM": "xterm"}
    program = command(data, "status", "--watch", "0.1")
    watching = subprocess.Popen(program, cwd=ROOT, env=env, stdin=its_side, stdout=its_side, stderr=its_side)
    os.close(its_side)
    read = b""
    while read.count(b"caught up") < 3:
        read += os.read(terminal, 4_096)
    watching.send_signal(signal.SIGINT)
    with open(terminal, "rb", buffering=0) as rest:  # noqa: PTH123 a descriptor has no path
        while watching.poll() is None:
            try:
                rest.read(4_096)
            except OSError:
                break
    assert watching.wait(PATIENCE_S) == 0
    assert re.search(rb"\x1b\[\d*A", read), "the cursor goes up and the block is written over"


def busy(**changes: Any) -> dict[str, Any]:
    """Give a document with everything that a screen may have to show, in large numbers."""
    topic: dict[str, Any] = {
        "topic": "france-travail.case-events.v1",
        "partitions": 64,
        "lag_events": 123_456_789,
        "lag_seconds": 200_000.0,
        "read_per_second": 12_345.0,
        "arriving_per_second": 345.0,
        "incidents": {},
    }
    with a_hub() as hub:
        moment = hub.now()
    return {
        "at": moment,
        "accounting": {
            "read": 300_000_000,
            "accepted": 299_000_000,
            "duplicate": 999_000,
            "quarantined": 1_000,
            "discarded": 0,
            "adds_up": True,
        },
        "read": 300_123_456,
        "ledger_position": 299_123_456,
        "read_per_second": 24_690.0,
        "accepted_per_second": 24_000.0,
        "lag": {"total_events": 246_913_578, "seconds": 200_000.0, "topics": [topic, topic, topic]},
        "partitions": 129,
        "partitions_moving": 64,
        "quarantine": {
            "held": 1_000,
            "by_reason": {"undecodable": 500, "unknown_schema": 300, "invalid_event": 150, "content_conflict": 50},
            "oldest_seconds": 5_000_000.0,
        },
        "rebuild": {"number": 7, "heard": 1_000_000, "done": 456_789, "total": 1_000_000, "seconds": 5_000.0},
        **changes,
    }


def drawn(found: Mapping[str, Any], width: int) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width, no_color=True).print(screen(dict(found)))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30)])
def test_its_screen_fits_a_terminal_when_there_is_much_to_show(width: int, height: int) -> None:
    lines = drawn(busy(), width)

    assert len(lines) < height
    assert max(map(len, lines)) <= width
    text = " ".join("\n".join(lines).split())
    assert "246,913,578" in text
    assert "2 d 7 h" in text
    assert "in about 2 h 53 min at this rate" in text
    assert "73% of generation 7" in text
    assert "57 d 20 h" in text
    assert "123,456 more since all was counted" in text


def test_a_backlog_that_nobody_reads_is_named() -> None:
    assert "no, and nothing is read" in "\n".join(drawn(busy(read_per_second=0.0), 100))


def test_an_incident_is_named() -> None:
    found = busy()
    found["lag"]["topics"][0]["incidents"] = {3: "the log begins at 900, past the stored offset 5"}
    assert "INCIDENT france-travail.case-events.v1, partition 3" in "\n".join(drawn(found, 100))


def test_a_store_that_is_away_is_shown_and_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_hub() as hub:
        watch = Watch(hub)
        with monkeypatch.context() as away:
            away.setattr(Hub, "admin", lambda _: _raise(StoreUnavailable("the store is away")))
            found = watch.found()
            assert found["error"]["code"] == "store_unavailable"
            assert "error[store_unavailable]: the store is away" in "\n".join(drawn(found, 100))
        assert "error" not in watch.found()
        monkeypatch.setattr(Hub, "admin", lambda _: _raise(KeyUnavailable("gone")))
        with pytest.raises(KeyUnavailable):
            watch.found()


def _raise(error: Exception) -> None:
    raise error


def test_seconds_are_for_watching(data: Path) -> None:
    assert run(data, "status", "5").code == 2
    assert run(data, "status", "--watch", "0").code == 2


def test_the_status_tells_what_is_held_and_behind(data: Path) -> None:
    with closing(Hub(_settings(data)).producer()) as producer:
        producer.append([Message("hub.decisions.v1", None, b"no Avro", (), 0)] * 2)
    behind = done(data, "status")
    assert "oldest unread" in behind.out
    assert done(data, "status", "--format", "json").json["lag"]["seconds"] > 0
    done(data, "consume", "--until-caught-up")

    found = done(data, "status", "--format", "json").json
    assert found["quarantine"]["by_reason"] == {"undecodable": 2}
    assert found["quarantine"]["oldest_seconds"] >= 0
    assert found["lag"]["seconds"] == 0
    assert found["rebuild"] is None
    shown = done(data, "status").out
    assert re.search(r"quarantine +2 +undecodable 2; the oldest for", shown)
    assert "oldest unread" not in shown


def _settings(data: Path) -> Settings:
    return Settings(data=data)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.34, "0.3 s"), (45, "45 s"), (60, "1 min"), (3_725, "1 h 2 min"), (187_200, "2 d 4 h")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("per_second", "text"), [(0, ""), (0.44, "0.4/s"), (1_234.4, "1,234/s")])
def test_rates_are_short(per_second: float, text: str) -> None:
    assert rate(per_second) == text
