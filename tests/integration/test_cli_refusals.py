"""What the shell refuses before anything is done: unknown names, wrong moments and command lines, unreadable files."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from hub.domain.events.referent import ReferentAssigned
from tests.integration.commands import done, run, taken
from tests.integration.failing_commands import CASE, expect
from tests.unit.pathway.builders import CE, event, registered


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A hub with one person."""
    folder = tmp_path / "data"
    taken(folder, registered(), event(ReferentAssigned, adviser="A-7", role="referent", from_date="2021-03-01"))
    return folder


def test_an_unknown_name_says_what_names_there_are(data: Path) -> None:
    expect(run(data, "pathway", "no-such-case"), "not_found", "give network/scope/local_id")
    expect(run(data, "explain", "01890a5d-0000-7000-8000-000000000000", "phase"), "not_found", "event's id")


def test_a_local_id_of_two_records_asks_for_the_whole_name(tmp_path: Path) -> None:
    other = CE._replace(scope="44022013500022")
    taken(tmp_path, registered(CE), registered(other))

    expect(run(tmp_path, "pathway", CE.local_id), "usage", "network/scope/local_id")


def test_an_unknown_fact_leads_to_the_list_and_to_what_is_spelt_nearly_so(data: Path) -> None:
    expect(run(data, "explain", CASE, "delegation:D-12.status"), "not_found", "hub explain NAME")
    expect(run(data, "explain", CASE, "referent_advisor"), "not_found", "referent_adviser")


@pytest.mark.parametrize("moment", ["yesterday", "2021-02-30", "2021-03-01T12:00", "12", "9999-12-31", ""])
def test_a_wrong_moment_is_a_wrong_command_line(data: Path, moment: str) -> None:
    ran = run(data, "pathway", CASE, "--as-of", moment)

    assert ran.code == 2
    assert "as in 2021-03-31" in ran.err


def test_wrong_command_lines_have_exit_code_2(data: Path) -> None:
    for arguments in (
        ("pathway",),
        ("nonsense",),
        ("status", "--loud"),
        ("--format", "xml", "status"),
        ("simulate", "--people", "0", "--out", "x.jsonl"),
        ("link", CASE, "/".join(CE), "--evidence", "hunch"),
        ("unlink", CASE, "/".join(CE)),
        ("quarantine", "redrive"),
        ("quarantine", "show", str(2**63)),
        ("quarantine", "redrive", str(2**63)),
        ("quarantine", "list", "--after", str(2**63)),
        ("quarantine", "redrive", "1", "--all"),
        ("quarantine", "redrive", "1", "--reason", "undecodable"),
    ):
        ran = run(data, *arguments)
        assert ran.code == 2, arguments
        assert "Usage: " in ran.err


def test_a_link_of_what_is_no_case_record_is_refused_before_anything_is_published(data: Path) -> None:
    expect(run(data, "link", CASE, "cap_emploi/123/CE-1", "--evidence", "adviser_review"), "invalid_event", "SIRET")
    expect(run(data, "link", CASE, CASE, "--evidence", "adviser_review"), "invalid_event", "two different ones")
    expect(
        run(data, "link", CASE, "/".join(CE), "--evidence", "adviser_review", "--by", "a b"),
        "invalid_event",
        "actor_id",
    )
    assert done(data, "status", "--format", "json").json["accounting"]["read"] == 2


def test_files_that_cannot_be_read_or_written_are_named(data: Path, tmp_path: Path) -> None:
    expect(run(data, "publish", tmp_path / "nothing.jsonl"), "not_found", "nothing.jsonl")
    expect(run(data, "publish", tmp_path), "usage", "is a folder; name the files in it")
    expect(run(data, "simulate", "--out", tmp_path / "no" / "region.jsonl"), "usage", "choose a folder that exists")
    assert run(tmp_path / "events", "init").code == 0
    (tmp_path / "file").touch()
    expect(run(tmp_path / "file" / "data", "init"), "os_error", "check")


def test_a_demo_does_not_clear_what_no_demo_made(data: Path) -> None:
    before = sorted(path.name for path in data.iterdir())

    expect(run(data, "demo", "--keep", data), "usage", "--keep")

    assert sorted(path.name for path in data.iterdir()) == before


def test_a_defect_says_its_place_and_never_a_value(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing of the test's own stands on the stack, wherever the checkout is.
    monkeypatch.setattr("hub.ledger.accounting.accounting", Mock(side_effect=ValueError("DUPONT, Camille")))
    ran = run(data, "status", env={"HUB_TRACEBACK": ""})

    expect(ran, "defect", "builtins.ValueError at ", exit_code=70)
    assert "hub/cli/operating.py:" in ran.err
    assert "DUPONT" not in ran.err
    with pytest.raises(ValueError, match="DUPONT"):
        run(data, "status", env={"HUB_TRACEBACK": "1"})


@pytest.mark.parametrize("command", ["init", "migrate", "status"])
def test_one_database_for_the_events_and_their_keys_is_refused(tmp_path: Path, command: str) -> None:
    urls = {
        "HUB_DATABASE": "postgresql://hub:s3cret@db.example/hub?sslmode=require",
        "HUB_KEY_DATABASE": "postgresql+psycopg://keys:s3cret@db.example:5432/hub?sslmode=require",
    }
    ran = run(tmp_path / "data", command, env=urls)

    expect(ran, "usage", "HUB_DATABASE and HUB_KEY_DATABASE are the same database, hub")
    assert "s3cret" not in ran.err
    assert not (tmp_path / "data").exists()
