"""The worker as an orchestrator runs it: started, asked for its health, told to stop, and left alone with failures."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.integration.commands import QUIET, ROOT, Ran, command, done, run, write_events
from tests.integration.test_telemetry_privacy import eventually, free_port
from tests.unit.pathway.builders import CE, registered

PATIENCE_S = 60.0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub with one event to read."""
    folder = tmp_path / "data"
    done(folder, "init")
    done(folder, "publish", write_events(folder / "one.jsonl", [registered()]))
    return folder


class Worker:
    """A worker in a process of its own, with what it writes."""

    def __init__(self, data: Path, program: list[str], env: Mapping[str, str]) -> None:
        self.port = free_port()
        self.log = data / "worker.log"
        with self.log.open("w") as log:
            kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
            self.process = subprocess.Popen(
                program,
                cwd=ROOT,
                env={**kept, **QUIET, "HUB_METRICS_PORT": str(self.port), **env},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The finished lines of its log; what is no JSON is an event of that text."""
        text = self.log.read_text()
        return [_line(line) for line in text[: text.rfind("\n") + 1].splitlines() if line]

    @property
    def events(self) -> list[str]:
        return [line["event"] for line in self.lines]

    def asks(self, *options: str) -> Ran:
        return run(self.log.parent, "health", "--port", str(self.port), *options)

    def is_ready(self) -> bool:
        return self.asks("--ready").code == 0

    def ended(self) -> int:
        return self.process.wait(PATIENCE_S)


def _line(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError:
        return {"event": text}
    return found


@contextmanager
def working(data: Path, program: list[str] | None = None, **env: str) -> Iterator[Worker]:
    worker = Worker(data, program or command(data, "consume"), env)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.process.kill()
            worker.process.wait()


def read_by(data: Path) -> int:
    found: int = done(data, "status", "--format", "json").json["accounting"]["read"]
    return found


def python(data: Path, before: str) -> list[str]:
    """Give a program that runs the worker after some lines of Python."""
    start = f"from hub.cli.app import main\nraise SystemExit(main(['--data', {str(data)!r}, 'consume']))"
    return [sys.executable, "-c", dedent(before) + start]


def test_a_worker_becomes_ready_takes_events_and_stops_when_told(data: Path) -> None:
    with working(data) as worker:
        eventually(worker.is_ready)
        assert worker.asks().out == "alive\n"
        done(data, "publish", write_events(data / "two.jsonl", [registered(CE)]))
        eventually(lambda: read_by(data) == 2)
        worker.process.terminate()

        assert worker.ended() == 0
        assert worker.events == ["consuming", "taken", "stopped"]
        assert worker.lines[-1]["signal"] == "SIGTERM"
        assert worker.asks().code == 1


def test_a_store_that_is_locked_is_waited_for_and_makes_it_unready(data: Path) -> None:
    with working(data, HUB_BUSY_TIMEOUT_MS="10") as worker:
        eventually(worker.is_ready)
        with closing(sqlite3.connect(data / "hub.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            done(data, "publish", write_events(data / "two.jsonl", [registered(CE)]))
            eventually(lambda: "waiting" in worker.events)
            assert worker.asks("--ready").out == "waiting: store_unavailable\n"
            assert worker.asks().code == 0
            other.execute("ROLLBACK")
        eventually(lambda: read_by(data) == 2)
        eventually(worker.is_ready)
        worker.process.terminate()

        assert worker.ended() == 0
        assert "going_on" in worker.events


def test_a_log_that_is_locked_when_it_starts_is_waited_for(data: Path) -> None:
    program = python(data, "from hub.log import embedded_file\nembedded_file.BUSY_TIMEOUT_S = 0.01\n")
    with closing(sqlite3.connect(data / "log.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with working(data, program) as worker:
            eventually(lambda: worker.events.count("waiting") >= 2)
            assert worker.lines[1]["code"] == "log_unavailable"
            assert worker.asks("--ready").code == 1
            other.execute("ROLLBACK")
            other.close()
            eventually(lambda: read_by(data) == 1)
            worker.process.terminate()
            assert worker.ended() == 0


def test_a_log_that_lost_records_ends_it_with_what_to_do(data: Path) -> None:
    with working(data) as worker:
        eventually(lambda: read_by(data) == 1)
        worker.process.terminate()
        assert worker.ended() == 0
    (data / "log.db").unlink()
    done(data, "init")
    with working(data) as worker:
        assert worker.ended() == 1
        assert worker.lines[-1]["event"] == "failed"
        assert worker.lines[-1]["code"] == "log_incident"
        assert "hub offsets reset" in worker.lines[-1]["message"]


def test_a_step_that_hangs_is_ended_by_the_watchdog_and_its_transaction_rolls_back(data: Path) -> None:
    program = python(
        data,
        """
        import time
        from hub.consumers.ingest import Ingest
        from hub.ledger.database import writing

        def step(self, timeout_ms):
            with writing(self._store) as connection:
                connection.exec_driver_sql("DELETE FROM generation")
                time.sleep(600)

        Ingest.step = step
        """,
    )
    with working(data, program, HUB_WATCHDOG_S="10") as worker:
        assert worker.ended() == 70
        hung = worker.events.index("hung")
        assert worker.lines[hung]["silent_s"] >= 10
        stacks = [line for line in worker.lines if line["event"] == "stack"]
        assert any("step" in place for line in stacks if line["thread"] == "MainThread" for place in line["stack"])
    done(data, "consume", "--until-caught-up")
    assert read_by(data) == 1


def test_a_second_signal_ends_a_step_that_does_not_finish(data: Path) -> None:
    # Python runs no signal handler while the database driver waits: only the pipe hears it.
    program = python(
        data,
        """
        import sqlite3, sys
        from hub.consumers.ingest import Ingest

        def step(self, timeout_ms):
            print("stepping", file=sys.stderr, flush=True)
            endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c"
            sqlite3.connect(":memory:").execute(endless)

        Ingest.step = step
        """,
    )
    with working(data, program) as worker:
        eventually(lambda: "stepping" in worker.events)
        worker.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.process.wait(1.5)
        worker.process.terminate()
        assert worker.ended() == 128 + signal.SIGTERM


@pytest.mark.parametrize("command_name", ["consume", "feed"])
def test_a_port_that_is_taken_is_one_line_for_whoever_starts_it(data: Path, command_name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = run(data, command_name, env={"HUB_METRICS_PORT": port, "HUB_LOG_FORMAT": "json"})

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error[usage]: ")
    assert "HUB_METRICS_PORT" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command_name", ["consume", "feed"])
def test_without_a_hub_it_says_how_to_make_one(tmp_path: Path, command_name: str) -> None:
    ran = run(tmp_path / "none", command_name, env={"HUB_LOG_FORMAT": "json"})

    assert ran.code == 1
    assert ran.err.startswith("error[")
    assert "hub init" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(("form", "begins"), [("text", "consuming; "), ("json", '{"timestamp"')])
def test_its_messages_have_the_form_that_is_set(data: Path, form: str, begins: str) -> None:
    with working(data, HUB_LOG_FORMAT=form) as worker:
        eventually(lambda: bool(worker.lines))
        assert worker.log.read_text().startswith(begins)


def test_who_asks_for_health_where_nobody_serves_it_is_told(tmp_path: Path) -> None:
    nobody = run(tmp_path, "health", "--port", str(free_port()))
    nowhere = run(tmp_path, "health")

    assert (nobody.code, nobody.out) == (1, "")
    assert "Connection refused" in nobody.err
    assert nowhere.code == 1
    assert "HUB_METRICS_PORT" in nowhere.err


def test_health_loads_next_to_nothing() -> None:
    program = "import sys\nfrom hub.cli.app import main\nmain(['health', '--port', '1'])\nprint(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    loaded = set(ran.stdout.split())
    assert "hub.cli.probing" in loaded
    assert not loaded & {"sqlalchemy", "structlog", "prometheus_client", "opentelemetry", "hub.settings"}
