"""`hub feed`: until it is caught up, and as a program that an orchestrator runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.commands import QUIET, ROOT, command, done, write_events
from tests.integration.receivers import received
from tests.integration.test_telemetry_privacy import eventually
from tests.unit.pathway.builders import CE, FT, registered


def people(data: Path, network: str) -> int:
    with Hub(Settings(data=data)) as hub:
        return len(received(hub, network).kept)


def test_it_tells_what_the_ledger_holds_and_says_what_it_did(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done(data, "init")
    events = [registered(FT, "2021-01-11", family_name="Durand"), registered(CE, "2021-02-22", other=FT)]
    done(data, "publish", write_events(data / "two.jsonl", events))
    done(data, "consume", "--until-caught-up")
    assert done(data, "feed", "--until-caught-up").out == (
        "events 2, updates 2, tombstones 0, withheld 0, overtaken 0\n"
    )
    assert done(data, "feed", "--until-caught-up", "--format", "json").json["events"] == 0
    assert people(data, FRANCE_TRAVAIL) == people(data, CAP_EMPLOI) == 1


def test_it_waits_for_more_until_it_is_told_to_stop(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done(data, "init")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    environment = {**kept, **QUIET, "HUB_LOG_FORMAT": "json"}
    log = tmp_path / "feed.log"
    with log.open("w") as stream:
        feeder = subprocess.Popen(command(data, "feed"), cwd=ROOT, env=environment, stderr=stream, stdout=stream)
    try:
        done(data, "publish", write_events(data / "one.jsonl", [registered(FT, "2021-01-11", family_name="Durand")]))
        done(data, "consume", "--until-caught-up")
        eventually(lambda: people(data, FRANCE_TRAVAIL) == 1)
    finally:
        feeder.send_signal(signal.SIGTERM)
        assert feeder.wait(30) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines] == ["feeding", "told", "stopped"]
    assert (lines[1]["events"], lines[1]["updates"]) == (1, 1)
    assert "Durand" not in log.read_text()
