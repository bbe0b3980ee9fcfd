"""`hub demo`: the whole of it, again and again, without a terminal."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from hub.cli.demoreading import ISSUER
from hub.ledger.database import reading
from hub.projections import generations
from hub.settings import Settings
from hub.wiring import Hub
from hub.wiring.localissuer import logins_named
from hub.wiring.naming import FOLDER, names_of
from tests.integration.commands import done, run
from tests.unit.telemetry import Lines


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
    assert "40 invented people" in told
    assert "the same digest" in told
    assert len(told.splitlines()) < 30, told
    commands = [line for line in told.splitlines() if f" --data {tmp_path}/kept " in line]
    assert len(commands) == 8
    *ending, serving = commands
    assert " serve --local-issuer --today " in serving
    for line in ending:
        arguments = line.split()[3:]
        assert run(tmp_path / "kept", *arguments).code == 0, line
    _names_agree(tmp_path / "kept")


def _names_agree(data: Path) -> None:
    """Whoever may log in is called so in the demo's names, and each adviser and site has one."""
    names = names_of(Settings(data=data, names_dir=data / FOLDER), Lines().log)()
    with Hub(Settings(data=data)) as hub, reading(hub.store) as connection:
        rows = connection.execute(generations.live(connection).models["accompaniment"].select()).all()
        assert logins_named(hub).items() <= {key: found.name for key, found in names.advisers.items()}.items()
    assert {(row.network, row.adviser) for row in rows if row.adviser} <= names.advisers.keys()
    assert {row.site for row in rows if row.site} <= names.sites.keys()
    # Whoever read in the demo is named in the journal of accesses too.
    invented = f"{ISSUER}|"
    assert {f"{invented}{adviser}" for _, adviser in names.advisers} == names.readers.keys()


def test_the_demo_clears_what_an_earlier_one_made_and_leaves_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done(tmp_path, "demo", "--people", "10")
    key = (folder / "master.key").read_bytes()
    (folder / "notes.txt").write_text("mine")

    done(tmp_path, "demo", "--people", "10")

    assert (folder / "master.key").read_bytes() != key
    assert (folder / "notes.txt").read_text() == "mine"


def test_a_demo_leaves_the_directory_of_a_running_one_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done(tmp_path, "demo", "--people", "10")
    key = (folder / "master.key").read_bytes()

    with (folder / "made-by-hub-demo").open() as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        second = run(tmp_path, "demo", "--people", "10")

    assert second.code == 1
    assert "a demo is running in" in second.err
    assert (folder / "master.key").read_bytes() == key


def test_the_demo_knows_what_was_known_when(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    told = done(tmp_path, "demo", "--people", "40", "--keep", folder, "--format", "json").json
    case = "/".join(told["pathway"]["cases"][0].values())
    lines = told["pathway"]["timeline"]
    middle = lines[len(lines) // 2]["occurred_at"][:10]

    then = done(folder, "pathway", case, "--known-at", middle, "--format", "json").json["timeline"]

    assert 0 < len(then) < len(lines)


def test_on_a_terminal_the_demo_serves_its_pages_until_it_is_interrupted(tmp_path: Path) -> None:
    master, terminal = os.openpty()
    command = [sys.executable, "-m", "hub.cli.app", "--data", str(tmp_path), "demo", "--people", "20"]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env={**os.environ, "HUB_API_PORT": "0"}
    )
    os.close(terminal)
    try:
        shown = _read_until(master, "Requests are logged in")
        addresses = re.findall(r"http://127\.0\.0\.1:\d+/connexion\?compte=\S+", shown)
        assert len(addresses) == 12
        assert len(shown[shown.index("A simulated region") :].splitlines()) <= 44, shown
        answers = [httpx2.get(address, trust_env=False) for address in addresses]
        assert {answer.status_code for answer in answers} == {200}
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _read_until(terminal: int, text: str) -> str:
    shown, ends = "", time.monotonic() + 120
    while text not in shown:
        assert select.select([terminal], [], [], ends - time.monotonic())[0], shown
        shown += os.read(terminal, 65_536).decode(errors="replace")
    return shown


def test_a_pretended_day_is_for_demonstrations_and_has_to_be_one(tmp_path: Path) -> None:
    wrong = run(tmp_path, "serve", "--local-issuer", "--today", "demain")
    assert wrong.code != 0
    assert "--today is no day" in wrong.err
    assert "Traceback" not in wrong.err

    alone = run(tmp_path, "serve", "--today", "2023-01-02", env={"HUB_OIDC_ISSUER": "https://login.example.fr"})
    assert alone.code != 0
    assert "--today is for demonstrations" in alone.err
