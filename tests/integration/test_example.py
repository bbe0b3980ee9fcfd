"""The reference consumer, run as a network would run it: on the embedded log, and on Kafka."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hub.domain.events.base import Event
from hub.domain.events.case import CaseUpdated
from hub.domain.events.erasure import PersonErased
from hub.domain.events.link import RecordsLinked, RecordsUnlinked
from hub.domain.ids import CAP_EMPLOI, FRANCE_TRAVAIL
from hub.wiring import Hub
from tests.integration.commands import ROOT
from tests.integration.hubs import a_hub, take
from tests.integration.receivers import feed, outbound_records
from tests.unit.pathway.builders import CE, FT, event, ref, registered

EXAMPLE = ROOT / "examples" / "update_records.py"
pytestmark = pytest.mark.usefixtures("engine")


def kept_up(hub: Hub, network: str, records: Path) -> str:
    """Run the example until it is caught up; give what it says."""
    settings = hub.settings
    place = (
        ["--servers", settings.kafka_servers, "--prefix", settings.kafka_topic_prefix]
        if settings.kafka_servers
        else ["--log", str(hub.paths.log)]
    )
    command = [sys.executable, str(EXAMPLE), network, str(records), "--until-caught-up", *place]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def person_of(records: Path, local_id: str) -> Any:
    with sqlite3.connect(records) as db:
        query = "select pathway from own_case join person using (key) where local_id = ? order by version desc"
        row = db.execute(query, (local_id,)).fetchone()
    db.close()
    return json.loads(row[0]) if row else None


def decision(kind: Any, at: str) -> Event:
    why: dict[str, Any] = {"evidence": "adviser_review"} if kind is RecordsLinked else {"reason": "different_people"}
    made: Event = event(kind, at, left=ref(FT), right=ref(CE), **why)
    return made


def test_it_keeps_a_networks_records_up_to_date(tmp_path: Path) -> None:
    mine, theirs = tmp_path / "cap_emploi.db", tmp_path / "france_travail.db"
    with a_hub() as hub:
        take(hub, [registered(FT, "2021-01-11"), registered(CE, "2021-02-22")])
        feed(hub)
        assert kept_up(hub, CAP_EMPLOI, mine) == "1 changes, 1 people\n"
        assert person_of(mine, CE.local_id)["other_network"] is None
        take(hub, [decision(RecordsLinked, "2021-05-01")])
        take(hub, [event(CaseUpdated, "2021-05-02", FT, contact={"email": "a@example.org"})])
        feed(hub)
        assert kept_up(hub, CAP_EMPLOI, mine).endswith(" 1 people\n")
        assert person_of(mine, CE.local_id)["other_network"]["status"] == "open"
        assert kept_up(hub, CAP_EMPLOI, mine) == "0 changes, 1 people\n"
        take(hub, [decision(RecordsUnlinked, "2021-06-01")])
        feed(hub)
        kept_up(hub, CAP_EMPLOI, mine)
        assert person_of(mine, CE.local_id)["other_network"] is None
        take(hub, [event(PersonErased, "2022-01-03", FT, reason="person_request")])
        feed(hub)
        assert kept_up(hub, CAP_EMPLOI, mine) == "0 changes, 1 people\n"
        assert kept_up(hub, FRANCE_TRAVAIL, theirs).endswith(" 0 people\n")


def test_in_whatever_order_partitions_are_read_the_latest_stands(tmp_path: Path) -> None:
    example = loaded()
    with a_hub() as hub:
        take(hub, [registered(FT, "2021-01-11"), registered(CE, "2020-02-22")])
        feed(hub)
        take(hub, [decision(RecordsLinked, "2021-05-01")])
        feed(hub)
        found = [
            example.Received(record.topic, record.partition, record.offset, record.key, record.value)
            for record in outbound_records(hub, FRANCE_TRAVAIL)
        ]
    keys = sorted({record.key for record in found})
    assert len(keys) == 2
    for number, order in enumerate((keys, keys[::-1])):
        records = example.Records(str(tmp_path / f"{number}.db"), FRANCE_TRAVAIL)
        for key in order:
            records.apply([record for record in found if record.key == key])
        records.apply(found)
        assert records.count() == 1
        assert records.of_case(FT.local_id)["other_network"]["network"] == CAP_EMPLOI
        records.close()


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update_records", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["update_records"] = module
    spec.loader.exec_module(module)
    return module


def test_it_mixes_no_two_networks_in_one_file_and_names_a_log_that_is_none(tmp_path: Path) -> None:
    records = tmp_path / "records.db"
    log = tmp_path / "log.db"
    with a_hub() as hub:
        kept_up(hub, CAP_EMPLOI, records)
    for arguments, told in (
        ([FRANCE_TRAVAIL, str(records), "--log", str(EXAMPLE)], "holds the records of cap_emploi"),
        ([CAP_EMPLOI, str(records), "--log", str(log)], "is no embedded log"),
    ):
        done = subprocess.run(
            [sys.executable, str(EXAMPLE), *arguments],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False)
