"""The program as people run it: in this process, or in one of its own."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hub.cli.app import main
from hub.codec.jsonform import to_json
from hub.domain.events.base import Event

ROOT = Path(__file__).parents[2]
_BASH = shutil.which("bash") or "/bin/bash"
QUIET = {"COLUMNS": "100", "NO_COLOR": "1", "HUB_BUSY_TIMEOUT_MS": "20000", "HUB_TRACEBACK": "1"}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the program came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The data, decoded."""
        return json.loads(self.out)


def run(data: Path, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Ran:
    """Run the program in this process."""
    out, err = io.StringIO(), io.StringIO()
    with patch.dict(os.environ, {**QUIET, **(env or {})}), redirect_stdout(out), redirect_stderr(err):
        code = main(["--data", str(data), *map(str, arguments)])
    return Ran(code, out.getvalue(), err.getvalue())


def done(data: Path, *arguments: str | Path) -> Ran:
    """Run the program and expect it to succeed."""
    ran = run(data, *arguments)
    assert ran.code == 0, ran.err
    return ran


def command(data: Path, *arguments: str | Path) -> list[str]:
    """Give the command line of the program in a process of its own."""
    return [sys.executable, "-m", "hub.cli.app", "--data", str(data), *map(str, arguments)]


def run_apart(data: Path, *arguments: str | Path, within: str = "{}") -> Ran:
    """Run the program in a process of its own, within a line of shell that has {} for it."""
    line = within.format(shlex.join(command(data, *arguments)))
    ran = subprocess.run(
        [_BASH, "-c", line], cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def started(data: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    """Start the program in a process of its own."""
    return subprocess.Popen(
        command(data, *arguments),
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return {**kept, **QUIET}


def write_events(path: Path, events: Sequence[Event]) -> Path:
    """Write events as the JSON lines that `hub publish` reads."""
    path.write_text("".join(json.dumps(to_json(event)) + "\n" for event in events))
    return path


def taken(data: Path, *events: Event) -> None:
    """Make a hub that has taken these events in."""
    done(data, "init")
    file = data / f"{events[0].meta.event_id}.jsonl"
    done(data, "publish", write_events(file, events))
    done(data, "consume", "--until-caught-up")
