"""The directory of names: read at the start and when a file changes, and the last good one while one is wrong."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.api.watched import Watched
from hub.domain.ids import CAP_EMPLOI
from hub.errors import Usage
from hub.settings import Settings
from hub.web.naming.directory import EFFECT_WITHIN_S, LARGEST_BYTES, directory_of
from hub.web.naming.names import Names
from hub.wiring.naming import names_of
from tests.unit.telemetry import Clock, Lines

HEAD = "network,adviser,name\n"


def written(folder: Path, name: str | None, *, file: str = "advisers.csv") -> None:
    """Replace a file as an operator does, so that its mark differs whatever the file system's clock."""
    folder.mkdir(exist_ok=True)
    fresh = folder / "fresh"
    fresh.write_text(HEAD if name is None else f"{HEAD}cap_emploi,C-1,{name}\n", encoding="utf-8")
    fresh.rename(folder / file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "names"
    written(folder, "Marc Paris")
    (folder / "sites.csv").write_text("site,name\n69244,Agence de Lyon Vaise\n", encoding="utf-8-sig")
    return folder


def named(directory: Watched[Names]) -> str:
    """Name an adviser once what is being read was read, however slow the machine is."""
    directory.current()
    for each in threading.enumerate():
        if each.name == "names-reading" and each.is_alive():  # not one that another thread is just starting
            each.join(30)
    return directory.current().adviser(CAP_EMPLOI, "C-1")


def test_a_change_takes_effect_within_seconds_and_without_a_restart(folder: Path) -> None:
    clock, lines = Clock(), Lines()
    directory = directory_of(folder, clock=clock, log=lines.log)
    assert named(directory) == "Marc Paris"
    written(folder, "Marc Martin")
    assert named(directory) == "Marc Paris"
    clock.seconds += EFFECT_WITHIN_S
    assert named(directory) == "Marc Martin"
    assert lines.events == ["names_read"]
    clock.seconds += EFFECT_WITHIN_S
    assert named(directory) == "Marc Martin"
    assert lines.events == ["names_read"]


@pytest.mark.parametrize("broken", ["gone", "wrong", "latin-1", "large"])
def test_a_file_that_breaks_changes_nothing_until_it_is_mended(folder: Path, broken: str) -> None:
    clock, lines = Clock(), Lines()
    directory = directory_of(folder, clock=clock, log=lines.log)
    file = folder / "advisers.csv"
    if broken == "gone":
        file.unlink()
    elif broken == "large":
        os.truncate(file, LARGEST_BYTES + 1)
    else:
        file.write_bytes(
            f"{HEAD}cap_emploi,C-1,Zoé-Secret;\x1b\n".encode("latin-1" if broken == "latin-1" else "utf-8")
        )
    for _ in range(3):
        clock.seconds += EFFECT_WITHIN_S
        assert named(directory) == "Marc Paris"
    assert lines.events == ["names_refused"]
    assert "HUB_NAMES_DIR: " in lines.text
    assert "Secret" not in lines.text
    written(folder, "Marc Martin")
    clock.seconds += EFFECT_WITHIN_S
    assert named(directory) == "Marc Martin"


def test_a_file_that_could_not_be_read_is_read_once_it_can_be_though_nothing_on_it_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, lines = Clock(), Lines()
    directory = directory_of(folder, clock=clock, log=lines.log)
    written(folder, "Marc Martin")

    def denied(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as without_rights:  # a root user, whom no mode keeps out, may run this test
        without_rights.setattr(Path, "open", denied)
        for _ in range(3):
            clock.seconds += EFFECT_WITHIN_S
            assert named(directory) == "Marc Paris"
    assert lines.events == ["names_refused"]
    clock.seconds += EFFECT_WITHIN_S
    assert named(directory) == "Marc Martin"
    assert lines.events == ["names_refused", "names_read"]


def test_a_file_whose_rights_alone_changed_is_read_again(folder: Path) -> None:
    clock, lines = Clock(), Lines()
    directory = directory_of(folder, clock=clock, log=lines.log)
    (folder / "advisers.csv").chmod(0o640)
    clock.seconds += EFFECT_WITHIN_S
    assert named(directory) == "Marc Paris"
    assert lines.events == ["names_read"]


def test_threads_share_it_while_it_changes(folder: Path) -> None:
    clock = Clock()
    directory = directory_of(folder, clock=clock, log=Lines().log)

    def read(number: int) -> str:
        if number % 10 == 0:
            clock.seconds += EFFECT_WITHIN_S
        return named(directory)

    written(folder, "Marc Martin")
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(400))) <= {"Marc Paris", "Marc Martin"}
    clock.seconds += EFFECT_WITHIN_S
    assert named(directory) == "Marc Martin"


@pytest.mark.parametrize("missing", ["advisers.csv", "sites.csv"])
def test_a_missing_file_stops_the_start_and_says_what_to_do(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(Usage, match=rf"HUB_NAMES_DIR: .*{missing} cannot be read .*; make it"):
        directory_of(folder, clock=Clock(), log=Lines().log)


def test_settings_name_the_folder_and_without_one_nobody_has_a_name(folder: Path) -> None:
    log, readers = Lines().log, {"https://login.example|8f2c": "Zoé"}
    without = names_of(Settings(data=folder.parent), log, readers)()
    assert (without.adviser(CAP_EMPLOI, "C-1"), without.reader("https://login.example|8f2c")[:3]) == ("C-1", "Zoé")
    found = names_of(Settings(data=folder.parent, names_dir=folder), log, readers)()
    assert (found.adviser(CAP_EMPLOI, "C-1"), found.readers) == ("Marc Paris", readers)
    with pytest.raises(Usage, match="HUB_NAMES_DIR"):
        names_of(Settings(data=folder.parent, names_dir=folder / "none"), log)
