"""`hub feed`: until it is caught up, and as a program that an orchestrator runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.delegation import DelegationAccepted, DelegationProposed
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.commands import QUIET, ROOT, command, done, write_events
from tests.integration.receivers import check_converged, received
from tests.integration.test_telemetry_privacy import eventually
from tests.unit.pathway.builders import CE, FT, event, registered


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


def test_updates_go_on_with_higher_versions_after_a_restore(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done(data, "init")
    files: list[Path] = []

    def told(*events: Event) -> None:
        files.append(write_events(tmp_path / f"{len(files)}.jsonl", events))
        done(data, "publish", files[-1])
        done(data, "consume", "--until-caught-up")
        done(data, "feed", "--until-caught-up")

    told(registered(FT, "2021-01-11", family_name="Durand"), registered(CE, "2021-02-22", other=FT))
    copy = shutil.copytree(data, tmp_path / "copy")
    told(*(event(CaseUpdated, "2021-03-01", FT, contact={"email": f"{number}@example.org"}) for number in range(5)))
    told(event(DelegationProposed, "2021-03-02", FT, delegation_id="D-1", ground="compensation"))
    for file in data.glob("hub.db*"):
        file.unlink()
    for file in copy.glob("hub.db*"):
        shutil.copy(file, data)
    # The log kept what came after the backup: it is read again, in batches of another size.
    done(data, "consume", "--until-caught-up")
    done(data, "feed", "--until-caught-up")
    told(event(DelegationAccepted, "2021-03-03", CE, delegation_id="D-1"))
    with Hub(Settings(data=data)) as hub:
        check_converged(hub)
        (update,) = received(hub, FRANCE_TRAVAIL).kept.values()
    assert [delegation.status for delegation in update.delegations] == ["active"]
