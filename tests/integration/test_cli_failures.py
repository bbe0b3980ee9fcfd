"""What fails under a command - keys, files, locks, disks -: its exit code, and one line that says what to do."""

from __future__ import annotations

import base64
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hub.domain.events.referent import ReferentAssigned
from tests.integration.commands import done, run, run_apart, started, taken, write_events
from tests.integration.failing_commands import CASE, expect
from tests.unit.pathway.builders import CE, event, registered


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub with one person."""
    folder = tmp_path / "data"
    taken(folder, registered(), event(ReferentAssigned, adviser="A-7", role="referent", from_date="2021-03-01"))
    return folder


COMMANDS = (
    ("status",),
    ("digest",),
    ("rebuild",),
    ("pathway", CASE),
    ("explain", CASE, "phase"),
    ("suggestions",),
    ("consume", "--until-caught-up"),
    ("quarantine", "list"),
    ("offsets", "list"),
    ("link", CASE, "/".join(CE), "--evidence", "adviser_review"),
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_missing_data_directory_leads_to_init(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    expect(run(tmp_path / "nowhere", *arguments), "store_missing", "run `hub init`")
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_key_is_to_be_restored_and_never_made_anew(data: Path) -> None:
    (data / "master.key").rename(data / "elsewhere")

    expect(run(data, "status"), "key_unavailable", "restore it from its backup")
    expect(run(data, "init"), "key_unavailable", "restore it from its backup")
    assert not (data / "master.key").exists()


def test_a_missing_key_store_is_to_be_restored_and_never_made_anew(data: Path) -> None:
    (data / "keys.db").rename(data / "elsewhere")

    for command in ("status", "rebuild", "init"):
        expect(run(data, command), "key_unavailable", "restore it from its backup")
    assert not (data / "keys.db").exists()


def test_a_key_that_others_can_read_is_refused(data: Path) -> None:
    (data / "master.key").chmod(0o644)

    expect(run(data, "status"), "key_unavailable", f"chmod 600 {data}/master.key")


def test_another_key_is_told_from_the_right_one(data: Path) -> None:
    (data / "master.key").write_bytes(base64.b64encode(bytes(32)))

    expect(run(data, "pathway", CASE), "key_unavailable", "another key-encryption key")


def test_a_key_variable_that_is_no_key_is_not_repeated(data: Path) -> None:
    ran = run(data, "status", env={"HUB_KEY": "not-a-key-but-secret"})

    expect(ran, "key_unavailable", "44 characters")
    assert "secret" not in ran.err


def test_the_key_may_come_from_a_variable(data: Path) -> None:
    key = (data / "master.key").read_text().strip()
    (data / "master.key").unlink()

    assert run(data, "status", env={"HUB_KEY": key}).code == 0


def test_a_setting_that_is_no_number_is_named(data: Path) -> None:
    expect(run(data, "status", env={"HUB_BUSY_TIMEOUT_MS": "soon"}), "usage", "HUB_BUSY_TIMEOUT_MS")


def test_a_setting_that_is_no_json_is_named_without_its_value(data: Path) -> None:
    ran = run(data, "status", env={"HUB_OIDC_CLAIMS": "secret"})
    expect(ran, "usage", "HUB_OIDC_CLAIMS")
    assert "secret" not in ran.err


@pytest.mark.parametrize("name", ["hub.db", "keys.db", "log.db"])
def test_a_damaged_file_is_to_be_restored(data: Path, name: str) -> None:
    with (data / name).open("r+b") as file:
        file.write(b"no database at all ")

    expect(run(data, "status"), "store_corrupt", "restore")


@pytest.mark.parametrize("name", ["hub.db", "keys.db", "log.db"])
def test_a_file_that_is_gone_is_an_error_and_no_empty_one_is_made(data: Path, name: str) -> None:
    (data / name).unlink()

    ran = run(data, "status")

    assert ran.code == 1
    assert ran.err.startswith("error[")
    assert not (data / name).exists()


def test_a_locked_store_is_waited_for_then_an_error_and_nothing_is_lost(data: Path) -> None:
    more = write_events(data / "more.jsonl", [registered(CE)])
    done(data, "publish", more)
    before = done(data, "digest").out
    impatient = {"HUB_BUSY_TIMEOUT_MS": "10"}

    with _locked(data / "hub.db"):
        expect(run(data, "rebuild", env=impatient), "store_unavailable", "try again")
        expect(run(data, "consume", "--until-caught-up", env=impatient), "store_unavailable", "locked")
        assert done(data, "digest").out == before

    done(data, "consume", "--until-caught-up")
    assert done(data, "status", "--format", "json").json["accounting"]["accepted"] == 3


def test_a_locked_log_is_an_error_and_publishing_goes_on_afterwards(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = write_events(data / "more.jsonl", [registered(CE)])

    with monkeypatch.context() as impatient, _locked(data / "log.db"):
        impatient.setattr("hub.log.embedded_file.BUSY_TIMEOUT_S", 0.01)
        expect(run(data, "publish", more), "log_unavailable", "try again")

    done(data, "publish", more)
    done(data, "consume", "--until-caught-up")
    assert done(data, "status", "--format", "json").json["accounting"]["accepted"] == 3


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_disk_without_room_is_an_error_and_nothing_is_lost(tmp_path: Path) -> None:
    feed = tmp_path / "region.jsonl"
    done(tmp_path, "init")
    done(tmp_path, "simulate", "--people", "15", "--out", feed)
    full = "ulimit -f 120; {}"

    published = run_apart(tmp_path, "publish", "--raw", feed, within=full)
    assert published.code == 1
    assert published.err.startswith("error[")
    assert "Traceback" not in published.err
    done(tmp_path, "publish", "--raw", feed)

    consumed = run_apart(tmp_path, "consume", "--until-caught-up", within=full)
    assert consumed.code == 1
    assert consumed.err.startswith("error[store_unavailable]")
    done(tmp_path, "consume", "--until-caught-up")

    status = done(tmp_path, "status", "--format", "json").json
    assert status["accounting"]["adds_up"]
    assert status["lag"]["total_events"] == 0
    assert status["accounting"]["read"] >= len(feed.read_text().splitlines())


def test_a_full_disk_under_the_output_is_an_error(data: Path) -> None:
    ran = run_apart(data, "status", within="{} > /dev/full")

    assert ran.code == 1
    assert "error[os_error]: No space left on device" in ran.err


def test_nobody_reading_the_output_is_no_traceback(data: Path) -> None:
    ran = run_apart(data, "pathway", CASE, "--format", "json", within="{} | true; echo ${{PIPESTATUS[0]}}")

    assert ran.err == ""
    assert ran.out.strip() in {"0", "1"}


@pytest.mark.parametrize(("asked", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_consumer_asked_to_stop_finishes_its_batch_and_says_so(data: Path, asked: signal.Signals, code: int) -> None:
    consumer = started(data, "consume")
    assert consumer.stderr is not None
    assert "consuming" in consumer.stderr.readline()

    os.kill(consumer.pid, asked)
    out, err = consumer.communicate(timeout=60)

    assert consumer.returncode == code
    assert "read 0" in out
    assert "Traceback" not in err
    assert ("interrupted" in err) == (asked is signal.SIGINT)
    assert done(data, "status", "--format", "json").json["accounting"]["adds_up"]
