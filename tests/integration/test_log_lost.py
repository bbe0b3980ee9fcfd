"""A log that is lost: the hub stops, says so, and goes on by a recorded decision, with nothing lost or doubled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.domain.topics import CAP_EMPLOI_EVENTS, DECISIONS, FRANCE_TRAVAIL_EVENTS
from hub.errors import LogIncident
from hub.settings import Settings
from hub.wiring import Hub
from tests.integration.commands import done, run, taken, write_events
from tests.unit.pathway.builders import CE, registered

LOST = "log.db lost, feeds published again"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub that took in a region with broken records and repeated lines."""
    folder = tmp_path / "data"
    done(folder, "init")
    done(folder, "simulate", "--people", "6", "--seed", "3", "--out", feed(folder))
    publish(folder)
    done(folder, "consume", "--until-caught-up")
    return folder


def feed(data: Path) -> Path:
    return data.parent / "region.jsonl"


def publish(data: Path) -> None:
    done(data, "publish", "--raw", "--from-start", feed(data))


def lose_the_log(data: Path) -> None:
    for file in data.glob("log.db*"):
        file.unlink()
    done(data, "init")


def status(data: Path) -> Any:
    return done(data, "status", "--format", "json").json


def offsets(data: Path) -> Any:
    return done(data, "offsets", "list", "--format", "json").json


def reset_all(data: Path) -> None:
    for topic in {each["topic"] for each in offsets(data)["offsets"] if each["incident"]}:
        done(data, "offsets", "reset", topic, "--note", LOST, "--by", "C-4")


def test_a_lost_log_published_again_is_read_after_a_reset_and_nothing_is_doubled(data: Path) -> None:
    digest, before = done(data, "digest").out, status(data)["accounting"]
    lines = len(feed(data).read_text().splitlines())
    for time in (1, 2):
        lose_the_log(data)
        publish(data)
        refused = run(data, "consume", "--until-caught-up")
        assert refused.code == 1
        assert refused.err.startswith("error[log_incident]: ")
        assert "hub offsets reset" in refused.err
        assert status(data)["lag"]["total_events"] == lines
        reset_all(data)
        assert status(data)["lag"]["total_events"] == lines
        done(data, "consume", "--until-caught-up")

        sums = status(data)["accounting"]
        broken = before["quarantined"]
        assert done(data, "digest").out == digest
        assert sums["adds_up"]
        assert (sums["read"], sums["accepted"]) == ((time + 1) * lines, before["accepted"])
        assert sums["quarantined"] == (time + 1) * broken
        assert sums["duplicate"] == before["duplicate"] + time * (lines - broken)
        assert status(data)["lag"]["total_events"] == 0


def test_the_status_names_the_incident_until_it_is_decided(data: Path) -> None:
    lose_the_log(data)
    topics = {topic["topic"]: topic["incidents"] for topic in status(data)["lag"]["topics"]}
    assert "created again" in topics[FRANCE_TRAVAIL_EVENTS]["0"]
    shown = done(data, "status").out
    assert f"INCIDENT {FRANCE_TRAVAIL_EVENTS}" in shown
    assert "hub offsets list" in shown
    assert "INCIDENT: the topic was deleted" in done(data, "offsets", "list").out

    reset_all(data)

    assert not any(topic["incidents"] for topic in status(data)["lag"]["topics"])
    assert "INCIDENT" not in done(data, "status").out + done(data, "offsets", "list").out


def test_a_reset_is_on_record_and_moves_what_it_names_alone(data: Path) -> None:
    lose_the_log(data)
    first = next(each for each in offsets(data)["offsets"] if each["topic"] == CAP_EMPLOI_EVENTS)
    number = first["partition"]

    done(data, "offsets", "reset", CAP_EMPLOI_EVENTS, "--partition", str(number), "--note", LOST, "--by", "C-4")

    found = offsets(data)
    (decision,) = found["decisions"]
    assert (decision["topic"], decision["partition"]) == (CAP_EMPLOI_EVENTS, number)
    assert (decision["from_offset"], decision["from_topic_id"]) == tuple(first["stored"].values())[:2]
    assert (decision["to_offset"], decision["to_topic_id"]) == (0, first["log"]["topic_id"])
    assert (decision["decided_by"], decision["note"]) == ("C-4", LOST)
    well = [(each["topic"], each["partition"]) for each in found["offsets"] if each["incident"] is None]
    assert well == [(CAP_EMPLOI_EVENTS, number)]


def test_without_an_incident_nothing_is_reset(data: Path) -> None:
    before = offsets(data)
    assert not any(each["incident"] for each in before["offsets"])
    for arguments in ((FRANCE_TRAVAIL_EVENTS,), (FRANCE_TRAVAIL_EVENTS, "--partition", "0"), (DECISIONS,)):
        ran = run(data, "offsets", "reset", *arguments, "--note", LOST)
        assert ran.code == 1
        assert ran.err.startswith("error[usage]: ")
    assert run(data, "offsets", "reset", "no-such-topic", "--note", LOST).err.startswith("error[not_found]: ")
    assert offsets(data) == before


def test_without_a_note_nothing_is_reset(data: Path) -> None:
    lose_the_log(data)
    before = offsets(data)
    assert run(data, "offsets", "reset", CAP_EMPLOI_EVENTS).code == 2
    assert run(data, "offsets", "reset", CAP_EMPLOI_EVENTS, "--note", " ").code == 2
    assert offsets(data) == before


def test_a_log_older_than_the_store_is_read_again_and_its_duplicates_count_once_more(data: Path) -> None:
    older = {file.name: file.read_bytes() for file in data.glob("log.db*")}
    for _ in range(2):
        publish(data)
    done(data, "consume", "--until-caught-up")
    digest, before = done(data, "digest").out, status(data)["accounting"]
    for file in data.glob("log.db*"):
        file.unlink()
    for name, content in older.items():
        (data / name).write_bytes(content)
    lines = len(feed(data).read_text().splitlines())
    assert "records were lost" in done(data, "status").out

    reset_all(data)
    done(data, "consume", "--until-caught-up")

    sums = status(data)["accounting"]
    assert done(data, "digest").out == digest
    assert sums["adds_up"]
    assert (sums["read"], sums["accepted"]) == (before["read"] + lines, before["accepted"])


def test_a_worker_that_still_reads_the_lost_log_stops(tmp_path: Path) -> None:
    data = tmp_path / "data"
    taken(data, registered())
    late = write_events(tmp_path / "late.jsonl", [registered(CE)])
    with Hub(Settings(data=data)) as hub:
        ingest = hub.ingest()
        done(data, "publish", late)
        lose_the_log(data)
        reset_all(data)
        done(data, "publish", "--from-start", late)
        done(data, "consume", "--until-caught-up")
        before = offsets(data)

        with pytest.raises(LogIncident, match="start the worker again"):
            ingest.step(timeout_ms=0)

        ingest.close()
    assert offsets(data) == before
    assert status(data)["accounting"]["adds_up"]


def test_an_offset_is_set_to_any_place_of_the_log_by_a_decision_on_record(data: Path) -> None:
    before = status(data)["accounting"]
    digest = done(data, "digest").out
    chosen = max(offsets(data)["offsets"], key=lambda each: each["log"]["end"])
    topic, partition, end = chosen["topic"], str(chosen["partition"]), chosen["log"]["end"]
    where = ("offsets", "reset", topic, "--partition", partition, "--note", "read the last two again")

    for wrong in (("--to", str(end + 1)),):
        ran = run(data, *where, *wrong)
        assert (ran.code, ran.err.startswith("error[usage]: ")) == (1, True)
    assert run(data, "offsets", "reset", topic, "--to", "0", "--note", LOST).err.startswith("error[usage]: ")
    assert offsets(data)["decisions"] == []

    done(data, *where, "--to", str(end - 2))
    done(data, "consume", "--until-caught-up")

    (decision,) = offsets(data)["decisions"]
    assert (decision["from_offset"], decision["to_offset"]) == (end, end - 2)
    after = status(data)["accounting"]
    assert after["adds_up"]
    assert after["read"] == before["read"] + 2
    assert done(data, "digest").out == digest
