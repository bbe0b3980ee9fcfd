"""`hub demo`: the whole of it, again and again, without a terminal."""

from __future__ import annotations

from pathlib import Path

from tests.integration.commands import done, run


def test_the_demo_runs_twice_and_tells_the_same_region(tmp_path: Path) -> None:
    first = done(tmp_path, "demo", "--people", "40", "--format", "json").json
    second = done(tmp_path, "demo", "--people", "40", "--format", "json").json

    assert first["digests"] == second["digests"]
    assert first["digests"]["ingested"] == first["digests"]["rebuilt"]
    assert first["status"]["accounting"]["adds_up"]
    assert first["status"]["lag"]["total_events"] == 0
    assert first["status"]["accounting"]["quarantined"] == sum(first["quarantine"].values()) > 0
    assert len({case["network"] for case in first["pathway"]["cases"]}) == 2


def test_the_demo_tells_its_story_in_text_and_its_commands_work(tmp_path: Path) -> None:
    told = done(tmp_path, "demo", "--people", "40", "--keep", tmp_path / "kept").out

    assert "adds up" in told
    assert "FRANCE TRAVAIL" in told
    assert "Règle" in told
    assert "the same digest" in told
    commands = [line for line in told.splitlines() if f" --data {tmp_path}/kept " in line]
    assert len(commands) == 8
    *ending, serving = commands
    assert serving.endswith(" serve --local-issuer")
    for line in ending:
        arguments = line.split()[3:]
        assert run(tmp_path / "kept", *arguments).code == 0, line


def test_the_demo_clears_what_an_earlier_one_made_and_leaves_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done(tmp_path, "demo", "--people", "10")
    key = (folder / "master.key").read_bytes()
    (folder / "notes.txt").write_text("mine")

    done(tmp_path, "demo", "--people", "10")

    assert (folder / "master.key").read_bytes() != key
    assert (folder / "notes.txt").read_text() == "mine"
