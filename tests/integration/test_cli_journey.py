"""The main journey from the shell: a region simulated, published, consumed, looked at, rebuilt."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hub.projections.models import PERSON_MODELS
from tests.integration.commands import done, run, run_apart


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The feed of 25 people, broken records included."""
    folder = tmp_path_factory.mktemp("feed")
    done(folder, "simulate", "--people", "25", "--seed", "3", "--out", folder / "region.jsonl")
    return folder / "region.jsonl"


@pytest.fixture(scope="module")
def data(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub that took the feed in; tests only read it."""
    folder = tmp_path_factory.mktemp("hub") / "data"
    done(folder, "init")
    done(folder, "publish", "--raw", feed)
    done(folder, "consume", "--until-caught-up")
    return folder


def test_init_says_where_the_key_is_and_that_it_must_be_kept_apart(tmp_path: Path) -> None:
    ran = done(tmp_path / "data", "init")

    assert f"{tmp_path}/data/master.key" in ran.out
    assert "Back the key up apart from the data" in ran.out
    assert "nothing was changed" not in ran.out


def test_init_again_keeps_the_key_and_the_data(data: Path) -> None:
    before, key = done(data, "digest").out, (data / "master.key").read_bytes()

    again = done(data, "init")

    assert "nothing was changed" in again.out
    assert done(data, "digest").out == before
    assert (data / "master.key").read_bytes() == key


def test_the_same_seed_gives_the_same_feed(feed: Path, tmp_path: Path) -> None:
    done(tmp_path, "simulate", "--people", "25", "--seed", "3", "--out", tmp_path / "again.jsonl")

    assert (tmp_path / "again.jsonl").read_bytes() == feed.read_bytes()


def test_the_status_adds_up_to_the_lines_of_the_feed_with_nothing_left_to_read(data: Path, feed: Path) -> None:
    status = done(data, "status", "--format", "json").json
    lines = len(feed.read_text().splitlines())
    broken = sum("raw" in json.loads(line) for line in feed.read_text().splitlines())

    sums = status["accounting"]
    assert sums["read"] == lines
    assert sums["adds_up"]
    assert sums["accepted"] + sums["duplicate"] + sums["quarantined"] == lines
    assert sums["quarantined"] == broken
    assert status["ledger_position"] == sums["accepted"]
    assert status["lag"]["total_events"] == 0
    assert sum(topic["held_events"] for topic in status["lag"]["topics"]) == lines
    assert sum(status["held"]["phases"].values()) == status["held"]["people"]
    assert "adds up" in done(data, "status").out


def test_what_is_published_and_not_consumed_is_lag(feed: Path, tmp_path: Path) -> None:
    done(tmp_path, "init")
    done(tmp_path, "publish", "--raw", feed)

    status = done(tmp_path, "status", "--format=json").json

    assert status["lag"]["total_events"] == len(feed.read_text().splitlines())
    assert status["accounting"]["read"] == 0


def test_a_shuffled_feed_with_every_line_twice_in_three_parts_gives_the_same_digest(
    data: Path, feed: Path, tmp_path: Path
) -> None:
    # Who comes first decides between two contents of one event id: those records stay out.
    lines = [line for line in feed.read_text().splitlines() if "raw" not in json.loads(line)]
    twice = lines * 2
    random.Random(5).shuffle(twice)
    done(tmp_path, "init")
    for part in range(3):
        file = tmp_path / f"part-{part}.jsonl"
        file.write_text("\n".join(twice[part::3]) + "\n")
        done(tmp_path, "publish", file)
        done(tmp_path, "consume", "--until-caught-up")

    assert done(tmp_path, "digest").out == done(data, "digest").out


def test_a_rebuild_gives_the_same_digest(data: Path) -> None:
    before = done(data, "digest").out

    said = done(data, "rebuild").out

    assert "generation" in said
    assert done(data, "digest").out == before
    assert len(before.strip()) == 64


def test_publishing_a_file_again_goes_on_where_it_stopped_and_from_the_start_when_asked(
    feed: Path, tmp_path: Path
) -> None:
    data = tmp_path
    done(data, "init")
    done(data, "publish", "--raw", feed)
    done(data, "consume", "--until-caught-up")

    again = done(data, "publish", "--raw", feed, "--format", "json").json[0]
    assert (again["lines"], again["published"]) == (0, 0)
    assert again["resumed_after"] == len(feed.read_text().splitlines())

    accepted = done(data, "status", "--format", "json").json["accounting"]["accepted"]
    done(data, "publish", "--raw", "--from-start", feed)
    done(data, "consume", "--until-caught-up")

    sums = done(data, "status", "--format", "json").json["accounting"]
    assert sums["accepted"] == accepted
    assert sums["adds_up"]


def test_another_hub_publishes_the_same_file_from_its_start(feed: Path, tmp_path: Path) -> None:
    done(tmp_path, "init")

    first = done(tmp_path, "publish", "--raw", feed, "--format", "json").json[0]

    assert first["resumed_after"] == 0
    assert first["lines"] == len(feed.read_text().splitlines())


def test_refused_lines_are_named_and_make_the_exit_code_1_but_the_others_are_published(
    feed: Path, tmp_path: Path
) -> None:
    lines = feed.read_text().splitlines()[:5]
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([lines[0], "{not json", *lines[1:]]) + "\n")
    done(tmp_path, "init")

    ran = run(tmp_path, "publish", file)

    assert ran.code == 1
    assert "1 lines refused" in ran.out
    assert f"{file}:2: not JSON" in ran.err
    assert done(tmp_path, "consume", "--until-caught-up", "--format", "json").json["accepted"] == 5


def test_raw_records_are_refused_unless_they_are_asked_for(feed: Path, tmp_path: Path) -> None:
    done(tmp_path, "init")

    ran = run(tmp_path, "publish", feed)

    assert ran.code == 1
    assert "only when asked for" in ran.err


def test_the_standard_input_is_published(feed: Path, tmp_path: Path) -> None:
    done(tmp_path, "init")

    ran = run_apart(tmp_path, "publish", "--raw", "-", within=f"{{}} < {feed}")

    assert ran.code == 0, ran.err
    assert f"{len(feed.read_text().splitlines()):,} lines read" in ran.out


def test_every_person_has_a_complete_pathway_in_json(data: Path) -> None:
    for case in _cases(data):
        document = done(data, "pathway", case, "--format", "json").json
        assert set(document["tables"]) == {model.name for model in PERSON_MODELS}
        assert document["timeline"]
        assert document["person_id"] == document["tables"]["pathway"][0]["person_id"]
        assert case in {"/".join(each.values()) for each in document["cases"]}


def test_a_pathway_is_found_by_person_by_event_and_by_local_id(data: Path) -> None:
    case = _cases(data)[0]
    document = done(data, "pathway", case, "--format", "json").json
    names = (document["person_id"], document["timeline"][-1]["event_id"], case.rpartition("/")[2])

    assert all(done(data, "pathway", name, "--format", "json").json == document for name in names)


def test_help_answers_without_loading_the_engine(tmp_path: Path) -> None:
    ran = run_apart(tmp_path, "--help", within="PYTHONPROFILEIMPORTTIME=1 {}")

    assert ran.code == 0
    assert "suggestions" in ran.out
    assert " hub.cli.app\n" in ran.err or " typer\n" in ran.err
    for heavy in ("sqlalchemy", "pydantic", "fastavro", "rich.console", "faker", "cryptography"):
        assert f" {heavy}\n" not in ran.err, heavy


def test_the_version_is_written_without_a_data_directory(tmp_path: Path) -> None:
    assert done(tmp_path / "nothing", "--version").out.startswith("hub ")


def _cases(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "hub.db")) as store:
        number = store.execute("SELECT number FROM generation WHERE state = 'live'").fetchone()[0]
        rows = store.execute(
            f"SELECT network || '/' || scope || '/' || local_id FROM g{number}_case_record"  # noqa: S608 a number
            f" WHERE case_no IN (SELECT case_no FROM g{number}_timeline) ORDER BY 1"
        )
        return [name for (name,) in rows]
