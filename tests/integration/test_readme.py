"""The documentation is true: its commands run in their order and write what it shows, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from hub.errors import ContractError, HubError
from hub.settings import Settings
from tests.integration.commands import ROOT
from tests.integration.pages import Block, blocks, is_shown, steps

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BY_CI = ("make ",)
"""Commands that CI itself runs; a test that ran them would run itself."""
FAILS = "exit=1"
"""Behind a fence: its last command is shown to fail."""
ON_SERVERS = "servers"
"""Behind a fence: its commands are for who has exported what leads to Kafka and PostgreSQL."""


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def has_commands(page: Path) -> bool:
    return any(block.language in {"sh", "console", "python"} for block in blocks(page))


def shell(folder: Path, command: str, exported: Mapping[str, str] = MappingProxyType({})) -> tuple[int, str]:
    """Run a line as a reader would, with the hub and Python of this environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("HUB_", "COLUMNS"))}
    env |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1", **exported}
    ran = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, ran.stdout


def run_console(folder: Path, block: Block, where: str, exported: Mapping[str, str]) -> None:
    to_run = [step for step in steps(block) if not step.command.startswith(BY_CI)]
    for step in to_run:
        code, written = shell(folder, step.command, exported)
        expected = 1 if block.mark == FAILS and step is to_run[-1] else 0
        assert code == expected, f"{where}: $ {step.command}\nexit code {code}\n{written}"
        assert is_shown(written, step.shown), f"{where}: $ {step.command}\nwrote:\n{written}"


def run_block(folder: Path, block: Block, where: str, exported: Mapping[str, str]) -> None:
    """Run one block; Python that begins with a file's name is saved under it, for a command that follows."""
    if block.language == "console":
        run_console(folder, block, where, exported)
    elif block.language == "sh":
        code, written = shell(folder, block.text)
        assert code == 0, f"{where}: exit code {code}\n{written}"
    elif block.language == "python":
        name = re.match(r"# (\w+\.py)\n", block.text)
        (folder / (name[1] if name else "block.py")).write_text(f"{block.text}\n")
        if not name:
            code, written = shell(folder, "python block.py")
            assert code == 0, f"{where}: exit code {code}\n{written}"


@pytest.mark.parametrize("page", [page for page in PAGES if has_commands(page)], ids=named)
def test_what_a_page_tells_to_run_works_and_writes_what_it_shows(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    exported: dict[str, str] = {}
    for block in blocks(page):
        if block.mark == ON_SERVERS and not exported:
            exported = servers(request)
        run_block(tmp_path, block, f"{named(page)}:{block.line}", exported if block.mark == ON_SERVERS else {})


def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Give what `make kafka` and `make postgres` tell to export, for servers of the tests."""
    kafka, postgres = request.getfixturevalue("kafka"), request.getfixturevalue("postgres")
    return {
        "HUB_KAFKA_SERVERS": kafka.servers,
        "HUB_KAFKA_TOPIC_PREFIX": f"page-{os.getpid()}.",
        "HUB_REPLICATION": "1",
        "HUB_DATABASE": postgres.create_database(),
        "HUB_KEY_DATABASE": postgres.create_database(),
    }


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_and_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    links = (target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target)
    missing = [link for link in links if link and not (page.parent / link).exists()]
    files = re.findall(r"`((?:hub|tests|docs|tools|benchmarks|schemas)/[\w/.-]+)`", text)
    missing += [file for file in files if not (ROOT / file).exists() and "<" not in file]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    tests = re.findall(r"\[`(?:\w+)`\]\((?:\.\./)*(tests/\w+/\w+\.py)\)::`(\w+)`", page.read_text())
    missing = [f"{file}::{name}" for file, name in tests if f"{name}" not in (ROOT / file).read_text()]
    assert missing == []


def test_the_page_of_the_events_is_the_one_that_the_schemas_give() -> None:
    code, written = shell(ROOT, "python tools/describe_events.py")
    assert code == 0, written
    assert (ROOT / "docs" / "events.md").read_text() == written, "run tools/describe_events.py again"


def test_the_operators_page_says_what_to_do_about_every_error() -> None:
    codes = {error.code for error in every_error(HubError)} | {"os_error", "defect"}
    listed = first_cells("Errors")
    assert set(listed) == codes - {HubError.code}
    assert len(listed) == len(set(listed))


def test_the_operators_page_names_every_setting() -> None:
    assert set(first_cells("Settings")) == {f"HUB_{name.upper()}" for name in Settings.model_fields}


def test_the_operators_page_says_what_to_do_about_every_reason_of_the_quarantine() -> None:
    assert set(first_cells("Quarantine")) == {error.code for error in every_error(ContractError)} - {ContractError.code}


def first_cells(section: str) -> list[str]:
    """Give the names that the rows of a section's tables begin with."""
    page = (ROOT / "docs" / "operations.md").read_text()
    _, _, text = page.partition(f"\n## {section}\n")
    return re.findall(r"^\| `(\w+)` \|", text.partition("\n## ")[0], re.MULTILINE)


def every_error(base: type[HubError]) -> Iterator[type[HubError]]:
    yield base
    for error in base.__subclasses__():
        yield from every_error(error)


@pytest.mark.parametrize(
    ("written", "shown", "expected"),
    [
        ("a\nb\n", ("a", "b"), True),
        ("a\nb\n", ("a",), False),
        ("a\nb\nc\n", ("a", "...", "c"), True),
        ("a\nb\nc\n", ("...", "c"), True),
        ("a\nc\n", ("a", "...", "c"), True),
        ("at 12:03 sharp\n", ("at ... sharp",), True),
        ("at 12:03\nsharp\n", ("at ... sharp",), False),
        ("a   \n", ("a",), True),
        ("", (), True),
        ("an error\n", (), False),
    ],
)
def test_only_what_is_elided_may_differ(written: str, shown: tuple[str, ...], *, expected: bool) -> None:
    assert is_shown(written, shown) is expected
